import type { StreamRecord } from '../aws/tables/stream-records.ts';
import type { Letter } from '../bursts/letters.ts';
import type { Counted, LetterCall } from '../bursts/replay.ts';
import { Unavailable } from '../otp/ports.ts';
import { type ActPorts, actOnRecords } from './batch.ts';

export type LetterPorts<Decoded> = ActPorts<Decoded> & {
  readonly read: (key: string) => Promise<Letter>;
  readonly failed: (cause: unknown) => void;
};

/** Counts the records of a dead letter again. Its records are what the bucket holds, never what the caller says. */
export const replayLetter =
  <Decoded>({ read, failed, decode, act }: LetterPorts<Decoded>) =>
  async ({ letter, dryRun }: LetterCall): Promise<Counted> => {
    const found = await read(letter).catch((cause: unknown) => unavailable(cause, failed));
    if (found.kind !== 'letter') return found;
    const records = found.records as readonly StreamRecord[];
    const { poison, outage } = await actOnRecords({ decode, act: dryRun ? async () => {} : act }, records);
    for (const { cause } of outage === undefined ? poison : [outage]) failed(cause);
    if (outage !== undefined) return { kind: 'unavailable' };
    return { kind: 'counted', records: records.length, refused: poison.length };
  };

const unavailable = (cause: unknown, failed: (cause: unknown) => void): { readonly kind: 'unavailable' } => {
  if (!(cause instanceof Unavailable)) throw cause;
  failed(cause);
  return { kind: 'unavailable' };
};
