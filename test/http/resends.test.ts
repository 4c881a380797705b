import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { inParallel } from '../fakes/in-parallel.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack, tally, wordOf } from './client.ts';

let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  stack = await openStack(inject('bundles'));
  app = clientOf(stack);
});
afterEach(() => stack.faults.sns?.clearFaults());
afterAll(() => stack.stop());

const withKey = (key: string = crypto.randomUUID()) => ({ 'idempotency-key': key });

/** A verification that may be resent now. */
const open = async (more: Record<string, unknown> = {}) => {
  const phoneNumber = freshNumber();
  const { id, code } = await app.requested(phoneNumber, more);
  stack.clock.advance(31_000);
  return { phoneNumber, id, code };
};

describe('a code that a resend replaced', () => {
  test('a replaced code is answered with a hint, and uses no attempt', async () => {
    const { phoneNumber, id, code } = await open();
    const { body } = await app.resend(id);
    for (let typed = 0; typed < 7; typed += 1) {
      const answer = await app.check(id, { code });
      expect([answer.status, answer.body]).toEqual([
        200,
        { status: 'pending', attemptsRemaining: 5, expiresAt: body['expiresAt'], hint: 'superseded-code' },
      ]);
    }
    expect((await app.check(id, { code: wrongCode(code, 3) })).body).not.toHaveProperty('hint');
    const approved = await app.check(id, { code: app.lastCode(phoneNumber) });
    expect(approved.body).not.toHaveProperty('hint');
    expect(wordOf(approved)).toBe('approved');
    expect(wordOf(await app.check(id, { code }))).toBe('code-already-used');
  });

  test('a replaced code is good again once its resend surely failed', async () => {
    const { phoneNumber, id, code } = await open();
    stack.faults.sns?.fail('throttle', { times: 100, to: phoneNumber });
    expect(wordOf(await app.resend(id))).toBe('delivery-failed');
    expect(wordOf(await app.check(id, { code }))).toBe('approved');
  });

  test('a check of a replaced code leaves its key free for the right one', async () => {
    const { phoneNumber, id, code } = await open();
    await app.resend(id);
    const headers = withKey();
    expect((await app.check(id, { code }, headers)).body['hint']).toBe('superseded-code');
    expect((await app.check(id, { code }, headers)).body['hint']).toBe('superseded-code');
    expect(wordOf(await app.check(id, { code: app.lastCode(phoneNumber) }, headers))).toBe('approved');
  });

  test('200 parallel checks of old, new and wrong codes: old ones cost nothing, and one is approved at most', async () => {
    const { phoneNumber, id, code: old } = await open();
    await app.resend(id);
    const code = app.lastCode(phoneNumber);
    const guess = (index: number) => (index % 2 === 0 ? old : index % 9 === 0 ? code : wrongCode(old, index));
    const answers = await inParallel(200, (index) => app.check(id, { code: guess(index) }));
    const isWrong = ({ body }: (typeof answers)[number]) => body['status'] === 'pending' && body['hint'] === undefined;
    expect(answers.filter((answer, index) => index % 2 === 0 && isWrong(answer))).toEqual([]);
    expect(answers.filter(isWrong).length).toBeLessThanOrEqual(4);
    expect(tally(answers.map(wordOf))['approved'] ?? 0).toBeLessThanOrEqual(1);
  });
});

describe('a resend with an Idempotency-Key', () => {
  test('a repeat of a resend sends nothing, and returns the verification as it is now, within the cooldown too', async () => {
    const { phoneNumber, id, code } = await open();
    const headers = withKey();
    const first = await app.resend(id, headers);
    expect(first.status).toBe(200);
    const again = await app.resend(id, headers);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers.get('ratelimit')).toMatch(/^"phone-10m";r=3;/);
    await app.check(id, { code: wrongCode(code, 3) });
    expect((await app.resend(id, headers)).body).toEqual({ ...first.body, attemptsRemaining: 4 });
    expect(wordOf(await app.resend(id))).toBe('resend-too-soon');
    expect(wordOf(await app.resend(id, withKey()))).toBe('resend-too-soon');
    await app.cancel(id);
    expect((await app.resend(id, headers)).body).toMatchObject({ status: 'canceled', attemptsRemaining: 4 });
    expect(wordOf(await app.resend(id, withKey()))).toBe('verification-canceled');
    expect(stack.messages(phoneNumber)).toHaveLength(2);
  });

  test('ten resends with one key send one SMS; the others get its answer or are told when to ask again', async () => {
    const { phoneNumber, id } = await open();
    const headers = withKey();
    const answers = await inParallel(10, () => app.resend(id, headers));
    expect(stack.messages(phoneNumber)).toHaveLength(2);
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.map((answer) => [answer.status, wordOf(answer), answer.headers.get('retry-after')])).toEqual(
      others.map(() => [409, 'request-in-progress', '1']),
    );
    expect((await app.resend(id, headers)).status).toBe(200);
  });

  test('a resend whose SMS fails frees its key, so that a repeat sends', async () => {
    const { phoneNumber, id } = await open();
    const headers = withKey();
    stack.faults.sns?.fail('throttle', { times: 100, to: phoneNumber });
    expect(wordOf(await app.resend(id, headers))).toBe('delivery-failed');
    stack.faults.sns?.clearFaults();
    expect((await app.resend(id, headers)).status).toBe(200);
    expect(stack.messages(phoneNumber)).toHaveLength(2);
  });

  test('an SMS without an answer is unconfirmed, in the first answer and in its repeat', async () => {
    const { phoneNumber, id } = await open();
    const headers = withKey();
    stack.faults.sns?.fail('reset-after-accept', { times: 1, to: phoneNumber });
    expect((await app.resend(id, headers)).body['delivery']).toBe('unconfirmed');
    expect((await app.resend(id, headers)).body['delivery']).toBe('unconfirmed');
    expect(stack.messages(phoneNumber)).toHaveLength(2);
  });

  test.each(['short', 'x'.repeat(256), 'with a space in it', ''])(
    'a resend with the malformed key "%s" is refused, and sends nothing',
    async (key) => {
      const { phoneNumber, id } = await open();
      const answer = await app.resend(id, withKey(key));
      expect([answer.status, wordOf(answer)]).toEqual([400, 'invalid-request']);
      expect(answer.body['detail']).toContain('Idempotency-Key must have 16 to 255 visible ASCII characters');
      expect(stack.messages(phoneNumber)).toHaveLength(1);
    },
  );

  test('one key names a resend of one verification, and is another key elsewhere', async () => {
    const headers = withKey();
    const phoneNumber = freshNumber();
    const request = await app.request({ phoneNumber }, headers);
    const id = String(request.body['id']);
    await app.check(id, { code: '000000' }, headers);
    const other = await open();
    expect((await app.resend(id, headers)).status).toBe(200);
    expect((await app.resend(other.id, headers)).status).toBe(200);
    expect([stack.messages(phoneNumber).length, stack.messages(other.phoneNumber).length]).toEqual([2, 2]);
  });
});

test.each([crypto.randomUUID(), 'short', 'with a space in it', ''])(
  'a cancellation takes the key "%s" and ignores it',
  async (key) => {
    const { id } = await app.requested(freshNumber());
    expect((await app.cancel(id, withKey(key))).status).toBe(204);
    expect((await app.cancel(id, withKey(key))).status).toBe(204);
    const other = await app.requested(freshNumber());
    expect((await app.cancel(other.id, withKey(key))).status).toBe(204);
  },
);
