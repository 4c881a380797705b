import { webhookQueue } from '../../contract.ts';
import type { WebhookPolicy } from '../../policy.ts';
import { type DeadEvent, type DeadLetter, readDeadEvent } from './dead-events.ts';
import type { QueueCounts, WebhookLook } from './ports.ts';

/** Of a list. */
const maxLetters = 50;
/** A list is read within this time. Whoever replays meanwhile finds the letters of the list later. */
const hiddenSeconds = 10;

export type ShownWebhook = {
  readonly application: string;
  /** Without the path, which may be a secret. */
  readonly host: string;
  readonly types: readonly string[];
  /** Of the dead letters that are listed. */
  readonly deadLetters: number;
};

export type ShownDeadEvent = DeadEvent & {
  /** Epoch milliseconds. SQS deletes it then. */
  readonly keptUntilMs: number;
};

export type WebhookState = {
  readonly webhooks: readonly ShownWebhook[];
  readonly counts: QueueCounts;
  /** Age of the oldest event that waits, in seconds; `undefined` if CloudWatch does not know it. */
  readonly oldestSeconds: number | undefined;
  /** The oldest first; 50 at most. */
  readonly events: readonly ShownDeadEvent[];
  /** Dead letters among those that were read that are no event. */
  readonly unreadable: number;
  /** Whether there are more dead letters than were read. */
  readonly isMore: boolean;
};

export type LookPorts = {
  /** Undefined if the settings have no webhook. */
  readonly queues: WebhookLook | undefined;
  /** Seconds. A question that fails is no answer. */
  readonly oldestSeconds: (nowMs: number) => Promise<number | undefined>;
};

/** Shows webhooks and their dead letters. It moves nothing: the letters that it reads can be found again at once. */
export const lookAtWebhooks =
  ({ queues, oldestSeconds }: LookPorts, webhooks: readonly WebhookPolicy[]) =>
  async (nowMs: number): Promise<WebhookState> => {
    if (queues === undefined) return noWebhooks;
    const [counts, oldest, letters] = await Promise.all([queues.counts(), oldestSeconds(nowMs), read(queues)]);
    const read50 = letters.slice(0, maxLetters);
    const events = read50.flatMap(shownOf).toSorted((one, other) => (one.at < other.at ? -1 : 1));
    return {
      webhooks: webhooks.map((webhook) => ({
        application: webhook.application,
        host: new URL(webhook.url).host,
        types: webhook.types,
        deadLetters: events.filter(({ application }) => application === webhook.application).length,
      })),
      counts,
      oldestSeconds: oldest,
      events,
      unreadable: read50.length - events.length,
      isMore: letters.length > maxLetters || counts.deadLetters > letters.length,
    };
  };

const noWebhooks: WebhookState = {
  webhooks: [],
  counts: { waiting: 0, inFlight: 0, deadLetters: 0 },
  oldestSeconds: undefined,
  events: [],
  unreadable: 0,
  isMore: false,
};

const read = async ({ receive, show }: WebhookLook): Promise<readonly DeadLetter[]> => {
  const letters: DeadLetter[] = [];
  try {
    for (;;) {
      const some = await receive(hiddenSeconds);
      letters.push(...some);
      if (some.length === 0 || letters.length > maxLetters) return letters;
    }
  } finally {
    // A letter that cannot be shown comes back by itself.
    await show(letters).catch(() => undefined);
  }
};

const keptMs = webhookQueue.deadLettersKeptDays * 86_400_000;

const shownOf = ({ body, sentMs }: DeadLetter): readonly ShownDeadEvent[] => {
  const found = readDeadEvent(body);
  return found === undefined ? [] : [{ ...found.event, keptUntilMs: sentMs + keptMs }];
};
