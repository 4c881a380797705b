import { parseSettings, type Settings, type SettingsInput } from '../../lib/settings/settings.ts';

/** Settings under which one machine can play many people: its back ends name no end users, and money is no matter. */
export const roomySettings: Partial<SettingsInput> = {
  origins: ['https://app.example.com'],
  appHashes: ['FA+9qCX9VSu'],
  applications: {
    default: { kind: 'back-end' },
    other: {
      kind: 'back-end',
      brand: 'Other',
      audience: 'https://other.example.com',
      purposes: ['verify-number', 'login'],
    },
    /** With texts, countries and caps of its own. An SMS to India costs a tenth of its cap of an hour. */
    capped: {
      kind: 'back-end',
      templates: [{ purpose: 'login', locale: 'en', text: 'Capped says {{code}}' }],
      countries: ['IN'],
      caps: { hourUsd: 0.5, dayUsd: 1 },
    },
  },
  caps: { hourUsd: 1000, dayUsd: 10_000 },
  countries: {
    IN: { priceUsd: 0.05, caps: { hourUsd: 900, dayUsd: 9000 } },
    US: { caps: { hourUsd: 900, dayUsd: 9000 } },
    GB: { caps: { hourUsd: 900, dayUsd: 9000 }, senderId: 'Example' },
  },
  bursts: { levels: { phone: 'off', ip: 'off', range: 'off', prefix: 'off', country: 'off' } },
  lowVolume: { verifications: 0, unverifiedSendsPerDay: 1 },
};

type VoiceInput = NonNullable<SettingsInput['voice']>;

/** The least settings of calls. */
export const voiceSettings = (more: Partial<VoiceInput> = {}): VoiceInput => ({
  countries: { US: { priceUsd: 0.0125 } },
  routes: [{ originationIdentity: '+12065550100' }],
  ...more,
});

/** Settings with calls. @param texts of calls. */
export const settingsWith = (more: Partial<SettingsInput>, texts: VoiceInput['texts'] = {}): Settings =>
  parseSettings({
    ...{ brand: 'Acme', audience: 'https://api.example.com', countries: { US: {} } },
    voice: voiceSettings({ texts }),
    ...more,
  });
