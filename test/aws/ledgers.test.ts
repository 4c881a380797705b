import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../lambdas/aws/clients.ts';
import { dynamoCancelLedger } from '../../lambdas/aws/stores/cancel.ts';
import { dynamoCheckLedger } from '../../lambdas/aws/stores/check.ts';
import { dynamoFinder } from '../../lambdas/aws/stores/find.ts';
import { dynamoGuessLedger } from '../../lambdas/aws/stores/guesses.ts';
import { dynamoRequestLedger } from '../../lambdas/aws/stores/request.ts';
import { dynamoResendLedger } from '../../lambdas/aws/stores/resend.ts';
import { countGuesses, type GuessFact, type GuessLedger } from '../../lambdas/otp/guesses.ts';
import { noProbes } from '../../lambdas/otp/limits/blocks.ts';
import { dayOf, hourOf } from '../../lambdas/otp/limits/caps.ts';
import { type Guard, noGuard, withSend } from '../../lambdas/otp/limits/guard.ts';
import { nameOfNumber } from '../../lambdas/otp/limits/ip-trust.ts';
import { momentOf } from '../../lambdas/otp/limits/moment.ts';
import { noReputation } from '../../lambdas/otp/limits/reputation.ts';
import type { Reservation } from '../../lambdas/otp/limits/reservation.ts';
import type {
  CancelLedger,
  CheckLedger,
  Finder,
  Replacement,
  RequestLedger,
  ResendLedger,
  Reserved,
} from '../../lambdas/otp/ports.ts';
import { randomId } from '../../lambdas/otp/record/code.ts';
import { judge, type Verification } from '../../lambdas/otp/record/verification.ts';
import type { RiskAnswer } from '../../lambdas/otp/risk/ports.ts';
import { refusalByCounters } from '../../lambdas/otp/sending/refusal.ts';
import { startDynamo } from '../../local/aws/dynamo.ts';
import { askInstead } from '../fakes/aws/environment.ts';
import { inParallel } from '../fakes/in-parallel.ts';
import { memoryLedger } from '../fakes/ledger/memory-ledger.ts';

type Ledgers = {
  readonly request: RequestLedger;
  readonly resend: ResendLedger;
  readonly check: CheckLedger;
  readonly cancel: CancelLedger;
  readonly guesses: GuessLedger;
  readonly finder: Finder;
  readonly stop: () => Promise<void>;
};

const inMemory = async (): Promise<Ledgers> => {
  const ledger = memoryLedger();
  const every = { request: ledger, resend: ledger, check: ledger, cancel: ledger, guesses: ledger, finder: ledger };
  return { ...every, stop: async () => {} };
};

const onTables = (verifications: string, guards: string, stop: () => Promise<void>): Ledgers => {
  const client = dynamoClient();
  const tables = { verifications, guards };
  return {
    request: dynamoRequestLedger(client, tables, randomId),
    resend: dynamoResendLedger(client, tables, randomId),
    check: dynamoCheckLedger(client, verifications),
    cancel: dynamoCancelLedger(client, verifications),
    guesses: dynamoGuessLedger(client, guards),
    finder: dynamoFinder(client, verifications),
    stop: async () => {
      client.destroy();
      await stop();
    },
  };
};

const onEmulator = async (): Promise<Ledgers> => {
  const { url, tables, stop } = await startDynamo();
  askInstead({
    AWS_ENDPOINT_URL_DYNAMODB: url,
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

/** A subject of the limits, as a verification names it. */
const aSubject = (phoneKey = randomId()) => ({
  phoneKey,
  range: '+91987654',
  prefix: '+919876',
  country: 'IN',
  ip: randomId(),
  network: 'network',
  application: 'app',
});

/** A guard with one more send; of a verification that the test does not care for, if it names none. */
const sentAt = (guard: Guard, atMs: number, key = randomId()): Guard => withSend(guard, momentOf(key, atMs));

const aVerification = (more: Partial<Verification> = {}): Verification => ({
  key: randomId(),
  code: 'right',
  codeLength: 6,
  hasTransaction: false,
  maxAttempts: 5,
  guesses: [],
  nonces: [],
  superseded: [],
  resendNonces: [],
  sealed: 'sealed',
  phoneKey: randomId(),
  range: '+91987654',
  prefix: '+919876',
  country: 'IN',
  ip: 'ip',
  network: 'network',
  application: 'app',
  purpose: 'login',
  createdAtMs: nowMs,
  sentAtMs: nowMs,
  sendId: randomId(),
  resendAtMs: nowMs + 30_000,
  expiresAt: nowMs / 1000 + 300,
  latestExpiry: nowMs / 1000 + 600,
  purgeAt: nowMs / 1000 + 900,
  sends: 1,
  delivery: 'accepted',
  ...more,
});

const anIdempotency = (key: string) => ({
  key,
  body: 'body',
  generation: 'a',
  salt: randomId(),
  startedAtMs: nowMs,
  isSettled: false,
  expiresAt: nowMs / 1000 + 300,
});

const aGuess = (mac: string, nonce = randomId()) => ({ mac, nonce, codeLength: 6, hasTransaction: false });

describe.each(places)('the tables %s', (_, open) => {
  let ledgers: Ledgers;
  beforeAll(async () => {
    ledgers = await open();
  });
  afterAll(() => ledgers.stop());

  const committed = async (more: Partial<Verification> = {}) => {
    const verification = aVerification(more);
    const guard = sentAt(noGuard, nowMs, verification.key);
    expect(await ledgers.request.commit({ verification, guard, idempotency: undefined }, nowMs)).toEqual({
      kind: 'committed',
    });
    return verification;
  };
  const found = (key: string) => ledgers.resend.find(key);
  const guardOf = async (phoneKey: string) => (await ledgers.resend.readFacts(aSubject(phoneKey), nowMs)).guard;

  describe('a request', () => {
    test('a request finds nothing where nothing was written', async () => {
      expect(await ledgers.request.read(aSubject(), randomId(), nowMs)).toEqual({
        stops: [],
        guard: noGuard,
        reputation: noReputation,
        blocks: [],
        networkProbedAtMs: 0,
        isCodeSpraying: false,
        refusedTatMs: 0,
        ip: { tatMs: 0, trustedTatMs: 0, countriesToday: [], verifiers: [], askersToday: [], askersYesterday: [] },
        country: { sentToday: 0, verifiedToday: 0, verifiedYesterday: 0 },
        notifiedToday: 0,
        spent: { total: { hour: 0, day: 0 }, country: { hour: 0, day: 0 }, application: { hour: 0, day: 0 } },
        idempotency: undefined,
      });
    });

    test('a request commits guard, record and idempotency item together, and reads back what it wrote', async () => {
      const verification = aVerification();
      const guard = sentAt(noGuard, nowMs);
      const idempotency = anIdempotency(randomId());
      await ledgers.request.commit({ verification, guard, idempotency }, nowMs);
      expect(await ledgers.request.read(verification, idempotency.key, nowMs)).toMatchObject({ guard, idempotency });
      expect(await found(verification.key)).toEqual(verification);
      expect(await ledgers.request.touch(verification.key, nowMs)).toMatchObject({ key: verification.key });
    });

    test('a request loses the race with another send to the phone, sees its guard, and writes nothing', async () => {
      const { key, phoneKey } = await committed();
      const late = aVerification({ phoneKey });
      const guard = sentAt(noGuard, nowMs + 1);
      const idempotency = anIdempotency(randomId());
      expect(await ledgers.request.commit({ verification: late, guard, idempotency }, nowMs)).toEqual({
        kind: 'lost-race',
        guard: { version: 1, sends: [momentOf(key, nowMs)] },
      });
      expect(await found(late.key)).toBeUndefined();
      expect((await ledgers.request.read(aSubject(phoneKey), idempotency.key, nowMs)).idempotency).toBeUndefined();
    });

    test('a guard holds the fifty sends of the highest hard limit, and reads them back by verification and time', async () => {
      const sends = Array.from({ length: 49 }, (__, index) => momentOf(randomId(), nowMs - (50 - index) * 60_000));
      const verification = aVerification();
      const guard = sentAt({ version: 0, sends }, nowMs, verification.key);
      await ledgers.request.commit({ verification, guard, idempotency: undefined }, nowMs);
      expect(await guardOf(verification.phoneKey)).toEqual(guard);
      expect(guard.sends).toHaveLength(50);
    });

    test('a request waits behind the same idempotency key, until that is over', async () => {
      const idempotency = anIdempotency(randomId());
      const guard = sentAt(noGuard, nowMs);
      const send = () => ({ verification: aVerification(), guard, idempotency });
      await ledgers.request.commit(send(), nowMs);
      expect(await ledgers.request.commit(send(), nowMs)).toEqual({ kind: 'in-progress' });
      expect(await ledgers.request.commit(send(), nowMs + 299_999)).toEqual({ kind: 'in-progress' });
      expect(await ledgers.request.commit(send(), nowMs + 300_000)).toEqual({ kind: 'committed' });
    });

    test('a request is settled once it is known what became of its SMS', async () => {
      const idempotency = anIdempotency(randomId());
      const verification = aVerification();
      await ledgers.request.commit({ verification, guard: sentAt(noGuard, nowMs), idempotency }, nowMs);
      await ledgers.request.settleKey(idempotency.key);
      const { idempotency: read } = await ledgers.request.read(verification, idempotency.key, nowMs);
      expect(read).toEqual({ ...idempotency, isSettled: true });
      await ledgers.request.settleKey(randomId());
    });

    test('one request commits of 50 in parallel for one phone', async () => {
      const phoneKey = randomId();
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => {
          const verification = aVerification({ phoneKey });
          return ledgers.request.commit({ verification, guard: sentAt(noGuard, nowMs), idempotency: undefined }, nowMs);
        }),
      );
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(outcomes.every(({ kind }) => kind === 'committed' || kind === 'lost-race')).toBe(true);
    });

    test('a request is rolled back once: record failed, send released, key forgotten; a second time changes nothing', async () => {
      const verification = aVerification();
      const idempotency = anIdempotency(randomId());
      const guard = sentAt(noGuard, nowMs, verification.key);
      await ledgers.request.commit({ verification, guard, idempotency }, nowMs);
      const send = {
        key: verification.key,
        phoneKey: verification.phoneKey,
        sendId: verification.sendId,
        sentAtMs: nowMs,
        idempotencyKey: idempotency.key,
      };
      await Promise.all([
        ledgers.request.rollBack(send),
        ledgers.request.rollBack(send),
        ledgers.request.rollBack(send),
      ]);
      expect(await found(verification.key)).toMatchObject({ ended: 'failed' });
      expect(await ledgers.request.read(verification, idempotency.key, nowMs)).toMatchObject({
        guard: { version: 2, sends: [] },
        idempotency: undefined,
      });
    });

    test('a request that was never committed is rolled back without a trace', async () => {
      const send = {
        key: randomId(),
        phoneKey: randomId(),
        sendId: randomId(),
        sentAtMs: nowMs,
        idempotencyKey: undefined,
      };
      await ledgers.request.rollBack(send);
      await ledgers.request.endAsFailed(send);
      expect(await found(send.key)).toBeUndefined();
      expect((await ledgers.request.read(aSubject(send.phoneKey), undefined, nowMs)).guard.sends).toEqual([]);
    });

    test('a request never takes the place of a record, dead or alive', async () => {
      for (const more of [{}, { ended: 'failed' as const }, { expiresAt: 1 }]) {
        const { key } = await committed(more);
        const other = { verification: aVerification({ key }), guard: sentAt(noGuard, nowMs), idempotency: undefined };
        expect((await ledgers.request.commit(other, nowMs)).kind).not.toBe('committed');
      }
    });

    test('a request rolls back its own send only, and is exact to the send within a millisecond', async () => {
      const { key, phoneKey } = await committed();
      const send = { key, phoneKey, sendId: 'another', sentAtMs: nowMs, idempotencyKey: undefined };
      await ledgers.request.rollBack(send);
      await ledgers.request.endAsFailed(send);
      expect((await found(key))?.ended).toBeUndefined();
      expect((await guardOf(phoneKey)).sends).toEqual([momentOf(key, nowMs)]);
    });

    test('an unconfirmed send is noted, unless a later one has come', async () => {
      const { key, sendId } = await committed();
      await ledgers.request.markUnconfirmed(key, 'another send');
      expect(await found(key)).toMatchObject({ delivery: 'accepted' });
      await ledgers.request.markUnconfirmed(key, sendId);
      expect(await found(key)).toMatchObject({ delivery: 'unconfirmed' });
    });

    test('a refusal is noted', async () => {
      const { phoneKey, range, prefix, country, ip, network, application, purpose } = aVerification();
      const refusal = {
        reason: 'limit',
        limit: 'cooldown',
        phoneKey,
        range,
        prefix,
        country,
        ip,
        network,
        application,
        purpose,
        atMs: nowMs,
      };
      await expect(ledgers.request.noteRefusal(refusal)).resolves.toBeUndefined();
      await expect(ledgers.resend.noteRefusal(refusal)).resolves.toBeUndefined();
    });
  });

  describe('a check', () => {
    test('a check lets a guess in and shows the record after it', async () => {
      const { key } = await committed();
      const write = await ledgers.check.append(key, aGuess('wrong', 'n1'), nowMs);
      expect(write).toMatchObject({
        kind: 'written',
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
      ['with a code that a resend replaced', { code: 'fresh', superseded: ['first', 'right'] }, {}, nowMs],
      ['with another length', {}, { codeLength: 7 }, nowMs],
      ['with a transaction where there is none', {}, { hasTransaction: true }, nowMs],
      ['without the transaction', { hasTransaction: true }, {}, nowMs],
    ])('a check is refused %s, and shows the record that refused it', async (_name, record, guess, atMs) => {
      const { key, guesses } = await committed(record);
      const write = await ledgers.check.append(key, { ...aGuess('right'), ...guess }, atMs);
      expect(write).toMatchObject({ kind: 'refused', verification: { key, guesses } });
      expect((await found(key))?.guesses).toEqual(guesses);
    });

    test('a guess is let in one millisecond before the expiry of its record', async () => {
      const { key } = await committed();
      expect(await ledgers.check.append(key, aGuess('x'), nowMs + 299_999)).toMatchObject({ kind: 'written' });
    });

    test('a check of nothing is refused, and makes nothing', async () => {
      const key = randomId();
      expect(await ledgers.check.append(key, aGuess('right'), nowMs)).toEqual({
        kind: 'refused',
        verification: undefined,
      });
      expect(await found(key)).toBeUndefined();
    });

    test('a guess is let in beside replaced codes that it does not equal', async () => {
      const { key } = await committed({ superseded: ['first', 'second'] });
      expect(await ledgers.check.append(key, aGuess('right'), nowMs)).toMatchObject({ kind: 'written' });
    });

    test.each([0, 7, 50])(
      '200 parallel guesses of old, new (from the %ith on) and wrong codes: none of an old one is let in, five others at most, one is approved at most',
      async (first) => {
        const { key } = await committed({ superseded: ['older', 'old'] });
        const macOf = (index: number) => {
          if (index % 2 === 0) return index % 4 === 0 ? 'old' : 'older';
          return index > first && index % 3 === 0 ? 'right' : `wrong ${index}`;
        };
        const outcomes = await inParallel(200, async (index) => {
          const guess = aGuess(macOf(index));
          const write = await ledgers.check.append(key, guess, nowMs);
          return { mac: guess.mac, isIn: write.kind === 'written', verdict: judge(write, guess, nowMs).kind };
        });
        const { guesses = [] } = (await found(key)) ?? {};
        expect(outcomes.filter(({ isIn }) => isIn)).toHaveLength(guesses.length);
        expect(guesses.length).toBeLessThanOrEqual(5);
        expect(guesses.filter((mac) => mac.startsWith('old'))).toEqual([]);
        const ofOld = outcomes.filter(({ mac }) => mac.startsWith('old')).map(({ verdict }) => verdict);
        expect(ofOld.filter((each) => !['superseded', 'exhausted', 'already-used'].includes(each))).toEqual([]);
        const approved = outcomes.filter(({ verdict }) => verdict === 'approved');
        expect(approved).toHaveLength(guesses.includes('right') ? 1 : 0);
      },
    );

    test('five guesses of 200 in parallel are let in', async () => {
      const { key } = await committed();
      const writes = await Promise.all(
        Array.from({ length: 200 }, (__, index) => ledgers.check.append(key, aGuess(`wrong ${index}`), nowMs)),
      );
      expect(writes.filter(({ kind }) => kind === 'written')).toHaveLength(5);
      expect((await found(key))?.guesses).toHaveLength(5);
    });
  });

  describe('what is known of a SIM', () => {
    const note = { risk: 'swapped', swappedAtMs: nowMs - 1000, stepUp: true } as const;

    test.each([note, { risk: 'swapped', swappedWithinHours: 240 }, { risk: 'unknown' }] as const)(
      'a record is found with it as it was committed: %o',
      async (known) => {
        const { key } = await committed(known);
        expect(await found(key)).toEqual(expect.objectContaining(known));
      },
    );

    test.each(['request', 'resend'] as const)(
      'a %s corrects a record, and nothing else of it changes',
      async (flow) => {
        const before = await committed({ risk: 'checked' });
        expect(await ledgers[flow].noteRisk(before.key, before.sendId, note)).toBe(true);
        expect(await found(before.key)).toEqual({ ...before, ...note });
      },
    );

    test('a correction by a resend of a record that was approved changes nothing, so that its proof stays as it was given', async () => {
      const approved = await committed({ risk: 'checked', code: 'right' });
      await ledgers.check.append(approved.key, aGuess('right'), nowMs);
      const before = await found(approved.key);
      expect(await ledgers.resend.noteRisk(approved.key, approved.sendId, note)).toBe(false);
      expect(await found(approved.key)).toEqual(before);
    });

    test('a correction of another send, of no record, or of one that has ended changes nothing', async () => {
      const before = await committed({ risk: 'checked' });
      expect(await ledgers.request.noteRisk(before.key, 'another send', note)).toBe(false);
      const nobody = randomId();
      expect(await ledgers.request.noteRisk(nobody, before.sendId, note)).toBe(false);
      expect(await found(nobody)).toBeUndefined();
      const ended = await committed({ risk: 'checked', ended: 'canceled' });
      expect(await ledgers.request.noteRisk(ended.key, ended.sendId, note)).toBe(false);
      expect([await found(before.key), await found(ended.key)]).toEqual([before, ended]);
    });

    test.each<[string, RiskAnswer]>([
      ['clean', { kind: 'clean', provider: 'op' }],
      ['swapped at a time', { kind: 'swapped', provider: 'op', swappedAtMs: nowMs - 1 }],
      ['unknown', { kind: 'unknown', provider: 'op', reason: 'not-known' }],
    ])('an answer of %s is read for ten minutes, and only if it is wanted', async (_of, answer) => {
      const subject = aSubject();
      await ledgers.request.keepRisk(subject.phoneKey, answer, nowMs);
      const read = async (atMs: number, mindsRisk = true) =>
        (await ledgers.request.read(subject, undefined, atMs, { mindsRisk })).risk;
      expect(await read(nowMs + 599_999)).toEqual({ answer, notice: undefined });
      expect(await read(nowMs + 600_000)).toEqual({ answer: undefined, notice: undefined });
      expect(await read(nowMs, false)).toBeUndefined();
      const ofResend = await ledgers.resend.readFacts(subject, nowMs, { mindsRisk: true });
      expect(ofResend.risk).toEqual({ answer, notice: undefined });
    });

    test('a resend marks the record with the fresh code, and a roll-back leaves the mark', async () => {
      const before = await committed({ risk: 'checked' });
      const change: Replacement = {
        before,
        code: 'fresh',
        sendId: randomId(),
        sentAtMs: nowMs + 31_000,
        resendAtMs: nowMs + 91_000,
        expiresAt: nowMs / 1000 + 331,
        route: undefined,
        guard: sentAt(await guardOf(before.phoneKey), nowMs + 31_000, before.key),
        superseded: [before.code],
        idempotency: undefined,
        risk: note,
      };
      expect(await ledgers.resend.replace(change, nowMs + 31_000)).toEqual({ kind: 'committed' });
      expect(await found(before.key)).toMatchObject({ ...note, code: 'fresh' });
      await ledgers.resend.restore(change, 'release');
      expect(await found(before.key)).toMatchObject({ ...note, code: before.code });
    });

    test('the price of a look-up stays reserved when the send is released', async () => {
      const country = `L${randomId()}`;
      const cap = { of: 'country', country, caps: { hourUsd: 1, dayUsd: 1 } } as const;
      const caps = [{ cap, caps: { hour: 1_000_000, day: 1_000_000 } }];
      const { outcome, release } = await ledgers.request.reserve({
        ...noProbes,
        ...{ ip: undefined, countryDay: undefined, caps, price: 30_000, lookUpPrice: 10_000, nowMs },
        ...{ day: dayOf(nowMs), hour: hourOf(nowMs) },
      });
      expect(outcome.kind).toBe('held');
      const spent = async () =>
        (await ledgers.request.read({ ...aSubject(), country }, undefined, nowMs)).spent.country;
      expect(await spent()).toEqual({ hour: 30_000, day: 30_000 });
      await release();
      expect(await spent()).toEqual({ hour: 10_000, day: 10_000 });
    });
  });

  describe.each(['request', 'resend'] as const)('a %s whose message another route took', (flow) => {
    const taken = { route: 'sns', failedRoutes: ['notify'] };

    test('the route that took the message is noted with those that failed, and nothing else changes', async () => {
      const before = await committed({ route: 'notify' });
      await ledgers[flow].noteRoute(before.key, before.sendId, taken);
      expect(await found(before.key)).toEqual({ ...before, ...taken });
    });

    test('the same note in parallel is one note', async () => {
      const before = await committed({ route: 'notify' });
      await inParallel(10, () => ledgers[flow].noteRoute(before.key, before.sendId, taken));
      expect(await found(before.key)).toEqual({ ...before, ...taken });
    });

    test('a note that comes after a later send, or to no record, changes nothing', async () => {
      const before = await committed({ route: 'notify' });
      await ledgers[flow].noteRoute(before.key, 'another send', taken);
      await ledgers[flow].noteRoute(randomId(), before.sendId, taken);
      expect(await found(before.key)).toEqual(before);
    });
  });

  describe('a resend', () => {
    const replacement = (before: Verification, guard: Guard, more: Partial<Replacement> = {}): Replacement => ({
      before,
      code: 'fresh',
      sendId: randomId(),
      sentAtMs: nowMs + 31_000,
      resendAtMs: nowMs + 91_000,
      expiresAt: nowMs / 1000 + 331,
      route: 'sns-eu-west-1',
      guard: sentAt(guard, nowMs + 31_000, before.key),
      superseded: [before.code],
      idempotency: undefined,
      ...more,
    });

    test('a resend replaces the code and counts the send; rolled back, all is as before', async () => {
      const before = await committed();
      const guard = await guardOf(before.phoneKey);
      const change = replacement(before, guard);
      expect(await ledgers.resend.replace(change, nowMs + 31_000)).toEqual({ kind: 'committed' });
      expect(await found(before.key)).toMatchObject({
        code: 'fresh',
        superseded: ['right'],
        sends: 2,
        expiresAt: nowMs / 1000 + 331,
      });
      await Promise.all([ledgers.resend.restore(change, 'release'), ledgers.resend.restore(change, 'release')]);
      expect(await found(before.key)).toEqual(before);
      expect((await guardOf(before.phoneKey)).sends).toEqual([momentOf(before.key, nowMs)]);
    });

    test('a resend writes its route, and rolled back the record has its earlier one, or none', async () => {
      for (const route of ['notify', undefined]) {
        const before = await committed(route === undefined ? {} : { route });
        const change = replacement(before, await guardOf(before.phoneKey));
        await ledgers.resend.replace(change, nowMs + 31_000);
        expect(await found(before.key)).toMatchObject({ route: 'sns-eu-west-1' });
        await ledgers.resend.restore(change, 'release');
        expect((await found(before.key))?.route).toBe(route);
      }
    });

    test.each([[['sns']], [undefined]])(
      'a resend writes the routes that failed if a receipt told of one; rolled back, the record has the earlier ones: %j',
      async (failedRoutes) => {
        const before = await committed(failedRoutes === undefined ? {} : { failedRoutes });
        const told = [...(failedRoutes ?? []), 'notify'];
        const change = replacement(before, await guardOf(before.phoneKey), { failedRoutes: told });
        await ledgers.resend.replace(change, nowMs + 31_000);
        expect(await found(before.key)).toMatchObject({ failedRoutes: told });
        await ledgers.resend.restore(change, 'release');
        expect(await found(before.key)).toEqual(before);
        const silent = replacement(before, await guardOf(before.phoneKey));
        await ledgers.resend.replace(silent, nowMs + 31_000);
        expect((await found(before.key))?.failedRoutes).toEqual(failedRoutes);
      },
    );

    test.each([
      ['sms', 'voice'],
      ['voice', 'sms'],
      ['voice', 'voice'],
      ['sms', 'sms'],
    ] as const)(
      'a resend writes its channel after %s: %s; rolled back, the record has the earlier one',
      async (first, then) => {
        const before = await committed(first === 'voice' ? { channel: first } : {});
        const change = replacement(before, await guardOf(before.phoneKey), then === 'voice' ? { channel: then } : {});
        expect(await ledgers.resend.replace(change, nowMs + 31_000)).toEqual({ kind: 'committed' });
        expect((await found(before.key))?.channel ?? 'sms').toBe(then);
        await ledgers.resend.restore(change, 'release');
        expect(await found(before.key)).toEqual(before);
      },
    );

    test('a guard keeps which of its sends were calls', async () => {
      const { phoneKey } = await committed();
      const guard = await guardOf(phoneKey);
      const call = momentOf(randomId(), nowMs + 31_000, true, true);
      const change = replacement(await committed({ phoneKey: randomId() }), noGuard);
      const calls = { ...change, before: { ...change.before, phoneKey }, guard: withSend(guard, call) };
      expect(await ledgers.resend.replace(calls, nowMs + 31_000)).toEqual({ kind: 'committed' });
      expect((await guardOf(phoneKey)).sends.at(-1)).toEqual(call);
    });

    test('a resend without a route leaves the record with the one that it has', async () => {
      const before = await committed({ route: 'notify' });
      await ledgers.resend.replace(replacement(before, noGuard, { guard: undefined, route: undefined }), nowMs);
      expect(await found(before.key)).toMatchObject({ route: 'notify', sends: 2 });
    });

    test.each<[string, Partial<Verification>]>([
      ['approved', { guesses: ['right'], nonces: ['n'] }],
      ['canceled', { ended: 'canceled' }],
      ['used up', { maxAttempts: 1, guesses: ['x'], nonces: ['n'] }],
      ['expired', { expiresAt: nowMs / 1000 + 31 }],
      ['given another code', { code: 'other' }],
      ['guessed at with the fresh code', { guesses: ['fresh'], nonces: ['n'] }],
      ['known to have had the fresh code before', { superseded: ['fresh'] }],
    ])('a resend changes nothing in a record that is %s since it was read', async (_name, since) => {
      const now = await committed(since);
      const before = { ...now, code: 'right' };
      const guard = await guardOf(now.phoneKey);
      expect(await ledgers.resend.replace(replacement(before, guard), nowMs + 31_000)).toEqual({
        kind: 'changed',
        verification: now,
      });
      expect(await found(now.key)).toEqual(now);
      expect(await guardOf(now.phoneKey)).toEqual(guard);
    });

    test('a resend loses the race with another send to the phone: nothing is replaced', async () => {
      const before = await committed();
      const stale = { version: 0, sends: [] };
      expect(await ledgers.resend.replace(replacement(before, stale), nowMs + 31_000)).toMatchObject({
        kind: 'lost-race',
        guard: { version: 1 },
      });
      expect(await found(before.key)).toEqual(before);
    });

    test('a resend appends the code that it replaces, and a roll-back takes out that one alone', async () => {
      const before = await committed({ superseded: ['first', 'second'], resendNonces: ['earlier'] });
      const change = replacement(before, await guardOf(before.phoneKey));
      await ledgers.resend.replace(change, nowMs + 31_000);
      expect((await found(before.key))?.superseded).toEqual(['first', 'second', 'right']);
      const guess = await ledgers.check.append(before.key, aGuess('right'), nowMs + 32_000);
      expect(guess).toMatchObject({ kind: 'refused', verification: { guesses: [] } });
      await ledgers.resend.restore(change, 'keep');
      expect(await found(before.key)).toEqual(before);
      expect(await ledgers.check.append(before.key, aGuess('right'), nowMs + 33_000)).toMatchObject({
        kind: 'written',
      });
    });

    test('a resend is rolled back only while it is the last one', async () => {
      const before = await committed();
      const first = replacement(before, await guardOf(before.phoneKey));
      await ledgers.resend.replace(first, nowMs + 31_000);
      const between = await found(before.key);
      if (between === undefined) throw new Error('There is no record.');
      const second = { ...replacement(between, noGuard), code: 'fresher', guard: undefined };
      expect(await ledgers.resend.replace(second, nowMs + 92_000)).toEqual({ kind: 'committed' });
      await ledgers.resend.restore(first, 'keep');
      expect(await found(before.key)).toMatchObject({ code: 'fresher', superseded: ['right', 'fresh'] });
      await ledgers.resend.restore(second, 'keep');
      expect(await found(before.key)).toEqual(between);
    });

    test('a resend that keeps its code adds nothing to the replaced ones', async () => {
      const before = await committed();
      const same = replacement(before, noGuard, { code: before.code, superseded: [], guard: undefined });
      expect(await ledgers.resend.replace(same, nowMs + 31_000)).toEqual({ kind: 'committed' });
      expect(await found(before.key)).toMatchObject({ code: 'right', superseded: [], sends: 2 });
    });

    test('a resend with a nonce is unsettled until its outcome is noted, and a later send is not settled by it', async () => {
      const before = await committed();
      const idempotency = { nonce: 'n1', isSettled: false };
      const change = replacement(before, await guardOf(before.phoneKey), { idempotency });
      await ledgers.resend.replace(change, nowMs + 31_000);
      expect(await found(before.key)).toMatchObject({ resendNonces: ['n1'], unsettledResend: 'n1' });
      await ledgers.resend.settleResend(before.key, 'another send', 'unconfirmed');
      expect(await found(before.key)).toMatchObject({ unsettledResend: 'n1', delivery: 'accepted' });
      await ledgers.resend.settleResend(before.key, change.sendId, 'accepted');
      expect(await found(before.key)).toMatchObject({ resendNonces: ['n1'], delivery: 'accepted' });
      expect((await found(before.key))?.unsettledResend).toBeUndefined();
      await ledgers.resend.settleResend(before.key, change.sendId, 'unconfirmed');
      expect(await found(before.key)).toMatchObject({ resendNonces: ['n1'], delivery: 'unconfirmed' });
      await ledgers.resend.settleResend(randomId(), change.sendId, 'unconfirmed');
    });

    test('a resend without a nonce leaves nothing unsettled, and rolled back it leaves the earlier one as it was', async () => {
      const before = await committed({ resendNonces: ['n1'], unsettledResend: 'n1' });
      const change = replacement(before, await guardOf(before.phoneKey));
      await ledgers.resend.replace(change, nowMs + 31_000);
      expect((await found(before.key))?.unsettledResend).toBeUndefined();
      await ledgers.resend.restore(change, 'release');
      expect(await found(before.key)).toEqual(before);
    });

    test('a nonce is taken once, and is free again after a roll-back', async () => {
      const before = await committed();
      const idempotency = { nonce: 'n1', isSettled: true };
      const same = { code: before.code, superseded: [], guard: undefined, idempotency };
      const outcomes = await inParallel(10, () =>
        ledgers.resend.replace(replacement(before, noGuard, { ...same, sendId: randomId() }), nowMs + 31_000),
      );
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect(await found(before.key)).toMatchObject({ resendNonces: ['n1'], sends: 2 });
      const now = await found(before.key);
      const last = replacement(before, noGuard, { ...same, sendId: now?.sendId ?? '' });
      await ledgers.resend.restore(last, 'keep');
      expect(await found(before.key)).toEqual(before);
      expect(await ledgers.resend.replace(last, nowMs + 31_000)).toEqual({ kind: 'committed' });
    });

    test('the nonces of one key make one resend between them', async () => {
      const before = await committed({ resendNonces: ['earlier'] });
      const of = (nonce: string, others: readonly string[]) =>
        replacement(before, noGuard, {
          ...{ code: before.code, superseded: [], guard: undefined, sendId: randomId() },
          idempotency: { nonce, others, isSettled: true },
        });
      const outcomes = await inParallel(12, (index) => {
        const nonces = ['n:', 'n:sms', 'n:voice'];
        const nonce = nonces[index % 3] ?? '';
        const others = nonces.filter((each) => each !== nonce);
        return ledgers.resend.replace(of(nonce, others), nowMs + 31_000);
      });
      expect(outcomes.filter(({ kind }) => kind === 'committed')).toHaveLength(1);
      expect((await found(before.key))?.resendNonces).toHaveLength(2);
      const fromBefore = of('earlier:sms', ['earlier']);
      expect(await ledgers.resend.replace(fromBefore, nowMs + 31_000)).toMatchObject({ kind: 'changed' });
    });

    test('a resend is not rolled back once its code was used, and its nonce is free all the same', async () => {
      const before = await committed({ resendNonces: ['n1'] });
      const idempotency = { nonce: 'n2', isSettled: false };
      const change = replacement(before, await guardOf(before.phoneKey), { idempotency });
      await ledgers.resend.replace(change, nowMs + 31_000);
      await ledgers.check.append(before.key, aGuess('fresh'), nowMs + 32_000);
      await ledgers.resend.restore(change, 'release');
      const after = await found(before.key);
      expect(after).toMatchObject({ code: 'fresh', guesses: ['fresh'], superseded: ['right'], resendNonces: ['n1'] });
      expect(after?.unsettledResend).toBeUndefined();
    });
  });

  describe('a cancellation', () => {
    test('a cancellation ends an open record, and shows others as they are', async () => {
      const open = await committed();
      expect(await ledgers.cancel.cancel(open.key, nowMs)).toMatchObject({ ended: 'canceled' });
      const approved = await committed({ guesses: ['right'], nonces: ['n'] });
      expect(await ledgers.cancel.cancel(approved.key, nowMs)).toEqual(approved);
      expect(await ledgers.cancel.cancel(randomId(), nowMs)).toBeUndefined();
    });
  });

  describe('a reading', () => {
    test('a record is found as it stands, by its own key only', async () => {
      const open = await committed();
      expect(await ledgers.finder.find(open.key)).toEqual(open);
      await ledgers.check.append(open.key, aGuess('wrong'), nowMs);
      expect(await ledgers.finder.find(open.key)).toEqual(await found(open.key));
      expect(await ledgers.finder.find(open.key)).toMatchObject({ guesses: ['wrong'] });
      expect(await ledgers.finder.find(randomId())).toBeUndefined();
    });
  });

  describe('the shared counters', () => {
    let countries = 0;
    /** A country that no other test has counted, so that the tests do not see each other. */
    const freshCountry = () => {
      countries += 1;
      return `T${countries}`;
    };
    let days = 0;
    /** A day that no other test has counted. */
    const freshDayMs = () => {
      days += 1;
      return nowMs + days * 86_400_000;
    };
    const day = new Date(nowMs).toISOString().slice(0, 10);
    const hour = new Date(nowMs).toISOString().slice(11, 13);
    const plenty = { hour: 1e12, day: 1e12 };
    const reservation = (country: string, more: Partial<Reservation> = {}): Reservation => ({
      ip: undefined,
      countryDay: { country, maxSends: 1e6 },
      caps: [{ cap: { of: 'country', country, caps: { hourUsd: 1, dayUsd: 1 } }, caps: plenty }],
      price: 50_000,
      day,
      hour,
      nowMs,
      ...noProbes,
      ...more,
    });
    const factsOf = (country: string, ip = 'none') => ledgers.resend.readFacts({ ...aSubject(), country, ip }, nowMs);
    const held = (list: readonly { outcome: { kind: string } }[]) =>
      list.filter(({ outcome }) => outcome.kind === 'held').length;
    /** The refusal of the first reservation that exceeded a counter. */
    const refusalOf = (list: readonly Reserved[]) => {
      const exceeded = list.map(({ outcome }) => outcome).find((outcome) => outcome.kind === 'exceeded');
      return exceeded && refusalByCounters(exceeded, nowMs);
    };

    test('a cap is never exceeded, whatever runs in parallel, and the answer says when it starts anew', async () => {
      const country = freshCountry();
      const cap = { of: 'country', country, caps: { hourUsd: 1, dayUsd: 1 } } as const;
      const caps = [{ cap, caps: { hour: 500_000, day: 1e12 } }];
      const outcomes = await inParallel(40, () => ledgers.request.reserve(reservation(country, { caps })));
      expect(held(outcomes)).toBe(10);
      expect((await factsOf(country)).spent.country).toEqual({ hour: 500_000, day: 500_000 });
      const retryAfterSeconds = Math.ceil((3_600_000 - (nowMs % 3_600_000)) / 1000);
      expect(refusalOf(outcomes)).toEqual({ kind: 'refused', because: 'cap', limit: 'cap-country', retryAfterSeconds });
    });

    test('the cap of a day is never exceeded either, and a release makes no counter', async () => {
      const country = freshCountry();
      const cap = { of: 'country', country, caps: { hourUsd: 1, dayUsd: 1 } } as const;
      const caps = [{ cap, caps: { hour: 1e12, day: 300_000 } }];
      const outcomes = await inParallel(20, () => ledgers.request.reserve(reservation(country, { caps })));
      expect(held(outcomes)).toBe(6);
      const retryAfterSeconds = Math.ceil((86_400_000 - (nowMs % 86_400_000)) / 1000);
      expect(refusalOf(outcomes)).toMatchObject({ limit: 'cap-country', retryAfterSeconds });
      for (const { release } of outcomes) await release();
      expect((await factsOf(country)).spent.country).toEqual({ hour: 0, day: 0 });
    });

    test('the cap of an application is never exceeded, and counts neither for a country nor for another application', async () => {
      const country = freshCountry();
      const [application, other] = [randomId().toLowerCase(), 'total'];
      const cap = { of: 'application', application, caps: { hourUsd: 1, dayUsd: 1 } } as const;
      const caps = [{ cap, caps: { hour: 500_000, day: 500_000 } }];
      const outcomes = await inParallel(40, () => ledgers.resend.reserve(reservation(country, { caps })));
      expect(held(outcomes)).toBe(10);
      expect(refusalOf(outcomes)).toMatchObject({ because: 'cap', limit: 'cap-application' });
      const spentBy = async (by: string, hasOwnCaps = true) =>
        (await ledgers.request.read({ ...aSubject(), country, application: by }, undefined, nowMs, { hasOwnCaps }))
          .spent;
      const nothing = { hour: 0, day: 0 };
      const { total, ...ofBoth } = await spentBy(application);
      expect(ofBoth).toEqual({ country: nothing, application: { hour: 500_000, day: 500_000 } });
      expect(await spentBy(other)).toEqual({ total, country: nothing, application: nothing });
      expect((await spentBy(application, false)).application).toEqual(nothing);
      const read = await ledgers.resend.readFacts({ ...aSubject(), country, application }, nowMs, { hasOwnCaps: true });
      expect(read.spent.application).toEqual({ hour: 500_000, day: 500_000 });
      for (const { release } of outcomes) await release();
      expect((await spentBy(application)).application).toEqual(nothing);
    });

    test('the shared counters are released as they were taken', async () => {
      const country = freshCountry();
      const ip = {
        key: randomId(),
        rate: { intervalMs: 120_000, toleranceMs: 480_000 },
        country,
        countriesPerDay: 3,
        isTrustedIp: false,
        tatMs: 0,
      };
      const first = await ledgers.request.reserve(reservation(country, { ip }));
      const second = await ledgers.resend.reserve(reservation(country, { ip }));
      expect(await factsOf(country, ip.key)).toMatchObject({
        ip: { tatMs: nowMs + 240_000, countriesToday: [country] },
        country: { sentToday: 2 },
        spent: { country: { hour: 100_000, day: 100_000 } },
      });
      await second.release();
      await first.release();
      expect(await factsOf(country, ip.key)).toMatchObject({
        ip: { tatMs: nowMs },
        country: { sentToday: 0 },
        spent: { country: { hour: 0, day: 0 } },
      });
    });

    test('the share of an IP stays if it is kept, and the others are released', async () => {
      const country = freshCountry();
      const rate = { intervalMs: 120_000, toleranceMs: 480_000 };
      const ip = { key: randomId(), rate, country, countriesPerDay: 3, isTrustedIp: false, tatMs: 0 };
      const { release } = await ledgers.request.reserve(reservation(country, { ip }));
      await release('ip');
      expect(await factsOf(country, ip.key)).toMatchObject({
        ip: { tatMs: nowMs + 120_000 },
        country: { sentToday: 0 },
        spent: { country: { hour: 0, day: 0 } },
      });
    });

    test('an IP gets its burst in parallel and no more', async () => {
      const country = freshCountry();
      const rate = { intervalMs: 120_000, toleranceMs: 480_000 };
      const ip = { key: randomId(), rate, country, countriesPerDay: 3, isTrustedIp: false, tatMs: 0 };
      const outcomes = await inParallel(30, () => ledgers.request.reserve(reservation(country, { ip })));
      expect(held(outcomes)).toBe(5);
      expect(refusalOf(outcomes)).toEqual({ kind: 'refused', because: 'ip', limit: 'ip', retryAfterSeconds: 120 });
      const later = reservation(country, { ip: { ...ip, tatMs: nowMs }, nowMs: nowMs + 120_000 });
      expect((await ledgers.request.reserve(later)).outcome.kind).toBe('held');
      expect((await ledgers.request.reserve(later)).outcome.kind).toBe('exceeded');
    });

    test('an IP starts anew with more once people have verified there', async () => {
      const country = freshCountry();
      const rate = { intervalMs: 120_000, toleranceMs: 480_000 };
      const before = { key: randomId(), rate, country, countriesPerDay: 3, isTrustedIp: false, tatMs: 0 };
      const reserved = (ip: typeof before) => ledgers.request.reserve(reservation(country, { ip }));
      expect(held(await inParallel(6, () => reserved(before)))).toBe(5);
      const taken = await reserved({ ...before, isTrustedIp: true });
      expect(taken.outcome.kind).toBe('held');
      const counted = { tatMs: nowMs + 600_000, trustedTatMs: nowMs + 120_000 };
      expect((await factsOf(country, before.key)).ip).toMatchObject(counted);
      await taken.release();
      expect((await factsOf(country, before.key)).ip).toMatchObject({ ...counted, trustedTatMs: nowMs });
    });

    test('an IP gets N countries a day in parallel, and no more', async () => {
      const rate = { intervalMs: 1, toleranceMs: 1_000_000 };
      const key = randomId();
      const names = Array.from({ length: 8 }, freshCountry);
      const outcomes = await Promise.all(
        names.map((country) =>
          ledgers.request.reserve(
            reservation(country, { ip: { key, rate, country, countriesPerDay: 3, isTrustedIp: false, tatMs: 0 } }),
          ),
        ),
      );
      expect(held(outcomes)).toBe(3);
      const [one = ''] = names.filter((_, index) => outcomes[index]?.outcome.kind === 'held');
      const again = reservation(one, {
        ip: { key, rate, country: one, countriesPerDay: 3, isTrustedIp: false, tatMs: 0 },
      });
      expect((await ledgers.request.reserve(again)).outcome.kind).toBe('held');
    });

    test('a country gets N sends a day in parallel, and no more', async () => {
      const country = freshCountry();
      const countryDay = { country, maxSends: 7 };
      const outcomes = await inParallel(20, () => ledgers.request.reserve(reservation(country, { countryDay })));
      expect(held(outcomes)).toBe(7);
    });

    test.each([
      [
        'beside the cap of all SMS, in one write',
        [{ cap: { of: 'total', caps: { hourUsd: 1, dayUsd: 1 } }, caps: plenty }],
      ],
      ['in a write of its own, without that cap', []],
    ] as const)('a Basic account of Notify gets N messages a day in parallel, %s', async (_, caps) => {
      const [startMs] = [freshDayMs()];
      const ofDay = { caps, countryDay: undefined, nowMs: startMs, day: new Date(startMs).toISOString().slice(0, 10) };
      const send = (maxMessages: number | undefined) =>
        ledgers.request.reserve(reservation('IN', { ...ofDay, notify: { maxMessages } }));
      const notified = async () =>
        (await ledgers.resend.readFacts({ ...aSubject(), country: 'IN' }, startMs)).notifiedToday;
      const outcomes = await inParallel(20, () => send(7));
      expect(held(outcomes)).toBe(7);
      expect(refusalOf(outcomes)).toMatchObject({ because: 'cap', limit: 'notify-day' });
      expect((await send(undefined)).outcome.kind).toBe('held');
      expect(await notified()).toBe(8);
      // What a refused one took of the cap is released by the flow, as those of the others are.
      for (const { release } of outcomes.filter(({ outcome }) => outcome.kind === 'held')) await release();
      expect(await notified()).toBe(1);
    });

    test('an entry of test numbers gets its uses in parallel, and no more', async () => {
      const entry = randomId();
      const outcomes = await inParallel(20, () => ledgers.request.useTestNumber(entry, 4, nowMs / 1000 + 86_400));
      expect(held(outcomes)).toBe(4);
    });
  });

  describe('the guesses', () => {
    const aFact = (more: Partial<GuessFact> = {}): GuessFact => ({
      id: randomId(),
      kind: 'wrong',
      phoneKey: randomId(),
      ip: randomId(),
      network: 'network',
      verification: 'Zk9vX2pQ1rTs',
      atMs: nowMs,
      ...more,
    });
    const reputationOf = async (phoneKey: string) => (await ledgers.guesses.readReputations([phoneKey])).get(phoneKey);
    const count = async (fact: GuessFact) => (await countGuesses(ledgers.guesses)([fact])).length;

    test('a guess counts once, however often and however parallel the stream brings it', async () => {
      const phoneKey = randomId();
      const facts = [1, 2, 3].map((second) => aFact({ phoneKey, atMs: nowMs + second * 1000 }));
      for (const fact of facts) {
        const outcomes = await Promise.all([count(fact), count(fact), count(fact)]);
        expect(outcomes.sort()).toEqual([0, 0, 1]);
      }
      for (const fact of facts) expect(await count(fact)).toBe(0);
      expect(await reputationOf(phoneKey)).toMatchObject({
        version: 3,
        wrong: facts.map(({ verification, atMs }) => ({ verification, atMs })),
      });
    });

    test('an approval forgives the wrong guesses of its verification, is listed with it, and counts for the IP', async () => {
      const wrong = aFact();
      const other = aFact({ phoneKey: wrong.phoneKey, verification: 'another_one_' });
      await count(wrong);
      await count(other);
      const right = aFact({ ...wrong, id: randomId(), kind: 'right', atMs: nowMs + 1000 });
      await Promise.all([count(right), count(right)]);
      const reputation = {
        version: 3,
        verifiedAtMs: nowMs + 1000,
        approved: [{ verification: wrong.verification, atMs: nowMs + 1000 }],
        wrong: [{ verification: 'another_one_', atMs: nowMs }],
        pairs: [{ network: 'network', atMs: nowMs + 1000 }],
      };
      expect(await reputationOf(wrong.phoneKey)).toEqual(reputation);
      const subject = { ...aSubject(wrong.phoneKey), ip: wrong.ip };
      const verifiers = [nameOfNumber(wrong.phoneKey)];
      expect(await ledgers.resend.readFacts(subject, nowMs)).toMatchObject({ reputation, ip: { verifiers } });
    });
  });
});
