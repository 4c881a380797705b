/** What the player can play. Pure. */

import { launch, sequentialRange } from './first.ts';
import type { Places } from './places.ts';
import type { Script } from './visit.ts';

export type Play = {
  readonly play: string;
  readonly title: string;
  readonly detail: string;
  readonly kind: 'attack' | 'legitimate';
  /** ISO 3166-1 codes of the countries that it sends to. */
  readonly countries: readonly string[];
  readonly script: (places: Places) => Script;
};

export const plays: readonly Play[] = [
  {
    play: 'A1',
    title: 'Fast pumping of one number range',
    detail:
      'A botnet asks for codes for numbers of one range, five a second, and enters none. After some twenty SMS the detector restricts the range. Its holders who verified before are served; new ones wait until the attack is over.',
    kind: 'attack',
    countries: ['US'],
    script: sequentialRange,
  },
  {
    play: 'launch',
    title: 'A launch in one country',
    detail:
      'Sixty new people ask for a code within half an hour, over five area codes, and nearly all enter it. The service should serve all of them. Announce it first with otp-desk launch.',
    kind: 'legitimate',
    countries: ['US'],
    script: launch,
  },
];
