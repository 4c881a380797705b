import type { Policy } from '../../lambdas/policy.ts';

/** What the detector does where the settings say nothing. */
export const defaultBursts: Policy['bursts'] = {
  levels: { phone: 'enforce', ip: 'enforce', range: 'enforce', prefix: 'enforce', country: 'enforce' },
  rules: {},
  countries: {},
  coldStartHours: 7 * 24,
  criticalUsdPerHour: 50,
};
