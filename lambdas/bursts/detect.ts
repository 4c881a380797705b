import type { BurstPolicy } from '../policy.ts';
import { amongOthers, type Baseline, baselinesOf, type Chain, type History } from './counts/history.ts';
import { everywhere, type Key, type Level, levels, nameOf, type TrafficEvent, timeBucketMs } from './counts/traffic.ts';
import { type Holder, isLoud, parentOf, type Told } from './findings/case.ts';
import {
  type BlockedParts,
  judgeCountry,
  judgeKey,
  type LastBlock,
  type LastTold,
  type Matter,
  partName,
  prolong,
  type Ruling,
  runningHoursOf,
  siblingEvidence,
  sinceOf,
} from './judge/judge.ts';
import { type Reviewed, reviewCountries } from './judge/review.ts';
import { assess, type KeyState, ripeBefore, rollUpRipe, startedHour } from './judge/score.ts';

/** All that stands in the tables about a key. */
export type KeyFacts = KeyState & {
  readonly last: LastBlock | undefined;
  readonly told: LastTold | undefined;
  /** What was blocked within it: prefixes of a country, ranges of a prefix. */
  readonly parts: BlockedParts;
};

/** What the detector may do to the tables. Every port may throw `Unavailable`; the stream then brings its records again. */
export type BurstLedger = {
  /** Counts events, each once, however often they come, all of an event or nothing of it. */
  readonly count: (events: readonly TrafficEvent[]) => Promise<void>;
  readonly read: (keys: readonly Key[], nowMs: number) => Promise<ReadonlyMap<string, KeyFacts>>;
  /** When the detector saw its first event, epoch milliseconds. */
  readonly runningSinceMs: (nowMs: number) => Promise<number>;
  /** Keeps a history, unless somebody else has rolled up the same time buckets up already. */
  readonly rollUp: (rolledUp: RolledUp) => Promise<void>;
  /**
   * Writes the block, if there is one, what the next ruling has to know of this one, the case, and what is to be told
   * of it: all of it or nothing.
   *
   * @returns the ruling as it is told: what is part of something greater is told less loudly. `undefined` where the
   * key was ruled on already, or staff want no block.
   */
  readonly rule: (ruling: Ruling) => Promise<Told | undefined>;
  /** Prolongs a block, unless it has changed meanwhile. */
  readonly prolong: (prolonged: Prolonged) => Promise<void>;
};

export type DetectorPorts = {
  readonly now: () => number;
  readonly ledger: BurstLedger;
  /** Tells people, once the rulings are written. What it does not tell, the sweep does. */
  readonly tell: (told: readonly Told[]) => Promise<void>;
};

export type DetectorSettings = {
  readonly bursts: BurstPolicy;
  /** Of one SMS by country, in USD. */
  readonly priceUsd: (country: string) => number;
  readonly exemptApplications: readonly string[];
  /** Countries that SMS go to. */
  readonly countries: readonly string[];
};

/** What made a key worth looking at. */
type Case = { readonly subject: TrafficEvent['subject']; readonly levels: Set<Level>; readonly isExempt: boolean };

const levelsOf = ({ kind, unverified }: TrafficEvent): readonly Level[] => {
  if (kind === 'started') return unverified ? ['range', 'prefix', 'country', 'ip'] : ['ip'];
  return kind === 'wrong' ? ['phone', 'ip', 'codes'] : [];
};

const refusedLevel = ({ limit, reason }: TrafficEvent): Level | undefined => {
  return levels.find((level) => limit === `block-${level}`) ?? (reason === 'phone' ? 'phone' : undefined);
};

const keyAt = (level: Level, { phoneKey, ip, range, prefix, country }: TrafficEvent['subject']): Key => ({
  level,
  of: { phone: phoneKey, ip, range, prefix, country, codes: country, everywhere }[level],
});

const casesOf = (events: readonly TrafficEvent[], exempt: readonly string[]): readonly Case[] => {
  const cases = new Map<string, Case>();
  for (const event of events) {
    const { subject } = event;
    const refused = event.kind === 'refused' ? refusedLevel(event) : undefined;
    const levels = refused === undefined ? levelsOf(event) : [refused];
    if (levels.length === 0) continue;
    const id = [subject.phoneKey, subject.ip, subject.range].join('\n');
    const known = cases.get(id) ?? { subject, levels: new Set(), isExempt: exempt.includes(subject.application) };
    for (const level of levels) if (level !== 'ip' || !known.isExempt) known.levels.add(level);
    cases.set(id, known);
  }
  return [...cases.values()];
};

const chainLevels = ['country', 'prefix', 'range', 'ip'] as const;

export type RolledUp = { readonly key: Key; readonly history: History };
export type Prolonged = { readonly key: Key; readonly last: LastBlock; readonly before: LastBlock };

/** What is to be written after events were counted. */
export type Outcome = {
  readonly rolledUp: readonly RolledUp[];
  readonly prolonged: readonly Prolonged[];
  /** In the order in which they are to be written. */
  readonly rulings: readonly Ruling[];
};

/** What the keys of these levels are compared with: an IP with its country, a group with all around it. */
const chainFor = (levels: ReadonlySet<Level>, isExempt: boolean): readonly Level[] => {
  const isOfGroups = (['range', 'prefix', 'country'] as const).some((level) => levels.has(level));
  if (isOfGroups) return chainLevels.filter((level) => level !== 'ip' || !isExempt);
  return levels.has('ip') || levels.has('codes') ? ['country'] : [];
};

/** The keys whose facts decide about events. */
export const keysToRead = (
  events: readonly TrafficEvent[],
  { exemptApplications }: DetectorSettings,
): readonly Key[] => {
  const keys = new Map<string, Key>();
  for (const { subject, levels, isExempt } of casesOf(events, exemptApplications)) {
    for (const level of new Set([...chainFor(levels, isExempt), ...levels])) {
      const key = keyAt(level, subject);
      keys.set(nameOf(key), key);
    }
  }
  return [...keys.values()];
};

type Moment = { readonly nowMs: number; readonly runningSinceMs: number };

/** Decides about events that have been counted. A pure function of the facts. */
export const judgeTraffic = (
  events: readonly TrafficEvent[],
  facts: ReadonlyMap<string, KeyFacts>,
  settings: DetectorSettings,
  { nowMs, runningSinceMs }: Moment,
): Outcome => {
  const runningHours = runningHoursOf(runningSinceMs, nowMs);
  const round: Round = {
    readMs: Math.min(nowMs, Math.max(...events.map(({ atMs }) => atMs)) + streamLagMs),
    settings,
    facts: new Map(facts),
    looked: new Set(),
    runningHours,
    nowMs,
    rolledUp: [],
    prolonged: [],
    rulings: [],
    holders: new Map(),
  };
  for (const each of casesOf(events, settings.exemptApplications)) lookAt(each, round);
  return { ...round, rulings: withParents(round) };
};

/** Says of each ruling in which wider group it lies that is under a block, or a restriction, or is about to be. */
const withParents = ({ rulings, holders }: Round): readonly Ruling[] => {
  const all = [...holders.values(), ...rulings.filter(({ action }) => action !== 'none')];
  return rulings.map((ruling) => {
    const parent = parentOf(ruling.key, ruling.country, all);
    return parent === undefined ? ruling : { ...ruling, parent };
  });
};

/**
 * Counts what happened and acts on it: finds bursts, blocks them, and tells people.
 *
 * The counts are written first, and each once; all that follows is a function of what stands in the tables, so that a
 * batch that comes again, in whatever order, leads to the same rulings.
 */
export const detectBursts =
  ({ now, ledger, tell }: DetectorPorts, settings: DetectorSettings) =>
  async (events: readonly TrafficEvent[]): Promise<readonly Ruling[]> => {
    if (events.length === 0) return [];
    await ledger.count(events);
    const nowMs = now();
    const keys = keysToRead(events, settings);
    if (keys.length === 0) return [];
    const [facts, runningSinceMs] = await Promise.all([ledger.read(keys, nowMs), ledger.runningSinceMs(nowMs)]);
    const { rolledUp, prolonged, rulings } = judgeTraffic(events, facts, settings, { nowMs, runningSinceMs });
    const told = new Map<Ruling, Told>();
    const failures: unknown[] = [];
    const trying = (write: Promise<unknown>) => write.catch((cause: unknown) => void failures.push(cause));
    const rule = async (ruling: Ruling): Promise<void> => {
      const written = await ledger.rule(ruling);
      if (written !== undefined) told.set(ruling, written);
    };
    // Blocks first: every second of theirs is money. One that cannot be written keeps no other from being.
    const others = Promise.all(rulings.filter((ruling) => !isGrave(ruling)).map((each) => trying(rule(each))));
    // Grave cases count each other: one after the other.
    for (const ruling of rulings.filter(isGrave)) await trying(rule(ruling));
    await others;
    await Promise.all([...prolonged.map(ledger.prolong), ...rolledUp.map(ledger.rollUp)].map(trying));
    const news = rulings.flatMap((ruling) => told.get(ruling) ?? []);
    await tell(news);
    if (failures.length > 0) throw failures[0];
    return news.map(({ ruling }) => ruling);
  };

const countryKey = (of: string): Key => ({ level: 'country', of });
const everywhereKey: Key = { level: 'everywhere', of: everywhere };

/** The keys whose facts a review needs. */
export const keysToReview = ({ countries }: DetectorSettings): readonly Key[] => [
  ...countries.map(countryKey),
  everywhereKey,
];

/** Looks over what the days say. A pure function of the facts. */
export const reviewTraffic = (
  facts: ReadonlyMap<string, KeyFacts>,
  { countries, bursts, priceUsd }: DetectorSettings,
  nowMs: number,
): readonly Ruling[] => {
  const reviewed = countries.map((country): Reviewed => {
    const { history, told } = facts.get(nameOf(countryKey(country))) ?? nothing;
    return { country, history, told, priceUsd: priceUsd(country) };
  });
  return reviewCountries(reviewed, facts.get(nameOf(everywhereKey))?.told, bursts, nowMs);
};

/** Looks over the countries, and tells of what only shows over days: to be called once an hour. */
export const reviewBursts =
  ({ now, ledger, tell }: DetectorPorts, settings: DetectorSettings) =>
  async (): Promise<readonly Ruling[]> => {
    const nowMs = now();
    const rulings = reviewTraffic(await ledger.read(keysToReview(settings), nowMs), settings, nowMs);
    const told: Told[] = [];
    for (const ruling of rulings) {
      const written = await ledger.rule(ruling);
      if (written !== undefined) told.push(written);
    }
    await tell(told);
    return told.map(({ ruling }) => ruling);
  };

/** Grave cases of one campaign that are told as such: two, and one of a country as a whole. */
const maxGrave = 2;
const maxGraveWithCountry = 3;
/** Grave cases that follow each other within so long are one campaign: attackers who are stopped come back elsewhere. */
const campaignGapMs = 3 * 3_600_000;
/** In the same country they are one for a day. */
const sameCountryMs = 24 * 3_600_000;
const maxRemembered = 50;

/** When a grave case began, and where. */
export type GraveCase = { readonly uid: string; readonly atMs: number; readonly country: string };

/** What has to be remembered of grave cases, the oldest first. */
export const remembered = (cases: readonly GraveCase[], atMs: number): readonly GraveCase[] =>
  cases
    .filter((each) => each.atMs + sameCountryMs > atMs)
    .toSorted((one, other) => one.atMs - other.atMs)
    .slice(-maxRemembered);

/** How many grave cases of the same campaign went before one. */
export const campaignBefore = (
  cases: readonly GraveCase[],
  { atMs, country }: Pick<Ruling, 'atMs' | 'country'>,
): number => {
  let fromMs = atMs;
  let count = 0;
  for (const each of remembered(cases, atMs).toReversed()) {
    const isNear = each.atMs + campaignGapMs > fromMs;
    if (isNear) fromMs = Math.min(fromMs, each.atMs);
    if (isNear || each.country === country) count += 1;
  }
  return count;
};

export const isGrave = ({ severity, isUpdate }: Ruling): boolean => !isUpdate && isLoud(severity);

/**
 * An attack on many prefixes is one campaign: two cries are heard, and one of a country as a whole.
 *
 * @param ruling one that would ring.
 * @param graveBefore grave cases of the campaign before it.
 */
export const asNews = (ruling: Ruling, graveBefore: number): Ruling =>
  isLoud(ruling.severity) && graveBefore >= (ruling.key.level === 'country' ? maxGraveWithCountry : maxGrave)
    ? { ...ruling, severity: 'medium', isPartOfCampaign: true }
    : ruling;

/** What the stream takes on a good day: later than that, it is behind. */
const streamLagMs = 5000;

type Round = {
  readonly settings: DetectorSettings;
  readonly facts: Map<string, KeyFacts>;
  readonly looked: Set<string>;
  readonly runningHours: number;
  readonly nowMs: number;
  /**
   * How far the stream has been read. Codes are as old as they were by then: after an outage of ours, what was typed in
   * since is still to be counted, and would look like silence by the clock on the wall.
   */
  readonly readMs: number;
  readonly rolledUp: RolledUp[];
  readonly prolonged: Prolonged[];
  readonly rulings: Ruling[];
  /** Prefixes and countries whose blocks held before. */
  readonly holders: Map<string, Holder>;
};

const nothing: KeyFacts = { history: undefined, counts: [], last: undefined, told: undefined, parts: [] };

const lookAt = ({ subject, levels }: Case, round: Round): void => {
  const { facts, looked, nowMs, rulings } = round;
  const factsAt = (level: Level): KeyFacts => facts.get(nameOf(keyAt(level, subject))) ?? nothing;
  const chain: Chain = {
    country: factsAt('country').history,
    prefix: factsAt('prefix').history,
    range: factsAt('range').history,
    ip: factsAt('ip').history,
  };
  const baselines = baselinesOf(chain, nowMs);
  for (const level of ['prefix', 'country'] as const) {
    const { last } = factsAt(level);
    const key = keyAt(level, subject);
    if (last !== undefined && nowMs < last.untilMs) round.holders.set(nameOf(key), { uid: last.uid, key });
  }
  for (const level of levels) {
    const key = keyAt(level, subject);
    if (looked.has(nameOf(key))) continue;
    looked.add(nameOf(key));
    const baseline = baselineAt(level, baselines);
    const prefix = level === 'range' ? keyAt('prefix', subject) : undefined;
    const place: Place = { key, baseline, country: subject.country, prefix, chain };
    const ruling = lookAtKey(place, round);
    if (ruling === undefined) continue;
    rulings.push(ruling);
    if (ruling.action === 'none' || ruling.within === undefined) continue;
    const parts = noteBlocked(ruling.within, key, round);
    if (key.level !== 'prefix') continue;
    const whole = lookAtCountry(
      { key: ruling.within, baseline: baselines.country, country: subject.country, chain },
      parts,
      round,
    );
    if (whole !== undefined) rulings.push(whole);
  }
};

/** Of guesses nothing is usual. */
const ofGuesses: Baseline = { perHour: 1, conversion: 0.8 };

const baselineAt = (level: Level, baselines: Readonly<Record<keyof Chain, Baseline>>): Baseline =>
  level === 'phone' || level === 'codes' || level === 'everywhere' ? ofGuesses : baselines[level];

/** A key with what surrounds it. */
type Place = {
  readonly key: Key;
  readonly baseline: Baseline;
  readonly country: string;
  /** Of a range. */
  readonly prefix?: Key | undefined;
  readonly chain: Chain;
};

const partsOf = (key: Key | undefined, { facts }: Round): BlockedParts =>
  (key === undefined ? undefined : facts.get(nameOf(key)))?.parts ?? [];

/** What was blocked in this round counts for the keys that come after it. */
const noteBlocked = (within: Key, part: Key, { facts, nowMs }: Round): BlockedParts => {
  const found = facts.get(nameOf(within)) ?? nothing;
  const parts = [...found.parts, { of: partName(part), atMs: nowMs }];
  facts.set(nameOf(within), { ...found, parts });
  return parts;
};

/** How far what stands about a key has been read: a dead letter that is replayed does not turn its clock back. */
const readUntil = ({ history, counts }: KeyState, { readMs, nowMs }: Round): number => {
  const newest = counts.at(-1)?.timeBucket ?? (history === undefined ? 0 : history.timeBucket + 1);
  return Math.min(nowMs, Math.max(readMs, newest * timeBucketMs));
};

/** A campaign brings people to all ranges of a prefix: what the others have now is usual for each. */
const crowded = ({ prefix, baseline, chain }: Place, found: KeyFacts, { facts, nowMs }: Round): Baseline => {
  if (prefix === undefined) return baseline;
  const all = startedHour(facts.get(nameOf(prefix)) ?? nothing, nowMs);
  const others = Math.max(0, all - startedHour(found, nowMs));
  return { ...baseline, perHour: Math.max(baseline.perHour, amongOthers(chain, others)) };
};

const matterOf = (place: Place, found: KeyFacts, round: Round): Matter => {
  const { key, country, prefix } = place;
  const { nowMs } = round;
  const since = sinceOf(found.last, nowMs);
  // A block that was blocked itself has evidence of its own.
  const isFresh = prefix !== undefined && since === undefined;
  const given = isFresh ? siblingEvidence(partsOf(prefix, round), partName(key), nowMs) : 0;
  return {
    key,
    country,
    prefix,
    state: found,
    assessment: assess(key.level, found, crowded(place, found, round), readUntil(found, round), since, given),
    last: found.last,
    told: found.told,
    priceUsd: round.settings.priceUsd(country),
    runningHours: round.runningHours,
  };
};

/** Of the codes of a country, its own counts say all: what is older than half an hour is none of theirs. */
const factsOf = ({ key, country }: Place, { facts, nowMs }: Round): KeyFacts => {
  const known = facts.get(nameOf(key)) ?? nothing;
  if (key.level !== 'codes') return known;
  const { counts } = facts.get(nameOf(countryKey(country))) ?? nothing;
  return { ...known, counts: counts.filter(({ timeBucket }) => timeBucket > ripeBefore(nowMs)) };
};

const lookAtKey = (place: Place, round: Round): Ruling | undefined => {
  const { key, baseline } = place;
  const { facts, settings, nowMs } = round;
  const before = factsOf(place, round);
  const found = {
    ...before,
    ...rollUpRipe(key.level, before, baseline, readUntil(before, round), sinceOf(before.last, nowMs)),
  };
  if (found.history !== undefined && found.history !== before.history)
    round.rolledUp.push({ key, history: found.history });
  if (key.level !== 'codes') facts.set(nameOf(key), found);
  const matter = matterOf(place, found, round);
  const ruling = judgeKey(matter, settings.bursts, nowMs);
  const { last } = found;
  if (ruling !== undefined || last === undefined) return ruling;
  const longer = prolong(last, matter, nowMs);
  if (longer !== undefined) round.prolonged.push({ key, last: longer, before: last });
  return undefined;
};

const lookAtCountry = (place: Place, prefixes: BlockedParts, round: Round): Ruling | undefined => {
  const found = round.facts.get(nameOf(place.key)) ?? nothing;
  return judgeCountry(matterOf(place, found, round), prefixes, round.settings.bursts, round.nowMs);
};
