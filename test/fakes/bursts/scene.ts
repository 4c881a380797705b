import type { TrafficEvent, TrafficKind } from '../../../lambdas/bursts/counts/events.ts';
import { detectBursts } from '../../../lambdas/bursts/detect.ts';
import type { Ruling } from '../../../lambdas/bursts/judge/ruling.ts';
import type { ReviewSettings } from '../../../lambdas/bursts/review.ts';
import type { BurstPolicy } from '../../../lambdas/policy.ts';
import { defaultBursts } from '../../../lib/settings/schema/bursts.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import { sampleDeployment } from './deployment.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
/** A Monday, midnight UTC. */
export const mondayMs = Date.UTC(2026, 0, 5);

export type Sender = {
  readonly phone: string;
  readonly ip?: string;
  readonly country?: string;
  readonly application?: string;
  readonly sharedIp?: true;
};

let lastId = 0;

/** An event as the stream would show it, except that its keyed hash holds the number. */
export const event = (
  kind: TrafficKind,
  { phone, ip = `a-${phone}`, country = 'GB', application = 'app', sharedIp }: Sender,
  atMs: number,
  more: Partial<TrafficEvent> = {},
): TrafficEvent => {
  lastId += 1;
  return {
    version: 1,
    id: `event-${lastId}`,
    kind,
    atMs,
    startedAtMs: atMs,
    subject: {
      phoneKey: `key of ${phone}`,
      range: phone.slice(0, -4),
      prefix: phone.slice(0, 7),
      country,
      ip,
      network: ip,
      application,
      ...(sharedIp ? { sharedIp } : {}),
    },
    purpose: 'login',
    unverified: true,
    ...more,
  };
};

/** A detector on a clock of the test. */
export const scene = ({ bursts = {} }: { bursts?: Partial<BurstPolicy> } = {}) => {
  const store = memoryBursts();
  let nowMs = mondayMs;
  const rulings: Ruling[] = [];
  const settings: ReviewSettings = {
    bursts: { ...defaultBursts, coldStartHours: 0, ...bursts },
    priceUsd: () => 0.05,
    callPriceUsd: () => 0.013,
    hourCapUsd: () => Number.POSITIVE_INFINITY,
    countries: ['GB'],
    deployment: sampleDeployment,
  };
  const ports = { now: () => nowMs, store, launches: store.launches.read, notify: async () => {} };
  const detectNow = detectBursts(ports, settings);
  const detect = async (events: readonly TrafficEvent[]): Promise<readonly Ruling[]> => {
    const committed = await detectNow(events);
    rulings.push(...committed);
    return committed;
  };
  return {
    store,
    settings,
    /** All rulings that were committed. */
    rulings,
    now: () => nowMs,
    wait: (ms: number) => {
      nowMs += ms;
    },
    /** Lets events happen now, or at their own time, and the detector see them. */
    happen: (events: readonly TrafficEvent[]) => detect(events),
    send: (sender: Sender, more: Partial<TrafficEvent> = {}) => detect([event('started', sender, nowMs, more)]),
    /** A person requests a code and enters it 20 seconds later, while the clock stands. */
    verify: async (sender: Sender, startedAtMs = nowMs - 20_000) => {
      const started = await detect([event('started', sender, startedAtMs)]);
      const approved = await detect([event('approved', sender, startedAtMs + 20_000, { startedAtMs })]);
      return [...started, ...approved];
    },
  };
};

export type Scene = ReturnType<typeof scene>;

export const digits = (value: number, length: number): string => String(value).padStart(length, '0');

/** Days of ordinary traffic in one country, over its prefixes and ranges. Most codes are entered. */
export const ordinary = async (stage: Scene, { days = 3, perHour = 24, conversion = 0.85 } = {}): Promise<Ruling[]> => {
  const rulings: Ruling[] = [];
  for (let index = 0; index < days * 24 * perHour; index += 1) {
    const phone = `+4477${digits((index * 7919) % 1_000_000, 6)}${digits(index % 100, 2)}`;
    const isTyped = (index * 37) % 100 < conversion * 100;
    rulings.push(...(isTyped ? await stage.verify({ phone }) : await stage.send({ phone })));
    stage.wait(hourMs / perHour);
  }
  return rulings;
};
