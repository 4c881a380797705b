import type { TrafficEvent } from './counts/events.ts';
import type { History } from './counts/history.ts';
import type { Key } from './counts/keys.ts';
import type { KeyState } from './evidence/assess.ts';
import type { AnnouncedLaunch } from './evidence/launches.ts';
import type { BlockedPart } from './evidence/parts.ts';
import type { Decision, Outcome, RulingFacts } from './findings/decision.ts';
import type { Notification } from './findings/render.ts';
import type { BlockAsItIs, LastBlock, LastNotified } from './judge/ruling.ts';

/** What the tables hold about a key. */
export type KeyFacts = KeyState & {
  readonly lastBlock: LastBlock | undefined;
  readonly lastNotified: LastNotified | undefined;
  /** The block itself; `undefined` if its item is gone. */
  readonly block: BlockAsItIs | undefined;
  /** Blocked within the key: prefixes of a country, ranges of a prefix. */
  readonly parts: readonly BlockedPart[];
};

export type Facts = ReadonlyMap<string, KeyFacts>;

export type RolledUp = { readonly key: Key; readonly history: History };

/** What the detector asks of the tables. Any call may throw `Unavailable`; the stream then brings its records again. */
export type DetectorStore = {
  /**
   * Counts events, each once, however often they come: all of an event, or nothing of it. It keeps them in the audit trail,
   * as one batch that is judged as of `nowMs`. The entry of an event says in which batch it was counted, not which came again.
   * Answers with the facts of the keys after that, and with the time of the first event ever.
   */
  readonly count: (
    events: readonly TrafficEvent[],
    keys: readonly Key[],
    nowMs: number,
  ) => Promise<{ readonly facts: Facts; readonly runningSinceMs: number }>;
  /** The same facts without counting. They may lag by a moment. */
  readonly readFacts: (keys: readonly Key[], nowMs: number) => Promise<Facts>;
  readonly readCase: (uid: string, options: { readonly withCampaign: boolean }) => Promise<RulingFacts>;
  /** Commits all of a decision, or nothing. */
  readonly commit: (decision: Decision) => Promise<Outcome>;
  /** Keeps a history, unless a newer one is there. */
  readonly rollUp: (rolledUp: RolledUp) => Promise<void>;
};

export type DetectorPorts = {
  readonly now: () => number;
  readonly store: DetectorStore;
  /** The launches as far as they can be read, at most once a batch. Without it, none holds. */
  readonly launches?: () => Promise<readonly AnnouncedLaunch[]>;
  /** Notifies staff of what was committed. The sweep repeats what it fails to send. */
  readonly notify: (notifications: readonly Notification[]) => Promise<unknown>;
};
