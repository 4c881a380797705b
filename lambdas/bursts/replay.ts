import { Unavailable } from '../otp/ports.ts';
import type { Reader } from './letters.ts';

/** A call of the detector: it reads the letter itself. A dry run looks whether it can read the records. */
export type LetterCall = { readonly letter: string; readonly dryRun: boolean };

/** The fate of a letter. */
export type Counted =
  /** `refused` of its records cannot be counted. All others are. */
  | { readonly kind: 'counted'; readonly records: number; readonly refused: number }
  /** Another replay has removed it. */
  | { readonly kind: 'gone' }
  /** Neither Lambda nor the detector wrote it. */
  | { readonly kind: 'unreadable' }
  /** Something that the detector needs is down. */
  | { readonly kind: 'unavailable' };

/** The ports of a replay. Each may throw `Unavailable`. */
export type ReplayPorts = {
  /** The names of the dead letters, in any order. */
  readonly list: (prefix: string) => AsyncIterable<string>;
  /** Has the detector count the records of a letter. The audit trail says what it has counted. */
  readonly count: (call: LetterCall) => Promise<Counted | { readonly kind: 'crashed' }>;
  readonly remove: (name: string) => Promise<void>;
  /** Whether there is time for another call of the detector. */
  readonly hasTime: () => boolean;
  readonly failed: (cause: unknown) => void;
};

/** The function that counts the records, and what it needs besides S3. */
type Replayer = { readonly reader: Reader; readonly needs: string };

export type Replay = {
  readonly prefix: string;
  /** Has the letters read, without counting or removing one. */
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

const ofDetector: Replayer = { reader: 'detect-bursts', needs: 'Lambda or DynamoDB' };

const whysOf = ({ reader, needs }: Replayer) => ({
  unreadable: `Neither Lambda nor ${reader} writes such a letter. Read it by hand: no program does.`,
  crashed: `${reader} crashed, or ran out of time. See Lambda-Errors-${reader} in the runbook.`,
  unavailable: `S3, ${needs} failed. Run the command again. If it fails again, see DependencyFailed in the runbook.`,
});
const refusedWhy = ({ reader }: Replayer, refused: number, records: number): string =>
  `${reader} cannot count ${refused} of its ${records} records; its log says why. All others are counted.`;

/**
 * Replays dead letters, each as a whole. A letter is removed only when all of its records are counted.
 *
 * Two replays may run at once, and a replay may end anywhere: the audit trail prevents a second count, and a letter that is
 * left is replayed again.
 */
export const replayDeadLetters =
  (ports: ReplayPorts, replayer: Replayer = ofDetector) =>
  async ({ prefix, dryRun }: Replay): Promise<Replayed> => {
    const failed: { letter: string; why: string }[] = [];
    let [replayed, records, left] = [0, 0, 0];
    for await (const letter of ports.list(prefix)) {
      const outcome =
        ports.hasTime() && failed.length < maxFailures
          ? await replayOne(ports, replayer, letter, dryRun)
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

const replayOne = async (ports: ReplayPorts, replayer: Replayer, letter: string, dryRun: boolean): Promise<Outcome> => {
  const whys = whysOf(replayer);
  try {
    const counted = await ports.count({ letter, dryRun });
    if (counted.kind === 'gone') return counted;
    if (counted.kind !== 'counted') return { kind: 'failed', why: whys[counted.kind] };
    const { records, refused } = counted;
    if (refused > 0) return { kind: 'failed', why: refusedWhy(replayer, refused, records) };
    if (!dryRun) await ports.remove(letter);
    return { kind: 'replayed', records };
  } catch (cause) {
    if (!(cause instanceof Unavailable)) throw cause;
    ports.failed(cause);
    return { kind: 'failed', why: whys.unavailable };
  }
};
