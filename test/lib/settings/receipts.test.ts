import { describe, expect, test } from 'vitest';
import { functionsOf } from '../../../lambdas/policy.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { voiceSettings } from '../../fakes/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';

const call = { originationIdentity: '+12065550100' } as const;
const ireland = { region: 'eu-west-1', configurationSet: 'own' } as const;
const texts = { sender: 'end-user-messaging', originationIdentity: 'pool-0123456789abcdef0' } as const;
const parse = (more: Partial<SettingsInput>) => parseSettings({ ...minimalSettings, smsRoutes: [texts, {}], ...more });
const policyWith = (receipts: SettingsInput['receipts']) => policyOf(parse(receipts === undefined ? {} : { receipts }));

describe('receipts of the settings', () => {
  test('a policy says nothing of receipts unless the settings ask for them', () => {
    expect(policyWith(undefined)).not.toHaveProperty('receipts');
    expect(policyWith({ sources: [] })).not.toHaveProperty('receipts');
    expect(functionsOf(policyWith(undefined))).not.toContain('note-receipts');
  });

  test('receipts have a source, and neither notes nor feedback by default', () => {
    const policy = policyWith({ sources: ['configuration-set'] });
    expect(policy.receipts).toEqual({ sources: ['configuration-set'], noteMessageIds: false, feedback: false });
    expect(functionsOf(policy)).toContain('note-receipts');
  });

  test('routes of the Region of the deployment name the configuration set of the stack, unless they name another', () => {
    const { smsRoutes } = policyOf(
      parse({
        stackName: 'Otp',
        smsRoutes: [texts, { ...texts, name: 'own', configurationSet: 'own' }, { sender: 'sns' }],
        receipts: { sources: ['configuration-set'] },
      }),
    );
    const sets = smsRoutes.map((route) => ('configurationSet' in route ? route.configurationSet : undefined));
    expect(sets).toEqual(['Otp-receipts', 'own', undefined]);
  });

  test('routes of calls name the configuration set of the stack as well', () => {
    const routes = [call, { ...call, name: 'own', configurationSet: 'own' }, { ...call, name: 'far', ...ireland }];
    const { voice } = policyOf(
      parse({ countries: { US: {} }, voice: voiceSettings({ routes }), receipts: { sources: ['configuration-set'] } }),
    );
    expect(voice?.routes.map(({ configurationSet }) => configurationSet)).toEqual([
      'OtpService-receipts',
      'own',
      'own',
    ]);
  });

  test('calls have receipts beside SMS by SNS, which have none', () => {
    const sources = { sources: ['configuration-set'] } as const;
    const calls = { countries: { US: {} }, smsRoutes: [{}], voice: voiceSettings({ routes: [call] }) };
    expect(policyOf(parse({ ...calls, receipts: { sources: [...sources.sources] } })).receipts).toMatchObject(sources);
  });

  test('a name of 55 letters, or receipts by the bus alone, leave room', () => {
    expect(parse({ stackName: 'S'.repeat(55), receipts: { sources: ['configuration-set'] } })).toBeDefined();
    const byBus = { sources: ['event-bus' as const], noteMessageIds: true };
    expect(parse({ stackName: 'S'.repeat(64), receipts: byBus })).toBeDefined();
  });

  test('no route names the configuration set of the stack if receipts come by the bus alone', () => {
    const { smsRoutes } = policyWith({ sources: ['event-bus'], noteMessageIds: true });
    expect(JSON.stringify(smsRoutes)).not.toContain('configurationSet');
  });

  test.each<[string, Partial<SettingsInput>, RegExp]>([
    ['feedback without a source', { receipts: { feedback: true } }, /receipts\.feedback: Feedback needs the ids/],
    ['notes without a source', { receipts: { noteMessageIds: true } }, /receipts\.noteMessageIds: Nothing reads/],
    [
      'routes of SNS alone',
      { smsRoutes: [{}], receipts: { sources: ['configuration-set'] } },
      /receipts\.sources: No route has receipts/,
    ],
    [
      'events of the bus without notes',
      { receipts: { sources: ['event-bus'] } },
      /receipts\.noteMessageIds: Events of the bus name a message/,
    ],
    [
      'notes beside a configuration set alone',
      { receipts: { sources: ['configuration-set'], noteMessageIds: true } },
      /receipts\.noteMessageIds: Events of a configuration set say/,
    ],
    [
      'a route of another Region without a configuration set',
      { smsRoutes: [{ ...texts, region: 'eu-west-1' }], receipts: { sources: ['configuration-set'] } },
      /smsRoutes\.0\.configurationSet: The route sends from eu-west-1/,
    ],
    [
      'a call from another Region without a configuration set',
      {
        voice: voiceSettings({ routes: [{ ...call, region: 'eu-west-1' }] }),
        receipts: { sources: ['configuration-set'] },
      },
      /voice\.routes\.0\.configurationSet: The route sends from eu-west-1.* remove region/,
    ],
    [
      'a stack whose name leaves no room for its configuration set',
      { stackName: 'S'.repeat(56), receipts: { sources: ['configuration-set'] } },
      /stackName: .* 1 letters too many .* 55 letters or fewer/,
    ],
    [
      'a source twice',
      { receipts: { sources: ['configuration-set', 'configuration-set'] } },
      /receipts\.sources: .*each once/,
    ],
  ])('the settings are refused with %s', (_, more, sentence) => {
    expect(() => parse(more)).toThrow(sentence);
  });
});
