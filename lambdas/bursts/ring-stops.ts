import { hourMs } from '../otp/durations.ts';
import type { Stop, StopFacts, StopWhat } from '../otp/limits/stops.ts';

/** A reminder of the stops: when it was due, and of which. */
export type Rung = {
  readonly atMs: number;
  readonly of: string;
  /** When a sweep last took it upon itself to send it. */
  readonly triedMs: number;
  /** Whether nobody knows yet that it was sent. */
  readonly isPending: boolean;
};

/** The last reminder, as it is stored; `undefined` if there is none, or it cannot be read. Each write raises the version. */
export type StoredRung = { readonly rung: Rung | undefined; readonly version: number };

export type StopReminders = {
  readonly read: () => Promise<StopFacts & StoredRung>;
  /** Writes it over the version that was read. @returns false: another sweep was faster. */
  readonly replace: (rung: Rung, readVersion: number) => Promise<boolean>;
};

/** What staff are to be reminded of, and since when the reminder is due. */
export type StopReminder = { readonly stops: readonly Stop[]; readonly atMs: number };

type RingPorts = {
  readonly now: () => number;
  readonly reminders: StopReminders;
  /** Into the log and the metrics, once for each reminder. */
  readonly ring: (stops: readonly Stop[]) => void;
  /** Sends the mail. It throws if it was not taken. */
  readonly send: (reminder: StopReminder) => Promise<void>;
  /** It was not taken. The reminder stays pending, and the sweep has other work. */
  readonly failed: (cause: unknown) => void;
};

/** Sweeps come a little early and a little late. One that comes early must not leave a gap of an hour and a minute. */
const earlyMs = 30_000;
/** A younger try may still be under way. */
const sendingMs = 20_000;

/**
 * Reminds staff that sending is stopped: within a minute after the stops changed, and each hour while one holds. A sweep calls it
 * once a minute.
 *
 * A sweep takes a reminder upon itself by a conditional write, so that of several sweeps one sends it. A later sweep sends it again
 * if nobody noted that it was sent. So a sweep that dies costs a minute, and a mail comes twice only if the note itself fails.
 */
export const ringStops =
  ({ now, reminders, ring, send, failed }: RingPorts) =>
  async (): Promise<void> => {
    const { stops, rung, version } = await reminders.read();
    if (stops.length === 0) return;
    const nowMs = now();
    const of = nameOfAll(stops);
    const isNew = rung === undefined || rung.of !== of || isHourOver(rung, nowMs);
    if (!isNew && !(rung.isPending && isOld(rung, nowMs))) return;
    const taken: Rung = { atMs: isNew ? nowMs : rung.atMs, of, triedMs: nowMs, isPending: true };
    if (!(await reminders.replace(taken, version))) return;
    if (isNew) ring(stops);
    try {
      await send({ stops, atMs: taken.atMs });
    } catch (cause) {
      return failed(cause);
    }
    await reminders.replace({ ...taken, isPending: false }, version + 1);
  };

/** A time that is yet to come was written by a clock that went wrong. It must not silence reminders until then. */
const isHourOver = ({ atMs }: Rung, nowMs: number): boolean =>
  nowMs >= atMs + hourMs - earlyMs || nowMs < atMs - earlyMs;

const isOld = ({ triedMs }: Rung, nowMs: number): boolean =>
  nowMs >= triedMs + sendingMs || nowMs < triedMs - sendingMs;

/** What a stop is of, in words for staff. */
export const wordsOf = (what: StopWhat): string => {
  if (what.kind === 'all') return 'all';
  return what.kind === 'application' ? `application ${what.application}` : `country ${what.country}`;
};

/** Names the stops, so that a change of them shows. A stop that was resumed and made again is another one. */
const nameOfAll = (stops: readonly Stop[]): string =>
  stops
    .map(({ what, atMs }) => `${wordsOf(what)} ${atMs}`)
    .toSorted()
    .join(', ');
