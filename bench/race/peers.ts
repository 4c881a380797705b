/** Peers as racers. Each keeps everything in memory, so each is one container. */

import { type Answer, startContainer } from '../flow/processes.ts';
import { bundleFiles, peers } from '../peers/bundle.ts';
import type { Racer } from './contest.ts';
import { answered } from './service.ts';

const bodyOf = ({ body = '{}' }: Answer) => JSON.parse(body);

const phoneNumberOf = (run: number) => `+49151${String(20_000_000 + run * 7)}`;

/** Its plugin allows three attempts by default. */
const betterAuthLimit = 3;

const startBetterAuth = async (bundle: string): Promise<Racer> => {
  const { invoke, stop } = await startContainer({ send: bundle, check: bundle }, {});
  return {
    name: peers['better-auth'],
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
    name: peers.openauth,
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
  const pathOf = await bundleFiles(folder, ['better-auth-race', 'openauth']);
  return [await startBetterAuth(pathOf('better-auth-race')), await startOpenAuth(pathOf('openauth'))];
};
