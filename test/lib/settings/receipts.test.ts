import { describe, expect, test } from 'vitest';
import { functionsOf } from '../../../lambdas/policy.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';

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
      'a source twice',
      { receipts: { sources: ['configuration-set', 'configuration-set'] } },
      /receipts\.sources: .*each once/,
    ],
  ])('the settings are refused with %s', (_, more, sentence) => {
    expect(() => parse(more)).toThrow(sentence);
  });
});
