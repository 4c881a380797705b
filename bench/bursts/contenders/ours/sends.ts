/** The send path in memory: the facts of a request, what it takes, and what guesses change. */

import { type Admission, type AdmissionFacts, admit } from '../../../../lambdas/otp/limits/admission.ts';
import type { Block } from '../../../../lambdas/otp/limits/blocks.ts';
import { dayOf } from '../../../../lambdas/otp/limits/caps.ts';
import { type Guard, noGuard } from '../../../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../../../lambdas/otp/limits/moment.ts';
import { afterGuess, noReputation, type Reputation } from '../../../../lambdas/otp/limits/reputation.ts';
import { type HeldLevel, heldLevels, type Policy } from '../../../../lambdas/policy.ts';
import type { Blind } from '../../ablation/parts.ts';
import { startMs } from '../../traffic/calendar.ts';
import type { Visible } from '../contender.ts';
import { memoryIps } from './ips.ts';
import { phoneKeyOf, subjectOf } from './subject.ts';

type Day = { sent: number; verified: number };

const dayMs = 86_400_000;
/** As a pair names its network. */
const networkLength = 12;
/** Numbers that verified before the run did so a day before it. */
const verifiedBeforeMs = startMs - dayMs;

const reputationBefore = ({ verifiedBefore, verifiedFrom }: Visible): Reputation => {
  if (!verifiedBefore) return noReputation;
  const pairs = verifiedFrom.map((network) => ({ network: network.slice(0, networkLength), atMs: verifiedBeforeMs }));
  return { ...noReputation, verifiedAtMs: verifiedBeforeMs, pairs };
};

/** A block of the detector, as the table has it without the times of probes. */
export type Held = Omit<Block, 'probedAtMs'>;

export type Holding = {
  /** The block on a key. */
  readonly blockOn: (level: HeldLevel, of: string, nowMs: number) => Held | undefined;
  /** Whether codes are longer, for a country or a number. */
  readonly areCodesLonger: (of: string, nowMs: number) => boolean;
};

/** The record whose code is guessed. */
type Guessed = {
  readonly key: string;
  readonly facts: { readonly unverified: boolean; readonly pair?: boolean | undefined };
};

const noAskers = { askersToday: [], askersYesterday: [] };
const noProbe = { probeIntervalMs: undefined };

/** @param blind what it does not know, to see what that is worth. */
export const memorySends = (policy: Policy, { blockOn, areCodesLonger }: Holding, blind: Blind = {}) => {
  const guards = new Map<string, Guard>();
  const reputations = new Map<string, Reputation>();
  const days = new Map<string, Day>();
  /** Times of the last probes, by level and key. A new block on a key takes them over. */
  const probed = new Map<string, number>();
  const ips = memoryIps();

  const reputationOf = (attempt: Visible): Reputation =>
    reputations.get(phoneKeyOf(attempt)) ?? reputationBefore(attempt);

  const dayIn = (country: string, nowMs: number): Day => {
    const key = `${country}#${dayOf(nowMs)}`;
    const known = days.get(key) ?? { sent: 0, verified: 0 };
    days.set(key, known);
    return known;
  };

  const blocksOn = (attempt: Visible, nowMs: number): readonly Block[] => {
    const { phoneKey: phone, ip, range, prefix, country } = subjectOf(attempt);
    const keys: Readonly<Record<HeldLevel, string>> = { phone, ip, range, prefix, country, 'new-network': country };
    return heldLevels.flatMap((level): Block[] => {
      if (blind.levels?.includes(level)) return [];
      const block = blockOn(level, keys[level], nowMs);
      if (block === undefined) return [];
      return [{ ...block, probedAtMs: probed.get(`${level} ${block.of}`), ...(blind.probes ? noProbe : {}) }];
    });
  };

  const factsOf = (attempt: Visible, nowMs: number): AdmissionFacts => {
    const { country, network } = attempt;
    const phoneKey = phoneKeyOf(attempt);
    const today = dayIn(country, nowMs);
    return {
      guard: guards.get(phoneKey) ?? noGuard,
      reputation: blind.pairs ? { ...reputationOf(attempt), pairs: [] } : reputationOf(attempt),
      blocks: blocksOn(attempt, nowMs),
      networkProbedAtMs: ips.networkProbedAtMs(network),
      refusedTatMs: ips.refusedTatMs(attempt, nowMs),
      isCodeSpraying: areCodesLonger(country, nowMs) || areCodesLonger(phoneKey, nowMs),
      ip: blind.askers ? { ...ips.factsOf(attempt, nowMs), ...noAskers } : ips.factsOf(attempt, nowMs),
      country: {
        sentToday: today.sent,
        verifiedToday: today.verified,
        verifiedYesterday: dayIn(country, nowMs - dayMs).verified,
      },
      spent: { total: { hour: 0, day: 0 }, country: { hour: 0, day: 0 }, application: { hour: 0, day: 0 } },
    };
  };

  const guessed = (attempt: Visible, { key, facts: { pair } }: Guessed, kind: 'right' | 'wrong', atMs: number) => {
    const guess = { kind, network: attempt.network, ...momentOf(key, atMs, pair) };
    reputations.set(phoneKeyOf(attempt), afterGuess(reputationOf(attempt), guess));
  };

  return {
    factsOf,
    /** @param passed levels whose restrictions the verification passed as a probe, of a resend. */
    admitted: (facts: AdmissionFacts, attempt: Visible, key: string, nowMs: number, passed?: readonly HeldLevel[]) =>
      admit(facts, { ...subjectOf(attempt), key, passed, smsParts: 1 }, policy, nowMs),
    take: (attempt: Visible, { guard, reservation }: Extract<Admission, { kind: 'admitted' }>, nowMs: number): void => {
      guards.set(phoneKeyOf(attempt), guard);
      dayIn(attempt.country, nowMs).sent += 1;
      ips.take(attempt, reservation, nowMs);
      for (const { level, of } of reservation.probes) probed.set(`${level} ${of}`, nowMs);
    },
    takeNote: ips.takeNote,
    approved: (attempt: Visible, record: Guessed, atMs: number): void => {
      ips.verified(attempt, phoneKeyOf(attempt), record.facts.unverified, atMs);
      dayIn(attempt.country, atMs).verified += 1;
      guessed(attempt, record, 'right', atMs);
    },
    wrong: (attempt: Visible, record: Guessed, atMs: number): void => guessed(attempt, record, 'wrong', atMs),
    expire: ips.expire,
  };
};
