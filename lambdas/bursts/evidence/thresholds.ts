import { hourMs, minuteMs } from '../../otp/durations.ts';
import type { Level } from '../counts/keys.ts';

/** Thresholds of the detector. They are frozen: docs/evaluation.md says on which traffic they were set and tested. */
const deployed = {
  /**
   * A number that asks again is the same person, until so long after its first SMS that was not approved. An approval
   * counts where its person does for a while, and then by itself.
   */
  person: { againAfterMs: 3 * hourMs, sameUntilMs: 20 * minuteMs },
  /** People within an hour before a range or an IP is acted upon: one person is nobody's attack. */
  minPeople: 3,
  /** The share of the people without an approval who get a second SMS. The share beyond it weighs as so many people more. */
  insisting: 0.4,
  /** Of a prefix, a country or new networks, attackers are at least this share of the people before it is acted upon. */
  attackShare: 0.9,
  /** The share is taken over this many of the latest people whose codes are old enough. */
  lately: 25,
  /** Share of codes that are entered during an attack. */
  attackConversion: 0.05,
  /** Evidence in nats from which on unverified traffic is a burst. Wald: ln(1 / false alarms per decision). */
  burst: 16,
  slow: 16,
  /** The share of an attack in traffic that is slow fraud. */
  slowShare: 1 / 3,
  /** Slow fraud has these people within an hour and within six, with less than this chance; an outage has not. */
  slowMin: { hour: 4, sixHours: 12, chance: 1e-3 },
  /** The evidence that is taken as given after a block; and more after each further one within a day, up to a maximum. */
  again: { first: 9.6, more: 1.6, max: 14.4 },
  /** The same for a range, for each other range of its prefix that was blocked within a day; and the chance below which a request is evidence. */
  siblings: { each: 14.4, max: 14.4, surprise: 2e-4 },
  /** Evidence never exceeds this, or an outage of hours would outlive itself. */
  maxEvidence: 24,
  /** Up to so many restricted parts explain what comes from them. More of them are an attack on the whole. */
  explainedParts: 3,
  /** Chance of this much traffic: below `gate` it may be fraud at all, below `surprise` it is evidence by itself. */
  gate: {
    phone: 1e-3,
    range: 1e-3,
    prefix: 1e-4,
    country: 1e-4,
    ip: 1e-3,
    'new-network': 1e-4,
    codes: 1e-4,
    everywhere: 1e-4,
  },
  surprise: 1e-5,
  /** What a surprising request is worth, by level: narrow keys only, or every launch would be fraud. */
  surpriseWeight: { phone: 0, range: 1, prefix: 0, country: 0, ip: 0.3, 'new-network': 0, codes: 0, everywhere: 0 },
  /** How far the rate may stray from the usual in ten minutes, an hour and six hours: the shape of the Gamma. */
  scatter: [4, 6, 16],
  /** No code at all is entered: this many are pending, the oldest for this long. */
  noConversion: { pending: 40, oldestSeconds: 12 },
  /** Unverified numbers that do verify: this many within an hour, from this many IPs, with less than this chance. */
  convertingUnverified: { unverified: 60, ips: 25, share: 0.3, chance: 1e-12 },
  /** The same within six hours, spread over IPs: as many as all others around the range, or more. Fewer within a day. */
  slowlyConverting: { unverified: 60, ips: 5, perIp: 2, share: 0.3, chance: 1e-6, again: { unverified: 15, ips: 3 } },
  /**
   * Wrong codes per request that people do not correct, and the number and chance from which on they are no mistakes. In
   * a country, a slot of networks counts up to so many times the median of the slots, and so many more.
   */
  wrongCodes: { perRequest: 0.15, min: 40, chance: 1e-9, medians: 2, perSlot: 4 },
  /** Wrong codes for one number. */
  guessing: 12,
  /** Refusals by the limits of one number. */
  bombing: 12,
  /**
   * Restrictions. One is renewed before its end if its probes fail, and at most for so long after the last ruling. A
   * probe has failed if nobody has entered its code so long after its time bucket.
   */
  restriction: {
    ms: 15 * minuteMs,
    renewedBeforeMs: 8 * minuteMs,
    maxMs: 4 * hourMs,
    failedAfterMs: 90_000,
    pressed: { min: 2, timesUsual: 2 },
    /** Of unverified numbers that convert: their probes verify, so that few refusals say enough. */
    ofFarm: { renewedBeforeMs: 10 * minuteMs, pressed: { min: 1, timesUsual: 0 } },
  },
  /** Probes per hour at least, where less traffic is usual. */
  minProbesPerHour: { range: 1, prefix: 5, country: 5, 'new-network': 5, ip: 5, trustedIp: 20 },
  /** Pairs whose codes do not arrive: chance is given this many standard deviations, and so many people. */
  arriving: { deviations: 1, people: 1 },
  /**
   * Missing approvals: the minimum of requests, and the standard deviations in one country and in all together. Days
   * differ by a share of the requests. All countries need a minimum of them, and each counts up to a maximum.
   */
  conversionDrop: { started: 8, evidence: 5, together: 4, daysDiffer: 0.05, minCountries: 3, maxEach: 3 },
} as const satisfies Record<'surpriseWeight' | 'gate', Readonly<Record<Level, number>>> & Record<string, unknown>;

type Widened<Value> = Value extends number ? number : { readonly [Name in keyof Value]: Widened<Value[Name]> };
export type Thresholds = Widened<typeof deployed>;

/** Those that are judged by. To be read whenever something is judged, and never kept: a replay judges by others. */
export let thresholds: Thresholds = deployed;

/**
 * Judges by other thresholds. A replay alone does so: no setting, and no function of the service, can change them.
 *
 * @param act ends before others judge: it is no promise.
 */
export const judgedBy = <Answer>(others: Thresholds, act: () => Answer): Answer => {
  const before = thresholds;
  thresholds = others;
  try {
    return act();
  } finally {
    thresholds = before;
  }
};
