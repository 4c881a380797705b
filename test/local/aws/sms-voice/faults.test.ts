import {
  AccessDeniedExceptionReason,
  ConflictExceptionReason,
  DescribeNotifyTemplatesCommand,
  SendTextMessageCommand,
  type SendTextMessageCommandInput,
  ServiceQuotaExceededExceptionReason,
  ValidationExceptionReason,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reasons } from '../../../../local/aws/sms-voice/refusals.ts';
import { other, phone, refused, type Service, startService } from './client.ts';

let running: Service;
beforeEach(async () => {
  running = await startService();
});
afterEach(() => running.stop());

const send = (change: Partial<SendTextMessageCommandInput> = {}, abortSignal = AbortSignal.timeout(10_000)) =>
  running.client.send(new SendTextMessageCommand({ DestinationPhoneNumber: phone, MessageBody: 'hello', ...change }), {
    abortSignal,
  });
const inbox = () => running.service.messages();

describe('faults', () => {
  test.each([
    ['throttle', 'ThrottlingException', 400],
    ['access-denied', 'AccessDeniedException', 400],
    ['internal-error', 'InternalServerException', 500],
    ['service-unavailable', 'ServiceUnavailableException', 503],
  ] as const)('%s arrives as %s with status %i, and nothing is sent', async (mode, name, httpStatusCode) => {
    running.service.fail(mode, { times: 2 });
    for (let time = 0; time < 2; time += 1)
      await expect(send()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(inbox()).toEqual([]);
    await expect(send()).resolves.toBeDefined();
  });

  const codes: readonly [string, Readonly<Record<string, string>>][] = [
    ['AccessDeniedException', AccessDeniedExceptionReason],
    ['ConflictException', ConflictExceptionReason],
    ['ServiceQuotaExceededException', ServiceQuotaExceededExceptionReason],
    ['ValidationException', ValidationExceptionReason],
  ];
  test.each(reasons)('the reason %s comes with the error whose enum has it, and nothing is sent', async (Reason) => {
    const names = codes.filter(([, known]) => Object.hasOwn(known, Reason)).map(([name]) => name);
    expect(names).toHaveLength(1);
    running.service.fail(Reason);
    await expect(send()).rejects.toEqual(refused(names[0] ?? '', { Reason }));
    expect(inbox()).toEqual([]);
  });

  test('an answer can be lost although the message was sent', async () => {
    running.service.fail('timeout-after-accept');
    await expect(send({}, AbortSignal.timeout(200))).rejects.toThrow();
    running.service.fail('reset-after-accept');
    await expect(send()).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(inbox()).toHaveLength(2);
  });

  test('an answer can be missing because nothing was sent', async () => {
    running.service.fail('timeout-before-accept');
    await expect(send({}, AbortSignal.timeout(200))).rejects.toThrow();
    running.service.fail('reset');
    await expect(send()).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(inbox()).toEqual([]);
  });

  test('a fault can hit one number or one operation only, and be called off', async () => {
    running.service.fail('throttle', { times: 5, to: phone });
    await expect(send({ DestinationPhoneNumber: other })).resolves.toBeDefined();
    await expect(send()).rejects.toEqual(refused('ThrottlingException'));
    running.service.clearFaults();
    await expect(send()).resolves.toBeDefined();
    running.service.fail('access-denied', { operation: 'DescribeNotifyTemplates' });
    await expect(send()).resolves.toBeDefined();
    await expect(running.client.send(new DescribeNotifyTemplatesCommand({}))).rejects.toEqual(
      refused('AccessDeniedException', { Reason: undefined }),
    );
  });

  test('a request that AWS would not understand uses up no fault', async () => {
    running.service.fail('internal-error');
    await expect(send({ TimeToLive: 1 })).rejects.toEqual(refused('ValidationException'));
    await expect(send()).rejects.toMatchObject({ name: 'InternalServerException' });
  });

  test('all is as at the start after a clearing: inbox, faults, opt-outs, usage and account', async () => {
    await running.stop();
    running = await startService({ account: { spendLimitsUsd: { text: 0.01, voice: 0, notify: 0 } } });
    await send();
    await expect(send()).rejects.toThrow('MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT');
    running.service.fail('throttle', { times: 9 });
    running.service.optOut(phone);
    running.service.configure({ isInSandbox: true });
    running.service.script('unreachable', { times: 9 });
    running.service.clear();
    expect(inbox()).toEqual([]);
    await send();
    expect(inbox()).toHaveLength(1);
    await expect(send()).rejects.toThrow('MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT');
  });
});
