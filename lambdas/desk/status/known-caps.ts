import { type CapPlace, microUsd } from '../../otp/limits/caps.ts';
import type { Policy, SpendCaps } from '../../policy.ts';

/** A cap of the settings, with the cheapest SMS that counts against it, in micro-USD. */
export type KnownCap = { readonly place: CapPlace; readonly caps: SpendCaps; readonly priceMicroUsd: number };

/** All caps of the settings: of all SMS, of each country, and of the applications that have caps of their own. */
export const knownCapsOf = ({ caps, countries, applications }: Policy): readonly KnownCap[] => {
  const priceIn = (names: readonly string[]): number =>
    microUsd(Math.min(...names.map((name) => countries[name]?.priceUsd ?? Number.POSITIVE_INFINITY)));
  const all = Object.keys(countries);
  return [
    { place: { of: 'total' }, caps, priceMicroUsd: priceIn(all) },
    ...all.flatMap((country): readonly KnownCap[] => {
      const own = countries[country]?.caps;
      return own === undefined
        ? []
        : [{ place: { of: 'country', country }, caps: own, priceMicroUsd: priceIn([country]) }];
    }),
    ...Object.entries(applications).flatMap(([application, { caps: own, countries: names = all }]) =>
      own === undefined
        ? []
        : [{ place: { of: 'application' as const, application }, caps: own, priceMicroUsd: priceIn(names) }],
    ),
  ];
};
