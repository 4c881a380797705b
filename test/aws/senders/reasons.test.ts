import {
  AccessDeniedExceptionReason,
  ConflictExceptionReason,
  ServiceQuotaExceededExceptionReason,
  ValidationExceptionReason,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outcomeOf } from '../../../lambdas/aws/senders/outcome.ts';
import { reasonOf } from '../../../lambdas/aws/senders/reasons.ts';
import type { SmsRejection } from '../../../lambdas/otp/ports.ts';
import type { Account } from '../../../local/aws/sms-voice/account.ts';
import { openSmsVoice } from '../../fakes/sending/networks.ts';
import { endUserMessagingRoute, notifyRoute } from '../../fakes/sending/routes.ts';
import { smsTo } from '../../fakes/sending/sms.ts';

const number = '+919876543210';

let opened: Awaited<ReturnType<typeof openSmsVoice>>;
let seen: [string, unknown][];
beforeEach(async () => {
  seen = [];
  opened = await openSmsVoice({ priceUsd: () => 0.01 }, (call, cause) => seen.push([call, cause]));
});
afterEach(() => opened.stop());

const rejected = (reason: SmsRejection) => ({ kind: 'rejected', reason });
const allReasons = {
  AccessDeniedException: Object.values(AccessDeniedExceptionReason),
  ConflictException: Object.values(ConflictExceptionReason),
  ServiceQuotaExceededException: Object.values(ServiceQuotaExceededExceptionReason),
  ValidationException: Object.values(ValidationExceptionReason),
};

const refusal = (name: string, more: object = {}) => Object.assign(new Error('no'), { name, ...more });

describe('a reason of AWS', () => {
  test.each(Object.entries(allReasons))('each reason of %s means that surely nothing was sent', (name, reasons) => {
    expect(reasons.length).toBeGreaterThan(0);
    for (const Reason of reasons) {
      const outcome = outcomeOf(refusal(name, { Reason }), reasonOf);
      expect(outcome.kind, Reason).toBe('rejected');
      // Neither has a reason that tells more: another try would be made for nothing.
      expect(['throttled', 'unreachable'], Reason).not.toContain(outcome.kind === 'rejected' ? outcome.reason : '');
    }
  });

  test.each([
    ['a reason that the SDK does not know', 'ConflictException', { Reason: 'SOMETHING_NEW' }],
    ['a reason of another error', 'ValidationException', { Reason: 'DESTINATION_PHONE_NUMBER_OPTED_OUT' }],
    ['no reason', 'ConflictException', {}],
    ['a reason that is no text', 'ConflictException', { Reason: 7 }],
    ['a reason by the name of a method', 'ConflictException', { Reason: 'constructor' }],
  ])('an error with %s is a refusal', (_, name, more) => {
    expect(outcomeOf(refusal(name, more), reasonOf)).toEqual(rejected('refused'));
  });

  test.each([
    ['AccessDeniedException', {}],
    ['AccessDeniedException', { Reason: 'SOMETHING_NEW' }],
    ['ResourceNotFoundException', { ResourceType: 'pool' }],
  ])('a permission or a thing that is missing is a fault of the account: %s', (name, more) => {
    expect(outcomeOf(refusal(name, more), reasonOf)).toEqual(rejected('account-refused'));
  });

  test.each([
    ['ThrottlingException', 400, rejected('throttled')],
    ['SomethingNew', 429, rejected('throttled')],
    ['InternalServerException', 500, { kind: 'unconfirmed' }],
    ['ServiceUnavailable', 503, { kind: 'unconfirmed' }],
    ['RequestTimeout', 408, { kind: 'unconfirmed' }],
    ['UnrecognizedClientException', 400, rejected('refused')],
    ['constructor', 400, rejected('refused')],
    ['toString', 500, { kind: 'unconfirmed' }],
  ])('an error without a reason is judged by its name and its status: %s with %i', (name, status, outcome) => {
    expect(outcomeOf(refusal(name, { $metadata: { httpStatusCode: status } }), reasonOf)).toEqual(outcome);
  });

  test.each([400, 402, 429])('a limit of the day is no throttle, whatever its status: %i', (status) => {
    const limit = { Reason: 'DAILY_NOTIFY_TIER_MESSAGE_LIMIT', $metadata: { httpStatusCode: status } };
    expect(outcomeOf(refusal('ServiceQuotaExceededException', limit), reasonOf)).toEqual(rejected('daily-limit'));
  });
});

describe('End User Messaging', () => {
  const send = (more: Parameters<typeof smsTo>[1] = {}) =>
    opened.endUserMessaging.sender.send(smsTo(number, { route: endUserMessagingRoute(), ...more }));
  const own = [{ kind: 'phone-number', id: 'phone-1', phoneNumber: '+12065550100' }] as const;

  test.each<[string, Partial<Account>, SmsRejection]>([
    ['an account in the sandbox', { isInSandbox: true }, 'not-verified'],
    ['a suspended account', { suspended: 'ACCOUNT_DISABLED' }, 'account-refused'],
    ['an account without an identity', { identities: [] }, 'no-identity'],
    ['a country that AWS does not serve', { unservedCountries: ['IN'] }, 'blocked-by-protect'],
    ['a message over its price', { priceUsd: () => 0.2 }, 'over-price'],
    ['a spend limit', { spendLimitsUsd: { text: 0, voice: 0, notify: 0 } }, 'spend-limit'],
    [
      'a country that Protect blocks',
      { defaultProtectConfigurationId: 'p', protectConfigurations: { p: { countries: { IN: 'BLOCK' } } } },
      'blocked-by-protect',
    ],
    [
      'a number that Protect blocks',
      { defaultProtectConfigurationId: 'p', protectConfigurations: { p: { overrides: { [number]: 'BLOCK' } } } },
      'number-blocked',
    ],
  ])('a message is refused at the first try, and nothing arrives: %s', async (_, account, reason) => {
    opened.standIn.configure(account);
    expect(await send()).toEqual(rejected(reason));
    expect(opened.standIn.messages()).toEqual([]);
    expect(seen).toEqual(
      ['refused', 'account-refused'].includes(reason) ? [['SMS SendTextMessage', expect.any(Error)]] : [],
    );
  });

  test('a holder who opted out is told', async () => {
    opened.standIn.optOut(number);
    expect(await send()).toEqual(rejected('opted-out'));
  });

  test.each<[string, string]>([
    ['a sender id that is not registered', 'Acme'],
    ['an identity that cannot send to the country', '+12065550100'],
  ])('a message has no identity: %s', async (_, originationIdentity) => {
    opened.standIn.configure({ identities: [{ ...own[0], countries: ['US'] }] });
    expect(await send({ route: endUserMessagingRoute({ originationIdentity }) })).toEqual(rejected('no-identity'));
  });

  test('an identity that does not exist is a fault of the account', async () => {
    const route = endUserMessagingRoute({ originationIdentity: 'pool-gone' });
    expect(await send({ route })).toEqual(rejected('account-refused'));
  });

  test('no try follows one that took the time of the send', async () => {
    opened.standIn.fail('throttle', { times: 3 });
    const asked: boolean[] = [];
    const isEnough = () => {
      asked.push(true);
      return asked.length < 2;
    };
    expect(await send({ time: { secondsLeft: () => 300, isEnough } })).toEqual(rejected('throttled'));
    expect(seen).toHaveLength(2);
  });

  test('a throttled message is tried three times, and goes out once if the third succeeds', async () => {
    opened.standIn.fail('throttle', { times: 2 });
    expect(await send()).toMatchObject({ kind: 'accepted' });
    expect([opened.standIn.messages().length, seen.length]).toEqual([1, 2]);
  });
});

describe('Notify', () => {
  const send = (to = number, more: Parameters<typeof smsTo>[1] = {}) =>
    opened.notify.sender.send(smsTo(to, { route: notifyRoute(), ...more }));
  const configured = (change: object): Partial<Account> => ({
    notifyConfigurations: [
      {
        ...{ id: notifyRoute().configuration, displayName: 'Acme', tier: 'BASIC', status: 'ACTIVE', channels: ['SMS'] },
        ...{ createdMs: 0, ...change },
      },
    ],
  });

  test.each<[string, Partial<Account>, SmsRejection]>([
    ['a suspended account', { suspended: 'INSUFFICIENT_ACCOUNT_REPUTATION' }, 'account-refused'],
    ['a spend limit', { spendLimitsUsd: { text: 0, voice: 0, notify: 0 } }, 'spend-limit'],
    ['a configuration under review', configured({ status: 'PENDING' }), 'account-refused'],
    ['a configuration that was rejected', configured({ status: 'REJECTED' }), 'account-refused'],
    ['a configuration for voice alone', configured({ channels: ['VOICE'] }), 'refused'],
    ['a country that is not enabled', configured({ countries: ['US'] }), 'no-identity'],
    ['a country that asks for a number of its own', { ownIdentityCountries: ['IN'] }, 'no-identity'],
    ['a configuration that is gone', { notifyConfigurations: [] }, 'account-refused'],
    ['a template that is gone', { templates: [] }, 'account-refused'],
  ])('a message is refused at the first try, and nothing arrives: %s', async (_, account, reason) => {
    opened.standIn.configure({ notifyFeeUsd: 0.01, ...account });
    expect(await send()).toEqual(rejected(reason));
    expect(opened.standIn.messages()).toEqual([]);
    expect(seen).toEqual(
      ['refused', 'account-refused'].includes(reason) ? [['SMS SendNotifyTextMessage', expect.any(Error)]] : [],
    );
  });

  test('the eleventh message of a day to one number is over the limit of the number, and counts as no failed dependency', async () => {
    for (let nth = 0; nth < 10; nth += 1) expect(await send()).toMatchObject({ kind: 'accepted' });
    expect(await send()).toEqual(rejected('number-limit'));
    expect(opened.standIn.messages()).toHaveLength(10);
    expect(seen).toEqual([]);
    expect(await send('+919876543211')).toMatchObject({ kind: 'accepted' });
    opened.state.nowMs += 86_400_000;
    expect(await send()).toMatchObject({ kind: 'accepted' });
  });

  test('the 201st message of a day is over the limit of the Basic tier, and counts as no failed dependency', async () => {
    for (let nth = 0; nth < 200; nth += 1) {
      expect(await send(`+9198765${10_000 + nth}`)).toMatchObject({ kind: 'accepted' });
    }
    expect(await send()).toEqual(rejected('daily-limit'));
    expect(opened.standIn.messages()).toHaveLength(200);
    expect(seen).toEqual([]);
  });

  test('the second message of a second is throttled on the Basic tier', async () => {
    opened.standIn.configure({ hasRates: true });
    expect(await send()).toMatchObject({ kind: 'accepted' });
    expect(await send('+919876543211')).toEqual(rejected('throttled'));
    opened.state.nowMs += 1000;
    expect(await send('+919876543211')).toMatchObject({ kind: 'accepted' });
  });
});

describe('an error of the connection', () => {
  const failed = (code: string, syscall?: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

  test.each(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'])(
    'a message surely was not sent if there never was a connection: %s',
    (code) => expect(outcomeOf(failed(code, 'connect'))).toEqual(rejected('unreachable')),
  );

  test('a message surely was not sent if all addresses of a host refuse, which is an error without a system call', () => {
    expect(outcomeOf(failed('ECONNREFUSED'))).toEqual(rejected('unreachable'));
  });

  test.each(
    ['EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'ETIMEDOUT'].flatMap((code) =>
      ['read', 'write'].map((syscall) => [code, syscall] as const),
    ),
  )('a message may have been sent if a connection broke afterwards, whatever broke it: %s by %s', (code, syscall) => {
    expect(outcomeOf(failed(code, syscall))).toEqual({ kind: 'unconfirmed' });
  });
});
