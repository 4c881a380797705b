import { Unavailable } from '../../../lambdas/otp/ports.ts';

/** What can go wrong at one call: it is not done and says so, it is done and the answer is lost, or it meets another. */
export type Fault = 'unavailable' | 'lost' | 'conflict';

export type Calls = {
  /** Names of the calls so far, in order. */
  readonly made: string[];
  /** Makes the call with this number (from 0) go wrong, and all after it too if `forever`. */
  readonly failAt: (call: number, fault: Fault, forever?: boolean) => void;
  /** One call: a turn of the event loop before and after, so that parallel callers meet. */
  readonly call: <T>(name: string, act: () => T) => Promise<T>;
  /** A call that conflicts if another transaction holds one of its items, as under load on DynamoDB. */
  readonly transact: <T>(name: string, items: readonly string[], act: () => T) => Promise<T | 'conflict'>;
};

export const memoryCalls = (): Calls => {
  const made: string[] = [];
  const held = new Set<string>();
  let plan: { call: number; fault: Fault; forever: boolean } | undefined;

  const nextFault = (): Fault | undefined => {
    if (plan === undefined) return undefined;
    return made.length === plan.call || (plan.forever && made.length > plan.call) ? plan.fault : undefined;
  };

  const call = async <T>(name: string, act: () => T): Promise<T> => {
    const fault = nextFault();
    made.push(name);
    await turn();
    if (fault === 'unavailable' || (fault === 'conflict' && !name.startsWith('transact'))) throw new Unavailable(name);
    const result = act();
    await turn();
    if (fault === 'lost') throw new Unavailable(name);
    return result;
  };

  const transact = <T>(name: string, items: readonly string[], act: () => T): Promise<T | 'conflict'> => {
    if (nextFault() === 'conflict' || items.some((item) => held.has(item))) {
      made.push(name);
      return turn().then(() => 'conflict' as const);
    }
    for (const item of items) held.add(item);
    return call(`transact ${name}`, act).finally(() => {
      for (const item of items) held.delete(item);
    });
  };

  const failAt = (number: number, fault: Fault, forever = false) => {
    plan = { call: number, fault, forever };
  };
  return { made, failAt, call, transact };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Repeats a transaction that meets others, as the adapter does. */
export const untilSettled = async (act: () => Promise<unknown>): Promise<void> => {
  for (let attempt = 0; attempt < 6; attempt += 1) {
    if ((await act()) !== 'conflict') return;
  }
  throw new Unavailable('transact');
};
