import { describe, expect, test } from 'vitest';
import { eventOf } from '../../../lambdas/bursts/counts/events.ts';
import { guessOf } from '../../../lambdas/otp/guesses.ts';
import { type Guess, judge, type Verification } from '../../../lambdas/otp/record/verification.ts';
import { resendVerification } from '../../../lambdas/otp/resend.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { phone, requested, type World, world, wrongCode } from '../../fakes/world.ts';
import { check, kinds, recordOf, refused, resendInFlight } from './steps.ts';

/** A verification whose code was replaced, with both codes. */
const resent = async (here: World) => {
  const { id, code: old } = await requested(here);
  here.pass(31);
  expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
  return { id, old, code: here.lastCode() };
};

describe('a code that a resend replaced', () => {
  test('a replaced code costs no attempt, however often it is typed, and says so', async () => {
    const here = world();
    const { id, old, code } = await resent(here);
    const before = recordOf(here, id);
    for (let typed = 0; typed < 9; typed += 1) {
      expect(await check(here, id, old)).toEqual({
        kind: 'superseded',
        attemptsRemaining: 5,
        expiresAt: before.expiresAt,
      });
    }
    expect(recordOf(here, id)).toBe(before);
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
  });

  test('every code that was replaced stays so: after each resend all older ones get the hint', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const codes = [code];
    for (const wait of [31, 61, 121]) {
      here.pass(wait);
      await here.resend({ id });
      for (const old of codes) expect(await check(here, id, old)).toMatchObject({ kind: 'superseded' });
      codes.push(here.lastCode());
    }
    expect(recordOf(here, id).superseded).toHaveLength(3);
    expect(await check(here, id, codes[3] ?? '')).toMatchObject({ kind: 'approved' });
  });

  test('a replaced code shows how many attempts wrong codes have left', async () => {
    const here = world();
    const { id, old } = await resent(here);
    await check(here, id, wrongCode(old, 3));
    expect(await check(here, id, old)).toMatchObject({ kind: 'superseded', attemptsRemaining: 4 });
  });

  test('a replaced code of a closed verification gets the reason why it is closed', async () => {
    const canceled = world();
    const first = await resent(canceled);
    await canceled.cancel(first.id);
    expect(await check(canceled, first.id, first.old)).toEqual({ kind: 'canceled' });
    const approved = world();
    const second = await resent(approved);
    await check(approved, second.id, second.code);
    expect(await check(approved, second.id, second.old)).toEqual({ kind: 'already-used' });
    const exhausted = world();
    const third = await resent(exhausted);
    for (let nth = 1; nth <= 5; nth += 1) await check(exhausted, third.id, wrongCode(third.old, nth));
    expect(await check(exhausted, third.id, third.old)).toEqual({ kind: 'exhausted' });
    const expired = world();
    const fourth = await resent(expired);
    expired.pass(300);
    expect(await check(expired, fourth.id, fourth.old)).toEqual({ kind: 'expired' });
  });

  test('a replaced code for a payment gets the hint with that payment only', async () => {
    const here = world();
    const transaction = { amount: '1499.00', currency: 'INR', payee: 'Acme' };
    const { id, code: old } = await requested(here, { purpose: 'transaction', transaction });
    here.pass(31);
    await here.resend({ id });
    expect(await check(here, id, old, { transaction })).toMatchObject({ kind: 'superseded', attemptsRemaining: 5 });
    expect(await check(here, id, old)).toEqual({ kind: 'transaction-missing' });
    const other = { ...transaction, amount: '9.00' };
    expect(await check(here, id, old, { transaction: other })).toMatchObject({ kind: 'wrong' });
  });

  test('a check of a replaced code stores nothing under its key, so that a repeat is judged anew', async () => {
    const here = world();
    const { id, old, code } = await resent(here);
    const key = { idempotencyKey: 'check-0123456789-abcdef' };
    expect(await check(here, id, old, key)).toMatchObject({ kind: 'superseded' });
    expect(await check(here, id, old, key)).toMatchObject({ kind: 'superseded' });
    expect(await check(here, id, code, key)).toMatchObject({ kind: 'approved' });
    expect(await check(here, id, code, key)).toMatchObject({ kind: 'approved' });
    expect(await check(here, id, old, key)).toEqual({ kind: 'key-reused' });
  });

  test('the detector and the reputation of the number see nothing of a replaced code', async () => {
    const here = world();
    const { id, old } = await resent(here);
    const before = recordOf(here, id);
    await check(here, id, old);
    const change = { id: 'e', before, after: recordOf(here, id) };
    expect([eventOf(change), guessOf(change)]).toEqual([undefined, undefined]);
  });

  test('the code of a test number stays good over a resend, and is never a replaced one', async () => {
    const testNumbers = [
      { from: '+12025550100', to: '+12025550199', code: '123456', uses: 9, expiresAt: Date.UTC(2027, 0) / 1000 },
    ];
    const here = world({ testNumbers });
    const outcome = await here.request({ phone: phone('+12025550123') });
    const id = outcome.kind === 'created' ? outcome.view.id : '';
    for (let nth = 0; nth < 3; nth += 1) expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
    expect(recordOf(here, id)).toMatchObject({ superseded: [], sends: 4 });
    expect(await check(here, id, '123456')).toMatchObject({ kind: 'approved' });
  });
});

describe('the order of verdicts', () => {
  const nowMs = Date.UTC(2026, 10, 21, 12);
  const guess: Guess = { mac: 'old', nonce: 'own', codeLength: 4, hasTransaction: true };
  const refusing = async (more: Partial<Verification>) => {
    const here = world();
    const { id } = await requested(here);
    const verification = { ...recordOf(here, id), superseded: ['older', 'old'], ...more };
    return judge({ kind: 'refused', verification }, guess, nowMs).kind;
  };

  test.each<[string, Partial<Verification>]>([
    ['wrong', { guesses: ['old'], nonces: ['own'], ended: 'canceled' }],
    ['key-reused', { guesses: ['other'], nonces: ['own'], ended: 'canceled' }],
    ['canceled', { ended: 'canceled' }],
    ['superseded', {}],
    ['transaction-unexpected', { superseded: ['older'] }],
    ['wrong-length', { superseded: [], hasTransaction: true }],
  ])('%s comes before what stands below it: own nonce, closed, replaced, form', async (verdict, more) => {
    expect(await refusing(more)).toBe(verdict);
  });
});

describe('a fresh code', () => {
  test('a fresh code is none that was sent before and none that was guessed', async () => {
    const here = world();
    const { id, code: first } = await requested(here);
    here.pass(31);
    const guessed = wrongCode(first, 5);
    await check(here, id, guessed);
    const drawing = (...codes: string[]) =>
      resendVerification({ ...here.ports, draw: () => Number(codes.shift()) }, here.rules)({ id, application: 'app' });
    await drawing('222222');
    here.pass(61);
    await drawing(first, guessed, '222222', '333333');
    expect(here.lastCode()).toBe('333333');
    expect(here.inbox).toHaveLength(3);
  });

  test('a code that was guessed or replaced while the fresh one was made is refused by the write', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(31);
    await here.resend({ id });
    const record = recordOf(here, id);
    const [superseded = ''] = record.superseded;
    const base = { before: record, sendId: 's', sentAtMs: 0, resendAtMs: 0, expiresAt: record.expiresAt };
    const replacement = { ...base, superseded: [record.code], idempotency: undefined, guard: undefined, route: 'sns' };
    expect(await here.ledger.replace({ ...replacement, code: superseded }, here.state.nowMs)).toMatchObject({
      kind: 'changed',
    });
    expect(recordOf(here, id)).toBe(record);
    expect(code).not.toBe(here.lastCode());
  });

  test('a fresh code has as many digits as the first one, also when codes get longer or shorter meanwhile', async () => {
    const here = world();
    here.ledger.codeSpraying.add('IN');
    const long = await requested(here);
    expect(long.codeLength).toBe(9);
    here.ledger.codeSpraying.clear();
    here.pass(31);
    expect(await here.resend({ id: long.id })).toMatchObject({ view: { codeLength: 9 } });
    expect(here.lastCode()).toMatch(/^\d{9}$/);
    expect(await check(here, long.id, long.code)).toMatchObject({ kind: 'superseded' });
    expect(await check(here, long.id, here.lastCode())).toMatchObject({ kind: 'approved' });
    const short = await requested(here, { phone: phone('+447400123456') });
    here.ledger.codeSpraying.add('GB');
    here.pass(31);
    expect(await here.resend({ id: short.id })).toMatchObject({ view: { codeLength: 6 } });
    expect(await check(here, short.id, short.code)).toMatchObject({ kind: 'superseded' });
  });
});

describe('a resend in flight', () => {
  test('an old code gets the hint as soon as it is replaced, though its new SMS is still on its way', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(31);
    const { outcome, answer } = await resendInFlight(here, id);
    expect(await check(here, id, code)).toMatchObject({ kind: 'superseded', attemptsRemaining: 5 });
    answer({ kind: 'accepted', messageId: 'm' });
    expect(await outcome).toMatchObject({ kind: 'resent' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'superseded' });
    expect(await check(here, id, here.lastCode())).toMatchObject({ kind: 'approved' });
  });

  test('a resend that surely failed makes the old code good again, though it was typed while the SMS was tried', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const before = recordOf(here, id);
    here.pass(31);
    const { outcome, answer } = await resendInFlight(here, id);
    const key = { idempotencyKey: 'check-0123456789-abcdef' };
    expect(await check(here, id, code, key)).toMatchObject({ kind: 'superseded' });
    answer(refused);
    expect(await outcome).toMatchObject({ kind: 'not-sent' });
    expect(recordOf(here, id)).toEqual(before);
    expect(await check(here, id, code, key)).toMatchObject({ kind: 'approved' });
  });

  test('a resend that failed takes back its own replaced code and no other', async () => {
    const here = world();
    const { id, old, code } = await resent(here);
    const before = recordOf(here, id);
    here.pass(61);
    here.state.network.push(refused, refused);
    expect(await here.resend({ id })).toMatchObject({ kind: 'not-sent' });
    expect(recordOf(here, id)).toEqual(before);
    expect(await check(here, id, old)).toMatchObject({ kind: 'superseded' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
  });

  test('a resend that fails after another one came leaves the codes as that one left them', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(31);
    const first = await resendInFlight(here, id);
    here.pass(61);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
    const after = recordOf(here, id);
    first.answer(refused);
    expect(await first.outcome).toMatchObject({ kind: 'not-sent' });
    expect(recordOf(here, id)).toEqual(after);
    expect(after.superseded).toHaveLength(2);
    expect(await check(here, id, code)).toMatchObject({ kind: 'superseded' });
    expect(await check(here, id, here.lastCode())).toMatchObject({ kind: 'approved' });
  });

  test('a resend that fails after a cancellation leaves the verification canceled, and frees its key', async () => {
    const here = world();
    const { id, code } = await requested(here);
    here.pass(31);
    const key = { idempotencyKey: 'resend-0123456789-abcdef' };
    const { outcome, answer } = await resendInFlight(here, id, key.idempotencyKey);
    await here.cancel(id);
    expect(await here.resend({ id, ...key })).toMatchObject({ kind: 'in-progress' });
    answer(refused);
    expect(await outcome).toMatchObject({ kind: 'not-sent' });
    expect(await check(here, id, code)).toEqual({ kind: 'canceled' });
    expect(await here.resend({ id, ...key })).toEqual({ kind: 'canceled' });
  });

  test('a check beside a resend loses no attempt, whichever of the two comes first', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const here = world();
      const { id, code } = await requested(here);
      here.pass(31);
      const resending = here.resend({ id });
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const [again, checked] = await Promise.all([resending, check(here, id, code)]);
      expect([again.kind, checked.kind]).toSatisfy((outcome: string[]) =>
        ['already-used,approved', 'resent,superseded'].includes(outcome.join(',')),
      );
      expect(await here.find(id)).toMatchObject({ attemptsRemaining: checked.kind === 'approved' ? 4 : 5 });
    }
  });
});

test('200 parallel checks of old, new and wrong codes: old ones cost nothing, five others are judged at most, one is approved at most', async () => {
  for (const kind of [3, 5, 20]) {
    const here = world();
    const { id, old, code } = await resent(here);
    const outcomes = await inParallel(200, (index) => {
      if (index % 2 === 0) return check(here, id, old);
      return check(here, id, index % kind === 0 ? code : wrongCode(old, index));
    });
    const { guesses } = recordOf(here, id);
    expect(guesses.length).toBeLessThanOrEqual(5);
    const counted = kinds(outcomes);
    expect(counted['approved'] ?? 0).toBeLessThanOrEqual(1);
    expect((counted['wrong'] ?? 0) + (counted['approved'] ?? 0)).toBeGreaterThanOrEqual(guesses.length - 1);
    const open = outcomes.filter((outcome, index) => index % 2 === 0 && outcome.kind === 'superseded').length;
    expect(open).toBeGreaterThan(0);
    expect(outcomes.some((outcome, index) => index % 2 === 0 && ['wrong', 'approved'].includes(outcome.kind))).toBe(
      false,
    );
  }
});
