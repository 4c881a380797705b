import type { Policy, SmsRoute, VoiceRoute } from '../../../lambdas/policy.ts';

/** Whether a route makes calls. No two routes have one name. */
const isOfCalls = ({ voice }: Pick<Policy, 'voice'>, { name }: Pick<SmsRoute, 'name'>): boolean =>
  voice?.routes.some((route) => route.name === name) === true;

/** The countries whose messages may take a route: its SMS, or its calls. */
export const countriesOf = (
  policy: Pick<Policy, 'countries' | 'voice'>,
  route: SmsRoute | VoiceRoute,
): readonly string[] =>
  isOfCalls(policy, route)
    ? Object.keys(policy.voice?.countries ?? {})
    : Object.entries(policy.countries).flatMap(([country, { routes }]) =>
        routes === undefined || routes.includes(route.name) ? [country] : [],
      );

/** The words for what a route sends, and the setting that has the route. */
export const wordsOf = (policy: Pick<Policy, 'voice'>, route: Pick<SmsRoute, 'name'>) =>
  isOfCalls(policy, route)
    ? ({ channel: 'VOICE', sends: 'calls', each: 'call', setting: 'voice.routes' } as const)
    : ({ channel: 'SMS', sends: 'SMS', each: 'SMS', setting: 'smsRoutes' } as const);
