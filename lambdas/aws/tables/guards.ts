import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Level } from '../../bursts/counts/keys.ts';
import { itemKinds } from '../../contract.ts';
import { dayMs, daySeconds } from '../../otp/durations.ts';
import type { Block } from '../../otp/limits/blocks.ts';
import { type CapPlace, dayOf, hourOf, type Spent } from '../../otp/limits/caps.ts';
import { type Guard, noGuard } from '../../otp/limits/guard.ts';
import type { IpFacts } from '../../otp/limits/ip-limit.ts';
import { type IpHistory, maxAskersPerDay, nameOfNumber } from '../../otp/limits/ip-trust.ts';
import type { Moment } from '../../otp/limits/moment.ts';
import {
  maxApproved,
  maxPairs,
  maxWrong,
  noReputation,
  type Pair,
  type Reputation,
  trustedMs,
} from '../../otp/limits/reputation.ts';
import { type Stop, type StopWhat, unreadableStop } from '../../otp/limits/stops.ts';
import type { Idempotency } from '../../otp/ports.ts';
import type { HeldLevel } from '../../policy.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';

const { guards: kinds } = itemKinds;

/**
 * The attributes of each kind of item, beside the key and the TTL attribute. Times are epoch milliseconds, except
 * `expiresAt` and `liftedUntil`: epoch seconds. Days and hours are in UTC, money is in millionths of a USD.
 */
export const guardsAttributes = {
  guard: ['version', 'sends'],
  reputation: ['version', 'approved', 'wrong', 'pairs', 'verifiedAt'],
  ip: ['tat', 'trustedTat', 'refusedTat', 'countries{yyyymmdd}', 'askers{yyyymmdd}'],
  'ip-reputation': ['verifiers', 'verifiers{yyyymmdd}'],
  spent: ['wholeDay', 'hour{hh}', 'sentCount', 'notifyCount', 'left{hh}'],
  verified: ['verifiedCount', 'turn {lane}', 'leftOut'],
  network: ['probedAt'],
  block: ['reason', 'author', 'finding', 'restriction', 'probeIntervalMs', 'probedAt', 'liftedUntil'],
  idempotency: ['body', 'generation', 'salt', 'startedAt', 'isSettled'],
  test: ['usedCount'],
  stop: ['all', 'application#{name}', 'country#{CC}'],
  'sim-swap': ['kind', 'provider', 'swappedAt', 'reason', 'askedAt'],
  'port-notice': ['notedAt', 'portedAt', 'author', 'reason'],
  'export-key': ['secret'],
} as const satisfies Record<keyof typeof kinds, readonly string[]>;

type Attributes<Kind extends keyof typeof guardsAttributes> = Readonly<
  Partial<Record<(typeof guardsAttributes)[Kind][number] | 'pk' | 'expiresAt', unknown>>
>;

/** How long each kind of item is kept, in days, from the moment that its row in the documentation names. */
export const keptDays = {
  guard: 2,
  trusted: trustedMs / 1000 / daySeconds,
  guessed: 2,
  ip: 3,
  'ip-reputation': 30,
  spent: 3,
  verified: 4,
  network: 1,
} as const;
/** Numbers that are remembered of an IP for as long as it is. Beyond them, as many are of each day. */
export const maxVerifiers = 50;
export const maxVerifiersPerDay = 40;
/** How much each list and set holds at most. */
export const maxListed = {
  approved: maxApproved,
  wrong: maxWrong,
  pairs: maxPairs,
  askers: maxAskersPerDay,
  verifiers: maxVerifiers,
  verifiersPerDay: maxVerifiersPerDay,
};

const secondsOf = (atMs: number): number => Math.floor(atMs / 1000);
const daysAfter = (atMs: number, days: number): number => secondsOf(atMs) + days * daySeconds;

// A moment of a verification, with its name: `1795262591345 Zk9vX2pQ1rTs`. Behind it stands which of the guesses it was, and
// `p` if a pair asked for it, and `c` if it was a call. Thirty sends or approvals fit in one write unit with their item.
const pairMark = 'p';
const callMark = 'c';
const momentText = ({ atMs, verification, nth, pair, call }: Moment): string =>
  [
    atMs,
    verification,
    ...(nth === undefined ? [] : [nth]),
    ...(pair ? [pairMark] : []),
    ...(call ? [callMark] : []),
  ].join(' ');

/** A number is a send from before ADR 43. It stays one that no approval frees. */
const readMoment = (text: string | number): Moment => {
  const [at, verification = '', ...more] = String(text).split(' ');
  const nth = more.find((each) => each !== pairMark && each !== callMark);
  return {
    atMs: Number(at),
    verification,
    ...(nth === undefined ? {} : { nth: Number(nth) }),
    ...(more.includes(pairMark) ? { pair: true } : {}),
    ...(more.includes(callMark) ? { call: true } : {}),
  };
};

// The guard of a number.
export const guardKey = (phoneKey: string): string => `${kinds.guard.pk}${phoneKey}`;

const guardAttributes = ({ sends, version }: Guard, atMs: number) =>
  ({
    sends: sends.map(momentText),
    version,
    expiresAt: daysAfter(Math.max(atMs, ...sends.map((send) => send.atMs)), keptDays.guard),
  }) satisfies Attributes<'guard'>;

/** Writes a guard if it is still the one that was read. */
export const guardWrite = (TableName: string, phoneKey: string, guard: Guard, atMs: number): TransactWriteItem => {
  const { sends, version, expiresAt } = guardAttributes(guard, atMs);
  const isFirst = version <= 1;
  return {
    Update: {
      TableName,
      Key: keyOf(guardKey(phoneKey)),
      UpdateExpression: 'SET sends = :sends, version = :version, expiresAt = :expiresAt',
      ConditionExpression: isFirst ? 'attribute_not_exists(pk)' : 'version = :before',
      ExpressionAttributeValues: values({
        ':sends': sends,
        ':version': version,
        ':expiresAt': expiresAt,
        ...(isFirst ? {} : { ':before': version - 1 }),
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
};

export const readGuard = (item: Item | undefined): Guard => {
  if (item === undefined) return noGuard;
  const { version, sends } = unmarshall(item);
  return { version, sends: sends.map(readMoment) };
};

// The reputation of a number.
export const reputationKey = (phoneKey: string): string => `${kinds.reputation.pk}${phoneKey}`;

export const reputationItem = (phoneKey: string, reputation: Reputation, atMs: number): Item => {
  const { version, approved, wrong, pairs, verifiedAtMs } = reputation;
  return values({
    pk: reputationKey(phoneKey),
    version,
    approved: approved.map(momentText),
    wrong: wrong.map(momentText),
    pairs: pairs.map(pairText),
    verifiedAt: verifiedAtMs,
    expiresAt: Math.max(daysAfter(verifiedAtMs ?? 0, keptDays.trusted), daysAfter(atMs, keptDays.guessed)),
  } satisfies Attributes<'reputation'>);
};

export const readReputation = (item: Item | undefined): Reputation => {
  if (item === undefined) return noReputation;
  const { version, approved = [], wrong, pairs = [], verifiedAt, wrongAt = 0 } = unmarshall(item);
  return {
    version,
    verifiedAtMs: verifiedAt,
    approved: approved.map(readMoment),
    wrong: typeof wrong === 'number' ? unnamedWrong(wrong, wrongAt) : wrong.map(readMoment),
    // A reputation from before ADR 57 has none.
    pairs: pairs.map(readPair),
  };
};

const pairText = ({ network, atMs }: Pair): string => `${atMs} ${network}`;
const readPair = (text: string): Pair => {
  const [at, network = ''] = text.split(' ');
  return { network, atMs: Number(at) };
};

/** Wrong guesses of a reputation from before ADR 43, which has their number and the time of the last. All count until then. */
const unnamedWrong = (wrong: number, wrongAtMs: number): readonly Moment[] =>
  Array.from({ length: Math.min(wrong, maxWrong) }, () => readMoment(wrongAtMs));

// The rate of an IP, its countries of a day, and the unverified numbers that asked from there.
export const ipKey = (ip: string): string => `${kinds.ip.pk}${ip}`;
const ofDay = (name: string, day: string): string => `${name}${day.replaceAll('-', '')}`;
export const countriesAttribute = (day: string): string => ofDay('countries', day);
export const askersAttribute = (day: string): string => ofDay('askers', day);
/** Times of the GCRA of an IP: before it was trusted, since, and of its refusals that are noted. */
export const untrustedTatAttribute = 'tat';
export const trustedTatAttribute = 'trustedTat';
export const refusedTatAttribute = 'refusedTat';
export const ipExpiry = (nowMs: number, toleranceMs: number): number => daysAfter(nowMs + toleranceMs, keptDays.ip);

/**
 * Days of which an IP may have sets that nobody reads any more. The item goes three days after the last write, and DynamoDB
 * takes up to two more: a weekend without a request leaves no set behind.
 */
export const forgottenDays = (nowMs: number): readonly string[] =>
  Array.from({ length: keptDays.ip + 2 }, (_, index) => dayOf(nowMs - (index + 2) * dayMs));

const setAt = (item: Item | undefined, name: string): readonly string[] => item?.[name]?.SS ?? [];

export const readIp = (item: Item | undefined, nowMs: number): Omit<IpFacts, 'verifiers'> => ({
  tatMs: numberAt(item, untrustedTatAttribute) ?? 0,
  trustedTatMs: numberAt(item, trustedTatAttribute) ?? 0,
  countriesToday: setAt(item, countriesAttribute(dayOf(nowMs))),
  askersToday: setAt(item, askersAttribute(dayOf(nowMs))),
  askersYesterday: setAt(item, askersAttribute(dayOf(nowMs - dayMs))),
});

export const readRefusedTat = (item: Item | undefined): number => numberAt(item, refusedTatAttribute) ?? 0;

// The reputation of an IP: numbers whose holders verified from there.
export const ipReputationKey = (ip: string): string => `${kinds['ip-reputation'].pk}${ip}`;
export const ipReputationExpiry = (atMs: number): number => daysAfter(atMs, keptDays['ip-reputation']);
export const verifiersAttribute = (day: string): string => ofDay('verifiers', day);
/** The sets of days of which nobody reads them any more. */
export const forgottenVerifiers = (item: Item | undefined, nowMs: number): readonly string[] => {
  const oldest = verifiersAttribute(dayOf(nowMs - dayMs));
  return Object.keys(item ?? {}).filter((name) => /^verifiers\d+$/.test(name) && name < oldest);
};

/** Numbers count until the item's expiry, whether or not DynamoDB has deleted it by then. Older items have longer names. */
export const readVerifiers = (item: Item | undefined, nowMs: number): IpHistory['verifiers'] => {
  if ((numberAt(item, 'expiresAt') ?? 0) * 1000 <= nowMs) return [];
  const sets = ['verifiers', verifiersAttribute(dayOf(nowMs)), verifiersAttribute(dayOf(nowMs - dayMs))];
  return [...new Set(sets.flatMap((name) => setAt(item, name)).map(nameOfNumber))];
};

// The cost of a day's SMS: in all countries, in one, and by an application with caps of its own.
export const spentKey = (cap: CapPlace, day: string): string => `${kinds.spent.pk}${spentOf(cap)}#${day}`;
// The name of an application may be `total`.
const spentOf = (cap: CapPlace): string => {
  if (cap.of === 'application') return `application#${cap.application}`;
  return cap.of === 'country' ? cap.country : 'total';
};
export const hourAttribute = (hour: string): string => `hour${hour}`;
export const dayAttribute = 'wholeDay';
export const spentExpiry = (nowMs: number): number => daysAfter(nowMs, keptDays.spent);

export const readSpent = (item: Item | undefined, hour: string): Spent => ({
  hour: numberAt(item, hourAttribute(hour)) ?? 0,
  day: numberAt(item, dayAttribute) ?? 0,
});
export const readSpentNow = (item: Item | undefined, nowMs: number): Spent => readSpent(item, hourOf(nowMs));

/** SMS to the country of the item, which has the cap of the country as well: one write takes both. */
export const readSent = (item: Item | undefined): number => numberAt(item, 'sentCount') ?? 0;

/** Messages that a Basic account of Notify was to send, in the item of the cap of all SMS. */
export const readNotified = (item: Item | undefined): number => numberAt(item, 'notifyCount') ?? 0;

// Shards of the cap of all countries: what is left of their leases.
export const shardKey = (shard: number, day: string): string => `${spentKey({ of: 'total' }, day)}#${shard}`;
export const leftAttribute = (hour: string): string => `left${hour}`;
export const readLeft = (item: Item | undefined, nowMs: number): number =>
  numberAt(item, leftAttribute(hourOf(nowMs))) ?? 0;

// Verifications of a country in a day.
export const verifiedKey = (country: string, day: string): string => `${kinds.verified.pk}${country}#${day}`;
export const verifiedExpiry = (atMs: number): number => daysAfter(atMs, keptDays.verified);
/** All lanes count in one item, because the send path reads one. */
export const verifiedTurn = (lane: string): string => `turn ${lane}`;
export const readVerified = (item: Item | undefined): number => numberAt(item, 'verifiedCount') ?? 0;

// The probe of a network.
export const networkKey = (network: string): string => `${kinds.network.pk}${network}`;
export const networkExpiry = (nowMs: number): number => daysAfter(nowMs, keptDays.network);
export const readProbedAt = (item: Item | undefined): number | undefined => numberAt(item, 'probedAt');

// A block, by the detector or by staff.
export const blockKey = (level: Level | HeldLevel, of: string): string => `${kinds.block.pk}${level}#${of}`;
/** Who wrote a block, if the detector did. */
export const detectorAuthor = 'burst-detector';
export const blockExpiry = (untilMs: number): number => Math.ceil(untilMs / 1000);

/** A block of the detector. It ends with the item. */
export type DetectorBlock = {
  readonly level: Level;
  readonly of: string;
  readonly untilMs: number;
  readonly reason: string;
  /** Uid of its case. */
  readonly finding: string;
  readonly isRestriction: boolean;
  /** One probe passes in this time. */
  readonly probeIntervalMs: number | undefined;
};

export const blockItem = ({
  level,
  of,
  untilMs,
  reason,
  finding,
  isRestriction,
  probeIntervalMs,
}: DetectorBlock): Item =>
  values({
    pk: blockKey(level, of),
    expiresAt: blockExpiry(untilMs),
    reason,
    author: detectorAuthor,
    finding,
    ...(isRestriction ? { restriction: true } : {}),
    probeIntervalMs,
  } satisfies Attributes<'block'>);

type StaffPlace = { readonly place: { readonly level: Level; readonly of: string }; readonly reason: string };

/** A block of staff. Nothing passes it, and it ends with the item. */
export const staffBlock = (
  { place, untilMs, reason }: StaffPlace & { readonly untilMs: number },
  author: string,
): Item =>
  values({
    pk: blockKey(place.level, place.of),
    expiresAt: blockExpiry(untilMs),
    reason,
    author,
  } satisfies Attributes<'block'>);

/** The item stays for a day longer than it says, so that the detector still knows it. */
export const staffLift = (
  { place, allowUntilMs, reason }: StaffPlace & { readonly allowUntilMs: number },
  author: string,
): Item =>
  values({
    pk: blockKey(place.level, place.of),
    liftedUntil: Math.ceil(allowUntilMs / 1000),
    expiresAt: daysAfter(allowUntilMs, 1),
    reason,
    author,
  } satisfies Attributes<'block'>);

/** Staff lift a block by saying until when they want none: it is none from then on, and the detector writes none either. */
export const readBlock = (level: HeldLevel, of: string, item: Item | undefined): Block[] =>
  item === undefined || item['liftedUntil'] !== undefined
    ? []
    : [
        {
          level,
          of,
          until: numberAt(item, 'expiresAt') ?? 0,
          reason: item['reason']?.S ?? '',
          by: item['author']?.S ?? '',
          ...(item['restriction']?.BOOL === true ? { restriction: true } : {}),
          probeIntervalMs: numberAt(item, 'probeIntervalMs'),
          probedAtMs: readProbedAt(item),
        },
      ];

/** Codes get longer under code spraying, and for a number that is guessed at: an item beside the blocks. */
export const isCodesItemHeld = (item: Item | undefined, nowMs: number): boolean =>
  item !== undefined && item['liftedUntil'] === undefined && (numberAt(item, 'expiresAt') ?? 0) * 1000 > nowMs;

/** Until when staff want no block. */
export const readLiftedUntilMs = (item: Item | undefined): number | undefined => {
  const liftedUntil = numberAt(item, 'liftedUntil');
  return liftedUntil === undefined ? undefined : liftedUntil * 1000;
};

/** Until when a block of staff holds; `undefined` for one of the detector, and for what is none. */
export const readStaffUntilMs = (item: Item): number | undefined => {
  const expiresAt = numberAt(item, 'expiresAt');
  const isOfStaff = item['author']?.S !== detectorAuthor && item['liftedUntil'] === undefined;
  return isOfStaff && expiresAt !== undefined ? expiresAt * 1000 : undefined;
};

const notLifted = 'attribute_not_exists(liftedUntil)';
/** No block holds on the key, and staff have not asked for none. An item without an end, or whose times are no numbers, is none. */
export const holdsNoBlock = [
  'attribute_not_exists(expiresAt)',
  'liftedUntil <= :now',
  '(attribute_exists(liftedUntil) AND NOT attribute_type(liftedUntil, :number))',
  `(${notLifted} AND (expiresAt <= :now OR NOT attribute_type(expiresAt, :number)))`,
].join(' OR ');
export const isOurRestriction = `(author = :detector AND restriction = :true AND ${notLifted})`;
export const isOurBlockUntil = `author = :detector AND expiresAt = :before AND ${notLifted}`;

// An idempotency key.
export const idempotencyKey = (key: string): string => `${kinds.idempotency.pk}${key}`;

export const idempotencyItem = ({
  key,
  body,
  generation,
  salt,
  startedAtMs,
  isSettled,
  expiresAt,
}: Idempotency): Item =>
  values({
    pk: idempotencyKey(key),
    body,
    generation,
    salt,
    startedAt: startedAtMs,
    isSettled,
    expiresAt,
  } satisfies Attributes<'idempotency'>);

export const readIdempotency = (item: Item | undefined): Idempotency | undefined => {
  if (item === undefined) return undefined;
  const { pk, body, generation, salt, startedAt, isSettled, expiresAt } = unmarshall(item);
  return {
    key: String(pk).slice(kinds.idempotency.pk.length),
    body,
    generation,
    salt,
    startedAtMs: startedAt,
    isSettled,
    expiresAt,
  };
};

// Uses of an entry of test numbers; its expiry is the entry's.
export const testKey = (entry: string): string => `${kinds.test.pk}${entry}`;

// What staff have stopped: one item, without an expiry. Each attribute is one stop: a map with `at`, `by` and `reason`.
export const stopKey: string = kinds.stop.pk;

export const stopAttribute = (what: StopWhat): string => {
  if (what.kind === 'all') return 'all';
  return what.kind === 'application' ? `application#${what.application}` : `country#${what.country}`;
};

/** The value of a stop's attribute. */
export const stopValue = ({ atMs, by, reason }: Pick<Stop, 'atMs' | 'by' | 'reason'>) => ({ at: atMs, by, reason });

/**
 * The stops that hold. An attribute that is no stop is read as a stop of everything: staff who wrote it wanted SMS stopped, and
 * the only safe guess is all.
 */
export const readStops = (item: Item | undefined): readonly Stop[] => {
  const { pk: _, ...attributes } = item ?? {};
  return Object.entries(attributes).map(([name, value]) => readStop(name, value) ?? unreadableStop);
};

/** Names of the attributes that are no stop. */
export const unreadableStopsIn = ({ pk: _, ...attributes }: Item): readonly string[] =>
  Object.entries(attributes).flatMap(([name, value]) => (readStop(name, value) === undefined ? [name] : []));

/** The stop of one attribute, if it holds. */
export const stopAt = (item: Item, attribute: string): Stop | undefined => {
  const value = item[attribute];
  return value && (readStop(attribute, value) ?? unreadableStop);
};

/** A `Date` holds no more (ECMA-262, section 21.4.1.1). */
const maxDateMs = 8.64e15;

const readStop = (name: string, { M: { at, by, reason } = {} }: Item[string]): Stop | undefined => {
  const what = readStopWhat(name);
  const atMs = Number(at?.N);
  const isTime = Number.isSafeInteger(atMs) && Math.abs(atMs) <= maxDateMs;
  const isRead = what && by?.S !== undefined && reason?.S !== undefined && isTime;
  return isRead ? { what, atMs, by: by.S, reason: reason.S } : undefined;
};

const readStopWhat = (name: string): StopWhat | undefined => {
  if (name === 'all') return { kind: 'all' };
  const [kind, of = ''] = name.split('#');
  if (name !== `${kind}#${of}`) return undefined;
  if (kind === 'application' && of !== '') return { kind, application: of };
  return kind === 'country' && /^[A-Z]{2}$/.test(of) ? { kind, country: of } : undefined;
};
