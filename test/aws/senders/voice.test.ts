import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endUserMessagingVoice } from '../../../lambdas/aws/senders/voice/end-user-messaging.ts';
import { notifyVoice } from '../../../lambdas/aws/senders/voice/notify.ts';
import type { VoiceSender } from '../../../lambdas/otp/ports.ts';
import type { VoiceRoute } from '../../../lambdas/policy.ts';
import { accountOwning } from '../../../local/aws/sms-voice/owned.ts';
import { type SmsVoice, startSmsVoice } from '../../../local/aws/sms-voice/sms-voice.ts';
import { callTo } from '../../fakes/sending/call.ts';
import { smsVoiceClientAt } from '../../fakes/sending/networks.ts';
import { sampleVoice } from '../../fakes/sending/voice.ts';
import { freshNumber } from '../stage.ts';

const observed: unknown[] = [];
const observe = (_: string, cause: unknown): void => void observed.push(cause);
let nowMs = Date.UTC(2026, 10, 21, 12);
let standIn: SmsVoice;
let client: ReturnType<typeof smsVoiceClientAt>;
const senders: Record<string, VoiceSender> = {};
beforeAll(async () => {
  const account = accountOwning({ smsRoutes: [], countries: {}, voice: sampleVoice });
  standIn = await startSmsVoice({ now: () => nowMs, account });
  client = smsVoiceClientAt(standIn.url);
  senders['end-user-messaging'] = endUserMessagingVoice(observe, () => client);
  senders['notify'] = notifyVoice(observe, () => client);
});
afterAll(async () => {
  client.destroy();
  await standIn.stop();
});

const routeOf = (sender: VoiceRoute['sender']): VoiceRoute => {
  const found = sampleVoice.routes.find((route) => route.sender === sender);
  if (found === undefined) throw new Error('There is no such route.');
  return found;
};
const call = (sender: VoiceRoute['sender'], number: string, own: Parameters<typeof callTo>[1] = {}) =>
  senders[sender]?.send(callTo(number, { route: routeOf(sender), ...own }));

describe.each(['end-user-messaging', 'notify'] as const)('a call by %s', (sender) => {
  test('a call that the sender takes is made once, and says the code', async () => {
    const number = freshNumber();
    expect(await call(sender, number)).toEqual({ kind: 'accepted', messageId: expect.stringMatching(/./) });
    const heard = standIn.messages(number);
    expect(heard).toMatchObject([{ channel: 'voice' }]);
    expect(heard[0]?.text.match(/\d/g)?.join('')).toMatch(/^(?:123456){1,2}$/);
  });

  test.each([
    ['throttle', 3, { kind: 'rejected', reason: 'throttled' }, 0],
    ['access-denied', 1, { kind: 'rejected', reason: 'account-refused' }, 0],
    ['timeout-before-accept', 1, { kind: 'unconfirmed' }, 0],
    ['reset-after-accept', 1, { kind: 'unconfirmed' }, 1],
    ['internal-error', 1, { kind: 'unconfirmed' }, 0],
  ] as const)(
    'the outcome is what the sender knows after %s, and the phone rings once at most',
    async (mode, times, outcome, rings) => {
      const number = freshNumber();
      standIn.fail(mode, { times, to: number });
      expect(await call(sender, number)).toEqual(outcome);
      expect(standIn.messages(number)).toHaveLength(rings);
    },
  );

  test('no cause that is observed holds the number or the code', () => {
    expect(observed.length).toBeGreaterThan(0);
    const texts = observed.map((cause) => (cause instanceof Error ? `${cause.message}\n${JSON.stringify(cause)}` : ''));
    expect(texts.join('\n')).not.toMatch(/123456|1\. 2\. 3\./);
  });
});

test('the brand is heard as it is written, in the voice of the language', async () => {
  const number = freshNumber();
  await call('end-user-messaging', number);
  expect(standIn.messages(number)[0]?.text).toContain('Hier ist Acme & Sons.');
});

test('the sixth call to a number within a day is refused for the number, and SMS are not', async () => {
  const number = freshNumber();
  for (let nth = 1; nth <= 5; nth += 1)
    expect(await call('end-user-messaging', number)).toMatchObject({ kind: 'accepted' });
  expect(await call('end-user-messaging', number)).toEqual({ kind: 'rejected', reason: 'number-limit' });
  nowMs += 86_400_000;
  expect(await call('end-user-messaging', number)).toMatchObject({ kind: 'accepted' });
});

test('a call that costs more than the settings say is refused before it is made', async () => {
  const number = freshNumber();
  expect(await call('end-user-messaging', number, { maxPriceUsd: 0.0309 })).toEqual({
    kind: 'rejected',
    reason: 'over-price',
  });
  expect(standIn.messages(number)).toEqual([]);
});

test('an opted-out holder is not called', async () => {
  const number = freshNumber();
  standIn.optOut(number);
  expect(await call('end-user-messaging', number)).toEqual({ kind: 'rejected', reason: 'opted-out' });
});

test('a language without a template of Notify gets that of the default language', async () => {
  const number = freshNumber();
  expect(await call('notify', number, { locales: ['hi', 'fr'] })).toMatchObject({ kind: 'accepted' });
  expect(standIn.messages(number)[0]?.text).toContain('votre code');
});
