import type { Notification } from './render.ts';

/** Notifications from the transaction that wrote them until they are sent. */
export type Outbox = {
  /** Those that were written before a time, the oldest first. */
  readonly pending: (beforeMs: number, max: number) => Promise<readonly Notification[]>;
  readonly drop: (ids: readonly string[]) => Promise<void>;
  /** Notes that they are in the log and in the metrics, so that no alarm counts them twice. */
  readonly noteLogged: (ids: readonly string[]) => Promise<void>;
};

/** @returns the ids of those that were taken. */
export type Publish = (notifications: readonly Notification[]) => Promise<ReadonlySet<string>>;

export type NotifyPorts = {
  readonly outbox: Pick<Outbox, 'drop' | 'noteLogged'>;
  /** Into the log and the metrics: at once, and without fail. */
  readonly log: (notification: Notification) => void;
  readonly publish: Publish;
  readonly failed: (cause: unknown) => void;
};

/**
 * Notifies staff by the log, the metrics and an event, at least once. A notification that was not published stays in the
 * outbox; so does one whose sender died.
 *
 * It never throws, because its caller has done what matters, and has more to do.
 *
 * @returns whether all were sent, and are known to be.
 */
export const notifyStaff =
  ({ outbox, log, publish, failed }: NotifyPorts) =>
  async (notifications: readonly Notification[]): Promise<boolean> => {
    if (notifications.length === 0) return true;
    const fresh = notifications.filter(({ isLogged }) => !isLogged);
    for (const each of fresh) log(each);
    const taken = await publish(notifications).catch((cause: unknown) => {
      failed(cause);
      return new Set<string>();
    });
    const left = fresh.flatMap(({ id }) => (taken.has(id) ? [] : [id]));
    const noted = await Promise.allSettled([outbox.drop([...taken]), outbox.noteLogged(left)]);
    const unnoted = noted.filter((result) => result.status === 'rejected');
    for (const { reason } of unnoted) failed(reason);
    return taken.size === notifications.length && unnoted.length === 0;
  };

const restMs = 60_000;

/** Calls no service that took nothing within the last minute, so that a batch does not wait for an outage. */
export const restingAfterFailure = (publish: Publish, now: () => number): Publish => {
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return async (notifications) => {
    if (now() < failedAtMs + restMs) return new Set();
    try {
      const taken = await publish(notifications);
      if (taken.size === 0) failedAtMs = now();
      return taken;
    } catch (cause) {
      failedAtMs = now();
      throw cause;
    }
  };
};
