import type { Policy } from '../../lambdas/policy.ts';
import { defaultBursts } from '../../lib/settings/schema/bursts.ts';

/** The policy of the suites: the defaults of the settings, with three countries, two applications and two routes. */
export const samplePolicy: Policy = {
  brand: 'Acme',
  audience: 'https://backend.example.com',
  code: {
    digits: 6,
    duringCodeSpraying: { digits: 9, maxAttempts: 3 },
    lifetimeSeconds: 300,
    maxLifetimeSeconds: 600,
    maxAttempts: 5,
    afterWrongGuesses: [
      { wrong: 8, maxAttempts: 1 },
      { wrong: 5, maxAttempts: 3 },
    ],
  },
  sends: {
    cooldownSeconds: [30],
    cooldownWindowSeconds: 600,
    windows: [
      { name: 'phone-10m', windowSeconds: 600, sends: 5 },
      { name: 'phone-24h', windowSeconds: 86_400, sends: 10 },
    ],
    maxIn24Hours: 30,
  },
  proofLifetimeSeconds: 300,
  proofs: { algorithm: 'ES256' },
  sealing: 'per-record',
  ips: {
    untrusted: { sends: 10, windowSeconds: 600 },
    trusted: { sends: 60, windowSeconds: 600 },
    trustedAfter: 3,
    countriesPerDay: 3,
  },
  caps: { hourUsd: 20, dayUsd: 100 },
  lowVolume: { verifications: 100, unverifiedSendsPerDay: 50 },
  bursts: defaultBursts,
  findingDays: 400,
  runbookUrl: 'https://example.com/runbook',
  logRetentionDays: 30,
  auditDays: 90,
  testNumbers: [],
  countries: {
    IN: { maxPriceUsd: 0.1, priceUsd: 0.02, caps: { hourUsd: 10, dayUsd: 50 } },
    US: { maxPriceUsd: 0.05, priceUsd: 0.01, caps: { hourUsd: 10, dayUsd: 50 } },
    GB: { maxPriceUsd: 0.1, priceUsd: 0.04, caps: { hourUsd: 10, dayUsd: 50 }, senderId: 'Acme' },
  },
  purposes: ['verify-number', 'login', 'transaction', 'account-change'],
  origins: ['https://app.example.com'],
  appHashes: ['FA+9qCX9VSu'],
  templates: [
    { purpose: 'verify-number', locale: 'en', text: '{{brand}}: {{code}} is your code. Never share it.' },
    { purpose: 'login', locale: 'en', text: '{{brand}}: {{code}} logs you in. Never share it.' },
    { purpose: 'login', locale: 'de', text: '{{brand}}: {{code}} ist dein Code. Gib ihn nie weiter.' },
    { purpose: 'account-change', locale: 'en', text: '{{brand}}: {{code}} changes your account. Never share it.' },
    {
      purpose: 'transaction',
      locale: 'en',
      text: '{{brand}}: {{code}} pays {{amount}} {{currency}} to {{payee}}. Never share it.',
    },
  ],
  defaultLocale: 'en',
  smsRoutes: [
    { name: 'sns', sender: 'sns', region: '' },
    { name: 'sns-eu-west-1', sender: 'sns', region: 'eu-west-1' },
  ],
  applications: { app: { kind: 'public' }, backend: { kind: 'back-end' } },
};
