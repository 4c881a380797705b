import type { Ruling } from '../judge/ruling.ts';
import { isSevere } from './case.ts';

/** Severe cases of one campaign that keep their severity: two, and a third if it is a country's. */
const maxSevere = 2;
const maxSevereWithCountry = 3;
/** Severe cases with shorter gaps are one campaign: attackers who are stopped come back elsewhere. */
const campaignGapMs = 3 * 3_600_000;
/** In the same country they are one campaign for a day. */
const sameCountryMs = 24 * 3_600_000;
const maxRemembered = 50;

/** When a severe case began, and in which country. */
export type CampaignCase = { readonly uid: string; readonly atMs: number; readonly country: string };

/** The severe cases of the last day, under a version: they are counted one after the other. */
export type Campaign = { readonly version: number; readonly cases: readonly CampaignCase[] };

/** The cases that may still matter, the oldest first. */
const remembered = (cases: readonly CampaignCase[], atMs: number): readonly CampaignCase[] =>
  cases
    .filter((each) => each.atMs + sameCountryMs > atMs)
    .toSorted((one, other) => one.atMs - other.atMs)
    .slice(-maxRemembered);

/** How many severe cases of the same campaign went before one. */
const campaignBefore = (
  cases: readonly CampaignCase[],
  { atMs, country }: Pick<Ruling, 'atMs' | 'country'>,
): number => {
  let fromMs = atMs;
  let count = 0;
  for (const each of remembered(cases, atMs).toReversed()) {
    const isNear = each.atMs + campaignGapMs > fromMs;
    if (isNear) fromMs = Math.min(fromMs, each.atMs);
    if (isNear || each.country === country) count += 1;
  }
  return count;
};

/** Severe, and of a case that staff do not know. */
export const isNewAndSevere = ({ severity, isUpdate }: Ruling): boolean => !isUpdate && isSevere(severity);

/** An attack on many prefixes is one campaign: its further cases have medium severity, so that few alarms are raised. */
export const inCampaign = (ruling: Ruling, { cases }: Campaign): Ruling => {
  const max = ruling.key.level === 'country' ? maxSevereWithCountry : maxSevere;
  return isSevere(ruling.severity) && campaignBefore(cases, ruling) >= max
    ? { ...ruling, severity: 'medium', isPartOfCampaign: true }
    : ruling;
};

/** The campaign with one case more. */
export const withCase = ({ version, cases }: Campaign, { uid, atMs, country }: CampaignCase): Campaign => ({
  version: version + 1,
  cases: [...remembered(cases, atMs), { uid, atMs, country }],
});
