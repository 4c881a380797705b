/** The plays of the player. Pure. */

import type { Places } from './places.ts';
import { bombing, customers, guessing, spray } from './scripts/aimed.ts';
import { launch, spike } from './scripts/legitimate.ts';
import {
  botnet,
  burstAndPause,
  converting,
  lowAndSlow,
  oneIp,
  rampInPrefix,
  sequentialRange,
  trickle,
  weaponized,
} from './scripts/pumping.ts';
import {
  adaptive,
  carrierRamp,
  dailyCurve,
  farm,
  fewEverywhere,
  hopping,
  rampInSpike,
  resends,
  sleeper,
} from './scripts/spread.ts';
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

/** In the order of the families. Those of `bench/bursts` have the same names, and many more requests. */
export const plays: readonly Play[] = [
  {
    play: 'A1',
    title: 'Fast pumping of one number range',
    detail:
      'A botnet asks for one number of a range after the other, five a second. The detector restricts the range within seconds. Numbers of it that verified before are still served.',
    kind: 'attack',
    countries: ['US'],
    script: sequentialRange,
  },
  {
    play: 'A2',
    title: 'Random numbers of one prefix',
    detail:
      'A botnet asks for random numbers of one prefix, slowly at first. The detector restricts the prefix. Trusted numbers of it, and other prefixes, are served.',
    kind: 'attack',
    countries: ['IN'],
    script: rampInPrefix,
  },
  {
    play: 'A3',
    title: 'Many numbers from one IP',
    detail:
      'One machine asks for many numbers, five a second. The limit of its IP refuses it after a few SMS, before the detector has to. Nobody else notices.',
    kind: 'attack',
    countries: ['US', 'IN'],
    script: oneIp,
  },
  {
    play: 'A4',
    title: 'Low and slow in one prefix',
    detail:
      'A botnet asks for twenty numbers of one prefix an hour. The detector restricts the prefix after an hour or so, because nobody types in a code.',
    kind: 'attack',
    countries: ['IN'],
    script: lowAndSlow,
  },
  {
    play: 'A5',
    title: 'A botnet in two countries',
    detail:
      'Each IP asks once or twice, for consecutive numbers of two countries. No limit of an IP sees it. The detector restricts the ranges and prefixes.',
    kind: 'attack',
    countries: ['US', 'IN'],
    script: botnet,
  },
  {
    play: 'A6',
    title: 'Bombing of one number',
    detail:
      'Strangers have an SMS sent to one number every 20 seconds. The limits of the number refuse nearly all. Its holder still gets a code at home, and staff are told.',
    kind: 'attack',
    countries: ['US'],
    script: bombing,
  },
  {
    play: 'A7',
    title: 'Fraudsters who type in their codes',
    detail:
      'Somebody who owns a range types in most of its codes. The detector restricts the range when more new numbers verify than people would. That takes some sixty of them.',
    kind: 'attack',
    countries: ['US'],
    script: converting,
  },
  {
    play: 'A8',
    title: 'Bursts with pauses, in fresh ranges',
    detail:
      'Each hour brings a burst into a fresh range of one prefix. The first takes the detector some SMS, and each later one a few.',
    kind: 'attack',
    countries: ['IN'],
    script: burstAndPause,
  },
  {
    play: 'A9',
    title: 'A trickle in two countries',
    detail:
      'A botnet asks for one number an hour in each of two countries. The detector does not find that, because it is less than a restriction would let pass. Caps and the limit of low-volume countries bound its cost.',
    kind: 'attack',
    countries: ['US', 'IN'],
    script: trickle,
  },
  {
    play: 'A10-guess',
    title: 'Guesses at the codes of one number',
    detail:
      'Strangers ask for codes of one number, and type in wrong ones. Its limits refuse most SMS, and its codes get longer and take fewer guesses. Its holder at home has the usual codes.',
    kind: 'attack',
    countries: ['US'],
    script: guessing,
  },
  {
    play: 'A10-spray',
    title: 'Guesses at many numbers',
    detail:
      'A botnet types in three wrong codes at each of many numbers. The detector makes all new codes of the country longer, except those of people at home. It restricts the country as well, because nobody types in the right code.',
    kind: 'attack',
    countries: ['US', 'IN'],
    script: spray,
  },
  {
    play: 'A11',
    title: 'An attacker who learns from refusals',
    detail:
      'At a refusal the attacker halves the pace and moves to the next prefix. Each prefix is restricted in its turn, so that the attack gets slower and slower.',
    kind: 'attack',
    countries: ['IN'],
    script: adaptive,
  },
  {
    play: 'A12',
    title: 'An attack that wants a country blocked',
    detail:
      'A botnet asks for one number a second, over all prefixes of a country. The detector restricts the country for unverified numbers. Numbers that verified before are served.',
    kind: 'attack',
    countries: ['IN'],
    script: weaponized,
  },
  {
    play: 'A13',
    title: 'Random numbers, hidden in a campaign',
    detail:
      'While a campaign brings people to a country, a botnet asks for random numbers of one prefix. The detector restricts that prefix, and the people of the others are served.',
    kind: 'attack',
    countries: ['IN'],
    script: rampInSpike,
  },
  {
    play: 'A14',
    title: 'Resends in one prefix',
    detail:
      'A botnet has the code of each number sent twice more. The detector counts people and not requests, and restricts the prefix.',
    kind: 'attack',
    countries: ['IN'],
    script: resends,
  },
  {
    play: 'A15',
    title: 'A sleeper who looks like people at first',
    detail:
      'For hours somebody types in the codes of a few numbers, then pumps into the same prefix. The detector restricts the prefix all the same, after some more SMS.',
    kind: 'attack',
    countries: ['IN'],
    script: sleeper,
  },
  {
    play: 'A16',
    title: 'A farm of SIM cards',
    detail:
      'A farm types in nearly every code, once for each of its numbers. The detector restricts the range when more new numbers verify in six hours than people would.',
    kind: 'attack',
    countries: ['US'],
    script: farm,
  },
  {
    play: 'A17',
    title: 'Random numbers of a whole carrier',
    detail:
      'A botnet asks for random numbers over dozens of prefixes, slowly at first. No range and no prefix stands out. The detector restricts the country for unverified numbers.',
    kind: 'attack',
    countries: ['IN'],
    script: carrierRamp,
  },
  {
    play: 'A18',
    title: 'A few an hour in each country',
    detail:
      'A botnet asks for three numbers an hour in each of two countries. The detector stops nothing of it by design. The hourly look at conversion may tell staff of a low-severity finding.',
    kind: 'attack',
    countries: ['US', 'IN'],
    script: fewEverywhere,
  },
  {
    play: 'A19',
    title: 'SMS to customers who know nothing of it',
    detail:
      'A botnet asks for the numbers of customers, each of whom has verified. The detector restricts trusted numbers in networks where they never verified. At home everybody is served.',
    kind: 'attack',
    countries: ['US'],
    script: customers,
  },
  {
    play: 'A20',
    title: 'An attacker who is nowhere twice',
    detail:
      'Each message goes to another country, prefix and range, from another network, and each refusal halves the pace. The detector restricts a whole country. New people there wait until it is over.',
    kind: 'attack',
    countries: ['US', 'IN'],
    script: hopping,
  },
  {
    play: 'A21',
    title: 'A bit more than usual, all day',
    detail:
      'A botnet adds 40% to the requests of a country, over its usual prefixes and hours. The detector does not find that by design. Its cost is bounded by the caps.',
    kind: 'attack',
    countries: ['IN'],
    script: dailyCurve,
  },
  {
    play: 'launch',
    title: 'A launch in one country',
    detail:
      'New people of one country ask for a code within half an hour, and nearly all type it in. Staff announce it beforehand with otp-desk launch. Everybody is served.',
    kind: 'legitimate',
    countries: ['US'],
    script: launch,
  },
  {
    play: 'spike',
    title: 'A campaign that nobody announced',
    detail:
      'A campaign brings new people to all ranges of a few prefixes, one every five seconds. Nearly all type in their code. The detector restricts nothing, and everybody is served.',
    kind: 'legitimate',
    countries: ['IN'],
    script: spike,
  },
];
