import type { Channel, HeldLevel, Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import { type BlockFacts, holdingBlocks, noProbes, type Probes, probesFor } from './blocks.ts';
import { exceededCap, exceededNotify } from './caps.ts';
import { askerOf, brokenLimitOf, type Guard, type NumberFacts, withSend } from './guard.ts';
import { exceededIp } from './ip-limit.ts';
import { exceededCountry } from './low-volume.ts';
import { momentOf } from './moment.ts';
import { blockRefusal, firstRefusal, type LimitRefusal, phoneRefusal, refusalOf } from './refusal.ts';
import { type CounterFacts, type Exceeded, type Reservation, reservationOf } from './reservation.ts';
import { type Trust, trustOf } from './trust.ts';

/** What the tables hold about a send, read at once. */
export type AdmissionFacts = CounterFacts &
  NumberFacts &
  BlockFacts & {
    /** The country is under code spraying, or this number's codes are guessed at. */
    readonly isCodeSpraying: boolean;
    /** Theoretical arrival time of the refusals of the IP that are noted, in epoch milliseconds. */
    readonly refusedTatMs: number;
  };

/** A send to decide about: its subject, and the key of the verification's record. */
type Asked = Subject & {
  readonly key: string;
  /** Parts of the SMS, each of which has its price. A call has none. */
  readonly smsParts: number;
  /** Without it, an SMS. */
  readonly channel?: Channel | undefined;
  /** Of a look-up of the SIM that comes with the send, in micro-USD. */
  readonly lookUpPrice?: number | undefined;
  /**
   * Of a resend: the levels of the restrictions that its verification passed as a probe. It passes these, and no others: a
   * record says once what it is a probe of. `undefined`: it is a request.
   */
  readonly passed?: readonly HeldLevel[] | undefined;
};

export type Admission =
  | { readonly kind: 'admitted'; readonly guard: Guard; readonly reservation: Reservation }
  | LimitRefusal;

/**
 * Decides whether one more SMS may be sent, and what it takes from the shared counters. It writes nothing, so a refused
 * request costs nobody anything.
 */
export const admit = (facts: AdmissionFacts, asked: Asked, policy: Policy, nowMs: number): Admission => {
  const trust = trustOf(facts, asked, policy, nowMs);
  const passage = passageOf(facts, asked, trust, nowMs);
  const probes = passage.kind === 'refused' ? noProbes : passage.probes;
  const reservation = reservationOf(facts, asked, policy, trust, nowMs);
  const ofPhone = brokenLimitOf(facts, askerOf(trust, policy, asked), policy.sends, nowMs);
  const { ip, countryDay, notify, caps, price } = reservation;
  const refused = (exceeded: Exceeded | undefined) => exceeded && refusalOf(exceeded, nowMs);
  // The IP first: a caller over its limit learns nothing about the number.
  const refusals = [
    refused(ip && exceededIp(ip, { ...facts.ip, tatMs: ip.tatMs }, nowMs)),
    passage.kind === 'refused' ? passage : undefined,
    ofPhone && phoneRefusal(ofPhone),
    refused(countryDay && exceededCountry(countryDay, facts.country.sentToday)),
    refused(notify && exceededNotify(notify, facts.notifiedToday)),
    ...caps.map((share) => refused(exceededCap(share, facts.spent[share.cap.of], price))),
  ].filter((refusal) => refusal !== undefined);
  const refusal = firstRefusal(refusals);
  if (refusal !== undefined) return refusal;
  const guard = withSend(facts.guard, momentOf(asked.key, nowMs, trust.isPair, asked.channel === 'voice'));
  return { kind: 'admitted', guard, reservation: { ...reservation, ...probes } };
};

type Passage = { readonly kind: 'passed'; readonly probes: Probes } | LimitRefusal;

const passageOf = (facts: AdmissionFacts, asked: Asked, trust: Trust, nowMs: number): Passage => {
  const { passed } = asked;
  const holding = holdingBlocks(facts.blocks, trust, nowMs);
  const left = holding.filter((block) => block.probeIntervalMs === undefined || !passed?.includes(block.level));
  if (left.length === 0) return { kind: 'passed', probes: noProbes };
  const probes = passed === undefined ? probesFor(left, facts, asked, trust, nowMs) : undefined;
  return probes === undefined ? blockRefusal(left, nowMs) : { kind: 'passed', probes };
};
