import type { Verification } from '../record/verification.ts';
import {
  decideRisk,
  type KnownRisk,
  type RiskDecision,
  type RiskLimit,
  type RiskNote,
  riskRuleOf,
} from '../risk/decide.ts';
import { noteRefusal } from '../sending/notes.ts';
import { subjectOf } from '../subject.ts';
import type { ResendContext } from './replacement.ts';

/**
 * What came to be known of the SIM since the record was made: a porting notice, or a swap that another request looked up.
 * A resend asks no provider itself (ADR 113). `undefined`: nothing came, or the purpose does not mind.
 */
export const newRiskOf = ({ policy, before, facts }: ResendContext): RiskDecision | undefined => {
  const rule = before.test ? undefined : riskRuleOf(policy, before.purpose);
  const { notice, answer } = facts.risk ?? {};
  if (rule === undefined) return undefined;
  if (notice !== undefined) {
    return decideRisk(policy, rule, { kind: 'ported', swappedAtMs: notice.portedAtMs ?? notice.notedAtMs });
  }
  if (answer?.kind === 'swapped') return decideRisk(policy, rule, answer);
  const recorded = recordedRiskOf(before);
  const decision = recorded && decideRisk(policy, rule, recorded);
  return decision?.kind === 'refuse' ? decision : undefined;
};

/**
 * What the record says. A request that was refused, and died before its record ended, has left one that is open: no code of a
 * purpose that refuses goes out by it, though the answer is kept no more.
 */
const recordedRiskOf = ({ risk, swappedAtMs, sentAtMs }: Verification): KnownRisk | undefined => {
  if (risk === 'unknown') return { kind: risk, provider: '', reason: 'not-known' };
  if (risk === 'swapped') return { kind: risk, provider: '', swappedAtMs };
  return risk === 'ported' ? { kind: risk, swappedAtMs: swappedAtMs ?? sentAtMs } : undefined;
};

/** The note that a resend writes with the fresh code. `undefined`: the record says it already. */
export const newNoteOf = ({ before }: ResendContext, decision: RiskDecision | undefined): RiskNote | undefined => {
  if (decision?.kind !== 'send') return undefined;
  const { risk, swappedAtMs, stepUp } = decision.note;
  const isKnown = before.risk === risk && before.swappedAtMs === swappedAtMs && before.stepUp === stepUp;
  return isKnown ? undefined : decision.note;
};

/**
 * Notes a refusal for the stream, and in the record: the code that is out stays good, and its proof is no whole one from then
 * on. Neither takes part in the answer.
 */
export const noteAtRisk = async (context: ResendContext, limit: RiskLimit, note: RiskNote): Promise<void> => {
  const { ports, before, facts, nowMs } = context;
  const refusal = { ...subjectOf(before), purpose: before.purpose, reason: 'number-at-risk', limit, atMs: nowMs };
  await Promise.all([
    ports.ledger
      .noteRisk(before.key, before.sendId, { ...note, stepUp: true })
      .catch((cause: unknown) => ports.watch.dependencyFailed('note-risk', cause)),
    noteRefusal(ports, { refusal, refusedTatMs: () => facts.refusedTatMs }),
  ]);
};
