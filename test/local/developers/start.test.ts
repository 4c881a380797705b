import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callerOf } from '../../fakes/api-call.ts';
import { until } from '../fixtures.ts';

const root = new URL('../../../', import.meta.url).pathname;

/** Starts `npm start` with switches, in a folder, and waits until it runs or has ended. */
const start = async (switches: readonly string[], cwd = root) => {
  const command = ['--disable-warning=ExperimentalWarning', join(root, 'local/start.ts'), '--port', '0', ...switches];
  const child = spawn(process.execPath, command, { cwd });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  await until(() => output.includes('Ctrl-C ends it') || child.exitCode !== null, 'it started', 45).catch((error) => {
    child.kill('SIGINT');
    throw new Error(output, { cause: error });
  });
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '';
  return {
    url,
    output: () => output,
    closed,
    request: (phoneNumber: string, headers?: Record<string, string>) =>
      callerOf(url, 'local')('POST', '/v1/verifications', { phoneNumber }, headers),
    check: (id: unknown, code: string) => callerOf(url, 'local')('POST', `/v1/verifications/${id}/check`, { code }),
    facts: async (name: string) => (await fetch(`${url}/_local/${name}`)).json(),
    end: async () => {
      child.kill('SIGINT');
      return await closed;
    },
  };
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otp-start-'));
  const settings = { brand: 'Mine', audience: 'https://mine.example', countries: { GB: {} } };
  await writeFile(join(folder, 'my-settings.ts'), `export default ${JSON.stringify(settings)};`);
  await writeFile(join(folder, 'wrong.json'), JSON.stringify({ ...settings, brands: 'Mine' }));
});
afterAll(() => rm(folder, { recursive: true }));

describe('npm start for developers', () => {
  test('npm start has the settings, countries and test numbers that are asked for, says why it refuses, and starts anew', async () => {
    const switches = ['--settings', 'my-settings.ts', '--allow-all-countries', '--test-number', '+12025550123=123456'];
    const local = await start(switches, folder);
    try {
      expect(local.output()).toMatch(/DynamoDB +http:\/\/127\.0\.0\.1:\d+ \(tables otp-verifications, /);
      expect(local.output()).toContain("-H 'x-api-key: local'");
      expect(await local.facts('settings')).toMatchObject({
        endpoint: local.url,
        limits: true,
        countries: expect.arrayContaining(['GB', 'FR', 'BR']),
        applications: [{ name: 'default', kind: 'public', apiKey: 'local' }],
      });
      expect((await local.request('+33612345678')).status).toBe(201);
      expect(await local.facts('messages')).toMatchObject([{ text: expect.stringContaining('Mine') }]);
      const tested = await local.request('+12025550123');
      expect((await local.check(tested.body['id'], '123456')).body['status']).toBe('approved');
      const refused = await local.request('+33612345678');
      expect(refused.status).toBe(429);
      const why =
        'The last SMS to this number is too recent. The seconds of wait after its SMS are 30 (limit cooldown).';
      expect(refused.text).not.toContain('--no-limits');
      const requestId = refused.body['requestId'];
      expect(await local.facts(`refusals?requestId=${requestId}`)).toMatchObject([
        { requestId, status: 429, code: 'resend-too-soon', why, until: expect.any(String), lift: expect.any(String) },
      ]);
      expect(local.output()).toContain(`resend-too-soon: ${why}`);
      await local.request('+33612345678', { 'x-api-key': 'wrong' });
      expect(await local.facts('refusals')).toMatchObject([{ code: 'unauthorized' }, { requestId }]);
      const emptied = await fetch(`${local.url}/_local/state`, { method: 'DELETE' });
      expect(emptied.status).toBe(204);
      for (const name of ['messages', 'refusals', 'events']) expect(await local.facts(name)).toEqual([]);
      expect((await local.request('+33612345678')).status).toBe(201);
    } finally {
      expect(await local.end()).toBe(0);
    }
  });

  test('npm start without limits serves made-up numbers in a row and one number again and again, and says so loudly', async () => {
    const local = await start(['--no-limits']);
    try {
      expect(local.output()).toContain('NO LIMITS (--no-limits)');
      expect(await local.facts('settings')).toMatchObject({ limits: false });
      const statuses = new Set<number>();
      for (let nth = 0; nth < 20; nth += 1) statuses.add((await local.request(`+9198765${10_000 + nth}`)).status);
      for (let nth = 0; nth < 100; nth += 1) statuses.add((await local.request('+919876543210')).status);
      expect([...statuses]).toEqual([201]);
      expect(await local.facts('events')).toEqual([]);
      const { body } = await local.request('+919876500000');
      const answers = [];
      for (let nth = 0; nth < 6; nth += 1) answers.push((await local.check(body['id'], `00000${nth}`)).status);
      expect(answers.slice(-1)).toEqual([410]);
    } finally {
      expect(await local.end()).toBe(0);
    }
  });

  test('npm start ends with the sentences of the synthesis if settings are wrong, and without a stack trace', async () => {
    const local = await start(['--settings', 'wrong.json'], folder);
    expect(await local.closed).toBe(1);
    expect(local.output()).toMatch(
      /The settings \(.*wrong\.json\) have one problem:\n {2}brands: There is no such setting/,
    );
    expect(local.output()).not.toMatch(/^ +at /m);
  });
});
