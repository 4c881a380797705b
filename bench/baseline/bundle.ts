/** Bundles the usual stack by the defaults of the CDK's `NodejsFunction`, minified, with the SDK inside. */

import path from 'node:path';
import { build } from 'esbuild';

const names = ['request', 'check'] as const;
export type BaselineName = (typeof names)[number];

/** Of the handlers, as a stack would set it. */
export const baselineEnvironment = {
  TABLE_NAME: 'verifications',
  SEAL_KEY_ID: 'alias/seal',
  PROOF_KEY_ID: 'alias/proof',
  CODE_PEPPER: '00112233445566778899aabbccddeeff',
  POWERTOOLS_SERVICE_NAME: 'otp',
  POWERTOOLS_METRICS_NAMESPACE: 'Otp',
} as const;

/**
 * @param out folder that gets `request.cjs` and `check.cjs`.
 * @returns their paths.
 */
export const bundleBaseline = async (out: string): Promise<Readonly<Record<BaselineName, string>>> => {
  await build({
    entryPoints: names.map((name) => path.join(import.meta.dirname, `${name}.ts`)),
    outdir: out,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    logLevel: 'error',
  });
  return { request: path.join(out, 'request.cjs'), check: path.join(out, 'check.cjs') };
};
