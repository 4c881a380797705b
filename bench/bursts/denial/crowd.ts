/** The people of a target, and where they are. */

import type { Usual } from '../contenders/contender.ts';
import { type Random, randomFrom } from '../play/random.ts';
import { type Address, ipName, sharedAddress } from '../traffic/addresses.ts';
import { customerOf, peopleOf, personOf } from '../traffic/people.ts';
import { type Caller, type Country, movedTo, prefixAt, subscriberDigits, type World } from '../traffic/world.ts';
import type { Aim, Standing } from './plan.ts';

export type Target = {
  readonly country: Country;
  readonly range: string;
  readonly prefix: string;
  /** IPs of the office or the gateway. */
  readonly addresses: readonly [Address, ...Address[]];
  /** People of the target that come beside the ordinary traffic, per hour. */
  readonly perHour: number;
  /** Draws one of them. */
  readonly person: (random: Random) => Caller;
  /** Whether one of the ordinary people is of the target. */
  readonly has: (caller: Caller) => boolean;
  /** The usual rates beside the ordinary traffic. */
  readonly usual: readonly Usual[];
};

export const standingOf = ({ verifiedBefore, verifiedFrom, network }: Caller): Standing => {
  if (!verifiedBefore) return 'new';
  return verifiedFrom.includes(network) ? 'pair' : 'trusted elsewhere';
};

const rates: Readonly<Record<Aim, number>> = {
  number: 0,
  office: 10,
  gateway: 60,
  range: 6,
  prefix: 0,
  country: 0,
  'launch day': 500,
};

const insideIps = { office: 2, gateway: 16 } as const;
/** Staff of an office sign in again and again. */
const returning = { office: 0.85, usual: 0.55 };
/** Subscribers who verified from their carrier's network before, of those who verified at all. */
const knownAtGateway = 0.8;
const staff = 100;
const busyIp = 50;

const addressesOf = (world: World, country: Country, aim: Aim): Target['addresses'] => {
  const kind = aim === 'office' ? 'office' : 'gateway';
  const verifiers = world.behindDays === 0 ? 0 : busyIp;
  const at = (line: number): Address => {
    const address = sharedAddress(world, country, kind, 5000 + (world.seed % 100), line / insideIps[kind]);
    return { ...address, verifiers };
  };
  return [at(0), ...Array.from({ length: insideIps[kind] - 1 }, (_, index) => at(index + 1))];
};

const inRange = (caller: Caller, range: string, index: number): Caller => ({
  ...caller,
  phone: range + String(index % 10_000).padStart(4, '0'),
  range,
  prefix: range.slice(0, caller.prefix.length),
});

/** Someone behind the target's IPs. */
const insiderOf = (world: World, country: Country, aim: Aim, addresses: Target['addresses']) => (random: Random) => {
  const isReturning = random.happens(aim === 'office' ? returning.office : returning.usual);
  const index = isReturning ? random.below(staff * (aim === 'office' ? 1 : 50)) : random.below(2 ** 31);
  const person = personOf(world, country, index, isReturning);
  const address = random.pick(addresses);
  const knows = random.happens(aim === 'office' ? 1 : knownAtGateway);
  const verifiedFrom = person.verifiedBefore ? [knows ? address.network : 'elsewhere'] : [];
  return movedTo(address, { ...person, verifiedFrom });
};

const even = Array.from({ length: 24 }, () => 1);

/** A target, the same for the same seed. */
export const targetOf = (world: World, aim: Aim): Target => {
  const random = randomFrom(world.seed, 'denial', aim);
  const [first] = world.unseen;
  const anyCountry = world.main[random.below(world.main.length)];
  const country = aim === 'launch day' ? first : anyCountry;
  if (country === undefined) throw new Error('The world has no country.');
  const prefix = prefixAt(country, 0);
  const range =
    prefix + String(random.below(10 ** (subscriberDigits(country) - 4))).padStart(subscriberDigits(country) - 4, '0');
  const addresses = addressesOf(world, country, aim);
  const anyone = peopleOf(world, country, randomFrom(world.seed, 'denial people', aim));
  const people: Readonly<Record<Aim, (random: Random) => Caller>> = {
    number: (draw) => customerOf(world, country, draw),
    office: insiderOf(world, country, aim, addresses),
    gateway: insiderOf(world, country, aim, addresses),
    range: (draw) => inRange(anyone(returning.usual), range, draw.below(2 ** 20)),
    prefix: () => anyone(returning.usual),
    country: () => anyone(returning.usual),
    'launch day': () => anyone(0),
  };
  const of = { hours: even, conversion: country.conversion };
  const inside = aim === 'office' || aim === 'gateway';
  return {
    country,
    range,
    prefix,
    addresses,
    perHour: rates[aim],
    person: people[aim],
    has: (caller) => aim === 'country' || (aim === 'prefix' && caller.prefix === prefix),
    usual: [
      ...(aim === 'range' ? [{ ...of, level: 'range' as const, of: range, perHour: rates.range }] : []),
      ...(inside
        ? addresses.map(({ ip }) => ({ ...of, level: 'ip' as const, of: ip, perHour: rates[aim] / addresses.length }))
        : []),
    ],
  };
};

/** A network that none of the number's own people uses. */
export const strangeAddress = (random: Random): Address => {
  const number = random.below(2 ** 31);
  return { ip: ipName(number, 'a', 1), network: ipName(number, 'n', 1), verifiers: 0 };
};
