import type { Ruling } from '../judge/ruling.ts';
import { isSevere, isWideHold } from './case.ts';

/** Severe cases of one campaign that keep their severity: two, and a third if it is a country's. */
const maxSevere = 2;
const maxSevereWithCountry = 3;
/** Severe cases with shorter gaps are one campaign: attackers who are stopped come back elsewhere. */
const campaignGapMs = 3 * 3_600_000;
/** In the same country they are one campaign for a day. */
const sameCountryMs = 24 * 3_600_000;
const maxRemembered = 50;

/** When a case of a campaign began, and in which country. */
export type CampaignCase = {
  readonly uid: string;
  readonly atMs: number;
  readonly country: string;
  /** Not severe: the one held range of its campaign that staff get a mail of. */
  readonly isMinor?: true;
  /** Of a number at risk. These are a campaign of their own: neither hides the other. */
  readonly isOfNumber?: true;
};

/** The cases of the last day, under a version: they are counted one after the other. */
export type Campaign = { readonly version: number; readonly cases: readonly CampaignCase[] };

/** The cases that may still matter, the oldest first. */
const remembered = (cases: readonly CampaignCase[], atMs: number): readonly CampaignCase[] =>
  cases
    .filter((each) => each.atMs + sameCountryMs > atMs)
    .toSorted((one, other) => one.atMs - other.atMs)
    .slice(-maxRemembered);

/** The cases of the same campaign that went before one. */
const campaignBefore = (
  cases: readonly CampaignCase[],
  { atMs, country }: Pick<Ruling, 'atMs' | 'country'>,
): readonly CampaignCase[] => {
  let fromMs = atMs;
  const before: CampaignCase[] = [];
  for (const each of remembered(cases, atMs).toReversed()) {
    const isNear = each.atMs + campaignGapMs > fromMs;
    if (isNear) fromMs = Math.min(fromMs, each.atMs);
    if (isNear || each.country === country) before.push(each);
  }
  return before;
};

const isOfNumberAtRisk = ({ rule }: Pick<Ruling, 'rule'>): boolean => rule === 'swapped-number';

const isMajor = ({ isMinor }: CampaignCase): boolean => isMinor !== true;

/** Severe, and of a case that staff do not know. */
export const isNewAndSevere = ({ severity, isUpdate }: Ruling): boolean => !isUpdate && isSevere(severity);

/**
 * An attack on many prefixes is one campaign: its further cases have medium severity, so that few alarms are raised. Of the ranges
 * that are held without being severe, the first is the one that staff get a mail of, unless a severe case came before it.
 */
export const inCampaign = (ruling: Ruling, { cases }: Campaign): Ruling => {
  const before = campaignBefore(
    cases.filter(({ isOfNumber }) => (isOfNumber === true) === isOfNumberAtRisk(ruling)),
    ruling,
  );
  if (!isSevere(ruling.severity))
    return isWideHold(ruling) && before.length > 0 ? { ...ruling, isPartOfCampaign: true } : ruling;
  const max = ruling.key.level === 'country' ? maxSevereWithCountry : maxSevere;
  return before.filter(isMajor).length >= max ? { ...ruling, severity: 'medium', isPartOfCampaign: true } : ruling;
};

/**
 * Whether the campaign has to know of a case: of each severe one, and of a held range that staff get a mail of. Of numbers at
 * risk those with a mail, because a thousand of them would leave no room for others.
 */
export const isToCount = (judged: Ruling, inIt: Ruling): boolean =>
  (isSevere(judged.severity) && !isOfNumberAtRisk(judged)) ||
  ((isWideHold(judged) || isOfNumberAtRisk(judged)) && inIt.isPartOfCampaign !== true);

/** The campaign with one case more. */
export const withCase = ({ version, cases }: Campaign, ruling: Ruling): Campaign => {
  const { uid, atMs, country, severity } = ruling;
  const marks = {
    ...(isSevere(severity) ? {} : { isMinor: true as const }),
    ...(isOfNumberAtRisk(ruling) ? { isOfNumber: true as const } : {}),
  };
  return { version: version + 1, cases: [...remembered(cases, atMs), { uid, atMs, country, ...marks }] };
};
