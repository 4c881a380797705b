import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundle } from '../../bin/bundle.ts';
import settings from '../../bin/settings.ts';
import { parseSettings, policyOf } from '../../lib/settings.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    bundles: string;
  }
}

/** Bundles the functions once, as they are deployed, for all tests that run the whole product. */
export default async (project: TestProject) => {
  const out = await mkdtemp(join(tmpdir(), 'otp-bundles-'));
  await bundle({ out, policy: policyOf(parseSettings({ ...settings, origins: ['https://app.example.com'] })) });
  project.provide('bundles', out);
  return () => rm(out, { recursive: true });
};
