import { arePlain, historyText, usualTimeBuckets } from '../../lambdas/aws/tables/traffic.ts';
import { type BatchPlace, isBehind, placesOf } from '../../lambdas/bursts/counts/batch.ts';
import {
  type Addition,
  additionsOf,
  type CountName,
  type Counts,
  noCounts,
  plainCounts,
  type SlotLetter,
  slottedCounts,
  withoutLanes,
} from '../../lambdas/bursts/counts/counts.ts';
import type { TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import type { History } from '../../lambdas/bursts/counts/history.ts';
import { type Key, nameOf } from '../../lambdas/bursts/counts/keys.ts';
import { timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import type { KeyState } from '../../lambdas/bursts/evidence/assess.ts';
import type { RolledUp } from '../../lambdas/bursts/ports.ts';
import { dayOf } from '../../lambdas/otp/limits/caps.ts';
import { inTransaction, type Units } from './units.ts';

/** Time buckets that counts are kept for before they are rolled up: 26 hours. */
export const keptTimeBuckets = 156;

type Mutable = { -readonly [Name in keyof Counts]: Counts[Name] extends readonly number[] ? number[] : Counts[Name] };

type Counted = {
  readonly key: Key;
  history: History | undefined;
  counts: Mutable[];
  /** Time buckets that were rolled up: the table keeps them for as long as an event may come. */
  rolledUp: readonly Counts[];
};

/** A launch counts the requests of a country or of a prefix. Nobody needs other counts again. */
const mayHaveLaunch = ({ level }: Key): boolean => level === 'country' || level === 'prefix';

const rolledUpAfter = ({ key, rolledUp, counts }: Counted, { timeBucket: last }: History): readonly Counts[] =>
  mayHaveLaunch(key)
    ? [...rolledUp, ...counts].filter(({ timeBucket }) => timeBucket <= last && timeBucket > last - keptTimeBuckets)
    : [];

const emptyTimeBucket = (timeBucket: number): Mutable => {
  const { started, verified, unentered, guessed, ips, ...plain } = noCounts(timeBucket);
  return {
    ...plain,
    started: [...started],
    verified: [...verified],
    unentered: [...unentered],
    guessed: [...guessed],
    ips: [...ips],
  };
};

const timeBucketIn = (counts: Mutable[], timeBucket: number): Mutable => {
  for (let at = counts.length - 1; at >= 0; at -= 1) {
    const each = counts[at];
    if (each?.timeBucket === timeBucket) return each;
  }
  const made = emptyTimeBucket(timeBucket);
  counts.push(made);
  counts.sort((one, other) => one.timeBucket - other.timeBucket);
  return made;
};

const bump = (counts: Mutable, name: CountName, by: number): void => {
  const plain = plainCounts.find((each) => each === name);
  if (plain !== undefined) {
    counts[plain] += by;
    return;
  }
  const slots = counts[slottedCounts[name.charAt(0) as SlotLetter].name];
  const slot = Number(name.slice(1));
  if (slots[slot] === undefined) throw new Error(`No table has the count ${name}.`);
  slots[slot] += by;
};

const addTo = (all: Mutable[], { timeBucket, add, ips, applications }: Addition): void => {
  const counts = timeBucketIn(all, timeBucket);
  for (const [name, by] of add) bump(counts, name, by);
  for (const slot of ips) if (!counts.ips.includes(slot)) counts.ips.push(slot);
  const others = [...applications].filter((each) => !counts.applications.includes(each));
  if (others.length > 0) counts.applications = [...counts.applications, ...others].toSorted();
};

/** Names and values, as DynamoDB counts them: about 40 bytes beside the key's name and the text. */
const rollUpUnits = ({ key }: RolledUp, text: string): number =>
  Math.ceil((40 + nameOf(key).length + text.length) / 1024);

/** Approvals of countries and days, which the send path reads: they are counted until there are enough. */
const dayCounter = (enough: number) => {
  const counts = new Map<string, number>();
  const nameOfDay = (country: string, atMs: number): string => `${country} ${dayOf(atMs)}`;
  const isEnough = (country: string, atMs: number): boolean => (counts.get(nameOfDay(country, atMs)) ?? 0) >= enough;
  return {
    isEnough,
    /** @returns how many countries and days were written. */
    add: (events: readonly TrafficEvent[]): number => {
      const approved = events.filter(
        ({ kind, subject, atMs }) => kind === 'approved' && !isEnough(subject.country, atMs),
      );
      const byDay = Map.groupBy(approved, ({ subject, atMs }) => nameOfDay(subject.country, atMs));
      for (const [day, own] of byDay) counts.set(day, (counts.get(day) ?? 0) + own.length);
      return byDay.size;
    },
  };
};

/** Whether something else than its counters makes a key needed. */
type IsNeeded = (key: Key, counted: { readonly newest: number; readonly hasHistory: boolean }) => boolean;

/** Events, each once: those that count for something, and whether by plain writes. And the others. */
const byWhetherTheyCount = (events: readonly TrafficEvent[], nowMs: number) => {
  const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
  const counts = (event: TrafficEvent) => event.kind === 'approved' || additionsOf([event]).length > 0;
  const counting = distinct.filter(counts);
  const isPlain = arePlain(counting.length, isBehind(events, nowMs));
  return { counting, isPlain, others: distinct.filter((event) => !counts(event)) };
};

const stateAt = ({ history, counts }: Counted, nowMs: number): KeyState => {
  const from = Math.max(timeBucketOf(nowMs) - keptTimeBuckets, (history?.timeBucket ?? 0) + 1);
  return { history, counts: counts.filter(({ timeBucket }) => timeBucket >= from) };
};

/** @param text of the history, as the table would give it back. */
const keepHistory = (known: Counted, text: string): void => {
  const history = JSON.parse(text) as History;
  known.rolledUp = rolledUpAfter(known, history);
  known.history = history;
  known.counts = known.counts.filter(({ timeBucket }) => timeBucket > history.timeBucket);
};

const countsFrom = ({ rolledUp, counts }: Counted, from: number): readonly Counts[] =>
  withoutLanes([...rolledUp, ...counts]).filter(({ timeBucket }) => timeBucket >= from);

/** The writes that count events: twice in a transaction. */
const bill = (units: Units, isPlain: boolean, writes: Pick<Units, 'entries' | 'counts' | 'days'>): void => {
  const each = isPlain ? 1 : inTransaction;
  units.entries += each * writes.entries;
  units.counts += each * writes.counts;
  units.days += each * writes.days;
};

/** Whether the table is asked twice for a key, because its history is older than most. */
const isHistoryOld = ({ key: { level }, history }: Counted, nowMs: number): boolean =>
  level !== 'codes' &&
  level !== 'everywhere' &&
  (history?.timeBucket ?? 0) + 1 < timeBucketOf(nowMs) - usualTimeBuckets;

/** The counters of the detector, in memory. Each call is atomic, as a transaction is. */
export const memoryCounters = (units: Units, verifiedEnough: number) => {
  const counted = new Map<string, Counted>();
  const entries = new Map<string, { readonly atMs: number; readonly place: BatchPlace | undefined }>();
  const days = dayCounter(verifiedEnough);
  let runningSince: number | undefined;

  const of = (key: Key): Counted => {
    const known = counted.get(nameOf(key)) ?? { key, history: undefined, counts: [], rolledUp: [] };
    counted.set(nameOf(key), known);
    return known;
  };

  const count = (events: readonly TrafficEvent[], nowMs: number): void => {
    const places = placesOf(events, nowMs);
    const { counting, isPlain, others } = byWhetherTheyCount(events, nowMs);
    const fresh = counting.filter(({ id }) => !entries.has(id));
    const additions = additionsOf(fresh);
    for (const { id, atMs } of [...fresh, ...others]) entries.set(id, { atMs, place: places.get(id) });
    bill(units, isPlain, { entries: fresh.length, counts: additions.length, days: days.add(fresh) });
    units.entries += others.length;
    for (const addition of additions) addTo(of(addition.key).counts, addition);
  };

  return {
    count,
    /** The place of an event in the batch that its entry in the audit trail names. */
    placeOf: (id: string): BatchPlace | undefined => entries.get(id)?.place,
    runningSinceMs: (nowMs: number): number => (runningSince ??= nowMs),
    stateOf: (key: Key, nowMs: number): KeyState => stateAt(of(key), nowMs),
    /** Whether the approvals of a country are read with its facts. */
    isWatched: ({ level, of: country }: Key, nowMs: number): boolean =>
      level === 'country' && Number.isFinite(verifiedEnough) && !days.isEnough(country, nowMs),
    isHistoryOld: (key: Key, nowMs: number): boolean => isHistoryOld(of(key), nowMs),
    refusedSince: (key: Key, from: number, nowMs: number) =>
      of(key)
        .counts.filter(({ timeBucket }) => timeBucket >= from && timeBucket <= timeBucketOf(nowMs))
        .map(({ timeBucket, blocked }) => ({ timeBucket, count: blocked })),
    rollUp: (rolledUp: RolledUp): void => {
      const { history } = rolledUp;
      const known = of(rolledUp.key);
      const text = historyText(history);
      units.rollUps += rollUpUnits(rolledUp, text);
      if (known.history !== undefined && known.history.timeBucket >= history.timeBucket) return;
      keepHistory(known, text);
    },
    keys: (): readonly Key[] => [...counted.values()].map(({ key }) => key),
    countsOf: (key: Key): readonly Counts[] => of(key).counts,
    countsFrom: (key: Key, from: number): readonly Counts[] => countsFrom(of(key), from),
    historyOf: (key: Key): History | undefined => of(key).history,
    /** Forgets events that cannot come again, and the counters of keys that are not needed. */
    expire: (nowMs: number, isNeeded: IsNeeded): void => {
      for (const [id, { atMs }] of entries)
        if (timeBucketOf(atMs) < timeBucketOf(nowMs) - keptTimeBuckets) entries.delete(id);
      for (const [name, { key, history, counts }] of counted) {
        const newest = Math.max(history?.timeBucket ?? 0, counts.at(-1)?.timeBucket ?? 0);
        if (!isNeeded(key, { newest, hasHistory: history !== undefined })) counted.delete(name);
      }
    },
  };
};
