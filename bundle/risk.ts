/** Look-ups of SIMs: left out of a deployment whose settings ask for none, and aimed at the carrier of local mode there. */

import path from 'node:path';
import type { Plugin } from 'esbuild';
import type { Policy } from '../lambdas/policy.ts';

/** `providers`: those of the settings. `local`: the carrier that local mode plays. No deployment has it. */
export type RiskReach = 'providers' | 'local';

export const pickRisk = ({ numberRisk }: Pick<Policy, 'numberRisk'>, reach: RiskReach): Plugin => ({
  name: 'pick-risk',
  setup: (build) => {
    const put = (file: RegExp, replacement: string) =>
      build.onResolve({ filter: file }, ({ path: asked, resolveDir }) => ({
        path: path.join(resolveDir, path.dirname(asked), replacement),
      }));
    if (numberRisk === undefined) put(/[\\/]aws[\\/]risk[\\/]in-use\.ts$/, 'none.ts');
    if (reach === 'local') put(/^\.[\\/]roots\.ts$/, 'roots-local.ts');
  },
});
