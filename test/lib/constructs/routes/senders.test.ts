import { expect, test } from 'vitest';
import type { FunctionName } from '../../../../lambdas/contract.ts';
import { smsPricesUsd } from '../../../../lib/settings/prices.ts';
import type { SettingsInput } from '../../../../lib/settings/settings.ts';
import { permissionsOf } from '../../template/permissions.ts';
import { logicalId, synthesizedOf } from '../../template/synthesized.ts';

const purposes = ['verify-number', 'login'];
type Route = NonNullable<SettingsInput['smsRoutes']>[number];
const notify: Route = { sender: 'notify', configuration: 'nc-1', templates: { en: 'notify-1' } };
const senders: readonly FunctionName[] = ['request-verification', 'resend-verification'];

/** The permissions that are about SMS, and of which function, if it is not the same for all that send. */
const sendsOf = (settings: Partial<SettingsInput>): readonly string[] => {
  const { stack, resources, spell } = synthesizedOf({ purposes, ...settings });
  const linesOf = (name: FunctionName) =>
    permissionsOf(resources, logicalId(stack.service.functions[name].role), spell).filter((line) =>
      /^(?:sns:Publish|sms-voice:)/.test(line),
    );
  const [first = [], ...others] = senders.map(linesOf);
  for (const other of others) expect(other).toEqual(first);
  return first.map((line) => line.replaceAll('arn:<Partition>:sms-voice:<Region>:<AccountId>:', ''));
};
const text = (resource: string) => `sms-voice:SendTextMessage on ${resource}`;
const inRegion = (region: string, resource: string) => `arn:<Partition>:sms-voice:${region}:<AccountId>:${resource}`;
const bySns = 'sns:Publish on all but arn:<Partition>:sns:*:*:*';
const of = (more: Record<string, unknown>): Route => ({ sender: 'end-user-messaging', ...more });

test.each<[what: string, settings: Partial<SettingsInput>, lines: readonly string[]]>([
  ['SNS', {}, [bySns]],
  ['a pool', { smsRoutes: [of({ originationIdentity: 'pool-1' })] }, [text('pool/pool-1')]],
  ['the id of a number', { smsRoutes: [of({ originationIdentity: 'phone-1' })] }, [text('phone-number/phone-1')]],
  ['a number', { smsRoutes: [of({ originationIdentity: '+12065550100' })] }, [text('phone-number/*')]],
  ['a sender id', { smsRoutes: [of({ originationIdentity: 'Example' })] }, [text('sender-id/Example/GB')]],
  [
    'a shared pool',
    { smsRoutes: [of({ originationIdentity: 'arn:aws:sms-voice:eu-west-1:999999999999:pool/pool-1' })] },
    [text('arn:aws:sms-voice:eu-west-1:999999999999:pool/pool-1')],
  ],
  [
    'the sender id of each country that the route goes to',
    {
      countries: {
        GB: { senderId: 'Acme', routes: ['end-user-messaging'] },
        IE: { senderId: 'Shop', routes: ['sns'] },
      },
      smsRoutes: [of({}), {}],
    },
    [text('sender-id/Acme/GB'), bySns],
  ],
  [
    'all that a call names, in the Region of its route',
    {
      smsRoutes: [
        of({
          region: 'eu-west-1',
          originationIdentity: 'pool-1',
          configurationSet: 'otp',
          protectConfiguration: 'protect-1',
        }),
      ],
    },
    ['configuration-set/otp', 'pool/pool-1', 'protect-configuration/protect-1'].map((each) =>
      text(inRegion('eu-west-1', each)),
    ),
  ],
  [
    'any identity, in the Regions of the routes that name none',
    { smsRoutes: [of({}), of({ region: 'eu-west-1' }), of({ name: 'pool', originationIdentity: 'pool-1' })] },
    [text('* if StringEquals aws:RequestedRegion <Region>|eu-west-1'), text('pool/pool-1')],
  ],
  ['Notify alone', { smsRoutes: [notify] }, ['sms-voice:SendNotifyTextMessage on notify-configuration/nc-1']],
  [
    'Notify with a configuration set, and SNS',
    { smsRoutes: [{ ...notify, configurationSet: 'otp' }, {}] },
    [
      'sms-voice:SendNotifyTextMessage on configuration-set/otp',
      'sms-voice:SendNotifyTextMessage on notify-configuration/nc-1',
      bySns,
    ],
  ],
])('functions may send by %s, and by nothing else', (_what, settings, lines) => {
  expect(sendsOf(settings)).toEqual(lines);
});

test('a sender id of many countries is named once', () => {
  const countries = Object.fromEntries(
    ['AT', 'BE', 'BG', 'CH', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GB', 'GR', 'HR', 'HU', 'IE', 'IT']
      .concat(['LT', 'LU', 'LV', 'MT', 'NL', 'NO', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK', 'IS'])
      .map((country) => [country, { priceUsd: 0.05 }]),
  );
  expect(sendsOf({ countries, smsRoutes: [of({ originationIdentity: 'Example' })] })).toEqual([
    text('sender-id/Example/*'),
  ]);
});

/** More countries than a policy has room for. */
const manyCountries = Object.keys(smsPricesUsd).filter((country) => !['US', 'CA', 'IN'].includes(country));
const sendingAs = (senderIdOf: (index: number) => string, regions: readonly string[]): Partial<SettingsInput> => ({
  countries: Object.fromEntries(
    manyCountries.map((country, index) => [country, { senderId: senderIdOf(index), priceUsd: 0.05 }]),
  ),
  smsRoutes: regions.map((region): Route => of({ region, protectConfiguration: 'protect-1' })),
});

test.each<[what: string, senderIdOf: (index: number) => string, regions: readonly string[], name: string]>([
  ['one sender id, by its name', () => 'Example', ['eu-west-1', 'eu-west-2'], 'sender-id/Example/*'],
  ['as many sender ids, by their kind', (index) => `Example${index}`, ['eu-west-1'], 'sender-id/*'],
])('routes to a hundred countries name %s', (_what, senderIdOf, regions, name) => {
  expect(manyCountries.length).toBeGreaterThan(90);
  expect(sendsOf(sendingAs(senderIdOf, regions))).toEqual(
    regions.flatMap((region) => ['protect-configuration/protect-1', name].map((each) => text(inRegion(region, each)))),
  );
});

test('no function that sends nothing may send', () => {
  const { stack, resources, spell } = synthesizedOf({ purposes, smsRoutes: [of({}), notify, {}] });
  const sending = Object.entries(stack.service.functions).filter(([, { role }]) =>
    permissionsOf(resources, logicalId(role), spell).some((line) => /^(?:sns:Publish|sms-voice:)/.test(line)),
  );
  expect(sending.map(([name]) => name).toSorted()).toEqual(senders.toSorted());
});
