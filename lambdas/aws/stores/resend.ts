import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { withoutSend } from '../../otp/limits/guard.ts';
import { momentOf } from '../../otp/limits/moment.ts';
import type { Replacement, ResendLedger } from '../../otp/ports.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { failedAt, transact, untilSettled, updateIfHolds } from '../dynamo/writes.ts';
import { guardWrite } from '../tables/guards.ts';
import {
  isOfSend,
  isOpen,
  notApproved,
  notEnded,
  noteOfRisk,
  openAt,
  readVerification,
} from '../tables/verifications.ts';
import { dynamoCounters } from './counters.ts';
import { dynamoFinder } from './find.ts';
import { readOneGuard, seenGuard } from './request.ts';
import { readFacts } from './send-facts.ts';
import { noteRefusal, sendNotes, type Tables } from './send-writes.ts';
import { takeNote } from './shares/notes.ts';

/** The tables as a resend may use them. */
export const dynamoResendLedger = (
  client: DynamoDBClient,
  tables: Tables,
  randomId: () => string,
  totalShards = 1,
): ResendLedger => ({
  ...dynamoCounters(tables.guards),
  // The proof of an approved code repeats what it said.
  ...sendNotes(client, tables.verifications, [notEnded, notApproved].join(' AND ')),
  find: dynamoFinder(client, tables.verifications).find,
  readFacts: (subject, nowMs, wanted) =>
    readFacts({ client, table: tables.guards, totalShards }, subject, undefined, nowMs, wanted),
  replace: async (replacement, nowMs) => {
    const { before, guard } = replacement;
    const outcome = await transact(client, [
      newCode(tables.verifications, replacement, nowMs),
      ...(guard === undefined ? [] : [guardWrite(tables.guards, before.phoneKey, guard, nowMs)]),
    ]);
    if (outcome.kind === 'done') return { kind: 'committed' };
    if (outcome.kind === 'conflict') return { kind: 'lost-race', guard: undefined };
    const [ofRecord, ofGuard] = outcome.reasons;
    if (failedAt(outcome.reasons, 0)) return { kind: 'changed', verification: readVerification(ofRecord?.Item) };
    return { kind: 'lost-race', guard: seenGuard(ofGuard?.Item) };
  },
  restore: (replacement, guard) => untilSettled(() => restore(client, tables, replacement, guard)),
  settleResend: settleResend(client, tables.verifications),
  takeNote: takeNote(tables.guards),
  noteRefusal: noteRefusal(client, tables.verifications, randomId),
});

const restore = async (
  client: DynamoDBClient,
  tables: Tables,
  replacement: Replacement,
  what: 'release' | 'keep',
): Promise<'settled' | 'again'> => {
  const { before, sentAtMs, guard } = replacement;
  const writes = [oldCode(tables.verifications, replacement)];
  if (what === 'release' && guard !== undefined) {
    const read = await readOneGuard(client, tables.guards, before.phoneKey);
    const released = withoutSend(read, momentOf(before.key, sentAtMs));
    writes.push(guardWrite(tables.guards, before.phoneKey, released, sentAtMs));
  }
  const outcome = await transact(client, writes);
  if (outcome.kind === 'done') return 'settled';
  if (outcome.kind !== 'refused' || !failedAt(outcome.reasons, 0)) return 'again';
  await forgetNonce(client, tables.verifications, replacement);
  return 'settled';
};

/** Frees the key of a resend that cannot be rolled back, because its record was closed meanwhile. */
const forgetNonce = async (
  client: DynamoDBClient,
  table: string,
  { before, sendId, idempotency }: Replacement,
): Promise<void> => {
  if (idempotency === undefined) return;
  await updateIfHolds(client, {
    TableName: table,
    Key: keyOf(before.key),
    UpdateExpression: 'SET resendNonces = :resendNonces REMOVE unsettledResend',
    ConditionExpression: isOfSend,
    ExpressionAttributeValues: values({ ':resendNonces': before.resendNonces, ':sendId': sendId }),
  });
};

const isTheOneRead = 'code = :before';
const notGuessedAlready = 'NOT contains(guesses, :after)';
// Records from before resends were remembered have neither list.
const notSuperseded = '(attribute_not_exists(superseded) OR NOT contains(superseded, :after))';
/** A key resends once, whatever channel it asks for. */
const notResentBefore = (others: readonly string[]): string => {
  const names = [':nonce', ...others.map((_, index) => `:other${index}`)];
  const isNew = names.map((name) => `NOT contains(resendNonces, ${name})`).join(' AND ');
  return `(attribute_not_exists(resendNonces) OR (${isNew}))`;
};

const newCode = (table: string, replacement: Replacement, nowMs: number): TransactWriteItem => {
  const { before, code, channel, sendId, sentAtMs, resendAtMs, expiresAt, superseded, idempotency } = replacement;
  const { route, failedRoutes, risk } = replacement;
  const noted = risk === undefined ? { sets: [], values: {} } : noteOfRisk(risk);
  const { nonce, others = [] } = idempotency ?? {};
  const isUnsettled = idempotency?.isSettled === false;
  const sets = [
    'SET code = :after, sendId = :sendId, sentAt = :sentAt, resendAt = :resendAt, expiresAt = :expiresAt, delivery = :accepted',
    'superseded = list_append(if_not_exists(superseded, :none), :replaced)',
    ...(nonce === undefined ? [] : ['resendNonces = list_append(if_not_exists(resendNonces, :none), :nonces)']),
    ...(isUnsettled ? ['unsettledResend = :nonce'] : []),
    ...(route === undefined ? [] : ['route = :route']),
    ...(failedRoutes === undefined ? [] : ['failedRoutes = :failedRoutes']),
    ...(channel === undefined ? [] : ['channel = :channel']),
    ...noted.sets,
  ];
  const removed = [
    ...(isUnsettled ? [] : ['unsettledResend']),
    ...(channel === undefined && before.channel !== undefined ? ['channel'] : []),
  ];
  const conditions = [
    isTheOneRead,
    notGuessedAlready,
    notSuperseded,
    isOpen,
    ...(nonce === undefined ? [] : [notResentBefore(others)]),
  ];
  return {
    Update: {
      TableName: table,
      Key: keyOf(before.key),
      UpdateExpression: `${sets.join(', ')}${removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`} ADD sends :one`,
      ConditionExpression: conditions.join(' AND '),
      ExpressionAttributeValues: values({
        ':before': before.code,
        ':after': code,
        ':none': [],
        ':replaced': superseded,
        ...(nonce === undefined ? {} : { ':nonce': nonce, ':nonces': [nonce] }),
        ...Object.fromEntries(others.map((each, index) => [`:other${index}`, each])),
        ...(channel === undefined ? {} : { ':channel': channel }),
        ...(route === undefined ? {} : { ':route': route }),
        ...(failedRoutes === undefined ? {} : { ':failedRoutes': failedRoutes }),
        ...noted.values,
        ':sendId': sendId,
        ':sentAt': sentAtMs,
        ':resendAt': resendAtMs,
        ':expiresAt': expiresAt,
        ':accepted': 'accepted',
        ':one': 1,
        ...openAt(nowMs),
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
};

/**
 * The record as before the resend, unless something other than guesses has happened to it since. Only resends write the
 * two lists, so both are as this resend left them while it is the last.
 */
const oldCode = (table: string, replacement: Replacement): TransactWriteItem => {
  const { before, code, sendId, channel: sentBy } = replacement;
  const { superseded, resendNonces, unsettledResend, route, channel } = before;
  const failedRoutes = replacement.failedRoutes && before.failedRoutes;
  // A record has no empty list.
  const kept = {
    ...(superseded.length === 0 ? {} : { superseded }),
    ...(resendNonces.length === 0 ? {} : { resendNonces }),
    ...(unsettledResend === undefined ? {} : { unsettledResend }),
    ...(channel === undefined ? {} : { channel }),
    ...(route === undefined ? {} : { route }),
    ...(failedRoutes === undefined ? {} : { failedRoutes }),
  };
  const sets =
    'SET code = :after, sendId = :sendId, sentAt = :sentAt, resendAt = :resendAt, expiresAt = :expiresAt, delivery = :delivery';
  const setsKept = Object.keys(kept).map((name) => `, ${name} = :${name}`);
  const written = [
    'superseded',
    'resendNonces',
    'unsettledResend',
    'route',
    ...(sentBy === undefined ? [] : ['channel']),
    ...(replacement.failedRoutes === undefined ? [] : ['failedRoutes']),
  ];
  const removed = written.filter((name) => !Object.hasOwn(kept, name));
  const removes = removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`;
  return {
    Update: {
      TableName: table,
      Key: keyOf(before.key),
      UpdateExpression: `${sets}${setsKept.join('')}${removes} ADD sends :back`,
      ConditionExpression: [isTheOneRead, 'sendId = :lost', notApproved, notGuessedAlready, notEnded].join(' AND '),
      ExpressionAttributeValues: values({
        ':before': code,
        ':after': before.code,
        ':lost': sendId,
        ':sendId': before.sendId,
        ':sentAt': before.sentAtMs,
        ':resendAt': before.resendAtMs,
        ':expiresAt': before.expiresAt,
        ':delivery': before.delivery,
        ...Object.fromEntries(Object.entries(kept).map(([name, value]) => [`:${name}`, value])),
        ':back': -1,
      }),
    },
  };
};

const settleResend =
  (client: DynamoDBClient, table: string): ResendLedger['settleResend'] =>
  async (key, sendId, delivery) => {
    const isUnconfirmed = delivery === 'unconfirmed';
    await updateIfHolds(client, {
      TableName: table,
      Key: keyOf(key),
      UpdateExpression: `${isUnconfirmed ? 'SET delivery = :delivery ' : ''}REMOVE unsettledResend`,
      ConditionExpression: isOfSend,
      ExpressionAttributeValues: values({ ':sendId': sendId, ...(isUnconfirmed ? { ':delivery': delivery } : {}) }),
    });
  };
