import type { Level } from '../counts/keys.ts';

/**
 * Thresholds of the detector. They are frozen: docs/evaluation.md says on which traffic they were set, and how they do on
 * traffic that they were not set on.
 */
export const thresholds = {
  /** Share of codes that somebody types in during an attack. */
  attackConversion: 0.05,
  /** Evidence, in nats, from which on unverified traffic is called a burst. Wald: ln(1 / false alarms per decision). */
  burst: 16,
  slow: 16,
  /**
   * Slow fraud goes on: so many requests within an hour and within six, and these are as unlikely as that; after an outage
   * nothing is.
   */
  slowMin: { hour: 4, sixHours: 12, chance: 1e-3 },
  /** What of the burst is taken as given after a block. */
  again: 9.6,
  /**
   * The same for a range, for each other block of its prefix that was blocked within a day; and the chance from
   * which on a request to it is evidence by itself.
   */
  siblings: { each: 14.4, max: 14.4, surprise: 2e-4 },
  /** Evidence never exceeds this, or an outage of hours would outlive itself. */
  maxEvidence: 24,
  /** Chance of so much traffic: from here down it may be fraud at all; from there down it is evidence by itself. */
  gate: { phone: 1e-3, range: 1e-3, prefix: 1e-4, country: 1e-4, ip: 1e-3, codes: 1e-4, everywhere: 1e-4 },
  surprise: 1e-5,
  /** What a surprising request is worth, by level: narrow keys only, or every launch of a product were fraud. */
  surpriseWeight: { phone: 0, range: 1, prefix: 0, country: 0, ip: 0.3, codes: 0, everywhere: 0 },
  /** How far the rate may stray from the usual within ten minutes, an hour, six hours: the shape of the Gamma. */
  scatter: [4, 6, 16],
  /** Nobody at all types a code in: so many are out, the oldest for so long. */
  noConversion: { pending: 40, oldestSeconds: 12 },
  /** Unverified numbers who do type codes in: so many within an hour, from so many IPs, with less than that chance. */
  convertingUnverified: { unverified: 60, ips: 25, share: 0.3, chance: 1e-12 },
  /** Wrong codes per request that people enter and do not put right, and from when on they are no mistakes. */
  wrongCodes: { perRequest: 0.15, min: 40, chance: 1e-9 },
  /**
   * Approvals that are missing: from so many standard deviations on, where at least so many were requested; days differ by
   * that share of the requests. In how many countries at least, and how much one of them may say, where all are looked at.
   */
  conversionDrop: { started: 8, evidence: 5, together: 4, daysDiffer: 0.05, minCountries: 3, maxEach: 3 },
} as const satisfies Record<'surpriseWeight' | 'gate', Readonly<Record<Level, number>>> & Record<string, unknown>;
