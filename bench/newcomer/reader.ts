import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Block, blocksOf, passageOf, wordsIn } from './page.ts';
import { type Effort, noEffort, sumOf } from './person.ts';
import type { Terminals } from './terminal.ts';

/** Seconds of the machine by what it did. */
export type Timing = { readonly what: string; readonly seconds: number };

/** The placeholders of the pages, and what the reader has in their place. */
export type Own = Readonly<Record<string, string>>;

export const isCommand = ({ language, text }: Block): boolean =>
  language === 'sh' || (language === undefined && /^(?:curl|npm|git|cd|mkdir|python3) /.test(text));

/** The file that a block is the content of: its first line says so in a comment. */
export const fileOf = ({ text }: Block): string | undefined => /^(?:\/\/|#) (\S+\.\w+)\n/.exec(text)?.[1];

const runsOf = (text: string): number => text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;

/**
 * The cost of putting one's own in place of a placeholder of a pasted command: a key for each word that the caret goes back
 * over, and for each that it deletes. A code is typed, and anything longer is copied.
 */
const replacing = (command: string, placeholder: string, own: string): Effort => {
  const [, after = ''] = command.split(placeholder);
  const keystrokes = runsOf(after) + runsOf(placeholder);
  return own.length > 10
    ? { ...noEffort, keystrokes, copies: 1 }
    : { ...noEffort, keystrokes: keystrokes + own.length };
};

/**
 * Somebody who reads passages and does what their blocks say.
 *
 * @param pageAt the text of a page of the clone.
 * @param ports by the port that the pages name: a free one that stands for it.
 */
export const startReading = (
  terminals: Terminals,
  pageAt: (name: string) => Promise<string>,
  ports: Readonly<Record<string, number>>,
) => {
  const [efforts, timings]: [Effort[], Timing[]] = [[], []];
  const here = (text: string) =>
    Object.entries(ports).reduce(
      (all, [named, port]) => all.replace(new RegExp(`(?<=:|listen\\(|--port )${named}\\b`, 'g'), String(port)),
      text,
    );
  const timed = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const done = await act();
    timings.push({ what, seconds: (performance.now() - startedMs) / 1000 });
    return done;
  };

  /** Reads a passage. @returns its blocks, of which the reader has done nothing yet. */
  const read = async (page: string, heading?: string): Promise<readonly Block[]> => {
    const passage = passageOf(await pageAt(page), heading);
    efforts.push({ ...noEffort, passages: 1, words: wordsIn(passage) });
    return blocksOf(passage);
  };
  /** Looks at a passage that has no part in the way. */
  const look = async (page: string, heading: string) => blocksOf(passageOf(await pageAt(page), heading));
  /** A command as the reader runs it. */
  const asRun = (command: string, own: Own): string =>
    here(Object.entries(own).reduce((all, [placeholder, value]) => all.replaceAll(placeholder, value), command));
  /** Copies a command, puts in what is the reader's own, and runs it. A server is waited for at its port. */
  const run = async (command: string, own: Own = {}, portNamed = '4000'): Promise<string> => {
    const mine = Object.entries(own).filter(([placeholder]) => command.includes(placeholder));
    const Enter = { ...noEffort, copies: 1, keystrokes: 1 };
    efforts.push(sumOf([Enter, ...mine.map(([placeholder, value]) => replacing(command, placeholder, value))]));
    const line = asRun(command, own);
    const port = ports[portNamed];
    return await timed(command.split('\n')[0]?.slice(0, 60) ?? '', async () => {
      if (!terminals.isServer(line)) return await terminals.run(line);
      await terminals.serve(`PORT=${port} ${line}`, `http://127.0.0.1:${port}/`);
      return '';
    });
  };
  /** Makes a file by `cat > name`, and pastes the block. */
  const make = async (block: Block): Promise<void> => {
    const name = fileOf(block) ?? '';
    efforts.push({ ...noEffort, copies: 1, keystrokes: `cat > ${name}`.length + 3 });
    await writeFile(path.join(terminals.cwd(), name), `${here(block.text)}\n`);
  };
  const type = (text: string) => efforts.push({ ...noEffort, keystrokes: text.length + 1 });
  return { read, look, run, asRun, make, type, timed, effort: () => sumOf(efforts), timings: () => timings };
};

export type Reader = ReturnType<typeof startReading>;
