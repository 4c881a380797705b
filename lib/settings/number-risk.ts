/** The look at swapped SIMs and ported numbers, as the settings ask for it. */

import { maxTotalShardsWithRisk, type Policy } from '../../lambdas/policy.ts';
import type { Problem } from './schema/values.ts';
import type { Settings } from './schema.ts';

type RiskSettings = NonNullable<Settings['numberRisk']>;

/** A policy without it says nothing of it. */
export const numberRiskPolicyOf = ({ numberRisk }: Settings): Pick<Policy, 'numberRisk'> =>
  numberRisk === undefined ? {} : { numberRisk };

/** The price of a look-up for a number of the country, in USD. A country without a provider has none. */
export const lookUpUsdOf = ({ numberRisk }: Pick<Settings, 'numberRisk'>, country: string): number =>
  numberRisk?.providers.find(({ countries }) => countries.includes(country))?.priceUsd ?? 0;

/** Contradictions of number risk. */
export const numberRiskProblems = (settings: Settings): readonly Problem[] => {
  const { numberRisk } = settings;
  if (numberRisk === undefined) return [];
  return [
    ...Object.keys(numberRisk.purposes).flatMap((purpose) => purposeProblems(settings, numberRisk, purpose)),
    ...numberRisk.providers.flatMap((_, index) => providerProblems(settings, numberRisk, index)),
    ...shardProblems(settings),
  ];
};

const purposeProblems = (
  settings: Settings,
  { purposes, providers }: RiskSettings,
  purpose: string,
): readonly Problem[] => {
  const path = `numberRisk.purposes.${purpose}`;
  const known = [
    ...settings.purposes,
    ...Object.values(settings.applications ?? {}).flatMap((application) => application.purposes ?? []),
  ];
  if (!known.includes(purpose)) {
    const sentence = `There is no purpose "${purpose}". Write one of purposes: ${[...new Set(known)].join(', ')}.`;
    return [{ path, sentence }];
  }
  const rule = purposes[purpose];
  if (rule?.failMode !== 'closed') return [];
  if (rule.ifSwapped === 'allow') {
    const sentence =
      'A purpose that allows a swap has nothing to close. Write failMode: "open", or ifSwapped: "step-up".';
    return [{ path: `${path}.failMode`, sentence }];
  }
  const asked = providers.flatMap(({ countries }) => countries);
  const left = countriesOf(settings, purpose).filter((country) => !asked.includes(country));
  if (left.length === 0) return [];
  const always = rule.ifSwapped === 'refuse' ? 'would be refused' : 'would need another proof';
  const sentence = `No provider is asked about ${left.join(', ')}, so that each number there ${always}. Add a provider for ${left.length === 1 ? 'it' : 'them'}, or write failMode: "open".`;
  return [{ path: `${path}.failMode`, sentence }];
};

/** The countries of the applications that have the purpose. */
const countriesOf = (
  { applications, purposes: allPurposes, countries: all }: Settings,
  purpose: string,
): readonly string[] => {
  const served = Object.keys(all);
  if (applications === undefined) return served;
  const having = Object.values(applications).filter(({ purposes = allPurposes }) => purposes.includes(purpose));
  return served.filter((country) => having.some(({ countries = served }) => countries.includes(country)));
};

const providerProblems = (settings: Settings, { providers }: RiskSettings, index: number): readonly Problem[] => {
  const path = `numberRisk.providers.${index}`;
  const { name, countries } = providers[index] ?? { name: '', countries: [] };
  const before = providers.slice(0, index);
  return [
    ...(before.some((other) => other.name === name)
      ? [
          {
            path: `${path}.name`,
            sentence: `"${name}" is the name of another provider. Write another, for example ${name}-2.`,
          },
        ]
      : []),
    ...countries.flatMap((country, at) => {
      const other = before.find((each) => each.countries.includes(country));
      const where = `${path}.countries.${at}`;
      if (settings.countries[country] === undefined) {
        return [{ path: where, sentence: `No SMS goes to ${country}. Add it to countries, or remove it here.` }];
      }
      if (other === undefined) return [];
      return [
        { path: where, sentence: `${other.name} is asked about ${country} already. Remove it from one of the two.` },
      ];
    }),
  ];
};

/** A send reads each shard in its one read, and the two items of number risk as well. */
const shardProblems = ({ caps: { totalShards } }: Settings): readonly Problem[] =>
  totalShards <= maxTotalShardsWithRisk
    ? []
    : [
        {
          path: 'caps.totalShards',
          sentence: `With numberRisk, a send has room to read ${maxTotalShardsWithRisk} shards. Write 1 to ${maxTotalShardsWithRisk}, for example ${maxTotalShardsWithRisk}, or remove numberRisk.`,
        },
      ];
