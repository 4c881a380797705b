/** Traps that change ordinary traffic and bring no people of their own. */

import { type Address, sharedAddress } from './addresses.ts';
import type { Trap } from './calendar.ts';
import { hourMs, type TrapKind } from './kinds.ts';
import type { Trouble } from './person.ts';
import { holidayFactor, rhythm } from './rhythm.ts';
import { type Caller, type Country, movedTo, type World } from './world.ts';

/** SMS that arrive, and whether codes can be entered. */
const troubles: Readonly<Partial<Record<TrapKind, Trouble>>> = {
  outage: { arrives: 0.12, canEnter: true },
  'outage under attack': { arrives: 0.12, canEnter: true },
  'provider outage': { arrives: 0.3, canEnter: true },
  'code bug': { arrives: 1, canEnter: false },
};

export const troubleOf = (trap: Trap | undefined): Trouble | undefined => trap && troubles[trap.kind];

const disturbing: readonly TrapKind[] = [
  'outage',
  'outage under attack',
  'provider outage',
  'code bug',
  'DST',
  'holiday',
  'gateway merge',
];
/** Traps of all countries at once. */
const everywhere: readonly TrapKind[] = ['provider outage', 'code bug'];

/** Disturbances of a country. */
export const disturbancesIn = (country: Country, traps: readonly Trap[]): readonly Trap[] =>
  traps.filter(({ kind, country: of }) => disturbing.includes(kind) && (of === country || everywhere.includes(kind)));

/** The busiest third of the prefixes belong to one carrier. */
const carrierPrefixes = 8;

const isOn = ({ startMs, endMs }: Trap, atMs: number) => atMs >= startMs && atMs < endMs;

/** After a merge, all subscribers share these IPs of one network. */
const mergedIps = 4;

/** Networks of the gateways of a country. */
const gatewaysOf = (world: World, country: Country): ReadonlySet<string> => {
  const networks = new Set<string>();
  for (let number = 0; number < 200; number += 1)
    networks.add(sharedAddress(world, country, 'gateway', number, 0).network);
  return networks;
};

const mergedNetwork = 100_000;

/** The events that disturb the people of a country. */
export const disturbancesFor = (world: World, country: Country, traps: readonly Trap[]) => {
  const here = disturbancesIn(country, traps);
  const gateways = gatewaysOf(world, country);

  const holdsFor = ({ kind }: Trap, { prefix, network }: Caller): boolean => {
    if (kind === 'outage' || kind === 'outage under attack')
      return country.prefixes.slice(0, carrierPrefixes).includes(prefix);
    return kind !== 'gateway merge' || gateways.has(network);
  };

  const merged = (line: number): Address => {
    const address = sharedAddress(world, country, 'gateway', mergedNetwork, Math.floor(line * mergedIps) / 16);
    return { ...address, verifiers: 0 };
  };

  return {
    /** The trap in which a person is. */
    trapOf: (caller: Caller, atMs: number): Trap | undefined =>
      here.find((trap) => isOn(trap, atMs) && holdsFor(trap, caller)),
    /** Subscribers of a carrier whose gateways were merged come from others than before. */
    movedBy: (trap: Trap | undefined, caller: Caller, line: number): Caller =>
      trap?.kind === 'gateway merge' ? movedTo(merged(line), caller) : caller,
    /** Factor of the mean rate. Summer time moves the local day by an hour. A holiday brings more people. */
    rate: (atMs: number): number => {
      const on = here.filter((trap) => isOn(trap, atMs)).map(({ kind }) => kind);
      const shiftMs = on.includes('DST') ? hourMs : 0;
      return rhythm(atMs + country.utcOffsetHours * hourMs + shiftMs) * (on.includes('holiday') ? holidayFactor : 1);
    },
  };
};
