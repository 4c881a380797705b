import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { functionNames, policyFile } from '../../lambdas/contract.ts';
import type { Policy } from '../../lambdas/policy.ts';

/** A copy of the bundles whose policy is changed, as other settings would have it. */
export const changedBundles = async (bundles: string, change: Partial<Policy>) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'otp-changed-'));
  await cp(bundles, folder, { recursive: true });
  // Beside the bundles are their maps, which have no policy.
  for (const name of functionNames) {
    const file = path.join(folder, name, policyFile);
    const policy: Policy = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...policy, ...change }));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};
