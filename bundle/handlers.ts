/** Leaves the SDK's own HTTP client and signer out of the bundles of functions whose clients are all lean (`lambdas/aws/calls/`). */

import type { Plugin } from 'esbuild';
import type { AnyFunctionName } from '../lambdas/contract.ts';
import { type Trim, trimModules } from './lean.ts';

/** Functions with a client that is neither direct nor made by `leanClient`. */
const withWholeClients: readonly AnyFunctionName[] = [
  'detect-bursts',
  'replay-dead-letters',
  'read-status',
  'export-events',
  'publish-events',
];

/** @param marks parts of the original, without which it is not the module that this stands for. */
const inPlaceOf = (marks: readonly string[], text: string) => (original: string) => {
  if (marks.every((mark) => original.includes(mark))) return text;
  throw new Error('A module of the SDK has another shape. Change bundle/handlers.ts.');
};

const why = 'A lean client brings its own. Without it, the container fails at its start.';

const leftOut: readonly Trim[] = [
  {
    module: '@smithy/node-http-handler/dist-es/node-http-handler.js',
    why,
    becomes: inPlaceOf(
      ['export class NodeHttpHandler', 'instanceOrOptions?.handle === "function"'],
      `
      export const DEFAULT_REQUEST_TIMEOUT = 0;
      export class NodeHttpHandler {
        static create(given) {
          if (typeof given?.handle === 'function') return given;
          throw new Error('The HTTP client of the SDK is not part of this bundle: see bundle/handlers.ts.');
        }
      }`,
    ),
    gone: [],
  },
  {
    module: '@smithy/signature-v4/dist-es/SignatureV4.js',
    why,
    becomes: inPlaceOf(
      ['export class SignatureV4 ', 'async sign('],
      `
      export class SignatureV4 {
        constructor() {
          throw new Error('The signer of the SDK is not part of this bundle: see bundle/handlers.ts.');
        }
      }`,
    ),
    gone: [],
  },
];

export const leaveHandlerOut = (root: string): Plugin => trimModules(leftOut, root);

/** The same for the functions whose clients allow it. */
export const pickHandler = (name: AnyFunctionName, root: string): Plugin =>
  withWholeClients.includes(name) ? trimModules([], root) : leaveHandlerOut(root);
