import type { Heartbeat } from '../../bursts/heartbeat.ts';
import type { Spent } from '../../otp/limits/caps.ts';
import type { Stop } from '../../otp/limits/stops.ts';
import type { KnownCap } from './known-caps.ts';

/** An answer of AWS, or the reason why there is none. What is not known is never taken for good. */
export type Asked<Fact> =
  | { readonly kind: 'known'; readonly fact: Fact }
  /** @param why for people, such as `KMS DescribeKey did not answer`. */
  | { readonly kind: 'unknown'; readonly why: string };

/** An event source mapping: its id, and its state by the word of Lambda; `undefined` if there is no such mapping. */
export type MappingFact = { readonly id: string; readonly state: string | undefined };

/** A subscription of the topic of alarms. */
export type Receiver = {
  readonly protocol: string;
  /** Undefined for what nobody should read here: a number, and a URL, which may hold a secret. */
  readonly endpoint: string | undefined;
  /** `pending`: its holder has not followed the link yet. */
  readonly state: 'confirmed' | 'pending' | 'deleted';
};

export type AlarmFact = {
  /** Without the name of the stack. */
  readonly name: string;
  readonly state: 'on' | 'off' | 'no-data';
  /** Whether it notifies anybody when it goes off. */
  readonly rings: boolean;
};

/** A key: its name in the architecture, and its state by the word of KMS; `undefined` if there is no such key. */
export type KeyFact = { readonly name: string; readonly arn: string; readonly state: Asked<string | undefined> };

/** A cap, and what is used of it now. */
export type CapUse = KnownCap & { readonly spent: Spent };

export type BlockCounts = { readonly blocks: number; readonly restrictions: number };

export type FindingCounts = {
  readonly open: number;
  readonly high: number;
  readonly critical: number;
  /** Findings that cannot be read. */
  readonly unreadable: number;
};

/** Everything that the status asks. */
export type StatusFacts = {
  readonly mapping: MappingFact;
  readonly heartbeat: Heartbeat;
  /** How far behind the stream the detector was in the last minutes, in milliseconds; undefined if it had nothing to do. */
  readonly iteratorAgeMs: number | undefined;
  readonly receivers: readonly Receiver[];
  readonly alarms: readonly AlarmFact[];
  readonly keys: readonly KeyFact[];
  /** Dead letters, and more of them if `isMore`. */
  readonly letters: { readonly count: number; readonly isMore: boolean };
  readonly caps: readonly CapUse[];
  readonly stops: readonly Stop[];
  readonly blocks: BlockCounts;
  readonly findings: FindingCounts;
};

/** A question for each fact. They are asked side by side, and none waits for another. */
export type StatusPorts = {
  readonly [Name in keyof StatusFacts]: (nowMs: number) => Promise<StatusFacts[Name]>;
};

export type AskedFacts = { readonly [Name in keyof StatusFacts]: Asked<StatusFacts[Name]> };
