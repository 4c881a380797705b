import { Unavailable } from '../otp/ports.ts';

/** A stream record as a dead letter holds it. Only its sequence number is read here. */
export type LetterRecord = { readonly dynamodb?: { readonly SequenceNumber?: string } };

export type Letter =
  | { readonly kind: 'letter'; readonly records: readonly LetterRecord[] }
  /** Another replay has removed it. */
  | { readonly kind: 'gone' }
  /** It is not what Lambda writes when it gives up a batch. */
  | { readonly kind: 'unreadable' };

export type Counted =
  | { readonly kind: 'counted' }
  /** The detector named the record at this place: those before it are counted, it and those after it are not. */
  | { readonly kind: 'stopped'; readonly at: number }
  /** The detector crashed. */
  | { readonly kind: 'crashed' };

/** The ports of a replay. Each may throw `Unavailable`. */
export type ReplayPorts = {
  /** The names of the dead letters, in any order. */
  readonly list: (prefix: string) => AsyncIterable<string>;
  readonly read: (name: string) => Promise<Letter>;
  /** Hands records to the detector. Its marks say what it has counted. */
  readonly count: (records: readonly LetterRecord[]) => Promise<Counted>;
  readonly remove: (name: string) => Promise<void>;
  /** Whether there is time for another call of the detector. */
  readonly hasTime: () => boolean;
  readonly failed: (cause: unknown) => void;
};

export type Replay = {
  readonly prefix: string;
  /** Reads the letters without replaying or removing one. */
  readonly dryRun: boolean;
};

export type Replayed = {
  readonly dryRun: boolean;
  /** Letters whose records are all counted, and which were removed; in a dry run, those that would be tried. */
  readonly replayed: number;
  /** The records in them. */
  readonly records: number;
  /** Letters that stay, and why. */
  readonly failed: readonly { readonly letter: string; readonly why: string }[];
  /** Letters that were not tried: the time was up, or too many had failed. */
  readonly left: number;
};

/** After this many failures, the cause is not the letters. */
const maxFailures = 100;
/** Records of one letter that may be refused before the rest of it is left for another replay. */
const maxRefused = 4;
/** Of one call: a fraction of what the detector counts within its time-out, and of Lambda's six megabytes. */
const maxRecords = 25;
const maxBytes = 1_000_000;

const whys = {
  unreadable: 'This is not what Lambda writes when it gives up a batch. Read it by hand: no program does.',
  crashed: 'detect-bursts crashed, or ran out of time. See Lambda-Errors-detect-bursts in the runbook.',
  unavailable: 'S3 or Lambda failed. Run the command again. If it fails again, check the role of the function.',
} as const;
const refusedWhy = ({ refused, isWhole }: Refused, records: number): string =>
  isWhole
    ? `detect-bursts cannot count ${refused} of its ${records} records; its log says why. All others are counted.`
    : `detect-bursts cannot count ${refused} or more of its ${records} records; its log says why.`;

/**
 * Replays dead letters, each as a whole. A letter is removed only when all of its records are counted.
 *
 * Two replays may run at once, and a replay may end anywhere: marks prevent a second count, and a letter that is left is
 * replayed again.
 */
export const replayDeadLetters =
  (ports: ReplayPorts) =>
  async ({ prefix, dryRun }: Replay): Promise<Replayed> => {
    const failed: { letter: string; why: string }[] = [];
    let [replayed, records, left] = [0, 0, 0];
    for await (const letter of ports.list(prefix)) {
      const outcome =
        ports.hasTime() && failed.length < maxFailures
          ? await replayOne(ports, letter, dryRun)
          : ({ kind: 'left' } as const);
      if (outcome.kind === 'left') left += 1;
      if (outcome.kind === 'failed') failed.push({ letter, why: outcome.why });
      if (outcome.kind !== 'replayed') continue;
      replayed += 1;
      records += outcome.records;
    }
    return { dryRun, replayed, records, failed, left };
  };

type Outcome =
  | { readonly kind: 'replayed'; readonly records: number }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'left' }
  | { readonly kind: 'gone' };

const replayOne = async (ports: ReplayPorts, name: string, dryRun: boolean): Promise<Outcome> => {
  try {
    const letter = await ports.read(name);
    if (letter.kind === 'gone') return letter;
    if (letter.kind === 'unreadable') return { kind: 'failed', why: whys.unreadable };
    const { records } = letter;
    const outcome = dryRun ? 'counted' : await countAll(ports, records);
    if (outcome === 'left') return { kind: 'left' };
    if (outcome === 'crashed') return { kind: 'failed', why: whys.crashed };
    if (outcome !== 'counted') return { kind: 'failed', why: refusedWhy(outcome, records.length) };
    if (!dryRun) await ports.remove(name);
    return { kind: 'replayed', records: records.length };
  } catch (cause) {
    if (!(cause instanceof Unavailable)) throw cause;
    ports.failed(cause);
    return { kind: 'failed', why: whys.unavailable };
  }
};

/** How many records the detector refused, and whether all others are counted. */
type Refused = { readonly refused: number; readonly isWhole: boolean };

/** Counts the records piece by piece. A record that the detector names is skipped, so that the others do not wait. */
const countAll = async (
  { count, hasTime }: ReplayPorts,
  records: readonly LetterRecord[],
): Promise<'counted' | 'crashed' | 'left' | Refused> => {
  let [open, refused] = [records, 0];
  while (open.length > 0) {
    if (!hasTime()) return 'left';
    const piece = firstPiece(open);
    const outcome = await count(piece);
    if (outcome.kind === 'crashed') return 'crashed';
    if (outcome.kind === 'stopped') refused += 1;
    open = open.slice(outcome.kind === 'stopped' ? outcome.at + 1 : piece.length);
    if (refused === maxRefused) return { refused, isWhole: open.length === 0 };
  }
  return refused === 0 ? 'counted' : { refused, isWhole: true };
};

/** As many as one call takes, and one at least. */
const firstPiece = (records: readonly LetterRecord[]): readonly LetterRecord[] => {
  let bytes = 0;
  const end = records.slice(0, maxRecords).findIndex((record, index) => {
    bytes += Buffer.byteLength(JSON.stringify(record));
    return index > 0 && bytes > maxBytes;
  });
  return records.slice(0, end < 0 ? maxRecords : end);
};
