/** Secrets and queues that settings ask for, held against the roles of stacks with these settings. */

import { describe, expect, inject, test } from 'vitest';
import { type AnyFunctionName, functionNames, optionalFunctionNames } from '../../../lambdas/contract.ts';
import { asking, localWebhook } from '../../lib/template/variants.ts';
import { callsOf } from '../aws-call.ts';
import { decide } from '../decide.ts';
import { type Deployed, deploy } from '../deployed.ts';

const standard = deploy(inject('template'));
const [asked, delivered] = [deploy(inject('askingTemplate')), deploy(inject('deliveryTemplate'))];

const secure = { 'aws:SecureTransport': 'true' };
const functionsIn = ({ roles }: Deployed): readonly AnyFunctionName[] =>
  [...functionNames, ...optionalFunctionNames].filter((name) => roles[name] !== undefined);

/** The functions of a stack that may do something. */
const whoMay = async (deployed: Deployed, action: string, on: string): Promise<readonly AnyFunctionName[]> => {
  const decided = functionsIn(deployed).map(async (by) => {
    const { isAllowed } = await decide(deployed, { by, action, on, context: secure });
    return isAllowed ? [by] : [];
  });
  return (await Promise.all(decided)).flat();
};

describe.each([
  ['the key of a provider', asked, asking.numberRisk.providers[0]?.secret ?? '', 'request-verification'],
  ['the secret of a webhook', delivered, localWebhook.events.webhooks[0]?.secret ?? '', 'deliver-webhooks'],
] as const)('%s', (_, deployed, secret, reader) => {
  test('one function alone reads the secret, and none of a stack that does not ask for it', async () => {
    const input = { SecretId: secret };
    const [call] = callsOf({ by: reader, service: 'secretsManager', operation: 'GetSecretValue', input }, (id) => id);
    if (call === undefined) throw new Error('The call needs no permission.');
    expect((await decide(deployed, call)).isAllowed).toBe(true);
    expect(await whoMay(deployed, call.action, secret)).toEqual([reader]);
    expect(await whoMay(standard, call.action, secret)).toEqual([]);
  });

  test.each([
    ['of another name', secret.replace(/-AbCdEf$/, '-GhIjKl')],
    ['of a longer name', `${secret}-AbCdEf`],
    ['of another Region', secret.replace('us-east-1', 'eu-west-1')],
    ['of another account', secret.replace('111122223333', '999999999999')],
  ])('no function reads a secret %s', async (_what, other) => {
    expect(other).not.toBe(secret);
    expect(await whoMay(deployed, 'secretsmanager:GetSecretValue', other)).toEqual([]);
  });

  test.each(['PutSecretValue', 'DescribeSecret', 'ListSecretVersionIds', 'RotateSecret', 'DeleteSecret'])(
    'no function may %s',
    async (operation) => {
      expect(await whoMay(deployed, `secretsmanager:${operation}`, secret)).toEqual([]);
    },
  );
});

describe('the queues of webhooks', () => {
  const [queue, deadLetters] = ['WebhookQueue', 'WebhookDeadLetters'];
  test.each([
    ['SendMessage', queue, ['write-desk']],
    ['ReceiveMessage', queue, ['deliver-webhooks']],
    ['DeleteMessage', queue, ['deliver-webhooks']],
    ['ChangeMessageVisibility', queue, ['deliver-webhooks']],
    ['PurgeQueue', queue, []],
    ['SetQueueAttributes', queue, []],
    ['SendMessage', deadLetters, ['deliver-webhooks']],
    ['ReceiveMessage', deadLetters, ['read-status', 'write-desk']],
    ['DeleteMessage', deadLetters, ['write-desk']],
    ['PurgeQueue', deadLetters, []],
    ['SetQueueAttributes', deadLetters, []],
  ])('%s on %s is for these functions: %j', async (operation, on, names) => {
    expect((await whoMay(delivered, `sqs:${operation}`, on)).toSorted()).toEqual(names.toSorted());
  });
});
