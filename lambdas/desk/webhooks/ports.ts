import type { DeadLetter } from './dead-events.ts';

export type QueueCounts = {
  /** Events that can be delivered now. */
  readonly waiting: number;
  /** Events that are being delivered, or that wait for another try. */
  readonly inFlight: number;
  readonly deadLetters: number;
};

/** Reads the queues of webhooks. Each call may throw `Unavailable`. */
export type WebhookLook = {
  /** SQS counts approximately. */
  readonly counts: () => Promise<QueueCounts>;
  /** Gets ten dead letters at most, and hides them from others for so long. None: SQS found none. */
  readonly receive: (hiddenSeconds: number) => Promise<readonly DeadLetter[]>;
  /** Lets others find dead letters again, before their time. */
  readonly show: (letters: readonly DeadLetter[]) => Promise<void>;
};

/** Moves dead letters back. Each call takes ten at most, and may throw `Unavailable`. */
export type WebhookReplay = Pick<WebhookLook, 'receive' | 'show'> & {
  /** @returns the positions of those that the queue took. */
  readonly send: (
    events: readonly { readonly json: string; readonly application: string }[],
  ) => Promise<readonly number[]>;
  readonly remove: (letters: readonly DeadLetter[]) => Promise<void>;
};
