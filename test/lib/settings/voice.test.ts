import { VoiceId } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { describe, expect, test } from 'vitest';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { voiceIds } from '../../../lib/settings/voice/voices.ts';
import { settingsWith, voiceSettings } from '../../fakes/settings.ts';

type Voice = Record<string, unknown>;
const refusedBy = (voice: Voice | undefined, more: Partial<SettingsInput> = {}): string => {
  const settings = { brand: 'Acme', audience: 'https://api.example.com', countries: { US: {} }, ...more };
  try {
    parseSettings({ ...settings, ...(voice === undefined ? {} : { voice }) });
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const route = { originationIdentity: '+12065550100' };
const notify = { sender: 'notify', configuration: 'nc-1', templates: { en: 'notify-code-verification-english-001' } };

describe('settings of calls', () => {
  test('settings without calls give a policy without them', () => {
    const settings = parseSettings({ brand: 'Acme', audience: 'https://api.example.com', countries: { US: {} } });
    expect(policyOf(settings)).not.toHaveProperty('voice');
  });

  test('the policy has names of routes, three calls a day, and texts with their voices', () => {
    const { voice } = policyOf(settingsWith({}));
    expect(voice).toMatchObject({
      countries: { US: { priceUsd: 0.0125 } },
      callsPerDay: 3,
      routes: [{ name: 'voice-end-user-messaging', sender: 'end-user-messaging', ...route, region: '' }],
    });
    expect(voice?.texts.map(({ locale }) => locale)).toEqual(['de', 'en', 'es', 'fr', 'it', 'nl', 'pt']);
  });

  test('the voices are those of the SDK, each of one language', () => {
    expect(voiceIds.toSorted()).toEqual(Object.values(VoiceId).toSorted());
  });

  test.each<[what: string, voice: Voice, sentence: string]>([
    ['no country', { routes: [route] }, 'voice.countries: countries is missing.'],
    ['an empty list of countries', { countries: {}, routes: [route] }, 'Countries that are called: at least one'],
    ['a country without a price', { countries: { US: {} }, routes: [route] }, 'priceUsd is missing.'],
    ['a price of nothing', voiceSettings({ countries: { US: { priceUsd: 0 } } }), '0.001 to 5'],
    ['a country that gets no SMS', voiceSettings({ countries: { FR: { priceUsd: 0.1 } } }), 'FR is not in countries.'],
    ['no route', { countries: { US: { priceUsd: 0.01 } } }, 'voice.routes: routes is missing.'],
    ['SNS', voiceSettings({ routes: [{ sender: 'sns' }] as never }), 'SNS makes no calls.'],
    ['a sender id', voiceSettings({ routes: [{ originationIdentity: 'Acme' }] }), 'Number to call from'],
    ['no number', voiceSettings({ routes: [{}] as never }), 'Add the number to call from'],
    ['two routes of one name', voiceSettings({ routes: [route, route] }), 'is the name of another route'],
    ['six calls a day', voiceSettings({ callsPerDay: 6 }), 'from 1 to 5'],
    ['a text without a code', voiceSettings({ texts: { en: { text: 'Hello' } } }), 'Text of a call'],
    ['a text with two codes', voiceSettings({ texts: { en: { text: '{{code}} {{code}}' } } }), '{{code}} once'],
    ['another placeholder', voiceSettings({ texts: { en: { text: '{{code}} {{amount}}' } } }), 'no other placeholder'],
    ['a text in two lines', voiceSettings({ texts: { en: { text: 'Code\n{{code}}' } } }), 'in one line'],
    ...['\u2028', '\u3164', '\u202e', '\ud800'].map((each): [string, Voice, string] => [
      `a character that nobody sees: ${(each.codePointAt(0) ?? 0).toString(16)}`,
      voiceSettings({ texts: { en: { text: `Code${each} {{code}}` } } }),
      'in one line',
    ]),
    ['a text over a minute', voiceSettings({ texts: { en: { text: `${'a'.repeat(153)}{{code}}` } } }), 'up to 160'],
    ...['認', 'か', 'カ', '증'].map((letter): [string, Voice, string] => [
      `61 letters that are syllables: ${letter}`,
      voiceSettings({ texts: { ja: { text: `${letter.repeat(53)}{{code}}` } } }),
      'or 60 in Chinese, Japanese and Korean',
    ]),
    ['a language without a voice', voiceSettings({ texts: { hi: { text: '{{code}}' } } }), 'no voice that speaks hi'],
    [
      'a voice of another language',
      voiceSettings({ texts: { de: { text: '{{code}}', voice: 'JOANNA' } } }),
      'JOANNA does not speak de. Write one of VICKI, MARLENE, HANS.',
    ],
    [
      'Notify without the default language',
      voiceSettings({ routes: [{ ...notify, templates: { fr: 'notify-1' } }] as never }),
      'There is no template in en, which is a default language, nor in English.',
    ],
  ])('calls are refused for %s', (_what, voice, sentence) => {
    expect(refusedBy(voice)).toContain(sentence);
  });

  test('a route of calls by Notify needs a template in the default language of each application, or in English', () => {
    const applications = { web: { kind: 'public' as const, defaultLocale: 'de' } };
    const languages = ['en', 'fr', 'de'] as const;
    const calls = (templates: Record<string, string>) => voiceSettings({ routes: [{ ...notify, templates }] as never });
    const more = { defaultLocale: 'fr', languages: [...languages], applications };
    expect(refusedBy(calls({ fr: 'notify-1' }), more)).toContain('There is no template in de');
    for (const templates of [{ fr: 'notify-1', de: 'notify-2' }, { en: 'notify-3' }])
      expect(refusedBy(calls(templates), more)).toBe('');
  });

  test('a country beyond the Basic tier is called by no route of a configuration that SMS say is Basic', () => {
    const calls = (...routes: readonly object[]) =>
      voiceSettings({ countries: { PL: { priceUsd: 0.02 } }, routes: routes as never });
    const by = (tier: 'basic' | 'advanced') => ({
      countries: { US: {}, PL: { routes: ['sns'] } },
      smsRoutes: [{}, { ...notify, tier }] as never,
    });
    expect(refusedBy(calls(notify), by('basic'))).toContain(
      'voice.countries.PL: The Basic tier of Notify reaches 30 countries, and PL is none of them.',
    );
    expect(refusedBy(calls(notify), by('advanced'))).toBe('');
    expect(refusedBy(calls({ ...notify, configuration: 'nc-2' }), by('basic'))).toBe('');
    expect(refusedBy(calls(notify, route), by('basic'))).toBe('');
  });

  test('a cap that no call fits in is refused, and says which', () => {
    const countries = { US: { priceUsd: 0.01, caps: { hourUsd: 0.05 } } };
    expect(refusedBy(voiceSettings({ countries: { US: { priceUsd: 0.026 } } }), { countries })).toContain(
      'Write 0.052 or more in countries.US.caps.hourUsd',
    );
    expect(refusedBy(voiceSettings({ countries: { US: { priceUsd: 0.025 } } }), { countries })).toBe('');
  });

  test('a cap of an application that no call fits in is refused as well', () => {
    const applications = (hourUsd: number) => ({
      web: { kind: 'public' as const },
      shop: { kind: 'back-end' as const, caps: { hourUsd, dayUsd: 10 } },
    });
    const voice = voiceSettings({ countries: { US: { priceUsd: 0.5 } } });
    expect(refusedBy(voice, { applications: applications(0.99) })).toContain(
      'applications.shop.caps.hourUsd: The cap is 0.99 USD, and a call to US costs 0.5: no number there would get the first one. Write 1 or more',
    );
    expect(refusedBy(voice, { applications: applications(1) })).toBe('');
    const elsewhere = { web: { kind: 'public' as const }, shop: { ...applications(0.99).shop, countries: ['GB'] } };
    expect(refusedBy(voice, { countries: { US: {}, GB: {} }, applications: elsewhere })).toBe('');
  });

  test('a cap that a call fits in without its look-up of the SIM alone is refused', () => {
    const provider = {
      ...{ name: 'operator-us', countries: ['US'], apiRoot: 'https://api.operator.com/camara', clientId: 'otp' },
      ...{ priceUsd: 0.02, tokenUrl: 'https://auth.operator.com/oauth2/token' },
      secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:otp/operator-us-AbCdEf',
    };
    const numberRisk = {
      purposes: { login: { ifSwapped: 'step-up' as const, failMode: 'open' as const } },
      providers: [provider],
    };
    const voice = voiceSettings({ countries: { US: { priceUsd: 0.03 } } });
    const countries = (hourUsd: number) => ({ US: { priceUsd: 0.01, caps: { hourUsd } } });
    expect(refusedBy(voice, { countries: countries(0.09), numberRisk })).toContain(
      'a call there costs 0.05: no number would get the first one',
    );
    expect(refusedBy(voice, { countries: countries(0.1), numberRisk })).toBe('');
  });

  test.each<[Partial<SettingsInput>, string]>([
    [{ smsRoutes: [{}] }, 'sns'],
    [{ smsRoutes: [{ region: 'eu-west-1' }] }, 'sns-eu-west-1'],
    [{ smsRoutes: [{ name: 'one' }] }, 'one'],
  ])('a route of calls may not have the name of a route of SMS, even one by default: %j', (more, name) => {
    const named = voiceSettings({ routes: [{ ...route, name }] });
    expect(refusedBy(named, more)).toContain(`"${name}" is the name of another route`);
    expect(refusedBy(voiceSettings({ routes: [{ ...route, name: 'calls' }] }), more)).toBe('');
  });

  test('a window may not have the name of the limit on calls', () => {
    const windows = [{ name: 'phone-24h-voice', windowSeconds: 3600, sends: 5 }];
    expect(refusedBy(undefined, { sends: { windows } })).toContain('is the name of a limit that is there already');
  });
});
