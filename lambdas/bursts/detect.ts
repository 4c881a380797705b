import type { BlockLevel } from '../otp/admission.ts';
import { type Baseline, baselinesOf, type Carry, type Chain } from './baseline.ts';
import {
  type BlockedOperators,
  type BurstPolicy,
  judgeCountry,
  judgeKey,
  type LastBlock,
  type LastTold,
  type Matter,
  prolong,
  type Ruling,
  runningHoursOf,
  sinceOf,
} from './judge.ts';
import { type Holder, isLoud, parentOf, type Told } from './life.ts';
import { assess, foldRipe, type KeyState } from './score.ts';
import { type Key, nameOf, type TrafficEvent } from './traffic.ts';

/** All that stands in the tables about a key. */
export type KeyFacts = KeyState & {
  readonly last: LastBlock | undefined;
  readonly told: LastTold | undefined;
  /** Of a country: its operators that were blocked. */
  readonly operators: BlockedOperators;
};

/** What the detector may do to the tables. Every port may throw `Unavailable`; the stream then brings its records again. */
export type BurstLedger = {
  /** Counts events, each once, however often they come, all of an event or nothing of it. */
  readonly count: (events: readonly TrafficEvent[]) => Promise<void>;
  readonly read: (keys: readonly Key[], nowMs: number) => Promise<ReadonlyMap<string, KeyFacts>>;
  /** When the detector saw its first event, epoch milliseconds. */
  readonly runningSinceMs: (nowMs: number) => Promise<number>;
  /** Keeps a carry, unless somebody else has folded the same epochs up already. */
  readonly fold: (folded: Folded) => Promise<void>;
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
};

/** What made a key worth looking at. */
type Case = { readonly subject: TrafficEvent['subject']; readonly levels: Set<BlockLevel>; readonly isExempt: boolean };

const levelsOf = ({ kind, stranger }: TrafficEvent): readonly BlockLevel[] => {
  if (kind === 'started') return stranger ? ['block', 'operator', 'country', 'address'] : ['address'];
  return kind === 'wrong' ? ['phone', 'address', 'country'] : [];
};

const refusedLevel = ({ limit, reason }: TrafficEvent): BlockLevel | undefined => {
  const levels: readonly BlockLevel[] = ['phone', 'address', 'block', 'operator', 'country'];
  return levels.find((level) => limit === `block-${level}`) ?? (reason === 'phone' ? 'phone' : undefined);
};

const keyAt = (level: BlockLevel, { phoneKey, address, block, operator, country }: TrafficEvent['subject']): Key => ({
  level,
  of: { phone: phoneKey, address, block, operator, country }[level],
});

const casesOf = (events: readonly TrafficEvent[], exempt: readonly string[]): readonly Case[] => {
  const cases = new Map<string, Case>();
  for (const event of events) {
    const { subject } = event;
    const refused = event.kind === 'refused' ? refusedLevel(event) : undefined;
    const levels = refused === undefined ? levelsOf(event) : [refused];
    if (levels.length === 0) continue;
    const id = [subject.phoneKey, subject.address, subject.block].join('\n');
    const known = cases.get(id) ?? { subject, levels: new Set(), isExempt: exempt.includes(subject.application) };
    for (const level of levels) if (level !== 'address' || !known.isExempt) known.levels.add(level);
    cases.set(id, known);
  }
  return [...cases.values()];
};

const chainLevels = ['country', 'operator', 'block', 'address'] as const;

export type Folded = { readonly key: Key; readonly carry: Carry };
export type Prolonged = { readonly key: Key; readonly last: LastBlock; readonly before: LastBlock };

/** What is to be written after events were counted. */
export type Outcome = {
  readonly folded: readonly Folded[];
  readonly prolonged: readonly Prolonged[];
  /** In the order in which they are to be written. */
  readonly rulings: readonly Ruling[];
};

/** The keys whose facts decide about events. */
export const keysToRead = (
  events: readonly TrafficEvent[],
  { exemptApplications }: DetectorSettings,
): readonly Key[] => {
  const keys = new Map<string, Key>();
  for (const { subject, levels, isExempt } of casesOf(events, exemptApplications)) {
    const chain = chainLevels.filter((level) => level !== 'address' || !isExempt);
    for (const level of new Set([...chain, ...levels])) {
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
    settings,
    facts: new Map(facts),
    looked: new Set(),
    runningHours,
    nowMs,
    folded: [],
    prolonged: [],
    rulings: [],
    holders: new Map(),
  };
  for (const each of casesOf(events, settings.exemptApplications)) lookAt(each, round);
  return { ...round, rulings: withParents(round) };
};

/** Says of each ruling in which wider group it lies that is under a block, or a challenge, or is about to be. */
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
    const { folded, prolonged, rulings } = judgeTraffic(events, facts, settings, { nowMs, runningSinceMs });
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
    await Promise.all([...prolonged.map(ledger.prolong), ...folded.map(ledger.fold)].map(trying));
    const news = rulings.flatMap((ruling) => told.get(ruling) ?? []);
    await tell(news);
    if (failures.length > 0) throw failures[0];
    return news.map(({ ruling }) => ruling);
  };

/** Grave cases of an hour that are told as such, but for those of whole countries. */
const mostGrave = 2;

export const isGrave = ({ severity, isUpdate }: Ruling): boolean => !isUpdate && isLoud(severity);

/**
 * An attack on many operators is one campaign: two cries in an hour are heard, and one for each country as a whole.
 *
 * @param ruling one that would ring.
 */
export const asNews = (ruling: Ruling, graveBefore: number): Ruling =>
  isLoud(ruling.severity) && graveBefore >= mostGrave && ruling.key.level !== 'country'
    ? { ...ruling, severity: 'medium', isPartOfCampaign: true }
    : ruling;

type Round = {
  readonly settings: DetectorSettings;
  readonly facts: Map<string, KeyFacts>;
  readonly looked: Set<string>;
  readonly runningHours: number;
  readonly nowMs: number;
  readonly folded: Folded[];
  readonly prolonged: Prolonged[];
  readonly rulings: Ruling[];
  /** Operators and countries whose blocks held before. */
  readonly holders: Map<string, Holder>;
};

const nothing: KeyFacts = { carry: undefined, counts: [], last: undefined, told: undefined, operators: [] };

const lookAt = ({ subject, levels }: Case, round: Round): void => {
  const { facts, looked, nowMs, rulings } = round;
  const factsAt = (level: BlockLevel): KeyFacts => facts.get(nameOf(keyAt(level, subject))) ?? nothing;
  const chain: Chain = {
    country: factsAt('country').carry,
    operator: factsAt('operator').carry,
    block: factsAt('block').carry,
    address: factsAt('address').carry,
  };
  const baselines = baselinesOf(chain, nowMs);
  for (const level of ['operator', 'country'] as const) {
    const { last } = factsAt(level);
    const key = keyAt(level, subject);
    if (last !== undefined && nowMs < last.untilMs) round.holders.set(nameOf(key), { uid: last.uid, key });
  }
  for (const level of levels) {
    const key = keyAt(level, subject);
    if (looked.has(nameOf(key))) continue;
    looked.add(nameOf(key));
    const baseline: Baseline = level === 'phone' ? { perHour: 1, conversion: 0.8 } : baselines[level];
    const ruling = lookAtKey(key, baseline, subject.country, round);
    if (ruling === undefined) continue;
    rulings.push(ruling);
    if (key.level !== 'operator' || ruling.action === 'none') continue;
    const whole = lookAtCountry(subject.country, key.of, baselines.country, round);
    if (whole !== undefined) rulings.push(whole);
  }
};

const matterOf = (key: Key, found: KeyFacts, baseline: Baseline, country: string, round: Round): Matter => ({
  key,
  country,
  state: found,
  assessment: assess(key.level, found, baseline, round.nowMs, sinceOf(found.last, round.nowMs)),
  last: found.last,
  told: found.told,
  priceUsd: round.settings.priceUsd(country),
  runningHours: round.runningHours,
});

const lookAtKey = (key: Key, baseline: Baseline, country: string, round: Round): Ruling | undefined => {
  const { facts, settings, nowMs } = round;
  const before = facts.get(nameOf(key)) ?? nothing;
  const found = { ...before, ...foldRipe(key.level, before, baseline, nowMs, sinceOf(before.last, nowMs)) };
  if (found.carry !== undefined && found.carry !== before.carry) round.folded.push({ key, carry: found.carry });
  facts.set(nameOf(key), found);
  const matter = matterOf(key, found, baseline, country, round);
  const ruling = judgeKey(matter, settings.bursts, nowMs);
  const { last } = found;
  if (ruling !== undefined || last === undefined) return ruling;
  const longer = prolong(last, matter.assessment.blocked, baseline.perHour, nowMs);
  if (longer !== undefined) round.prolonged.push({ key, last: longer, before: last });
  return undefined;
};

const lookAtCountry = (country: string, operator: string, baseline: Baseline, round: Round): Ruling | undefined => {
  const key: Key = { level: 'country', of: country };
  const found = round.facts.get(nameOf(key)) ?? nothing;
  const operators = [...found.operators, { of: operator, atMs: round.nowMs }];
  const known = { ...found, operators };
  round.facts.set(nameOf(key), known);
  return judgeCountry(matterOf(key, known, baseline, country, round), operators, round.settings.bursts, round.nowMs);
};
