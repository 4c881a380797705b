import { maxDriftPercent } from '../../contract.ts';
import type { Channel, Policy } from '../../policy.ts';
import type { WaySums } from './sums.ts';

/** A setting, as the file of the settings names it, with its value of now and the one to write. */
export type Change = { readonly setting: string; readonly now: number; readonly value: number };

export type Advised = {
  readonly country: string;
  readonly channel: Channel;
  /** None if the settings of now are close enough. */
  readonly changes: readonly Change[];
};

/**
 * The price that the caps should count of each country and channel: that of its dearest route, because a price of the settings
 * is of a country, and an estimate leans high (ADR 19).
 *
 * @param ways those with enough messages.
 */
export const advise = (policy: Policy, ways: readonly WaySums[]): readonly Advised[] =>
  [...Map.groupBy(ways, ({ country, channel }) => `${country} ${channel}`).values()].flatMap((routes) => {
    const [first] = routes;
    if (first === undefined) return [];
    const { country, channel } = first;
    const valueUsd = roundedUp(Math.max(...routes.map(perPartMicroUsd)));
    return [{ country, channel, changes: changesOf(policy, { country, channel }, valueUsd) }];
  });

/**
 * The real price of a message by the parts that the caps count for it. So it is right for the caps even if AWS counts other
 * parts than they do.
 */
const perPartMicroUsd = ({ messages, realMicroUsd, partsOf, estimatedParts }: WaySums): number =>
  (realMicroUsd / messages) * (partsOf === 0 ? 1 : partsOf / estimatedParts);

/** In USD, with five decimals. */
const roundedUp = (priceMicroUsd: number): number => Math.ceil(priceMicroUsd / 10) / 100_000;

/** The bounds that the settings have for prices. */
const bounds = { sms: { min: 0.001, max: 1 }, voice: { min: 0.001, max: 5 } } as const;

const changesOf = (
  { countries, voice }: Policy,
  { country, channel }: Omit<Advised, 'changes'>,
  valueUsd: number,
): readonly Change[] => {
  const { min, max } = bounds[channel];
  const value = Math.min(max, Math.max(min, valueUsd));
  const path = `${channel === 'voice' ? 'voice.' : ''}countries.${country}`;
  const now = channel === 'voice' ? voice?.countries[country]?.priceUsd : countries[country]?.priceUsd;
  // Messages of a country that the settings do not have any more need no setting.
  if (now === undefined || isClose(now, value)) return [];
  const most = channel === 'voice' ? undefined : countries[country]?.maxPriceUsd;
  return [
    { setting: `${path}.priceUsd`, now, value },
    // The settings refuse a price above it.
    ...(most === undefined || value <= most ? [] : [{ setting: `${path}.maxPriceUsd`, now: most, value }]),
  ];
};

const isClose = (now: number, value: number): boolean => Math.abs(value - now) * 100 <= now * maxDriftPercent;
