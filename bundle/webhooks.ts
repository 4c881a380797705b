/** Lets deliveries to webhooks go to this machine alone, in the bundles of local mode. No setting and no variable can do so. */

import path from 'node:path';
import type { Plugin } from 'esbuild';

/** `public`: by https to public addresses, as a deployment has it. `loopback`: by http to 127.0.0.1, and nowhere else. */
export type WebhookReach = 'public' | 'loopback';

export const pickReach = (reach: WebhookReach): Plugin => ({
  name: 'pick-reach',
  setup: (build) => {
    if (reach === 'public') return;
    build.onResolve({ filter: /[\\/]wire[\\/]reach\.ts$/ }, ({ path: asked, resolveDir }) => ({
      path: path.join(resolveDir, path.dirname(asked), 'loopback.ts'),
    }));
  },
});
