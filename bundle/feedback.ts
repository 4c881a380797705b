/** Leaves the client by which feedback is given out of the bundles of a deployment whose settings ask for none. */

import path from 'node:path';
import type { Plugin } from 'esbuild';
import type { Policy } from '../lambdas/policy.ts';

export const pickFeedback = ({ receipts }: Pick<Policy, 'receipts'>): Plugin => ({
  name: 'pick-feedback',
  setup: (build) => {
    if (receipts?.feedback === true) return;
    build.onResolve({ filter: /[\\/]aws[\\/]feedback[\\/]in-use\.ts$/ }, ({ path: asked, resolveDir }) => ({
      path: path.join(resolveDir, path.dirname(asked), 'none.ts'),
    }));
  },
});
