/** Each command of otp-desk in the runbook and in a finding, as staff run it against a running service. */

import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { deskCommands } from '../../commands/documents.ts';
import { deskWith, type Ended } from '../../fakes/desk/desk.ts';
import { type Client, clientOf, openStack, wordOf } from '../client.ts';

let stack: LocalStack;
let app: Client;
let here: string;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
  here = `--local=${new URL(stack.url).origin}`;
});
afterAll(() => stack.stop());

const number = '+919871112222';

/** The words of a line, as a shell makes them. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** Runs a line that begins with `otp-desk`, against this stack, without a terminal. What waits is interrupted then. */
const run = (line: string, ...more: readonly string[]): Promise<Ended> => {
  const [, ...args] = wordsOf(line);
  const own = args.filter((arg) => arg !== '--local');
  const stop = new AbortController();
  const sitting = { input: number, interruption: stop.signal, slept: () => stop.abort() };
  return deskWith([...own, here, '--yes', ...more], sitting);
};
const json = async (line: string) => JSON.parse((await run(line, '--json')).out);

let tail = 1000;
/** Requests codes in one range until they are refused, and gives the id of the finding. */
const attacked = async (range: string): Promise<string> => {
  for (let sent = 0; sent < 200; sent += 1) {
    tail += 1;
    const headers = { 'x-local-source-ip': `198.18.${Math.floor(tail / 250)}.${(tail % 250) + 1}` };
    const answer = await app.request({ phoneNumber: `${range}${String(tail).slice(-4)}` }, headers);
    if (wordOf(answer) === 'destination-suspended') break;
  }
  type Listed = { readonly id: string; readonly level: string; readonly what?: { readonly range?: string } };
  return vi.waitUntil(
    async () => {
      const { findings }: { findings: readonly Listed[] } = await json('otp-desk findings');
      return findings.find(({ level, what }) => level === 'range' && what?.range?.startsWith(range))?.id ?? '';
    },
    { timeout: 20_000, interval: 200 },
  );
};

const day = (ago: number): string => new Date(stack.clock.now() - ago * 86_400_000).toISOString().slice(0, 10);
/** The line, with what people found before in the place of the words for it. */
const filled = (line: string, id: string): string =>
  line
    .replace(/\bID\b/, id)
    .replace(/\bKEY\b/, 'aws/lambda/detect-bursts/letter.json')
    .replace('application web', 'application default')
    .replace(/--from \S+/, `--from ${day(3)}`)
    .replace(/--to \S+/, `--to ${day(0)}`);

/** Before a command that ends something, the one that begins it. */
const before = (line: string): string | undefined => {
  if (line.includes(' resume ')) return line.replace(' resume ', ' stop ');
  if (line.includes(' cancel-launch country:IN'))
    return 'otp-desk launch country IN --for 24h --expected 5000 --reason "a TV spot"';
  const [, group] = / lift ((?:country|prefix|range|ip) (?:"[^"]+"|\S+))/.exec(line) ?? [];
  return group === undefined ? undefined : `otp-desk block ${group} --for 60m --reason "pumping"`;
};

/** Commands that ask AWS about the parts of a stack. */
const ofAws = /^otp-desk (?:dead-letters|rotate|drill)\b/;
const commands = deskCommands();

/** Findings of ranges: one for the runbook, and one for its own commands. Both are made before a launch is announced. */
let id = '';
let other = '';
beforeAll(async () => {
  id = await attacked('+91981240');
  other = await attacked('+91987702');
});

describe('the commands of the runbook', () => {
  test('the runbook has a command for each task', () => {
    const verbs = new Set(commands.map((line) => wordsOf(line)[1]));
    const tasks = ['status', 'findings', 'show', 'ack', 'false-positive', 'block', 'lift', 'launch', 'stop', 'resume'];
    const rarer = ['history', 'erase', 'export', 'dead-letters', 'rotate', 'drill', 'actions', 'watch'];
    expect([...tasks, ...rarer].filter((verb) => !verbs.has(verb))).toEqual([]);
    expect(commands.length).toBeGreaterThan(25);
  });

  test.each(commands.filter((line) => !ofAws.test(line)))('the service does as this line says: %s', async (line) => {
    const first = before(line);
    if (first !== undefined) expect(await run(filled(first, id)), first).toMatchObject({ exit: 0 });
    const { exit, out, err } = await run(filled(line, id));
    // These settings have no webhook. `webhooks.test.ts` replays where there is one.
    if (line.includes(' webhooks replay'))
      return expect([exit, err]).toEqual([1, expect.stringContaining('no webhook')]);
    // Nor has a purpose of theirs use for a notice. `port-notices.test.ts` lifts one.
    if (line.includes(' port-notice '))
      return expect([exit, err]).toEqual([1, expect.stringContaining('numberRisk.purposes')]);
    // Local mode has nobody who receives alarms, which is not well.
    expect(line.startsWith('otp-desk status') ? [0, 3] : [0], `${out}${err}`).toContain(exit);
    expect(out).not.toBe('');
    expect(out).not.toContain(number.slice(-10));
    if (line.includes(' stop ')) expect((await run(filled(line, id).replace(' stop ', ' resume '))).exit).toBe(0);
  });

  test.each(commands.filter((line) => ofAws.test(line)))('%s says that local mode has no such part', async (line) => {
    const { exit, out, err } = await run(filled(line, ''));
    expect([exit, out, err]).toEqual([2, '', expect.stringContaining('local mode has none')]);
  });

  test('a command that is misspelled, or has a wrong option, is found', async () => {
    expect((await run('otp-desk unblock country IN --reason "over"')).exit).toBe(2);
    expect((await run('otp-desk block country IN --hours 1 --reason "over"')).exit).toBe(2);
  });
});

describe('the commands of a finding', () => {
  test('the commands that a finding of a range prints do what they say, once a reason stands for WHY', async () => {
    const { commands: own }: { commands: Readonly<Record<string, string>> } = await json(`otp-desk show ${other}`);
    expect(Object.keys(own)).toEqual(
      expect.arrayContaining(['show', 'acknowledge', 'false_positive', 'lift', 'launch']),
    );
    for (const [name, line] of Object.entries(own)) {
      expect(line, name).toMatch(/^otp-desk --local /);
      if (line.includes('WHY')) expect((await run(line)).err, line).toContain('WHY stands for your reason');
      const { exit, out, err } = await run(line.replace('WHY', '"a TV spot"'));
      expect([exit, err], `${line}\n${out}`).toEqual([0, '']);
    }
    const { status } = await json(`otp-desk show ${other}`);
    expect(status).toBe('false-positive');
  });
});
