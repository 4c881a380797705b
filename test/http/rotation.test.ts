import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Kms, startKms } from '../../local/aws/kms.ts';
import { startFunctions } from '../../local/functions/functions.ts';
import { gatewayServerOptions, serveGateway } from '../../local/http/gateway.ts';
import { listenOnLoopback } from '../../local/http/loopback.ts';
import { type LocalStack, localKeys, startLocalStack } from '../../local/stack.ts';
import { wrongCode } from '../fakes/world.ts';
import { quietControls } from '../local/fixtures.ts';
import { type Client, clientOf, freshNumber, stage, wordOf } from './client.ts';

const a = localKeys.code;
const b = { ...a, arn: a.arn.replace(/1$/, '9') };

let kms: Kms;
let stack: LocalStack;
const stops: (() => Promise<void>)[] = [];

/** The functions with other generations of the code key, on the tables, keys and network of the stack. */
const deployed = async (codeKeys: Readonly<Record<string, string>>): Promise<Client> => {
  const loopback = await listenOnLoopback(0, gatewayServerOptions);
  stops.push(loopback.stop);
  const functions = startFunctions({
    bundles: inject('bundles'),
    environment: {
      VERIFICATIONS_TABLE: stack.tables.verifications,
      GUARDS_TABLE: stack.tables.guards,
      TRAFFIC_TABLE: stack.tables.traffic,
      SECURITY_TABLE: stack.tables.security,
      FINDINGS_BUS: 'findings',
      CODE_KEYS: JSON.stringify(codeKeys),
      PSEUDONYM_KEY: stack.keys.pseudonym,
      SEAL_KEY: stack.keys.seal,
      PROOF_KEY: stack.keys.proof,
      ENDPOINT: stack.url,
      OPERATOR_ENDPOINT: stack.url,
      APPLICATIONS: '{"default":["*"]}',
      DEAD_LETTER_BUCKET: 'dead-letters',
      DETECT_BURSTS_FUNCTION: 'detect-bursts',
      DETECTOR_MAPPING: 'mapping',
      ALARM_TOPIC: 'alarms',
      KEYS: '{}',
      EXPORT_BUCKET: 'exports',
      EXPORT_SIGNING_KEY: stack.keys.exports,
      WEBHOOK_QUEUE: 'webhooks',
      WEBHOOK_DEAD_LETTERS: 'webhooks-dead',
      EVENT_LETTER_BUCKET: 'event-letters',
    },
    endpoints: stack.endpoints,
    clock: stack.clock,
  });
  stops.push(functions.stop);
  const { apiKey, clock, messages } = stack;
  const controls = { ...quietControls(), apiKey, clock, messages };
  serveGateway({ loopback, stage, invoke: functions.invoke, controls });
  return clientOf({ ...stack, url: `${loopback.url}/${stage}` });
};

let before: Client;
let during: Client;
let after: Client;
beforeAll(async () => {
  kms = await startKms({ keys: [...Object.values(localKeys), b] });
  stack = await startLocalStack({ bundles: inject('bundles'), stage, quiet: true, endpoints: { kms: kms.url } });
  before = await deployed({ a: a.arn });
  during = await deployed({ a: a.arn, b: b.arn });
  after = await deployed({ b: b.arn });
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  await stack.stop();
  await kms.stop();
});

const codeKeysUsed = async (act: () => Promise<unknown>) => {
  const from = kms.calls.length;
  await act();
  const used = kms.calls.slice(from).map(({ keyArn }) => keyArn);
  return new Set(used.filter((arn) => arn === a.arn || arn === b.arn));
};

describe('when the code key gets a new generation', () => {
  test('codes that are out stay good: a wrong guess costs an attempt, the right one is approved, once', async () => {
    const { id, code } = await before.requested(freshNumber());
    expect(id).toMatch(/^a/);
    const wrong = await during.check(id, { code: wrongCode(code) });
    expect([wordOf(wrong), wrong.body['attemptsRemaining']]).toEqual(['pending', 4]);
    const right = await during.check(id, { code });
    expect([wordOf(right), typeof right.body['proof']]).toEqual(['approved', 'string']);
    expect(wordOf(await during.check(id, { code }))).toBe('code-already-used');
  });

  test('new codes are made under it, and no call of theirs touches the old key', async () => {
    let id = '';
    const used = await codeKeysUsed(async () => {
      const requested = await during.requested(freshNumber());
      id = requested.id;
      expect(wordOf(await during.check(id, { code: requested.code }))).toBe('approved');
    });
    expect(id).toMatch(/^b/);
    expect(used).toEqual(new Set([b.arn]));
  });

  test('a resend stays with the generation of its verification', async () => {
    const phoneNumber = freshNumber();
    const { id, code } = await before.requested(phoneNumber);
    stack.clock.advance(31_000);
    const used = await codeKeysUsed(async () => expect((await during.resend(id)).status).toBe(200));
    expect(used).toEqual(new Set([a.arn]));
    const fresh = during.lastCode(phoneNumber);
    expect(fresh).not.toBe(code);
    expect(wordOf(await during.check(id, { code: fresh }))).toBe('approved');
  });

  test('a request that is repeated with its Idempotency-Key finds its verification: one id, one SMS', async () => {
    const phoneNumber = freshNumber();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const first = await before.request({ phoneNumber }, headers);
    const repeated = await during.request({ phoneNumber }, headers);
    expect([first.status, repeated.body['id']]).toEqual([201, first.body['id']]);
    expect(stack.messages(phoneNumber)).toHaveLength(1);
  });
});

describe('when the old generation is taken out', () => {
  test('too early, its codes are lost: 404, as for an id that never was, and KMS is not asked', async () => {
    const { id, code } = await before.requested(freshNumber());
    const used = await codeKeysUsed(async () => {
      for (const answer of [await after.check(id, { code }), await after.resend(id)])
        expect([answer.status, answer.body['code']]).toEqual([404, 'verification-not-found']);
    });
    expect(used).toEqual(new Set());
    // Nothing was used up. (To list the letter again would not help: it would stand for a new key.)
    expect(wordOf(await during.check(id, { code }))).toBe('approved');
  });

  test('ten minutes after the switch, all that changes is the answer to who comes too late: 404, no longer 410', async () => {
    const { id, code } = await before.requested(freshNumber());
    stack.clock.advance(600_000);
    const late = await during.check(id, { code });
    expect([late.status, late.body['code']]).toEqual([410, 'code-expired']);
    const later = await after.check(id, { code });
    expect([later.status, later.body['code']]).toEqual([404, 'verification-not-found']);
    // Looking needs no key.
    expect((await after.find(id)).body['status']).toBe('expired');
  });

  test('codes of the new one are good', async () => {
    const { id, code } = await during.requested(freshNumber());
    expect(wordOf(await after.check(id, { code }))).toBe('approved');
  });
});
