import { codeMessage, type Draw, drawCode } from './code.ts';
import { type Allowance, allowances, cooldownLimit, decideSend, type Guard, nextSendAt } from './guard.ts';
import type { Policy } from './policy.ts';
import type { Clock, Codes, Replacement, ResendLedger, SmsOutcome, SmsSender, Unseal, Watch } from './ports.ts';
import { recordKey } from './pseudonyms.ts';
import { type LimitHit, limitHit, type VerificationView, viewOf } from './request.ts';
import { type Secret, secret } from './secret.ts';
import { sendCode } from './send.ts';
import { type Closed, closedBecause, type Sealed, sameMac, type Verification } from './verification.ts';

export type ResendPorts = {
  readonly now: Clock;
  readonly draw: Draw;
  readonly ledger: ResendLedger;
  readonly codes: Codes;
  readonly seals: Unseal;
  readonly sender: SmsSender;
  readonly watch: Watch;
};

export type ResendRequest = { readonly id: string };

export type ResendOutcome =
  | {
      readonly kind: 'resent';
      readonly view: VerificationView;
      readonly country: string;
      readonly allowances: readonly Allowance[];
    }
  | LimitHit
  | Closed
  | { readonly kind: 'opted-out' }
  | { readonly kind: 'not-sent' };

/**
 * Sends a fresh code for a verification that is still open.
 *
 * One transaction replaces the code and counts the send; the attempts stay as they are. If the SMS surely was not
 * sent, the code before is put back, because its SMS may be on the phone already.
 *
 * @throws Unavailable when a dependency did not answer; then nothing was sent.
 */
export const resendVerification =
  (ports: ResendPorts, policy: Policy) =>
  async ({ id }: ResendRequest): Promise<ResendOutcome> => {
    const generation = id.slice(0, 1);
    if (!ports.codes.knows(generation)) return { kind: 'unknown' };
    const nowMs = ports.now();
    const before = await ports.ledger.find(recordKey(id));
    const closed = closedBecause(before, nowMs);
    if (before === undefined || closed !== undefined) return closed ?? { kind: 'unknown' };
    const [opened, guard] = await Promise.all([
      ports.seals.open(before.key, before.sealed),
      ports.ledger.readGuard(before.phoneKey),
    ]);
    const decision = decideSend(guard, policy.sends, nowMs);
    if (decision.kind === 'refused') {
      await noteRefusal(ports, before, decision.limit, nowMs);
      return limitHit(policy, guard, decision.limit, decision.retryAfterSeconds, nowMs);
    }
    const sealed = JSON.parse(opened.reveal()) as Sealed;
    const fresh = await freshCode(ports, id, before, sealed);
    const replacement = replacementOf(policy, before, fresh.mac, decision.guard, nowMs);
    return replaceAndSend(ports, policy, { id, sealed, code: fresh.code, replacement, nowMs });
  };

/** A code that is neither the one before nor one that was guessed already: those are worth nothing. */
const freshCode = async (
  { codes, draw }: ResendPorts,
  id: string,
  before: Verification,
  { transaction }: Sealed,
): Promise<{ code: Secret; mac: string }> => {
  const known = [before.code, ...before.guesses];
  for (;;) {
    const code = drawCode(before.codeLength, draw);
    const mac = await codes.mac(id.slice(0, 1), codeMessage(id, code.reveal(), transaction));
    if (!known.some((other) => sameMac(other, mac))) return { code, mac };
  }
};

const replacementOf = (
  policy: Policy,
  before: Verification,
  code: string,
  guard: Guard,
  nowMs: number,
): Replacement => ({
  before,
  code,
  guard,
  sentAtMs: nowMs,
  resendAtMs: nextSendAt(guard.sends, policy.sends, nowMs),
  expiresAt: Math.min(Math.floor(nowMs / 1000) + policy.code.lifetimeSeconds, before.diesAt),
});

type Resend = {
  readonly id: string;
  readonly sealed: Sealed;
  readonly code: Secret;
  readonly replacement: Replacement;
  readonly nowMs: number;
};

const replaceAndSend = async (ports: ResendPorts, policy: Policy, resend: Resend): Promise<ResendOutcome> => {
  const { replacement, nowMs, sealed } = resend;
  const { before, expiresAt } = replacement;
  const outcome = await ports.ledger.replace(replacement, nowMs).catch(async (cause: unknown) => {
    await restore(ports, replacement);
    throw cause;
  });
  if (outcome.kind === 'changed')
    return closedBecause(outcome.verification, nowMs) ?? tooSoon(policy, replacement, nowMs);
  if (outcome.kind !== 'committed') {
    await noteRefusal(ports, before, cooldownLimit, nowMs);
    return tooSoon(policy, replacement, nowMs, outcome.kind === 'outrun' ? outcome.guard : undefined);
  }
  const message = {
    ...sealed,
    phone: secret(sealed.phone),
    code: resend.code,
    country: before.country,
    lifetimeSeconds: expiresAt - Math.floor(nowMs / 1000),
  };
  const sent = await sendCode(ports.sender, policy, message, before.sends);
  return answerSent(ports, policy, resend, sent);
};

/** Somebody else's send came first: the answer is what their guard says, or else as if they had sent just now. */
const tooSoon = (policy: Policy, replacement: Replacement, nowMs: number, seen?: Guard): LimitHit => {
  const guard = seen ?? replacement.guard;
  const decision = decideSend(guard, policy.sends, nowMs);
  if (decision.kind === 'refused') return limitHit(policy, guard, decision.limit, decision.retryAfterSeconds, nowMs);
  return limitHit(policy, guard, cooldownLimit, 1, nowMs);
};

const answerSent = async (
  ports: ResendPorts,
  policy: Policy,
  { id, replacement, nowMs, sealed }: Resend,
  sent: SmsOutcome,
): Promise<ResendOutcome> => {
  const { before, guard, code, sentAtMs, resendAtMs, expiresAt } = replacement;
  if (sent.kind === 'rejected') {
    await restore(ports, replacement);
    return { kind: sent.reason === 'opted-out' ? 'opted-out' : 'not-sent' };
  }
  if (sent.kind === 'unconfirmed') {
    await ports.ledger
      .markUnconfirmed(before.key, sentAtMs)
      .catch((cause: unknown) => ports.watch.dependencyFailed('mark-unconfirmed', cause));
  }
  const after = { ...before, code, sentAtMs, resendAtMs, expiresAt, sends: before.sends + 1, delivery: sent.kind };
  return {
    kind: 'resent',
    view: viewOf(id, after, nowMs, sealed.masked),
    country: before.country,
    allowances: allowances(guard.sends, policy.sends, nowMs),
  };
};

const restore = async ({ ledger, watch }: ResendPorts, replacement: Replacement): Promise<void> => {
  try {
    await ledger.restore(replacement);
  } catch (cause) {
    watch.compensationFailed('restore', cause);
  }
};

const noteRefusal = async (
  { ledger, watch }: ResendPorts,
  { phoneKey, block, operator, country, address, application, purpose }: Verification,
  limit: string,
  atMs: number,
): Promise<void> => {
  const refusal = { reason: 'limit', limit, phoneKey, block, operator, country, address, application, purpose, atMs };
  await ledger.refuse(refusal).catch((cause: unknown) => watch.dependencyFailed('note-refusal', cause));
};
