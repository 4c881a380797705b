import { hourMs } from '../otp/durations.ts';
import { everywhere, type Key, nameOf } from './counts/keys.ts';
import { commitRuling, type DetectorSettings } from './detect.ts';
import type { RulingDecision } from './findings/decision.ts';
import { reviewCountries } from './judge/review.ts';
import type { Ruling } from './judge/ruling.ts';
import type { DetectorPorts, Facts } from './ports.ts';

export type ReviewSettings = DetectorSettings & {
  /** Countries that SMS go to. */
  readonly countries: readonly string[];
};

const countryKey = (of: string): Key => ({ level: 'country', of });
const everywhereKey: Key = { level: 'everywhere', of: everywhere };

/** The keys whose facts a review needs. */
export const keysToReview = ({ countries }: Pick<ReviewSettings, 'countries'>): readonly Key[] => [
  ...countries.map(countryKey),
  everywhereKey,
];

/** Reviews what the last days show. A pure function of the facts. */
export const reviewTraffic = (
  facts: Facts,
  { countries, bursts, priceUsd }: ReviewSettings,
  nowMs: number,
): readonly Ruling[] => {
  const reviewed = countries.map((country) => {
    const known = facts.get(nameOf(countryKey(country)));
    return {
      country,
      history: known?.history,
      lastNotified: known?.lastNotified,
      priceUsd: priceUsd(country),
    };
  });
  return reviewCountries(reviewed, facts.get(nameOf(everywhereKey))?.lastNotified, bursts, nowMs);
};

/** Reviews all countries, and notifies staff of what shows only over days. It is to be called once an hour. */
export const reviewBursts =
  ({ now, store, notify }: DetectorPorts, settings: ReviewSettings) =>
  async (): Promise<readonly Ruling[]> => {
    const nowMs = now();
    const rulings = reviewTraffic(await store.readFacts(keysToReview(settings), nowMs), settings, nowMs);
    const committed: RulingDecision[] = [];
    for (const ruling of rulings) {
      const decision = await commitRuling(store, ruling, settings.deployment);
      if (decision !== undefined) committed.push(decision);
    }
    await notify(committed.flatMap(({ step }) => step.notification ?? []));
    return committed.map(({ ruling }) => ruling);
  };

/** Lets a function that is called every minute act once an hour. If it fails, it acts again a minute later. */
export const hourly = (act: () => Promise<unknown>, now: () => number): (() => Promise<void>) => {
  let actedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = now();
    if (nowMs < actedAtMs + hourMs) return;
    await act();
    actedAtMs = nowMs;
  };
};
