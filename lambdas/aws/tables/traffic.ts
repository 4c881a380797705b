import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Counts, noCounts, plainCounts, type SlotLetter, slottedCounts } from '../../bursts/counts/counts.ts';
import { type History, noHistory, probeTimeBuckets, recentTimeBuckets } from '../../bursts/counts/history.ts';
import { type Key, nameOf } from '../../bursts/counts/keys.ts';
import { timeBucketMs } from '../../bursts/counts/time-buckets.ts';
import type { BlockedPart } from '../../bursts/evidence/parts.ts';
import type { Campaign, CampaignCase } from '../../bursts/findings/campaign.ts';
import type { Heartbeat } from '../../bursts/heartbeat.ts';
import type { LastBlock, LastNotified } from '../../bursts/judge/ruling.ts';
import type { Rung } from '../../bursts/ring-stops.ts';
import { itemKinds, priceAttributes } from '../../contract.ts';
import { daySeconds } from '../../otp/durations.ts';
import { ruleNames } from '../../policy.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';
import { versionAt } from '../dynamo/versions.ts';

const { traffic: kinds } = itemKinds;

/**
 * The attributes of each kind of item, beside the keys and the TTL attribute. Times are epoch milliseconds, except
 * `expiresAt`: epoch seconds.
 */
export const trafficAttributes = {
  bucket: [
    'timeBucket',
    's{0…59}',
    'v{0…59}',
    ...plainCounts,
    'u{0…15}',
    'w{0…31}',
    'ips',
    'applications',
    'turn',
    'leftOut',
  ],
  history: ['timeBucket', 'history'],
  last: [
    'blockUid',
    'blockFirst',
    'blockAt',
    'blockUntil',
    'blockStep',
    'blockAction',
    'blockRule',
    'blockProbeIntervalMs',
    'notifiedUid',
    'notifiedFirst',
    'notifiedAt',
    'dropAt',
  ],
  parts: ['of {slot}'],
  running: ['since'],
  heartbeat: ['sweptAt', 'mapping', 'batchAt', 'latenessMs'],
  campaign: ['version', 'cases'],
  rung: ['rungAt', 'rungOf', 'triedAt', 'isPending', 'version'],
  price: priceAttributes,
} as const satisfies Record<keyof typeof kinds, readonly string[]>;

type Attributes<Kind extends keyof typeof trafficAttributes> = Readonly<
  Partial<Record<(typeof trafficAttributes)[Kind][number] | 'expiresAt', unknown>>
>;

/** Items of the table of traffic: the key is what they are about, the sort key what they say of it. */
export const trafficKey = (key: Key, sk: string): Item => keyOf(nameOf(key), sk);
/** What the detector remembers of itself. */
export const runningKey: Item = keyOf(kinds.running.pk, kinds.running.sk);
export const heartbeatKey: Item = keyOf(kinds.heartbeat.pk, kinds.heartbeat.sk);
export const campaignKey: Item = keyOf(kinds.campaign.pk, kinds.campaign.sk);
export const rungKey: Item = keyOf(kinds.rung.pk, kinds.rung.sk);

export const historySort = kinds.history.sk;
export const lastSort = kinds.last.sk;
export const partsSort = kinds.parts.sk;
export const timeBucketSort = (timeBucket: number): string =>
  `${kinds.bucket.sk}${String(timeBucket).padStart(10, '0')}`;
/** A lane of a time bucket stands beside its others. An item from before ADR 65 has none. */
export const laneSort = (timeBucket: number, lane: string): string => `${timeBucketSort(timeBucket)}#${lane}`;
/** Behind all lanes of a time bucket. */
export const lastLaneSort = (timeBucket: number): string => `${timeBucketSort(timeBucket)}$`;
/** How far back the last time bucket in a history is at most, as a rule. */
export const usualTimeBuckets = 3;
/** The most events of a batch that are counted by plain writes although the detector is behind. */
export const maxPlain = 16;
/**
 * Whether the events of a batch are counted by plain writes, each of which costs half as much as one in a transaction. While the
 * detector is behind, transactions count a large batch: they are fewer calls, and faster.
 */
export const arePlain = (events: number, isBehind: boolean): boolean => events <= maxPlain || !isBehind;
/** The lane of one event, if the batch that counted it failed. */
export const laneOfEvent = (id: string): string => `~${id}`;
export const laneTurn = 'turn';
export const lastTimeBucketSort = timeBucketSort(9_999_999_999);

const hourSeconds = 3600;

/** Counts are kept for as long as the stream may bring a record, which is a day, and two hours more. */
export const keptHours = 26;
export const keptTimeBuckets = (keptHours * hourSeconds * 1000) / timeBucketMs;
export const historyDays = 30;
/** A day after its end a block is no evidence any more. */
export const lastDays = 2;
export const campaignDays = 1;
export const rungDays = 1;

export const timeBucketExpiry = (timeBucket: number): number =>
  ((timeBucket + 1) * timeBucketMs) / 1000 + keptHours * hourSeconds;
export const historyExpiry = (timeBucket: number): number =>
  (timeBucket * timeBucketMs) / 1000 + historyDays * daySeconds;
export const lastExpiry = (untilMs: number): number => Math.ceil(untilMs / 1000) + lastDays * daySeconds;

const namesOf = (letter: SlotLetter): readonly string[] =>
  Array.from({ length: slottedCounts[letter].slots }, (_, slot) => `${letter}${slot}`);
/** Made once, because a batch reads hundreds of items. */
const slotNames = { s: namesOf('s'), v: namesOf('v'), u: namesOf('u'), w: namesOf('w') };

const slotsOf = (item: Item, letter: SlotLetter): readonly number[] =>
  slotNames[letter].map((name) => numberAt(item, name) ?? 0);

/** What was counted within ten minutes. Without a number for its time bucket it counts as none. */
export const readCounts = (item: Item): Counts => ({
  ...noCounts(numberAt(item, 'timeBucket') ?? Number.NaN),
  started: slotsOf(item, 's'),
  verified: slotsOf(item, 'v'),
  unentered: slotsOf(item, 'u'),
  guessed: slotsOf(item, 'w'),
  again: numberAt(item, 'again') ?? 0,
  resent: numberAt(item, 'resent') ?? 0,
  called: numberAt(item, 'called') ?? 0,
  insisting: numberAt(item, 'insisting') ?? 0,
  others: numberAt(item, 'others') ?? 0,
  wrong: numberAt(item, 'wrong') ?? 0,
  blocked: numberAt(item, 'blocked') ?? 0,
  limited: numberAt(item, 'limited') ?? 0,
  probed: numberAt(item, 'probed') ?? 0,
  probeVerified: numberAt(item, 'probeVerified') ?? 0,
  pairStarted: numberAt(item, 'pairStarted') ?? 0,
  pairVerified: numberAt(item, 'pairVerified') ?? 0,
  ips: (item['ips']?.NS ?? []).map(Number).toSorted((one, other) => one - other),
  // Those from before applications were counted have none.
  applications: (item['applications']?.SS ?? []).toSorted(),
});

/** The item is older than the history to be written, or cannot be read. */
export const isOlderHistory = [
  'attribute_not_exists(timeBucket)',
  'timeBucket < :timeBucket',
  'NOT attribute_type(timeBucket, :number) OR timeBucket > :future',
].join(' OR ');

const sixDigits = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

/**
 * A history as text: what is halved for months is smaller than DynamoDB's smallest number, and no error should come of it.
 * Six digits are enough, and keep most histories within one write unit.
 */
export const historyText = (history: History): string => JSON.stringify(history, sixDigits);

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const areCounts = (value: unknown, most: number): boolean =>
  Array.isArray(value) && value.length <= most && value.every(isCount);

const countsOfHistory = [
  'timeBucket',
  'since',
  'slow',
  'startedLong',
  'verifiedLong',
  'startedDay',
  'verifiedDay',
  'thisHour',
] as const satisfies readonly (keyof History)[];
const listsOfHistory = [
  ['hours', 24],
  ['recent', recentTimeBuckets],
  ['recentVerified', recentTimeBuckets],
  ['recentFailed', recentTimeBuckets],
] as const satisfies readonly (readonly [keyof History, number])[];
const countsOfPairs = ['startedLong', 'verifiedLong', 'startedLately', 'verifiedLately'] as const;

const arePairs = (pairs: unknown): boolean => {
  if (pairs === undefined) return true;
  if (typeof pairs !== 'object' || pairs === null) return false;
  const parts: Readonly<Record<string, unknown>> = { ...pairs };
  return countsOfPairs.every((name) => isCount(parts[name]));
};

const areProbes = (probes: unknown): boolean =>
  Array.isArray(probes) && probes.length <= probeTimeBuckets + 1 && probes.every((each) => areCounts(each, 3));

const isHistory = (value: unknown): value is History => {
  if (typeof value !== 'object' || value === null) return false;
  const parts: Readonly<Record<string, unknown>> = { ...value };
  return (
    countsOfHistory.every((name) => isCount(parts[name])) &&
    listsOfHistory.every(([name, most]) => areCounts(parts[name], most)) &&
    areProbes(parts['probes']) &&
    arePairs(parts['pairs'])
  );
};

/** The history of an item; `unreadable` if it cannot be read. One from before ADR 61 lacks what later ones have. */
export const readHistory = (item: Item | undefined, newestTimeBucket: number): History | undefined | 'unreadable' => {
  if (item === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(item['history']?.S ?? '');
    if (typeof parsed !== 'object' || parsed === null) return 'unreadable';
    const { recentVerified, recentFailed, probes } = noHistory(0);
    const history: unknown = { recentVerified, recentFailed, probes, ...parsed };
    const isSound =
      isHistory(history) &&
      history.timeBucket === numberAt(item, 'timeBucket') &&
      history.timeBucket <= newestTimeBucket;
    return isSound ? history : 'unreadable';
  } catch {
    return 'unreadable';
  }
};

/** The last block and the last notification of a key, in one item. What cannot be read of it counts as none. */
export const readLast = (
  item: Item | undefined,
): { readonly lastBlock: LastBlock | undefined; readonly lastNotified: LastNotified | undefined } => {
  const [atMs, untilMs, step, firstMs] = ['blockAt', 'blockUntil', 'blockStep', 'blockFirst'].map((name) =>
    numberAt(item, name),
  );
  const [notifiedAt, notifiedFirst] = [numberAt(item, 'notifiedAt'), numberAt(item, 'notifiedFirst')];
  const [uid, action, notifiedUid] = [item?.['blockUid']?.S, item?.['blockAction']?.S, item?.['notifiedUid']?.S];
  const isBlock = uid !== undefined && (action === 'block' || action === 'restrict' || action === 'longer-codes');
  const rule = ruleNames.find((each) => each === item?.['blockRule']?.S);
  const [probeIntervalMs, dropMs] = [numberAt(item, 'blockProbeIntervalMs'), numberAt(item, 'dropAt')];
  return {
    lastBlock:
      isBlock && atMs !== undefined && untilMs !== undefined && step !== undefined && firstMs !== undefined
        ? { uid, action, atMs, untilMs, step, firstMs, rule, probeIntervalMs }
        : undefined,
    lastNotified:
      notifiedUid === undefined || notifiedAt === undefined || notifiedFirst === undefined
        ? undefined
        : { uid: notifiedUid, atMs: notifiedAt, firstMs: notifiedFirst, dropMs },
  };
};

/** The attributes that a block of a key leaves in its `last` item. */
export const lastOfBlock = (last: LastBlock): Attributes<'last'> => ({
  blockUid: last.uid,
  blockFirst: last.firstMs,
  blockAt: last.atMs,
  blockUntil: last.untilMs,
  blockStep: last.step,
  blockAction: last.action,
  ...(last.rule === undefined ? {} : { blockRule: last.rule }),
  ...(last.probeIntervalMs === undefined ? {} : { blockProbeIntervalMs: last.probeIntervalMs }),
  expiresAt: lastExpiry(last.untilMs),
});

export const lastOfNotification = ({ uid, firstMs, atMs, dropMs }: LastNotified): Attributes<'last'> => ({
  notifiedUid: uid,
  notifiedFirst: firstMs,
  notifiedAt: atMs,
  ...(dropMs === undefined ? {} : { dropAt: dropMs }),
  expiresAt: lastExpiry(atMs),
});

/** That staff were not notified of the key after `:since`. A time that cannot be read is none. */
export const isNotNotifiedSince =
  'attribute_not_exists(notifiedAt) OR notifiedAt <= :since OR NOT attribute_type(notifiedAt, :number)';
export const isBlockUntil = 'blockUntil = :before';

/** The batch that is kept ended a minute before this one or earlier, was less late, or cannot be read. */
export const isNewerOrWorse = [
  'attribute_not_exists(latenessMs)',
  'NOT attribute_type(latenessMs, :number)',
  'NOT attribute_type(batchAt, :number)',
  'batchAt <= :before',
  'latenessMs < :latenessMs',
].join(' OR ');

/** What cannot be read of it is as if it were not there. */
export const readHeartbeat = (item: Item | undefined): Heartbeat => {
  const [atMs, latenessMs] = [numberAt(item, 'batchAt'), numberAt(item, 'latenessMs')];
  return {
    sweptMs: numberAt(item, 'sweptAt'),
    mapping: item?.['mapping']?.S,
    lastBatch: atMs === undefined || latenessMs === undefined ? undefined : { atMs, latenessMs },
  };
};

const partPrefix = 'of ';
/** One attribute for each slot of parts that was blocked, so that writing it twice changes nothing. */
export const partAttribute = (slot: number): string => `${partPrefix}${slot}`;

export const readParts = (item: Item | undefined): readonly BlockedPart[] =>
  Object.entries(item ?? {}).flatMap(([name, value]: [string, AttributeValue]) => {
    const slot = Number(name.slice(partPrefix.length));
    return name.startsWith(partPrefix) && Number.isSafeInteger(slot) && value.N !== undefined
      ? [{ slot, atMs: Number(value.N) }]
      : [];
  });

const [minor, ofNumber] = ['minor', 'number'];
/** Time, country and uid in one text, so that a set holds them. */
const caseText = ({ uid, atMs, country, isMinor, isOfNumber }: CampaignCase): string =>
  [atMs, country, uid, ...(isMinor ? [minor] : []), ...(isOfNumber ? [ofNumber] : [])].join(' ');

export const readCampaign = (item: Item | undefined): Campaign => ({
  version: versionAt(item),
  cases: (item?.['cases']?.SS ?? []).map((text) => {
    const [atMs, country = '', uid = '', ...marks] = text.split(' ');
    return {
      uid,
      atMs: Number(atMs),
      country,
      ...(marks.includes(minor) ? { isMinor: true as const } : {}),
      ...(marks.includes(ofNumber) ? { isOfNumber: true as const } : {}),
    };
  }),
});

/** The attributes of a campaign, as values of an update. */
export const campaignValues = ({ version, cases }: Campaign): Item => ({
  ...values({
    ':version': version,
    ':expiresAt': Math.ceil(Math.max(...cases.map(({ atMs }) => atMs)) / 1000) + campaignDays * daySeconds,
  }),
  ':cases': { SS: [...new Set(cases.map(caseText))] },
});

/** The attributes of the last reminder of stops. */
export const rungValues = ({ atMs, of, triedMs, isPending }: Rung, version: number): Attributes<'rung'> => ({
  rungAt: atMs,
  rungOf: of,
  triedAt: triedMs,
  isPending,
  version,
  expiresAt: Math.ceil(atMs / 1000) + rungDays * daySeconds,
});

/** A reminder from before ADR 97 was sent. */
export const readRung = (item: Item | undefined): Rung | undefined => {
  const [atMs, of] = [numberAt(item, 'rungAt'), item?.['rungOf']?.S];
  if (atMs === undefined || of === undefined) return undefined;
  return { atMs, of, triedMs: numberAt(item, 'triedAt') ?? atMs, isPending: item?.['isPending']?.BOOL === true };
};
