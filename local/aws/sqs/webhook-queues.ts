import { randomUUID } from 'node:crypto';
import { type EnvironmentName, webhookInputPath, webhookPattern, webhookQueue } from '../../../lambdas/contract.ts';
import type { BundledPolicy } from '../../bundled-policy.ts';
import type { Functions } from '../../functions/functions.ts';
import type { BusEvent } from '../eventbridge.ts';
import { type QueueMapping, startQueueMapping } from './mapping.ts';
import { createQueue, localAccount, type Queue } from './queue.ts';
import { queueRule } from './rule.ts';

export type WebhookQueues = {
  readonly waiting: Queue;
  readonly deadLetters: Queue;
  readonly all: readonly Queue[];
  /** Gets each event that the bus takes, as the rules of the webhooks do. */
  readonly take: (event: BusEvent) => void;
  /** Starts the mapping of the queue to its function; none if the settings have no webhook. */
  readonly feed: (feed: WebhookFeed) => QueueMapping | undefined;
  /** @param endpoint of SQS, as the functions see it. */
  readonly environmentOf: (endpoint: string) => Record<WebhookVariable, string>;
};

type WebhookVariable = Extract<EnvironmentName, 'WEBHOOK_QUEUE' | 'WEBHOOK_DEAD_LETTERS'>;

type WebhookFeed = {
  readonly invoke: Functions['invoke'];
  /** See `QueueConsumer`. */
  readonly repeatEvery: number | undefined;
};

const daySeconds = 86_400;

/** The queues of a stack whose settings have webhooks, by the facts of the contract. Without webhooks they stay empty. */
export const createWebhookQueues = (
  { events: { webhooks } = { types: [], webhooks: [] } }: Pick<BundledPolicy, 'events'>,
  now: () => number,
): WebhookQueues => {
  const { visibilitySeconds, maxTries, keptDays, deadLettersKeptDays } = webhookQueue;
  const deadLetters = createQueue(
    { name: 'webhooks-dead', visibilitySeconds, keptSeconds: deadLettersKeptDays * daySeconds },
    now,
  );
  const redrive = { to: deadLetters, maxReceiveCount: maxTries };
  const waiting = createQueue(
    { name: 'webhooks', visibilitySeconds, keptSeconds: keptDays * daySeconds, redrive },
    now,
  );
  const rules = webhooks.map((webhook) =>
    queueRule({ pattern: webhookPattern(webhook), inputPath: webhookInputPath, group: webhook.application }, waiting),
  );
  return {
    waiting,
    deadLetters,
    all: [waiting, deadLetters],
    take: (event) => {
      for (const rule of rules) rule(event);
    },
    feed: (feed) => (webhooks.length === 0 ? undefined : startFeed(waiting, feed)),
    environmentOf: (endpoint) => ({
      WEBHOOK_QUEUE: `${endpoint}/${localAccount}/${waiting.name}`,
      WEBHOOK_DEAD_LETTERS: `${endpoint}/${localAccount}/${deadLetters.name}`,
    }),
  };
};

const startFeed = (queue: Queue, { invoke, repeatEvery }: WebhookFeed): QueueMapping => {
  const { function: name, batchSize, maxConcurrency } = webhookQueue;
  return startQueueMapping({
    queue,
    batchSize,
    maxConcurrency,
    repeatEvery,
    deliver: async (event) => {
      const invocation = await invoke(name, event, randomUUID());
      if (invocation.kind === 'answered') return invocation.payload;
      throw new Error(invocation.kind === 'failed' ? invocation.reason : `${name} ran out of time.`);
    },
  });
};
