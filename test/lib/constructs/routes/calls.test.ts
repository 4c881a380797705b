import { expect, test } from 'vitest';
import type { FunctionName } from '../../../../lambdas/contract.ts';
import type { SettingsInput } from '../../../../lib/settings/settings.ts';
import { voiceSettings } from '../../../fakes/settings.ts';
import { permissionsOf } from '../../template/permissions.ts';
import { logicalId, synthesizedOf } from '../../template/synthesized.ts';

const callers: readonly FunctionName[] = ['request-verification', 'resend-verification'];
const countries = { GB: {} };
const called = { countries: { GB: { priceUsd: 0.02 } } };

/** The permissions of each function that are about calls. */
const callsOf = (voice: SettingsInput['voice']) => {
  const { stack, resources, spell } = synthesizedOf({ countries, ...(voice === undefined ? {} : { voice }) });
  return Object.entries(stack.service.functions).flatMap(([name, { role }]) => {
    const lines = permissionsOf(resources, logicalId(role), spell).filter((line) => /^sms-voice:\w*Voice/.test(line));
    return lines.map((line) => [name, line.replaceAll('arn:<Partition>:sms-voice:<Region>:<AccountId>:', '')] as const);
  });
};
const byEach = (...lines: readonly string[]) =>
  callers.flatMap((name) => lines.map((line) => [name, line] as const)).toSorted();

test('settings without calls let no function call', () => {
  expect(callsOf(undefined)).toEqual([]);
});

test('settings without calls let a resend write over the channel of a record that is older than they are', () => {
  const { stack, resources, spell } = synthesizedOf({ countries });
  const { role } = stack.service.functions['resend-verification'];
  const lines = permissionsOf(resources, logicalId(role), spell);
  const updates = lines.filter((line) => line.startsWith('dynamodb:UpdateItem on Verifications'));
  expect(updates).toHaveLength(1);
  expect(updates[0]).toMatch(/[ |]channel\|/);
});

test('only the functions that send may call, in the Regions of the routes', () => {
  const pool = { originationIdentity: 'pool-1' };
  const voice = voiceSettings({ ...called, routes: [pool, { ...pool, region: 'eu-west-1' }] });
  const line = 'sms-voice:SendVoiceMessage on * if StringEquals aws:RequestedRegion <Region>|eu-west-1';
  expect(callsOf(voice).toSorted()).toEqual(byEach(line));
});

test('a route of Notify allows its configuration and its configuration set, and no text of ours', () => {
  const templates = { en: 'notify-1' };
  const route = { sender: 'notify', configuration: 'nc-1', configurationSet: 'otp', templates } as const;
  expect(callsOf(voiceSettings({ ...called, routes: [route] })).toSorted()).toEqual(
    byEach(
      'sms-voice:SendNotifyVoiceMessage on configuration-set/otp',
      'sms-voice:SendNotifyVoiceMessage on notify-configuration/nc-1',
    ),
  );
});
