import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Counts, noCounts } from '../../bursts/counts/counts.ts';
import { type History, recentTimeBuckets } from '../../bursts/counts/history.ts';
import { type Key, nameOf } from '../../bursts/counts/keys.ts';
import { slotsPerTimeBucket, timeBucketMs } from '../../bursts/counts/time-buckets.ts';
import type { Campaign, CampaignCase } from '../../bursts/findings/campaign.ts';
import type { BlockedPart } from '../../bursts/judge/parts.ts';
import type { LastBlock, LastNotified } from '../../bursts/judge/ruling.ts';
import { itemKinds } from '../../contract.ts';
import { daySeconds, type Item, keyOf, numberAt, values } from '../dynamo/items.ts';

const { traffic: kinds } = itemKinds;

/**
 * The attributes of each kind of item, beside the keys and the TTL attribute. Times are epoch milliseconds, except
 * `expiresAt`: epoch seconds.
 */
export const trafficAttributes = {
  bucket: ['timeBucket', 's{0…59}', 'v{0…59}', 'trusted', 'resent', 'wrong', 'blocked', 'limited', 'ips'],
  history: ['timeBucket', 'history'],
  last: [
    'blockUid',
    'blockFirst',
    'blockAt',
    'blockUntil',
    'blockStep',
    'blockAction',
    'notifiedUid',
    'notifiedFirst',
    'notifiedAt',
  ],
  parts: ['of {part}'],
  running: ['since'],
  campaign: ['version', 'cases'],
} as const satisfies Record<keyof typeof kinds, readonly string[]>;

type Attributes<Kind extends keyof typeof trafficAttributes> = Readonly<
  Partial<Record<(typeof trafficAttributes)[Kind][number] | 'expiresAt', unknown>>
>;

/** Items of the table of traffic: the key is what they are about, the sort key what they say of it. */
export const trafficKey = (key: Key, sk: string): Item => keyOf(nameOf(key), sk);
/** What the detector remembers of itself. */
export const runningKey: Item = keyOf(kinds.running.pk, kinds.running.sk);
export const campaignKey: Item = keyOf(kinds.campaign.pk, kinds.campaign.sk);

export const historySort = kinds.history.sk;
export const lastSort = kinds.last.sk;
export const partsSort = kinds.parts.sk;
export const timeBucketSort = (timeBucket: number): string =>
  `${kinds.bucket.sk}${String(timeBucket).padStart(10, '0')}`;
/** A lane of a time bucket stands beside its others. An item from before ADR 65 has none. */
export const laneSort = (timeBucket: number, lane: string): string => `${timeBucketSort(timeBucket)}#${lane}`;
export const lastTimeBucketSort = timeBucketSort(9_999_999_999);

const hourSeconds = 3600;

/** Counts are kept for as long as the stream may bring a record, which is a day, and two hours more. */
export const keptHours = 26;
export const keptTimeBuckets = (keptHours * hourSeconds * 1000) / timeBucketMs;
export const historyDays = 30;
/** A day after its end a block no longer makes the next one longer. */
export const lastDays = 2;
export const campaignDays = 1;

export const timeBucketExpiry = (timeBucket: number): number =>
  ((timeBucket + 1) * timeBucketMs) / 1000 + keptHours * hourSeconds;
export const historyExpiry = (timeBucket: number): number =>
  (timeBucket * timeBucketMs) / 1000 + historyDays * daySeconds;
export const lastExpiry = (untilMs: number): number => Math.ceil(untilMs / 1000) + lastDays * daySeconds;

const slotsOf = (item: Item, letter: 's' | 'v'): readonly number[] =>
  Array.from({ length: slotsPerTimeBucket }, (_, slot) => numberAt(item, `${letter}${slot}`) ?? 0);

/** What was counted within ten minutes. */
export const readCounts = (item: Item): Counts => ({
  ...noCounts(numberAt(item, 'timeBucket') ?? Number.NaN),
  started: slotsOf(item, 's'),
  verified: slotsOf(item, 'v'),
  trusted: numberAt(item, 'trusted') ?? 0,
  resent: numberAt(item, 'resent') ?? 0,
  wrong: numberAt(item, 'wrong') ?? 0,
  blocked: numberAt(item, 'blocked') ?? 0,
  limited: numberAt(item, 'limited') ?? 0,
  ips: (item['ips']?.NS ?? []).map(Number).toSorted((one, other) => one - other),
});

/** The item is older than the history to be written, or cannot be read. */
export const isOlderHistory = [
  'attribute_not_exists(timeBucket)',
  'timeBucket < :timeBucket',
  'NOT attribute_type(timeBucket, :number) OR timeBucket > :future',
].join(' OR ');

/** A history as text: what is halved for months is smaller than DynamoDB's smallest number, and no error should come of it. */
export const historyText = (history: History): string => JSON.stringify(history);

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const areCounts = (value: unknown, most: number): boolean =>
  Array.isArray(value) && value.length <= most && value.every(isCount);

const countsOfHistory = [
  'timeBucket',
  'since',
  'fast',
  'slow',
  'startedLong',
  'verifiedLong',
  'startedDay',
  'verifiedDay',
  'thisHour',
] as const satisfies readonly (keyof History)[];

const isHistory = (value: unknown): value is History => {
  if (typeof value !== 'object' || value === null) return false;
  const parts: Readonly<Record<string, unknown>> = { ...value };
  const { hours, recent } = parts;
  return (
    countsOfHistory.every((name) => isCount(parts[name])) &&
    areCounts(hours, 24) &&
    areCounts(recent, recentTimeBuckets)
  );
};

/** The history of an item; `unreadable` if it cannot be read. */
export const readHistory = (item: Item | undefined, newestTimeBucket: number): History | undefined | 'unreadable' => {
  if (item === undefined) return undefined;
  try {
    const history: unknown = JSON.parse(item['history']?.S ?? '');
    const isSound =
      isHistory(history) &&
      history.timeBucket === numberAt(item, 'timeBucket') &&
      history.timeBucket <= newestTimeBucket;
    return isSound ? history : 'unreadable';
  } catch {
    return 'unreadable';
  }
};

/** The last block and the last notification of a key, in one item. */
export const readLast = (
  item: Item | undefined,
): { readonly lastBlock: LastBlock | undefined; readonly lastNotified: LastNotified | undefined } => {
  const [atMs, untilMs, step, firstMs] = ['blockAt', 'blockUntil', 'blockStep', 'blockFirst'].map((name) =>
    numberAt(item, name),
  );
  const [notifiedAt, notifiedFirst] = [numberAt(item, 'notifiedAt'), numberAt(item, 'notifiedFirst')];
  const [uid, action, notifiedUid] = [item?.['blockUid']?.S, item?.['blockAction']?.S, item?.['notifiedUid']?.S];
  const isBlock = uid !== undefined && (action === 'block' || action === 'restrict' || action === 'longer-codes');
  return {
    lastBlock:
      isBlock && atMs !== undefined && untilMs !== undefined && step !== undefined && firstMs !== undefined
        ? { uid, action, atMs, untilMs, step, firstMs }
        : undefined,
    lastNotified:
      notifiedUid === undefined || notifiedAt === undefined || notifiedFirst === undefined
        ? undefined
        : { uid: notifiedUid, atMs: notifiedAt, firstMs: notifiedFirst },
  };
};

/** The attributes that a block of a key leaves in its `last` item. */
export const lastOfBlock = ({ uid, firstMs, atMs, untilMs, step, action }: LastBlock): Attributes<'last'> => ({
  blockUid: uid,
  blockFirst: firstMs,
  blockAt: atMs,
  blockUntil: untilMs,
  blockStep: step,
  blockAction: action,
  expiresAt: lastExpiry(untilMs),
});

export const lastOfNotification = ({ uid, firstMs, atMs }: LastNotified): Attributes<'last'> => ({
  notifiedUid: uid,
  notifiedFirst: firstMs,
  notifiedAt: atMs,
  expiresAt: lastExpiry(atMs),
});

/** That staff were not notified of the key after `:since`. */
export const isNotNotifiedSince = 'attribute_not_exists(notifiedAt) OR notifiedAt <= :since';
export const isBlockUntil = 'blockUntil = :before';

const partPrefix = 'of ';
/** One attribute for each part that was blocked, so that writing it twice changes nothing. */
export const partAttribute = (of: string): string => `${partPrefix}${of}`;

export const readParts = (item: Item | undefined): readonly BlockedPart[] =>
  Object.entries(item ?? {}).flatMap(([name, value]: [string, AttributeValue]) =>
    name.startsWith(partPrefix) && value.N !== undefined
      ? [{ of: name.slice(partPrefix.length), atMs: Number(value.N) }]
      : [],
  );

/** Time, country and uid in one text, so that a set holds them. */
const caseText = ({ uid, atMs, country }: CampaignCase): string => `${atMs} ${country} ${uid}`;

export const readCampaign = (item: Item | undefined): Campaign => ({
  version: numberAt(item, 'version') ?? 0,
  cases: (item?.['cases']?.SS ?? []).map((text) => {
    const [atMs, country = '', uid = ''] = text.split(' ');
    return { uid, atMs: Number(atMs), country };
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
