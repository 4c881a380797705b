import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { clientOf, freshNumber, openStack } from '../client.ts';
import { openSettling } from '../weapons/settling.ts';

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
    const publicKey = createPublicKey({ key: await publicKeyOf(keyId), format: 'der', type: 'spki' });
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

const publicKeyOf = async (KeyId: string): Promise<Buffer> => {
  const { url } = stack.faults.kms ?? expect.fail('There is no KMS.');
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.GetPublicKey',
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kms/aws4_request',
    },
    body: JSON.stringify({ KeyId }),
  });
  return Buffer.from(((await answer.json()) as { PublicKey: string }).PublicKey, 'base64');
};
