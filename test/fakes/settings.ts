import type { SettingsInput } from '../../lib/settings/settings.ts';

/** Settings under which one machine can play many people: its API key is a back end's, and money is no matter. */
export const roomySettings: Partial<SettingsInput> = {
  origins: ['https://app.example.com'],
  addresses: { exemptApplications: ['local'] },
  spend: { hourUsd: 1000, dayUsd: 10_000 },
  countries: {
    IN: { spend: { hourUsd: 900, dayUsd: 9000 } },
    US: { spend: { hourUsd: 900, dayUsd: 9000 } },
    GB: { spend: { hourUsd: 900, dayUsd: 9000 }, senderId: 'Example' },
  },
  bursts: { levels: { phone: 'off', address: 'off', block: 'off', operator: 'off', country: 'off' } },
  lowVolume: { verifications: 0, unverifiedSendsPerDay: 1 },
};
