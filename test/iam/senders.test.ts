/** The calls that senders make on routes of each kind, held against the roles of a stack with these routes. */

import type { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { describe, expect, inject, test } from 'vitest';
import { endUserMessagingSender } from '../../lambdas/aws/senders/end-user-messaging.ts';
import { notifySender } from '../../lambdas/aws/senders/notify.ts';
import { type FunctionName, functionNames } from '../../lambdas/contract.ts';
import type { SmsRoute } from '../../lambdas/policy.ts';
import { parseSettings, policyOf } from '../../lib/settings/settings.ts';
import { smsTo } from '../fakes/sending/sms.ts';
import { minimalSettings } from '../lib/template/synthesized.ts';
import { variants } from '../lib/template/variants.ts';
import { type AwsCall, callsOf } from './aws-call.ts';
import { decide } from './decide.ts';
import { deploy, region as home } from './deployed.ts';

const routed = deploy(inject('routedTemplate'));
const policy = policyOf(parseSettings({ ...minimalSettings, ...variants['senders of each kind'] }));
const senders: readonly FunctionName[] = ['request-verification', 'resend-verification'];

/** The decisions that IAM makes about a message over a route, in the name of a function. */
const callsOver = async (by: FunctionName, route: SmsRoute, country: 'GB' | 'IE'): Promise<readonly AwsCall[]> => {
  const calls: AwsCall[] = [];
  const clientFor = (region: string) =>
    ({
      send: async (command: { readonly input: Record<string, unknown> }) => {
        const { input } = command;
        const operation = command.constructor.name.replace(/Command$/, '');
        calls.push(...callsOf({ by, service: 'smsVoice', operation, input, region: region || home }, (id) => id));
        return { MessageId: '1' };
      },
    }) as unknown as PinpointSMSVoiceV2Client;
  const sender = route.sender === 'notify' ? notifySender : endUserMessagingSender;
  const senderId = policy.countries[country]?.senderId;
  const number = country === 'GB' ? '+447400123456' : '+353850123456';
  const sent = await sender(() => {}, clientFor).send(smsTo(number, { route, country, senderId }));
  expect(sent).toEqual({ kind: 'accepted', messageId: '1' });
  return calls;
};

const routesOf = (country: 'GB' | 'IE'): readonly SmsRoute[] =>
  policy.smsRoutes.filter(({ name, sender }) => sender !== 'sns' && policy.countries[country]?.routes?.includes(name));

const everyCall = async (by: FunctionName): Promise<readonly AwsCall[]> => {
  const all = (['GB', 'IE'] as const).flatMap((country) =>
    routesOf(country).map((route) => callsOver(by, route, country)),
  );
  return (await Promise.all(all)).flat();
};

const isAllowed = async (call: AwsCall, deployed = routed): Promise<boolean> =>
  (await decide(deployed, call)).isAllowed;

describe('senders of End User Messaging and Notify', () => {
  test('the routes are of each kind: an identity, none, a number, a configuration set, and Notify', async () => {
    const made = await everyCall('request-verification');
    expect(made.map(({ action, on }) => `${action} ${on}`).toSorted()).toEqual(
      [
        'sms-voice:SendNotifyTextMessage arn:aws:sms-voice:us-east-1:111122223333:notify-configuration/nc-1',
        'sms-voice:SendTextMessage *',
        'sms-voice:SendTextMessage arn:aws:sms-voice:eu-west-2:111122223333:configuration-set/otp',
        'sms-voice:SendTextMessage arn:aws:sms-voice:eu-west-2:111122223333:sender-id/Example/GB',
        'sms-voice:SendTextMessage arn:aws:sms-voice:us-east-1:111122223333:phone-number/phone-353850000000',
      ].toSorted(),
    );
  });

  test.each(senders)('%s may make each call of its routes', async (by) => {
    for (const call of await everyCall(by)) expect([call.on, await isAllowed(call)]).toEqual([call.on, true]);
  });

  test('each statement of a sender is needed by a call', async () => {
    for (const by of senders) {
      const used = new Set<number>();
      for (const call of await everyCall(by)) for (const place of (await decide(routed, call)).by) used.add(place);
      const idle = routed.roles[by].statements.filter(
        ({ Action }, place) => String(Action).startsWith('sms-voice:') && !used.has(place),
      );
      expect(idle).toEqual([]);
    }
  });

  test('no other function may make one of these calls', async () => {
    const others = functionNames.filter((name) => !senders.includes(name));
    for (const call of await everyCall('request-verification')) {
      for (const by of others) expect([by, await isAllowed({ ...call, by })]).toEqual([by, false]);
    }
  });

  test('a stack whose routes are all of SNS lets no function make one of these calls', async () => {
    const standard = deploy(inject('template'));
    for (const call of await everyCall('request-verification'))
      expect([call.on, await isAllowed(call, standard)]).toEqual([call.on, false]);
  });

  const in_ = (region: string, resource: string) => `arn:aws:sms-voice:${region}:111122223333:${resource}`;
  test.each<[what: string, action: string, on: string, region: string]>([
    ['as a sender id of another name', 'SendTextMessage', in_('eu-west-2', 'sender-id/Other/GB'), 'eu-west-2'],
    ['as its sender id in another country', 'SendTextMessage', in_('eu-west-2', 'sender-id/Example/FR'), 'eu-west-2'],
    [
      'by another Notify configuration',
      'SendNotifyTextMessage',
      in_('us-east-1', 'notify-configuration/nc-2'),
      'us-east-1',
    ],
    [
      'by its Notify configuration of another Region',
      'SendNotifyTextMessage',
      in_('eu-west-1', 'notify-configuration/nc-1'),
      'eu-west-1',
    ],
    [
      'as a number of a Region that no route names',
      'SendTextMessage',
      in_('ap-south-1', 'phone-number/phone-1'),
      'ap-south-1',
    ],
    ['by a call of another kind', 'SendMediaMessage', in_('us-east-1', 'phone-number/phone-1'), 'us-east-1'],
    ['by voice', 'SendVoiceMessage', '*', 'eu-central-1'],
    ['by voice of Notify', 'SendNotifyVoiceMessage', in_('us-east-1', 'notify-configuration/nc-1'), 'us-east-1'],
  ])('no function may send %s', async (_what, action, on, region) => {
    for (const by of senders) {
      const call = { by, action: `sms-voice:${action}`, on, context: { 'aws:RequestedRegion': region } };
      expect([by, await isAllowed(call)]).toEqual([by, false]);
    }
  });

  test('a call that nobody has thought of is not understood', () => {
    const asked = { by: 'jwks', service: 'smsVoice', operation: 'DeletePhoneNumber', input: {} } as const;
    expect(() => callsOf(asked, (id) => id)).toThrow(
      'Nobody has said which permissions smsVoice DeletePhoneNumber needs.',
    );
  });
});
