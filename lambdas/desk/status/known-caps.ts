import { type CapPlace, callPriceOf, priceOf } from '../../otp/limits/caps.ts';
import { smsPartsOf } from '../../otp/sending/sms.ts';
import { type Policy, policyFor, type SpendCaps, transactionPurpose } from '../../policy.ts';

/** A cap of the settings, with the cheapest SMS and the cheapest call that count against it, in micro-USD. */
export type KnownCap = {
  readonly place: CapPlace;
  readonly caps: SpendCaps;
  readonly priceMicroUsd: number;
  /** Undefined if no country of the cap is called. */
  readonly callMicroUsd?: number | undefined;
};

/** All caps of the settings: of all SMS, of each country, and of the applications that have caps of their own. */
export const knownCapsOf = (policy: Policy): readonly KnownCap[] => {
  const { caps, countries, applications } = policy;
  const everywhere = pricesOf(policy);
  return [
    { place: { of: 'total' }, caps, ...everywhere(Object.keys(countries)) },
    ...Object.entries(countries).map(([country, { caps: own }]) => ({
      place: { of: 'country' as const, country },
      caps: own,
      ...everywhere([country]),
    })),
    ...Object.keys(applications).flatMap((application): readonly KnownCap[] => {
      const own = policyFor(policy, application);
      const place = { of: 'application' as const, application };
      return own.ownCaps === undefined
        ? []
        : [{ place, caps: own.ownCaps, ...pricesOf(own)(Object.keys(own.countries)) }];
    }),
  ];
};

type Prices = Pick<KnownCap, 'priceMicroUsd' | 'callMicroUsd'>;

/** The cheapest messages of some countries, as a send counts them: an SMS by its parts, a call by its minute. */
const pricesOf = (policy: Policy): ((countries: readonly string[]) => Prices) => {
  const partsOf = leastParts(policy);
  return (countries) => {
    const called = countries.filter((country) => policy.voice?.countries[country] !== undefined);
    return {
      priceMicroUsd: Math.min(...countries.map((country) => priceOf(policy, country, partsOf(country)))),
      ...(called.length === 0
        ? {}
        : { callMicroUsd: Math.min(...called.map((country) => callPriceOf(policy, country))) }),
    };
  };
};

/** A short one: it stands for any, because the cheapest SMS is asked for. */
const sampleTransaction = { amount: '1', currency: 'USD', payee: 'A' };

/** Parts of the shortest SMS to a country. Countries without texts of their own have the same. */
const leastParts = (policy: Policy): ((country: string) => number) => {
  const known = new Map<string, number>();
  const withOwn = new Set(policy.templates.map(({ country }) => country));
  return (country) => {
    const texts = withOwn.has(country) ? country : '';
    const parts = known.get(texts) ?? Math.min(...partsOfAll(policy, country));
    known.set(texts, parts);
    return parts;
  };
};

const partsOfAll = (policy: Policy, country: string): readonly number[] => {
  const { code, purposes, templates } = policy;
  const locales = [...new Set(templates.map(({ locale }) => locale))];
  return purposes.flatMap((purpose) =>
    locales.map((locale) =>
      smsPartsOf(
        policy,
        {
          ...{ country, purpose, locale, lifetimeSeconds: code.lifetimeSeconds },
          ...(purpose === transactionPurpose ? { transaction: sampleTransaction } : {}),
        },
        code.digits,
      ),
    ),
  );
};
