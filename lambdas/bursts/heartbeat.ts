import { minuteMs } from '../otp/durations.ts';

/**
 * A state of an event source mapping: Lambda's own word, such as `Enabled`; `Missing` if there is no such mapping; `Unknown` if
 * Lambda did not answer.
 */
export type MappingState = string;

/** What the detector says of itself: a reader who finds it old knows that the detector is not running. */
export type Heartbeat = {
  /** The last sweep; `undefined` before the first. */
  readonly sweptMs: number | undefined;
  readonly mapping: MappingState | undefined;
  /** The worst batch of about a minute: when it ended, and how long after the change of its oldest record. */
  readonly lastBatch: { readonly atMs: number; readonly latenessMs: number } | undefined;
};

export type HeartbeatStore = {
  readonly swept: (atMs: number, mapping: MappingState) => Promise<void>;
  /** Keeps the lateness of a batch, unless a worse one was kept within the last minute. */
  readonly tookBatch: (atMs: number, latenessMs: number) => Promise<void>;
  readonly read: () => Promise<Heartbeat>;
};

export type ListeningPorts = {
  readonly now: () => number;
  /** @returns `undefined` if there is no such mapping. */
  readonly stateOf: (mapping: string) => Promise<string | undefined>;
  readonly heartbeat: Pick<HeartbeatStore, 'swept'>;
  /** Counts whether the stream feeds the detector. It is not called if nobody knows, which rings as well. */
  readonly listening: (isListening: boolean) => void;
  readonly failed: (cause: unknown) => void;
};

/** A deployment updates the mapping, which goes on delivering meanwhile. */
const listeningStates: readonly MappingState[] = ['Enabled', 'Updating'];

export const isListening = (state: MappingState): boolean => listeningStates.includes(state);

/**
 * Asks whether the stream feeds the detector, counts the answer, and leaves a sign of life. Once a minute.
 *
 * @param mapping the id of the event source mapping; `undefined` if the schedule did not name it.
 */
export const lookWhetherListening =
  ({ now, stateOf, heartbeat, listening, failed }: ListeningPorts) =>
  async (mapping: string | undefined): Promise<void> => {
    const state = mapping === undefined ? 'Unknown' : await ask(mapping);
    if (state !== 'Unknown') listening(isListening(state));
    await heartbeat.swept(now(), state);

    async function ask(id: string): Promise<MappingState> {
      try {
        return (await stateOf(id)) ?? 'Missing';
      } catch (cause) {
        failed(cause);
        return 'Unknown';
      }
    }
  };

export type LatenessPorts = {
  readonly now: () => number;
  readonly heartbeat: Pick<HeartbeatStore, 'tookBatch'>;
  readonly failed: (cause: unknown) => void;
};

/**
 * Keeps how late batches are: the first at once, and then the worst of each minute, so that a busy container writes once a
 * minute. No batch waits for another, or fails because of this.
 */
export const noteLateness = ({ now, heartbeat, failed }: LatenessPorts) => {
  let notedMs = Number.NEGATIVE_INFINITY;
  let worst: { readonly atMs: number; readonly latenessMs: number } | undefined;
  /** @param changedMs when the oldest record of the batch was written. */
  return async (changedMs: number): Promise<void> => {
    const atMs = now();
    const latenessMs = Math.max(0, Math.round(atMs - changedMs));
    if (worst === undefined || latenessMs > worst.latenessMs) worst = { atMs, latenessMs };
    if (atMs < notedMs + minuteMs) return;
    const noted = worst;
    [notedMs, worst] = [atMs, undefined];
    await heartbeat.tookBatch(noted.atMs, noted.latenessMs).catch(failed);
  };
};
