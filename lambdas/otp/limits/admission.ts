import type { Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import { type Block, refusedByBlocks } from './blocks.ts';
import { exceededCap } from './caps.ts';
import { brokenLimitOf, type Guard, type NumberFacts, withSend } from './guard.ts';
import { exceededIp } from './ip-limit.ts';
import { exceededCountry } from './low-volume.ts';
import { momentOf } from './moment.ts';
import { firstRefusal, type LimitRefusal, phoneRefusal, refusalOf } from './refusal.ts';
import { type CounterFacts, type Exceeded, type Reservation, reservationOf } from './reservation.ts';
import { trustOf } from './trust.ts';

/** What the tables hold about a send, read at once. */
export type AdmissionFacts = CounterFacts &
  NumberFacts & {
    readonly blocks: readonly Block[];
    /** The country is under code spraying. */
    readonly isCodeSpraying: boolean;
  };

/** A send to decide about: its subject, and the key of the verification's record. */
type Asked = Subject & { readonly key: string };

export type Admission =
  | { readonly kind: 'admitted'; readonly guard: Guard; readonly reservation: Reservation }
  | LimitRefusal;

/**
 * Decides whether one more SMS may be sent, and what it takes from the shared counters. It writes nothing, so a refused
 * request costs nobody anything.
 */
export const admit = (facts: AdmissionFacts, asked: Asked, policy: Policy, nowMs: number): Admission => {
  const trust = trustOf(facts, asked, policy, nowMs);
  const reservation = reservationOf(facts, asked, policy, trust, nowMs);
  const ofPhone = brokenLimitOf(facts, trust, policy.sends, nowMs);
  const { ip, countryDay, caps, price } = reservation;
  const refused = (exceeded: Exceeded | undefined) => exceeded && refusalOf(exceeded, nowMs);
  // The IP first: a caller over its limit learns nothing about the number.
  const refusals = [
    refused(ip && exceededIp(ip, { tatMs: ip.tatMs, countriesToday: facts.ip.countriesToday }, nowMs)),
    refusedByBlocks(facts.blocks, trust, nowMs),
    ofPhone && phoneRefusal(ofPhone),
    refused(countryDay && exceededCountry(countryDay, facts.country.sentToday)),
    ...caps.map((share) => refused(exceededCap(share, facts.spent[share.cap.of], price))),
  ].filter((refusal) => refusal !== undefined);
  const refusal = firstRefusal(refusals);
  if (refusal !== undefined) return refusal;
  return { kind: 'admitted', guard: withSend(facts.guard, momentOf(asked.key, nowMs, trust.isPair)), reservation };
};
