import { microUsd, shareForAnyone } from '../../otp/limits/caps.ts';
import { type Channel, channels } from '../../policy.ts';
import { bad, type Commands, type Judged, ok } from './check.ts';
import type { CapUse } from './facts.ts';

type Period = 'hour' | 'day';
const periods = ['hour', 'day'] as const;

/** What is used of a cap in an hour or a day, in USD, and its share. A cap of 0 is used up. */
export type PeriodUse = { readonly usedUsd: number; readonly capUsd: number; readonly share: number };

export const useOf = ({ caps, spent }: CapUse, period: Period): PeriodUse => {
  const capUsd = period === 'hour' ? caps.hourUsd : caps.dayUsd;
  const usedUsd = spent[period] / 1_000_000;
  return { usedUsd, capUsd, share: capUsd > 0 ? Math.round((usedUsd / capUsd) * 1000) / 1000 : 1 };
};

const largestShare = (use: CapUse): number => Math.max(...periods.map((period) => useOf(use, period).share));

/** Those that are used most. */
export const topCaps = (uses: readonly CapUse[], count = 5): readonly CapUse[] =>
  uses.toSorted((one, other) => largestShare(other) - largestShare(one)).slice(0, count);

/** The people that a cap refuses now: nobody, numbers that have not verified lately, or everybody. */
type Refused = 'nobody' | 'untrusted' | 'everybody';

const refusedIn = (use: CapUse, period: Period, priceMicroUsd: number): Refused => {
  const cap = microUsd(useOf(use, period).capUsd);
  const next = use.spent[period] + priceMicroUsd;
  if (next > cap) return 'everybody';
  return next > Math.floor(cap * shareForAnyone) ? 'untrusted' : 'nobody';
};

const nameOf = ({ place }: CapUse): string => {
  if (place.of === 'total') return 'The cap of all SMS';
  return place.of === 'country' ? `The cap of country ${place.country}` : `The cap of application ${place.application}`;
};

const percent = (share: number): string => `${Math.floor(share * 100)}%`;

/** A call has a price of its own, so that a cap may refuse calls and pass SMS, or the other way round. */
const refusedTexts: Readonly<Record<Channel, Readonly<Record<Exclude<Refused, 'nobody'>, string>>>> = {
  sms: {
    untrusted: 'Numbers that have not verified lately get no SMS until it ends',
    everybody: 'Nobody gets an SMS until it ends',
  },
  voice: {
    untrusted: 'Numbers that have not verified lately get no call until it ends',
    everybody: 'Nobody gets a call until it ends',
  },
};

type Full = {
  readonly use: CapUse;
  readonly period: Period;
  readonly channel: Channel;
  readonly refused: Exclude<Refused, 'nobody'>;
};

const fullIn = (use: CapUse, period: Period): readonly Full[] =>
  channels.flatMap((channel): readonly Full[] => {
    const priceMicroUsd = channel === 'sms' ? use.priceMicroUsd : use.callMicroUsd;
    const refused = priceMicroUsd === undefined ? 'nobody' : refusedIn(use, period, priceMicroUsd);
    return refused === 'nobody' ? [] : [{ use, period, channel, refused }];
  });

/**
 * Whether a cap refuses anybody. The last fifth of each cap is kept for trusted numbers: from there on people who are new
 * get no code.
 */
export const judgeCaps = (uses: readonly CapUse[], { desk }: Commands): Judged => {
  const full = uses.flatMap((use) => periods.flatMap((period) => fullIn(use, period)));
  const [worst] = full.toSorted((one, other) => rankOf(other) - rankOf(one));
  const [top] = topCaps(uses, 1);
  if (worst === undefined)
    return ok(
      top === undefined
        ? 'There are no caps.'
        : `No cap is used up; the most used is at ${percent(largestShare(top))}: ${nameOf(top).replace('The cap', 'that')}.`,
    );
  const { use, period, channel, refused } = worst;
  const others = new Set(full.map(({ use: { place } }) => place)).size - 1;
  return bad(
    `${nameOf(use)} is used up to ${percent(useOf(use, period).share)} this ${period}. ${refusedTexts[channel][refused]}` +
      `${others === 0 ? '' : `; so it is with ${others} more`}.`,
    `See whether it is an attack before you raise a cap in the settings: ${desk} findings.`,
  );
};

const rankOfPlace = { total: 2, application: 1, country: 0 } as const;
const rankOfRefused = { everybody: 1, untrusted: 0 } as const;
const rankOfChannel = { sms: 1, voice: 0 } as const;

/** The widest cap first, and of those the one that refuses most. */
const rankOf = ({ use: { place }, refused, channel }: Full): number =>
  4 * rankOfPlace[place.of] + 2 * rankOfRefused[refused] + rankOfChannel[channel];
