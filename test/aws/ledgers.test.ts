import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../lambdas/aws/clients.ts';
import { dynamoCancelLedger, dynamoCheckLedger } from '../../lambdas/aws/dynamo-check.ts';
import { dynamoRequestLedger } from '../../lambdas/aws/dynamo-request.ts';
import { dynamoResendLedger } from '../../lambdas/aws/dynamo-resend.ts';
import { randomId } from '../../lambdas/otp/code.ts';
import { decideSend, type Guard, noGuard } from '../../lambdas/otp/guard.ts';
import type { CancelLedger, CheckLedger, RequestLedger, ResendLedger } from '../../lambdas/otp/ports.ts';
import type { Verification } from '../../lambdas/otp/verification.ts';
import { startDynamo } from '../../local/dynamo.ts';
import { memoryLedger } from '../fakes/memory-ledger.ts';
import { policy } from '../fakes/world.ts';

type Ledgers = {
  readonly request: RequestLedger;
  readonly resend: ResendLedger;
  readonly check: CheckLedger;
  readonly cancel: CancelLedger;
  readonly stop: () => Promise<void>;
};

const inMemory = async (): Promise<Ledgers> => {
  const ledger = memoryLedger();
  return { request: ledger, resend: ledger, check: ledger, cancel: ledger, stop: async () => {} };
};

const onTables = (verifications: string, guards: string, stop: () => Promise<void>): Ledgers => {
  const client = dynamoClient();
  const tables = { verifications, guards };
  return {
    request: dynamoRequestLedger(client, tables, randomId),
    resend: dynamoResendLedger(client, tables, randomId),
    check: dynamoCheckLedger(client, verifications),
    cancel: dynamoCancelLedger(client, verifications),
    stop: async () => {
      client.destroy();
      await stop();
    },
  };
};

const onEmulator = async (): Promise<Ledgers> => {
  const { url, tables, stop } = await startDynamo();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  return onTables(tables.verifications, tables.guards, stop);
};

/** REMOTE=1 runs the same suite on AWS, on two tables that VERIFICATIONS_TABLE and GUARDS_TABLE name. */
const onAws = async (): Promise<Ledgers> => {
  const { VERIFICATIONS_TABLE, GUARDS_TABLE } = process.env;
  if (!VERIFICATIONS_TABLE || !GUARDS_TABLE) {
    throw new Error('REMOTE=1 needs VERIFICATIONS_TABLE and GUARDS_TABLE: names of two tables with the string key pk.');
  }
  return onTables(VERIFICATIONS_TABLE, GUARDS_TABLE, async () => {});
};

const places: [string, () => Promise<Ledgers>][] = [
  ['in memory', inMemory],
  ['on the emulator', onEmulator],
  ...(process.env['REMOTE'] === '1' ? ([['on AWS', onAws]] as [string, () => Promise<Ledgers>][]) : []),
];

const nowMs = Math.floor(Date.now() / 1000) * 1000;

const sentAt = (guard: Guard, atMs: number): Guard => {
  const decision = decideSend(guard, policy.sends, atMs);
  if (decision.kind !== 'allowed') throw new Error(decision.limit);
  return decision.guard;
};

const aVerification = (more: Partial<Verification> = {}): Verification => ({
  key: randomId(),
  code: 'right',
  codeLength: 6,
  bound: false,
  maxAttempts: 5,
  guesses: [],
  nonces: [],
  sealed: 'sealed',
  phoneKey: randomId(),
  block: '+91987654',
  operator: '+919876',
  country: 'IN',
  address: 'address',
  application: 'app',
  purpose: 'login',
  createdAtMs: nowMs,
  sentAtMs: nowMs,
  resendAtMs: nowMs + 30_000,
  expiresAt: nowMs / 1000 + 300,
  diesAt: nowMs / 1000 + 600,
  sends: 1,
  delivery: 'accepted',
  ...more,
});

const anIdempotency = (key: string, more = {}) => ({
  key,
  body: 'body',
  generation: 'a',
  expiresAt: nowMs / 1000 + 300,
  ...more,
});

const aGuess = (mac: string, nonce = randomId()) => ({ mac, nonce, codeLength: 6, bound: false });

describe.each(places)('the tables %s', (_, open) => {
  let ledgers: Ledgers;
  beforeAll(async () => {
    ledgers = await open();
  });
  afterAll(() => ledgers.stop());

  const committed = async (more: Partial<Verification> = {}) => {
    const verification = aVerification(more);
    const guard = sentAt(noGuard, nowMs);
    expect(await ledgers.request.commit({ verification, guard, idempotency: undefined }, nowMs)).toEqual({
      kind: 'committed',
    });
    return verification;
  };
  const found = (key: string) => ledgers.resend.find(key);

  describe('a request', () => {
    test('finds nothing where nothing was written', async () => {
      expect(await ledgers.request.read(randomId(), randomId())).toEqual({ guard: noGuard, idempotency: undefined });
    });

    test('commits guard, record and idempotency item together, and reads back what it wrote', async () => {
      const verification = aVerification();
      const guard = sentAt(noGuard, nowMs);
      const idempotency = anIdempotency(randomId());
      await ledgers.request.commit({ verification, guard, idempotency }, nowMs);
      expect(await ledgers.request.read(verification.phoneKey, idempotency.key)).toEqual({ guard, idempotency });
      expect(await found(verification.key)).toEqual(verification);
      expect(await ledgers.request.touch(verification.key, nowMs)).toMatchObject({ key: verification.key });
    });

    test('is outrun by another send to the phone, sees its guard, and writes nothing', async () => {
      const { phoneKey } = await committed();
      const late = aVerification({ phoneKey });
      const guard = sentAt(noGuard, nowMs + 1);
      const idempotency = anIdempotency(randomId());
      expect(await ledgers.request.commit({ verification: late, guard, idempotency }, nowMs)).toEqual({
        kind: 'outrun',
        guard: { version: 1, sends: [nowMs] },
      });
      expect(await found(late.key)).toBeUndefined();
      expect((await ledgers.request.read(phoneKey, idempotency.key)).idempotency).toBeUndefined();
    });

    test('waits behind the same idempotency key, until that is over', async () => {
      const idempotency = anIdempotency(randomId());
      const first = aVerification();
      const guard = sentAt(noGuard, nowMs);
      await ledgers.request.commit({ verification: first, guard, idempotency }, nowMs);
      const again = { verification: { ...first, phoneKey: randomId() }, guard, idempotency };
      expect(await ledgers.request.commit(again, nowMs)).toEqual({ kind: 'in-progress' });
      expect(await ledgers.request.commit(again, nowMs + 300_000)).toEqual({ kind: 'committed' });
    });

    test('of 50 in parallel for one phone, one commits', async () => {
      const phoneKey = randomId();
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => {
          const verification = aVerification({ phoneKey });
          return ledgers.request.commit({ verification, guard: sentAt(noGuard, nowMs), idempotency: undefined }, nowMs);
        }),
      );
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(outcomes.every(({ kind }) => kind === 'committed' || kind === 'outrun')).toBe(true);
    });

    test('is taken back once: record failed, send given back, key forgotten; a second time changes nothing', async () => {
      const verification = aVerification();
      const idempotency = anIdempotency(randomId());
      const guard = sentAt(noGuard, nowMs);
      await ledgers.request.commit({ verification, guard, idempotency }, nowMs);
      const send = {
        key: verification.key,
        phoneKey: verification.phoneKey,
        sentAtMs: nowMs,
        idempotencyKey: idempotency.key,
      };
      await Promise.all([
        ledgers.request.takeBack(send),
        ledgers.request.takeBack(send),
        ledgers.request.takeBack(send),
      ]);
      expect(await found(verification.key)).toMatchObject({ ended: 'failed' });
      expect(await ledgers.request.read(verification.phoneKey, idempotency.key)).toEqual({
        guard: { version: 2, sends: [] },
        idempotency: undefined,
      });
    });

    test('that was never committed is taken back without a trace', async () => {
      const send = { key: randomId(), phoneKey: randomId(), sentAtMs: nowMs, idempotencyKey: undefined };
      await ledgers.request.takeBack(send);
      await ledgers.request.endAsFailed(send);
      expect(await found(send.key)).toBeUndefined();
      expect((await ledgers.request.read(send.phoneKey, undefined)).guard.sends).toEqual([]);
    });

    test('under a key whose first send failed takes the place of that record, unless somebody guessed at it', async () => {
      const failed = await committed({ ended: 'failed' });
      const again = { ...aVerification({ key: failed.key }), code: 'another' };
      const guard = sentAt(noGuard, nowMs);
      expect(await ledgers.request.commit({ verification: again, guard, idempotency: undefined }, nowMs)).toEqual({
        kind: 'committed',
      });
      expect(await found(failed.key)).toMatchObject({ code: 'another' });
      const guessed = await committed({ ended: 'failed', guesses: ['x'], nonces: ['n'] });
      const third = aVerification({ key: guessed.key });
      expect(await ledgers.request.commit({ verification: third, guard, idempotency: undefined }, nowMs)).toEqual({
        kind: 'in-progress',
      });
    });

    test('never takes the place of a live record', async () => {
      const { key } = await committed();
      const other = aVerification({ key });
      const outcome = await ledgers.request.commit(
        { verification: other, guard: sentAt(noGuard, nowMs), idempotency: undefined },
        nowMs,
      );
      expect(outcome.kind).not.toBe('committed');
    });

    test('an unconfirmed send is noted, unless a later one has come', async () => {
      const { key } = await committed();
      await ledgers.request.markUnconfirmed(key, nowMs - 1);
      expect(await found(key)).toMatchObject({ delivery: 'accepted' });
      await ledgers.request.markUnconfirmed(key, nowMs);
      expect(await found(key)).toMatchObject({ delivery: 'unconfirmed' });
    });

    test('a refusal is noted', async () => {
      const { phoneKey, block, operator, country, address, application, purpose } = aVerification();
      const refusal = {
        reason: 'limit',
        limit: 'cooldown',
        phoneKey,
        block,
        operator,
        country,
        address,
        application,
        purpose,
        atMs: nowMs,
      };
      await expect(ledgers.request.refuse(refusal)).resolves.toBeUndefined();
      await expect(ledgers.resend.refuse(refusal)).resolves.toBeUndefined();
    });
  });

  describe('a check', () => {
    test('lets a guess in and shows the record after it', async () => {
      const { key } = await committed();
      const write = await ledgers.check.append(key, aGuess('wrong', 'n1'), nowMs);
      expect(write).toMatchObject({
        kind: 'appended',
        verification: { guesses: ['wrong'], nonces: ['n1'], guessedAtMs: nowMs },
      });
    });

    test.each<[string, Partial<Verification>, Partial<ReturnType<typeof aGuess>>, number]>([
      ['at the second of its expiry', {}, {}, nowMs + 300_000],
      ['after it was canceled', { ended: 'canceled' }, {}, nowMs],
      ['after its send failed', { ended: 'failed' }, {}, nowMs],
      ['after all attempts', { maxAttempts: 1, guesses: ['x'], nonces: ['n'] }, {}, nowMs],
      ['after approval', { guesses: ['right'], nonces: ['n'] }, {}, nowMs],
      ['with a nonce that is there', { guesses: ['x'], nonces: ['seen'] }, { nonce: 'seen' }, nowMs],
      ['with another length', {}, { codeLength: 7 }, nowMs],
      ['with a transaction where there is none', {}, { bound: true }, nowMs],
      ['without the transaction', { bound: true }, {}, nowMs],
    ])('is refused %s, and shows the record that refused it', async (_name, record, guess, atMs) => {
      const { key, guesses } = await committed(record);
      const write = await ledgers.check.append(key, { ...aGuess('right'), ...guess }, atMs);
      expect(write).toMatchObject({ kind: 'refused', verification: { key, guesses } });
      expect((await found(key))?.guesses).toEqual(guesses);
    });

    test('one millisecond before its expiry it is let in', async () => {
      const { key } = await committed();
      expect(await ledgers.check.append(key, aGuess('x'), nowMs + 299_999)).toMatchObject({ kind: 'appended' });
    });

    test('of nothing is refused, and makes nothing', async () => {
      const key = randomId();
      expect(await ledgers.check.append(key, aGuess('right'), nowMs)).toEqual({
        kind: 'refused',
        verification: undefined,
      });
      expect(await found(key)).toBeUndefined();
    });

    test('200 in parallel: five are let in', async () => {
      const { key } = await committed();
      const writes = await Promise.all(
        Array.from({ length: 200 }, (__, index) => ledgers.check.append(key, aGuess(`wrong ${index}`), nowMs)),
      );
      expect(writes.filter(({ kind }) => kind === 'appended')).toHaveLength(5);
      expect((await found(key))?.guesses).toHaveLength(5);
    });
  });

  describe('a resend', () => {
    const replacement = (before: Verification, guard: Guard) => ({
      before,
      code: 'fresh',
      sentAtMs: nowMs + 31_000,
      resendAtMs: nowMs + 91_000,
      expiresAt: nowMs / 1000 + 331,
      guard: sentAt(guard, nowMs + 31_000),
    });

    test('replaces the code and counts the send; taken back, all is as before', async () => {
      const before = await committed();
      const guard = await ledgers.resend.readGuard(before.phoneKey);
      const change = replacement(before, guard);
      expect(await ledgers.resend.replace(change, nowMs + 31_000)).toEqual({ kind: 'committed' });
      expect(await found(before.key)).toMatchObject({ code: 'fresh', sends: 2, expiresAt: nowMs / 1000 + 331 });
      await Promise.all([ledgers.resend.restore(change), ledgers.resend.restore(change)]);
      expect(await found(before.key)).toEqual(before);
      expect((await ledgers.resend.readGuard(before.phoneKey)).sends).toEqual([nowMs]);
    });

    test.each<[string, Partial<Verification>]>([
      ['approved', { guesses: ['right'], nonces: ['n'] }],
      ['canceled', { ended: 'canceled' }],
      ['used up', { maxAttempts: 1, guesses: ['x'], nonces: ['n'] }],
      ['expired', { expiresAt: nowMs / 1000 + 31 }],
      ['given another code', { code: 'other' }],
      ['guessed at with the fresh code', { guesses: ['fresh'], nonces: ['n'] }],
    ])('changes nothing in a record that is %s since it was read', async (_name, since) => {
      const now = await committed(since);
      const before = { ...now, code: 'right' };
      const guard = await ledgers.resend.readGuard(now.phoneKey);
      expect(await ledgers.resend.replace(replacement(before, guard), nowMs + 31_000)).toEqual({
        kind: 'changed',
        verification: now,
      });
      expect(await found(now.key)).toEqual(now);
      expect(await ledgers.resend.readGuard(now.phoneKey)).toEqual(guard);
    });

    test('is outrun by another send to the phone', async () => {
      const before = await committed();
      const stale = { version: 0, sends: [] };
      expect(await ledgers.resend.replace(replacement(before, stale), nowMs + 31_000)).toMatchObject({
        kind: 'outrun',
        guard: { version: 1 },
      });
      expect(await found(before.key)).toEqual(before);
    });

    test('is not taken back once its code was used', async () => {
      const before = await committed();
      const change = replacement(before, await ledgers.resend.readGuard(before.phoneKey));
      await ledgers.resend.replace(change, nowMs + 31_000);
      await ledgers.check.append(before.key, aGuess('fresh'), nowMs + 32_000);
      await ledgers.resend.restore(change);
      expect(await found(before.key)).toMatchObject({ code: 'fresh', guesses: ['fresh'] });
    });
  });

  describe('a cancellation', () => {
    test('ends an open record, and shows others as they are', async () => {
      const open = await committed();
      expect(await ledgers.cancel.cancel(open.key, nowMs)).toMatchObject({ ended: 'canceled' });
      const approved = await committed({ guesses: ['right'], nonces: ['n'] });
      expect(await ledgers.cancel.cancel(approved.key, nowMs)).toEqual(approved);
      expect(await ledgers.cancel.cancel(randomId(), nowMs)).toBeUndefined();
    });
  });
});
