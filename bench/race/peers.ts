/** Peers as racers. Each keeps everything in memory, so each is one container. */

import path from 'node:path';
import { build } from 'esbuild';
import { nodePackages } from '../../test/fakes/node-packages.ts';
import { type Answer, startContainer } from '../flow/processes.ts';
import type { Racer } from './contest.ts';
import { answered } from './service.ts';

const peersFolder = path.join(import.meta.dirname, '../peers');

const entries = {
  'better-auth': path.join(peersFolder, 'better-auth-race.ts'),
  openauth: path.join(peersFolder, 'openauth.ts'),
} as const;

/** Bundles each peer as `<peer>.mjs`. Their packages are installed once, from a lock of their own. */
const bundlePeers = async (out: string): Promise<(name: keyof typeof entries) => string> => {
  await build({
    entryPoints: entries,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    nodePaths: [path.join(nodePackages('peers', peersFolder), 'node_modules')],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return (name) => path.join(out, `${name}.mjs`);
};

const bodyOf = ({ body = '{}' }: Answer) => JSON.parse(body);

const phoneNumberOf = (run: number) => `+49151${String(20_000_000 + run * 7)}`;

/** Its plugin allows three attempts by default. */
const betterAuthLimit = 3;

const startBetterAuth = async (bundle: string): Promise<Racer> => {
  const { invoke, stop } = await startContainer({ send: bundle, check: bundle }, {});
  return {
    name: 'Better Auth',
    limit: betterAuthLimit,
    counts: 'takes the record out, compares, writes it back',
    send: async (run) => {
      const phoneNumber = phoneNumberOf(run);
      const { code } = bodyOf(await invoke('send', { flow: 'send', phoneNumber }));
      let accepted = 0;
      return {
        code,
        guess: async (guess) => {
          const answer = answered(await invoke('check', { flow: 'check', phoneNumber, code: guess }));
          if (answer === 'right') accepted += 1;
          return answer;
        },
        recorded: async () => {
          const { judged } = bodyOf(await invoke('check', { flow: 'judged', phoneNumber }));
          return { judged: judged + accepted, accepted };
        },
      };
    },
    stop: async () => stop(),
  };
};

/** The code provider has no limit of attempts. Each guess is judged, so each answer counts. */
const startOpenAuth = async (bundle: string): Promise<Racer> => {
  const { invoke, stop } = await startContainer({ send: bundle, check: bundle }, {});
  return {
    name: 'OpenAuth',
    limit: Number.POSITIVE_INFINITY,
    counts: 'does not count; the code is in a cookie',
    send: async (run) => {
      const { id, code } = bodyOf(await invoke('send', { flow: 'send', phoneNumber: phoneNumberOf(run) }));
      return { code, guess: async (guess) => answered(await invoke('check', { flow: 'check', id, code: guess })) };
    },
    stop: async () => stop(),
  };
};

export const startPeers = async (folder: string): Promise<readonly Racer[]> => {
  const bundleOf = await bundlePeers(folder);
  return [await startBetterAuth(bundleOf('better-auth')), await startOpenAuth(bundleOf('openauth'))];
};
