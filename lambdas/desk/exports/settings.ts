import type { BurstPolicy, Policy } from '../../policy.ts';

/** The settings that the detector judges by, as of the start of an export. A replay of it judges by the same. */
export type ReplaySettings = {
  readonly bursts: BurstPolicy;
  readonly countries: Readonly<
    Record<string, { readonly priceUsd: number; readonly callPriceUsd?: number; readonly hourCapUsd: number }>
  >;
};

export const replaySettingsOf = ({
  bursts,
  caps,
  countries,
  voice,
}: Pick<Policy, 'bursts' | 'caps' | 'countries' | 'voice'>): ReplaySettings => ({
  bursts,
  countries: Object.fromEntries(
    Object.entries(countries).map(([name, { priceUsd, caps: own }]) => [
      name,
      { priceUsd, ...callPriceOf(voice, name), hourCapUsd: Math.min(caps.hourUsd, own.hourUsd) },
    ]),
  ),
});

const callPriceOf = (voice: Policy['voice'], country: string): { readonly callPriceUsd?: number } => {
  const called = voice?.countries[country];
  return called === undefined ? {} : { callPriceUsd: called.priceUsd };
};
