/**
 * Bundles what the page of local mode takes from `clients/`: the caller and `<otp-form>`.
 *
 *     node bundle/page.ts --out build/local
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');

/** Writes `<out>/page/otp-client.js` and `<out>/page/otp-form.js`. */
export const bundlePage = async (out: string): Promise<void> => {
  await build({
    absWorkingDir: root,
    entryPoints: { 'otp-client': 'clients/typescript/index.ts', 'otp-form': 'clients/typescript/form/otp-form.ts' },
    outdir: join(out, 'page'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    logLevel: 'warning',
  });
};

if (import.meta.main) {
  const { out = join(root, 'build', 'local') } = parseArgs({ options: { out: { type: 'string' } } }).values;
  await bundlePage(out);
}
