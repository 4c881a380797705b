import type { CapPlace, Spent } from '../../otp/limits/caps.ts';
import type { SpendCaps } from '../../policy.ts';

/** An answer of AWS, or the reason why there is none. What is not known is never taken for good. */
export type Asked<Fact> =
  | { readonly kind: 'known'; readonly fact: Fact }
  /** @param why for people, such as `KMS DescribeKey did not answer`. */
  | { readonly kind: 'unknown'; readonly why: string };

/** An event source mapping: its id, and its state by the word of Lambda; `undefined` if there is no such mapping. */
export type MappingFact = { readonly id: string; readonly state: string | undefined };

/** What the detector says of itself. */
export type DetectorFact = {
  /** The last sweep; `undefined` before the first. */
  readonly sweptMs: number | undefined;
  /** The worst batch of about a minute: when it ended, and how long after the change of its oldest record. */
  readonly lastBatch: { readonly atMs: number; readonly latenessMs: number } | undefined;
};

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

/** A key: its name in the architecture, and its state by the word of KMS; `undefined` if it is deleted. */
export type KeyFact = { readonly name: string; readonly arn: string; readonly state: string | undefined };

/** What staff have stopped, and since when. */
export type StopFact = {
  readonly what:
    | { readonly kind: 'all' }
    | { readonly kind: 'application'; readonly application: string }
    | { readonly kind: 'country'; readonly country: string };
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
  /** The item of the stops cannot be read as one, so that nothing is sent. */
  readonly isUnreadable?: true;
};

/** A cap, and what is used of it now. */
export type CapUse = {
  readonly place: CapPlace;
  readonly caps: SpendCaps;
  /** The cheapest SMS that counts against it, in micro-USD. */
  readonly priceMicroUsd: number;
  readonly spent: Spent;
};

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
  readonly detector: DetectorFact;
  /** How far behind the stream the detector was in the last minutes, in milliseconds; undefined if it had nothing to do. */
  readonly iteratorAgeMs: number | undefined;
  readonly receivers: readonly Receiver[];
  readonly alarms: readonly AlarmFact[];
  readonly keys: readonly KeyFact[];
  /** Dead letters; more than `atLeast` of them if `isMore`. */
  readonly letters: { readonly count: number; readonly isMore: boolean };
  readonly caps: readonly CapUse[];
  readonly stops: readonly StopFact[];
  readonly blocks: BlockCounts;
  readonly findings: FindingCounts;
};

/** A question for each fact. They are asked side by side, and none waits for another. */
export type StatusPorts = {
  readonly [Name in keyof StatusFacts]: (nowMs: number) => Promise<StatusFacts[Name]>;
};

export type AskedFacts = { readonly [Name in keyof StatusFacts]: Asked<StatusFacts[Name]> };
