/** Installs the peers, with a lock of their own, and bundles each: they weigh more than a clone of this project should bring. */

import path from 'node:path';
import { build } from 'esbuild';
import { nodePackages } from '../../test/fakes/node-packages.ts';

/** By the names of their files here. */
export const peers = { 'better-auth': 'Better Auth', openauth: 'OpenAuth' } as const;
export type Peer = keyof typeof peers;

/** The registry is asked once: the packages stay in `build/`. */
const install = (): string => {
  try {
    return nodePackages('peers', import.meta.dirname);
  } catch (cause) {
    const sentence =
      'The peers of the benches are installed by "npm ci" from bench/peers/package-lock.json. That failed.';
    throw new Error(sentence, { cause });
  }
};

/**
 * @param out folder that gets `<name>.mjs`.
 * @param names of files here.
 * @returns the path of a name.
 */
export const bundleFiles = async (out: string, names: readonly string[]): Promise<(name: string) => string> => {
  const installed = install();
  await build({
    entryPoints: names.map((name) => path.join(import.meta.dirname, `${name}.ts`)),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    nodePaths: [path.join(installed, 'node_modules')],
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return (name) => path.join(out, `${name}.mjs`);
};

/** Bundles all peers, each as it is measured in a flow. */
export const bundlePeers = async (out: string): Promise<Readonly<Record<Peer, string>>> => {
  const pathOf = await bundleFiles(out, Object.keys(peers));
  return { 'better-auth': pathOf('better-auth'), openauth: pathOf('openauth') };
};
