import type { TrafficEvent } from '../counts/events.ts';
import { everywhere, type Key, type Level, levels, nameOf } from '../counts/keys.ts';

/** A subject of events, and the levels at which its keys have to be judged. */
export type Affected = {
  readonly subject: TrafficEvent['subject'];
  readonly levels: ReadonlySet<Level>;
  readonly isExempt: boolean;
};

const refusedLevel = ({ limit, reason }: TrafficEvent): Level | undefined =>
  levels.find((level) => limit === `block-${level}`) ?? (reason === 'phone' ? 'phone' : undefined);

const caps: readonly (string | undefined)[] = ['cap-country', 'cap-total'];

const levelsOf = (event: TrafficEvent): readonly Level[] => {
  const { kind, unverified } = event;
  if (kind === 'started') return unverified ? ['range', 'prefix', 'country', 'ip'] : ['ip'];
  if (kind === 'wrong') return ['phone', 'ip', 'codes'];
  // A fast attack may use a cap up before its codes are old enough to be missed, and sends nothing afterwards.
  if (kind === 'refused' && caps.includes(event.limit)) return ['range', 'prefix', 'country'];
  const refused = kind === 'refused' ? refusedLevel(event) : undefined;
  return refused === undefined ? [] : [refused];
};

export const keyAt = (level: Level, { phoneKey, ip, range, prefix, country }: TrafficEvent['subject']): Key => ({
  level,
  of: { phone: phoneKey, ip, range, prefix, country, codes: country, everywhere }[level],
});

/** The subjects that events concern, in the order of the events. */
export const affectedBy = (events: readonly TrafficEvent[], exempt: readonly string[]): readonly Affected[] => {
  const affected = new Map<string, Affected & { readonly levels: Set<Level> }>();
  for (const event of events) {
    const { subject } = event;
    const levels = levelsOf(event);
    if (levels.length === 0) continue;
    const id = [subject.phoneKey, subject.ip, subject.range].join('\n');
    const known = affected.get(id) ?? { subject, levels: new Set(), isExempt: exempt.includes(subject.application) };
    for (const level of levels) if (level !== 'ip' || !known.isExempt) known.levels.add(level);
    affected.set(id, known);
  }
  return [...affected.values()];
};

const chainLevels = ['country', 'prefix', 'range', 'ip'] as const;

/** The levels that a subject is compared with: an IP with its country, a group with all around it. */
const comparedLevels = ({ levels, isExempt }: Affected): readonly Level[] => {
  const isOfGroups = (['range', 'prefix', 'country'] as const).some((level) => levels.has(level));
  if (isOfGroups) return chainLevels.filter((level) => level !== 'ip' || !isExempt);
  return levels.has('ip') || levels.has('codes') ? ['country'] : [];
};

/** The keys whose facts decide about events. */
export const keysOf = (events: readonly TrafficEvent[], exempt: readonly string[]): readonly Key[] => {
  const keys = new Map<string, Key>();
  for (const each of affectedBy(events, exempt)) {
    for (const level of new Set([...comparedLevels(each), ...each.levels])) {
      const key = keyAt(level, each.subject);
      keys.set(nameOf(key), key);
    }
  }
  return [...keys.values()];
};
