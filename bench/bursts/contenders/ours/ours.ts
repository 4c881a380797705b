/**
 * The service's own guard and detector as a contender: the code that is deployed, on an injected clock, with its tables
 * in memory.
 */

import type { TrafficEvent, TrafficKind } from '../../../../lambdas/bursts/counts/events.ts';
import type { Launch } from '../../../../lambdas/bursts/evidence/launches.ts';
import type { Admission, AdmissionFacts } from '../../../../lambdas/otp/limits/admission.ts';
import { sinceSends } from '../../../../lambdas/otp/limits/guard.ts';
import type { LimitRefusal } from '../../../../lambdas/otp/limits/refusal.ts';
import { maxAttemptsFor } from '../../../../lambdas/otp/limits/reputation.ts';
import { trustOf } from '../../../../lambdas/otp/limits/trust.ts';
import type { HeldLevel, Policy } from '../../../../lambdas/policy.ts';
import type { Part } from '../../ablation/parts.ts';
import { type Code, type Contender, type Entry, tickMs, type Visible } from '../contender.ts';
import { memoryDetector, type Watcher } from './detector.ts';
import { detectorSettings, policyFor } from './policy.ts';
import { memorySends } from './sends.ts';
import { subjectOf } from './subject.ts';

const [minuteMs, hourMs] = [60_000, 3_600_000];

type Without = Omit<Part, 'name' | 'thresholds'>;

/** The record of a verification, as far as the stream shows it. */
type Written = {
  /** The first twelve characters name the verification. */
  readonly key: string;
  readonly facts: Pick<
    TrafficEvent,
    'unverified' | 'trustedIp' | 'pair' | 'sincePreviousSendMs' | 'sinceFirstSendMs' | 'probes'
  >;
  readonly code: Code;
  mistyped: number;
};

type Admitted = Extract<Admission, { kind: 'admitted' }>;

const codeOf = ({ reputation, isCodeSpraying }: AdmissionFacts, isPair: boolean, { code }: Policy, nowMs: number) => ({
  digits: isCodeSpraying && !isPair ? code.duringCodeSpraying.digits : code.digits,
  maxAttempts: maxAttemptsFor(reputation, code, { isCodeSpraying, isPair }, nowMs),
});

const factsIn = (facts: AdmissionFacts, { reservation }: Admitted, attempt: Visible, policy: Policy, nowMs: number) => {
  const { isTrustedNumber, isTrustedIp, isPair } = trustOf(facts, subjectOf(attempt), policy, nowMs);
  const levels: readonly HeldLevel[] = reservation.probes.map(({ level }) => level);
  return {
    unverified: !isTrustedNumber,
    trustedIp: isTrustedIp ? true : undefined,
    pair: isPair ? true : undefined,
    probes: levels.length > 0 ? levels : undefined,
    ...sinceSends(facts, nowMs),
  };
};

/**
 * @param without a part that is left out.
 * @param launches that staff announce.
 * @param watcher is told of what its detector does.
 */
export const ours = (
  name: string,
  countries: readonly string[],
  without: Without = {},
  launches: readonly Launch[] = [],
  watcher?: Watcher,
): Entry => ({
  name,
  enter: () => enter((without.policy ?? same)(policyFor(countries)), without, launches, watcher),
});

const same = (policy: Policy): Policy => policy;

const enter = (policy: Policy, without: Without, launches: readonly Launch[], watcher?: Watcher): Contender => {
  const detector = memoryDetector(detectorSettings(policy, without.rules), launches, watcher);
  const sends = memorySends(policy, detector, without.blind);
  const records = new WeakMap<Visible, Written>();
  let [lastId, verifications, waitMs] = [0, 0, 0];

  const note = (kind: TrafficKind, attempt: Visible, atMs: number, refused?: LimitRefusal): void => {
    lastId += 1;
    const record = records.get(attempt);
    detector.note({
      version: 1,
      id: String(lastId),
      kind,
      atMs,
      startedAtMs: refused === undefined ? attempt.atMs : atMs,
      subject: subjectOf(attempt),
      purpose: 'login',
      verification: record?.key,
      unverified: false,
      ...(refused === undefined ? record?.facts : {}),
      mistyped: kind === 'approved' ? (record?.mistyped ?? 0) : undefined,
      reason: refused?.because,
      limit: refused?.limit,
    });
  };

  const refuse = (attempt: Visible, refusal: LimitRefusal, nowMs: number): 'refused' => {
    waitMs = 1000 * refusal.retryAfterSeconds;
    if (without.blind?.noteRate || sends.takeNote(attempt, nowMs)) note('refused', attempt, nowMs, refusal);
    return 'refused';
  };

  const ask = (attempt: Visible): 'sent' | 'refused' => {
    const nowMs = attempt.atMs;
    detector.catchUp(nowMs);
    verifications += 1;
    const key = String(verifications).padStart(12, '0');
    const facts = sends.factsOf(attempt, nowMs);
    const admission = sends.admitted(facts, attempt, key, nowMs);
    if (admission.kind === 'refused') return refuse(attempt, admission, nowMs);
    const written = factsIn(facts, admission, attempt, policy, nowMs);
    const code = codeOf(facts, written.pair === true, policy, nowMs);
    records.set(attempt, { key, facts: written, code, mistyped: 0 });
    sends.take(attempt, admission, nowMs);
    note('started', attempt, nowMs);
    return 'sent';
  };

  const resend = (attempt: Visible, nowMs: number): 'sent' | 'refused' => {
    detector.catchUp(nowMs);
    const { key = '', facts: written } = records.get(attempt) ?? {};
    const facts = sends.factsOf(attempt, nowMs);
    const admission = sends.admitted(facts, attempt, key, nowMs, written?.probes ?? []);
    if (admission.kind === 'refused') return refuse(attempt, admission, nowMs);
    sends.take(attempt, admission, nowMs);
    note('resent', attempt, nowMs);
    return 'sent';
  };

  const guessed = (attempt: Visible, kind: 'approved' | 'wrong', atMs: number): void => {
    const record = records.get(attempt);
    if (record === undefined) return;
    if (kind === 'wrong') record.mistyped += 1;
    note(kind, attempt, atMs);
    sends[kind](attempt, record, atMs);
  };

  return {
    remember: detector.remember,
    ask,
    resend,
    isProbe: (attempt) => records.get(attempt)?.facts.probes !== undefined,
    waitMs: () => waitMs,
    wouldSend: (attempt) => {
      const facts = sends.factsOf(attempt, attempt.atMs);
      return sends.admitted(facts, attempt, 'nobody', attempt.atMs).kind === 'admitted';
    },
    verified: (attempt, atMs) => guessed(attempt, 'approved', atMs),
    wrong: (attempt, atMs) => guessed(attempt, 'wrong', atMs),
    codeOf: (attempt) => records.get(attempt)?.code ?? policy.code,
    tick: (nowMs) => {
      detector.catchUp(nowMs);
      if (nowMs % minuteMs < tickMs) detector.follow(nowMs);
      if (nowMs % hourMs >= tickMs) return;
      sends.expire(nowMs);
      detector.review(nowMs);
    },
    report: detector.report,
  };
};
