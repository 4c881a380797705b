import type { RiskRule } from '../../policy.ts';
import type { AdmissionFacts } from '../limits/admission.ts';
import { allowancesOf } from '../limits/allowances.ts';
import type { Guard } from '../limits/guard.ts';
import { type NewVerification, Unavailable } from '../ports.ts';
import type { Verification } from '../record/verification.ts';
import {
  decideRisk,
  isKeptAnswer,
  type KnownRisk,
  knownRiskOf,
  lookUpPriceOf,
  type RiskDecision,
  type RiskNote,
  riskRuleOf,
} from '../risk/decide.ts';
import type { RiskAnswer, RiskFacts } from '../risk/ports.ts';
import type { Committed } from '../sending/commit.ts';
import type { RequestContext, RequestOutcome } from './context.ts';
import { deliver } from './deliver.ts';
import { noteRefusalOf } from './refuse.ts';
import { endAsFailed, rollBack } from './roll-back.ts';

/** A request whose purpose minds a swapped SIM. */
export type Minded = {
  readonly rule: RiskRule;
  /** `undefined`: the provider is asked beside the commit. */
  readonly known: KnownRisk | undefined;
};

/** The rule of a request's purpose. The code of a test number is public, and no SIM gets it. */
export const mindingRuleOf = ({ policy, request, test }: RequestContext): RiskRule | undefined =>
  test === undefined ? riskRuleOf(policy, request.purpose) : undefined;

const nothingRead: RiskFacts = { notice: undefined, answer: undefined };

export const mindedBy = (
  context: RequestContext,
  { risk = nothingRead }: { readonly risk?: RiskFacts | undefined },
): Minded | undefined => {
  const rule = mindingRuleOf(context);
  return rule && { rule, known: knownRiskOf(context.policy, context.subject.country, risk) };
};

/** The price of the look-up that a request makes, in micro-USD. */
export const lookUpPriceFor = ({ policy, subject }: RequestContext, minded: Minded | undefined): number =>
  minded === undefined || minded.known !== undefined ? 0 : lookUpPriceOf(policy, subject.country);

/** The look-up of a request, to be made beside its commit. */
export const lookUpOf = (
  { ports: { numberRisk }, request: { phone } }: RequestContext,
  minded: Minded | undefined,
): (() => Promise<RiskAnswer>) | undefined => {
  if (minded === undefined || minded.known !== undefined) return undefined;
  if (numberRisk === undefined) return async () => ({ kind: 'unknown', provider: '', reason: 'misconfigured' });
  return () => numberRisk.ask({ phone, country: phone.country });
};

/** What the record says of the SIM from its commit on. Before the provider has answered, that there was no swap. */
export const committedNoteOf = ({ policy }: RequestContext, minded: Minded | undefined): RiskNote | undefined => {
  if (minded === undefined) return undefined;
  return minded.known === undefined ? { risk: 'checked' } : decideRisk(policy, minded.rule, minded.known).note;
};

/**
 * Sends the SMS of a committed request whose purpose minds, or refuses it.
 *
 * The record says what is known before the message is handed over: a crash between the two leaves no code whose proof says
 * too much. A number without a swap costs no write.
 *
 * @throws Unavailable when the record could not be corrected. Then nothing was sent.
 */
export const deliverUnlessAtRisk = async (
  context: RequestContext,
  facts: AdmissionFacts,
  send: NewVerification,
  guard: Guard,
  committed: Committed,
  { rule, known }: Minded,
): Promise<RequestOutcome> => {
  const { answer } = committed;
  const found = known ?? answer;
  if (found === undefined) throw new Error('A provider was neither asked nor spared. This is a bug.');
  const decision = decideRisk(context.policy, rule, found);
  const kept = keepAnswer(context, answer);
  try {
    if (decision.kind === 'refuse') return await refuseAtRisk(context, facts, send, guard, committed, decision);
    const { note } = decision;
    if (known === undefined && note.risk !== 'checked') await noteOrRollBack(context, note, committed);
    const noted = { ...send, verification: { ...send.verification, ...note } };
    return await deliver(context, facts, noted, guard, committed);
  } finally {
    await kept;
  }
};

const noAnswer: RiskAnswer = { kind: 'unknown', provider: '', reason: 'no-answer' };

/**
 * The record of a request that may have ended between its commit and its look-up. It says `checked` then, and nobody has
 * answered. A repeat hands out its id, and a resend would send a code: so the record says before that what is known.
 *
 * @throws Unavailable when the record could not be corrected.
 */
export const withKnownRisk = async (
  context: RequestContext,
  facts: { readonly risk?: RiskFacts | undefined },
  verification: Verification,
): Promise<Verification> => {
  const minded = mindedBy(context, facts);
  const { key, sendId, risk, guesses } = verification;
  // A code that somebody has typed in went out, and so after the look-up.
  if (minded === undefined || risk !== 'checked' || guesses.length > 0) return verification;
  const decision = decideRisk(context.policy, minded.rule, minded.known ?? noAnswer);
  if (decision.note.risk === 'checked') return verification;
  const note: RiskNote = decision.kind === 'refuse' ? { ...decision.note, stepUp: true } : decision.note;
  const isNoted = await context.ports.ledger.noteRisk(key, sendId, note);
  return isNoted ? { ...verification, ...note } : verification;
};

/** Keeps an answer for the next requests for the number, beside the send. It takes no part in the answer to the caller. */
const keepAnswer = async (
  { ports: { ledger, watch }, subject, nowMs }: RequestContext,
  answer: RiskAnswer | undefined,
): Promise<void> => {
  if (answer === undefined || !isKeptAnswer(answer)) return;
  await ledger
    .keepRisk(subject.phoneKey, answer, nowMs)
    .catch((cause: unknown) => watch.dependencyFailed('keep-risk', cause));
};

const noteOrRollBack = async (context: RequestContext, note: RiskNote, { release }: Committed): Promise<void> => {
  const { ports, draft } = context;
  try {
    if (await ports.ledger.noteRisk(draft.key, draft.sendId, note)) return;
  } catch (cause) {
    await Promise.all([rollBack(context), release()]);
    throw cause;
  }
  // The record has ended or was sent again, which no other request can do before its caller knows the id.
  await Promise.all([rollBack(context), release()]);
  throw new Unavailable('DynamoDB UpdateItem');
};

/**
 * Nothing is sent, and the send stays on the guard and with its IP. So a repeat meets their limits, whether the fact was looked
 * up, kept or noted by staff: nobody can ask about a SIM again and again.
 */
const refuseAtRisk = async (
  context: RequestContext,
  facts: AdmissionFacts,
  { verification: { resendAtMs } }: NewVerification,
  guard: Guard,
  { release }: Committed,
  { limit, isPassing }: Extract<RiskDecision, { readonly kind: 'refuse' }>,
): Promise<RequestOutcome> => {
  await Promise.all([
    endAsFailed(context, 'end-as-failed'),
    release('ip'),
    noteRefusalOf(context, 'number-at-risk', limit, undefined),
  ]);
  const allowances = allowancesOf({ ...context, facts }, guard.sends, true);
  if (!isPassing) return { kind: 'at-risk', limit, allowances };
  const waitSeconds = Math.max(1, Math.ceil((resendAtMs - context.nowMs) / 1000));
  return { kind: 'risk-unanswered', limit, waitSeconds, allowances };
};
