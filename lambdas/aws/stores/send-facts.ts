import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Level } from '../../bursts/counts/traffic.ts';
import type { AdmissionFacts, Block, Subject } from '../../otp/limits/admission.ts';
import { dayOf, hourOf, type Spent } from '../../otp/limits/caps.ts';
import { noReputation, type Reputation } from '../../otp/limits/reputation.ts';
import type { Idempotency } from '../../otp/ports.ts';
import { type BlockLevel, blockLevels } from '../../policy.ts';
import { batchGetConsistent } from '../dynamo/writes.ts';
import { guardKey, type Item, idempotencyKey, readGuard, readIdempotency } from '../tables/verifications.ts';

/** Keys of the table of guards. */
export const reputationKey = (phoneKey: string): string => `reputation#${phoneKey}`;
export const ipKey = (ip: string): string => `ip#${ip}`;
export const trustedKey = (ip: string): string => `ip-reputation#${ip}`;
export const blockKey = (level: Level, of: string): string => `block#${level}#${of}`;
export const spentKey = (of: string, day: string): string => `spent#${of}#${day}`;
export const sentKey = (country: string, day: string): string => `sent#${country}#${day}`;
export const verifiedKey = (country: string, day: string): string => `verified#${country}#${day}`;
export const testKey = (entry: string): string => `test#${entry}`;
export const markKey = (id: string): string => `mark#${id}`;

/** Who stands in the key of all countries together. */
export const allCountries = 'total';

export const countriesAttribute = (day: string): string => `countries${day.replaceAll('-', '')}`;
/** Times of the GCRA of an IP: before it was trusted, and since. */
export const untrustedTatAttribute = 'tat';
export const trustedTatAttribute = 'trustedTat';
export const hourAttribute = (hour: string): string => `hour${hour}`;
export const dayAttribute = 'wholeDay';

const dayMs = 86_400_000;

const blockKeys = (subject: Subject): readonly { readonly level: BlockLevel; readonly pk: string }[] => {
  const { phoneKey, ip, range, prefix, country } = subject;
  const keys: Record<BlockLevel, string> = { phone: phoneKey, ip, range, prefix, country };
  return blockLevels.map((level) => ({ level, pk: blockKey(level, keys[level]) }));
};

/** All that stands about a send, in one consistent read. */
export const readFacts = async (
  client: DynamoDBClient,
  table: string,
  subject: Subject,
  idempotency: string | undefined,
  nowMs: number,
): Promise<AdmissionFacts & { readonly idempotency: Idempotency | undefined }> => {
  const { phoneKey, ip, country } = subject;
  const [today, yesterday] = [dayOf(nowMs), dayOf(nowMs - dayMs)];
  const blocks = blockKeys(subject);
  const codeSpraying = blockKey('codes', country);
  const keys = {
    guard: guardKey(phoneKey),
    reputation: reputationKey(phoneKey),
    ip: ipKey(ip),
    trusted: trustedKey(ip),
    total: spentKey(allCountries, today),
    country: spentKey(country, today),
    sent: sentKey(country, today),
    verifiedToday: verifiedKey(country, today),
    verifiedYesterday: verifiedKey(country, yesterday),
    ...(idempotency === undefined ? {} : { idempotency: idempotencyKey(idempotency) }),
  };
  const items = await batchGetConsistent(client, table, [
    ...Object.values(keys),
    ...blocks.map(({ pk }) => pk),
    codeSpraying,
  ]);
  return {
    guard: readGuard(items.get(keys.guard)),
    reputation: readReputation(items.get(keys.reputation)),
    blocks: blocks.flatMap(({ level, pk }) => readBlock(level, items.get(pk))),
    isCodeSpraying: readBlock('country', items.get(codeSpraying)).some(({ until }) => until * 1000 > nowMs),
    ip: {
      tatMs: numberOf(items.get(keys.ip), untrustedTatAttribute),
      trustedTatMs: numberOf(items.get(keys.ip), trustedTatAttribute),
      countriesToday: items.get(keys.ip)?.[countriesAttribute(today)]?.SS ?? [],
      successes: readTrusted(items.get(keys.trusted), nowMs),
    },
    country: {
      sentToday: numberOf(items.get(keys.sent), 'sentCount'),
      verifiedToday: numberOf(items.get(keys.verifiedToday), 'verifiedCount'),
      verifiedYesterday: numberOf(items.get(keys.verifiedYesterday), 'verifiedCount'),
    },
    spent: { total: readSpent(items.get(keys.total), nowMs), country: readSpent(items.get(keys.country), nowMs) },
    idempotency: keys.idempotency === undefined ? undefined : readIdempotency(items.get(keys.idempotency)),
  };
};

const numberOf = (item: Item | undefined, attribute: string): number => Number(item?.[attribute]?.N ?? 0);

const readSpent = (item: Item | undefined, nowMs: number): Spent => ({
  hour: numberOf(item, hourAttribute(hourOf(nowMs))),
  day: numberOf(item, dayAttribute),
});

/** Successes count until the item's expiry, whether or not DynamoDB has deleted it by then. */
const readTrusted = (item: Item | undefined, nowMs: number): number =>
  numberOf(item, 'expiresAt') * 1000 > nowMs ? (item?.['verifiers']?.SS?.length ?? 0) : 0;

/** Staff lift a block by saying until when they want none: it is none from then on, and the detector writes none either. */
const readBlock = (level: BlockLevel, item: Item | undefined): Block[] =>
  item === undefined || item['liftedUntil'] !== undefined
    ? []
    : [
        {
          level,
          until: numberOf(item, 'expiresAt'),
          reason: item['reason']?.S ?? '',
          by: item['author']?.S ?? '',
          ...(item['restriction']?.BOOL === true ? { restriction: true } : {}),
        },
      ];

export const readReputation = (item: Item | undefined): Reputation => {
  if (item === undefined) return noReputation;
  const { version, wrong, verifiedAt, wrongAt } = unmarshall(item);
  return { version, wrong, verifiedAtMs: verifiedAt, wrongAtMs: wrongAt };
};
