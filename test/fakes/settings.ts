import type { SettingsInput } from '../../lib/settings/settings.ts';

/** Settings under which one machine can play many people: its API key is a back end's, and money is no matter. */
export const roomySettings: Partial<SettingsInput> = {
  origins: ['https://app.example.com'],
  appHashes: ['FA+9qCX9VSu'],
  ips: { exemptApplications: ['local'] },
  caps: { hourUsd: 1000, dayUsd: 10_000 },
  countries: {
    IN: { caps: { hourUsd: 900, dayUsd: 9000 } },
    US: { caps: { hourUsd: 900, dayUsd: 9000 } },
    GB: { caps: { hourUsd: 900, dayUsd: 9000 }, senderId: 'Example' },
  },
  bursts: { levels: { phone: 'off', ip: 'off', range: 'off', prefix: 'off', country: 'off' } },
  lowVolume: { verifications: 0, unverifiedSendsPerDay: 1 },
};
