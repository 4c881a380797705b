import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { notifySender } from '../../../lambdas/aws/senders/notify.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { endUserMessaging, notify, sns } from '../../fakes/routed-bundles.ts';
import { notifyRoute } from '../../fakes/sending/routes.ts';
import { smsTo } from '../../fakes/sending/sms.ts';
import { wrongCode } from '../../fakes/world.ts';
import { type Client, freshNumber, wordOf } from '../client.ts';
import { openRouted } from './routed-stack.ts';

let stack: LocalStack;
let app: Client;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ stack, app, close } = await openRouted([notify, endUserMessaging, sns]));
});
afterAll(() => close?.());
afterEach(() => {
  stack.faults.smsVoice?.clear();
  stack.faults.sns?.clearFaults();
});

const texts = 'SendTextMessage';
const notices = 'SendNotifyTextMessage';
const fail = (operation: string, ...[mode, times = 100]: readonly [mode: Mode, times?: number]) =>
  stack.faults.smsVoice?.fail(mode, { operation, times });
type Mode = Parameters<NonNullable<LocalStack['faults']['smsVoice']>['fail']>[0];

/** The senders of a number's messages, the oldest first: the texts of Notify are those of AWS. */
const sendersTo = (number: string): readonly string[] => {
  const overSns = new Set(stack.faults.sns?.messages(number).map(({ messageId }) => messageId));
  return stack
    .messages(number)
    .map(({ messageId, text }) => {
      if (overSns.has(messageId)) return 'sns';
      return text.includes('Your') || text.includes('your verification code') ? 'notify' : 'end-user-messaging';
    })
    .toReversed();
};

const requested = (phoneNumber: string, more: Record<string, unknown> = {}) =>
  app.call('POST', '/v1/verifications', { phoneNumber, purpose: 'login', ...more });

describe('a code over several routes', () => {
  test('a code comes in the text of Notify, in the language of the person, and is good', async () => {
    const number = freshNumber();
    const { id, code } = await app.requested(number, { locale: 'de-AT' });
    expect(stack.messages(number).map(({ text }) => text)).toEqual([expect.stringContaining('Bestätigungscode')]);
    expect(wordOf(await app.check(id, { code: wrongCode(code) }))).toBe('pending');
    expect(wordOf(await app.check(id, { code }))).toBe('approved');
  });

  test.each([
    'DAILY_NOTIFY_TIER_MESSAGE_LIMIT',
    'NOTIFY_CONFIGURATION_NOT_ACTIVE',
    'throttle',
    'access-denied',
  ] as const)('the next route takes over from one that fails, and the code is good: %s', async (mode) => {
    fail(notices, mode);
    const number = freshNumber();
    const { id, code, answer } = await app.requested(number);
    expect(answer.body['delivery']).toBe('accepted');
    expect(sendersTo(number)).toEqual(['end-user-messaging']);
    expect(wordOf(await app.check(id, { code }))).toBe('approved');
  });

  test('the last route takes over if all others fail', async () => {
    fail(notices, 'throttle');
    fail(texts, 'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT');
    const number = freshNumber();
    await app.requested(number);
    expect(sendersTo(number)).toEqual(['sns']);
  });

  test('a route that is throttled once sends the message at its second try, and no other route does', async () => {
    fail(notices, 'throttle', 1);
    const number = freshNumber();
    await app.requested(number);
    expect(sendersTo(number)).toEqual(['notify']);
  });

  test.each(['timeout-after-accept', 'reset-after-accept', 'reset', 'internal-error', 'service-unavailable'] as const)(
    'no second message goes out after a route in doubt: %s',
    async (mode) => {
      fail(notices, mode, 1);
      const number = freshNumber();
      const answer = await requested(number);
      expect([answer.status, answer.body['delivery']]).toEqual([201, 'unconfirmed']);
      expect(sendersTo(number).length).toBeLessThanOrEqual(1);
      expect(sendersTo(number)).not.toContain('sns');
    },
  );

  test('a holder who opted out of one route is left alone by all', async () => {
    fail(notices, 'throttle');
    const number = freshNumber();
    stack.faults.smsVoice?.optOut(number);
    const answer = await requested(number);
    expect([answer.status, wordOf(answer)]).toEqual([403, 'number-opted-out']);
    expect(stack.messages(number)).toEqual([]);
    expect(wordOf(await requested(number))).toBe('resend-too-soon');
  });

  test('a payment, and a message that an app reads, do not take Notify', async () => {
    const [payer, user] = [freshNumber(), freshNumber()];
    const transaction = { amount: '5.00', currency: 'INR', payee: 'Shop' };
    expect((await requested(payer, { purpose: 'transaction', transaction })).status).toBe(201);
    expect((await requested(user, { appHash: 'FA+9qCX9VSu' })).status).toBe(201);
    expect([sendersTo(payer), sendersTo(user)]).toEqual([['end-user-messaging'], ['end-user-messaging']]);
    expect(stack.messages(user)[0]?.text).toContain('FA+9qCX9VSu');
  });

  test('a message that an app reads takes Notify if no other route is left', async () => {
    fail(texts, 'throttle');
    stack.faults.sns?.fail('throttle', { times: 100 });
    const number = freshNumber();
    expect((await requested(number, { appHash: 'FA+9qCX9VSu' })).status).toBe(201);
    expect(sendersTo(number)).toEqual(['notify']);
  });
});

describe('a resend over several routes', () => {
  const resent = async (id: string, seconds: number) => {
    stack.clock.advance(seconds * 1000);
    return app.resend(id);
  };

  test('a resend takes another route, and then another, and each code that comes is good', async () => {
    const number = freshNumber();
    const { id } = await app.requested(number);
    expect((await resent(id, 31)).status).toBe(200);
    expect((await resent(id, 61)).status).toBe(200);
    expect(sendersTo(number)).toEqual(['notify', 'end-user-messaging', 'sns']);
    expect(wordOf(await app.check(id, { code: app.lastCode(number) }))).toBe('approved');
  });

  test('a resend skips the route that failed for the verification', async () => {
    fail(notices, 'DAILY_DESTINATION_CALL_LIMIT', 1);
    const number = freshNumber();
    const { id } = await app.requested(number);
    await resent(id, 31);
    await resent(id, 61);
    expect(sendersTo(number)).toEqual(['end-user-messaging', 'sns', 'end-user-messaging']);
  });

  test('a resend that is repeated with its key sends nothing, also if its first route failed', async () => {
    const number = freshNumber();
    const { id } = await app.requested(number);
    fail(texts, 'throttle', 3);
    stack.clock.advance(31_000);
    const headers = { 'idempotency-key': `key-${number}` };
    const answers = [await app.resend(id, headers), await app.resend(id, headers)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(sendersTo(number)).toEqual(['notify', 'sns']);
  });
});

describe('the limits of Notify', () => {
  /** Messages of the day from before, past the functions. */
  const sentBefore = async (numbers: readonly string[]) => {
    const endpoint = stack.faults.smsVoice?.url ?? '';
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new PinpointSMSVoiceV2Client({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 });
    const { send } = notifySender(
      () => {},
      () => client,
    );
    for (const number of numbers) {
      expect(await send(smsTo(number, { route: notifyRoute() }))).toMatchObject({ kind: 'accepted' });
      stack.clock.advance(1000);
    }
    client.destroy();
  };

  test('the eleventh message of a day to one number takes the next route', async () => {
    const number = freshNumber();
    await sentBefore(Array.from({ length: 9 }, () => number));
    await app.requested(number);
    stack.clock.advance(31_000);
    await app.requested(number);
    expect(sendersTo(number).slice(-3)).toEqual(['notify', 'notify', 'end-user-messaging']);
  });

  test('the 201st message of a day takes the next route, and a day later Notify sends again', async () => {
    await sentBefore(Array.from({ length: 199 }, freshNumber));
    const [last, over, next] = [freshNumber(), freshNumber(), freshNumber()];
    await app.requested(last);
    await app.requested(over);
    expect([sendersTo(last), sendersTo(over)]).toEqual([['notify'], ['end-user-messaging']]);
    stack.clock.advance(86_400_000);
    await app.requested(next);
    expect(sendersTo(next)).toEqual(['notify']);
  });
});
