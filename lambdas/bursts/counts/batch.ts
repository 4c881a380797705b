import type { TrafficEvent } from './events.ts';

/** The usual lag of the stream. With a longer one, the detector is behind. */
const streamLagMs = 5000;

/** The latest time at which the detector keeps up with events: that of the newest, and the usual lag. */
const dueMsOf = (events: readonly TrafficEvent[]): number => Math.max(...events.map(({ atMs }) => atMs)) + streamLagMs;

/** How far the stream has been read: the time of its newest event, and its usual lag. */
export const streamTimeOf = (events: readonly TrafficEvent[], nowMs: number): number =>
  Math.min(nowMs, dueMsOf(events));

/** Whether the detector is behind: even the newest event of the batch is older than the usual lag. */
export const isBehind = (events: readonly TrafficEvent[], nowMs: number): boolean => nowMs > dueMsOf(events);

/** An event among those that were judged with it. A replay of recorded events makes the same batches of this. */
export type BatchPlace = {
  /** The id of the first event of the batch. An attempt is that batch at that time. */
  readonly batch: string;
  /** From 0, and below the number of events. */
  readonly place: number;
  readonly records: number;
  readonly judgedAtMs: number;
  /** How far the stream had been read, as judging takes it. */
  readonly streamAtMs: number;
};

/** The places of events in their batch, by their ids. An event that comes twice in it has one place. */
export const placesOf = (events: readonly TrafficEvent[], nowMs: number): ReadonlyMap<string, BatchPlace> => {
  const ids = [...new Set(events.map(({ id }) => id))];
  const [batch = ''] = ids;
  const whole = { batch, records: ids.length, judgedAtMs: nowMs, streamAtMs: streamTimeOf(events, nowMs) };
  return new Map(ids.map((id, place) => [id, { ...whole, place }]));
};
