import type { Policy, SmsRoute } from '../policy.ts';
import { type AdmissionFacts, allowancesOf, type RefusedBy, type Subject } from './limits/admission.ts';
import { cooldownLimit, decideSend, type Guard } from './limits/guard.ts';
import { type Secret, secret } from './number/secret.ts';
import type { CommitOutcome, Refusal, ResendLedger, Reserved, SmsOutcome, SmsSender, Watch } from './ports.ts';
import type { Transaction } from './record/code.ts';
import { chooseTemplate, renderMessage } from './record/message.ts';
import type { LimitHit } from './record/view.ts';

export type Message = {
  readonly phone: Secret;
  readonly code: Secret;
  readonly country: string;
  readonly purpose: string;
  readonly locale?: string | undefined;
  readonly transaction?: Transaction | undefined;
  readonly appHash?: string | undefined;
  readonly origin?: string | undefined;
  /** How long the code is good for from now, in seconds. */
  readonly lifetimeSeconds: number;
};

/**
 * Sends a code, over the first route that does not surely fail.
 *
 * @param firstRoute the position of the route to begin with; a resend begins with the next one.
 * @returns the outcome of the last route that was tried. After an outcome that is not known, no other route is tried:
 *   the message may be on its way.
 */
export const sendCode = async (
  sender: SmsSender,
  policy: Policy,
  message: Message,
  firstRoute: number,
): Promise<SmsOutcome> => {
  const country = policy.countries[message.country];
  const template = chooseTemplate(policy, message);
  if (country === undefined || template === undefined) return { kind: 'rejected', reason: 'refused' };
  const text = secret(
    renderMessage(template.text, {
      brand: policy.brand,
      code: message.code.reveal(),
      lifetimeSeconds: message.lifetimeSeconds,
      transaction: message.transaction,
      appHash: message.appHash,
      host: message.origin === undefined ? undefined : new URL(message.origin).host,
    }),
  );
  let outcome: SmsOutcome = { kind: 'rejected', reason: 'unreachable' };
  for (const route of routesFrom(policy.smsRoutes, firstRoute)) {
    outcome = await sender.send({
      phone: message.phone,
      text,
      route,
      senderId: country.senderId,
      maxPriceUsd: country.maxPriceUsd,
      entityId: country.entityId,
      templateId: template.templateId,
    });
    if (outcome.kind !== 'rejected' || outcome.reason === 'opted-out') return outcome;
  }
  return outcome;
};

const routesFrom = (routes: readonly SmsRoute[], first: number): readonly SmsRoute[] => {
  const start = first % routes.length;
  return [...routes.slice(start), ...routes.slice(0, start)];
};

export type Committed = { readonly kind: 'committed'; readonly release: () => Promise<void> };

/**
 * Commits a send and takes its share of the counters, side by side. Only if both hold may the SMS go out; otherwise
 * what holds is taken back.
 *
 * @throws Unavailable when one of them did not answer; what could be taken back has been.
 */
export const commitAndReserve = async ({
  commit,
  reserve,
  rollBack,
}: {
  readonly commit: () => Promise<CommitOutcome>;
  readonly reserve: () => Promise<Reserved>;
  /** Never throws. */
  readonly rollBack: () => Promise<void>;
}): Promise<Committed | Exclude<CommitOutcome, { readonly kind: 'committed' }> | RefusedBy> => {
  const [committed, { outcome: reserved, release }] = await Promise.all([
    commit().catch((cause: unknown) => ({ kind: 'unknown' as const, cause })),
    reserve(),
  ]);
  if (committed.kind === 'committed' && reserved.kind === 'held') return { kind: 'committed', release };
  // It may have been committed even where nobody knows. Nothing was sent, so nothing shall count.
  if (committed.kind === 'committed' || committed.kind === 'unknown') await rollBack();
  await release();
  if (committed.kind === 'unknown') throw committed.cause;
  if (committed.kind !== 'committed') return committed;
  if (reserved.kind === 'refused') return reserved;
  throw reserved.kind === 'unavailable' ? reserved.cause : new Error('A held reservation was refused. This is a bug.');
};

const kindOf = ({ because, limit }: RefusedBy): LimitHit['kind'] => {
  if (limit === cooldownLimit) return 'too-soon';
  if (because === 'phone' || because === 'ip') return 'limited';
  return because === 'cap' ? 'cap-reached' : 'suspended';
};

/** The answer to a send that a limit refuses. */
export const limitHit = (
  refused: RefusedBy,
  facts: AdmissionFacts,
  subject: Subject,
  policy: Policy,
  nowMs: number,
): LimitHit => ({
  kind: kindOf(refused),
  limit: refused.limit,
  retryAfterSeconds: refused.retryAfterSeconds,
  // Whoever is refused for the IP learns nothing of the number.
  allowances: allowancesOf(facts.guard.sends, facts, subject, policy, nowMs)
    .filter(({ name }) => refused.because !== 'ip' || name === 'ip')
    .map((allowance) =>
      // Others of the same IP may have come between what was read and what was refused.
      refused.limit === allowance.name
        ? { ...allowance, remaining: 0, resetSeconds: Math.max(allowance.resetSeconds, refused.retryAfterSeconds) }
        : allowance,
    ),
});

/**
 * A send that lost the race for the phone is a send too soon after the one that won; it is never tried again, lest it
 * send a second SMS. Where nothing was to be seen of the winner, it is taken to have sent just now.
 */
export const lostRaceBy = (seen: Guard | undefined, own: Guard, policy: Policy, nowMs: number): RefusedBy => {
  const decision = decideSend(seen ?? own, policy.sends, nowMs);
  const { limit, retryAfterSeconds } =
    decision.kind === 'refused' ? decision : { limit: cooldownLimit, retryAfterSeconds: 1 };
  return { kind: 'refused', because: 'phone', limit, retryAfterSeconds };
};

/** Notes for the stream that a send was refused. The caller is refused whether or not the note is taken. */
export const noteRefusal = async (
  { ledger, watch }: { readonly ledger: Pick<ResendLedger, 'refuse'>; readonly watch: Watch },
  refusal: Refusal,
): Promise<void> => {
  await ledger.refuse(refusal).catch((cause: unknown) => watch.dependencyFailed('note-refusal', cause));
};

/** Notes in the record that nobody knows what became of the SMS. @returns whether the note was taken. */
export const noteUnconfirmed = (
  { ledger, watch }: { readonly ledger: Pick<ResendLedger, 'markUnconfirmed'>; readonly watch: Watch },
  key: string,
  sendId: string,
): Promise<boolean> =>
  ledger.markUnconfirmed(key, sendId).then(
    () => true,
    (cause: unknown) => {
      watch.dependencyFailed('mark-unconfirmed', cause);
      return false;
    },
  );
