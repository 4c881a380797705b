import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { policyFile } from '../../lambdas/contract.ts';
import type { Policy } from '../../lambdas/policy.ts';

/** A copy of the bundles whose policy is changed, as other settings would have it. */
export const changedBundles = async (bundles: string, change: Partial<Policy>) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'otp-changed-'));
  await cp(bundles, folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name, policyFile);
    const policy: Policy = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...policy, ...change }));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};
