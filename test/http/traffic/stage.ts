import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import type { Progress } from '../../../local/traffic/progress.ts';
import { callerOf } from '../../fakes/api-call.ts';
import { stage } from '../client.ts';

export type Played = Progress;

/** Each run begins then: probes are drawn by the time, and counts depend on the place of a play in its hour and day. */
const firstMs = Date.UTC(2026, 11, 7, 0, 0, 10);

/** A local stack whose plays are called over HTTP, as the page does. Permissions are proven by the other suites. */
export const openPlayground = async () => {
  const stack = await startLocalStack({ bundles: inject('strictBundles'), stage, quiet: true });
  stack.clock.advance(firstMs - stack.clock.now());
  return { ...playgroundOf(stack), stack };
};

const playgroundOf = ({ origin }: LocalStack) => {
  const call = callerOf(`${origin}/_local/traffic`, '');
  const progressOf = async (id: string) => (await call('GET', `/${id}`)).body as unknown as Progress;
  return {
    call,
    start: (play: unknown, headers?: Readonly<Record<string, string>>) =>
      call('POST', '', { play, hurry: true }, headers),
    stop: () => call('POST', '/stop', {}),
    progressOf,
    /** Waits for the end of a play. */
    ended: async (id: string): Promise<Progress> => {
      for (;;) {
        const progress = await progressOf(id);
        if (progress.state !== 'running') return progress;
        await sleep(50);
      }
    },
  };
};
