/** Times and countries of the traps and attacks of the hold-out. Many of them overlap. */

import { type Random, randomFrom } from '../play/random.ts';
import { dayMs, hourMs } from '../traffic/calendar.ts';
import { type HoldoutWorld, type Land, localMidnightMs, type Role } from './world.ts';

/** A Monday. Summer time begins in Europe on the last day of the longer test. */
export const startMs = Date.UTC(2026, 2, 16);

export const trapKinds = [
  'push message',
  'release day',
  'ticket sale',
  'carrier outage',
  'slow carrier',
  'SIM series',
  'call centre',
  'school day',
  'new range',
  'airport',
  'country launch',
  'one gateway',
  'client bug',
  'viral abroad',
] as const;

export type TrapKind = (typeof trapKinds)[number];

export const attackKinds = [
  'script',
  'ramp',
  'shadow',
  'patchwork',
  'seeded',
  'SIM farm',
  'pause and resume',
  'country hopping',
  'botnet',
  'behind gateways',
  'trickle',
  'under an outage',
  'list bombing',
  'spray',
  'slow guesses',
] as const;

export type AttackKind = (typeof attackKinds)[number];

export type Happening<Kind> = {
  readonly id: string;
  readonly kind: Kind;
  /** Number among its kind, from 0. */
  readonly place: number;
  readonly lands: readonly [Land, ...Land[]];
  readonly startMs: number;
  /** The latest end. Answers to its last messages may come some minutes later. */
  readonly endMs: number;
};

export type Trap = Happening<TrapKind>;
export type Attack = Happening<AttackKind>;

export type HoldoutSize = {
  readonly startsPerDay: number;
  readonly warmUpDays: number;
  readonly testDays: number;
  /** Days of the test without an attack, from 0. The days of attacks are consecutive. */
  readonly quietDays: readonly number[];
  readonly trapsPerKind: number;
  readonly attacksPerKind: number;
  /** Share of the messages of an attack that are asked for. The rate stays, so the attack ends earlier. */
  readonly volume: number;
};

export const week: HoldoutSize = {
  startsPerDay: 40_000,
  warmUpDays: 7,
  testDays: 7,
  quietDays: [0, 6],
  trapsPerKind: 3,
  attacksPerKind: 3,
  volume: 1,
};

export const quickWeek: HoldoutSize = {
  ...week,
  startsPerDay: 8000,
  warmUpDays: 3,
  testDays: 4,
  quietDays: [0],
  trapsPerKind: 2,
  attacksPerKind: 1,
  volume: 0.3,
};

export type HoldoutCalendar = {
  readonly startMs: number;
  readonly testStartMs: number;
  readonly endMs: number;
  readonly traps: readonly Trap[];
  readonly attacks: readonly Attack[];
  /** A quiet day has no attack. Blocks of the day before may be left. */
  readonly isQuiet: (atMs: number) => boolean;
};

type Shape = {
  readonly hours: number;
  /** Possible countries. Most fraud goes where a message costs most, some where it hides best. */
  readonly roles: readonly [Role, ...Role[]];
  readonly lands?: number;
  /** Local hour of its start, if it has one. */
  readonly localHour?: number;
};

const trapShapes: Readonly<Record<TrapKind, Shape>> = {
  'push message': { hours: 2, roles: ['main'], localHour: 18 },
  'release day': { hours: 14, roles: ['main'], localHour: 8 },
  'ticket sale': { hours: 1, roles: ['main'], localHour: 10 },
  'carrier outage': { hours: 2, roles: ['main'], localHour: 17 },
  'slow carrier': { hours: 3, roles: ['main'], localHour: 11 },
  'SIM series': { hours: 1, roles: ['main', 'tail'], localHour: 9 },
  'call centre': { hours: 9, roles: ['main', 'tail'], localHour: 9 },
  'school day': { hours: 2, roles: ['main'], localHour: 8 },
  'new range': { hours: 48, roles: ['main', 'tail'], localHour: 8 },
  airport: { hours: 4, roles: ['main'], localHour: 6 },
  'country launch': { hours: 14, roles: ['unseen'], localHour: 9 },
  'one gateway': { hours: 6, roles: ['main', 'main', 'tail'] },
  'client bug': { hours: 8, roles: ['main'], localHour: 10 },
  'viral abroad': { hours: 2, roles: ['tail'], localHour: 20 },
};

const attackShapes: Readonly<Record<AttackKind, Shape>> = {
  script: { hours: 1, roles: ['main', 'tail', 'tail'] },
  ramp: { hours: 4, roles: ['main', 'tail', 'tail'] },
  shadow: { hours: 40, roles: ['main'] },
  patchwork: { hours: 8, roles: ['main', 'tail'] },
  seeded: { hours: 10, roles: ['main', 'tail', 'tail'] },
  'SIM farm': { hours: 6, roles: ['main', 'tail', 'tail'] },
  'pause and resume': { hours: 14, roles: ['main', 'tail'] },
  'country hopping': { hours: 6, roles: ['tail'], lands: 10 },
  botnet: { hours: 1, roles: ['main', 'tail', 'tail'], lands: 12 },
  'behind gateways': { hours: 1, roles: ['main'] },
  trickle: { hours: 48, roles: ['tail'], lands: 8 },
  'under an outage': { hours: 2, roles: ['main', 'main', 'tail'] },
  'list bombing': { hours: 3, roles: ['main'] },
  spray: { hours: 6, roles: ['main'] },
  'slow guesses': { hours: 48, roles: ['main'] },
};

type Setting = { readonly lands: readonly [Land, ...Land[]]; readonly startMs: number; readonly endMs: number };

const landFor = (world: HoldoutWorld, { roles }: Shape, random: Random): Land => {
  const role = random.pick(roles);
  const ofRole = world.lands.filter((land) => land.role === role);
  const land = ofRole[random.below(ofRole.length)];
  if (land === undefined) throw new Error(`No country is ${role}.`);
  return land;
};

/** A random time that lies wholly between the first and the last moment. */
const timeFor = (land: Land, { hours, localHour }: Shape, firstMs: number, lastMs: number, random: Random) => {
  const lengthMs = hours * hourMs;
  const anyMs = Math.round(random.between(firstMs, lastMs - lengthMs));
  const wantedMs = localHour === undefined ? anyMs : localMidnightMs(land, anyMs) + localHour * hourMs;
  const placedMs = wantedMs < firstMs ? wantedMs + dayMs : wantedMs;
  const startMs = placedMs + lengthMs > lastMs ? placedMs - dayMs : placedMs;
  return { startMs, endMs: startMs + lengthMs };
};

/** Blocks after an attack last some hours. */
const aftermathMs = 12 * hourMs;

const meets = (one: Setting, other: Setting): boolean =>
  one.startMs < other.endMs + aftermathMs &&
  other.startMs < one.endMs + aftermathMs &&
  one.lands.some(({ code }) => other.lands.some((land) => land.code === code));

const maxTries = 60;

/** Two events at once in one country are hard to tell apart. They are avoided if there is room. */
const apartFrom = (planned: readonly Setting[], draw: () => Setting): Setting => {
  let setting = draw();
  for (let tries = 1; tries < maxTries && planned.some((other) => meets(setting, other)); tries += 1) setting = draw();
  return setting;
};

type Window = { readonly firstMs: number; readonly lastMs: number };

const settingFor = (
  world: HoldoutWorld,
  shape: Shape,
  { firstMs, lastMs }: Window,
  planned: readonly Setting[],
  random: Random,
): Setting => {
  const setting = apartFrom(planned, () => {
    const land = landFor(world, shape, random);
    return { lands: [land], ...timeFor(land, shape, firstMs, lastMs, random) };
  });
  const lands = [...setting.lands];
  while (lands.length < (shape.lands ?? 1)) {
    const next = apartFrom([...planned, ...lands.map((land): Setting => ({ ...setting, lands: [land] }))], () => ({
      ...setting,
      lands: [landFor(world, shape, random)],
    }));
    if (!lands.includes(next.lands[0])) lands.push(next.lands[0]);
  }
  const [first, ...others] = lands;
  return { ...setting, lands: [first ?? setting.lands[0], ...others] };
};

export const holdoutCalendarOf = (world: HoldoutWorld, size: HoldoutSize): HoldoutCalendar => {
  const testStartMs = startMs + size.warmUpDays * dayMs;
  const endMs = testStartMs + size.testDays * dayMs;
  const attackDays = Array.from({ length: size.testDays }, (_, day) => day).filter(
    (day) => !size.quietDays.includes(day),
  );
  const planned: Setting[] = [];
  const random = randomFrom(world.seed, 'calendar');

  const plan = <Kind extends string>(
    kinds: readonly Kind[],
    shapes: Readonly<Record<Kind, Shape>>,
    count: number,
    window: Window,
  ): readonly Happening<Kind>[] =>
    kinds.flatMap((kind) =>
      Array.from({ length: count }, (_, place) => {
        const setting = settingFor(world, shapes[kind], window, planned, random);
        planned.push(setting);
        return { ...setting, id: `${kind} ${place + 1}`, kind, place };
      }),
    );

  const traps = plan(trapKinds, trapShapes, size.trapsPerKind, { firstMs: testStartMs, lastMs: endMs });
  const attacks = plan(attackKinds, attackShapes, size.attacksPerKind, {
    firstMs: testStartMs + Math.min(...attackDays) * dayMs,
    lastMs: testStartMs + (Math.max(...attackDays) + 1) * dayMs,
  });
  const covers = attacks
    .filter(({ kind }) => kind === 'under an outage')
    .map(({ lands, place, startMs, endMs }): Trap => {
      const id = `cover ${place + 1}`;
      return { id, kind: 'carrier outage', place, lands, startMs, endMs };
    });
  return {
    startMs,
    testStartMs,
    endMs,
    traps: [...traps, ...covers],
    attacks,
    isQuiet: (atMs) => size.quietDays.includes(Math.floor((atMs - testStartMs) / dayMs)),
  };
};

/** The carrier that it happens to, of its first country. */
export const carrierIn = <Kind>({ lands: [land], place }: Happening<Kind>) =>
  land.carriers[place % land.carriers.length] ?? land.carriers[0];
