import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  attackLines,
  fromMs,
  type Line,
  replaySettings,
  runningLine,
  textOf,
  toMs,
} from '../../fakes/bursts/recorded.ts';
import { deskWith } from '../../fakes/desk/desk.ts';
import { exportOf, publicKey } from '../../fakes/desk/signed-export.ts';

const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
const past = {
  ...{
    timeBucket: 2_960_000,
    since: 2_950_000,
    slow: 0,
    startedLong: 10,
    verifiedLong: 8,
    startedDay: 3,
    verifiedDay: 2,
  },
  ...{ recent: [], recentVerified: [], recentFailed: [], hours: Array.from({ length: 24 }, () => 1), thisHour: 0 },
  probes: [],
};
const historyLine: Line = { record: 'history', level: 'country', of: 'IN', history: past };

let directory: string;
let key: string;
let folders = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'otp-replay-'));
  key = join(directory, 'key.pem');
  await writeFile(key, publicKey.export({ type: 'spki', format: 'pem' }));
});
afterAll(() => rm(directory, { recursive: true }));

const folderOf = async (lines: readonly Line[], changes: object = {}): Promise<string> => {
  const counts = Object.fromEntries(
    ['event', 'finding', 'action', 'history', 'running'].map((record) => [
      record,
      lines.filter((line) => line['record'] === record).length,
    ]),
  );
  const made = { startedAt: to, settings: replaySettings, stack: 'OtpService', counts, from, to, ...changes };
  folders += 1;
  const folder = await mkdtemp(join(directory, `export-${folders}-`));
  for (const [name, text] of Object.entries(exportOf([textOf(lines)], made))) await writeFile(join(folder, name), text);
  return folder;
};

const fileOf = async (text: string): Promise<string> => {
  folders += 1;
  const file = join(directory, `thresholds-${folders}.json`);
  await writeFile(file, text);
  return file;
};

const noonMs = fromMs + 43_200_000;
const attack = attackLines(noonMs);

describe('otp-desk replay', () => {
  test('the printed thresholds are a file that a replay takes', async () => {
    const { exit, out } = await deskWith(['replay', '--print-thresholds']);
    expect([exit, JSON.parse(out).burst]).toEqual([0, 16]);
    const folder = await folderOf([...attack, runningLine(noonMs)]);
    const again = await deskWith(['replay', folder, '--key', key, '--thresholds', await fileOf(out)]);
    expect([again.exit, again.err.includes('problem')]).toEqual([0, false]);
    expect(again.out).toContain('Findings that differ: 0.');
  });

  test('a changed threshold shows what differs, in messages and people', async () => {
    const folder = await folderOf([...attack, runningLine(noonMs)]);
    const file = await fileOf('{"burst": 30, "noConversion": {"pending": 1000}}');
    const { exit, out } = await deskWith(['replay', folder, '--key', key, '--thresholds', file]);
    expect(exit).toBe(0);
    expect(out).toContain('Changed: burst from 16 to 30, noConversion.pending from 40 to 1000.');
    expect(out).toMatch(/Sent in addition: \d+ messages to \d+ people/);
    expect(out).toContain('Range +91 98765 4xxxx');
    expect(out).toContain('Because of burst');
  });

  test('a recording without its past is compared only if somebody says from when on, and the output says so', async () => {
    const folder = await folderOf(attack);
    const refused = await deskWith(['replay', folder, '--key', key]);
    expect([refused.exit, refused.out]).toEqual([2, '']);
    expect(refused.err).toContain('give the past by --snapshot, or choose a time by --compare-from');
    const compared = await deskWith(['replay', folder, '--key', key, '--compare-from', '2026-11-23']);
    expect(compared.exit).toBe(0);
    expect(compared.out).toContain('Nothing is known of the time before 2026-11-23T12:00:00Z.');
  });

  test('an export that was made before is the past of a later one', async () => {
    const before = await folderOf([historyLine], { startedAt: from });
    const folder = await folderOf(attack);
    const { exit, out } = await deskWith(['replay', folder, '--key', key, '--snapshot', before]);
    expect(exit).toBe(0);
    expect(out).toContain('What was usual before is from the snapshot of 2026-11-23T00:00:00Z.');
    expect(out).toContain('Findings from 2026-11-24T14:00:00Z on are compared.');
    const empty = await deskWith(['replay', folder, '--key', key, '--snapshot', folder]);
    expect([empty.exit, empty.err]).toEqual([1, expect.stringContaining('has no histories')]);
  });
});

describe('what otp-desk replay refuses', () => {
  const refused = async (folder: string, ...more: readonly string[]) => {
    const { exit, out, err } = await deskWith(['replay', folder, '--key', key, ...more]);
    expect(out).toBe('');
    return { exit, err };
  };

  test('an export from before replays is refused: it has no settings', async () => {
    const { exit, err } = await refused(await folderOf(attack, { settings: undefined }));
    expect([exit, err]).toEqual([1, expect.stringContaining('from before replays')]);
  });

  test('an export that another key signed is refused', async () => {
    const { exit, err } = await refused(await folderOf(attack, { format: 'otp-export/9' }));
    expect([exit, err]).toEqual([1, expect.stringContaining('It is not replayed.')]);
  });

  test('lines that no detector writes are refused, and none of their text reaches the terminal', async () => {
    const odd = { ...attack[0], range: `\u001b[31m${'9'.repeat(200)}` };
    const { exit, err } = await refused(await folderOf([odd]));
    expect([exit, err]).toEqual([1, expect.stringContaining('Its "range" is none that a detector writes.')]);
    expect(err).not.toContain('\u001b');
  });

  test.each([
    ['an unknown name', '{"bursts": 1}', '"bursts" is no threshold'],
    ['an escape sequence', '{"burst": "\\u001b[31m"}', 'has to be a number from 0 to 1000, such as 16.'],
    ['no JSON', 'not JSON', 'no JSON'],
    ['a large file', 'x'.repeat(70_000), 'too large'],
  ])('a wrong file of thresholds is refused before anything is asked: %s', async (_, text, sentence) => {
    const { exit, err } = await refused('/nowhere', '--thresholds', await fileOf(text));
    expect([exit, err]).toEqual([2, expect.stringContaining(sentence)]);
    expect(err).not.toContain('\u001b');
  });

  test.each([
    [['/nowhere', '--thresholds', '/nowhere/thresholds.json'], 'cannot be read'],
    [['/nowhere', '--thresholds', '/'], 'cannot be read'],
    [['/nowhere'], 'This folder cannot be read'],
    [[], 'Write the folder of an export'],
  ])('a wrong command line is refused with what to write: %s', async (args, sentence) => {
    const { exit, err } = await deskWith(['replay', ...args, '--key', key]);
    expect([exit, err]).toEqual([2, expect.stringContaining(sentence)]);
  });
});
