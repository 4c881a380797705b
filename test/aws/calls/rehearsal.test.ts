import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SendNotifyTextMessageCommand, SendTextMessageCommand } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { PublishCommand } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { rehearseCheck, rehearseSend } from '../../../lambdas/aws/rehearsal.ts';
import { rehearsalsOf } from '../../../lambdas/aws/senders/by-route.ts';
import { endUserMessagingSender } from '../../../lambdas/aws/senders/end-user-messaging.ts';
import { notifySender } from '../../../lambdas/aws/senders/notify.ts';
import { snsSender } from '../../../lambdas/aws/senders/sns.ts';
import { directDynamo, directKms, directSmsVoice, directSns } from '../../fakes/aws/direct.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from '../../fakes/sending/routes.ts';

const smsRoutes = [snsRoute(), endUserMessagingRoute(), notifyRoute()] as const;
const message = { DestinationPhoneNumber: '+0', MessageBody: '' };
const notice = { NotifyConfigurationId: 'nc-1', DestinationPhoneNumber: '+0', TemplateVariables: {} };

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => vi.unstubAllEnvs());

/** Clients whose every call on the network is counted, and fails. */
const clientsOf = () => {
  let calls = 0;
  const handle = async () => {
    calls += 1;
    throw Object.assign(new Error('No network here.'), { name: 'NoNetwork' });
  };
  const dynamo = () => directDynamo(handle, { maxAttempts: 1 });
  const sns = directSns(handle);
  const smsVoice = directSmsVoice(handle);
  const senders = {
    sns: snsSender(
      () => {},
      () => sns,
    ),
    'end-user-messaging': endUserMessagingSender(
      () => {},
      () => smsVoice,
    ),
    notify: notifySender(
      () => {},
      () => smsVoice,
    ),
  };
  return {
    dynamo: dynamo(),
    dynamoOnce: dynamo(),
    sns,
    smsVoice,
    senders: rehearsalsOf(senders, smsRoutes),
    kms: directKms(handle, { maxAttempts: 1 }),
    calls: () => calls,
  };
};

describe('a rehearsal', () => {
  test('a rehearsal plays each call to its end, and makes none', async () => {
    const clients = clientsOf();
    expect([await rehearseSend(clients), await rehearseCheck(clients), clients.calls()]).toEqual([true, true, 0]);
  });

  test('a call after a rehearsal goes to AWS', async () => {
    const clients = clientsOf();
    await rehearseSend(clients);
    const Key = { pk: { S: 'guard#1' } };
    for (let call = 0; call < 2; call += 1) {
      await expect(clients.dynamoOnce.send(new UpdateItemCommand({ TableName: 'guards', Key }))).rejects.toThrow(
        'No network here.',
      );
      await expect(clients.sns.send(new PublishCommand({ PhoneNumber: '+0', Message: '' }))).rejects.toThrow(
        'No network here.',
      );
      await expect(clients.smsVoice.send(new SendTextMessageCommand(message))).rejects.toThrow('No network here.');
      await expect(clients.smsVoice.send(new SendNotifyTextMessageCommand(notice))).rejects.toThrow('No network here.');
    }
    expect(clients.calls()).toBe(8);
  });

  test('a rehearsal that fails stops no container', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const clients = clientsOf();
    const without = { ...clients, senders: [] };
    expect([await rehearseSend(without), await rehearseCheck(clients), clients.calls()]).toEqual([false, false, 0]);
    expect(await rehearseSend(clients)).toBe(false);
  });
});
