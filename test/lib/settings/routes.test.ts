import { describe, expect, test } from 'vitest';
import { basicTierCountries } from '../../../lib/settings/routes/notify-countries.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';
import { problemsAt } from './problems.ts';

const now = new Date('2026-11-30T12:00:00Z');
const parse = (changes: Record<string, unknown>) => parseSettings({ ...minimalSettings, ...changes }, now);
const problemsOf = problemsAt(now);

const purposes = ['verify-number', 'login'];
const notify = {
  sender: 'notify',
  configuration: 'nc-0123456789abcdef0',
  templates: { en: 'notify-code-verification-english-001' },
};
const pool = { sender: 'end-user-messaging', originationIdentity: 'pool-0123456789abcdef0' };
const ofSender = (sender: string, more: Record<string, unknown>) => ({
  purposes,
  smsRoutes: [{ ...(sender === 'notify' ? notify : { sender }), ...more }],
});
const notifyOnly = (more: Record<string, unknown> = {}) => ({ purposes, smsRoutes: [notify], ...more });

describe('the routes of the policy', () => {
  test('SNS of the own Region sends if the settings name no route', () => {
    expect(policyOf(parse({})).smsRoutes).toEqual([{ name: 'sns', sender: 'sns', region: '' }]);
  });
  test('a route without a name has that of its sender, and of a Region that is not the own one', () => {
    const { smsRoutes } = policyOf(parse({ smsRoutes: [notify, {}, { region: 'eu-west-1' }, pool] }));
    expect(smsRoutes.map(({ name }) => name)).toEqual(['notify', 'sns', 'sns-eu-west-1', 'end-user-messaging']);
  });
  test('the longest default name is a name that a country may list', () => {
    const region = 'ap-southeast-2';
    const smsRoutes = [{ sender: 'end-user-messaging', region }];
    const routes = [`end-user-messaging-${region}`];
    expect(policyOf(parse({ smsRoutes, countries: { GB: { routes } } })).countries['GB']?.routes).toEqual(routes);
  });
  test('a route keeps what it says of its sender', () => {
    const written = { ...notify, name: 'first', tier: 'advanced', configurationSet: 'otp' };
    const [route] = policyOf(parse({ smsRoutes: [written], purposes })).smsRoutes;
    expect(route).toEqual({ ...written, region: '' });
  });
  test('the Basic tier reaches 30 countries', () => {
    expect([basicTierCountries.length, new Set(basicTierCountries).size]).toEqual([30, 30]);
  });
});

describe('identities that AWS takes', () => {
  test.each([
    ['a number', '+12065550100'],
    ['a sender id', 'Example'],
    ['the id of a number', 'phone-0123456789abcdef0123456789abcdef'],
    ['the id of a pool', 'pool-0123456789abcdef0123456789abcdef'],
    ['the ARN of a number', 'arn:aws:sms-voice:eu-west-1:111122223333:phone-number/phone-0123'],
    ['the ARN of a pool', 'arn:aws-us-gov:sms-voice:us-gov-west-1:111122223333:pool/pool-0123'],
    ['the ARN of a sender id', 'arn:aws:sms-voice:eu-west-1:111122223333:sender-id/Example/GB'],
  ])('a route may send as %s', (_what, originationIdentity) => {
    expect(problemsOf(ofSender('end-user-messaging', { originationIdentity }))).toEqual([]);
  });
  test.each([
    '',
    '12065550100',
    '+1206',
    'Exa mple',
    'TwelveLetter',
    'rcs-0123456789abcdef0',
    'arn:aws:sns:eu-west-1:111122223333:topic',
    'pool-',
    'pool-*',
    '123',
  ])('a route cannot send as "%s"', (originationIdentity) => {
    expect(problemsOf(ofSender('end-user-messaging', { originationIdentity })).join()).toContain(
      'smsRoutes.0.originationIdentity',
    );
  });
});

const wrongFields: readonly [what: string, changes: Record<string, unknown>, sentence: string][] = [
  [
    'an unknown sender',
    { smsRoutes: [{ sender: 'twilio', templates: {} }] },
    'smsRoutes.0.sender: "twilio" is not allowed. Sender of a route: "sns"',
  ],
  ['a text for a route', { smsRoutes: ['sns'] }, 'smsRoutes.0: Write an object with the keys name, region, sender'],
  [
    'a number for Notify',
    ofSender('notify', { originationNumber: '+12065550100' }),
    'smsRoutes.0.originationNumber: Notify takes no originationNumber. AWS chooses the number. Remove it.',
  ],
  [
    'a pool for Notify',
    ofSender('notify', { originationIdentity: 'pool-1' }),
    'smsRoutes.0.originationIdentity: Notify takes no originationIdentity.',
  ],
  [
    'a Protect configuration for Notify',
    ofSender('notify', { protectConfiguration: 'protect-1' }),
    'smsRoutes.0.protectConfiguration: Notify takes no protectConfiguration.',
  ],
  [
    'a pool for SNS',
    ofSender('sns', { originationIdentity: 'pool-1' }),
    'smsRoutes.0.originationIdentity: SNS takes no originationIdentity. Write originationNumber, or sender: "end-user-messaging".',
  ],
  [
    'a configuration set for SNS',
    ofSender('sns', { configurationSet: 'otp' }),
    'smsRoutes.0.configurationSet: SNS takes no configurationSet.',
  ],
  [
    'the number of SNS for End User Messaging',
    ofSender('end-user-messaging', { originationNumber: '+12065550100' }),
    'smsRoutes.0.originationNumber: End User Messaging takes no originationNumber. Write it as originationIdentity.',
  ],
  [
    'templates for End User Messaging',
    ofSender('end-user-messaging', { templates: {} }),
    'smsRoutes.0.templates: End User Messaging takes no templates. The texts are those of the settings.',
  ],
  [
    'a word that no sender has',
    ofSender('sns', { regoin: 'eu-west-1' }),
    'smsRoutes.0.regoin: There is no such setting. Did you mean region?',
  ],
  [
    'no configuration for Notify',
    { smsRoutes: [{ sender: 'notify', templates: notify.templates }] },
    'smsRoutes.0.configuration: configuration is missing. Add the id of the Notify configuration',
  ],
  [
    'an ARN as configuration of Notify',
    ofSender('notify', { configuration: 'arn:aws:sms-voice:eu-west-1:111122223333:notify-configuration/nc-1' }),
    'is not allowed. Notify configuration: its id of up to 64 letters',
  ],
  [
    'no templates for Notify',
    { smsRoutes: [{ sender: 'notify', configuration: 'nc-1' }] },
    'smsRoutes.0.templates: templates is missing. Add a template of AWS for each language',
  ],
  ['templates without one', ofSender('notify', { templates: {} }), 'smsRoutes.0.templates: {} is not allowed.'],
  [
    'a template that is none',
    ofSender('notify', { templates: { en: 'Your code is {{code}}' } }),
    'smsRoutes.0.templates.en: "Your code is {{code}}" is not allowed. Template of Notify: its id',
  ],
  [
    'a language that is none',
    ofSender('notify', { templates: { English: 'notify-1' } }),
    'smsRoutes.0.templates.English: "English" is not allowed. Language: a tag',
  ],
  ['a tier that is none', ofSender('notify', { tier: 'gold' }), 'smsRoutes.0.tier: "gold" is not allowed. Tier'],
  [
    'a name with four digits in a row',
    ofSender('sns', { name: 'sns-2026' }),
    'smsRoutes.0.name: "sns-2026" is not allowed. Name of a route',
  ],
  [
    'too many routes',
    { smsRoutes: Array.from({ length: 9 }, (_, index) => ({ name: `sns-${index}` })) },
    'smsRoutes: There are too many routes. Write 8 at most',
  ],
  ['a country without a route', { countries: { GB: { routes: [] } } }, 'countries.GB.routes: [] is not allowed.'],
  [
    'a route twice in a country',
    { countries: { GB: { routes: ['sns', 'sns'] } } },
    'countries.GB.routes: ["sns","sns"] is not allowed. Routes of a country: names of smsRoutes, each once',
  ],
];

const contradictory: readonly [what: string, changes: Record<string, unknown>, sentence: string][] = [
  [
    'two routes of one name',
    { smsRoutes: [{}, { originationNumber: '+12065550100' }] },
    'smsRoutes.1: Another route has the name sns as well. Give this one a name of its own, for example name: "sns-b".',
  ],
  [
    'a route that is none',
    { smsRoutes: [{}], countries: { GB: { routes: ['notify'] } } },
    'countries.GB.routes: No route has the name notify. Write some of sns, or add the route to smsRoutes.',
  ],
  [
    'the Basic tier to a country out of its reach',
    { smsRoutes: [notify, {}], countries: { GB: {}, PL: {} } },
    'countries.PL.routes: The Basic tier of Notify reaches 30 countries, and PL is none of them. Write other routes, for example routes: ["sns"]',
  ],
  [
    'no template for the default language',
    notifyOnly({ defaultLocale: 'de' }),
    'smsRoutes.0.templates: No template is in de, which is a default language.',
  ],
  [
    'no template for the default language of an application',
    notifyOnly({ applications: { shop: { kind: 'public', defaultLocale: 'fr' } } }),
    'smsRoutes.0.templates: No template is in fr, which is a default language.',
  ],
  [
    'two templates for a language',
    ofSender('notify', { templates: { 'en-GB': 'notify-1', 'en-gb': 'notify-2' } }),
    'smsRoutes.0.templates: Another template is for en-gb as well.',
  ],
  [
    'a payment over Notify alone',
    { smsRoutes: [notify] },
    'purposes: Notify names no amount and no payee, and no other route goes to GB.',
  ],
  [
    'a payment to a country over Notify alone',
    { smsRoutes: [notify, {}], countries: { GB: {}, FR: { routes: ['notify'] } } },
    'purposes: Notify names no amount and no payee, and no other route goes to FR.',
  ],
  [
    'an own text over Notify alone',
    notifyOnly({ templates: [{ purpose: 'login', locale: 'en', text: '{{code}} is your {{brand}} code.' }] }),
    'templates.0: Notify sends texts of AWS alone, and no other route goes to GB.',
  ],
  [
    'an own text of an application over Notify alone',
    notifyOnly({
      applications: {
        shop: {
          kind: 'public',
          templates: [{ purpose: 'login', locale: 'en', text: '{{code}} is your {{brand}} code.' }],
        },
      },
    }),
    'applications.shop, templates.0: Notify sends texts of AWS alone',
  ],
  [
    'Android apps over Notify alone',
    notifyOnly({ appHashes: ['FA+9qCX9VSu'] }),
    'appHashes: Notify adds no line for Android apps, and no other route goes to GB.',
  ],
  [
    'codes of nine digits by Notify alone',
    notifyOnly({ code: { digits: 9 } }),
    'code.digits: Notify sends codes of 8 digits at most, and no other route goes to GB.',
  ],
  [
    'Android apps of an application over Notify alone',
    notifyOnly({ applications: { shop: { kind: 'public', appHashes: ['FA+9qCX9VSu'] } } }),
    'applications.shop, appHashes: Notify adds no line for Android apps',
  ],
  [
    'a sender id that no route takes',
    { smsRoutes: [notify, pool], countries: { GB: { senderId: 'Example' } } },
    'countries.GB.senderId: No route to GB sends as Example',
  ],
];

describe('routes that cannot be', () => {
  test.each(wrongFields)('a wrong field is refused with what to write instead: %s', (_what, changes, sentence) => {
    expect(problemsOf(changes).join('\n')).toContain(sentence);
  });
  test.each(contradictory)('a contradiction is refused with what to write instead: %s', (_what, changes, sentence) => {
    const problems = problemsOf(changes);
    expect(problems.join('\n')).toContain(sentence);
    expect(problems).toHaveLength(1);
  });
});

const texts = purposes.map((purpose) => ({
  purpose,
  locale: 'en',
  country: 'IN',
  templateId: '1107000000000000001',
  text: '{{code}} is your code. Do not share it.',
}));
const india = (routes: readonly Record<string, unknown>[]) => ({
  purposes,
  templates: texts,
  smsRoutes: routes,
  countries: { IN: { senderId: 'EXMPLE', entityId: '1101000000000000001' } },
});

describe('registered texts of India', () => {
  test.each<[what: string, route: Record<string, unknown>]>([
    ['SNS', {}],
    ['End User Messaging, which takes the sender id of the country', { sender: 'end-user-messaging' }],
    ['the sender id itself', { sender: 'end-user-messaging', originationIdentity: 'EXMPLE' }],
    [
      'the ARN of the sender id',
      {
        sender: 'end-user-messaging',
        originationIdentity: 'arn:aws:sms-voice:ap-south-1:111122223333:sender-id/EXMPLE/IN',
      },
    ],
  ])('a registered text may go by %s', (_what, route) => {
    expect(problemsOf(india([route]))).toEqual([]);
  });
  test('a registered text cannot go out as another sender', () => {
    expect(problemsOf(india([pool]))).toEqual([
      'countries.IN.senderId: The route end-user-messaging sends as pool-0123456789abcdef0, and EXMPLE is the sender that is registered with the texts (DLT). Leave originationIdentity out, or write originationIdentity: "EXMPLE".',
    ]);
  });
  test('a registered text cannot go by Notify, not even after another route', () => {
    expect(problemsOf(india([{}, notify]))).toEqual([
      expect.stringContaining('The route notify has senders and texts of AWS'),
    ]);
  });
});

describe('routes that may be', () => {
  test.each<[what: string, changes: Record<string, unknown>]>([
    ['Notify alone, for texts that name no payment', notifyOnly()],
    [
      'a page over Notify alone, though no browser fills its field',
      notifyOnly({ origins: ['https://app.example.com'] }),
    ],
    ['a payment by SNS behind Notify', { smsRoutes: [notify, {}] }],
    [
      'an own text of a country that has another route',
      {
        ...notifyOnly({ smsRoutes: [notify, {}], countries: { GB: {}, FR: { routes: ['notify'] } } }),
        templates: [{ purpose: 'login', locale: 'en', country: 'GB', text: '{{code}} is your {{brand}} code.' }],
      },
    ],
    ['the Advanced tier to any country', { ...ofSender('notify', { tier: 'advanced' }), countries: { PL: {} } }],
    [
      'the Basic tier beside a country that does not use it',
      {
        smsRoutes: [notify, {}],
        countries: { GB: {}, PL: { routes: ['sns'] } },
      },
    ],
    ['a default language whose template is of another Region', notifyOnly({ defaultLocale: 'en-GB' })],
    ['a sender id that one of two routes takes', { smsRoutes: [pool, {}], countries: { GB: { senderId: 'Example' } } }],
  ])('the settings may have %s', (_what, changes) => {
    expect(problemsOf(changes)).toEqual([]);
  });
});
