import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AdmissionFacts } from '../../otp/limits/admission.ts';
import { dayOf } from '../../otp/limits/caps.ts';
import type { Idempotency } from '../../otp/ports.ts';
import type { Subject } from '../../otp/subject.ts';
import { type BlockLevel, blockLevels } from '../../policy.ts';
import { batchGetConsistent } from '../dynamo/reads.ts';
import {
  allCountries,
  blockKey,
  guardKey,
  idempotencyKey,
  ipKey,
  ipReputationKey,
  readBlock,
  readGuard,
  readIdempotency,
  readIp,
  readReputation,
  readSent,
  readSpentNow,
  readVerified,
  readVerifiers,
  reputationKey,
  sentKey,
  spentKey,
  verifiedKey,
} from '../tables/guards.ts';

const dayMs = 86_400_000;

const blockKeys = (subject: Subject): readonly { readonly level: BlockLevel; readonly pk: string }[] => {
  const { phoneKey, ip, range, prefix, country } = subject;
  const keys: Record<BlockLevel, string> = { phone: phoneKey, ip, range, prefix, country };
  return blockLevels.map((level) => ({ level, pk: blockKey(level, keys[level]) }));
};

/** The facts of a send, in one consistent read. */
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
    ipReputation: ipReputationKey(ip),
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
    ip: { ...readIp(items.get(keys.ip), nowMs), verifiers: readVerifiers(items.get(keys.ipReputation), nowMs) },
    country: {
      sentToday: readSent(items.get(keys.sent)),
      verifiedToday: readVerified(items.get(keys.verifiedToday)),
      verifiedYesterday: readVerified(items.get(keys.verifiedYesterday)),
    },
    spent: { total: readSpentNow(items.get(keys.total), nowMs), country: readSpentNow(items.get(keys.country), nowMs) },
    idempotency: keys.idempotency === undefined ? undefined : readIdempotency(items.get(keys.idempotency)),
  };
};
