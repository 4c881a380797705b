import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import settings from '../../../bin/settings.ts';
import { bundle } from '../../../bundle/bundle.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import type { CarrierFault, Sim } from '../../../local/carrier/carrier.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { waitLonger } from '../../fakes/aws/patient-bundles.ts';
import { type AwsProxy, awsProxy } from '../../fakes/aws/proxy.ts';
import { roomySettings } from '../../fakes/settings.ts';
import {
  type Answer,
  type Client,
  clientOf,
  freshNumber,
  type OperatorClient,
  openStack,
  operatorOf,
  wordOf,
} from '../client.ts';

const numberRisk = {
  purposes: {
    'verify-number': { ifSwapped: 'allow', failMode: 'open' },
    login: { ifSwapped: 'step-up', failMode: 'open' },
    transaction: { ifSwapped: 'step-up', failMode: 'closed' },
    'account-change': { ifSwapped: 'refuse', failMode: 'closed' },
  },
  providers: [
    {
      name: 'operator-in',
      countries: ['IN'],
      apiRoot: 'https://api.operator.com/camara',
      question: 'retrieve-date',
      priceUsd: 0.01,
      tokenUrl: 'https://auth.operator.com/token',
      clientId: 'otp',
      secret: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:otp/operator-in-AbCdEf',
    },
  ],
} as const satisfies SettingsInput['numberRisk'];

let folder: string;
let stack: LocalStack;
let app: Client;
let desk: OperatorClient;
let tables: AwsProxy;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otp-risk-'));
  const countries = { IN: { priceUsd: 0.02 } };
  const input = { ...settings, ...roomySettings, countries, numberRisk };
  await bundle({ out: folder, policy: policyOf(parseSettings(input)), riskTo: 'local' });
  await waitLonger(folder);
  const dynamodb = async (url: string) => {
    tables = await awsProxy(url);
    return tables.url;
  };
  stack = await openStack(folder, { endpoints: { dynamodb } }, inject('askingTemplate'));
  app = clientOf(stack);
  desk = operatorOf(stack);
});
afterAll(async () => {
  await stack?.stop();
  await tables?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => {
  tables.holdBy(async () => {});
  stack.faults.carrier?.clear();
  // A provider that failed is left alone for a few seconds.
  stack.clock.advance(61_000);
});

const hourMs = 3_600_000;
const payment = { amount: '10.00', currency: 'INR', payee: 'Acme' };
const ask = (phoneNumber: string, purpose: string): Promise<Answer> =>
  app.request({ phoneNumber, purpose, ...(purpose === 'transaction' ? { transaction: payment } : {}) });
const checkOf = (id: string, phoneNumber: string, purpose: string): Promise<Answer> =>
  app.check(id, { code: app.lastCode(phoneNumber), ...(purpose === 'transaction' ? { transaction: payment } : {}) });
const swapped = (): Sim => ({ kind: 'swapped', atMs: stack.clock.now() - hourMs });
const setSim = (phoneNumber: string, sim: Sim) => stack.faults.carrier?.set(phoneNumber, sim);
const lookUps = () => (stack.faults.carrier?.calls ?? []).filter((path) => path.startsWith('/sim-swap/')).length;

/** The claims of a proof that say what is known of the number. */
const proven = async (phoneNumber: string, purpose: string, answer: Answer) => {
  const checked = await checkOf(String(answer.body['id']), phoneNumber, purpose);
  expect(wordOf(checked)).toBe('approved');
  return { hint: checked.body['hint'], claims: decodeJwt(String(checked.body['proof'])) };
};
const stepUp = 'additional-verification-required';

describe('a swapped SIM', () => {
  test('a purpose that allows it gets its code, and the proof tells when it was', async () => {
    const number = freshNumber();
    setSim(number, swapped());
    const answer = await ask(number, 'verify-number');
    expect([answer.status, answer.body['hint']]).toEqual([201, undefined]);
    const { claims } = await proven(number, 'verify-number', answer);
    expect(claims).toMatchObject({ risk: 'checked', phone_number_verified: true });
    expect(claims).toHaveProperty('sim_swapped_at');
  });

  test.each(['login', 'transaction'])(
    '%s gets its code, and client and proof are told that it is not enough',
    async (purpose) => {
      const number = freshNumber();
      setSim(number, swapped());
      const answer = await ask(number, purpose);
      expect([answer.status, answer.body['hint']]).toEqual([201, stepUp]);
      const { hint, claims } = await proven(number, purpose, answer);
      expect(hint).toBe(stepUp);
      expect(claims).toMatchObject({ risk: 'checked' });
      expect(claims['phone_number_verified']).not.toBe(true);
    },
  );

  test('an account change is refused, and nothing is sent', async () => {
    const number = freshNumber();
    setSim(number, swapped());
    const answer = await ask(number, 'account-change');
    expect([answer.status, answer.body['code']]).toEqual([403, 'number-at-risk']);
    expect(stack.messages(number)).toEqual([]);
  });

  test('a repeat within ten minutes asks nobody, and counts for the number', async () => {
    const number = freshNumber();
    setSim(number, swapped());
    await ask(number, 'account-change');
    const before = lookUps();
    stack.clock.advance(31_000);
    const again = await ask(number, 'account-change');
    expect(again.status).toBe(403);
    expect(lookUps()).toBe(before);
    expect((await ask(number, 'account-change')).status).toBe(429);
  });
});

describe('a SIM of which nothing is known', () => {
  test.each<readonly [string, CarrierFault | Sim['kind'], number, string]>([
    ['slow', 'slow', 503, 'temporarily-unavailable'],
    ['down', 'down', 503, 'temporarily-unavailable'],
    ['broken', 'internal-error', 503, 'temporarily-unavailable'],
    ['busy', 'busy', 503, 'temporarily-unavailable'],
    ['without the number (404)', 'foreign', 403, 'number-at-risk'],
    ['without the service (422)', 'not-applicable', 403, 'number-at-risk'],
    ['with a null date', 'untold', 403, 'number-at-risk'],
  ])('a provider that is %s lets login pass and refuses an account change', async (_, how, status, code) => {
    const state = (['foreign', 'not-applicable', 'untold'] as const).find((kind) => kind === how);
    const arm = (number: string) => {
      if (state === undefined) stack.faults.carrier?.fail(how as CarrierFault);
      else setSim(number, { kind: state });
    };
    const [one, other] = [freshNumber(), freshNumber()];
    arm(one);
    const open = await ask(one, 'login');
    expect([open.status, open.body['hint']]).toEqual([201, undefined]);
    const { claims } = await proven(one, 'login', open);
    expect(claims).toMatchObject({ risk: 'unknown', phone_number_verified: true });
    stack.clock.advance(61_000);
    arm(other);
    const closed = await ask(other, 'account-change');
    expect([closed.status, closed.body['code']]).toEqual([status, code]);
    expect(stack.messages(other)).toEqual([]);
  });

  test('a provider that is kept busy lets a swapped SIM past purposes that fail open, while it lasts, and past no other', async () => {
    const [one, other] = [freshNumber(), freshNumber()];
    for (const number of [one, other]) setSim(number, swapped());
    stack.faults.carrier?.fail('busy');
    await ask(freshNumber(), 'login');
    const before = lookUps();
    const open = await ask(one, 'login');
    expect((await ask(other, 'account-change')).status).toBe(503);
    expect([open.status, open.body['hint'], lookUps()]).toEqual([201, undefined, before]);
    expect((await proven(one, 'login', open)).claims).toMatchObject({ risk: 'unknown' });
    stack.clock.advance(61_000);
    expect((await ask(one, 'login')).body['hint']).toBe(stepUp);
  });

  test('a payment that fails closed gets its code, and a proof that is not enough', async () => {
    const number = freshNumber();
    setSim(number, { kind: 'foreign' });
    const answer = await ask(number, 'transaction');
    expect([answer.status, answer.body['hint']]).toEqual([201, stepUp]);
    const { claims } = await proven(number, 'transaction', answer);
    expect(claims).toMatchObject({ risk: 'unknown' });
    expect(claims['phone_number_verified']).not.toBe(true);
  });
});

test('a SIM that was not swapped costs one look-up in ten minutes, and the proof says that it was checked', async () => {
  const number = freshNumber();
  const before = lookUps();
  const answer = await ask(number, 'account-change');
  const { hint, claims } = await proven(number, 'account-change', answer);
  expect([answer.status, hint]).toEqual([201, undefined]);
  expect(claims).toMatchObject({ risk: 'checked', phone_number_verified: true });
  stack.clock.advance(60_000);
  expect((await ask(number, 'login')).status).toBe(201);
  expect(lookUps()).toBe(before + 1);
  stack.clock.advance(10 * 60_000);
  expect((await ask(number, 'login')).status).toBe(201);
  expect(lookUps()).toBe(before + 2);
});

test('a porting notice outranks a provider that knows of no swap, until it is lifted', async () => {
  const number = freshNumber();
  const because = { number, reason: 'a list of the carrier' };
  expect((await desk.post('/v1/numbers/port-notice', because)).status).toBe(200);
  const before = lookUps();
  const refused = await ask(number, 'account-change');
  expect([refused.status, wordOf(refused)]).toEqual([403, 'number-at-risk']);
  expect(stack.messages(number)).toEqual([]);
  stack.clock.advance(61_000);
  const asked = await ask(number, 'login');
  expect([asked.status, asked.body['hint']]).toEqual([201, stepUp]);
  const marked = await proven(number, 'login', asked);
  expect(marked.claims).toMatchObject({ risk: 'checked', phone_number_verified: false });
  expect(marked.claims).toHaveProperty('sim_swapped_at');
  expect(lookUps()).toBe(before);
  expect((await desk.post('/v1/numbers/port-notice/lift', because)).status).toBe(200);
  stack.clock.advance(61_000);
  const free = await ask(number, 'account-change');
  expect([free.status, free.body['hint']]).toEqual([201, undefined]);
  const { claims } = await proven(number, 'account-change', free);
  expect(claims).toMatchObject({ risk: 'checked', phone_number_verified: true });
  expect(claims).not.toHaveProperty('sim_swapped_at');
  expect(lookUps()).toBe(before + 1);
});

test('a notice that comes after the code refuses the resend, and leaves no whole proof of the code that is out', async () => {
  const number = freshNumber();
  const because = { number, reason: 'a list of the carrier' };
  const asked = await ask(number, 'account-change');
  expect(asked.status).toBe(201);
  expect((await desk.post('/v1/numbers/port-notice', because)).status).toBe(200);
  stack.clock.advance(61_000);
  const again = await app.resend(String(asked.body['id']));
  expect([again.status, wordOf(again)]).toEqual([403, 'number-at-risk']);
  expect(stack.messages(number)).toHaveLength(1);
  const { hint, claims } = await proven(number, 'account-change', asked);
  expect([hint, claims['phone_number_verified']]).toEqual([stepUp, false]);
});

describe('trips', () => {
  /** What the flow asks of the tables for a number; the detector's calls name none but by its keyed hash. */
  const ofFlow = () => tables.calls.filter((name) => name === 'BatchGetItem' || name === 'TransactWriteItems');
  const forget = async () => {
    await stack.workedOff();
    for (const list of [tables.calls, tables.inputs, tables.tries]) list.length = 0;
  };
  const isOfLookUp = (input: string) => input.includes('sim-swap#');

  test('a clean answer is looked up beside the commit, after the one read and before the SMS', async () => {
    const number = freshNumber();
    await forget();
    const before = lookUps();
    const seen: Record<string, { readonly lookUps: number; readonly sms: number }> = {};
    let isBeside = false;
    tables.holdBy(async (operation, input) => {
      const name = isOfLookUp(input) ? `${operation} sim-swap` : operation;
      seen[name] ??= { lookUps: lookUps() - before, sms: stack.messages(number).length };
      if (operation !== 'TransactWriteItems' || !input.includes('sealed')) return;
      // The commit waits for the look-up here. A flow that asks one after the other never gets on.
      await expect.poll(lookUps, { timeout: 10_000 }).toBe(before + 1);
      isBeside = true;
    });
    expect((await ask(number, 'account-change')).status).toBe(201);
    expect(isBeside).toBe(true);
    expect(seen['BatchGetItem sim-swap']).toEqual({ lookUps: 0, sms: 0 });
    expect(seen['PutItem sim-swap']?.lookUps).toBe(1);
    expect(lookUps()).toBe(before + 1);
    expect(tables.inputs.filter((input) => isOfLookUp(input) && input.includes('RequestItems'))).toHaveLength(1);
    expect(stack.messages(number)).toHaveLength(1);
  });

  test('a request that a limit refuses makes the read alone, and no trip for the SIM', async () => {
    const number = freshNumber();
    await ask(number, 'account-change');
    await forget();
    const before = lookUps();
    expect((await ask(number, 'account-change')).status).toBe(429);
    expect(lookUps()).toBe(before);
    expect(ofFlow().filter((name) => name === 'TransactWriteItems')).toEqual([]);
    expect(tables.inputs.filter(isOfLookUp)).toHaveLength(1);
  });
});

test('a request that is refused asks no provider', async () => {
  const number = freshNumber();
  await ask(number, 'login');
  const before = lookUps();
  expect((await ask(number, 'login')).status).toBe(429);
  expect(lookUps()).toBe(before);
});

test('a look-up that fails is counted by provider and is no failed dependency, and one that is spared has no time', async () => {
  const before = stack.logs().length;
  stack.faults.carrier?.fail('down', 3);
  for (let nth = 0; nth < 4; nth += 1) expect((await ask(freshNumber(), 'login')).status).toBe(201);
  const lines = stack
    .logs()
    .slice(before)
    .map(({ line }) => line);
  const counted = lines.filter((line) => line.includes('"SimSwapUnanswered":1'));
  expect(counted).toHaveLength(4);
  for (const metric of ['"SimSwapTime":', '"SimSwapTimedOut":'])
    expect(counted.filter((line) => line.includes(metric))).toHaveLength(3);
  expect(lines.filter((line) => line.includes('"look-up failed"'))).toHaveLength(3);
  expect(lines.filter((line) => line.includes('"leftAlone":true'))).toHaveLength(1);
  const all = stack.logs().map(({ line }) => line);
  expect(all.filter((line) => line.includes('DependencyFailed') || line.includes('dependency failed'))).toEqual([]);
});

test('the log holds no number, no token and no key', async () => {
  const number = freshNumber();
  stack.faults.carrier?.fail('down');
  await ask(number, 'login');
  const lines = stack
    .logs()
    .map(({ line }) => line)
    .join('\n');
  expect(lines).toContain('number risk unknown');
  expect(lines).not.toContain(number.slice(1));
  expect(lines).not.toMatch(/Bearer|client_assertion|"d":/);
});
