import type { Channel, Policy } from '../../policy.ts';
import type { AdmissionFacts } from '../limits/admission.ts';
import { type Guard, nextSendByAny } from '../limits/guard.ts';
import { trustOf } from '../limits/trust.ts';
import type { ResendNonces } from '../number/pseudonyms.ts';
import type { Secret } from '../number/secret.ts';
import type { Clock, Codes, Replacement, ResendLedger, Reserved, SmsSender, Unseal, Watch } from '../ports.ts';
import type { MessageNotes, ReceiptFinder } from '../receipts/ports.ts';
import { codeMessage, type Draw, drawCode, nameWithinRecord } from '../record/code.ts';
import { includesMac, type Sealed, sameMac, type Verification } from '../record/verification.ts';
import type { RiskNote } from '../risk/decide.ts';
import type { RiskFacts } from '../risk/ports.ts';
import type { Committed, NotReserved } from '../sending/commit.ts';
import type { Tried } from '../sending/routes.ts';
import { type CallCode, plannedRoute, smsPartsOf } from '../sending/sms.ts';

export type ResendPorts = {
  readonly now: Clock;
  readonly draw: Draw;
  /** Names the send. */
  readonly randomId: () => string;
  readonly ledger: ResendLedger;
  readonly codes: Codes;
  readonly seals: Unseal;
  readonly sender: SmsSender;
  /** Only of a deployment with calls. */
  readonly callCode?: CallCode | undefined;
  readonly watch: Watch;
  /** Finds the record with its receipt, if the settings ask for receipts. */
  readonly receipts?: ReceiptFinder | undefined;
  /** Only if the settings ask for notes of message ids. */
  readonly messages?: MessageNotes | undefined;
};

/** One resend, and what was read for it. */
export type ResendContext = {
  readonly ports: ResendPorts;
  readonly policy: Policy;
  readonly id: string;
  readonly before: Verification;
  readonly facts: AdmissionFacts & { readonly risk?: RiskFacts | undefined };
  readonly sealed: Sealed;
  readonly channel: Channel;
  /** Of a resend with an idempotency key. */
  readonly nonces: ResendNonces | undefined;
  /** Names of routes of which a receipt says that they did not deliver. */
  readonly receiptFailedRoutes: readonly string[];
  readonly nowMs: number;
};

/** A code that differs from all that were sent and from every guess: the record would refuse any of them. */
export const freshCode = async ({
  ports: { codes, draw },
  id,
  before,
  sealed,
}: ResendContext): Promise<{ readonly code: Secret; readonly mac: string }> => {
  const used = [before.code, ...before.superseded, ...before.guesses];
  for (;;) {
    const code = drawCode(before.codeLength, draw);
    const mac = await codes.mac(id.slice(0, 1), codeMessage(id, code.reveal(), sealed.transaction));
    if (!includesMac(used, mac)) return { code, mac };
  }
};

/**
 * How many resends with an idempotency key a record remembers. The limits of a number allow fewer. Those of test numbers
 * have no limit, and beyond this number a repeat counts as another resend.
 */
const maxResendNonces = 50;

/** Epoch seconds at which a fresh code expires. */
const freshExpiry = ({ policy, before, nowMs }: Pick<ResendContext, 'policy' | 'before' | 'nowMs'>): number =>
  Math.min(Math.floor(nowMs / 1000) + policy.code.lifetimeSeconds, before.latestExpiry);

type Drafted = Pick<ResendContext, 'policy' | 'before' | 'sealed' | 'nowMs'>;

/** The message of a resend, without its number and code. */
const messageOf = (context: Drafted) => ({
  ...context.sealed,
  country: context.before.country,
  lifetimeSeconds: freshExpiry(context) - Math.floor(context.nowMs / 1000),
});

/** Parts of the SMS with a fresh code. */
export const partsFor = (context: Drafted): number =>
  smsPartsOf(context.policy, messageOf(context), context.before.codeLength);

/** The routes that a resend begins after, and those that it skips. */
export const triedBefore = ({ before, receiptFailedRoutes }: ResendContext): Tried => ({
  sends: before.sends,
  last: before.route,
  failed: [...new Set([...(before.failedRoutes ?? []), ...receiptFailedRoutes])],
});

/** Name of the route that the message is planned for. `undefined`: none can carry it. */
export const routeFor = (context: ResendContext): string | undefined => {
  const { policy, before, channel } = context;
  const message = { ...messageOf(context), digits: before.codeLength };
  return plannedRoute(policy, message, triedBefore(context), channel);
};

type Planned = {
  /** MAC of the new code. A test number keeps its own, which is not superseded. */
  readonly code: string;
  /** As `routeFor` says. A test number has none. */
  readonly route?: string;
};

/**
 * @param risk what came to be known of the SIM since the record was made.
 */
export const replacementOf = (
  context: ResendContext,
  { code, route }: Planned,
  guard: Guard | undefined,
  risk?: RiskNote,
): Replacement => {
  const { ports, policy, before, facts, channel, nonces, nowMs } = context;
  const trust = trustOf(facts, before, policy, nowMs);
  return {
    before,
    code,
    guard,
    route,
    ...(context.receiptFailedRoutes.length === 0 ? {} : { failedRoutes: triedBefore(context).failed }),
    ...(channel === 'voice' ? { channel } : {}),
    ...(risk === undefined ? {} : { risk }),
    sendId: nameWithinRecord(ports.randomId()),
    sentAtMs: nowMs,
    resendAtMs: guard === undefined ? nowMs : nextSendByAny({ ...facts, guard }, trust, policy, before, nowMs),
    expiresAt: freshExpiry({ policy, before, nowMs }),
    superseded: sameMac(code, before.code) ? [] : [before.code],
    idempotency:
      nonces === undefined || before.resendNonces.length >= maxResendNonces
        ? undefined
        : {
            nonce: nonces.own,
            others: [nonces.earlier, ...nonces.others],
            isSettled: before.test === true,
          },
  };
};

export type NotReplaced = Exclude<Awaited<ReturnType<ResendLedger['replace']>>, { readonly kind: 'committed' }>;

/**
 * Reserves the shared counters first and replaces the code then. Unlike a request, a resend has a live code to lose: it
 * stays good if the tables fail between the two (ADR 12).
 */
export const replaceCode = async (
  { ports, nowMs }: ResendContext,
  replacement: Replacement,
  reserve: () => Promise<Reserved>,
): Promise<Committed | NotReplaced | NotReserved> => {
  const { outcome, release } = await reserve();
  if (outcome.kind !== 'held') await release();
  if (outcome.kind === 'unavailable') throw outcome.cause;
  if (outcome.kind === 'exceeded') return outcome;
  const replaced = await ports.ledger.replace(replacement, nowMs).catch(async (cause: unknown) => {
    await Promise.all([restoreCode(ports, replacement, 'release'), release()]);
    throw cause;
  });
  if (replaced.kind === 'committed') return { kind: 'committed', release };
  await release();
  return replaced;
};

/** Restores the last code after a send that surely failed. Its SMS may be on the phone. */
export const restoreCode = async (
  { ledger, watch }: Pick<ResendPorts, 'ledger' | 'watch'>,
  replacement: Replacement,
  guard: 'release' | 'keep',
): Promise<void> => {
  await ledger.restore(replacement, guard).catch((cause: unknown) => watch.compensationFailed('restore', cause));
};
