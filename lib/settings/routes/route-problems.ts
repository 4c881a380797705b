/** Contradictions between routes, countries and senders. */

import { matchLocale } from '../../../lambdas/otp/input/locale.ts';
import { maxNotifyDigits, transactionPurpose } from '../../../lambdas/policy.ts';
import { settingsFor } from '../in-use.ts';
import type { Problem } from '../schema/values.ts';
import type { Settings } from '../schema.ts';
import { basicTierCountries } from './notify-countries.ts';
import { type RouteSettings, routeNameOf, routesTo } from './routes.ts';

export const routeProblems = (settings: Settings): readonly Problem[] => {
  const named = [...nameProblems(settings), ...unknownNameProblems(settings)];
  // The others read the routes of countries by their names.
  if (named.length > 0) return named;
  const messages = notifyOnlyProblems(settings);
  return [
    ...tierProblems(settings),
    ...templateProblems(settings),
    ...identityProblems(settings),
    ...messages,
    ...Object.entries(settings.applications ?? {}).flatMap(([name, application]) =>
      notifyOnlyProblems(settingsFor(settings, application))
        .filter(({ path, sentence }) => !messages.some((each) => each.path === path && each.sentence === sentence))
        .map(({ path, sentence }) => ({ path: `applications.${name}, ${path}`, sentence })),
    ),
  ];
};

const namesOf = ({ smsRoutes }: Settings): readonly string[] => smsRoutes.map(routeNameOf);

/** A record notes the route of its SMS by its name. */
const nameProblems = (settings: Settings): readonly Problem[] => {
  const names = namesOf(settings);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          {
            path: `smsRoutes.${index}`,
            sentence: `Another route has the name ${name} as well. Give this one a name of its own, for example name: "${name}-b".`,
          },
        ],
  );
};

const unknownNameProblems = (settings: Settings): readonly Problem[] =>
  Object.entries(settings.countries).flatMap(([country, { routes = [] }]) =>
    routes
      .filter((name) => !namesOf(settings).includes(name))
      .map((name) => ({
        path: `countries.${country}.routes`,
        sentence: `No route has the name ${name}. Write some of ${namesOf(settings).join(', ')}, or add the route to smsRoutes.`,
      })),
  );

const isBasic = (route: RouteSettings): boolean => route.sender === 'notify' && route.tier === 'basic';

const tierProblems = (settings: Settings): readonly Problem[] =>
  Object.keys(settings.countries)
    .filter((country) => routesTo(settings, country).some(isBasic) && !basicTierCountries.includes(country))
    .map((country) => {
      const others = routesTo(settings, country).filter((route) => !isBasic(route));
      const names = others.length > 0 ? others.map(routeNameOf) : ['sns'];
      return {
        path: `countries.${country}.routes`,
        sentence: `The Basic tier of Notify reaches ${basicTierCountries.length} countries, and ${country} is none of them. Write other routes, for example routes: ${JSON.stringify(names)}, or tier: "advanced" once AWS has granted it.`,
      };
    });

/** A reader whose language has no template gets that of the default language. */
const templateProblems = (settings: Settings): readonly Problem[] =>
  settings.smsRoutes.flatMap((route, index) => {
    if (route.sender !== 'notify' || Object.keys(route.templates).length === 0) return [];
    const path = `smsRoutes.${index}.templates`;
    const languages = Object.keys(route.templates);
    const twice = languages.filter((one, at) =>
      languages.slice(0, at).some((other) => other.toLowerCase() === one.toLowerCase()),
    );
    const wanted = [settings, ...Object.values(settings.applications ?? {})].flatMap(
      ({ defaultLocale }) => defaultLocale ?? [],
    );
    const missing = [...new Set(wanted)].filter((locale) => matchLocale(locale, languages) === undefined);
    return [
      ...twice.map((language) => ({
        path,
        sentence: `Another template is for ${language} as well. Keep one of them.`,
      })),
      ...missing.map((language) => ({
        path,
        sentence: `No template is in ${language}, which is a default language. Add one, for example { "${language}": "…" }, or change defaultLocale.`,
      })),
    ];
  });

const isSenderId = (identity: string): boolean => /^[A-Za-z0-9_-]{1,11}$/.test(identity);

/** Whether a route sends as the sender id of a country. */
const takesSenderId = (route: RouteSettings): boolean =>
  route.sender === 'sns' || (route.sender === 'end-user-messaging' && route.originationIdentity === undefined);

const identityProblems = (settings: Settings): readonly Problem[] =>
  Object.entries(settings.countries).flatMap(([country, { senderId, entityId }]) => {
    if (senderId === undefined) return [];
    const routes = routesTo(settings, country);
    const path = `countries.${country}.senderId`;
    if (entityId !== undefined) return routes.flatMap((route) => registeredProblem(route, path, senderId));
    if (routes.some(takesSenderId)) return [];
    const sentence = `No route to ${country} sends as ${senderId}: Notify has senders of AWS, and originationIdentity comes first. Remove senderId, or leave originationIdentity out.`;
    return [{ path, sentence }];
  });

/** Carriers in India drop an SMS whose sender is not that of its entity and text (TRAI's DLT). */
const registeredProblem = (route: RouteSettings, path: string, senderId: string): readonly Problem[] => {
  const name = routeNameOf(route);
  if (route.sender === 'notify')
    return [
      {
        path,
        sentence: `The route ${name} has senders and texts of AWS, and the settings register their own (DLT). Write other routes, for example routes: ["sns"], or remove senderId, entityId and the registered texts.`,
      },
    ];
  if (route.sender !== 'end-user-messaging' || route.originationIdentity === undefined) return [];
  const identity = route.originationIdentity;
  if (isSenderId(identity) ? identity === senderId : identity.endsWith(`:sender-id/${senderId}/IN`)) return [];
  return [
    {
      path,
      sentence: `The route ${name} sends as ${identity}, and ${senderId} is the sender that is registered with the texts (DLT). Leave originationIdentity out, or write originationIdentity: "${senderId}".`,
    },
  ];
};

/** Countries without a route that could carry a text of the settings. */
const notifyOnlyOf = (settings: Settings): readonly string[] =>
  Object.keys(settings.countries).filter((country) => {
    const routes = routesTo(settings, country);
    return routes.length > 0 && routes.every(({ sender }) => sender === 'notify');
  });

/**
 * Notify sends texts of AWS, with the code in them. A message that needs more needs another route.
 *
 * Origins are no problem: they let browsers call as well, and a page without WebOTP has a field to type in.
 */
const notifyOnlyProblems = (settings: Settings): readonly Problem[] => {
  const countries = notifyOnlyOf(settings);
  if (countries.length === 0) return [];
  const others = `no other route goes to ${countries.join(', ')}. Add one, for example smsRoutes: [{ sender: "notify", … }, {}]`;
  const { purposes, templates, appHashes, code } = settings;
  return [
    ...(code.digits > maxNotifyDigits
      ? [
          {
            path: 'code.digits',
            sentence: `Notify sends codes of ${maxNotifyDigits} digits at most, and ${others}, or write fewer digits.`,
          },
        ]
      : []),
    ...(purposes.includes(transactionPurpose)
      ? [
          {
            path: 'purposes',
            sentence: `Notify names no amount and no payee, and ${others}, or write purposes without "${transactionPurpose}".`,
          },
        ]
      : []),
    ...templates
      .map(({ purpose, country }, index) => ({ purpose, country, index }))
      .filter(({ purpose, country }) => purposes.includes(purpose) && countries.includes(country ?? countries[0] ?? ''))
      .map(({ index }) => ({
        path: `templates.${index}`,
        sentence: `Notify sends texts of AWS alone, and ${others}, or remove this text.`,
      })),
    ...(appHashes.length > 0
      ? [{ path: 'appHashes', sentence: `Notify adds no line for Android apps, and ${others}, or remove appHashes.` }]
      : []),
  ];
};
