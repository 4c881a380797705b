import type { Policy } from '../../lambdas/policy.ts';
import { defaultBursts } from '../../lib/settings/schema/bursts.ts';

/** A policy that the bundler only copies. */
export const samplePolicy: Policy = {
  brand: 'Sample',
  audience: 'sample',
  code: {
    digits: 6,
    duringCodeSpraying: { digits: 9, maxAttempts: 3 },
    lifetimeSeconds: 300,
    maxLifetimeSeconds: 600,
    maxAttempts: 5,
    afterWrongGuesses: [],
  },
  sends: { cooldownSeconds: [30], cooldownWindowSeconds: 600, windows: [] },
  ips: {
    untrusted: { sends: 10, windowSeconds: 600 },
    trusted: { sends: 60, windowSeconds: 600 },
    trustedAfter: 3,
    countriesPerDay: 3,
    exemptApplications: [],
  },
  caps: { hourUsd: 20, dayUsd: 100 },
  lowVolume: { verifications: 100, unverifiedSendsPerDay: 50 },
  bursts: defaultBursts,
  findingDays: 400,
  auditDays: 90,
  testNumbers: [],
  proofLifetimeSeconds: 300,
  countries: { DE: { priceUsd: 0.1, maxPriceUsd: 0.2, caps: { hourUsd: 10, dayUsd: 50 } } },
  purposes: ['login'],
  origins: [],
  templates: [{ purpose: 'login', locale: 'en', text: '{{code}} is your {{brand}} code.' }],
  defaultLocale: 'en',
  smsRoutes: [{ region: '' }],
};
