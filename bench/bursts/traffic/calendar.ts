/** Times and countries of the traps, which must not be blocked, and of the attacks. */

import { type Random, randomFrom } from '../play/random.ts';
import { dayMs, type Family, families, hourMs, type TrapKind, trapKinds } from './kinds.ts';
import { attackHours, type Size, trapHours } from './sizes.ts';
import type { Country, World } from './world.ts';

export {
  dayMs,
  type Family,
  families,
  hourMs,
  minuteMs,
  type TrapKind,
  trapKinds,
} from './kinds.ts';
export { fortnight, quick, type Size } from './sizes.ts';

/** A Monday, 00:00 UTC. */
export const startMs = Date.UTC(2026, 0, 5);

export type Trap = {
  readonly kind: TrapKind;
  readonly country: Country;
  readonly startMs: number;
  readonly endMs: number;
};

export type Attack = {
  readonly id: string;
  readonly family: Family;
  readonly countries: readonly [Country, ...Country[]];
  readonly startMs: number;
  /** The latest end. */
  readonly endMs: number;
};

export type Calendar = {
  readonly startMs: number;
  readonly testStartMs: number;
  readonly endMs: number;
  readonly traps: readonly Trap[];
  readonly attacks: readonly Attack[];
  readonly isCleanDay: (atMs: number) => boolean;
};

type Window = { readonly startMs: number; readonly endMs: number };

/** The times between clean days. */
const attackWindows = ({ testDays, cleanDays }: Size, testStartMs: number): readonly Window[] => {
  const edges = [-1, ...cleanDays, testDays];
  return edges.slice(1).flatMap((edge, index) => {
    const first = (edges[index] ?? -1) + 1;
    return edge > first ? [{ startMs: testStartMs + first * dayMs, endMs: testStartMs + edge * dayMs }] : [];
  });
};

const placedIn = (windows: readonly Window[], hours: number, random: Random): number => {
  const durationMs = Math.round(hours * hourMs);
  const [first, ...others] = windows.filter((window) => window.endMs - window.startMs >= durationMs);
  if (first === undefined) throw new Error(`No time between clean days is ${hours} hours long.`);
  const window = random.pick([first, ...others]);
  return Math.floor(random.between(window.startMs, window.endMs - durationMs));
};

/** Traps have countries without attacks, so that each measure says one thing. Attacks go where SMS cost most. */
type Places = {
  readonly calm: readonly Country[];
  readonly exposed: readonly Country[];
  readonly tail: readonly Country[];
};

const calmCountries = 6;

const placesOf = (world: World, random: Random): Places => {
  const main = random.shuffled(world.main);
  return { calm: main.slice(0, calmCountries), exposed: main.slice(calmCountries), tail: random.shuffled(world.tail) };
};

const dealer = <Value>(values: readonly Value[]) => {
  let dealt = -1;
  return (): Value => {
    dealt += 1;
    const value = values[dealt % values.length];
    if (value === undefined) throw new Error('There is nothing to deal.');
    return value;
  };
};

/** Local hours at which campaigns start. */
const [firstHour, lastHour] = [9, 18];

const trapAt = (kind: TrapKind, country: Country, fromMs: number): Trap => ({
  kind,
  country,
  startMs: fromMs,
  endMs: Math.round(fromMs + trapHours[kind] * hourMs),
});

/** Half of the traps fall on clean days. */
const trapsOf = (world: World, size: Size, places: Places, testStartMs: number, random: Random): readonly Trap[] => {
  const days = Array.from({ length: size.testDays }, (_, day) => day);
  const [clean, attacked] = [size.cleanDays, days.filter((day) => !size.cleanDays.includes(day))].map((some) =>
    dealer(random.shuffled(some)),
  );
  const [calm, unseen] = [dealer(places.calm), dealer(world.unseen)];
  const kinds = trapKinds.flatMap((kind) => new Array<TrapKind>(size.traps[kind] ?? 0).fill(kind));
  return kinds.map((kind, index) => {
    const country = kind === 'launch' ? unseen() : calm();
    const day = (index % 2 === 0 ? clean : attacked)?.() ?? 0;
    const localHour = trapHours[kind] === 24 ? 0 : random.between(firstHour, lastHour);
    const atMs = Math.floor(testStartMs + day * dayMs + (localHour - country.utcOffsetHours) * hourMs);
    return trapAt(kind, country, Math.max(testStartMs, atMs));
  });
};

const countriesTaken: Readonly<Partial<Record<Family, number>>> = {
  A3: 2,
  A5: 8,
  'A10 spray': 4,
  A11: 2,
  A16: 3,
  A19: 4,
  A20: 12,
};
/** Families that attack countries with much legitimate traffic. */
const attacksMain: readonly Family[] = ['A12', 'A13', 'A19', 'A21'];
const trickleCountries = 30;

/** Every fifth victim is a main country. The list is so long that hardly any country comes twice. */
const mixedVictims = ({ exposed, tail }: Places): readonly Country[] => {
  const [main, other] = [dealer(exposed), dealer(tail)];
  const mains = Math.floor(tail.length / 4);
  return Array.from({ length: tail.length + mains }, (_, index) => (index % 5 === 4 ? main() : other()));
};

/** 100,000 consecutive numbers need a prefix that has as many. */
const hasRoom = (country: Country) => country.nationalDigits >= 9;

/** Countries of the families that attack nearly all. */
const everyCountry = (family: Family, { tail, exposed }: Places): readonly Country[] | undefined => {
  if (family === 'A9') return tail.slice(0, trickleCountries);
  return family === 'A18' ? [...exposed, ...tail] : undefined;
};

const attacksOf = (size: Size, places: Places, testStartMs: number, random: Random): readonly Attack[] => {
  const windows = attackWindows(size, testStartMs);
  const [main, mixed] = [dealer(places.exposed), dealer(mixedVictims(places).filter(hasRoom))];
  return families.flatMap((family) =>
    Array.from({ length: size.attacks[family] }, (_, index): Attack => {
      const victim = attacksMain.includes(family) ? main : mixed;
      const many = countriesTaken[family] ?? 1;
      const [first = victim(), ...rest] = everyCountry(family, places) ?? Array.from({ length: many }, () => victim());
      const atMs = placedIn(windows, attackHours[family], random);
      return {
        id: `${family} (${index + 1})`,
        family,
        countries: [first, ...rest],
        startMs: atMs,
        endMs: Math.round(atMs + attackHours[family] * hourMs),
      };
    }),
  );
};

/** Hours from the start of the attack to the trap in which it hides. */
const hiddenAfterHours = 5;

/** A13 hides in a spike and in an outage, by turns. */
const coversOf = (attacks: readonly Attack[]): readonly Trap[] =>
  attacks
    .filter(({ family }) => family === 'A13')
    .map(({ countries, startMs: fromMs }, index) =>
      trapAt(
        index % 2 === 0 ? 'spike under attack' : 'outage under attack',
        countries[0],
        fromMs + hiddenAfterHours * hourMs,
      ),
    );

export const calendarOf = (world: World, size: Size): Calendar => {
  const random = randomFrom(world.seed, 'calendar');
  const testStartMs = startMs + size.warmUpDays * dayMs;
  const endMs = testStartMs + size.testDays * dayMs;
  const places = placesOf(world, random);
  const attacks = attacksOf(size, places, testStartMs, random);
  const traps = [...trapsOf(world, size, places, testStartMs, random), ...coversOf(attacks)];
  return {
    startMs,
    testStartMs,
    endMs,
    traps,
    attacks,
    isCleanDay: (atMs) => size.cleanDays.includes(Math.floor((atMs - testStartMs) / dayMs)),
  };
};
