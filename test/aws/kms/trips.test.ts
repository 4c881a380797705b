import { createHmac } from 'node:crypto';
import { GenerateMacCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { kmsCodes } from '../../../lambdas/aws/kms/codes.ts';
import { kmsHourKeys } from '../../../lambdas/aws/kms/hours.ts';
import { kmsSeal, kmsUnseal } from '../../../lambdas/aws/kms/seal.ts';
import { checkVerification } from '../../../lambdas/otp/check.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { Seal, Unseal } from '../../../lambdas/otp/ports.ts';
import { requestVerification } from '../../../lambdas/otp/request.ts';
import { resendVerification } from '../../../lambdas/otp/resend.ts';
import type { RiskAnswer } from '../../../lambdas/otp/risk/ports.ts';
import type { Policy, RiskOutcome, Sealing } from '../../../lambdas/policy.ts';
import { riskPolicy } from '../../fakes/sending/operator.ts';
import { phone, world, wrongCode } from '../../fakes/world.ts';

/** Answers all calls that wait for AWS at once, when nothing else is left to do: one trip. */
const lockstep = () => {
  const trips: string[][] = [];
  let waiting: { readonly name: string; readonly go: () => void }[] = [];
  const call = <Answer>(name: string, act: () => Promise<Answer>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      waiting.push({ name, go: () => void act().then(resolve, reject) });
    });
  const run = async <Outcome>(flow: () => Promise<Outcome>) => {
    trips.length = 0;
    let isDone = false;
    const outcome = flow().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      const wave = waiting;
      waiting = [];
      if (wave.length > 0) trips.push(wave.map(({ name }) => name).toSorted());
      for (const { go } of wave) go();
    }
    return { outcome: await outcome, trips: [...trips] };
  };
  return { call, run };
};
type Call = ReturnType<typeof lockstep>['call'];

/** Each method as one call to AWS. */
const called = <Port extends object>(port: Port, call: Call, names: Readonly<Record<string, string>> = {}): Port =>
  new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...parts: readonly unknown[]) => call(names[String(name)] ?? String(name), () => value(...parts));
    },
  });

/** KMS as far as the keys of codes and hours need it. */
const kmsOf = (call: Call): KMSClient => {
  const send = (command: unknown) => {
    if (command instanceof GenerateMacCommand) {
      const { KeyId = '', Message = new Uint8Array() } = command.input;
      return call('GenerateMac', async () => ({ Mac: createHmac('sha256', KeyId).update(Message).digest() }));
    }
    throw new Error('This KMS only makes MACs.');
  };
  return { send } as unknown as KMSClient;
};

/** The flows of one container, whose clock stands away from a turn of the hour. */
const openContainer = async (sealing: Sealing, policy: Partial<Policy> = {}) => {
  const { call, run } = lockstep();
  const here = world({ sealing, ...policy });
  here.state.nowMs += 40 * 60_000;
  const kms = kmsOf(call);
  const hours = kmsHourKeys(kms, 'hourly key', here.ports.now);
  const perRecord = called<Seal & Unseal>(here.ports.seals, call, { seal: 'Encrypt', open: 'Decrypt' });
  const hourly = { ...kmsSeal(kms, 'seal key', hours), ...kmsUnseal(kms, 'seal key', hours) };
  const ports = {
    ...here.ports,
    codes: kmsCodes(kms, { a: 'code key' }),
    seals: {
      seal: (...parts: Parameters<typeof hourly.seal>) =>
        parts[2] === 'hourly' ? hourly.seal(...parts) : perRecord.seal(...parts),
      open: (key: string, sealed: string) =>
        sealed.includes('.') ? hourly.open(key, sealed) : perRecord.open(key, sealed),
    },
    ledger: called(here.ports.ledger, call),
    signer: { ...here.ports.signer, sign: called(here.ports.signer, call, { sign: SignCommand.name }).sign },
    sender: called(here.ports.sender, call, { send: 'Publish' }),
    numberRisk: here.ports.numberRisk && called(here.ports.numberRisk, call),
  };
  const request = requestVerification(ports, here.rules);
  const check = checkVerification(ports, here.rules);
  const resend = resendVerification(ports, here.rules);
  const start = () => run(() => hours.prepare());
  return {
    here,
    hours,
    start,
    request: (purpose = 'login') => {
      const transaction = { amount: '1', currency: 'INR', payee: 'Acme' };
      const more = purpose === 'transaction' ? { purpose, transaction } : { purpose };
      return run(() => request({ phone: phone(), application: 'app', ip: '192.0.2.1', ...more }));
    },
    /** As the entrypoint: the keys of hours are made sure of beside the check. */
    check: (id: string, code: string, transaction?: { amount: string; currency: string; payee: string }) =>
      run(() => {
        if (sealing === 'hourly') hours.prepare().catch(() => undefined);
        return check({ id, code: secret(code), application: 'app', transaction });
      }),
    resend: (id: string) => run(() => resend({ id, application: 'app' })),
  };
};

const idOf = (outcome: Awaited<ReturnType<ReturnType<typeof requestVerification>>>): string => {
  if (outcome.kind !== 'created') throw new Error(`expected a verification, got ${outcome.kind}`);
  return outcome.view.id;
};

test.each([
  ['per-record', { send: 3, wrong: 2, right: 4 }, ['Encrypt', 'GenerateMac', 'read']],
  ['hourly', { send: 3, wrong: 2, right: 3 }, ['GenerateMac', 'read']],
] as const)('sealed %s, a flow takes the trips %j in sequence', async (sealing, expected, first) => {
  const container = await openContainer(sealing);
  if (sealing === 'hourly') await container.start();
  const sent = await container.request();
  expect(sent.trips[0]).toEqual(first);
  const [id, code] = [idOf(sent.outcome), container.here.lastCode()];
  const wrong = await container.check(id, wrongCode(code));
  const right = await container.check(id, code);
  expect(right.outcome.kind).toBe('approved');
  expect({ send: sent.trips.length, wrong: wrong.trips.length, right: right.trips.length }).toEqual(expected);
});

test('a container that starts, or meets the turn of the hour, derives the key beside the MAC of a guess', async () => {
  const container = await openContainer('hourly');
  const { outcome } = await container.request();
  container.here.state.nowMs += 16 * 60_000;
  const { trips } = await container.check(idOf(outcome), '000000');
  expect(trips[0]).toEqual(['GenerateMac', 'GenerateMac']);
  expect(trips).toHaveLength(2);
});

test('a payment is sealed by KMS itself, whatever the setting', async () => {
  const container = await openContainer('hourly');
  await container.start();
  const { outcome, trips } = await container.request('transaction');
  expect(trips[0]).toEqual(['Encrypt', 'GenerateMac', 'read']);
  const transaction = { amount: '1', currency: 'INR', payee: 'Acme' };
  const right = await container.check(idOf(outcome), container.here.lastCode(), transaction);
  expect(right.outcome.kind).toBe('approved');
  expect(right.trips).toHaveLength(4);
});

test('a resend of a record that is sealed hourly asks KMS for the MAC of the code alone', async () => {
  const container = await openContainer('hourly');
  await container.start();
  const { outcome } = await container.request();
  container.here.pass(31);
  const { trips, outcome: again } = await container.resend(idOf(outcome));
  expect(again.kind).toBe('resent');
  expect(trips.flat().filter((name) => /^[A-Z]/.test(name))).toEqual(['GenerateMac', 'Publish']);
});

describe('a purpose that minds a swapped SIM', () => {
  const read = ['Encrypt', 'GenerateMac', 'read'];
  const committed = ['ask', 'commit', 'reserve'];
  const clean: RiskAnswer = { kind: 'clean', provider: 'operator-in' };
  const swapped: RiskAnswer = { kind: 'swapped', provider: 'operator-in' };
  const minding = (ifSwapped: RiskOutcome) =>
    openContainer('per-record', { numberRisk: riskPolicy({ ifSwapped, failMode: 'closed' }) });

  test.each<[string, RiskAnswer, RiskOutcome, string[][]]>([
    ['a clean answer', clean, 'refuse', [['Publish', 'keepRisk']]],
    ['a swap that refuses', swapped, 'refuse', [['endAsFailed', 'keepRisk', 'noteRefusal']]],
    ['a swap that steps up', swapped, 'step-up', [['keepRisk', 'noteRisk'], ['Publish']]],
  ])('%s is asked for beside the commit, and only a step-up takes a trip more', async (_, answer, ifSwapped, after) => {
    const container = await minding(ifSwapped);
    container.here.operator.says(answer);
    const { trips } = await container.request();
    expect(trips).toEqual([read, committed, ...after]);
  });

  test('an answer that is kept makes the same trips, and asks nobody', async () => {
    const container = await minding('refuse');
    await container.request();
    container.here.pass(31);
    const { trips } = await container.request();
    expect(trips).toEqual([read, committed.filter((name) => name !== 'ask'), ['Publish']]);
  });

  test('a request that a limit refuses makes the trips of any other', async () => {
    const [minds, other] = [await minding('refuse'), await openContainer('per-record')];
    const trips = [];
    for (const container of [minds, other]) {
      await container.request();
      const refused = await container.request();
      expect(refused.outcome.kind).toBe('too-soon');
      trips.push(refused.trips);
    }
    expect(trips[0]).toEqual(trips[1]);
    expect(trips.flat(2)).not.toContain('ask');
  });
});
