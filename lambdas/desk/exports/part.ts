import { createHash } from 'node:crypto';
import { exportFacts } from '../../contract.ts';
import {
  addTallies,
  type Export,
  type ExportedTable,
  emptyTally,
  exportedTables,
  type Page,
  type Part,
  type Place,
  type Scan,
  type Tally,
} from './export.ts';
import { type Line, lineOf } from './lines.ts';
import type { Rename } from './pseudonyms.ts';

/** What a run has read since its last progress. */
export type Gathered = {
  readonly text: string;
  readonly lines: number;
  readonly tally: Tally;
  readonly places: readonly Place[];
};

/** Pages of each reader at most, so that progress is kept where few items belong to the export. */
const maxRounds = 16;

/** Reads on, all readers side by side, until there is enough for a part. It keeps one part in memory, and one page of each. */
export const gather = async (scan: Scan, from: Export, rename: Rename): Promise<Gathered> => {
  const texts: string[] = [];
  let [bytes, lines, tally, places] = [0, 0, emptyTally, from.places];
  for (let round = 0; round < maxRounds && bytes < exportFacts.partBytes; round += 1) {
    const first = places.findIndex(({ kind }) => kind !== 'end');
    if (first < 0) break;
    // One table after the other, so that no more readers are at work than a table has.
    const isTurn = (reader: number) => tableAt(reader) === tableAt(first);
    const pages = await Promise.all(
      places.map(async (place, reader) =>
        place.kind === 'end' || !isTurn(reader)
          ? undefined
          : scan(tableAt(reader), reader % exportFacts.segments, place),
      ),
    );
    for (const page of pages) {
      if (page === undefined) continue;
      const read = readPage(page, from, rename);
      texts.push(read.text);
      bytes += Buffer.byteLength(read.text);
      lines += read.lines;
      tally = addTallies(tally, read.tally);
    }
    places = places.map((place, reader) => pages[reader]?.next ?? place);
  }
  return { text: texts.join(''), lines, tally, places };
};

/** Each table has as many readers as segments. An export from before the second table was read has those of the first. */
const tableAt = (reader: number): ExportedTable =>
  exportedTables[Math.floor(reader / exportFacts.segments)] ?? 'traffic';

const readPage = ({ items, readUnits }: Page, range: Export, rename: Rename) => {
  const lines = items.map((item) => lineOf(item, range, rename));
  const texts = lines.flatMap((line) => ('text' in line ? [`${line.text}\n`] : []));
  return { text: texts.join(''), lines: texts.length, tally: { ...tallyOf(lines), readUnits } };
};

const tallyOf = (lines: readonly Line[]): Tally => {
  const count = (kind: Line['kind']) => lines.filter((line) => line.kind === kind).length;
  return {
    ...emptyTally,
    ...{ event: count('event'), finding: count('finding'), action: count('action') },
    ...{ history: count('history'), running: count('running'), others: count('other') },
    unreadable: count('unreadable'),
    named: lines.flatMap((line) => (line.kind === 'unreadable' ? [line.named] : [])),
  };
};

/** The part with this content, the next of its export. */
export const partOf = ({ parts }: Pick<Export, 'parts'>, { text, lines }: Gathered): Part => {
  const sha256 = createHash('sha256').update(text).digest('hex');
  const number = String(parts + 1).padStart(6, '0');
  return { name: `part-${number}-${sha256.slice(0, 16)}.jsonl`, sha256, bytes: Buffer.byteLength(text), lines };
};
