/** The attackers of the hold-out. Published cases set the sizes. The moves are those of a paid attacker. */

import type { Outcome, Visible } from '../contenders/contender.ts';
import { type Random, randomFrom } from '../play/random.ts';
import type { Asker } from '../play/stage.ts';
import { hourMs, minuteMs } from '../traffic/calendar.ts';
import { type Attack, type AttackKind, carrierIn, type HoldoutCalendar } from './calendar.ts';
import type { HoldoutLabel } from './ledger.ts';
import { ratePerHour } from './traffic.ts';
import type { HoldoutStage, Scene } from './visit.ts';
import {
  anyNumber,
  type Digits,
  digitsOf,
  gatewayOf,
  type HoldoutWorld,
  type Land,
  type Person,
  rangesOf,
  returningPerson,
} from './world.ts';

type Siege = {
  readonly stage: HoldoutStage;
  readonly world: HoldoutWorld;
  readonly attack: Attack;
  readonly random: Random;
  /** Messages of this run, by those of the whole attack. */
  readonly scaled: (whole: number) => number;
};

type Progress = {
  readonly asked: number;
  /** Refusals since the last message that was sent. */
  readonly refusedInRow: number;
};

type Campaign = {
  readonly messages: number;
  readonly next: (progress: Progress) => Asker;
  /** Until the next message. */
  readonly gapSeconds: (progress: Progress) => number;
  readonly onSent?: (attempt: Visible) => void;
};

type Strategy = (siege: Siege) => Campaign;

const fraudulent = (land: Land, digits: Digits, ip: string): Asker => ({
  ...digits,
  country: land,
  ip,
  verifiedBefore: false,
  application: 'games',
});

const victim = ({ land, ...person }: Person, ip: string): Asker => ({
  phone: person.phone,
  range: person.range,
  prefix: person.prefix,
  verifiedBefore: person.verifiedBefore,
  country: land,
  ip,
  application: 'bank',
});

/** Residential proxies, one at random for each message. */
const proxies =
  ({ attack, random }: Siege, count: number) =>
  () =>
    `${attack.id} proxy ${random.below(count)}`;

/** Proxies by turns, each used as little as possible. */
const rotating = ({ attack }: Siege, count: number) => {
  let used = 0;
  return () => {
    used += 1;
    return `${attack.id} proxy ${used % count}`;
  };
};

/** The place of a random range. */
const anyRange = (land: Land, lead: string, random: Random) => random.below(rangesOf(land, lead));

const labelOf = ({ kind, id }: Attack): HoldoutLabel => ({ legit: false, kind, attack: id });

const later = (stage: HoldoutStage, seconds: number, act: () => void) =>
  stage.at(stage.now() + Math.max(1, Math.round(1000 * seconds)), act);

const strategies: Readonly<Record<AttackKind, Strategy>> = {
  // The most common and crudest: one to three machines, number after number, blind to the answers.
  script: (siege) => {
    const { attack, random, scaled } = siege;
    const [land, lead] = [attack.lands[0], random.pick(carrierIn(attack).leads)];
    const [range, first, machines] = [anyRange(land, lead, random), random.below(8000), random.pick([1, 2, 3])];
    const ip = proxies(siege, machines);
    return {
      messages: scaled(1200),
      next: ({ asked }) => fraudulent(land, digitsOf(land, lead, range, (first + asked) % 10_000), ip()),
      gapSeconds: () => random.between(0.6, 1.6),
    };
  },
  // One a minute at first, twice as fast every 20 minutes.
  ramp: (siege) => {
    const { stage, attack, random, scaled } = siege;
    const land = attack.lands[0];
    const ip = proxies(siege, 500);
    return {
      messages: scaled(4000),
      next: () => fraudulent(land, anyNumber(land, carrierIn(attack), random), ip()),
      gapSeconds: () =>
        random.exponential(Math.max(0.4, 60 * 0.5 ** ((stage.now() - attack.startMs) / (20 * minuteMs)))),
    };
  },
  // Half of the ordinary traffic of the country at each hour, over all its carriers.
  shadow: (siege) => {
    const { stage, world, attack, random, scaled } = siege;
    const land = attack.lands[0];
    const ip = proxies(siege, 20_000);
    return {
      messages: scaled(6000),
      next: () => fraudulent(land, anyNumber(land, random.pick(land.carriers), random), ip()),
      gapSeconds: () =>
        random.exponential(3600 / Math.max(1, 0.5 * ratePerHour(world.startsPerDay, land, stage.now()))),
    };
  },
  // A hundred numbers in each of fifty ranges of several carriers, shuffled.
  patchwork: (siege) => {
    const { attack, random, scaled } = siege;
    const land = attack.lands[0];
    const ranges = Array.from({ length: 50 }, (_, index) => {
      const lead = random.pick((land.carriers[index % land.carriers.length] ?? land.carriers[0]).leads);
      return { lead, range: anyRange(land, lead, random) };
    });
    const numbers = random.shuffled(
      ranges.flatMap(({ lead, range }) => {
        const first = random.below(9900);
        return Array.from({ length: 100 }, (_, index) => digitsOf(land, lead, range, first + index));
      }),
    );
    const ip = proxies(siege, 500);
    return {
      messages: scaled(numbers.length),
      next: ({ asked }) =>
        fraudulent(land, numbers[asked % numbers.length] ?? anyNumber(land, land.carriers[0], random), ip()),
      gapSeconds: () => random.exponential(4.3),
    };
  },
  // The attacker's own SIMs enter codes, so that the range looks used.
  seeded: (siege) => {
    const { stage, attack, random, scaled } = siege;
    const [land, lead] = [attack.lands[0], random.pick(carrierIn(attack).leads)];
    const [range, share] = [anyRange(land, lead, random), random.between(0.05, 0.2)];
    const numberAt = (last: number) => digitsOf(land, lead, (range + (last % 3)) % rangesOf(land, lead), last);
    const sims = Array.from({ length: 150 }, () => numberAt(random.below(10_000)));
    const own = new Set(sims.map(({ phone }) => phone));
    const ip = proxies(siege, 500);
    let inserted = 0;
    const sim = () => {
      inserted += 1;
      return sims[inserted % sims.length] ?? numberAt(0);
    };
    return {
      messages: scaled(3000),
      next: () => fraudulent(land, random.happens(share) ? sim() : numberAt(random.below(10_000)), ip()),
      gapSeconds: () => random.exponential(9.6),
      onSent: (attempt) => {
        if (own.has(attempt.phone)) later(stage, random.logNormal(14, 0.6), () => stage.verify(attempt));
      },
    };
  },
  // The attacker owns the SIMs and enters nearly all codes.
  'SIM farm': (siege) => {
    const { stage, attack, random, scaled } = siege;
    const [land, lead] = [attack.lands[0], random.pick(carrierIn(attack).leads)];
    const [range, converts] = [anyRange(land, lead, random), random.between(0.7, 1)];
    const ip = proxies(siege, 50);
    return {
      messages: scaled(2500),
      next: () =>
        fraudulent(
          land,
          digitsOf(land, lead, (range + random.below(4)) % rangesOf(land, lead), random.below(10_000)),
          ip(),
        ),
      gapSeconds: () => random.exponential(7.2),
      onSent: (attempt) => {
        if (random.happens(converts)) later(stage, random.between(4, 25), () => stage.verify(attempt));
      },
    };
  },
  // Four minutes, or until it is refused. Then another range, 40 to 90 minutes later.
  'pause and resume': (siege) => {
    const { stage, attack, random, scaled } = siege;
    const land = attack.lands[0];
    const ip = proxies(siege, 500);
    const fresh = () => {
      const lead = random.pick(random.pick(land.carriers).leads);
      return { lead, range: anyRange(land, lead, random), sinceMs: stage.now() };
    };
    let round = { ...fresh(), sinceMs: attack.startMs };
    return {
      messages: scaled(3600),
      next: () => fraudulent(land, digitsOf(land, round.lead, round.range, random.below(10_000)), ip()),
      gapSeconds: ({ refusedInRow }) => {
        if (refusedInRow < 8 && stage.now() - round.sinceMs < 4 * minuteMs) return random.exponential(1);
        const pauseSeconds = random.between(40, 90) * 60;
        round = { ...fresh(), sinceMs: stage.now() + 1000 * pauseSeconds };
        return pauseSeconds;
      },
    };
  },
  // Moves to the next country after five refusals or 15 minutes.
  'country hopping': (siege) => {
    const { stage, attack, random, scaled } = siege;
    const ip = proxies(siege, 500);
    let [hops, sinceMs] = [0, attack.startMs];
    const land = () => attack.lands[hops % attack.lands.length] ?? attack.lands[0];
    return {
      messages: scaled(5000),
      next: ({ refusedInRow }) => {
        if (refusedInRow >= 5 || stage.now() - sinceMs > 15 * minuteMs) {
          hops += 1;
          sinceMs = stage.now();
        }
        return fraudulent(land(), anyNumber(land(), random.pick(land().carriers), random), ip());
      },
      gapSeconds: ({ refusedInRow }) => random.exponential(Math.min(60, 1.5 * 1.5 ** Math.max(0, refusedInRow - 4))),
    };
  },
  // Hardly any IP twice, a dozen countries, 17 a second.
  botnet: (siege) => {
    const { attack, random, scaled } = siege;
    const ip = rotating(siege, 20_000);
    return {
      messages: scaled(12_000),
      next: () => {
        const land = random.pick(attack.lands);
        return fraudulent(land, anyNumber(land, random.pick(land.carriers), random), ip());
      },
      gapSeconds: () => random.exponential(1 / 17),
    };
  },
  // Proxies on real handsets: the IPs are those of the carriers' subscribers.
  'behind gateways': ({ attack, random, scaled }) => {
    const land = attack.lands[0];
    return {
      messages: scaled(3000),
      next: () => {
        const carrier = random.pick(land.carriers);
        return fraudulent(land, anyNumber(land, carrier, random), gatewayOf(carrier, random));
      },
      gapSeconds: () => random.exponential(0.7),
    };
  },
  // Twenty an hour over eight countries, for two days.
  trickle: (siege) => {
    const { attack, random, scaled } = siege;
    const ip = proxies(siege, 50);
    return {
      messages: scaled(1000),
      next: () => {
        const land = random.pick(attack.lands);
        return fraudulent(land, anyNumber(land, land.carriers[0], random), ip());
      },
      gapSeconds: () => random.exponential(180),
    };
  },
  // Hides in an outage of the carrier, in which few codes are entered anyway.
  'under an outage': (siege) => {
    const { attack, random, scaled } = siege;
    const land = attack.lands[0];
    const ip = proxies(siege, 500);
    return {
      messages: scaled(2000),
      next: () => fraudulent(land, anyNumber(land, carrierIn(attack), random), ip()),
      gapSeconds: () => random.exponential(3),
    };
  },
  // The phones of 200 people, by turns.
  'list bombing': (siege) => {
    const { world, attack, random, scaled } = siege;
    const list = Array.from({ length: 200 }, () => returningPerson(world, attack.lands[0], random));
    const ip = proxies(siege, 500);
    return {
      messages: scaled(9000),
      next: ({ asked }) => victim(list[asked % list.length] ?? returningPerson(world, attack.lands[0], random), ip()),
      gapSeconds: () => random.exponential(1.2),
    };
  },
  // Two guesses at each code of people who have accounts.
  spray: (siege) => {
    const { stage, world, attack, random, scaled } = siege;
    const ip = rotating(siege, 20_000);
    return {
      messages: scaled(3000),
      next: () => victim(returningPerson(world, attack.lands[0], random), ip()),
      gapSeconds: () => random.exponential(6),
      onSent: (attempt) => guess(stage, attack, attempt, 2, random),
    };
  },
  // Forty valuable accounts: one or two guesses at each code, at the hours of the day.
  'slow guesses': (siege) => {
    const { stage, world, attack, random, scaled } = siege;
    const list = Array.from({ length: 40 }, () => returningPerson(world, attack.lands[0], random));
    const ip = proxies(siege, 50);
    return {
      messages: scaled(3800),
      next: ({ asked }) => victim(list[asked % list.length] ?? returningPerson(world, attack.lands[0], random), ip()),
      gapSeconds: () => {
        const isNight = new Date(stage.now() + attack.lands[0].utcOffsetHours * hourMs).getUTCHours() < 7;
        return random.exponential(isNight ? 150 : 34);
      },
      onSent: (attempt) => guess(stage, attack, attempt, 1 + random.below(2), random),
    };
  },
};

const guess = (stage: HoldoutStage, attack: Attack, attempt: Visible, guesses: number, random: Random): void => {
  let seconds = 0;
  for (let made = 0; made < guesses; made += 1) {
    seconds += random.between(3, 20);
    later(stage, seconds, () => stage.guessWrong(attempt, labelOf(attack)));
  }
};

const besiege = (siege: Siege): void => {
  const { stage, attack } = siege;
  const { messages, next, gapSeconds, onSent } = strategies[attack.kind](siege);
  let [asked, refusedInRow] = [0, 0];

  const step = () => {
    if (asked >= messages || stage.now() >= attack.endMs) return;
    const asker = next({ asked, refusedInRow });
    const attempt = stage.ask(asker, labelOf(attack));
    const outcome: Outcome = attempt === undefined ? 'refused' : 'sent';
    asked += 1;
    refusedInRow = outcome === 'refused' ? refusedInRow + 1 : 0;
    if (attempt !== undefined) onSent?.(attempt);
    later(stage, gapSeconds({ asked, refusedInRow }), step);
  };

  stage.at(attack.startMs, step);
};

export const attacksOf = ({ stage, world }: Scene, { attacks }: HoldoutCalendar, volume: number): void => {
  for (const attack of attacks)
    besiege({
      stage,
      world,
      attack,
      random: randomFrom(world.seed, 'attack', attack.id),
      scaled: (whole) => Math.ceil(volume * whole),
    });
};
