/** Contradictions between caps. */

import { smsPerLease } from '../../lambdas/policy.ts';
import { type ApplicationSettings, settingsFor } from './in-use.ts';
import { maxPartsTo } from './messages/renderings.ts';
import { lookUpUsdOf } from './number-risk.ts';
import { countryOf, ownCapsOf } from './policy.ts';
import type { Problem } from './schema/values.ts';
import type { Settings } from './schema.ts';

export const capProblems = (settings: Settings): readonly Problem[] => [
  ...hourProblem('caps', settings.caps),
  ...Object.entries(settings.countries).flatMap(([name, { caps: own }]) =>
    lowerProblems(settings, `countries.${name}.caps`, own),
  ),
  ...Object.entries(settings.applications ?? {}).flatMap(([name, { caps: own = {} }]) =>
    lowerProblems(settings, `applications.${name}.caps`, own),
  ),
  ...smallCapProblems(settings),
  ...shardProblems(settings),
];

type Own = { readonly hourUsd?: number; readonly dayUsd?: number };

/** An hour is within its day, and a part within all. A cap that can never be reached is a mistake about another. */
const lowerProblems = ({ caps: total }: Settings, path: string, own: Own): readonly Problem[] => [
  ...hourProblem(path, own),
  ...(['hourUsd', 'dayUsd'] as const).flatMap((time) => {
    const cap = own[time];
    if (cap === undefined || cap <= total[time]) return [];
    const ofAll = path.startsWith('countries') ? 'all countries' : 'all applications';
    const sentence = `The cap is above that of ${ofAll}, ${total[time]}. Write ${total[time]} or less, or raise caps.${time}.`;
    return [{ path: `${path}.${time}`, sentence }];
  }),
];

const hourProblem = (path: string, { hourUsd: hour, dayUsd: day }: Own): readonly Problem[] =>
  hour !== undefined && day !== undefined && hour > day
    ? [
        {
          path: `${path}.hourUsd`,
          sentence: `The cap of an hour is above that of its day, ${day}. Write ${day} or less, or raise dayUsd.`,
        },
      ]
    : [];

/** The last fifth of a cap is for trusted numbers only, so that a cap of one SMS sends none to the first number. */
const smallCapProblems = (settings: Settings): readonly Problem[] => {
  const smsPriceOf = smsPrices(settings);
  return [
    ...Object.keys(settings.countries).flatMap((name) => {
      const { caps } = countryOf(settings, name);
      const priceUsd = smsPriceOf(name);
      if (caps.hourUsd >= 2 * priceUsd) return [];
      const sentence = `The cap is ${caps.hourUsd} USD, and an SMS to ${name} costs ${priceUsd}: no number would get the first one. Write ${2 * priceUsd} or more here and in caps.hourUsd.`;
      return [{ path: `countries.${name}.caps.hourUsd`, sentence }];
    }),
    ...Object.entries(settings.applications ?? {}).flatMap(([name, own]) => smallOwnCapProblem(settings, name, own)),
  ];
};

const hoursPerDay = 24;
/** Of the cap of a day, leases that hours leave behind take so small a part at most. */
const partOfDay = 10;

/** Each shard may end an hour with a lease, which counts as spent for the rest of the day (ADR 105). */
const shardProblems = (settings: Settings): readonly Problem[] => {
  const { totalShards, dayUsd } = settings.caps;
  if (totalShards < 2) return [];
  const calls = Object.keys(settings.voice?.countries ?? {}).map((country) => callUsdOf(settings, country));
  const dearest = Math.max(...Object.keys(settings.countries).map(smsPrices(settings)), ...calls);
  const leftUsd = Math.ceil(hoursPerDay * totalShards * smsPerLease * dearest);
  if (dayUsd >= partOfDay * leftUsd) return [];
  const sentence = `In a day ${totalShards} shards may leave ${leftUsd} USD unused, which count as spent. Write ${partOfDay * leftUsd} or more, or totalShards: 1, which is enough below 750 SMS a second.`;
  return [{ path: 'caps.dayUsd', sentence }];
};

/** The price of the longest SMS to a country, with that of its look-up, in USD. */
const smsPrices = (settings: Settings): ((country: string) => number) => {
  const partsTo = maxPartsTo(settings);
  return (country) => {
    return rounded(countryOf(settings, country).priceUsd * partsTo(country) + lookUpUsdOf(settings, country));
  };
};

/** The price of a call to a country, with that of its look-up, in USD. 0: it gets none. */
export const callUsdOf = (settings: Settings, country: string): number => {
  const priceUsd = settings.voice?.countries[country]?.priceUsd;
  return priceUsd === undefined ? 0 : rounded(priceUsd + lookUpUsdOf(settings, country));
};

const rounded = (usd: number): number => Math.round(usd * 1_000_000) / 1_000_000;

const smallOwnCapProblem = (settings: Settings, name: string, application: ApplicationSettings): readonly Problem[] => {
  if (application.caps === undefined) return [];
  const { hourUsd } = ownCapsOf(settings, application.caps);
  const { applications: _, ...ofApplication } = settingsFor(settings, application);
  const smsPriceOf = smsPrices(ofApplication);
  const prices = Object.keys(ofApplication.countries).flatMap((country) => [
    { country, what: 'an SMS', priceUsd: smsPriceOf(country) },
    { country, what: 'a call', priceUsd: callUsdOf(ofApplication, country) },
  ]);
  const dearest = prices.toSorted((one, other) => other.priceUsd - one.priceUsd).at(0);
  if (dearest === undefined || hourUsd >= 2 * dearest.priceUsd) return [];
  const { country, what, priceUsd } = dearest;
  const sentence = `The cap is ${hourUsd} USD, and ${what} to ${country} costs ${priceUsd}: no number there would get the first one. Write ${2 * priceUsd} or more, or list the countries of the application without ${country}.`;
  return [{ path: `applications.${name}.caps.hourUsd`, sentence }];
};
