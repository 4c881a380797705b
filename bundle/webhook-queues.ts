/** Leaves the client of SQS out of the bundles of operators in a deployment whose settings have no webhook. */

import path from 'node:path';
import type { Plugin } from 'esbuild';
import { hasWebhooks, type Policy } from '../lambdas/policy.ts';

export const pickWebhookQueues = (policy: Pick<Policy, 'events'>): Plugin => ({
  name: 'pick-webhook-queues',
  setup: (build) => {
    if (hasWebhooks(policy)) return;
    build.onResolve({ filter: /[\\/]aws[\\/]webhooks[\\/]in-use\.ts$/ }, ({ path: asked, resolveDir }) => ({
      path: path.join(resolveDir, path.dirname(asked), 'none.ts'),
    }));
  },
});
