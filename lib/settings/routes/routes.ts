import type { Policy, SmsRoute } from '../../../lambdas/policy.ts';
import type { Settings } from '../schema.ts';

export type RouteSettings = Settings['smsRoutes'][number];

/** Its name in the settings, or its sender, with the Region if that is not the one of the deployment. */
export const routeNameOf = ({ name, sender, region }: RouteSettings): string =>
  name ?? (region === '' ? sender : `${sender}-${region}`);

/** The routes as the functions need them. */
export const policyRoutesOf = ({ smsRoutes }: Pick<Settings, 'smsRoutes'>): Policy['smsRoutes'] => {
  const [first, ...others] = smsRoutes.map((route): SmsRoute => ({ ...route, name: routeNameOf(route) }));
  if (first === undefined) throw new Error('There is no SMS route. Parse the settings first.');
  return [first, ...others];
};

/** The routes to a country, in the order in which they are tried. Unknown names are left out. */
export const routesTo = (
  { smsRoutes, countries }: Pick<Settings, 'smsRoutes' | 'countries'>,
  country: string,
): readonly RouteSettings[] => {
  const names = countries[country]?.routes;
  if (names === undefined) return smsRoutes;
  return names.flatMap((name) => smsRoutes.find((route) => routeNameOf(route) === name) ?? []);
};
