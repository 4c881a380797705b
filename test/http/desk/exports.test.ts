import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { verifyExport } from '../../../cli/desk/verify-export/verify-export.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { downloaded } from '../../fakes/desk/memory-exports.ts';
import { clientOf, freshNumber, openStack } from '../client.ts';
import { openSettling } from '../weapons/settling.ts';
import { publicKeyOf } from './public-key.ts';

let stack: LocalStack;
/** Waits until the detector has kept all that happened before. */
let settle: () => Promise<void>;
beforeAll(async () => {
  ({ stack, settle } = await openSettling((options) => openStack(inject('bundles'), options)));
});
afterAll(() => stack.stop());

type Body = Readonly<Record<string, never>>;

const ask = async (method: 'GET' | 'POST', path: string, body?: object) => {
  const answer = await fetch(`${stack.operatorUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
};

const iso = (ms: number) => new Date(ms).toISOString();
const lastDay = () => ({
  from: iso(stack.clock.now() - 86_400_000),
  to: iso(stack.clock.now()),
  reason: 'yearly audit',
});
const started = async (body: object = lastDay()) => {
  const answer = await ask('POST', '/v1/exports', body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return String(answer.body['id']);
};
const stateOf = async (id: string) => (await ask('GET', `/v1/exports/${id}`)).body as Readonly<Record<string, unknown>>;
const ended = async (id: string) =>
  await vi.waitFor(
    async () => {
      const state = await stateOf(id);
      expect(state['state']).not.toBe('running');
      return state;
    },
    { timeout: 30_000, interval: 50 },
  );

const files = () => stack.exports?.objects ?? new Map<string, string>();
const manifestOf = (id: string) => JSON.parse(files().get(`${id}/manifest.json`) ?? '{}');
const linesOf = (id: string): readonly Readonly<Record<string, unknown>>[] =>
  (manifestOf(id).parts as readonly { name: string }[]).flatMap(({ name }) =>
    (files().get(`${id}/${name}`) ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  );

const securityItems = async () => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.security });
  return Items as readonly Readonly<Record<string, { readonly S?: string }>>[];
};

/** Some verifications, and what the detector keeps of them. */
const traffic = async () => {
  const app = clientOf(stack);
  const numbers = [freshNumber(), freshNumber()];
  for (const number of numbers) {
    const { id, code } = await app.requested(number);
    await app.check(id, { code });
  }
  await settle();
  return numbers;
};

describe('an export', () => {
  test('an export holds the events of all numbers and the actions of operators, with a signed manifest', async () => {
    const numbers = await traffic();
    const answer = await ask('POST', '/v1/exports', lastDay());
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    expect(answer.body).toMatchObject({
      state: 'running',
      estimate: { items: expect.any(Number), usd: expect.any(Number) },
    });
    const id = String(answer.body['id']);
    expect(answer.headers.get('location')).toBe(`${stack.operatorUrl}/v1/exports/${id}`);
    const state = await ended(id);
    expect(state).toMatchObject({
      id,
      state: 'done',
      progress: { share: 1 },
      manifest: `${id}/manifest.json`,
      parts: 1,
    });
    expect(state['price']).toMatchObject({ readUnits: expect.any(Number) });

    const manifest = manifestOf(id);
    const [part] = manifest.parts;
    const content = files().get(`${id}/${part.name}`) ?? '';
    expect(createHash('sha256').update(content).digest('hex')).toBe(part.sha256);
    expect(Buffer.byteLength(content)).toBe(part.bytes);
    expect(content.split('\n').length - 1).toBe(part.lines);
    const lines = linesOf(id);
    expect(lines.filter(({ record }) => record === 'event').length).toBe(4);
    expect(state['counts']).toMatchObject({ events: 4, actions: 0, unreadable: 0 });

    const everything = [...files().values()].join('\n');
    for (const number of numbers) expect(everything).not.toContain(number.slice(1));
    expect(manifest).toMatchObject({ reason: 'yearly audit', principal: expect.stringContaining('local-operator') });
  });

  test('the manifest is signed by the key of exports, and by no other', async () => {
    const id = await started();
    await ended(id);
    const { signature, keyId, algorithm } = JSON.parse(files().get(`${id}/manifest.sig.json`) ?? '{}');
    expect({ keyId, algorithm }).toEqual({ keyId: stack.keys.exports, algorithm: 'ECDSA_SHA_256' });
    const publicKey = createPublicKey({ key: await publicKeyOf(stack, keyId), format: 'der', type: 'spki' });
    const text = files().get(`${id}/manifest.json`) ?? '';
    expect(verify('sha256', Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))).toBe(true);
    expect(verify('sha256', Buffer.from(`${text} `), publicKey, Buffer.from(signature, 'base64'))).toBe(false);
  });

  test('two exports name a number differently, and neither has the name that the tables have', async () => {
    await traffic();
    const one = await started();
    await ended(one);
    const second = await started();
    await ended(second);
    const namesIn = (id: string) =>
      new Set(linesOf(id).flatMap(({ number }) => (number === undefined ? [] : [number])));
    expect(namesIn(one).size).toBeGreaterThan(1);
    expect(namesIn(one).size).toBe(namesIn(second).size);
    expect([...namesIn(one)].filter((name) => namesIn(second).has(name))).toEqual([]);
    const stored = (await securityItems()).flatMap(({ pk }) => pk?.S?.match(/^phone#(.+)$/)?.[1] ?? []);
    expect(stored.length).toBeGreaterThan(0);
    const everything = [...files().values()].join('\n');
    for (const key of stored) expect(everything).not.toContain(key);
  });

  test('an export is an action of the audit trail, and its secret is gone when it ends', async () => {
    const id = await started({ ...lastDay(), reason: 'a reason to find' });
    await ended(id);
    const { actions } = (await ask('GET', '/v1/actions')).body as unknown as { actions: readonly object[] };
    expect(actions).toContainEqual(expect.objectContaining({ id, action: 'export', reason: 'a reason to find' }));
    const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.guards });
    expect(JSON.stringify(Items)).not.toContain('export-key#');
  });
});

describe('what an auditor may ask for', () => {
  const day = 86_400_000;
  const bodies: readonly (readonly [string, () => unknown, string])[] = [
    ['a time that is no time', () => ({ ...lastDay(), from: 'yesterday' }), 'Write a day or a time'],
    ['a day that no calendar has', () => ({ ...lastDay(), from: '2026-02-30' }), 'Write a day or a time'],
    ['an hour that no clock has', () => ({ ...lastDay(), from: '2026-02-20T25:00:00Z' }), 'Write a day or a time'],
    ['a time without an offset', () => ({ ...lastDay(), from: '2026-02-20T05:00:00' }), 'Write a day or a time'],
    ['a number', () => ({ ...lastDay(), from: stack.clock.now() - day }), 'Write a day or a time'],
    ['an end in the future', () => ({ ...lastDay(), to: iso(stack.clock.now() + day) }), 'not in the future'],
    ['an end before the start', () => ({ ...lastDay(), to: iso(stack.clock.now() - 2 * day) }), 'Nothing lies between'],
    ['an end at the start', () => ({ ...lastDay(), to: lastDay().from }), 'Nothing lies between'],
    ['no reason', () => ({ from: lastDay().from, to: lastDay().to }), 'required'],
    ['a reason with a number', () => ({ ...lastDay(), reason: 'about +91 98765 43210' }), 'phone number'],
    ['a field that does not exist', () => ({ ...lastDay(), bucket: 'mine' }), 'does not exist'],
  ];

  test.each(bodies)('an export is refused with a sentence for %s', async (_, body, sentence) => {
    const answer = await ask('POST', '/v1/exports', body() as object);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(sentence);
  });

  test('no export is found by an id that is none, or by the name of another item', async () => {
    for (const id of ['none', crypto.randomUUID(), 'lock', '%23', '..', 'a'.repeat(2000)]) {
      const answer = await ask('GET', `/v1/exports/${id}`);
      expect([404, 403], id).toContain(answer.status);
    }
  });

  test('one export starts of those asked for at once, and the others name it', async () => {
    const before = failures();
    // The first one cannot end before the others are asked for.
    stack.exports?.refuse(/^PUT/);
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask('POST', '/v1/exports', lastDay())));
    const [first, ...more] = answers.filter(({ status }) => status === 202);
    expect(more).toEqual([]);
    const others = answers.filter(({ status }) => status === 409);
    expect(others).toHaveLength(4);
    for (const { body } of others) expect(body).toMatchObject({ code: 'export-running', running: first?.body['id'] });
    const id = String(first?.body['id']);
    await untilFailed(before);
    stack.exports?.refuse(undefined);
    stack.clock.advance(400_000);
    expect(await ended(id)).toMatchObject({ state: 'done' });
  });
});

describe('an export of a table that changes, or of a day when parts fail', () => {
  test('an export while events come has each event before its end once, and none after it', async () => {
    await traffic();
    const before = linesOf(await ended(await started()).then(({ id }) => String(id)));
    const id = await started();
    const coming = Promise.all([traffic(), traffic()]);
    await ended(id);
    await coming;
    const to = String(manifestOf(id).to);
    const events = linesOf(id).filter(({ record }) => record === 'event');
    expect(events.filter(({ at }) => String(at) >= to)).toEqual([]);
    expect(events.length).toBe(before.filter(({ record }) => record === 'event').length);
    expect(await problemsOf(id)).toEqual([]);
  });

  test('an export whose bucket fails goes on when somebody asks for its state', async () => {
    await traffic();
    const before = failures();
    stack.exports?.refuse(/^PUT/);
    const id = await started();
    await untilFailed(before);
    expect(await stateOf(id)).toMatchObject({ state: 'running' });
    stack.exports?.refuse(undefined);
    // Until the time of the run that died is over, nobody takes its work over.
    stack.clock.advance(400_000);
    expect(await ended(id)).toMatchObject({ state: 'done' });
    expect(await problemsOf(id)).toEqual([]);
  });

  test('an export whose key is disabled is not signed, and is done when the key is back', async () => {
    const before = failures();
    stack.faults.kms?.fail('disabled', { times: 100, operation: 'Sign' });
    const id = await started();
    await untilFailed(before);
    expect(files().has(`${id}/manifest.json`)).toBe(false);
    stack.faults.kms?.clearFaults();
    stack.clock.advance(400_000);
    expect(await ended(id)).toMatchObject({ state: 'done' });
    expect(await problemsOf(id)).toEqual([]);
  });

  test('ten thousand events are exported, each once', async () => {
    const atMs = stack.clock.now() - 1000;
    const at = { N: String(atMs) };
    for (let first = 0; first < 10_000; first += 25) {
      const puts = Array.from({ length: 25 }, (_, nth) => ({
        PutRequest: {
          Item: {
            pk: { S: `phone#bulk-${(first + nth) % 500}` },
            sk: { S: `bulk-${first + nth}` },
            at,
            kind: { S: 'started' },
            purpose: { S: `bulk-${first + nth}` },
          },
        },
      }));
      await stack.callDynamo('DynamoDB_20120810.BatchWriteItem', { RequestItems: { [stack.tables.security]: puts } });
    }
    const id = await started({ from: iso(atMs), to: iso(atMs + 1), reason: 'all of it' });
    expect(await ended(id)).toMatchObject({ state: 'done', counts: { events: 10_000, unreadable: 0 } });
    const purposes = linesOf(id).flatMap(({ purpose }) => purpose ?? []);
    expect(new Set(purposes).size).toBe(10_000);
    expect(purposes).toHaveLength(10_000);
    expect(await problemsOf(id)).toEqual([]);
  });
});

describe('an export that somebody changed', () => {
  test('a changed byte, a missing part, an added file and another manifest are found, each in a sentence', async () => {
    await traffic();
    const id = await started();
    await ended(id);
    const [{ name }] = manifestOf(id).parts;
    const manifest = files().get(`${id}/manifest.json`) ?? '';
    const content = files().get(`${id}/${name}`) ?? '';
    const found = async (changed: Readonly<Record<string, string | undefined>>) =>
      (await problemsOf(id, changed)).join('\n');
    expect(await found({})).toBe('');
    expect(await found({ [name]: content.replace('started', 'stArted') })).toContain('Somebody changed it');
    expect(await found({ [name]: content.slice(0, -10) })).toContain('cut it off');
    expect(await found({ [name]: undefined })).toContain('It is missing');
    expect(await found({ 'part-000009-0123456789abcdef.jsonl': content })).toContain('somebody added it');
    expect(await found({ 'manifest.json': manifest.replace('yearly', 'weekly') })).toContain(
      'does not fit its signature',
    );
    expect(await found({ 'manifest.sig.json': '{}' })).toContain('does not fit its signature');
    expect(await found({ 'manifest.json': undefined })).toContain('manifest.json is missing');
  });
});

/** Invocations that failed, by the log. */
const failures = () =>
  stack.logs().filter(({ function: name, line }) => name === 'export-events' && line.includes('"step":"export"'))
    .length;

const untilFailed = (before: number) =>
  vi.waitFor(() => expect(failures()).toBeGreaterThan(before), { timeout: 20_000 });

const problemsOf = async (id: string, changed: Readonly<Record<string, string | undefined>> = {}) => {
  const { files: all } = downloaded(files(), id);
  const now = new Map(
    Object.entries({ ...Object.fromEntries(all), ...changed }).filter(([, text]) => text !== undefined),
  );
  const key = createPublicKey({ key: await publicKeyOf(stack, stack.keys.exports), format: 'der', type: 'spki' });
  const contentOf = (name: string) => Buffer.from(now.get(name) ?? '');
  const folder = {
    names: [...now.keys()],
    sizeOf: async (name: string) => contentOf(name).length,
    read: async (name: string) => contentOf(name),
  };
  return (await verifyExport(folder, key)).problems;
};
