import type { Policy } from '../../../lambdas/otp/policy.ts';

/** A policy that the bundler only copies. */
export const samplePolicy: Policy = {
  brand: 'Sample',
  audience: 'sample',
  code: { digits: 6, lifetimeSeconds: 300, maxLifetimeSeconds: 600, maxAttempts: 5 },
  sends: { cooldownSeconds: [30], cooldownWindowSeconds: 600, windows: [] },
  proofLifetimeSeconds: 300,
  countries: { DE: { maxPriceUsd: 0.2 } },
  purposes: ['login'],
  origins: [],
  templates: [{ purpose: 'login', locale: 'en', text: '{{code}} is your {{brand}} code.' }],
  defaultLocale: 'en',
  smsRoutes: [{ region: '' }],
};
