import { webhookQueue } from '../contract.ts';
import { type WebhookPolicy, webhookFor } from '../policy.ts';
import type { DeliveryPorts, Message, Posted, WebhookEvent, Webhooks } from './ports.ts';
import { waitSecondsAfter } from './retry.ts';
import { secretsOf, signedHeaders } from './sign.ts';
import { createTurns, freeMs } from './turns.ts';

/** What becomes of a message: SQS deletes it, or it comes again after a wait. */
type Outcome = { readonly message: Message } & ({ readonly isDone: true } | { readonly seconds: number });

/**
 * Delivers a batch, all messages beside each other. A delivery that fails is tried again later, and its wait holds up no other
 * message. After the last try SQS puts the message into the dead letters.
 *
 * @returns the ids of the messages that SQS keeps.
 */
export const deliverBatch = (ports: DeliveryPorts, webhooks: Webhooks) => {
  const turns = createTurns(ports.now);
  return async (messages: readonly Message[]): Promise<readonly string[]> => {
    const longest = new Map<string, number>();
    const held = (application: string, ms: number) =>
      longest.set(application, Math.max(ms, longest.get(application) ?? 0));
    const outcomes = await Promise.all(
      messages.map((message) => treat(ports, { message, webhooks, mayTry: turns.mayTry, held })),
    );
    for (const [application, ms] of longest) turns.note(application, ms);
    const kept = outcomes.flatMap((each) => ('seconds' in each ? [each] : []));
    await postpone(ports, kept);
    return kept.map(({ message }) => message.messageId);
  };
};

/** A message whose wait could not be set comes again when its visibility ends. */
const postpone = async (
  { queue, watch }: DeliveryPorts,
  kept: readonly { readonly message: Message; readonly seconds: number }[],
): Promise<void> => {
  if (kept.length === 0) return;
  const waits = kept.map(({ message: { receiptHandle }, seconds }) => ({ receiptHandle, seconds }));
  await queue.postpone(waits).catch(watch.dependencyFailed);
};

type Treating = {
  readonly message: Message;
  readonly webhooks: Webhooks;
  readonly mayTry: (application: string) => boolean;
  readonly held: (application: string, ms: number) => void;
};

const treat = async (ports: DeliveryPorts, { message, webhooks, mayTry, held }: Treating): Promise<Outcome> => {
  const { event, tries } = message;
  if (event === undefined) return await giveUp(ports, message, 'unreadable');
  const webhook = webhookFor(webhooks, event);
  if (webhook === undefined) return await giveUp(ports, message, 'no-webhook');
  const of = ofMessage(event, tries);
  const isLast = tries >= webhookQueue.maxTries;
  const hasTurn = mayTry(event.application);
  if (!isLast && !hasTurn) {
    ports.watch.deferred(of);
    return { message, seconds: waitSecondsAfter(tries, ports.random()) };
  }
  const { posted, tookMs } = await tryOnce(ports, webhook, event, hasTurn ? undefined : freeMs);
  held(event.application, tookMs);
  if (posted.kind === 'delivered') {
    ports.watch.delivered(of, { status: posted.status, tookMs, ageMs: Math.max(0, ports.now() - event.atMs) });
    return { message, isDone: true };
  }
  const { cause, status, retryAfterSeconds } = posted;
  ports.watch.failed(of, { cause, tookMs, ...(status === undefined ? {} : { status }) });
  if (!isLast) return { message, seconds: waitSecondsAfter(tries, ports.random(), retryAfterSeconds) };
  ports.watch.givenUp('tries', of);
  // SQS makes it a dead letter when it would come once more.
  return { message, seconds: 0 };
};

/** Without the body, which no log gets. */
const ofMessage = ({ id, type, application }: WebhookEvent, tries: number) => ({ id, type, application, tries });

type Tried = {
  readonly posted: Posted;
  /** Of the consumer alone: the time of AWS for the secret must not make it look slow. */
  readonly tookMs: number;
};

/**
 * Reads the secret for each try, so that a new one is used within minutes.
 *
 * @param withinMs for a last try without a turn: it is made all the same, and holds up nobody.
 */
const tryOnce = async (
  { now, readSecret, post, watch }: DeliveryPorts,
  { url, secret }: WebhookPolicy,
  event: WebhookEvent,
  withinMs: number | undefined,
): Promise<Tried> => {
  try {
    const secrets = secretsOf(await readSecret(secret));
    const startedMs = now();
    const posted = await post(url, signedHeaders(secrets, event, startedMs), event.json, withinMs);
    return { posted, tookMs: Math.max(0, now() - startedMs) };
  } catch (cause) {
    watch.dependencyFailed(cause);
    return { posted: { kind: 'failed', cause: 'secret' }, tookMs: 0 };
  }
};

/** A repeat would not help. The message is deleted only after its body is in the dead letters. */
const giveUp = async (
  { queue, watch, random }: DeliveryPorts,
  message: Message,
  cause: 'unreadable' | 'no-webhook',
): Promise<Outcome> => {
  const { event, tries } = message;
  try {
    await queue.giveUp(message.body);
  } catch (failure) {
    watch.dependencyFailed(failure);
    return { message, seconds: waitSecondsAfter(tries, random()) };
  }
  watch.givenUp(cause, event === undefined ? undefined : ofMessage(event, tries));
  return { message, isDone: true };
};
