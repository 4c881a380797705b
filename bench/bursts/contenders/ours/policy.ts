/** The policy of a service with the default settings, and what its detector does. */

import type { ReviewSettings } from '../../../../lambdas/bursts/review.ts';
import type { Policy, RuleName } from '../../../../lambdas/policy.ts';
import { policyOf } from '../../../../lib/settings/policy.ts';
import { defaultBursts } from '../../../../lib/settings/schema/bursts.ts';
import { parseSettings } from '../../../../lib/settings/settings.ts';
import { sampleDeployment } from '../../../../test/fakes/bursts/deployment.ts';

/** Caps are not what is measured here: they bound what a detector misses. */
const endless = { hourUsd: Number.POSITIVE_INFINITY, dayUsd: Number.POSITIVE_INFINITY };

export const policyFor = (countries: readonly string[]): Policy => {
  const policy = policyOf(
    parseSettings({
      brand: 'Example',
      audience: 'https://api.example.com',
      maxPriceUsd: 1,
      countries: Object.fromEntries(countries.map((country) => [country, {}])),
    }),
  );
  return {
    ...policy,
    caps: endless,
    countries: Object.fromEntries(
      Object.entries(policy.countries).map(([name, country]) => [name, { ...country, caps: endless }]),
    ),
  };
};

/** @param off rules that find nothing. */
export const detectorSettings = (policy: Policy, off: readonly RuleName[] = []): ReviewSettings => ({
  bursts: { ...defaultBursts, rules: Object.fromEntries(off.map((rule) => [rule, 'off'])) },
  priceUsd: (country) => policy.countries[country]?.priceUsd ?? 0,
  hourCapUsd: (country) => policy.countries[country]?.caps.hourUsd ?? 0,
  countries: Object.keys(policy.countries),
  deployment: sampleDeployment,
});
