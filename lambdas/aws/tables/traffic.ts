import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type History, recentTimeBuckets } from '../../bursts/counts/history.ts';
import {
  type Counts,
  type Key,
  nameOf,
  noCounts,
  slotsPerTimeBucket,
  timeBucketMs,
} from '../../bursts/counts/traffic.ts';
import type { BlockedParts, LastBlock, LastTold, Ruling } from '../../bursts/judge/judge.ts';
import type { Item } from './verifications.ts';

/** Items of the table of traffic: the key is what they are about, the sort key what they say of it. */
export const trafficKey = (key: Key, sk: string): Item => ({ pk: { S: nameOf(key) }, sk: { S: sk } });
/** What the detector remembers of itself. */
export const ownKey = (sk: string): Item => ({ pk: { S: 'detector' }, sk: { S: sk } });
export const trafficMarkKey = (id: string): Item => ({ pk: { S: `mark#${id}` }, sk: { S: 'mark' } });

export const historySort = 'history';
export const lastSort = 'last';
export const partsSort = 'parts';
export const timeBucketSort = (timeBucket: number): string => `bucket#${String(timeBucket).padStart(10, '0')}`;
export const lastTimeBucketSort = timeBucketSort(9_999_999_999);

const hourSeconds = 3600;
const daySeconds = 24 * hourSeconds;

/** Counts and marks are kept for as long as the stream may bring a record, which is a day, and some. */
export const keptTimeBuckets = 26 * 6;
export const markExpiry = (atMs: number): number => Math.floor(atMs / 1000) + 26 * hourSeconds;
export const timeBucketExpiry = (timeBucket: number): number =>
  ((timeBucket + 1) * timeBucketMs) / 1000 + 26 * hourSeconds;
export const historyExpiry = (timeBucket: number): number => (timeBucket * timeBucketMs) / 1000 + 30 * daySeconds;
/** A day after its end a block no longer makes the next one longer. */
export const lastExpiry = (untilMs: number): number => Math.ceil(untilMs / 1000) + 2 * daySeconds;

const numberOf = (item: Item | undefined, attribute: string): number | undefined => {
  const text = item?.[attribute]?.N;
  return text === undefined ? undefined : Number(text);
};

const slotsOf = (item: Item, letter: 's' | 'v'): readonly number[] =>
  Array.from({ length: slotsPerTimeBucket }, (_, slot) => numberOf(item, `${letter}${slot}`) ?? 0);

/** What was counted within ten minutes. */
export const readCounts = (item: Item): Counts => ({
  ...noCounts(numberOf(item, 'timeBucket') ?? Number.NaN),
  started: slotsOf(item, 's'),
  verified: slotsOf(item, 'v'),
  trusted: numberOf(item, 'trusted') ?? 0,
  resent: numberOf(item, 'resent') ?? 0,
  wrong: numberOf(item, 'wrong') ?? 0,
  blocked: numberOf(item, 'blocked') ?? 0,
  limited: numberOf(item, 'limited') ?? 0,
  ips: (item['ips']?.NS ?? []).map(Number).toSorted((one, other) => one - other),
});

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

/** The history of an item; `unreadable` where there is one that cannot be. */
export const readHistory = (item: Item | undefined, newestTimeBucket: number): History | undefined | 'unreadable' => {
  if (item === undefined) return undefined;
  try {
    const history: unknown = JSON.parse(item['history']?.S ?? '');
    const isSound =
      isHistory(history) &&
      history.timeBucket === numberOf(item, 'timeBucket') &&
      history.timeBucket <= newestTimeBucket;
    return isSound ? history : 'unreadable';
  } catch {
    return 'unreadable';
  }
};

/** The last block and the last thing told, in one item. */
export const readLast = (
  item: Item | undefined,
): { readonly last: LastBlock | undefined; readonly told: LastTold | undefined } => {
  const [atMs, untilMs, step, firstMs] = ['blockAt', 'blockUntil', 'blockStep', 'blockFirst'].map((name) =>
    numberOf(item, name),
  );
  const [toldAt, toldFirst] = [numberOf(item, 'toldAt'), numberOf(item, 'toldFirst')];
  const [uid, action, toldUid] = [item?.['blockUid']?.S, item?.['blockAction']?.S, item?.['toldUid']?.S];
  const isBlock = uid !== undefined && (action === 'block' || action === 'restrict' || action === 'longer-codes');
  return {
    last:
      isBlock && atMs !== undefined && untilMs !== undefined && step !== undefined && firstMs !== undefined
        ? { uid, action, atMs, untilMs, step, firstMs }
        : undefined,
    told:
      toldUid === undefined || toldAt === undefined || toldFirst === undefined
        ? undefined
        : { uid: toldUid, atMs: toldAt, firstMs: toldFirst },
  };
};

/** The attributes that a block of a key leaves in its `last` item. */
export const lastOfBlock = ({
  uid,
  firstMs,
  atMs,
  untilMs,
  step,
  action,
}: Ruling): Readonly<Record<string, unknown>> => ({
  blockUid: uid,
  blockFirst: firstMs,
  blockAt: atMs,
  blockUntil: untilMs,
  blockStep: step,
  blockAction: action,
});

export const lastOfTold = ({ uid, firstMs, atMs }: Ruling): Readonly<Record<string, unknown>> => ({
  toldUid: uid,
  toldFirst: firstMs,
  toldAt: atMs,
});

const partPrefix = 'of ';
/** One attribute for each part that was blocked, so that writing it twice changes nothing. */
export const partAttribute = (of: string): string => `${partPrefix}${of}`;

export const readParts = (item: Item | undefined): BlockedParts =>
  Object.entries(item ?? {}).flatMap(([name, value]: [string, AttributeValue]) =>
    name.startsWith(partPrefix) && value.N !== undefined
      ? [{ of: name.slice(partPrefix.length), atMs: Number(value.N) }]
      : [],
  );

/**
 * The last block as the block itself shows it now: staff who lift it say until when they want none, and the detector
 * believes them. A block whose item is gone does not hold, whoever took it away: the detector looks again.
 */
export const asLifted = (
  last: LastBlock | undefined,
  block: Item | undefined,
  nowMs: number,
): LastBlock | undefined => {
  if (last === undefined) return undefined;
  // A read that lags may show a block that has just been written as gone: the write of another would be refused.
  if (block === undefined) return { ...last, untilMs: Math.min(last.untilMs, nowMs) };
  const liftedUntil = numberOf(block, 'liftedUntil');
  if (liftedUntil === undefined) return last;
  const liftedUntilMs = liftedUntil * 1000;
  return { ...last, untilMs: Math.min(last.untilMs, liftedUntilMs, nowMs), liftedUntilMs };
};
