/** Legitimate crowds and troubles of carriers that look like attacks. */

import { type Random, randomFrom } from '../play/random.ts';
import { hourMs } from '../traffic/calendar.ts';
import { carrierIn, type HoldoutCalendar, type Trap, type TrapKind } from './calendar.ts';
import { apps, type Newcomers, poisson, ratePerHour, somebody } from './traffic.ts';
import { type Health, type HealthOf, type Scene, type Visit, visit } from './visit.ts';
import {
  carrierBy,
  digitsOf,
  gatewayOf,
  type HoldoutWorld,
  type Land,
  type Person,
  personOf,
  rangesOf,
} from './world.ts';

const calm: Health = { arrives: 1, slowness: 1 };

/** Troubles of one carrier. The other carriers of the country have none. */
const troubles: Partial<Record<TrapKind, (random: Random) => Omit<Health, 'trap'>>> = {
  'carrier outage': (random) => ({ arrives: random.between(0.03, 0.2), slowness: 2 }),
  'slow carrier': (random) => ({ arrives: 0.95, slowness: random.between(8, 25) }),
};

export const healthIn = (world: HoldoutWorld, { traps }: HoldoutCalendar): HealthOf => {
  const ill = traps.flatMap((trap) => {
    const trouble = troubles[trap.kind]?.(randomFrom(world.seed, 'trouble', trap.id));
    return trouble === undefined
      ? []
      : [{ trap, carrier: carrierIn(trap).name, health: { ...trouble, trap: trap.kind } }];
  });
  return ({ carrier }, atMs) =>
    ill.find(({ trap, carrier: name }) => name === carrier.name && atMs >= trap.startMs && atMs < trap.endMs)?.health ??
    calm;
};

type Guest = Omit<Visit, 'random' | 'trap' | 'application'> & { readonly application?: string };

type Crowd = {
  readonly count: number;
  /** When a person comes, as a part of the trap's time: 0 to 1. */
  readonly when: (random: Random, index: number) => number;
  readonly who: (random: Random, index: number) => Guest;
};

/** Draws of a person until one is of the carrier. */
const maxTries = 30;

type Plan = (scene: Scene, newcomers: Newcomers, trap: Trap, random: Random) => Crowd;

/** Most at the start, then fewer and fewer. */
const fading = (part: number) => (random: Random) => Math.min(0.999, random.exponential(part));
const evenly = (random: Random) => random.unit();

const visitsPerDay = ({ world }: Scene, { share }: Land) => world.startsPerDay * share;

/** Consecutive numbers, as a company gets them with its contract. */
const inSeries = (land: Land, trap: Trap, random: Random, start: { lead: string; range: number; last: number }) => {
  const carrier = carrierIn(trap);
  return (index: number): Person => {
    const last = start.last + index;
    const range = (start.range + Math.floor(last / 10_000)) % rangesOf(land, start.lead);
    return {
      ...digitsOf(land, start.lead, range, last % 10_000),
      land,
      carrier,
      index: random.below(1_000_000),
      verifiedBefore: false,
    };
  };
};

const plans: Readonly<Record<Exclude<TrapKind, 'carrier outage' | 'slow carrier' | 'client bug'>, Plan>> = {
  // "Your statement is there": many people open the app at once, and many do not go on.
  'push message': (scene, newcomers, { lands: [land] }, random) => ({
    count: Math.round(visitsPerDay(scene, land) * random.between(0.1, 0.3)),
    when: fading(0.15),
    who: (one) => ({ person: somebody(scene, newcomers, land, 0.95, one), resolve: 0.72, application: 'bank' }),
  }),
  // A new version of the app signs everybody out.
  'release day': (scene, newcomers, { lands: [land] }, random) => ({
    count: Math.round(visitsPerDay(scene, land) * random.between(1, 2.2)),
    when: fading(0.3),
    who: (one) => ({ person: somebody(scene, newcomers, land, 0.88, one), resolve: 0.97, application: 'games' }),
  }),
  // All people come at ten o'clock.
  'ticket sale': (scene, newcomers, { lands: [land] }, random) => ({
    count: Math.round(visitsPerDay(scene, land) * random.between(0.15, 0.4)),
    when: fading(0.04),
    who: (one) => ({ person: somebody(scene, newcomers, land, 0.4, one), resolve: 0.9, application: 'games' }),
  }),
  // An administrator hands out phones.
  'SIM series': (_scene, _newcomers, trap, random) => {
    const [land, lead] = [trap.lands[0], random.pick(carrierIn(trap).leads)];
    const start = { lead, range: random.below(rangesOf(land, lead)), last: random.below(10_000) };
    const person = inSeries(land, trap, random, start);
    const count = random.pick([60, 140, 250]);
    return {
      count,
      when: (one, index) => Math.min(0.999, (index + one.unit()) / count),
      who: (_one, index) => ({ person: person(index), ip: `${trap.id} desk`, resolve: 1.15, application: 'bank' }),
    };
  },
  // Agents open accounts for people who call. All agents share one IP.
  'call centre': (scene, newcomers, trap, random) => ({
    count: Math.round(9 * random.between(25, 60)),
    when: evenly,
    who: (one) => ({
      person: somebody(scene, newcomers, trap.lands[0], 0.1, one),
      ip: `${trap.id} hall`,
      resolve: 0.92,
    }),
  }),
  // Parents of one town, many with neighboring numbers, on the network of the school or at home.
  'school day': ({ world }, newcomers, trap, random) => {
    const land = trap.lands[0];
    const ranges = Array.from({ length: 6 }, () => {
      const lead = random.pick(carrierBy(land, random.unit()).leads);
      return { lead, place: random.below(rangesOf(land, lead)) };
    });
    return {
      count: Math.round(random.between(250, 500)),
      when: fading(0.25),
      who: (one) => {
        const parent = personOf(world, land, newcomers.next(land), false);
        const range = one.happens(0.55) ? ranges[one.below(ranges.length)] : undefined;
        const local = range === undefined ? {} : digitsOf(land, range.lead, range.place, one.below(10_000));
        const ip = one.happens(0.5) ? { ip: `${trap.id} network` } : {};
        return { person: { ...parent, ...local }, ...ip, resolve: 0.98 };
      },
    };
  },
  // A carrier sells SIMs of an unseen range, and the buyers sign up.
  'new range': (_scene, newcomers, trap, random) => {
    const [land, carrier] = [trap.lands[0], carrierIn(trap)];
    const lead = random.pick(carrier.leads);
    const first = random.below(rangesOf(land, lead));
    return {
      count: Math.round(random.between(150, 350)),
      when: evenly,
      who: (one) => {
        const digits = digitsOf(land, lead, (first + one.below(3)) % rangesOf(land, lead), one.below(10_000));
        const person = { ...digits, land, carrier, index: newcomers.next(land), verifiedBefore: false };
        return { person, ip: gatewayOf(carrier, one), resolve: 0.9 };
      },
    };
  },
  // Travelers of many countries behind one IP.
  airport: (scene, newcomers, trap, random) => ({
    count: Math.round(random.between(80, 180)),
    when: evenly,
    who: (one) => {
      const served = scene.world.lands.filter(({ share }) => share > 0);
      const land = one.happens(0.4) ? trap.lands[0] : (served[one.below(served.length)] ?? trap.lands[0]);
      return { person: somebody(scene, newcomers, land, 0.6, one), ip: `${trap.id} wireless`, resolve: 0.93 };
    },
  }),
  'country launch': (scene, newcomers, { lands: [land] }, random) => ({
    count: Math.round(scene.world.startsPerDay * random.between(0.03, 0.08)),
    when: fading(0.4),
    who: (one) => ({ person: personOf(scene.world, land, newcomers.next(land), false), resolve: one.between(0.85, 1) }),
  }),
  // A carrier reroutes its network: subscribers come from two more IPs.
  'one gateway': (scene, newcomers, trap) => ({
    count: Math.round((visitsPerDay(scene, trap.lands[0]) / 24) * 6 * 0.5) + 20,
    when: evenly,
    who: (one) => {
      let person = somebody(scene, newcomers, trap.lands[0], 0.55, one);
      for (let tries = 0; tries < maxTries && person.carrier !== carrierIn(trap); tries += 1)
        person = somebody(scene, newcomers, trap.lands[0], 0.55, one);
      return { person, ip: `${trap.id} exit ${one.below(2)}` };
    },
  }),
  // A video brings people of a country that hardly uses the app. Fewer of them enter the code.
  'viral abroad': (scene, newcomers, { lands: [land] }, random) => ({
    count: Math.round(random.between(300, 900)),
    when: fading(0.3),
    who: () => ({
      person: personOf(scene.world, land, newcomers.next(land), false),
      resolve: 0.8,
      application: 'games',
    }),
  }),
};

/** A faulty version of the app requests several codes per visit. */
const clientBug: Plan = (scene, newcomers, { lands: [land], startMs }, random) => ({
  count: Math.max(20, poisson(8 * ratePerHour(scene.world.startsPerDay, land, startMs + 4 * hourMs) * 0.25, random)),
  when: evenly,
  who: (one) => ({
    person: somebody(scene, newcomers, land, 0.8, one),
    echoes: 1 + one.below(5),
    application: 'meals',
  }),
});

const planFor = (kind: TrapKind): Plan | undefined => {
  if (kind === 'client bug') return clientBug;
  // These two bring no people of their own.
  if (kind === 'carrier outage' || kind === 'slow carrier') return undefined;
  return plans[kind];
};

export const crowdsOf = (scene: Scene, newcomers: Newcomers, { traps }: HoldoutCalendar): void => {
  const { stage, world } = scene;
  for (const trap of traps) {
    const random = randomFrom(world.seed, 'trap', trap.id);
    const crowd = planFor(trap.kind)?.(scene, newcomers, trap, random);
    if (crowd === undefined) continue;
    for (let index = 0; index < crowd.count; index += 1) {
      const one = randomFrom(world.seed, 'guest', trap.id, index);
      const atMs = trap.startMs + Math.floor(crowd.when(one, index) * (trap.endMs - trap.startMs));
      stage.at(atMs, () => {
        const guest = crowd.who(one, index);
        const application = guest.application ?? apps[one.below(apps.length)]?.name ?? '';
        visit(scene, { ...guest, application, random: one, trap: trap.kind });
      });
    }
  }
};
