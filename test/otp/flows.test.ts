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
  test('wrong, right, right again', async () => {
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

  test('the proof says who, what for and until when', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(10);
    const outcome = await check(here, id, code);
    const claims = decodeJwt(outcome.kind === 'approved' ? outcome.proof : '');
    const iat = here.state.nowMs / 1000;
    expect(claims).toEqual({
      iss: 'https://otp.example.com',
      aud: 'https://backend.example.com',
      sub: here.pseudonyms.phoneKey(phone()),
      phone_number: '+919876543210',
      phone_number_verified: true,
      purpose: 'login',
      amr: ['otp', 'sms'],
      iat,
      exp: iat + 300,
      jti: recordKey(id),
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

  test('a code of another length, or without its transaction, is told so and costs no attempt', async () => {
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
  test('of 200 wrong guesses exactly five are judged', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const outcomes = await inParallel(200, (index) => check(here, id, wrongCode(code, index + 1)));
    expect(kinds(outcomes)).toEqual({ wrong: 4, exhausted: 196 });
    expect(here.ledger.records.get(recordKey(id))?.guesses).toHaveLength(5);
  });

  test('of 200 right guesses exactly one is approved', async () => {
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

  test('of 100 requests for one number in ten spellings exactly one sends an SMS', async () => {
    const here = world();
    const outcomes = await inParallel(100, (i) => here.request({ phone: phone(spellings[i % 10]), ip: `10.0.0.${i}` }));
    expect(kinds(outcomes)).toEqual({ created: 1, 'too-soon': 99 });
    expect(here.inbox).toHaveLength(1);
    expect(
      outcomes.every((o) => o.kind === 'created' || ('retryAfterSeconds' in o && o.retryAfterSeconds === 30)),
    ).toBe(true);
  });

  test('of 100 requests with one idempotency key one sends, and the rest are its repeats or told to wait', async () => {
    const here = world();
    const key = 'key-0123456789-abcdef';
    const outcomes = await inParallel(100, () => here.request({ idempotencyKey: key }));
    const { created, ...rest } = kinds(outcomes);
    expect(created).toBe(1);
    expect(Object.keys(rest).every((kind) => ['in-progress', 'repeated'].includes(kind))).toBe(true);
    expect(here.inbox).toHaveLength(1);
  });

  test('a check beside a resend is judged against one of the two codes, and counted', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(31);
    const [resent, checked] = await Promise.all([here.resend({ id }), check(here, id, code)]);
    if (checked.kind === 'approved') expect(resent.kind).not.toBe('resent');
    else expect([resent.kind, checked.kind]).toEqual(['resent', 'wrong']);
    expect(here.ledger.records.get(recordKey(id))?.guesses).toHaveLength(1);
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

describe('a repeated question gets its first answer', () => {
  const key = { idempotencyKey: 'check-0123456789-abcdef' };

  test('approved: the same claims, until the proof expires; then it is used up', async () => {
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

  test('wrong: the same count, and one attempt', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const first = await check(here, id, wrongCode(code), key);
    await check(here, id, wrongCode(code, 2));
    expect(await check(here, id, wrongCode(code), key)).toEqual(first);
    expect(await here.find(id)).toMatchObject({ attemptsRemaining: 3 });
  });

  test('with another code it is refused, and nothing is compared', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, wrongCode(code), key);
    expect(await check(here, id, code, key)).toEqual({ kind: 'key-reused' });
    expect(await here.find(id)).toMatchObject({ attemptsRemaining: 4 });
  });

  test('a request is not told that its SMS went out before that is known, nor if nobody knows', async () => {
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

  test('a request whose silence could not be noted is not settled: a repeat does not claim that it was sent', async () => {
    const here = world();
    const again = { idempotencyKey: 'send-0123456789-abcdef' };
    here.state.network.push({ kind: 'unconfirmed' });
    here.ledger.failAt(3, 'unavailable');
    expect(await here.request(again)).toMatchObject({ kind: 'created', view: { delivery: 'unconfirmed' } });
    expect(here.noted).toContain('mark-unconfirmed');
    here.pass(31);
    expect(await here.request(again)).toMatchObject({ kind: 'repeated', view: { delivery: 'unconfirmed' } });
  });

  test('a key that is used anew gets another id, so that old proofs and guesses stay what they were', async () => {
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

  test('under another application the key is another one', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, wrongCode(code), key);
    expect(await check(here, id, code, { ...key, application: 'other' })).toMatchObject({ kind: 'approved' });
  });

  test('a check whose answer was lost after the write: asked again, approved, one attempt', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.ledger.failAt(here.ledger.calls.length, 'lost');
    await expect(check(here, id, code, key)).rejects.toThrow('did not answer');
    expect(await check(here, id, code, key)).toMatchObject({ kind: 'approved' });
    expect(here.ledger.records.get(recordKey(id))?.guesses).toHaveLength(1);
  });

  test('a request: the same id, no second SMS; another body is refused', async () => {
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

  test('a key lives as long as its verification may live, resends included; then it is free again', async () => {
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
  test('sends a fresh code over the next route; the old one is worth nothing, the attempts stay used', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, wrongCode(code));
    here.pass(30);
    const resent = await here.resend({ id });
    expect(resent).toMatchObject({ kind: 'resent', view: { attemptsRemaining: 4, masked: '+91••••••3210' } });
    expect(here.inbox.map(({ region }) => region)).toEqual(['', 'eu-west-1']);
    const fresh = here.lastCode();
    expect(fresh).not.toBe(code);
    expect(await check(here, id, code)).toMatchObject({ kind: 'wrong', attemptsRemaining: 3 });
    expect(await check(here, id, fresh)).toMatchObject({ kind: 'approved' });
  });

  test('renews the expiry up to the longest life, never beyond', async () => {
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

  test('shares the limits of the phone with requests', async () => {
    const here = world();
    const { id } = await requested(here);
    here.pass(29);
    expect(await here.resend({ id })).toMatchObject({ kind: 'too-soon', retryAfterSeconds: 1 });
    expect(here.ledger.refusals).toMatchObject([{ reason: 'phone', limit: 'cooldown' }]);
  });

  test('of a verification that is about to die is refused: its code would die before it is read', async () => {
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

  test('to a holder who has opted out stays counted, and leaves the code before as it was', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(31);
    here.state.network.push({ kind: 'rejected', reason: 'opted-out' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'opted-out' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'too-soon' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
  });

  test('is refused for what is over', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, code);
    here.pass(31);
    expect(await here.resend({ id })).toEqual({ kind: 'already-used' });
    expect(await here.resend({ id: `a${'x'.repeat(27)}` })).toEqual({ kind: 'unknown' });
    expect(here.inbox).toHaveLength(1);
  });

  test('that surely was not sent leaves the code before as it was, and counts nothing', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(30);
    here.state.network.push(refused, refused);
    expect(await here.resend({ id })).toMatchObject({ kind: 'not-sent' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
    expect([...here.ledger.guards.values()][0]?.sends).toHaveLength(1);
  });

  test('never sends a code that was guessed already, nor the one before', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const guessed = wrongCode(code, 5);
    await check(here, id, guessed);
    here.pass(30);
    const drawn = [Number(code), Number(guessed), 424_242];
    const { resendVerification } = await import('../../lambdas/otp/resend.ts');
    const resend = resendVerification({ ...here.ports, draw: () => drawn.shift() ?? 0 }, here.rules);
    expect(await resend({ id })).toMatchObject({ kind: 'resent' });
    expect(here.lastCode()).toBe('424242');
  });
});

const refused = { kind: 'rejected', reason: 'throttled' } as const;

describe('a cancellation', () => {
  test('makes the code worthless, and is idempotent', async () => {
    const here = world();
    const { id, code } = await requested(here);
    expect(await here.cancel(id)).toEqual({ kind: 'canceled' });
    expect(await here.cancel(id)).toEqual({ kind: 'canceled' });
    expect(await check(here, id, code)).toEqual({ kind: 'canceled' });
    here.pass(31);
    expect(await here.resend({ id })).toEqual({ kind: 'canceled' });
  });

  test('does not undo an approval', async () => {
    const here = world();
    const { id, code } = await requested(here);
    await check(here, id, code);
    expect(await here.cancel(id)).toEqual({ kind: 'already-used' });
    expect(await here.find(id)).toMatchObject({ status: 'approved' });
  });

  test('of nothing says so', async () => {
    expect(await world().cancel(`a${'x'.repeat(27)}`)).toEqual({ kind: 'unknown' });
  });
});

describe('what is not sent to is refused before anything is written, and noted for the stream', () => {
  test.each([
    ['+33612345678', 'country'],
    ['+442079460958', 'type'],
    ['+19005551234', 'type'],
    ['+447797712345', 'country'],
  ])('%s: %s', async (number, reason) => {
    const here = world();
    expect(await here.request({ phone: phone(number) })).toEqual({ kind: 'destination-not-allowed', reason });
    expect(here.ledger.records.size + here.ledger.guards.size + here.inbox.length).toBe(0);
    expect(here.ledger.refusals).toMatchObject([{ reason: `destination-${reason}`, range: number.slice(0, -4) }]);
  });

  test('an opted-out holder gets nothing; the send stays counted, so that nobody hammers the network', async () => {
    const here = world();
    here.state.network.push({ kind: 'rejected', reason: 'opted-out' });
    expect(await here.request()).toMatchObject({ kind: 'opted-out' });
    expect(await here.request()).toMatchObject({ kind: 'too-soon' });
    expect([...here.ledger.records.values()]).toMatchObject([{ ended: 'failed' }]);
  });
});

describe('a failure at each step leaves a state that the next call understands', () => {
  test('the first route fails, the next one is tried', async () => {
    const here = world();
    here.state.network.push(refused);
    expect(await here.request()).toMatchObject({ kind: 'created', view: { delivery: 'accepted' } });
    expect(here.inbox).toMatchObject([{ region: 'eu-west-1' }]);
  });

  test('all routes surely fail: the record is dead, the guard is as before, the key is free', async () => {
    const here = world();
    const key = { idempotencyKey: 'send-0123456789-abcdef' };
    here.state.network.push(refused, refused);
    expect(await here.request(key)).toMatchObject({ kind: 'not-sent' });
    expect([...here.ledger.records.values()]).toMatchObject([{ ended: 'failed' }]);
    expect([...here.ledger.guards.values()]).toMatchObject([{ sends: [] }]);
    expect(await here.request(key)).toMatchObject({ kind: 'created' });
    expect(here.inbox).toHaveLength(1);
  });

  test('the network does not answer: unconfirmed, no other route is tried, the code is alive', async () => {
    const here = world();
    here.state.network.push({ kind: 'unconfirmed' });
    const { id, code, delivery } = await requested(here);
    expect([delivery, here.inbox.length]).toEqual(['unconfirmed', 1]);
    expect(await here.find(id)).toMatchObject({ delivery: 'unconfirmed' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
  });

  test.each(['pseudonyms', 'GenerateMac', 'Encrypt'])(
    'KMS %s is down: nothing is sent, nothing is counted',
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
    'KMS %s is down at a check: asked again it is answered',
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
    'request, $fault at call $call (forever: $forever): at most one SMS, none that is not counted',
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

  test('the commit is lost after it was made: it is taken back, so that nothing counts', async () => {
    const here = world();
    here.ledger.failAt(1, 'lost');
    await expect(here.request()).rejects.toThrow('did not answer');
    expect([...here.ledger.guards.values()]).toMatchObject([{ sends: [] }]);
    expect(await here.request()).toMatchObject({ kind: 'created' });
  });

  test.each(runs)(
    'resend, $fault at call $call (forever: $forever): one of the two codes works afterwards',
    async ({ fault, call, forever }) => {
      const here = world();
      const { id, code } = await requested(here);
      here.pass(31);
      here.ledger.failAt(here.ledger.calls.length + call, fault, forever);
      const outcome = await here.resend({ id }).catch(() => ({ kind: 'unavailable' }));
      here.ledger.failAt(Number.MAX_SAFE_INTEGER, fault);
      expect(here.inbox.length).toBe(outcome.kind === 'resent' ? 2 : 1);
      const codes = [here.lastCode(), code];
      const record = here.ledger.records.get(recordKey(id));
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
