import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import { requestVerification } from '../../lambdas/otp/request.ts';
import { inParallel } from '../fakes/in-parallel.ts';
import type { Fault } from '../fakes/ledger/calls.ts';
import { phone, requested, type World, world, wrongCode } from '../fakes/world.ts';

const check = (here: World, id: string, code: string, more = {}) =>
  here.check({ id, code: { reveal: () => code, toString: () => '', toJSON: () => '' }, application: 'app', ...more });

const kinds = (outcomes: readonly { kind: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

describe('a code is requested, arrives, and is good once', () => {
  test('a wrong code costs an attempt, the right one is approved, and the right one again is used up', async () => {
    const here = world();
    const { id, code, expiresAtMs, resendAvailableAtMs } = await requested(here);
    expect(here.inbox).toHaveLength(1);
    expect(expiresAtMs - here.state.nowMs).toBe(300_000);
    expect(resendAvailableAtMs - here.state.nowMs).toBe(30_000);
    expect(await check(here, id, wrongCode(code))).toMatchObject({ kind: 'wrong', attemptsRemaining: 4 });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved', purpose: 'login', masked: '+91••••••3210' });
    expect(await check(here, id, code)).toEqual({ kind: 'already-used' });
    expect(await here.find(id)).toMatchObject({ status: 'approved', masked: undefined });
  });

  test('the proof names number, purpose, audience and expiry', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(10);
    const outcome = await check(here, id, code);
    const claims = decodeJwt(outcome.kind === 'approved' ? outcome.proof : '');
    const iat = here.state.nowMs / 1000;
    expect(claims).toEqual({
      iss: 'https://otp.example.com',
      aud: 'https://backend.example.com',
      azp: 'app',
      sub: here.pseudonyms.phoneKey(phone()),
      phone_number: '+919876543210',
      phone_number_verified: true,
      purpose: 'login',
      amr: ['otp', 'sms'],
      iat,
      exp: iat + 300,
      jti: recordKey('app', id),
    });
  });

  test('the right code is refused after five wrong ones, and the fifth wrong one says so itself', async () => {
    const here = world();
    const { id, code } = await requested(here);
    for (const left of [4, 3, 2, 1]) {
      expect(await check(here, id, wrongCode(code, left))).toMatchObject({ kind: 'wrong', attemptsRemaining: left });
    }
    expect(await check(here, id, wrongCode(code, 9))).toEqual({ kind: 'exhausted' });
    expect(await check(here, id, code)).toEqual({ kind: 'exhausted' });
    expect(await here.find(id)).toMatchObject({ status: 'failed', attemptsRemaining: 0 });
  });

  test('a code is refused from the second of its expiry on, though its record is still there', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(299.999);
    expect(await check(here, id, wrongCode(code))).toMatchObject({ kind: 'wrong' });
    here.pass(0.001);
    expect(await check(here, id, code)).toEqual({ kind: 'expired' });
    expect(await here.find(id)).toMatchObject({ status: 'expired' });
  });

  test('a guess at an unknown id costs nobody an attempt', async () => {
    const here = world();
    const { id, code } = await requested(here);
    for (const unknown of [`a${'x'.repeat(27)}`, `z${id.slice(1)}`]) {
      expect(await check(here, unknown, code)).toEqual({ kind: 'unknown' });
    }
    expect(await here.find(id)).toMatchObject({ attemptsRemaining: 5 });
  });

  test('a code of another length, or without its transaction, is malformed and costs no attempt', async () => {
    const here = world();
    const pay = { amount: '1499.00', currency: 'INR', payee: 'Acme' };
    const { id, code } = await requested(here, { purpose: 'transaction', transaction: pay });
    expect(await check(here, id, '1234')).toEqual({ kind: 'transaction-missing' });
    expect(await check(here, id, '1234', { transaction: pay })).toEqual({ kind: 'wrong-length', codeLength: 6 });
    expect(await here.find(id)).toMatchObject({ attemptsRemaining: 5 });
    expect(await check(here, id, code, { transaction: { ...pay, amount: '9.00' } })).toMatchObject({ kind: 'wrong' });
    const approved = await check(here, id, code, { transaction: pay });
    expect(decodeJwt(approved.kind === 'approved' ? approved.proof : '')).toMatchObject({ transaction: pay });
    expect(here.inbox[0]?.text).toContain('pays 1499.00 INR to Acme');
  });

  test('a new request does not end an earlier verification of the number', async () => {
    const here = world();
    const first = await requested(here);
    here.pass(31);
    const second = await requested(here);
    expect(await check(here, first.id, first.code)).toMatchObject({ kind: 'approved' });
    expect(await check(here, second.id, second.code)).toMatchObject({ kind: 'approved' });
  });
});

describe('in parallel', () => {
  test('exactly five of 200 wrong guesses are judged', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const outcomes = await inParallel(200, (index) => check(here, id, wrongCode(code, index + 1)));
    expect(kinds(outcomes)).toEqual({ wrong: 4, exhausted: 196 });
    expect(here.ledger.records.get(recordKey('app', id))?.guesses).toHaveLength(5);
  });

  test('exactly one of 200 right guesses is approved', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const outcomes = await inParallel(200, () => check(here, id, code));
    expect(kinds(outcomes)).toEqual({ approved: 1, 'already-used': 199 });
  });

  test('a right guess among four wrong ones in flight is approved, wherever it stands', async () => {
    for (const place of [0, 1, 2, 3, 4]) {
      const here = world();
      const { id, code } = await requested(here);
      const outcomes = await inParallel(5, (i) => check(here, id, i === place ? code : wrongCode(code, i + 1)));
      expect(outcomes[place]).toMatchObject({ kind: 'approved' });
    }
  });

  test('exactly one of 100 requests for one number in ten spellings sends an SMS', async () => {
    const here = world();
    const outcomes = await inParallel(100, (i) => here.request({ phone: phone(spellings[i % 10]), ip: `10.0.0.${i}` }));
    expect(kinds(outcomes)).toEqual({ created: 1, 'too-soon': 99 });
    expect(here.inbox).toHaveLength(1);
    expect(
      outcomes.every((o) => o.kind === 'created' || ('retryAfterSeconds' in o && o.retryAfterSeconds === 30)),
    ).toBe(true);
  });

  test('one of 100 requests with one idempotency key sends, and the rest are its repeats or told to wait', async () => {
    const here = world();
    const key = 'key-0123456789-abcdef';
    const outcomes = await inParallel(100, () => here.request({ idempotencyKey: key }));
    const { created, ...rest } = kinds(outcomes);
    expect(created).toBe(1);
    expect(Object.keys(rest).every((kind) => ['in-progress', 'repeated'].includes(kind))).toBe(true);
    expect(here.inbox).toHaveLength(1);
  });

  test('a check in parallel with a resend is judged against one of the two codes, and counted unless it is replaced', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(31);
    const [resent, checked] = await Promise.all([here.resend({ id }), check(here, id, code)]);
    if (checked.kind === 'approved') expect(resent.kind).not.toBe('resent');
    else expect([resent.kind, checked.kind]).toEqual(['resent', 'superseded']);
    expect(here.ledger.records.get(recordKey('app', id))?.guesses).toHaveLength(checked.kind === 'approved' ? 1 : 0);
  });
});

const spellings = [
  '+919876543210',
  '+91 98765 43210',
  '+91-9876-543210',
  '+91 (0)98765 43210',
  '+91.98765.43210',
  ' +91 98765 43210',
  '(+91) 98765 43210',
  '+91 98 76 54 32 10',
  '+91–98765–43210',
  '＋９１９８７６５４３２１０',
];

describe('a repeated check or request gets its first answer', () => {
  const key = { idempotencyKey: 'check-0123456789-abcdef' };

  test('a repeated approval has the same claims until the proof expires, and is used up then', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const first = await check(here, id, code, key);
    here.pass(120);
    const second = await check(here, id, code, key);
    expect(first.kind).toBe('approved');
    expect(second).toEqual(first);
    here.pass(179.999);
    expect(await check(here, id, code, key)).toEqual(first);
    here.pass(0.001);
    expect(await check(here, id, code, key)).toEqual({ kind: 'already-used' });
    expect(await check(here, id, code)).toEqual({ kind: 'already-used' });
  });

  test('a repeated wrong guess has the same answer, and costs one attempt', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const first = await check(here, id, wrongCode(code), key);
    await check(here, id, wrongCode(code, 2));
    expect(await check(here, id, wrongCode(code), key)).toEqual(first);
    expect(await here.find(id)).toMatchObject({ attemptsRemaining: 3 });
  });

  test('a repeated key with another code is refused, and nothing is compared', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, wrongCode(code), key);
    expect(await check(here, id, code, key)).toEqual({ kind: 'key-reused' });
    expect(await here.find(id)).toMatchObject({ attemptsRemaining: 4 });
  });

  test('no repeat says that the SMS was sent before that is known', async () => {
    const here = world();
    const again = { idempotencyKey: 'send-0123456789-abcdef' };
    const crashing = requestVerification(
      { ...here.ports, sender: { send: () => Promise.reject(new Error('the sandbox is gone')) } },
      here.rules,
    );
    const request = { phone: phone(), purpose: 'login', application: 'app', ip: '192.0.2.1', ...again };
    await expect(crashing(request)).rejects.toThrow('gone');
    expect(await here.request(again)).toMatchObject({ kind: 'in-progress' });
    here.pass(29.999);
    expect(await here.request(again)).toMatchObject({ kind: 'in-progress' });
    here.pass(0.001);
    const repeated = await here.request(again);
    expect(repeated).toMatchObject({ kind: 'repeated', view: { delivery: 'unconfirmed' } });
    expect(here.inbox).toHaveLength(0);
    const id = repeated.kind === 'repeated' ? repeated.view.id : '';
    expect(await here.find(id)).toMatchObject({ delivery: 'unconfirmed' });
    here.pass(31);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent', view: { delivery: 'accepted' } });
    expect(await here.request(again)).toMatchObject({ kind: 'repeated', view: { delivery: 'accepted' } });
  });

  test('a request whose unconfirmed SMS could not be noted is not settled, and no repeat says that it was sent', async () => {
    const here = world();
    const again = { idempotencyKey: 'send-0123456789-abcdef' };
    here.state.network.push({ kind: 'unconfirmed' });
    here.ledger.failAt(3, 'unavailable');
    expect(await here.request(again)).toMatchObject({ kind: 'created', view: { delivery: 'unconfirmed' } });
    expect(here.noted).toContain('mark-unconfirmed');
    here.pass(31);
    expect(await here.request(again)).toMatchObject({ kind: 'repeated', view: { delivery: 'unconfirmed' } });
  });

  test('a key that is used again after its expiry gets another id, so that old proofs and guesses stay as they were', async () => {
    const here = world();
    const again = { idempotencyKey: 'send-0123456789-abcdef' };
    const first = await requested(here, again);
    const approved = await check(here, first.id, first.code, key);
    here.pass(600);
    const second = await requested(here, again);
    expect(second.id).not.toBe(first.id);
    const claims = (outcome: { kind: string; proof?: string }) => decodeJwt(outcome.proof ?? '');
    const other = await check(here, second.id, second.code);
    expect(claims(approved as never).jti).not.toBe(claims(other as never).jti);
  });

  test('a key of one application is of no use to another', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, wrongCode(code), key);
    for (const guess of [code, wrongCode(code)])
      expect(await check(here, id, guess, { ...key, application: 'other' })).toEqual({ kind: 'unknown' });
    expect(await check(here, id, wrongCode(code), key)).toMatchObject({ kind: 'wrong', attemptsRemaining: 4 });
  });

  test('a check whose answer was lost after the write is approved when it is repeated, and costs one attempt', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.ledger.failAt(here.ledger.calls.length, 'lost');
    await expect(check(here, id, code, key)).rejects.toThrow('did not answer');
    expect(await check(here, id, code, key)).toMatchObject({ kind: 'approved' });
    expect(here.ledger.records.get(recordKey('app', id))?.guesses).toHaveLength(1);
  });

  test('a repeated request has the same id and sends no second SMS, and another body is refused', async () => {
    const here = world();
    const again = { idempotencyKey: 'send-0123456789-abcdef' };
    const first = await here.request(again);
    here.pass(100);
    const second = await here.request({ ...again, phone: phone('+91 98765-43210') });
    expect(second).toMatchObject({ kind: 'repeated', view: { id: first.kind === 'created' ? first.view.id : '' } });
    expect(await here.request({ ...again, purpose: 'account-change' })).toMatchObject({ kind: 'key-reused' });
    expect(here.inbox).toHaveLength(1);
    expect(await here.request({ ...again, application: 'other', phone: phone('+447400123456') })).toMatchObject({
      kind: 'created',
    });
  });

  test('an idempotency key lives as long as its verification may live, resends included', async () => {
    const here = world();
    const again = { idempotencyKey: 'send-0123456789-abcdef' };
    await here.request(again);
    here.pass(300);
    expect(await here.request(again)).toMatchObject({ kind: 'repeated', view: { status: 'expired' } });
    here.pass(300);
    expect(await here.request(again)).toMatchObject({ kind: 'created', view: { status: 'pending' } });
    expect(here.inbox).toHaveLength(2);
  });
});

describe('a resend', () => {
  test('a resend sends a fresh code over the next route, ends the old code, and keeps used attempts used', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, wrongCode(code));
    here.pass(30);
    const resent = await here.resend({ id });
    expect(resent).toMatchObject({ kind: 'resent', view: { attemptsRemaining: 4, masked: '+91••••••3210' } });
    expect(here.inbox.map(({ region }) => region)).toEqual(['', 'eu-west-1']);
    const fresh = here.lastCode();
    expect(fresh).not.toBe(code);
    expect(await check(here, id, code)).toMatchObject({ kind: 'superseded', attemptsRemaining: 4 });
    expect(await check(here, id, fresh)).toMatchObject({ kind: 'approved' });
  });

  test('a resend renews the expiry up to the longest life, never beyond', async () => {
    const here = world();
    const { id } = await requested(here);
    const born = here.state.nowMs;
    here.pass(250);
    expect(await here.resend({ id })).toMatchObject({ view: { expiresAtMs: born + 550_000 } });
    here.pass(250);
    expect(await here.resend({ id })).toMatchObject({ view: { expiresAtMs: born + 600_000 } });
    here.pass(100);
    expect(await here.resend({ id })).toEqual({ kind: 'expired' });
  });

  test('a resend shares the limits of the number with requests', async () => {
    const here = world();
    const { id } = await requested(here);
    here.pass(29);
    expect(await here.resend({ id })).toMatchObject({ kind: 'too-soon', retryAfterSeconds: 1 });
    expect(here.ledger.refusals).toMatchObject([{ reason: 'phone', limit: 'cooldown' }]);
  });

  test('a resend is refused if its code would expire before it can be typed in', async () => {
    const here = world();
    const { id } = await requested(here);
    here.pass(290);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
    here.pass(280);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
    here.pass(1);
    expect(await here.resend({ id })).toEqual({ kind: 'expired' });
    expect(here.inbox).toHaveLength(3);
  });

  test('a resend to a holder who opted out stays counted, and leaves the last code as it was', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(31);
    here.state.network.push({ kind: 'rejected', reason: 'opted-out' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'opted-out' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'too-soon' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
  });

  test('a resend is refused for a verification that has ended', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, code);
    here.pass(31);
    expect(await here.resend({ id })).toEqual({ kind: 'already-used' });
    expect(await here.resend({ id: `a${'x'.repeat(27)}` })).toEqual({ kind: 'unknown' });
    expect(here.inbox).toHaveLength(1);
  });

  test('a resend that surely failed leaves the last code as it was, and counts nothing', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(30);
    here.state.network.push(refused, refused);
    expect(await here.resend({ id })).toMatchObject({ kind: 'not-sent' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
    expect([...here.ledger.guards.values()][0]?.sends).toHaveLength(1);
  });

  test('a resend never sends a code that was guessed already, nor the last one', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const guessed = wrongCode(code, 5);
    await check(here, id, guessed);
    here.pass(30);
    const drawn = [Number(code), Number(guessed), 424_242];
    const { resendVerification } = await import('../../lambdas/otp/resend.ts');
    const resend = resendVerification({ ...here.ports, draw: () => drawn.shift() ?? 0 }, here.rules);
    expect(await resend({ id, application: 'app' })).toMatchObject({ kind: 'resent' });
    expect(here.lastCode()).toBe('424242');
  });
});

const refused = { kind: 'rejected', reason: 'throttled' } as const;

describe('a cancellation', () => {
  test('a cancellation ends the code, and is idempotent', async () => {
    const here = world();
    const { id, code } = await requested(here);
    expect(await here.cancel(id)).toEqual({ kind: 'canceled' });
    expect(await here.cancel(id)).toEqual({ kind: 'canceled' });
    expect(await check(here, id, code)).toEqual({ kind: 'canceled' });
    here.pass(31);
    expect(await here.resend({ id })).toEqual({ kind: 'canceled' });
  });

  test('a cancellation does not undo an approval', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, code);
    expect(await here.cancel(id)).toEqual({ kind: 'already-used' });
    expect(await here.find(id)).toMatchObject({ status: 'approved' });
  });

  test('a cancellation of an unknown id says so', async () => {
    expect(await world().cancel(`a${'x'.repeat(27)}`)).toEqual({ kind: 'unknown' });
  });
});

describe('a destination that gets no SMS is refused before anything is written, and noted for the stream', () => {
  test.each([
    ['+33612345678', 'country'],
    ['+442079460958', 'type'],
    ['+19005551234', 'type'],
    ['+447797712345', 'country'],
  ])('%s is refused by its %s before anything is written', async (number, reason) => {
    const here = world();
    expect(await here.request({ phone: phone(number) })).toEqual({ kind: 'destination-not-allowed', reason });
    expect(here.ledger.records.size + here.ledger.guards.size + here.inbox.length).toBe(0);
    expect(here.ledger.refusals).toMatchObject([{ reason: `destination-${reason}`, range: number.slice(0, -4) }]);
  });

  test('a holder who opted out gets no SMS, and the send stays counted', async () => {
    const here = world();
    here.state.network.push({ kind: 'rejected', reason: 'opted-out' });
    expect(await here.request()).toMatchObject({ kind: 'opted-out' });
    expect(await here.request()).toMatchObject({ kind: 'too-soon' });
    expect([...here.ledger.records.values()]).toMatchObject([{ ended: 'failed' }]);
  });
});

describe('a failure at each step leaves a state that the next call understands', () => {
  test('a send whose first route surely fails goes over the next one', async () => {
    const here = world();
    here.state.network.push(refused);
    expect(await here.request()).toMatchObject({ kind: 'created', view: { delivery: 'accepted' } });
    expect(here.inbox).toMatchObject([{ region: 'eu-west-1' }]);
  });

  test('a send that fails on all routes ends the record, restores the guard and frees the key', async () => {
    const here = world();
    const key = { idempotencyKey: 'send-0123456789-abcdef' };
    here.state.network.push(refused, refused);
    expect(await here.request(key)).toMatchObject({ kind: 'not-sent' });
    expect([...here.ledger.records.values()]).toMatchObject([{ ended: 'failed' }]);
    expect([...here.ledger.guards.values()]).toMatchObject([{ sends: [] }]);
    expect(await here.request(key)).toMatchObject({ kind: 'created' });
    expect(here.inbox).toHaveLength(1);
  });

  test('a send without an answer is unconfirmed, tries no other route, and keeps the code alive', async () => {
    const here = world();
    here.state.network.push({ kind: 'unconfirmed' });
    const { id, code, delivery } = await requested(here);
    expect([delivery, here.inbox.length]).toEqual(['unconfirmed', 1]);
    expect(await here.find(id)).toMatchObject({ delivery: 'unconfirmed' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
  });

  test.each(['pseudonyms', 'GenerateMac', 'Encrypt'])(
    'a request during an outage of KMS %s sends nothing and counts nothing',
    async (step) => {
      const here = world();
      here.state.broken.add(step);
      await expect(here.request()).rejects.toThrow('did not answer');
      expect(here.inbox.length + here.ledger.records.size + here.ledger.guards.size).toBe(0);
      here.state.broken.clear();
      expect(await here.request()).toMatchObject({ kind: 'created' });
    },
  );

  test.each(['GenerateMac', 'Decrypt', 'Sign'])(
    'a check during an outage of KMS %s is answered when it is repeated',
    async (step) => {
      const here = world();
      const { id, code } = await requested(here);
      const key = { idempotencyKey: 'check-0123456789-abcdef' };
      here.state.broken.add(step);
      await expect(check(here, id, code, key)).rejects.toThrow('did not answer');
      here.state.broken.clear();
      expect(await check(here, id, code, key)).toMatchObject({ kind: 'approved' });
    },
  );

  const faults: Fault[] = ['unavailable', 'lost', 'conflict'];
  const runs = faults.flatMap((fault) =>
    [0, 1, 2, 3, 4].flatMap((call) => [false, true].map((forever) => ({ fault, call, forever }))),
  );

  test.each(runs)(
    'a request with $fault at call $call (forever: $forever) sends at most one SMS, and none that is not counted',
    async ({ fault, call, forever }) => {
      const here = world();
      here.state.network.push(...(call > 2 ? [refused, refused] : []));
      here.ledger.failAt(call, fault, forever);
      const outcome = await here.request().catch(() => ({ kind: 'unavailable' }));
      const counted = [...here.ledger.guards.values()].flatMap(({ sends }) => sends).length;
      expect(here.inbox.length).toBe(outcome.kind === 'created' ? 1 : 0);
      expect(counted).toBeGreaterThanOrEqual(here.inbox.length);
      here.ledger.failAt(Number.MAX_SAFE_INTEGER, fault);
      here.pass(31);
      expect(await here.request()).toMatchObject({ kind: 'created' });
      expect(here.inbox.length).toBeLessThanOrEqual(2);
    },
  );

  test('a commit whose answer is lost is rolled back, so that nothing counts', async () => {
    const here = world();
    here.ledger.failAt(1, 'lost');
    await expect(here.request()).rejects.toThrow('did not answer');
    expect([...here.ledger.guards.values()]).toMatchObject([{ sends: [] }]);
    expect(await here.request()).toMatchObject({ kind: 'created' });
  });

  test.each(runs)(
    'a resend with $fault at call $call (forever: $forever) leaves one of the two codes working',
    async ({ fault, call, forever }) => {
      const here = world();
      const { id, code } = await requested(here);
      here.pass(31);
      here.ledger.failAt(here.ledger.calls.length + call, fault, forever);
      const outcome = await here.resend({ id }).catch(() => ({ kind: 'unavailable' }));
      here.ledger.failAt(Number.MAX_SAFE_INTEGER, fault);
      expect(here.inbox.length).toBe(outcome.kind === 'resent' ? 2 : 1);
      const codes = [here.lastCode(), code];
      const record = here.ledger.records.get(recordKey('app', id));
      const verdicts = [await check(here, id, codes[0] ?? ''), await check(here, id, codes[1] ?? '')];
      // If the tables stay dark behind the write, nobody can put the code before back: then a resend is the way out.
      const isStuck = !verdicts.some(({ kind }) => kind === 'approved');
      expect(isStuck && !forever).toBe(false);
      if (isStuck) {
        here.pass(61);
        expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
        expect(await check(here, id, here.lastCode())).toMatchObject({ kind: 'approved' });
      }
      expect(record?.maxAttempts).toBe(5);
    },
  );
});

test('no outcome and no note holds a number or a code in clear', async () => {
  const here = world();
  const { id, code } = await requested(here);
  const everything = JSON.stringify([
    [...here.ledger.records.values()].map(({ sealed, ...rest }) => rest),
    [...here.ledger.guards.entries()],
    here.ledger.refusals,
    here.noted,
    await here.find(id),
  ]);
  expect(everything).not.toContain(code);
  expect(everything).not.toContain('43210');
});
