import type { News } from './case.ts';

/** Where news stand from the transaction that wrote them until they are told. */
export type Outbox = {
  /** What stands there since before this time, the oldest first. */
  readonly untold: (beforeMs: number, most: number) => Promise<readonly News[]>;
  readonly drop: (ids: readonly string[]) => Promise<void>;
  /** Notes that they are in the log and in the metrics, so that they do not ring twice. */
  readonly noteSaid: (ids: readonly string[]) => Promise<void>;
};

/** @returns the ids of those that were taken. */
export type Publish = (news: readonly News[]) => Promise<ReadonlySet<string>>;

export type TellPorts = {
  readonly outbox: Pick<Outbox, 'drop' | 'noteSaid'>;
  /** Into the log and the metrics: at once, and without fail. */
  readonly say: (news: News) => void;
  readonly publish: Publish;
  readonly failed: (cause: unknown) => void;
};

/**
 * Tells people: by the log, the metrics and an event. What no event could be made of stays in the outbox, and so does
 * what was told by somebody who then died: it is told at least once.
 *
 * It never fails. Whoever calls it has done what matters, and has other things to do.
 *
 * @returns whether all of it was told, and is known to be.
 */
export const tellNews =
  ({ outbox, say, publish, failed }: TellPorts) =>
  async (news: readonly News[]): Promise<boolean> => {
    if (news.length === 0) return true;
    const fresh = news.filter(({ isSaid }) => !isSaid);
    for (const each of fresh) say(each);
    const taken = await publish(news).catch((cause: unknown) => {
      failed(cause);
      return new Set<string>();
    });
    const left = fresh.flatMap(({ id }) => (taken.has(id) ? [] : [id]));
    const noted = await Promise.allSettled([outbox.drop([...taken]), outbox.noteSaid(left)]);
    const unnoted = noted.filter((result) => result.status === 'rejected');
    for (const { reason } of unnoted) failed(reason);
    return taken.size === news.length && unnoted.length === 0;
  };

const restMs = 60_000;

/**
 * Asks no service that took nothing within the last minute: a batch of the stream does not wait for one that is down.
 * The sweep tells what is left.
 */
export const restingAfterFailure = (publish: Publish, now: () => number): Publish => {
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return async (news) => {
    if (now() < failedAtMs + restMs) return new Set();
    try {
      const taken = await publish(news);
      if (taken.size === 0) failedAtMs = now();
      return taken;
    } catch (cause) {
      failedAtMs = now();
      throw cause;
    }
  };
};
