import type { TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import type { Launch } from '../../lambdas/bursts/evidence/launches.ts';
import type { Action, Severity } from '../../lambdas/bursts/judge/ruling.ts';
import type { RolledUp } from '../../lambdas/bursts/ports.ts';
import type { ReviewSettings } from '../../lambdas/bursts/review.ts';

/** Events that the detector judged together. */
export type Batch = {
  readonly events: readonly TrafficEvent[];
  readonly judgedAtMs: number;
  /** When the detector had the batch: as long after its first event as it was judged after its last. */
  readonly arrivedMs: number;
  /** The events that it had. Of some, the recording may have no line. */
  readonly records: number;
};

/** An act of staff that the detector heeds. */
export type StaffAct = { readonly atMs: number } & (
  | { readonly kind: 'block'; readonly key: Key; readonly untilMs: number }
  | { readonly kind: 'lift'; readonly key: Key; readonly untilMs: number }
  | { readonly kind: 'announce'; readonly launch: Launch }
  | { readonly kind: 'cancel'; readonly launch: Pick<Launch, 'level' | 'of'> }
);

/** A finding as the detector that was recorded left it. */
export type RecordedFinding = {
  readonly key: Key;
  readonly rule: string;
  readonly severity: Severity;
  readonly action: Action;
  readonly firstMs: number;
  /** Of the latest ruling. */
  readonly ruledMs: number;
  readonly untilMs: number;
};

/** The past of a recording, from an export that was made before. */
export type Snapshot = { readonly takenMs: number; readonly histories: readonly RolledUp[] };

/** The settings that the detector judged by, as of the export. */
export type RecordedSettings = Omit<ReviewSettings, 'deployment'>;

/** Recorded traffic. Keyed hashes have the names of the export. */
export type Recording = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly settings: RecordedSettings;
  /** All events, oldest first: those that nobody judged as well. */
  readonly events: readonly TrafficEvent[];
  /** In the order in which they were judged. */
  readonly batches: readonly Batch[];
  readonly acts: readonly StaffAct[];
  /** Acts of staff that the recording does not say enough of. */
  readonly unknownActs: number;
  /** Numbers that a privacy officer erased meanwhile. Their events are gone. */
  readonly erasures: number;
  readonly findings: readonly RecordedFinding[];
  /** Histories when the export was made, which is after its events. */
  readonly histories: readonly RolledUp[];
  /** The first event of the detector ever; `undefined`: the recording does not say. */
  readonly runningSinceMs: number | undefined;
};

/** The first event that the recording has. The audit trail may have lost what was before. */
export const beginningOf = ({ events, fromMs }: Recording): number => Math.max(fromMs, events[0]?.atMs ?? fromMs);

/** Whether the recording has all that the detector ever saw: its first event was there before the first batch was judged. */
export const isFromFirstEvent = (recording: Recording): boolean =>
  recording.runningSinceMs !== undefined &&
  recording.events.length > 0 &&
  beginningOf(recording) <= recording.runningSinceMs;
