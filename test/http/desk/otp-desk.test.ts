import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { deskWith, type Sitting, spawnDesk } from '../../fakes/desk/desk.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { type Client, clientOf, openStack, tally, wordOf } from '../client.ts';

let stack: LocalStack;
let app: Client;
let here: readonly string[];
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
  here = ['--local', new URL(stack.url).origin];
});
afterAll(() => stack.stop());

const desk = (args: readonly string[], sitting?: Sitting) => deskWith([...here, ...args], sitting);
const json = async (...args: readonly string[]) => JSON.parse((await desk([...args, '--json'])).out);

let calls = 0;
/** From an IP that nobody has used. */
const request = async (phoneNumber: string): Promise<unknown> => {
  calls += 1;
  const headers = { 'x-local-source-ip': `198.18.${Math.floor(calls / 250)}.${(calls % 250) + 1}` };
  return wordOf(await app.request({ phoneNumber }, headers));
};

const attacked = '+9198124';
let tail = 100_000;
/** Requests codes in one range until they are refused. */
const attack = async (): Promise<void> => {
  for (let sent = 0; sent < 200; sent += 1) {
    tail += 1;
    if ((await request(`+91981240${String(tail).slice(-4)}`)) === 'destination-suspended') return;
  }
  throw new Error('Nobody stopped the attack.');
};

type Listed = { readonly id: string; readonly level: string; readonly what?: { readonly range?: string } };
const idOfRange = async (): Promise<string> => {
  const { findings } = await json('findings');
  return findings.find(({ level, what }: Listed) => level === 'range' && what?.range?.startsWith(attacked))?.id ?? '';
};

let id = '';

describe('an attack on a range', () => {
  beforeAll(async () => {
    await attack();
    id = await vi.waitUntil(idOfRange, { timeout: 20_000, interval: 200 });
  });

  test('the finding is listed with its range, when it changed and what it is about, and --json is exactly what the API answers', async () => {
    const { out, exit } = await desk(['findings'], { now: () => Date.now() + 65_000 });
    expect(exit).toBe(0);
    expect(out).toMatch(/^severity +status +what/);
    expect(out).toContain(id);
    expect(out).toContain(attacked);
    expect(out).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(1 min \d+ s ago\)/);
    const raw = async () => (await fetch(`${here[1]}/_operator/v1/findings`)).json();
    // A sweep may come between the two.
    await expect.poll(async () => isDeepStrictEqual(await json('findings'), await raw())).toBe(true);
  });

  test('a person sees the finding explained, with its timeline, and the headline first', async () => {
    const { out, exit } = await desk(['show', id], { columns: 80 });
    const answer = await json('show', id);
    expect(exit).toBe(0);
    expect(out.replaceAll('\n', ' ')).toMatch(new RegExp(`^CRITICAL: ${answer.headline.slice(0, 20)}`));
    expect(out).toContain('What happened');
    expect(out.replaceAll(/\s+/g, ' ')).toContain('The detector found it: critical; it restricted, until ');
    expect(out.indexOf('The numbers behind it')).toBeGreaterThan(out.indexOf('What happened'));
    expect(answer.timeline.length).toBeGreaterThan(0);
  });

  test('acknowledging asks a person, needs --yes from a script, and is done once each by many at once', async () => {
    const refused = await desk(['ack', id]);
    expect([refused.exit, refused.err]).toEqual([5, expect.stringContaining('Write --yes')]);
    const declined = await desk(['ack', id], { answers: ['n'] });
    expect([declined.exit, declined.err, declined.asked.length]).toEqual([5, 'Nothing was done.\n', 1]);
    const ended = await desk(['ack', id], { answers: [undefined] });
    expect(ended.exit).toBe(5);
    expect((await json('show', id)).status).toBe('new');
    const all = await inParallel(8, () => desk(['ack', id, '--yes', '--note', 'I look at it.']));
    expect(tally(all.map(({ exit }) => exit))).toEqual({ 0: 8 });
    const { status, note } = await json('show', id);
    expect([status, note]).toEqual(['acknowledged', 'I look at it.']);
    const { actions } = await json('actions', '--since', '1h');
    expect(actions.filter(({ action }: { action: string }) => action === 'acknowledge')).toHaveLength(8);
  });

  test('the restriction is listed, and lifting it by the words of people lets the range pass', async () => {
    expect((await desk(['blocks'])).out).toContain(attacked);
    expect(await request('+919812409999')).toBe('destination-suspended');
    const lifted = await desk(['lift', 'range', '+91', '98124', '0xxxx', '--allow', '2h'], {
      answers: ['our campaign', 'y'],
    });
    expect([lifted.exit, lifted.out]).toEqual([
      0,
      expect.stringMatching(/^Lifted: range \+91 98124 0xxxx\..*in (?:1 h 59 min|2 h)\)/),
    ]);
    expect(await request('+919812409998')).toBe('pending');
  });
});

describe('a block', () => {
  test('a block of a country holds from the next request on, is listed with its reason, and is extended by another', async () => {
    const args = ['block', 'country', 'GB', '--reason', 'pumping', '--yes'];
    expect((await desk([...args, '--for', '60m'])).exit).toBe(0);
    expect(await request('+447400123456')).toBe('destination-suspended');
    const longer = await desk([...args, '--for', '2d', '--json']);
    expect(JSON.parse(longer.out)).toMatchObject({ what: { country: 'GB' }, reason: 'pumping', kind: 'block' });
    expect((await desk(['blocks'])).out).toMatch(/block +country GB +\S+ \S+ UTC \(in (?:1 d 23 h|2 d)\)/);
    expect((await desk(['lift', 'country', 'GB', '--reason', 'over', '--yes'])).exit).toBe(0);
  });

  test('a number is blocked from standard input or by an answer, and stands in no output and no list', async () => {
    const number = '+919876012345';
    const flags = ['--reason', 'a complaint', '--yes'];
    const piped = await desk(['block', 'number', ...flags], { input: `${number}\n` });
    expect([piped.exit, piped.out.includes('9876012345')]).toEqual([0, false]);
    expect(await request(number)).toBe('destination-suspended');
    expect((await desk(['blocks'])).out).toContain('number (hidden)');
    const answered = await desk(['lift', 'number'], { answers: [number, 'a mistake', 'yes'] });
    expect([answered.exit, answered.out.includes('9876012345')]).toEqual([0, false]);
    expect(await request(number)).toBe('pending');
  });

  test.each([
    ['a country that is none', ['country', 'XX']],
    ['a country that is not served', ['country', 'FR']],
    ['a prefix of no country', ['prefix', '+999']],
    ['a range of five open digits', ['range', '+91 9876x xxxx']],
    ['a whole number as a range', ['range', '+919876543210']],
    ['a private IP', ['ip', '10.0.0.1']],
    ['an IP with a port', ['ip', '203.0.113.7:80']],
    ['a list of IPs', ['ip', '203.0.113.7,203.0.113.8']],
    ['a time that is over', ['country', 'IN', '--until', '2020-01-01T00:00:00Z']],
    ['a time without a zone', ['country', 'IN', '--until', '2030-01-01']],
    ['text that a terminal obeys', ['country', '\u001b[2J\u202eIN']],
  ])('the API refuses %s with a sentence, and nothing is blocked', async (_, args) => {
    const { exit, out, err } = await desk(['block', ...args, '--reason', 'a slip', '--yes']);
    expect([exit, out]).toEqual([1, '']);
    expect(err).toMatch(/^(?:--until: )?[A-Z][^\p{Cc}\p{Cf}]+\.\n$/u);
    expect((await json('blocks')).blocks.filter(({ reason }: { reason: string }) => reason === 'a slip')).toEqual([]);
  });

  test('a problem of the API is printed as JSON for machines, beside the sentence', async () => {
    const { exit, out, err } = await desk(['block', 'country', 'XX', '--reason', 'a slip', '--yes', '--json']);
    expect([exit, JSON.parse(out)]).toEqual([1, expect.objectContaining({ status: 400, code: 'invalid-request' })]);
    expect(err).toMatch(/^No country with telephone numbers has this code/);
  });

  test('a reason with a number in it is refused, because the trail keeps it', async () => {
    const { exit, err } = await desk(['block', 'country', 'IN', '--reason', 'call +91 98765 43210', '--yes']);
    expect([exit, err]).toEqual([1, expect.stringContaining('--reason: This may hold a phone number')]);
  });
});

describe('the other routes', () => {
  test('status answers in one call, and its exit code is its state', async () => {
    const { exit, out } = await desk(['status', '--json']);
    const { state, checks } = JSON.parse(out);
    expect(exit).toBe(state === 'ok' ? 0 : 3);
    expect(checks.length).toBeGreaterThan(5);
    const shown = await desk(['status']);
    expect(shown.exit).toBe(exit);
    for (const { name, says } of checks) expect(shown.out).toContain(`${name}: ${says}`);
  });

  test('the history of a number is read and erased from standard input, and the number is in no output and in no action', async () => {
    const number = '+919871112222';
    expect(await request(number)).toBe('pending');
    const flags = ['--reason', 'request of the holder', '--yes'];
    const masked = '+91••••••2222';
    const past = async () => (await desk(['history', ...flags], { input: number })).out;
    await vi.waitUntil(async () => (await past()).includes('what started'), { timeout: 20_000, interval: 3000 });
    const { exit, out } = await desk(['erase', '--order', 'ERASE-2026-0001', ...flags], { input: number });
    expect([exit, out]).toEqual([
      0,
      expect.stringContaining(`order: ERASE-2026-0001\nnumber: ${masked}\nis complete: true\n`),
    ]);
    expect(out).toContain('remaining:');
    expect((await past()) + out + (await desk(['actions'])).out).not.toContain('9871112222');
  });
});

describe('launches and stops', () => {
  test('a launch is announced, listed with what was expected, and canceled by its id', async () => {
    const flags = ['--for', '24h', '--expected', '5000', '--reason', 'TV spot', '--yes'];
    const { exit, out } = await desk(['launch', 'country', 'US', ...flags]);
    expect([exit, out]).toEqual([0, expect.stringContaining('otp-desk cancel-launch country:US ends it before.')]);
    expect((await desk(['launches'])).out).toMatch(/country:US +country US .* \d+ of 5000 /);
    expect((await desk(['cancel-launch', 'country:US', '--yes'])).exit).toBe(0);
    expect((await desk(['launches'])).out).toBe('No launch is announced.\n');
  });

  test('a stop of a country holds from the next request on, until the same words resume it', async () => {
    expect((await desk(['stop', 'country', 'US', '--reason', 'bill explodes', '--yes'])).exit).toBe(0);
    expect(await request('+12025550147')).toBe('sending-stopped');
    expect((await desk(['status'])).out).toContain('bill explodes');
    expect((await desk(['resume', 'country', 'US', '--reason', 'attack is over', '--yes'])).exit).toBe(0);
    expect(await request('+12025550147')).not.toBe('sending-stopped');
  });

  test('a finding is lifted by its id', async () => {
    const { exit, out } = await desk(['lift', 'finding', id, '--reason', 'our campaign', '--yes']);
    expect([exit, out]).toEqual([0, expect.stringContaining(`Lifted: range ${attacked}`)]);
  });
});

describe('the program itself', () => {
  test('the program runs without a terminal: answers on standard output, sentences beside it, and the exit code says how it went', async () => {
    const listed = await spawnDesk([...here, 'findings', '--status', 'acknowledged', '--json']).ended;
    expect([listed.exit, listed.err]).toEqual([0, '']);
    expect(JSON.parse(listed.out).findings).toBeInstanceOf(Array);
    const refused = await spawnDesk([...here, 'block', 'country', 'IN', '--reason', 'test']).ended;
    expect(refused).toEqual({ exit: 5, out: '', err: expect.stringMatching(/--yes/) });
    const missing = await spawnDesk([...here, 'show', 'nobody']).ended;
    expect(missing).toEqual({ exit: 1, out: '', err: expect.stringMatching(/^No finding has this id/) });
  });

  test('watch prints what holds, then each change, and ends well with Ctrl-C', async () => {
    const watching = spawnDesk([...here, 'watch', '--every', '1s', '--json']);
    await expect.poll(() => watching.texts.out, { timeout: 20_000 }).toContain('"new"');
    expect((await desk(['block', 'country', 'US', '--reason', 'seen by the watch', '--yes'])).exit).toBe(0);
    await expect.poll(() => watching.texts.out, { timeout: 20_000 }).toContain('seen by the watch');
    expect((await desk(['lift', 'country', 'US', '--reason', 'over', '--yes'])).exit).toBe(0);
    await expect.poll(() => watching.texts.out, { timeout: 20_000 }).toContain('"ended"');
    watching.interrupt();
    const { exit, out } = await watching.ended;
    expect(exit).toBe(0);
    const changes = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(
      changes
        .filter(({ entry }) => entry.reason === 'seen by the watch')
        .map(({ change, kind }) => `${change} ${kind}`),
    ).toEqual(['new block', 'ended block']);
  });
});
