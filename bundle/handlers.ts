/** Leaves the SDK's own HTTP client out of the bundles of functions whose clients are all lean (`lambdas/aws/calls/`). */

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import type { AnyFunctionName } from '../lambdas/contract.ts';

/** Functions with a client that is made without `leanClient`. */
const withWholeClients: readonly AnyFunctionName[] = [
  'detect-bursts',
  'replay-dead-letters',
  'read-status',
  'export-events',
];

/** A lean client brings a handler. Without one, the container fails at its start. */
const onlyGiven = `
  export const DEFAULT_REQUEST_TIMEOUT = 0;
  export class NodeHttpHandler {
    static create(given) {
      if (typeof given?.handle === 'function') return given;
      throw new Error('The HTTP client of the SDK is not part of this bundle: see bundle/handlers.ts.');
    }
  }`;

/** @throws Error if the module is not the one that this stands for. */
const inPlaceOf = (original: string): string => {
  if (
    original.includes('export class NodeHttpHandler') &&
    original.includes('instanceOrOptions?.handle === "function"')
  )
    return onlyGiven;
  throw new Error('@smithy/node-http-handler has another shape. Change bundle/handlers.ts.');
};

export const pickHandler = (name: AnyFunctionName): Plugin => ({
  name: 'pick-handler',
  setup: (build) => {
    if (withWholeClients.includes(name)) return;
    build.onLoad(
      { filter: /[\\/]@smithy[\\/]node-http-handler[\\/]dist-es[\\/]node-http-handler\.js$/ },
      async ({ path: file }) => ({ contents: inPlaceOf(await readFile(file, 'utf8')), loader: 'js' }),
    );
  },
});
