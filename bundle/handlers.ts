/** Leaves the SDK's own HTTP client and signer out of the bundles of functions whose clients are all lean (`lambdas/aws/calls/`). */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import type { AnyFunctionName } from '../lambdas/contract.ts';

/** Functions with a client that is made without `leanClient`. */
const withWholeClients: readonly AnyFunctionName[] = [
  'detect-bursts',
  'replay-dead-letters',
  'read-status',
  'export-events',
  'publish-events',
];

type Left = {
  readonly module: RegExp;
  /** Parts of the original, without which it is not the module that this stands for. */
  readonly marks: readonly string[];
  readonly becomes: string;
};

/** A lean client brings both. Without one, the container fails at its start. */
const leftOut: readonly Left[] = [
  {
    module: /[\\/]@smithy[\\/]node-http-handler[\\/]dist-es[\\/]node-http-handler\.js$/,
    marks: ['export class NodeHttpHandler', 'instanceOrOptions?.handle === "function"'],
    becomes: `
      export const DEFAULT_REQUEST_TIMEOUT = 0;
      export class NodeHttpHandler {
        static create(given) {
          if (typeof given?.handle === 'function') return given;
          throw new Error('The HTTP client of the SDK is not part of this bundle: see bundle/handlers.ts.');
        }
      }`,
  },
  {
    module: /[\\/]@smithy[\\/]signature-v4[\\/]dist-es[\\/]SignatureV4\.js$/,
    marks: ['export class SignatureV4 ', 'async sign('],
    becomes: `
      export class SignatureV4 {
        constructor() {
          throw new Error('The signer of the SDK is not part of this bundle: see bundle/handlers.ts.');
        }
      }`,
  },
];

const inPlaceOf = async ({ marks, becomes }: Left, file: string): Promise<string> => {
  const original = await readFile(file, 'utf8');
  if (marks.every((mark) => original.includes(mark))) return becomes;
  throw new Error(`${path.basename(file)} of the SDK has another shape. Change bundle/handlers.ts.`);
};

export const pickHandler = (name: AnyFunctionName): Plugin => ({
  name: 'pick-handler',
  setup: (build) => {
    if (withWholeClients.includes(name)) return;
    for (const left of leftOut)
      build.onLoad({ filter: left.module }, async ({ path: file }) => ({
        contents: await inPlaceOf(left, file),
        loader: 'js',
      }));
  },
});
