import type { History } from '../counts/history.ts';
import { verifiedPerHour, verifiedPerHourAt } from '../counts/history.ts';

/** The usual traffic of a key. */
export type Baseline = {
  /** People who request a code per hour. */
  readonly perHour: number;
  /** Share of them that verifies. */
  readonly conversion: number;
  /** Share of the codes that arrive, as far as pairs show: 1, except in an outage. */
  readonly arriving: number;
};

/** Assumed before anything is known. */
export const usualConversion = 0.8;
const conversionTrials = 60;
const conversionBounds = [0.5, 0.95] as const;

/** The share that verifies. With little data, it leans on the usual share. */
export const shareVerified = (verified: number, started: number, usual: number): number => {
  const share = (verified + conversionTrials * usual) / (started + conversionTrials);
  return Math.min(conversionBounds[1], Math.max(conversionBounds[0], share));
};

export const conversionOf = (history: History | undefined, usual: number): number =>
  shareVerified(history?.verifiedLong ?? 0, history?.startedLong ?? 0, usual);

/** The minimum that is expected of a key per hour, or its first request would be a surprise. */
const minPerHour = { range: 0.02, prefix: 0.1, country: 0.3, ip: 0.2, newNetwork: 5 } as const;

/** The assumed share of a part, and the approvals that this assumption is worth. */
const prefixShare = { share: 1 / 24, worth: 8 };
const rangeShare = { share: 1 / 100, worth: 3 };

const shareOf = (
  part: History | undefined,
  whole: History | undefined,
  { share, worth }: { readonly share: number; readonly worth: number },
): number => Math.min(1, ((part?.verifiedLong ?? 0) + share * worth) / ((whole?.verifiedLong ?? 0) + worth));

/**
 * What is usual for a range by the traffic of the rest of its prefix. A marketing campaign brings people to all ranges of
 * a prefix, an attacker to the one that he owns.
 *
 * @param others requested per hour in the prefix, outside of the range.
 */
export const amongOthers = ({ prefix, range }: Pick<Chain, 'prefix' | 'range'>, others: number): number => {
  const share = Math.min(0.5, shareOf(range, prefix, rangeShare));
  return (others * share) / (1 - share);
};

export type Chain = {
  readonly country: History | undefined;
  readonly prefix: History | undefined;
  readonly range: History | undefined;
  readonly ip: History | undefined;
  readonly newNetwork: History | undefined;
};

/**
 * What is usual for a country and its parts. Only approved verifications count, so that attackers who enter no codes
 * change no expectation.
 *
 * @param arriving share of the country's codes that arrive.
 */
export const baselinesOf = (chain: Chain, nowMs: number, arriving = 1): Readonly<Record<keyof Chain, Baseline>> => {
  const conversion = conversionOf(chain.country, usualConversion);
  const ofCountry = verifiedPerHourAt(chain.country, nowMs) / conversion;
  const ofPrefix = ofCountry * shareOf(chain.prefix, chain.country, prefixShare);
  // A range has people behind trusted IPs as well, whom prefix and country do not count.
  const ownRange = verifiedPerHour(chain.range, 24) / conversion;
  const ofRange = Math.max(ofPrefix * shareOf(chain.range, chain.prefix, rangeShare), ownRange);
  const usual = (level: keyof Chain, perHour: number): Baseline => ({
    perHour: Math.max(minPerHour[level], perHour),
    conversion: conversionOf(chain[level], conversion),
    arriving,
  });
  return {
    country: usual('country', ofCountry),
    prefix: usual('prefix', ofPrefix),
    range: usual('range', ofRange),
    ip: usual('ip', verifiedPerHour(chain.ip) / conversion),
    newNetwork: usual('newNetwork', verifiedPerHourAt(chain.newNetwork, nowMs) / conversion),
  };
};
