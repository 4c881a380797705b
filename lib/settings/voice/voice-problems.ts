import { matchLocale } from '../../../lambdas/otp/input/locale.ts';
import { callUsdOf } from '../caps.ts';
import { countryOf } from '../policy.ts';
import { basicTierCountries } from '../routes/notify-countries.ts';
import { routeNameOf } from '../routes/routes.ts';
import type { Problem } from '../schema/values.ts';
import type { Settings } from '../schema.ts';
import { type VoiceSettings, voiceRouteNameOf } from './voice.ts';
import { voicesOf } from './voices.ts';

/** Contradictions of calls. */
export const voiceProblems = (settings: Settings): readonly Problem[] => {
  const { voice } = settings;
  if (voice === undefined) return [];
  return [
    ...Object.keys(voice.countries).flatMap((name) => countryProblems(settings, name)),
    ...nameProblems(settings, voice),
    ...tierProblems(settings, voice),
    ...voice.routes.flatMap((route, index) =>
      route.sender === 'notify' ? templateProblems(settings, Object.keys(route.templates), index) : [],
    ),
    ...Object.entries(voice.texts).flatMap(([locale, { voice: named }]) => textProblems(locale, named)),
  ];
};

/** A call is no way around the list of countries. The last fifth of a cap is for trusted numbers only. */
const countryProblems = (settings: Settings, name: string): readonly Problem[] => {
  const path = `voice.countries.${name}`;
  if (settings.countries[name] === undefined) {
    return [{ path, sentence: `${name} is not in countries. Add it there as well, or remove it here.` }];
  }
  const { caps } = countryOf(settings, name);
  const priceUsd = callUsdOf(settings, name);
  if (caps.hourUsd >= 2 * priceUsd) return [];
  const sentence = `The cap of ${name} is ${caps.hourUsd} USD an hour, and a call there costs ${priceUsd}: no number would get the first one. Write ${2 * priceUsd} or more in countries.${name}.caps.hourUsd and in caps.hourUsd.`;
  return [{ path: `${path}.priceUsd`, sentence }];
};

/** Calls name no tier. A configuration that SMS name as well has the one that they say. */
const tierProblems = ({ smsRoutes }: Settings, { countries, routes }: VoiceSettings): readonly Problem[] => {
  const isBasic = (route: VoiceSettings['routes'][number]): boolean =>
    route.sender === 'notify' &&
    smsRoutes.some(
      (each) => each.sender === 'notify' && each.tier === 'basic' && each.configuration === route.configuration,
    );
  if (!routes.every(isBasic)) return [];
  return Object.keys(countries)
    .filter((name) => !basicTierCountries.includes(name))
    .map((name) => ({
      path: `voice.countries.${name}`,
      sentence: `The Basic tier of Notify reaches ${basicTierCountries.length} countries, and ${name} is none of them. Remove it here, or add a route to voice.routes, for example { originationIdentity: "+12065550100" }.`,
    }));
};

/** Metrics and records name routes of SMS and of calls alike, also by the names that they have by default. */
const nameProblems = ({ smsRoutes }: Settings, { routes }: VoiceSettings): readonly Problem[] => {
  const others = smsRoutes.map(routeNameOf);
  return routes.flatMap((route, index) => {
    const name = voiceRouteNameOf(route);
    const before = [...others, ...routes.slice(0, index).map(voiceRouteNameOf)];
    if (!before.includes(name)) return [];
    const sentence = `"${name}" is the name of another route. Give each route its own, for example name: "${name}-2".`;
    return [{ path: `voice.routes.${index}.name`, sentence }];
  });
};

/** A person whose language has no template hears that of the default language of the application, or English. */
const templateProblems = (settings: Settings, offered: readonly string[], index: number): readonly Problem[] => {
  if (matchLocale('en', offered) !== undefined) return [];
  const wanted = [settings, ...Object.values(settings.applications ?? {})].flatMap(
    ({ defaultLocale }) => defaultLocale ?? [],
  );
  return [...new Set(wanted)]
    .filter((locale) => matchLocale(locale, offered) === undefined)
    .map((locale) => ({
      path: `voice.routes.${index}.templates`,
      sentence: `There is no template in ${locale}, which is a default language, nor in English. Add one of them, because a language without a template gets it.`,
    }));
};

const textProblems = (locale: string, named: string | undefined): readonly Problem[] => {
  const voices = voicesOf(locale);
  const path = `voice.texts.${locale}`;
  if (voices.length === 0) {
    return [
      {
        path,
        sentence: `AWS has no voice that speaks ${locale}. Remove the text: its people hear the default language.`,
      },
    ];
  }
  if (named === undefined || voices.includes(named)) return [];
  return [{ path: `${path}.voice`, sentence: `${named} does not speak ${locale}. Write one of ${voices.join(', ')}.` }];
};
