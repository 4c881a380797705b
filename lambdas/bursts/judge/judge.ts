import { createHash } from 'node:crypto';
import { type BlockLevel, type BurstPolicy, blockLevels, type Mode, type RuleName } from '../../policy.ts';
import { type Key, type Level, nameOf, timeBucketOf } from '../counts/traffic.ts';
import type { Assessment, KeyState, Since } from './score.ts';
import { areGuesses, brokenBy, thresholds } from './score.ts';

/**
 * What a burst leads to. A restriction stops unverified numbers who call from IPs where nobody has verified. Longer codes stop
 * nobody: they make guessing a thousand times as hard.
 */
export type Action = 'block' | 'restrict' | 'longer-codes' | 'none';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** Names what is found at a key: the same until it has been quiet for a day. */
export type CaseName = {
  readonly uid: string;
  readonly firstMs: number;
};

/** When people were last told of something at a key that led to no block. */
export type LastTold = CaseName & { readonly atMs: number };

/** The last block on a key. */
export type LastBlock = CaseName & {
  readonly atMs: number;
  readonly untilMs: number;
  /** How often in a row: it says how long the next one is. */
  readonly step: number;
  readonly action: Exclude<Action, 'none'>;
  /** Staff lifted it, and want none before this time. */
  readonly liftedUntilMs?: number | undefined;
};

/** Everything that a decision rests on, in numbers that a person can follow. */
export type Explanation = {
  readonly rule: RuleName;
  /** Evidence in nats, and from when on it is called a burst. */
  readonly evidence: number;
  readonly threshold: number;
  /** Chance of so much traffic by itself. */
  readonly chance: number;
  readonly startedTenMinutes: number;
  readonly startedHour: number;
  readonly startedSixHours: number;
  readonly seenStarted: number;
  readonly seenVerified: number;
  readonly wrong: number;
  readonly pending: number;
  readonly oldestPendingSeconds: number;
  readonly distinctIps: number;
  readonly limited: number;
  readonly expectedPerHour: number;
  readonly conversion: number;
  readonly spentUsd: number;
  readonly usdPerHour: number;
  /** Approved there within about a day: the people whom a block would meet, but for those that are trusted. */
  readonly collateral: number;
  /** Prefixes that were blocked, where that is the reason. */
  readonly prefixes: readonly string[];
  /** Countries that fall short most, where it is about all of them. */
  readonly countries: readonly string[];
};

/** A decision about a key: what is found, and what is done about it. */
export type Ruling = CaseName & {
  readonly key: Key;
  /** Whether people have heard of this case before. */
  readonly isUpdate: boolean;
  /** One of many in the same hour, of which the gravest were told before. */
  readonly isPartOfCampaign?: true | undefined;
  /** Case of the wider group under a block, or a restriction, that this one is part of. */
  readonly parent?: string | undefined;
  readonly country: string;
  /** The prefix of a range, the country of a prefix. */
  readonly within: Key | undefined;
  readonly rule: RuleName;
  readonly mode: Exclude<Mode, 'off'>;
  readonly action: Action;
  readonly severity: Severity;
  readonly atMs: number;
  /** When the block ends; the time of the ruling where there is none. */
  readonly untilMs: number;
  readonly step: number;
  readonly explanation: Explanation;
};

const minuteMs = 60_000;
/** How long a block lasts, the first, the second, … within 24 hours; the last one repeats. */
export const blockMinutes = [15, 60, 240, 720] as const;
const repeatWithinMs = 24 * 60 * minuteMs;

/** No block is longer than it takes so many newcomers to come by, but for the first. */
const maxNewcomers = 10;

const durationMs = (step: number, perHour: number): number => {
  const [first] = blockMinutes;
  const wanted = blockMinutes[Math.min(step, blockMinutes.length - 1)] ?? first;
  return Math.min(wanted, Math.max(first, (maxNewcomers / perHour) * 60)) * minuteMs;
};

/** After a block, half of the evidence is taken as given: who goes on is stopped in half the messages. */
export const sinceOf = (last: LastBlock | undefined, nowMs: number): Since | undefined => {
  if (last === undefined || last.untilMs + repeatWithinMs < nowMs) return undefined;
  if (last.liftedUntilMs !== undefined) return { ms: last.liftedUntilMs, evidence: 0 };
  // Behind a restriction, what counts is what passes it, from when it took effect.
  if (isRestricted(last, nowMs)) return { ms: last.atMs + effectMs, evidence: 0, isRestriction: true };
  return { ms: last.untilMs, evidence: thresholds.again };
};

/** The case that a ruling belongs to: the one of the last ruling on the key, unless a day has passed since. */
const caseOf = (
  key: Key,
  last: LastBlock | undefined,
  told: LastTold | undefined,
  action: Action,
  nowMs: number,
): CaseName & { readonly isUpdate: boolean } => {
  const isKnown = (endMs: number): boolean => nowMs <= endMs + repeatWithinMs;
  if (last !== undefined && isKnown(last.untilMs)) return { uid: last.uid, firstMs: last.firstMs, isUpdate: true };
  // What was only told of so far, and leads to something now, is news.
  if (told !== undefined && isKnown(told.atMs)) {
    return { uid: told.uid, firstMs: told.firstMs, isUpdate: action === 'none' };
  }
  const uid = createHash('sha256')
    .update(`${nameOf(key)}#${timeBucketOf(nowMs)}`)
    .digest('hex')
    .slice(0, 32);
  return { uid, firstMs: nowMs, isUpdate: false };
};

/** By then a block has taken effect, and what was on its way has arrived. */
const effectMs = minuteMs / 3;

const nextStep = (last: LastBlock | undefined, nowMs: number): number => {
  if (last === undefined || nowMs > last.untilMs + repeatWithinMs) return 0;
  return isRestricted(last, nowMs) ? last.step : last.step + 1;
};

const coldLevels: readonly Level[] = ['prefix', 'country'];
const isBlockLevel = (level: Level): level is BlockLevel => blockLevels.some((each) => each === level);

/** The strictest of what the settings say loses: whoever asks for less, gets less. */
const modeOf = (
  policy: BurstPolicy,
  { level }: Key,
  rule: Ruling['rule'],
  country: string,
  runningHours: number,
): Mode => {
  const order: readonly Mode[] = ['off', 'record-only', 'enforce'];
  const isCold = coldLevels.includes(level) && runningHours < policy.coldStartHours;
  const modes: readonly Mode[] = [
    isBlockLevel(level) ? policy.levels[level] : 'enforce',
    policy.rules[rule] ?? 'enforce',
    policy.countries[country] ?? 'enforce',
    isCold ? 'record-only' : 'enforce',
  ];
  return order.find((mode) => modes.includes(mode)) ?? 'enforce';
};

/** Approvals of the past below which a country counts as one where nobody verifies. */
const hardlyAnyVerified = 5;

/**
 * What a rule leads to at a level. What meets many people at once begins as a restriction, which spares everybody who
 * calls from where people have verified; only what goes on behind that restriction is blocked.
 */
const actionOf = (rule: Ruling['rule'], { key, state, assessment, last }: Matter, nowMs: number): Action => {
  if (rule === 'bombing') return 'none';
  // Nobody knows which numbers are meant, and who asks for them: all codes become longer, and nobody is refused.
  if (key.level === 'codes') return 'longer-codes';
  if (rule === 'converting-strangers') return 'restrict';
  if (key.level === 'ip' || key.level === 'phone') return 'block';
  const isKnown = (state.history?.verifiedLong ?? 0) + assessment.seen.verified >= hardlyAnyVerified;
  if (key.level === 'country' && isKnown) return rule === 'prefixes-blocked' ? 'restrict' : 'none';
  return isRestricted(last, nowMs) ? 'block' : 'restrict';
};

const isRestricted = (last: LastBlock | undefined, nowMs: number): boolean =>
  last !== undefined && last.action === 'restrict' && nowMs < last.untilMs;

const severityOf = (
  rule: Ruling['rule'],
  { level }: Key,
  mode: Mode,
  action: Action,
  usdPerHour: number,
  policy: BurstPolicy,
): Severity => {
  if (action === 'none' || mode === 'record-only') return 'low';
  // What is asked for in a whole country is mostly its own people's.
  if (usdPerHour >= policy.criticalUsdPerHour && level !== 'codes') return 'critical';
  return level === 'prefix' || level === 'country' || rule === 'code-spraying' ? 'high' : 'medium';
};

/** All that is known when a key is judged. */
export type Matter = {
  readonly key: Key;
  readonly country: string;
  /** Of a range. */
  readonly prefix: Key | undefined;
  readonly state: KeyState;
  readonly assessment: Assessment;
  readonly last: LastBlock | undefined;
  readonly told: LastTold | undefined;
  /** Of one SMS, in USD. */
  readonly priceUsd: number;
  readonly runningHours: number;
};

const explain = (rule: Ruling['rule'], matter: Matter, prefixes: readonly string[] = []): Explanation => {
  const { assessment, state, priceUsd } = matter;
  const { started, seen, pending, baseline } = assessment;
  const [tenMinutes, hour, sixHours] = started;
  const isSlow = rule === 'low-and-slow';
  return {
    rule,
    evidence: isSlow ? assessment.slow : assessment.fast,
    threshold: isSlow ? thresholds.slow : thresholds.burst,
    chance: assessment.chance,
    startedTenMinutes: tenMinutes,
    startedHour: hour,
    startedSixHours: sixHours,
    seenStarted: seen.started,
    seenVerified: seen.verified,
    wrong: seen.wrong,
    pending: pending.count,
    oldestPendingSeconds: Math.round(pending.oldestSeconds),
    distinctIps: Math.round(assessment.distinctIps),
    limited: assessment.limited,
    expectedPerHour: baseline.perHour,
    conversion: baseline.conversion,
    spentUsd: seen.started * priceUsd,
    usdPerHour: tenMinutes * 6 * priceUsd,
    collateral: Math.round((state.history?.verifiedDay ?? 0) + seen.verified),
    prefixes,
    countries: [],
  };
};

const withinOf = ({ key, country, prefix }: Matter): Key | undefined =>
  key.level === 'prefix' ? { level: 'country', of: country } : prefix;

const rule = (
  name: Ruling['rule'],
  matter: Matter,
  policy: BurstPolicy,
  nowMs: number,
  prefixes: readonly string[] = [],
): Ruling | undefined => {
  const { key, country, last, told, runningHours } = matter;
  const mode = modeOf(policy, key, name, country, runningHours);
  if (mode === 'off') return undefined;
  const wanted = actionOf(name, matter, nowMs);
  const action = mode === 'enforce' ? wanted : 'none';
  const explanation = explain(name, matter, prefixes);
  const step = action === 'none' ? 0 : nextStep(last, nowMs);
  return {
    ...caseOf(key, last, told, action, nowMs),
    key,
    country,
    within: withinOf(matter),
    rule: name,
    mode,
    action,
    severity: severityOf(name, key, mode, wanted, explanation.usdPerHour, policy),
    atMs: nowMs,
    untilMs: action === 'none' ? nowMs : nowMs + durationMs(step, explanation.expectedPerHour),
    step,
    explanation,
  };
};

/** What a review of days comes to. */
export type Assessed = Pick<
  Explanation,
  | 'evidence'
  | 'threshold'
  | 'chance'
  | 'seenStarted'
  | 'seenVerified'
  | 'expectedPerHour'
  | 'conversion'
  | 'spentUsd'
  | 'usdPerHour'
  | 'countries'
>;

/** What took days to show is told of once a day. */
const tellDailyMs = 20 * 60 * minuteMs;

/** Tells of approvals that are missing. It stops nobody. */
export const tell = (
  key: Key,
  country: string,
  assessed: Assessed,
  told: LastTold | undefined,
  policy: BurstPolicy,
  nowMs: number,
): Ruling | undefined => {
  const mode = modeOf(policy, key, 'conversion-drop', country, Number.POSITIVE_INFINITY);
  if (mode === 'off' || (told !== undefined && nowMs < told.atMs + tellDailyMs)) return undefined;
  const nothingElse = {
    startedTenMinutes: 0,
    startedHour: 0,
    startedSixHours: 0,
    wrong: 0,
    pending: 0,
    oldestPendingSeconds: 0,
    distinctIps: 0,
    limited: 0,
    prefixes: [],
  };
  return {
    ...caseOf(key, undefined, told, 'none', nowMs),
    key,
    country,
    within: undefined,
    rule: 'conversion-drop',
    mode,
    action: 'none',
    severity: mode === 'enforce' && key.level === 'everywhere' ? 'medium' : 'low',
    atMs: nowMs,
    untilMs: nowMs,
    step: 0,
    explanation: {
      ...assessed,
      ...nothingElse,
      rule: 'conversion-drop',
      collateral: Math.round(assessed.seenVerified),
    },
  };
};

/** Whether a block on the key holds, or staff want none for now. Behind a restriction, one looks on. */
const isSettled = (last: LastBlock | undefined, { level }: Key, nowMs: number): boolean => {
  if (last === undefined) return false;
  if (nowMs < (last.liftedUntilMs ?? 0)) return true;
  const mayHarden = last.action === 'restrict' && (level === 'range' || level === 'prefix' || level === 'country');
  return nowMs < last.untilMs && !mayHarden;
};

/**
 * Judges a key: what is found, if anything, by the gravest rule that leads to something.
 *
 * While a block holds nothing new is found: what still passes are people whom it spares.
 */
export const judgeKey = (matter: Matter, policy: BurstPolicy, nowMs: number): Ruling | undefined => {
  const { key, assessment, last } = matter;
  if (isSettled(last, key, nowMs)) return undefined;
  const rulings = brokenBy(key.level, assessment)
    .map((name) => rule(name, matter, policy, nowMs))
    .filter((each) => each !== undefined);
  const stopping = rulings.find(({ action }) => action === 'block') ?? rulings.find(({ action }) => action !== 'none');
  if (isRestricted(last, nowMs)) return stopping?.action === 'block' ? stopping : undefined;
  if (stopping !== undefined) return stopping;
  // What leads to no block goes on for a while, and is told of now and then.
  return matter.told !== undefined && nowMs < matter.told.atMs + tellAgainMs ? undefined : rulings[0];
};

const tellAgainMs = 30 * minuteMs;

/** Prefixes of a country, or ranges of a prefix, that were blocked lately, and when. */
export type BlockedParts = readonly { readonly of: string; readonly atMs: number }[];

/** Blocked ranges of a prefix are told apart by so many slots: an attack on thousands of them stays one small item. */
const partSlots = 16;

/** What a part is called where the whole remembers it. */
export const partName = ({ level, of }: Key): string =>
  level === 'range' ? `slot ${createHash('sha256').update(of).digest().readUInt8() % partSlots}` : of;

/**
 * What is taken as given of a range whose prefix's other blocks were blocked within a day: fraudsters who move
 * on to the next range are stopped in fewer messages each time.
 */
export const siblingEvidence = (parts: BlockedParts, own: string, nowMs: number): number => {
  const { each, most } = thresholds.siblings;
  const others = new Set(
    parts.filter(({ of, atMs }) => of !== own && atMs > nowMs - repeatWithinMs).map(({ of }) => of),
  );
  return Math.min(most, others.size * each);
};

const togetherMs = 30 * minuteMs;
const maxPrefixes = 3;

/** A country whose prefixes are blocked one after the other is under attack as a whole. */
export const judgeCountry = (
  matter: Matter,
  blocked: BlockedParts,
  policy: BurstPolicy,
  nowMs: number,
): Ruling | undefined => {
  if (isSettled(matter.last, matter.key, nowMs)) return undefined;
  const fromMs = isRestricted(matter.last, nowMs) ? (matter.last?.atMs ?? 0) + effectMs : nowMs - togetherMs;
  const lately = new Set(blocked.filter(({ atMs }) => atMs > fromMs).map(({ of }) => of));
  if (lately.size < maxPrefixes) return undefined;
  const ruling = rule('prefixes-blocked', matter, policy, nowMs, [...lately].toSorted());
  return isRestricted(matter.last, nowMs) && ruling?.action !== 'block' ? undefined : ruling;
};

/** Blocked sends within ten minutes, beyond three times the usual, that keep a block alive: an attack that goes on. */
const minPressure = 6;
/** A block is only ever prolonged shortly before its end. */
const prolongBeforeMs = 2 * minuteMs;

/** Whether an attack goes on behind what was done about it. A trickle of people does not keep a block alive. */
const isPressed = (level: Level, { blocked, lately, baseline }: Assessment): boolean =>
  level === 'codes' ? areGuesses(lately) : blocked >= minPressure + (3 * baseline.perHour) / 6;

/** The block's next end, a quarter of an hour on, where the attack still presses against it. */
export const prolong = (
  last: LastBlock,
  { key, assessment }: Pick<Matter, 'key' | 'assessment'>,
  nowMs: number,
): LastBlock | undefined => {
  if (nowMs >= last.untilMs || nowMs < last.untilMs - prolongBeforeMs) return undefined;
  if (!isPressed(key.level, assessment)) return undefined;
  return { ...last, untilMs: last.untilMs + blockMinutes[0] * minuteMs };
};

/** Hours for which the detector has been running, by the key that has seen most. */
export const runningHoursOf = (sinceMs: number, nowMs: number): number =>
  Math.max(0, nowMs - sinceMs) / (60 * minuteMs);
