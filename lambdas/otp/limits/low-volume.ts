import type { Policy } from '../../policy.ts';
import type { Trust } from './trust.ts';

/** Sends and verifications of a country's day (UTC). */
export type CountryDay = {
  readonly sentToday: number;
  readonly verifiedToday: number;
  readonly verifiedYesterday: number;
};

/** What a send takes from its country's day, and how many sends there may be. */
export type CountryShare = { readonly country: string; readonly maxSends: number };

export type ExceededCountry = { readonly kind: 'exceeded'; readonly counter: 'low-volume' };

/** Verifications of a country's day after which nobody asks for more of them. Staff may raise the limit meanwhile, so some more are counted. */
export const enoughVerifications = ({ lowVolume }: Pick<Policy, 'lowVolume'>): number => 10 * lowVolume.verifications;

/** Sends that each verification of the day makes room for: people try twice, and some give up. */
const sendsPerVerification = 2;

/**
 * The limit of a country where few verify: its sends may run ahead of its verifications by a number from the settings.
 * Trusted senders are spared, so that unverified numbers cannot lock them out.
 */
export const countryShareOf = (
  country: string,
  { verifiedToday, verifiedYesterday }: CountryDay,
  { lowVolume }: Policy,
  { isTrustedNumber, isTrustedIp, isSharedIp }: Trust,
): CountryShare | undefined => {
  if (isTrustedNumber || isTrustedIp || isSharedIp) return undefined;
  if (verifiedToday + verifiedYesterday >= lowVolume.verifications) return undefined;
  return { country, maxSends: verifiedToday * sendsPerVerification + lowVolume.unverifiedSendsPerDay };
};

export const exceededCountry = ({ maxSends }: CountryShare, sentToday: number): ExceededCountry | undefined =>
  sentToday < maxSends ? undefined : { kind: 'exceeded', counter: 'low-volume' };
