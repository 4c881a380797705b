import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dayMs } from '../../otp/durations.ts';
import { dayOf, spentWithout } from '../../otp/limits/caps.ts';
import type { SendFacts, Wanted } from '../../otp/ports.ts';
import type { Subject } from '../../otp/subject.ts';
import { type HeldLevel, heldLevels } from '../../policy.ts';
import { batchGetConsistent } from '../dynamo/reads.ts';
import {
  blockKey,
  guardKey,
  idempotencyKey,
  ipKey,
  ipReputationKey,
  isCodesItemHeld,
  networkKey,
  readBlock,
  readGuard,
  readIdempotency,
  readIp,
  readLeft,
  readNotified,
  readProbedAt,
  readRefusedTat,
  readReputation,
  readSent,
  readSpentNow,
  readStops,
  readVerified,
  readVerifiers,
  reputationKey,
  shardKey,
  spentKey,
  stopKey,
  verifiedKey,
} from '../tables/guards.ts';
import { portNoticeKey, readPortNotice, readRisk, riskKey } from '../tables/number-risk.ts';

type BlockPlace = { readonly level: HeldLevel; readonly of: string; readonly pk: string };

const blockPlaces = (subject: Subject): readonly BlockPlace[] => {
  const { phoneKey, ip, range, prefix, country } = subject;
  const keys: Record<HeldLevel, string> = { phone: phoneKey, ip, range, prefix, 'new-network': country, country };
  return heldLevels.map((level) => ({ level, of: keys[level], pk: blockKey(level, keys[level]) }));
};

/** The keys of the shards of the cap of all SMS. A single one needs no item beside that of the cap. */
export const shardKeys = (totalShards: number, day: string): readonly string[] =>
  totalShards < 2 ? [] : Array.from({ length: totalShards }, (_, shard) => shardKey(shard, day));

/** The tables that are read, and the number of shards of the cap of all SMS. */
export type FactsPlace = { readonly client: DynamoDBClient; readonly table: string; readonly totalShards: number };

/** The facts of a send, in one consistent read. */
export const readFacts = async (
  { client, table, totalShards }: FactsPlace,
  subject: Subject,
  idempotency: string | undefined,
  nowMs: number,
  { hasOwnCaps = false, mindsRisk = false }: Wanted = {},
): Promise<SendFacts> => {
  const { phoneKey, ip, network, country, application } = subject;
  const [today, yesterday] = [dayOf(nowMs), dayOf(nowMs - dayMs)];
  const blocks = blockPlaces(subject);
  const keys = {
    stop: stopKey,
    guard: guardKey(phoneKey),
    reputation: reputationKey(phoneKey),
    ip: ipKey(ip),
    ipReputation: ipReputationKey(ip),
    total: spentKey({ of: 'total' }, today),
    country: spentKey({ of: 'country', country }, today),
    ...(hasOwnCaps ? { application: spentKey({ of: 'application', application }, today) } : {}),
    verifiedToday: verifiedKey(country, today),
    verifiedYesterday: verifiedKey(country, yesterday),
    network: networkKey(network),
    codeSpraying: blockKey('codes', country),
    guessedAt: blockKey('codes', phoneKey),
    ...(idempotency === undefined ? {} : { idempotency: idempotencyKey(idempotency) }),
    ...(mindsRisk ? { sim: riskKey(phoneKey), notice: portNoticeKey(phoneKey) } : {}),
  };
  const shards = shardKeys(totalShards, today);
  const all = [...Object.values(keys), ...blocks.map(({ pk }) => pk), ...shards];
  const items = await batchGetConsistent(client, table, all);
  const left = shards.map((pk) => readLeft(items.get(pk), nowMs));
  return {
    stops: readStops(items.get(keys.stop)),
    guard: readGuard(items.get(keys.guard)),
    reputation: readReputation(items.get(keys.reputation)),
    blocks: blocks.flatMap(({ level, of, pk }) => readBlock(level, of, items.get(pk))),
    networkProbedAtMs: readProbedAt(items.get(keys.network)) ?? 0,
    isCodeSpraying: [keys.codeSpraying, keys.guessedAt].some((pk) => isCodesItemHeld(items.get(pk), nowMs)),
    refusedTatMs: readRefusedTat(items.get(keys.ip)),
    ip: { ...readIp(items.get(keys.ip), nowMs), verifiers: readVerifiers(items.get(keys.ipReputation), nowMs) },
    country: {
      sentToday: readSent(items.get(keys.country)),
      verifiedToday: readVerified(items.get(keys.verifiedToday)),
      verifiedYesterday: readVerified(items.get(keys.verifiedYesterday)),
    },
    spent: {
      total: spentWithout(readSpentNow(items.get(keys.total), nowMs), left),
      country: readSpentNow(items.get(keys.country), nowMs),
      application: readSpentNow(keys.application === undefined ? undefined : items.get(keys.application), nowMs),
    },
    ...(left.length === 0 ? {} : { leftInShards: left }),
    ...(keys.sim === undefined || keys.notice === undefined
      ? {}
      : {
          risk: { answer: readRisk(items.get(keys.sim), nowMs), notice: readPortNotice(items.get(keys.notice), nowMs) },
        }),
    notifiedToday: readNotified(items.get(keys.total)),
    idempotency: keys.idempotency === undefined ? undefined : readIdempotency(items.get(keys.idempotency)),
  };
};
