import { createHash } from 'node:crypto';
import type { BurstPolicy, RuleWithMode } from '../../policy.ts';
import { applicationsOf } from '../counts/counts.ts';
import { type Key, nameOf } from '../counts/keys.ts';
import { timeBucketOf } from '../counts/time-buckets.ts';
import { brokenBy } from '../evidence/rules.ts';
import { thresholds } from '../evidence/thresholds.ts';
import { isRestricted, isSettled, nextStepOf, probeIntervalMs, probesPerHour, repeatWithinMs } from './blocks.ts';
import type { Candidate } from './candidate.ts';
import { actionOf, modeOf, severityOf } from './consequences.ts';
import type { Action, CaseName, Explanation, LastBlock, LastNotified, Ruling } from './ruling.ts';

/** The case that a ruling belongs to: the one of the last ruling on the key, unless a day has passed since. */
export const caseNameOf = (
  key: Key,
  lastBlock: LastBlock | undefined,
  lastNotified: LastNotified | undefined,
  action: Action,
  nowMs: number,
): CaseName & { readonly isUpdate: boolean } => {
  const isKnown = (endMs: number): boolean => nowMs <= endMs + repeatWithinMs;
  if (lastBlock !== undefined && isKnown(lastBlock.untilMs)) {
    return { uid: lastBlock.uid, firstMs: lastBlock.firstMs, isUpdate: true };
  }
  // A case that led to no action so far, and now does, is new to staff.
  if (lastNotified !== undefined && isKnown(lastNotified.atMs)) {
    return { uid: lastNotified.uid, firstMs: lastNotified.firstMs, isUpdate: action === 'none' };
  }
  const uid = createHash('sha256')
    .update(`${nameOf(key)}#${timeBucketOf(nowMs)}`)
    .digest('hex')
    .slice(0, 32);
  return { uid, firstMs: nowMs, isUpdate: false };
};

/** Calls are among the sends. A share of a time bucket may have more of them than of the sends. */
const costOf = ({ priceUsd, callPriceUsd }: Candidate, sends: number, calls: number): number =>
  Math.max(0, sends - calls) * priceUsd + calls * callPriceUsd;

const explain = (rule: RuleWithMode, candidate: Candidate): Explanation => {
  const { key, assessment, state, criticalUsdPerHour, hourCapUsd, usualPerHour, isTrustedIp } = candidate;
  const { started, seen, pending, baseline } = assessment;
  const [tenMinutes, hour, sixHours] = started;
  const isSlow = rule === 'low-and-slow';
  return {
    rule,
    evidence: isSlow ? assessment.slow : assessment.fast,
    threshold: isSlow ? thresholds.slow : thresholds.burst,
    chance: assessment.chance,
    startedTenMinutes: tenMinutes,
    startedHour: hour,
    startedSixHours: sixHours,
    seenStarted: seen.started,
    seenVerified: seen.verified,
    seenSms: seen.sms,
    seenSeconds: Math.round(seen.seconds),
    wrong: seen.wrong,
    requests: seen.requests,
    pending: Math.round(pending.count),
    oldestPendingSeconds: Math.round(pending.oldestSeconds),
    distinctIps: Math.round(assessment.distinctIps),
    limited: assessment.limited,
    expectedPerHour: baseline.perHour,
    conversion: baseline.conversion,
    arriving: baseline.arriving,
    spentUsd: costOf(candidate, seen.sms, seen.calls),
    usdPerHour: costOf(candidate, assessment.smsTenMinutes, assessment.callsTenMinutes) * 6,
    criticalUsdPerHour,
    hourCapUsd,
    collateral: Math.round((state.history?.verifiedDay ?? 0) + seen.verified),
    probesPerHour: probesPerHour(key.level, usualPerHour, isTrustedIp),
    applications: applicationsOf(state.counts),
    countries: [],
  };
};

const withinOf = ({ key, country, prefix }: Candidate): Key | undefined =>
  key.level === 'prefix' ? { level: 'country', of: country } : prefix;

const rulingBy = (rule: RuleWithMode, candidate: Candidate, policy: BurstPolicy, nowMs: number): Ruling | undefined => {
  const { key, country, lastBlock, lastNotified, runningHours } = candidate;
  const mode = modeOf(policy, key, rule, country, runningHours);
  if (mode === 'off') return undefined;
  const wanted = actionOf(rule, candidate, nowMs);
  const action = mode === 'enforce' ? wanted : 'none';
  const explanation = explain(rule, candidate);
  const letsProbesPass = action === 'restrict' || action === 'block';
  return {
    ...caseNameOf(key, lastBlock, lastNotified, action, nowMs),
    key,
    country,
    within: withinOf(candidate),
    rule,
    mode,
    action,
    severity: severityOf(key, mode, wanted, explanation),
    atMs: nowMs,
    untilMs: action === 'none' ? nowMs : nowMs + thresholds.restriction.ms,
    ...(letsProbesPass ? { probeIntervalMs: probeIntervalMs(explanation.probesPerHour) } : {}),
    step: action === 'none' ? 0 : nextStepOf(lastBlock, nowMs),
    explanation,
  };
};

/** What would be done if staff had not announced a launch. They are told, and nothing is done. */
const sparedRuling = (candidate: Candidate, policy: BurstPolicy, nowMs: number): Ruling | undefined => {
  const { key, spared, lastBlock, lastNotified } = candidate;
  if (spared === undefined) return undefined;
  const ruling = brokenBy(key, spared.assessment)
    .map((rule) => rulingBy(rule, { ...candidate, assessment: spared.assessment }, policy, nowMs))
    .find((each) => each !== undefined);
  if (ruling === undefined || ruling.action === 'longer-codes') return undefined;
  const { probeIntervalMs: _, ...rest } = ruling;
  return {
    ...rest,
    ...caseNameOf(key, lastBlock, lastNotified, 'none', nowMs),
    action: 'none',
    severity: 'low',
    untilMs: nowMs,
    step: 0,
    explanation: { ...ruling.explanation, launch: spared.launch },
  };
};

/** Staff are notified of a case without action again after this long. */
const notifyAgainMs = 30 * 60_000;

/**
 * Judges a key: the ruling, if any, of the most severe rule that leads to an action.
 *
 * While a block holds nothing new is found, because only spared senders pass.
 */
export const judgeKey = (candidate: Candidate, policy: BurstPolicy, nowMs: number): Ruling | undefined => {
  const { key, assessment, lastBlock, lastNotified } = candidate;
  if (isSettled(lastBlock, key, nowMs)) return undefined;
  const rulings = brokenBy(key, assessment)
    .map((rule) => rulingBy(rule, candidate, policy, nowMs))
    .filter((each) => each !== undefined);
  const stopping = rulings.find(({ action }) => action === 'block') ?? rulings.find(({ action }) => action !== 'none');
  if (isRestricted(lastBlock, nowMs)) return stopping?.action === 'block' ? stopping : undefined;
  if (stopping !== undefined) return stopping;
  if (lastNotified !== undefined && nowMs < lastNotified.atMs + notifyAgainMs) return undefined;
  return rulings[0] ?? sparedRuling(candidate, policy, nowMs);
};
