import { thresholds } from '../evidence/thresholds.ts';
import type { TrafficEvent } from './events.ts';
import type { Key } from './keys.ts';

/** Of whom each key's requests are. What is counted there, and who a restriction there holds, is the same. */

/** A trusted number that asks from a network where it has verified. Nothing that strangers do counts against it. */
export const isOfPair = ({ pair, unverified }: TrafficEvent): boolean => pair === true && !unverified;

/** Unverified numbers from untrusted IPs: a small part of people's traffic, and most of attackers'. */
export const isOfStratum = ({ unverified, trustedIp, subject }: TrafficEvent): boolean =>
  unverified && trustedIp !== true && !subject.sharedIp;

/** Trusted numbers from a network and an IP that say nothing for them: customers' numbers, in the hands of an attacker. */
const isFromNewNetwork = (event: TrafficEvent): boolean =>
  !event.unverified && event.trustedIp !== true && !event.subject.sharedIp && !isOfPair(event);

/**
 * The keys among whose population the sender of an event is. An IP that all users of a back end share is none.
 */
export const populationsOf = (event: TrafficEvent): readonly Key[] => {
  const { range, prefix, country, ip, sharedIp } = event.subject;
  const isStranger = isOfStratum(event);
  const keys: readonly (Key | undefined)[] = [
    event.unverified ? { level: 'range', of: range } : undefined,
    isStranger ? { level: 'prefix', of: prefix } : undefined,
    isStranger ? { level: 'country', of: country } : undefined,
    isFromNewNetwork(event) ? { level: 'new-network', of: country } : undefined,
    sharedIp || isOfPair(event) ? undefined : { level: 'ip', of: ip },
  ];
  return keys.filter((key) => key !== undefined);
};

/**
 * Whether a request is of a person who does not count yet. However often a number asks, it is one person: again only when
 * three hours have passed since its first SMS that was not approved.
 */
export const isNewPerson = ({ sincePreviousSendMs = 0, sinceFirstSendMs }: TrafficEvent): boolean => {
  if (sinceFirstSendMs === undefined) return true;
  const periods = (ms: number): number => Math.floor(ms / thresholds.person.againAfterMs);
  return periods(sinceFirstSendMs) > periods(sinceFirstSendMs - sincePreviousSendMs);
};

/**
 * Whether a request or a resend is the second SMS of its person. A person is noted so once, or twice if the second SMS was
 * asked for in both ways.
 */
export const isSecondSms = (event: TrafficEvent): boolean => {
  if (event.kind === 'resent') return event.sends === 2 && isNewPerson(event);
  return (
    event.sinceFirstSendMs !== undefined && event.sinceFirstSendMs === event.sincePreviousSendMs && !isNewPerson(event)
  );
};

/** Whether the second SMS of a person who verifies was noted of the same verification. */
export const hadSecondSms = (event: TrafficEvent): boolean =>
  isSecondSms(event) || ((event.sends ?? 1) > 1 && isNewPerson(event));

/** When the person of an approval was counted; after so long that history has it, when the approved code was requested. */
export const countedAtMs = (event: TrafficEvent): number => {
  const { startedAtMs, sinceFirstSendMs } = event;
  if (sinceFirstSendMs === undefined || sinceFirstSendMs > thresholds.person.sameUntilMs) return startedAtMs;
  return startedAtMs - sinceFirstSendMs;
};
