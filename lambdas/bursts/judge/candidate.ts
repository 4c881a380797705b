import type { Key } from '../counts/keys.ts';
import type { Assessment, KeyState } from '../evidence/assess.ts';
import type { LastBlock, LastNotified, NamedLaunch } from './ruling.ts';

/** A key with all that is known when it is judged. */
export type Candidate = {
  readonly key: Key;
  readonly country: string;
  /** Of a range. */
  readonly prefix: Key | undefined;
  readonly state: KeyState;
  readonly assessment: Assessment;
  /** In a launch: which one, and the evidence without it. */
  readonly spared: { readonly launch: NamedLaunch; readonly assessment: Assessment } | undefined;
  /** People per hour by the key's own past, whatever happens around it now. */
  readonly usualPerHour: number;
  /** Of an IP: whether it is trusted. */
  readonly isTrustedIp: boolean;
  readonly lastBlock: LastBlock | undefined;
  readonly lastNotified: LastNotified | undefined;
  /** Of one SMS, in USD. */
  readonly priceUsd: number;
  readonly callPriceUsd: number;
  /** The pace from which on its finding is critical, in USD per hour. */
  readonly criticalUsdPerHour: number;
  readonly hourCapUsd: number;
  readonly runningHours: number;
};
