import type { Update } from '@aws-sdk/client-dynamodb';
import {
  type AnnouncedLaunch,
  isLaunch,
  type Launch,
  type LaunchProgress,
  launchLevels,
} from '../../../bursts/evidence/launches.ts';
import { itemKinds } from '../../../contract.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import type { Attributes } from './attributes.ts';
import { plainOf } from './plain.ts';

/** All launches stand under one key, each by its level and its country or prefix: the detector reads them by one Query. */
export const launchPartition = itemKinds.security.launch.pk;
export const launchKey = ({ level, of }: Pick<Launch, 'level' | 'of'>): Item =>
  keyOf(launchPartition, `${level}#${of}`);

/** An announcement. It takes the place of an earlier one of the same key, so that its requests are counted anew. */
export const launchItem = ({ level, of, country, fromMs, untilMs, expected, reason, author }: Launch): Item => ({
  ...launchKey({ level, of }),
  ...values({
    country,
    from: fromMs,
    until: untilMs,
    expected,
    reason,
    author,
    expiresAt: Math.ceil(untilMs / 1000),
  } satisfies Attributes<'launch'>),
});

/** The detector's notes of a launch, unless it was announced anew, exceeded or noted since it was read. */
export const launchUpdate = (TableName: string, before: AnnouncedLaunch, progress: LaunchProgress) => {
  const { requests, rolledUp, rolledUpTo, exceededMs } = progress;
  const noted = { requests, rolledUp, rolledUpTo, ...(exceededMs === undefined ? {} : { exceededAt: exceededMs }) };
  const sets = Object.keys(noted satisfies Attributes<'launch'>).map((name) => `${name} = :${name}`);
  return {
    TableName,
    Key: launchKey(before),
    UpdateExpression: `SET ${sets.join(', ')}`,
    ConditionExpression: [isSameLaunch, isNotExceeded, isNotedAs].join(' AND '),
    ExpressionAttributeNames: { '#from': 'from' },
    ExpressionAttributeValues: values({
      ...Object.fromEntries(Object.entries(noted).map(([name, value]) => [`:${name}`, value])),
      ':from': before.fromMs,
      ':before': before.progress.rolledUpTo,
    }),
  } satisfies Update;
};

const isSameLaunch = '#from = :from';
const isNotExceeded = 'attribute_not_exists(exceededAt)';
const isNotedAs = '(attribute_not_exists(rolledUpTo) OR rolledUpTo = :before)';

const isProgress = (value: unknown): value is number | undefined => value === undefined || typeof value === 'number';

/** A launch with its progress; `undefined` if it cannot be read, or is none that staff may announce. */
export const readLaunch = (item: Item): AnnouncedLaunch | undefined => {
  const { sk, country, from, until, expected, reason, author, ...noted } = plainOf(item);
  const [level, of] = typeof sk === 'string' ? sk.split('#') : [];
  const known = launchLevels.find((each) => each === level);
  if (known === undefined || of === undefined) return undefined;
  if (typeof from !== 'number' || typeof until !== 'number' || typeof expected !== 'number') return undefined;
  if (typeof reason !== 'string' || typeof author !== 'string') return undefined;
  if (country !== undefined && typeof country !== 'string') return undefined;
  const progress = readProgress(noted);
  const launch: Launch = { level: known, of, country, fromMs: from, untilMs: until, expected, reason, author };
  return progress !== undefined && isLaunch(launch) ? { ...launch, progress } : undefined;
};

const readProgress = (noted: Readonly<Record<string, unknown>>): LaunchProgress | undefined => {
  const { requests, rolledUp, rolledUpTo, exceededAt } = noted;
  if (!isProgress(requests) || !isProgress(rolledUp) || !isProgress(rolledUpTo) || !isProgress(exceededAt))
    return undefined;
  return { requests: requests ?? 0, rolledUp: rolledUp ?? 0, rolledUpTo: rolledUpTo ?? 0, exceededMs: exceededAt };
};
