import { Unavailable } from '../otp/ports.ts';

/** A record of the stream as a dead letter holds it. Only its number is read here; the rest is the detector's. */
export type LetterRecord = { readonly dynamodb?: { readonly SequenceNumber?: string } };

export type Letter =
  | { readonly kind: 'letter'; readonly records: readonly LetterRecord[] }
  /** Somebody else has replayed it in between. */
  | { readonly kind: 'gone' }
  /** Not what Lambda writes of a batch that it gave up. */
  | { readonly kind: 'unreadable' };

export type Counted =
  | { readonly kind: 'counted' }
  /** The detector named the record at this place: those before it are done, it and those after it are not. */
  | { readonly kind: 'stopped'; readonly at: number }
  /** The detector died of it. */
  | { readonly kind: 'crashed' };

/** What a replay needs. Every port may throw `Unavailable`. */
export type ReplayPorts = {
  /** The names of the dead letters, in whatever order. */
  readonly list: (prefix: string) => AsyncIterable<string>;
  readonly read: (name: string) => Promise<Letter>;
  /** Hands records to the detector, which knows by its marks what it has counted. */
  readonly count: (records: readonly LetterRecord[]) => Promise<Counted>;
  readonly remove: (name: string) => Promise<void>;
  /** Whether there is time for another call of the detector. */
  readonly hasTime: () => boolean;
  readonly failed: (cause: unknown) => void;
};

export type Replay = {
  readonly prefix: string;
  /** Reads the letters, and neither replays nor removes one. */
  readonly dryRun: boolean;
};

export type Replayed = {
  readonly dryRun: boolean;
  /** Letters whose records are all counted, and which are gone; in a dry run, those that would be tried. */
  readonly replayed: number;
  /** The records in them. */
  readonly records: number;
  /** Letters that stay, and why. */
  readonly failed: readonly { readonly letter: string; readonly why: string }[];
  /** Letters that were not looked at: the time was up, or too many had failed. */
  readonly left: number;
};

/** Beyond so many, something else is wrong than the letters. */
const maxFailures = 100;
/** Records of one letter that may be refused before the rest of it is left for another time. */
const maxRefused = 4;
/** Of one call: a fraction of what the detector takes in its time-out, and of Lambda's six megabytes. */
const maxRecords = 25;
const maxBytes = 1_000_000;

const whys = {
  unreadable: 'This is not what Lambda writes of a batch that it gave up. Look at it: nothing else reads it.',
  crashed: 'detect-bursts crashed on it, or ran out of time. See Lambda-Errors-detect-bursts in the runbook.',
  unavailable: 'S3 or Lambda did not do as it was asked. Run the command again; if it stays so, look at the role.',
} as const;
const refusedWhy = ({ refused, isWhole }: Refused, records: number): string =>
  isWhole
    ? `detect-bursts still cannot count ${refused} of its ${records} records, and its log says why. All others are counted.`
    : `detect-bursts still cannot count ${refused} or more of its ${records} records, and its log says why.`;

/**
 * Replays dead letters, each as a whole, and removes a letter when all of its records are counted, and not before.
 *
 * It may run twice at once and end anywhere: what was counted is known by its mark, and a letter that is still there is
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

/** Records that the detector refused; whether all the others are counted. */
type Refused = { readonly refused: number; readonly isWhole: boolean };

/** Counts the records piece by piece. One that the detector names is passed over: those behind it do not wait for it. */
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

/** As many as one call takes, and one at the least. */
const firstPiece = (records: readonly LetterRecord[]): readonly LetterRecord[] => {
  let bytes = 0;
  const end = records.slice(0, maxRecords).findIndex((record, index) => {
    bytes += Buffer.byteLength(JSON.stringify(record));
    return index > 0 && bytes > maxBytes;
  });
  return records.slice(0, end < 0 ? maxRecords : end);
};
