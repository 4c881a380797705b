import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { policyFile } from '../../../lambdas/contract.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { placesOf } from '../../../local/traffic/places.ts';
import { type Play, plays } from '../../../local/traffic/plays.ts';
import type { Progress } from '../../../local/traffic/progress.ts';
import type { Outcome, Visit } from '../../../local/traffic/visit.ts';
import { until, writeBundles } from '../fixtures.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

type Policy = {
  readonly countries: Readonly<Record<string, object>>;
  readonly applications: Readonly<Record<string, { readonly kind: string }>>;
};

const usual: Policy = { countries: { US: {}, IN: {} }, applications: { web: { kind: 'public' } } };

/** A stack whose functions answer as a test says. */
const startWith = async ({ policy = usual, limits = true, asked = refuses } = {}): Promise<LocalStack> => {
  const bundles = await writeBundles({ 'request-verification': asked });
  await writeFile(join(bundles.folder, 'request-verification', policyFile), JSON.stringify(policy));
  const stack = await startLocalStack({ bundles: bundles.folder, quiet: true, limits });
  ends.push(async () => void (await Promise.all([stack.stop(), bundles.remove()])));
  return stack;
};

const answers = (status: number, code: string) =>
  `export const handler = async () => ({ statusCode: ${status}, headers: { 'content-type': 'application/problem+json' }, body: '{"code":"${code}"}' });`;
const refuses = answers(429, 'too-many-requests');

const call = async ({ origin }: LocalStack, method: string, path: string, body?: unknown, headers = {}) => {
  const response = await fetch(`${origin}/_local/traffic${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
};

const ended = async (stack: LocalStack, id: unknown) => {
  let body: Readonly<Record<string, unknown>> = {};
  await until(async () => {
    body = (await call(stack, 'GET', `/${id}`)).body;
    return body['state'] !== 'running';
  }, 'the play ended');
  return body;
};

describe('a play is asked for by its name', () => {
  test.each([
    ['no name', {}, 400, 'invalid-request'],
    ['a number', { play: 7 }, 400, 'invalid-request'],
    ['a hurry that is no truth value', { play: 'A1', hurry: 'yes' }, 400, 'invalid-request'],
    ['a name that no play has', { play: 'A99' }, 404, 'not-found'],
    ['a name of the language', { play: 'constructor' }, 404, 'not-found'],
    ['no JSON', 'A1', 400, 'invalid-request'],
    ['a list', [], 400, 'invalid-request'],
  ])('a request with %s is refused', async (_, input, status, code) => {
    const stack = await startWith();
    const answer = await call(stack, 'POST', '', input);
    expect(answer).toMatchObject({ status, body: { code, detail: expect.stringMatching(/\w+ .*\.$/) } });
    expect((await call(stack, 'GET', '')).body.running).toEqual([]);
  });

  test('a body that is not sent as JSON, another method and an unknown path are refused', async () => {
    const stack = await startWith();
    const asText = { 'content-type': 'text/plain' };
    expect((await call(stack, 'POST', '', '{"play":"A1"}', asText)).status).toBe(415);
    expect((await call(stack, 'DELETE', '')).status).toBe(405);
    expect((await call(stack, 'GET', '/stop')).status).toBe(405);
    expect((await call(stack, 'POST', '/some-id', {})).status).toBe(405);
    expect((await call(stack, 'GET', '/some-id')).status).toBe(404);
    expect((await call(stack, 'GET', '/some-id/more')).status).toBe(404);
  });
});

describe('a page of somebody else plays nothing', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['of another origin', { origin: 'https://evil.example' }],
    ['of another port', { origin: 'http://127.0.0.1:1' }],
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of the same site', { 'sec-fetch-site': 'same-site' }],
  ])('a page %s is refused', async (_, headers) => {
    const stack = await startWith();
    for (const path of ['', '/stop'])
      expect((await call(stack, 'POST', path, { play: 'A1' }, headers)).status).toBe(403);
    expect((await call(stack, 'GET', '')).body.running).toEqual([]);
  });

  test('a name of somebody else for this machine is refused', async () => {
    const stack = await startWith();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const { port } = new URL(stack.origin);
      const headers = { host: `rebound.example:${port}`, 'content-type': 'application/json' };
      request({ port, host: '127.0.0.1', path: '/_local/traffic', method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end('{"play":"A1"}');
    });
    expect(status).toBe(403);
    expect((await call(stack, 'GET', '')).body.running).toEqual([]);
  });
});

describe('a play needs an instance that can stop it', () => {
  test.each<[string, Parameters<typeof startWith>[0], RegExp]>([
    ['no limits', { limits: false }, /without --no-limits/],
    ['no SMS to its country', { policy: { ...usual, countries: { IN: {} } } }, /no SMS to US/],
    ['no public application', { policy: { ...usual, applications: { shop: { kind: 'back-end' } } } }, /public/],
  ])('an instance with %s plays nothing, and the answer says why', async (_, options, why) => {
    const stack = await startWith(options);
    const { status, body } = await call(stack, 'POST', '', { play: 'A1' });
    expect([status, body.code]).toEqual([400, 'invalid-request']);
    expect(body.detail).toMatch(why);
  });
});

describe('a play has an end', () => {
  test('a service that refuses everything is played to the end, and all refusals are counted', async () => {
    const stack = await startWith();
    const { body } = await call(stack, 'POST', '', { play: 'A3', hurry: true });
    const { state, attack, neighbors } = (await ended(stack, body.id)) as unknown as Progress;
    expect(state).toBe('done');
    expect(attack).toMatchObject({ sent: 0, refused: attack.asked });
    expect(neighbors).toMatchObject({ served: 0, refused: neighbors.asked });
  });

  test('a service that fails makes the play fail, and another one can start', async () => {
    const stack = await startWith({ asked: answers(500, 'internal-error') });
    const { body } = await call(stack, 'POST', '', { play: 'A1', hurry: true });
    expect(await ended(stack, body.id)).toMatchObject({
      state: 'failed',
      error: '/v1/verifications answered 500 internal-error.',
    });
    expect((await call(stack, 'POST', '', { play: 'A1', hurry: true })).status).toBe(202);
  });

  test('an SMS that never comes makes the play fail', async () => {
    const asked = `export const handler = async () => ({ statusCode: 201, headers: { 'content-type': 'application/json' }, body: '{"id":"a","codeLength":6}' });`;
    const stack = await startWith({ asked });
    const { body } = await call(stack, 'POST', '', { play: 'A1', hurry: true });
    expect(await ended(stack, body.id)).toMatchObject({ state: 'failed', error: expect.stringContaining('no code') });
  });

  test('a clock that can go no further makes the play fail', async () => {
    const stack = await startWith();
    stack.clock.advance(10 * 366 * 86_400_000 - 1000);
    const { body } = await call(stack, 'POST', '', { play: 'A1', hurry: true });
    expect(await ended(stack, body.id)).toMatchObject({ state: 'failed', error: expect.stringContaining('ten years') });
  });

  test('a stack that ends stops its play', async () => {
    const stack = await startWith();
    const { body } = await call(stack, 'POST', '', { play: 'A1' });
    expect(body.state).toBe('running');
    await stack.stop();
    await expect(fetch(stack.origin)).rejects.toThrow('fetch failed');
  });
});

/** Everything that a play asks for, if an attacker is refused each time, or never. */
const visitsOf = (play: Play, run: number, outcome: Outcome): { attack: readonly Visit[]; all: readonly Visit[] } => {
  const { attack, neighbors } = play.script(placesOf(run));
  const attacked: Visit[] = [];
  for (let step = attack.next(); step.done !== true; step = attack.next(outcome)) attacked.push(step.value);
  return { attack: attacked, all: [...attacked, ...neighbors] };
};

describe.each(plays)('$play as a script', (play) => {
  test.each<Outcome>(['sent', 'refused'])(
    'a play asks a bounded number of times, in order, if all is %s',
    (outcome) => {
      const { attack, all } = visitsOf(play, 0, outcome);
      const times = attack.map(({ atSeconds }) => atSeconds);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      const { neighbors } = play.script(placesOf(0));
      const theirs = neighbors.map(({ atSeconds }) => atSeconds);
      expect(theirs).toEqual(theirs.toSorted((one, other) => one - other));
      const calls = all.map(({ use }) => 1 + (use.kind === 'nothing' ? 0 : use.kind === 'enter' ? 1 : use.times));
      expect(calls.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(400);
    },
  );

  test('a play is the same in the same run, and has other numbers in the next', () => {
    const phones = (run: number) => visitsOf(play, run, 'sent').all.map(({ phone }) => phone);
    expect(phones(3)).toEqual(phones(3));
    expect(phones(3)).not.toEqual(phones(4));
  });

  test('a play asks for numbers that a carrier may have, whatever the run', () => {
    const phones = Array.from({ length: 40 }, (_, run) => visitsOf(play, run, 'sent').all.map(({ phone }) => phone));
    for (const phone of new Set(phones.flat())) expect(parsePhone(phone).kind).toBe('phone');
  });

  test('a play has numbers of its countries only, in the United States those for fiction', () => {
    for (const { phone, ip } of visitsOf(play, 5, 'sent').all) {
      const country = phone.startsWith('+1') ? 'US' : 'IN';
      expect(play.countries).toContain(country);
      expect(phone).toMatch(country === 'US' ? /^\+1\d{3}55501\d\d$/ : /^\+919[5-8]\d{8}$/);
      // For benchmarks (RFC 2544), or for carriers (RFC 6598).
      expect(ip).toMatch(/^(?:198\.1[89]|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.\d{1,3}\.\d{1,3}$/);
    }
  });
});

test.each(['A11', 'A20'])('%s asks ever more slowly while it is refused', (name) => {
  const play = plays.find((known) => known.play === name) ?? expect.fail('There is no such play.');
  const lasts = (outcome: Outcome) => visitsOf(play, 0, outcome).attack.at(-1)?.atSeconds ?? 0;
  expect(lasts('sent')).toBeLessThan(120);
  expect(lasts('refused')).toBeGreaterThan(6 * 3600);
});
