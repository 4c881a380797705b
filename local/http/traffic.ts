import type { Traffic } from '../traffic/traffic.ts';
import { type Answer, jsonAnswer, problemAnswer } from './problem.ts';

/** The part of the controls that plays traffic. */
export type TrafficControls = { readonly traffic: Pick<Traffic, 'plays' | 'running' | 'start' | 'stop' | 'find'> };

type Asked = {
  readonly input: Readonly<Record<string, unknown>>;
  readonly reply: { readonly requestId: string; readonly endpoint: string };
};

/** The fixed paths of `/_local/traffic`. */
export const trafficRoutes = {
  traffic: {
    GET: ({ traffic }: TrafficControls) => jsonAnswer({ plays: traffic.plays(), running: traffic.running() }),
    POST: ({ traffic }: TrafficControls, asked: Asked) => start(traffic, asked),
  },
  'traffic/stop': {
    POST: async ({ traffic }: TrafficControls) => jsonAnswer((await traffic.stop()) ?? {}),
  },
};

/** The path of one play, by its id. */
export const routesOfPlay = (id: string) => ({
  GET: ({ traffic }: TrafficControls, { reply }: Asked): Answer => {
    const progress = traffic.find(id);
    if (progress !== undefined) return jsonAnswer(progress);
    const detail = 'No play has this id. The latest plays are remembered until local mode ends or is emptied.';
    return problemAnswer('not-found', { ...reply, detail });
  },
});

const start = async (traffic: TrafficControls['traffic'], { input, reply }: Asked): Promise<Answer> => {
  const { play, hurry = false } = input;
  const names = traffic.plays().map((known) => known.play);
  if (typeof play !== 'string' || typeof hurry !== 'boolean')
    return problemAnswer('invalid-request', {
      ...reply,
      detail: 'play must be the name of a play, and hurry true or false, for example {"play":"A1"}.',
    });
  const started = await traffic.start(play, { isHurried: hurry });
  if (started.kind === 'started') return jsonAnswer(started.progress, 202);
  if (started.kind === 'unknown')
    return problemAnswer('not-found', { ...reply, detail: `The plays are ${names.join(', ')}.` });
  if (started.kind === 'impossible') return problemAnswer('invalid-request', { ...reply, detail: started.detail });
  return problemAnswer('request-in-progress', {
    ...reply,
    detail: `${started.progress.play} runs. Wait for its end, or stop it with POST /_local/traffic/stop {}.`,
  });
};
