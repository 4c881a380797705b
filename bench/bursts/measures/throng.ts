/** Events of every kind, in the order of time: the input of the test of the counters. */

import type { TrafficEvent, TrafficKind } from '../../../lambdas/bursts/counts/events.ts';
import { queue } from '../play/queue.ts';
import type { Random } from '../play/random.ts';
import { hourMs, minuteMs, startMs } from '../traffic/calendar.ts';

/** Events of a busy service. */
const eventsPerHour = 170_000;
const verificationsPerEvent = 0.4;
const [countries, prefixes, ranges, ips] = [30, 24, 20, 20_000];

/** Requests of back ends whose IP is that of all of their users. */
const sharedIpShare = 0.02;

/** Every half hour an attacker pumps a range: 200 requests whose codes nobody enters. */
const pumping = { everyMs: 30 * minuteMs, requests: 200, gapMs: 300 };

const limits = [
  { reason: 'block', limit: 'block-phone' },
  { reason: 'block', limit: 'block-ip' },
  { reason: 'block', limit: 'block-range' },
  { reason: 'block', limit: 'block-prefix' },
  { reason: 'block', limit: 'block-country' },
  { reason: 'phone', limit: 'cooldown' },
  { reason: 'ip', limit: 'ip' },
  { reason: 'low-volume', limit: 'low-volume' },
] as const;

type Person = Pick<TrafficEvent, 'subject' | 'unverified'>;

const numberText = (value: number, length: number) => String(value).padStart(length, '0');

const rangeOf = (country: number, prefix: number, range: number): string =>
  `+9${numberText(country, 2)}${numberText(prefix, 4)}${numberText(range, 2)}`;

const personIn = (range: string, random: Random, unverified: boolean): Person => ({
  unverified,
  subject: {
    phoneKey: `${range}${numberText(random.below(10_000), 4)}`,
    range,
    prefix: range.slice(0, 8),
    country: range.slice(2, 4),
    ip: `address-${random.below(ips).toString(36)}`,
    network: 'network',
    application: 'app',
    ...(random.happens(sharedIpShare) ? { sharedIp: true } : {}),
  },
});

const anybody = (random: Random): Person =>
  personIn(
    rangeOf(random.below(countries), random.below(prefixes), random.below(ranges)),
    random,
    random.happens(0.45),
  );

/** The nth range that is pumped. Its prefix has no other traffic. */
const pumpedRange = (nth: number): string => rangeOf(nth % countries, 9000 + nth, 0);

export type Throng = {
  readonly events: () => Iterable<TrafficEvent>;
  /** The ranges whose pumping lies wholly within the events. */
  readonly pumped: readonly string[];
};

export const throng = (count: number, randomOf: () => Random): Throng => {
  const lastsMs = (count / eventsPerHour) * hourMs;
  const pumpLastsMs = pumping.requests * pumping.gapMs;
  const pumps = Math.max(0, 1 + Math.floor((lastsMs - pumpLastsMs - minuteMs) / pumping.everyMs));
  return {
    events: () => eventsOf(count, randomOf()),
    pumped: Array.from({ length: pumps }, (_, nth) => pumpedRange(nth)),
  };
};

type More = Pick<TrafficEvent, 'mistyped' | 'risk'>;

/** Makes events, and counts them. */
const eventMaker = (random: Random) => {
  let made = 0;
  return {
    made: () => made,
    make: (kind: TrafficKind, person: Person, atMs: number, startedAtMs: number, more: More = {}): TrafficEvent => {
      made += 1;
      const refusal = kind === 'refused' ? limits[random.below(limits.length)] : {};
      const id = `event-${made}`;
      return { version: 1, id, kind, atMs, startedAtMs, purpose: 'login', ...person, ...refusal, ...more };
    },
  };
};

function* eventsOf(count: number, random: Random): Iterable<TrafficEvent> {
  const coming = queue<(atMs: number) => TrafficEvent | undefined>();
  const gapMs = hourMs / (eventsPerHour * verificationsPerEvent);
  const { make, made } = eventMaker(random);

  const later = (kind: TrafficKind, person: Person, startedAtMs: number, afterMs: number, more: More = {}) =>
    coming.add(startedAtMs + Math.ceil(afterMs), (atMs) => make(kind, person, atMs, startedAtMs, more));

  /** Events that may follow a request, most of them within a minute. */
  const goOn = (person: Person, atMs: number) => {
    const delayMs = random.logNormal(18_000, 0.8);
    if (random.happens(0.01)) return later('unsent', person, atMs, 500);
    if (random.happens(0.01)) later('unconfirmed', person, atMs, 900);
    const mistyped = random.happens(0.1) ? 1 : 0;
    if (mistyped > 0) later('wrong', person, atMs, delayMs * 0.8);
    if (random.happens(0.15)) later('resent', person, atMs, 30_000 + random.below(60_000));
    if (random.happens(0.86)) later('approved', person, atMs, delayMs, { mistyped });
    else if (random.happens(0.1)) later('canceled', person, atMs, delayMs);
    if (random.happens(0.002)) later('at-risk', person, atMs, 90_000, { risk: 'swapped' });
  };

  const arrive = (atMs: number): TrafficEvent => {
    coming.add(Math.ceil(atMs + random.exponential(gapMs)), arrive);
    const person = anybody(random);
    if (random.happens(0.06)) return make('refused', person, atMs, atMs);
    goOn(person, atMs);
    return make('started', person, atMs, atMs);
  };

  const pump =
    (nth: number, left: number) =>
    (atMs: number): TrafficEvent => {
      const isOver = left === 1;
      const nextMs = startMs + minuteMs + (nth + 1) * pumping.everyMs;
      if (isOver) coming.add(nextMs, pump(nth + 1, pumping.requests));
      else coming.add(atMs + pumping.gapMs, pump(nth, left - 1));
      return make('started', personIn(pumpedRange(nth), random, true), atMs, atMs);
    };

  coming.add(startMs, arrive);
  coming.add(startMs + minuteMs, pump(0, pumping.requests));
  while (made() < count) {
    const atMs = coming.nextAt();
    const event = coming.take()?.(atMs);
    if (event !== undefined) yield event;
  }
}
