import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SmsVoiceFault } from '../../../local/aws/sms-voice/sms-voice.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { endUserMessaging, notify } from '../../fakes/routed-bundles.ts';
import { type Answer, type Client, freshNumber, wordOf } from '../client.ts';
import { openRouted } from './routed-stack.ts';

const destination = [
  'DESTINATION_PHONE_NUMBER_NOT_VERIFIED',
  'DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION',
  'DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE',
  'NO_ORIGINATION_IDENTITIES_FOUND',
  'PRICE_OVER_THRESHOLD',
  'DESTINATION_COUNTRY_BLOCKED',
  'SENDER_ID_NOT_REGISTERED',
  'INVALID_IDENTITY_FOR_DESTINATION_COUNTRY',
  'COUNTRY_NOT_ENABLED',
  'DAILY_DESTINATION_CALL_LIMIT',
] as const satisfies readonly SmsVoiceFault[];
const account = [
  'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT',
  'MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY',
  'DAILY_NOTIFY_TIER_MESSAGE_LIMIT',
  'access-denied',
  'ACCOUNT_DISABLED',
  'INSUFFICIENT_ACCOUNT_REPUTATION',
  'NOTIFY_CONFIGURATION_NOT_ACTIVE',
] as const satisfies readonly SmsVoiceFault[];
const passing = ['throttle', 'RESOURCE_NOT_ACTIVE', 'INVALID_PARAMETER'] as const satisfies readonly SmsVoiceFault[];

/** The answer that a caller sees: it has no reason of AWS. */
const seen = ({ status, body, headers }: Answer) => ({
  status,
  code: body['code'],
  detail: body['detail'],
  wait: headers.get('retry-after'),
});

describe.each([
  ['End User Messaging', endUserMessaging],
  ['Notify', notify],
] as const)('a deployment with %s alone', (_, route) => {
  let stack: LocalStack;
  let app: Client;
  let close: () => Promise<void>;
  beforeAll(async () => {
    // A payment, and what an app or a page reads, would have no route.
    ({ stack, app, close } = await openRouted([route], {
      purposes: ['verify-number', 'login'],
      origins: [],
      appHashes: [],
      applications: { default: { kind: 'back-end' } },
      countries: { IN: { caps: { hourUsd: 900, dayUsd: 9000 } } },
    }));
  });
  afterAll(() => close?.());
  afterEach(() => stack.faults.smsVoice?.clear());

  const asked = async (mode: SmsVoiceFault) => {
    const phoneNumber = freshNumber();
    stack.faults.smsVoice?.fail(mode, { times: 100 });
    const ask = () => app.request({ phoneNumber, purpose: 'login' });
    const first = await ask();
    stack.faults.smsVoice?.clearFaults();
    const arrived = stack.messages(phoneNumber).length;
    return { first, again: await ask(), arrived };
  };

  test.each(destination)(
    'a caller is to offer another way where the network refuses the destination, and the send counts: %s',
    async (mode) => {
      const { first, again, arrived } = await asked(mode);
      expect(seen(first)).toEqual({
        status: 502,
        code: 'delivery-failed',
        detail: 'The SMS network takes no message to this number. The send counts. Offer another way to verify.',
        wait: '3600',
      });
      expect([wordOf(again), arrived]).toEqual(['resend-too-soon', 0]);
    },
  );

  test.each(account)(
    'a caller is to offer another way while the account may not send, and nothing counts: %s',
    async (mode) => {
      const { first, again, arrived } = await asked(mode);
      expect(seen(first)).toMatchObject({ status: 502, code: 'delivery-failed', wait: '3600' });
      expect(first.body['detail']).toContain('The send does not count.');
      expect([wordOf(again), arrived]).toEqual(['pending', 0]);
    },
  );

  test.each(passing)('a caller is to try again soon, and nothing counts: %s', async (mode) => {
    const { first, again, arrived } = await asked(mode);
    expect(seen(first)).toMatchObject({ status: 502, code: 'delivery-failed', wait: '5' });
    expect([wordOf(again), arrived]).toEqual(['pending', 0]);
  });

  test('a caller learns that the holder opted out, and the send counts', async () => {
    const { first, again, arrived } = await asked('DESTINATION_PHONE_NUMBER_OPTED_OUT');
    expect([first.status, wordOf(first), wordOf(again), arrived]).toEqual([
      ...[403, 'number-opted-out', 'resend-too-soon', 0],
    ]);
  });

  test('no answer names a reason, a service or a number', async () => {
    for (const mode of [...destination, ...account, ...passing]) {
      const { first } = await asked(mode);
      expect(first.text).not.toMatch(/Notify|AWS|Protect|sandbox|quota|spend|\+91|[A-Z]{3,}_[A-Z]+/);
    }
  });
});
