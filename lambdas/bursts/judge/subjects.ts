import type { TrafficEvent } from '../counts/events.ts';
import { type Key, levels, nameOf } from '../counts/keys.ts';
import { populationsOf } from '../counts/populations.ts';

type Subject = TrafficEvent['subject'];

/** A subject of events, and its keys that have to be judged. */
export type Affected = {
  readonly subject: Subject;
  readonly keys: readonly Key[];
  readonly isTrustedIp: boolean;
};

export type Group = 'range' | 'prefix' | 'country' | 'ip' | 'new-network';

export const keyAt = (level: Group, { ip, range, prefix, country }: Subject): Key => ({
  level,
  of: { ip, range, prefix, country, 'new-network': country }[level],
});
const phoneOf = ({ phoneKey }: Subject): Key => ({ level: 'phone', of: phoneKey });

const groups = ['range', 'prefix', 'country'] as const;
const caps: readonly (string | undefined)[] = ['cap-country', 'cap-total', 'cap-application'];

/** The key whose block or limit refused. */
const refusingKey = ({ subject, limit, reason }: TrafficEvent): readonly Key[] => {
  const level = levels.find((each) => limit === `block-${each}`);
  if (level === 'codes' || level === 'everywhere') return [];
  if (level !== undefined && level !== 'phone') return [keyAt(level, subject)];
  return level === 'phone' || reason === 'phone' ? [phoneOf(subject)] : [];
};

/** The keys that an event may say something of: those that it counts for, and whose blocks it presses against. */
const judgedBy = (event: TrafficEvent): readonly Key[] => {
  const { kind, subject } = event;
  // A resend is one more SMS to somebody who has entered no code.
  if (kind === 'started' || kind === 'resent') return populationsOf(event);
  if (kind === 'wrong') {
    const codes = [subject.country, subject.phoneKey].map((of): Key => ({ level: 'codes', of }));
    return subject.sharedIp ? codes : [keyAt('ip', subject), ...codes];
  }
  if (kind !== 'refused') return [];
  // A fast attack may use a cap up before its codes are old enough to be missed, and sends nothing afterwards.
  if (caps.includes(event.limit)) return groups.map((level) => keyAt(level, subject));
  return refusingKey(event).filter(({ level }) => level !== 'ip' || !subject.sharedIp);
};

/** The subjects that events concern, in the order of the events. */
export const affectedBy = (events: readonly TrafficEvent[]): readonly Affected[] => {
  const affected = new Map<string, Affected & { readonly keys: Key[] }>();
  for (const event of events) {
    const { subject } = event;
    const keys = judgedBy(event);
    if (keys.length === 0) continue;
    const isTrustedIp = event.trustedIp === true;
    const id = [subject.phoneKey, subject.ip, subject.range, isTrustedIp, subject.sharedIp].join('\n');
    const known = affected.get(id) ?? { subject, keys: [], isTrustedIp };
    for (const key of keys) if (!known.keys.some((each) => nameOf(each) === nameOf(key))) known.keys.push(key);
    affected.set(id, known);
  }
  return [...affected.values()].map((each) => ({ ...each, keys: narrowestFirst(each.keys) }));
};

/** A part is judged before what it is a part of, which then knows of it. */
const narrowestFirst = (keys: readonly Key[]): readonly Key[] =>
  keys.toSorted((one, other) => rankOf(one) - rankOf(other));
const rankOf = ({ level }: Key): number => levels.indexOf(level);

/** The keys that a key is compared with: each with its country, a group with all around it. */
const comparedWith = (key: Key, { subject }: Affected): readonly Key[] => {
  if (key.level === 'phone' || (key.level === 'codes' && key.of === subject.phoneKey)) return [phoneOf(subject)];
  const around = groups.some((level) => level === key.level)
    ? [...groups, ...(subject.sharedIp ? [] : (['ip'] as const))]
    : (['country'] as const);
  return around.map((level) => keyAt(level, subject));
};

/** The keys whose facts decide about events. */
export const keysOf = (events: readonly TrafficEvent[]): readonly Key[] => {
  const keys = new Map<string, Key>();
  for (const each of affectedBy(events)) {
    for (const key of each.keys) {
      for (const needed of [...comparedWith(key, each), key]) keys.set(nameOf(needed), needed);
    }
  }
  return [...keys.values()];
};
