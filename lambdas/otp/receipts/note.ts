import { allRoutesOf, type Policy } from '../../policy.ts';
import { dayOf } from '../limits/caps.ts';
import type { Clock } from '../ports.ts';
import type {
  Measured,
  MessageContext,
  MessageEvent,
  Noted,
  PriceSums,
  ReceiptLedger,
  ReceiptWatch,
  Way,
} from './ports.ts';
import { takenByCarrier } from './receipt.ts';

export type NotePorts = {
  readonly now: Clock;
  readonly ledger: ReceiptLedger;
  readonly prices: PriceSums;
  readonly watch: ReceiptWatch;
  /** Returns after so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
};

/** A clock of AWS may be ahead of ours by so much. */
const maxAheadMs = 60_000;

/** Epoch seconds until which what is noted of a message is of use: the life of its verification and of a proof. */
export const purgeAtOf = ({ code, proofLifetimeSeconds }: Policy, sentAtMs: number): number =>
  Math.floor(sentAtMs / 1000) + code.maxLifetimeSeconds + proofLifetimeSeconds;

/** A sender notes its message when AWS has answered. An event may be faster, and is looked up once more. */
const secondLook = { afterMs: 1000, untilMs: 10_000 } as const;

/**
 * Notes what an event says of a message, beside the record and never in it.
 *
 * Events come late, twice and in any order. One write takes the heavier of two, so that none of it matters. The function
 * reads no record: the time of the send bounds what it writes, and a receipt that fits no record is read by nobody.
 *
 * @throws Unavailable when DynamoDB did not answer. The event may be repeated.
 */
export const noteReceipt =
  ({ now, ledger, prices, watch, pause }: NotePorts, policy: Policy) =>
  async (event: MessageEvent): Promise<void> => {
    const nowMs = now();
    if (event.sentAtMs > nowMs + maxAheadMs) return watch.unmatched();
    if (nowMs > event.sentAtMs + policy.code.maxLifetimeSeconds * 1000) return watch.late();
    const context = contextIn(policy, event.context ?? (await foundContext({ now, ledger, pause }, policy, event)));
    if (context === undefined) return watch.unmatched();
    const { verification: key, sendId, route } = context;
    const { told, messageId, sentAtMs, toldAtMs, priceUsd } = event;
    const purgeAt = purgeAtOf(policy, sentAtMs);
    const noted = await ledger.note({ ...told, key, sendId, route, messageId, sentAtMs, toldAtMs, priceUsd, purgeAt });
    const isFirst = noted.kind === 'noted' && noted.before === undefined;
    // Only the first: the same note again would be a write for nothing. One that fails is lost, with the events of the bus for
    // this message, which come by the configuration set as well.
    if (isFirst && event.context !== undefined && isNotedForBus(policy))
      await ledger.noteMessage({ ...context, messageId, purgeAt });
    const measured = measure(watch, context, event, noted);
    if (measured === undefined) return;
    // The receipt is noted, so that a repeat of the event would count nothing.
    await prices.add(wayOf(context), dayOf(sentAtMs), measured).catch(watch.priceNotCounted);
  };

/** The context that was noted for a message. Events of the bus have none of their own in AWS's samples. */
const foundContext = async (
  { now, ledger, pause }: Pick<NotePorts, 'now' | 'ledger' | 'pause'>,
  { receipts }: Policy,
  { messageId, sentAtMs }: MessageEvent,
): Promise<MessageContext | undefined> => {
  if (!receipts?.sources.includes('event-bus')) return undefined;
  const found = await ledger.findMessage(messageId);
  if (found !== undefined || now() > sentAtMs + secondLook.untilMs) return found;
  await pause(secondLook.afterMs);
  return ledger.findMessage(messageId);
};

/** Whether events of a configuration set, which have a context, note it for those of the bus. Else each send notes it. */
const isNotedForBus = ({ receipts }: Policy): boolean =>
  receipts?.noteMessageIds === false && receipts.sources.includes('event-bus');

/** A route or a country that the settings lack would be another metric, and is none of this deployment. */
const contextIn = (policy: Policy, context: MessageContext | undefined): MessageContext | undefined =>
  context !== undefined &&
  allRoutesOf(policy).some(({ name }) => name === context.route) &&
  Object.hasOwn(policy.countries, context.country)
    ? context
    : undefined;

const wayOf = ({ route, country }: MessageContext): Way => ({ route, country });

/** Counts each message once for what became of it, and once for its price. @returns its price, the first time that one comes. */
const measure = (
  watch: ReceiptWatch,
  context: MessageContext,
  event: MessageEvent,
  noted: Noted,
): Measured | undefined => {
  if (noted.kind === 'known') return undefined;
  const { told, sentAtMs, toldAtMs } = event;
  const { before } = noted;
  const way = wayOf(context);
  if (told.delivery === 'delivered') watch.delivered(way, Math.max(0, toldAtMs - sentAtMs));
  if (told.delivery === 'failed' && told.reason !== 'opted-out') watch.settled(way, { isLost: true });
  const isTaken = told.weight === takenByCarrier.weight;
  // One that the carrier took and that then arrived is one message.
  const isNews = told.delivery === 'delivered' && before?.weight !== takenByCarrier.weight;
  if (isTaken || isNews) watch.settled(way, { isLost: false });
  const measured = before?.isPriced === true ? undefined : measuredOf(context, event);
  if (measured !== undefined) watch.priced(way, measured);
  return measured;
};

const measuredOf = (
  { estimateUsd, estimateParts: estimated }: MessageContext,
  { priceUsd, parts: real }: MessageEvent,
): Measured | undefined =>
  priceUsd === undefined || estimateUsd === undefined
    ? undefined
    : { priceUsd, estimateUsd, parts: real === undefined || estimated === undefined ? undefined : { real, estimated } };
