import type { Policy, SmsRoute } from '../../../lambdas/policy.ts';

/** The countries whose SMS may take a route. */
export const countriesOf = ({ countries }: Pick<Policy, 'countries'>, { name }: SmsRoute): readonly string[] =>
  Object.entries(countries).flatMap(([country, { routes }]) =>
    routes === undefined || routes.includes(name) ? [country] : [],
  );
