import * as v from 'valibot';
import { type BurstPolicy, blockLevels, ruleNames } from '../../lambdas/policy.ts';
import type { RecordedSettings } from './recording.ts';

const mode = v.picklist(['enforce', 'record-only', 'off']);
const country = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/));
const usd = v.pipe(v.number(), v.finite(), v.minValue(0));

const schema = v.object({
  bursts: v.object({
    levels: v.object(Object.fromEntries(blockLevels.map((level) => [level, mode]))),
    rules: v.object(Object.fromEntries(ruleNames.map((rule) => [rule, v.optional(mode)]))),
    countries: v.record(country, mode),
    coldStartHours: usd,
    criticalUsdPerHour: usd,
  }),
  countries: v.record(country, v.object({ priceUsd: usd, callPriceUsd: v.optional(usd), hourCapUsd: v.nullable(usd) })),
});

/** The settings of a manifest. @returns undefined if it has none, or others than these. */
export const readSettings = (value: unknown): RecordedSettings | undefined => {
  const read = v.safeParse(schema, value);
  if (!read.success) return undefined;
  const { bursts, countries } = read.output;
  const known = new Map(Object.entries(countries));
  return {
    bursts: bursts as unknown as BurstPolicy,
    countries: [...known.keys()],
    priceUsd: (of) => known.get(of)?.priceUsd ?? 0,
    callPriceUsd: (of) => known.get(of)?.callPriceUsd ?? known.get(of)?.priceUsd ?? 0,
    hourCapUsd: (of) => known.get(of)?.hourCapUsd ?? Number.POSITIVE_INFINITY,
  };
};
