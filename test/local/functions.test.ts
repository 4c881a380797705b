import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnvironmentName, FunctionName } from '../../lambdas/contract.ts';
import {
  functions as functionFacts,
  functionNames,
  webhookDeskFunctionNames,
  webhookQueueVariables,
} from '../../lambdas/contract.ts';
import { asRecord } from '../../local/aws/dynamo.ts';
import { createClock } from '../../local/clock.ts';
import { type Functions, functionEnvironment, startFunctions } from '../../local/functions/functions.ts';
import { until, writeBundles } from './fixtures.ts';

const environment: Record<EnvironmentName, string> = {
  VERIFICATIONS_TABLE: 'verifications',
  GUARDS_TABLE: 'guards',
  TRAFFIC_TABLE: 'traffic',
  SECURITY_TABLE: 'security',
  FINDINGS_BUS: 'findings',
  CODE_KEYS: '{}',
  PSEUDONYM_KEY: 'pseudonym',
  SEAL_KEY: 'seal',
  PROOF_KEY: 'proof',
  ENDPOINT: 'http://127.0.0.1:1',
  OPERATOR_ENDPOINT: 'http://127.0.0.1:1',
  APPLICATIONS: '{"default":["*"]}',
  DEAD_LETTER_BUCKET: 'dead-letters',
  DETECT_BURSTS_FUNCTION: 'detect-bursts',
  DETECTOR_MAPPING: 'mapping',
  ALARM_TOPIC: 'alarms',
  KEYS: '{}',
  EXPORT_BUCKET: 'exports',
  EXPORT_SIGNING_KEY: 'exports',
  WEBHOOK_QUEUE: 'webhooks',
  WEBHOOK_DEAD_LETTERS: 'webhooks-dead',
  EVENT_LETTER_BUCKET: 'event-letters',
};
const endpoints = {
  dynamodb: 'http://127.0.0.1:1',
  kms: 'http://127.0.0.1:2',
  sns: 'http://127.0.0.1:3',
  smsVoice: 'http://127.0.0.1:8',
  eventbridge: 'http://127.0.0.1:6',
  s3: 'http://127.0.0.1:4',
  lambda: 'http://127.0.0.1:5',
  cloudwatch: 'http://127.0.0.1:7',
  sqs: 'http://127.0.0.1:9',
  secretsManager: 'http://127.0.0.1:10',
};

const wild = `
import { get } from 'node:http';
const waiting = [];
export const handler = async ({ act, value }) => {
  if (act === 'die') setImmediate(() => { throw new Error('no one catches this'); });
  if (act === 'exit') process.exit(3);
  if (act === 'throw') throw new TypeError('thrown');
  if (act === 'hang' || act === 'die') await new Promise(() => {});
  if (act === 'spin') for (;;);
  if (act === 'meet') await new Promise((resolve) => { waiting.push(resolve); if (waiting.length === 2) waiting.forEach((go) => go()); });
  if (act === 'log') { console.log('one\\ntwo'); console.error('three'); }
  if (act === 'store') { const { InvokeStore } = globalThis.awslambda; InvokeStore.set('mine', value); await new Promise((go) => setTimeout(go, 5)); return InvokeStore.get('mine'); }
  if (act === 'large') return 'x'.repeat(value);
  if (act === 'circular') { const circle = {}; circle.self = circle; return circle; }
  if (act === 'leave') get(value).on('error', () => {});
  if (act === 'wait') await new Promise((go) => get(value, (response) => response.resume().on('end', go)));
  return { act };
};`;

let bundles: Awaited<ReturnType<typeof writeBundles>>;
const clock = createClock();
const running: Functions[] = [];
const start = (change: { timeoutMs?: number } = {}) => {
  const started = startFunctions({ bundles: bundles.folder, environment, endpoints, clock, ...change });
  running.push(started);
  return started;
};
beforeAll(async () => {
  bundles = await writeBundles({
    'check-verification': wild,
    'resend-verification': `throw new Error('cannot load');`,
    'cancel-verification': 'export const nothing = 1;',
  });
});
afterAll(async () => {
  await Promise.all(running.map((functions) => functions.stop()));
  await bundles.remove();
});

const echoed = async (functions: Functions, name: FunctionName = 'get-verification') => {
  const invocation = await functions.invoke(name, { hello: 'world' }, 'request-1');
  if (invocation.kind !== 'answered') throw new Error(JSON.stringify(invocation));
  return asRecord(JSON.parse(String(asRecord(invocation.payload)['body'])));
};

describe('the environment', () => {
  test.each(functionNames)('%s sees what the contract and Lambda give it, and nothing else', async (name) => {
    const names = Object.keys(functionEnvironment(name, { bundles: bundles.folder, environment, endpoints }));
    const ours = names.filter((variable) => Object.hasOwn(environment, variable));
    // If there are webhooks, staff see their queues.
    const queues = webhookDeskFunctionNames.some((each) => each === name) ? webhookQueueVariables : [];
    expect(ours.sort()).toEqual([...functionFacts[name].environment, ...queues].sort());
  });

  test('nothing of this process leaks in, real credentials least of all', async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIAREAL',
      AWS_SECRET_ACCESS_KEY: 'real',
      AWS_SESSION_TOKEN: 'real',
      AWS_PROFILE: 'production',
      OTP_TEST_HOST_VARIABLE: 'leaked',
    });
    const functions = start();
    const seen = asRecord((await echoed(functions))['environment']);
    for (const name of [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_PROFILE',
      'OTP_TEST_HOST_VARIABLE',
    ])
      delete process.env[name];
    expect(seen).toEqual(functionEnvironment('get-verification', { bundles: bundles.folder, environment, endpoints }));
    expect(seen).toMatchObject({
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: 'get-verification',
    });
  });

  test('a handler gets its event and the context that Lambda gives', async () => {
    const { event, context, remainingMs } = await echoed(start());
    expect(event).toEqual({ hello: 'world' });
    expect(context).toMatchObject({
      awsRequestId: 'request-1',
      functionName: 'get-verification',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
    });
    expect(remainingMs).toBeGreaterThan(5000);
    expect(remainingMs).toBeLessThanOrEqual(10_000);
  });
});

describe('the clock', () => {
  test('the clock moves for every function, the ones that run already included', async () => {
    const functions = start();
    const before = Number((await echoed(functions))['now']);
    clock.advance(3_600_000);
    const { now, date } = await echoed(functions);
    expect(Number(now) - before).toBeGreaterThanOrEqual(3_600_000);
    expect(Number(now) - before).toBeLessThan(3_660_000);
    expect(Math.abs(Date.parse(String(date)) - Number(now))).toBeLessThan(1000);
    expect(Number((await echoed(functions, 'jwks'))['now']) - before).toBeGreaterThanOrEqual(3_600_000);
    clock.advance(-3_600_000);
  });

  test('the time of every function stands still while the clock is held, and goes on from there', async () => {
    const functions = start();
    const timeOf = async () => Number((await echoed(functions))['now']);
    const [first, second, moved] = await clock.holdDuring(async () => {
      const times = [await timeOf(), await timeOf()];
      clock.advance(1000);
      return [...times, await timeOf()];
    });
    expect([second, moved]).toEqual([first, Number(first) + 1000]);
    const after = await timeOf();
    expect(after).toBeGreaterThanOrEqual(Number(moved));
    expect(after - Number(moved)).toBeLessThan(60_000);
    clock.advance(-clock.offsetMs());
  });

  test('the clock cannot be moved to where dates end', () => {
    expect(() => clock.advance(1e15)).toThrow(RangeError);
    expect(() => clock.advance(Number.NaN)).toThrow(RangeError);
  });
});

describe('what goes wrong', () => {
  const act = (functions: Functions, name: string) => functions.invoke('check-verification', { act: name }, name);

  test('an error that a handler throws fails its invocation only', async () => {
    const functions = start();
    expect(await act(functions, 'throw')).toMatchObject({ kind: 'failed', reason: expect.stringContaining('thrown') });
    expect(await act(functions, 'fine')).toEqual({ kind: 'answered', payload: { act: 'fine' } });
  });

  test.each(['die', 'exit'])(
    'a function that dies (%s) fails what it had in flight, and the next one finds another',
    async (way) => {
      const functions = start();
      await act(functions, 'fine');
      const hanging = act(functions, 'hang');
      expect(await act(functions, way)).toMatchObject({ kind: 'failed' });
      expect(await hanging).toMatchObject({ kind: 'failed' });
      expect(await act(functions, 'fine')).toEqual({ kind: 'answered', payload: { act: 'fine' } });
    },
  );

  test.each(['hang', 'spin'])(
    'a function that does not end (%s) runs out of time, and the next one finds another',
    async (way) => {
      const functions = start({ timeoutMs: 1000 });
      expect(await act(functions, way)).toEqual({ kind: 'timed-out' });
      expect(await act(functions, 'fine')).toEqual({ kind: 'answered', payload: { act: 'fine' } });
    },
  );

  test('a bundle that does not load fails its invocations and says why', async () => {
    const functions = start();
    for (const name of ['resend-verification', 'cancel-verification'] as const)
      expect(await functions.invoke(name, {}, 'x')).toMatchObject({
        kind: 'failed',
        reason: expect.stringMatching(/cannot load|exports no function named handler/),
      });
  });

  test('bundles that are missing are an error that says how to make them', async () => {
    expect(() => startFunctions({ bundles: '/nowhere', environment, endpoints, clock })).toThrow(
      /node bundle\/bundle\.ts --out \/nowhere/,
    );
  });

  test('nothing is left and nothing starts after stop', async () => {
    const functions = start();
    const hanging = act(functions, 'hang');
    await functions.stop();
    expect(await hanging).toMatchObject({ kind: 'failed' });
    expect(await act(functions, 'fine')).toMatchObject({ kind: 'failed' });
  });
});

describe('side by side', () => {
  test('several invocations are in flight in one function', async () => {
    const functions = start();
    const both = ['meet', 'meet'].map((act) => functions.invoke('check-verification', { act }, act));
    expect(await Promise.all(both)).toEqual(Array(2).fill({ kind: 'answered', payload: { act: 'meet' } }));
  });

  test('more than a thread can take wait their turn, and none is lost', async () => {
    const functions = start();
    const values = Array.from({ length: 200 }, (_, index) => index);
    const answers = await Promise.all(
      values.map((value) => functions.invoke('check-verification', { act: 'store', value }, String(value))),
    );
    expect(answers).toEqual(values.map((payload) => ({ kind: 'answered', payload })));
  });

  test('each has its own invocation store', async () => {
    const functions = start();
    const values = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(
      values.map((value) => functions.invoke('check-verification', { act: 'store', value }, String(value))),
    );
    expect(answers).toEqual(values.map((payload) => ({ kind: 'answered', payload })));
  });

  test('every line that a function writes is kept, with its name', async () => {
    const functions = start();
    await functions.invoke('check-verification', { act: 'log' }, 'x');
    await until(() => functions.logs().length === 3, 'three lines were written');
    const lines = functions.logs().map(({ function: name, stream, line }) => `${name} ${stream} ${line}`);
    expect(lines.sort()).toEqual([
      'check-verification stderr three',
      'check-verification stdout one',
      'check-verification stdout two',
    ]);
  });

  describe('as Lambda', () => {
    const call = (functions: Functions, event: object) => functions.invoke('check-verification', event, 'id');

    test('an answer of more than 6 MB fails, as on Lambda', async () => {
      const functions = start();
      const mb = 1024 * 1024;
      expect(await call(functions, { act: 'large', value: 6 * mb - 2 })).toMatchObject({ kind: 'answered' });
      expect(await call(functions, { act: 'large', value: 6 * mb })).toMatchObject({
        kind: 'failed',
        reason: expect.stringContaining('maximum allowed payload size'),
      });
    });

    test('an answer that is no JSON fails, as on Lambda', async () => {
      expect(await call(start(), { act: 'circular' })).toMatchObject({ kind: 'failed' });
    });

    test('an environment of more than 4 KB is refused at the start, as by Lambda, and the function is named', async () => {
      const large = { ...environment, CODE_KEYS: 'x'.repeat(4096) };
      expect(() => startFunctions({ bundles: bundles.folder, environment: large, endpoints, clock })).toThrow(
        /The environment of request-verification has \d+ bytes, and Lambda takes 4096/,
      );
    });

    test('a function that answers before its calls have is told so: Lambda would freeze them', async () => {
      const server = createServer((request, response) => void (request.url === '/' ? response.end('here') : undefined));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const functions = start();
      const troubles = () => functions.logs().filter(({ line }) => line.includes('would be frozen'));
      await call(functions, { act: 'wait', value: `http://127.0.0.1:${port}/` });
      expect(troubles()).toEqual([]);
      await call(functions, { act: 'leave', value: `http://127.0.0.1:${port}/never` });
      expect(troubles()).toEqual([
        expect.objectContaining({
          function: 'check-verification',
          line: expect.stringContaining('before 1 of its calls'),
        }),
      ]);
      server.closeAllConnections();
      server.close();
    });
  });
});
