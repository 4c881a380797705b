/** One call at a time, that can be ended, and that is repeated without a second effect. */

import type { RepeatableOptions } from '../caller/client.ts';
import { CallError } from '../caller/outcomes.ts';

/** The client may come from another bundle, with a class of its own. */
const isCallError = (error: unknown): error is CallError => error instanceof Error && error.name === 'CallError';

const failureOf = (error: unknown): CallError => {
  if (isCallError(error)) return error;
  // A bug of the page, such as a wrong `api`: the developer sees it in the console.
  reportError(error);
  return new CallError('The client of the form threw an error.', { reason: 'no-answer', cause: error });
};

export const createCalls = () => {
  let ending: AbortController | undefined;
  const keys = new Map<string, string>();
  return {
    isBusy: (): boolean => ending !== undefined,
    abort: (): void => {
      ending?.abort();
      ending = undefined;
    },
    /** No call of an earlier verification is repeated any more. */
    forget: (): void => keys.clear(),
    /**
     * Makes a call. If one with the same name failed before, it is repeated with the same `Idempotency-Key`.
     *
     * @returns `undefined` if another call is running, or if this one was ended.
     */
    run: async <Outcome>(
      name: string,
      call: (options: RepeatableOptions) => Promise<Outcome>,
    ): Promise<Outcome | CallError | undefined> => {
      if (ending !== undefined) return undefined;
      const mine = new AbortController();
      ending = mine;
      const { signal } = mine;
      const idempotencyKey = keys.get(name);
      try {
        const outcome = await call({ signal, idempotencyKey });
        keys.delete(name);
        return signal.aborted ? undefined : outcome;
      } catch (error) {
        if (signal.aborted) return undefined;
        const failure = failureOf(error);
        if (failure.idempotencyKey !== undefined) keys.set(name, failure.idempotencyKey);
        return failure;
      } finally {
        if (ending === mine) ending = undefined;
      }
    },
  };
};
