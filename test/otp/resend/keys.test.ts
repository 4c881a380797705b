import { describe, expect, test } from 'vitest';
import { resendVerification } from '../../../lambdas/otp/resend.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import type { Fault } from '../../fakes/ledger/calls.ts';
import { sampleVoice } from '../../fakes/sending/voice.ts';
import { phone, requested, type World, world, wrongCode } from '../../fakes/world.ts';
import { check, kinds, recordOf, refused, resendInFlight } from './steps.ts';

const idempotencyKey = 'resend-0123456789-abcdef';
const other = { idempotencyKey: 'resend-9876543210-fedcba' };

/** A verification that may be resent now. */
const open = async (here: World) => {
  const { id, code } = await requested(here);
  here.pass(31);
  return { id, code, key: { id, idempotencyKey } };
};

describe('a resend that is repeated with its key', () => {
  test('a repeat sends nothing, changes nothing, and answers the verification as it is now', async () => {
    const here = world();
    const { id, code, key } = await open(here);
    const first = await here.resend(key);
    expect(first).toMatchObject({ kind: 'resent', view: { attemptsRemaining: 5, delivery: 'accepted' } });
    await check(here, id, wrongCode(here.lastCode()));
    const record = recordOf(here, id);
    const again = await here.resend(key);
    expect(again).toMatchObject({
      kind: 'repeated',
      view: { id, status: 'pending', attemptsRemaining: 4, delivery: 'accepted', masked: '+91••••••3210' },
    });
    expect(recordOf(here, id)).toBe(record);
    expect(here.inbox).toHaveLength(2);
    expect(here.ledger.refusals).toEqual([]);
    expect(await check(here, id, code)).toMatchObject({ kind: 'superseded' });
  });

  test('a repeat is answered within the cooldown, over the limits of the number, and after the end of the verification', async () => {
    const here = world();
    const { id, key } = await open(here);
    await here.resend(key);
    expect(await here.resend({ id })).toMatchObject({ kind: 'too-soon' });
    expect(await here.resend({ id, ...other })).toMatchObject({ kind: 'too-soon' });
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated' });
    await check(here, id, here.lastCode());
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { status: 'approved' } });
    expect(await here.resend({ id, ...other })).toEqual({ kind: 'already-used' });
    const canceled = world();
    const second = await open(canceled);
    await canceled.resend(second.key);
    await canceled.cancel(second.id);
    expect(await canceled.resend(second.key)).toMatchObject({ kind: 'repeated', view: { status: 'canceled' } });
    const expired = world();
    const third = await open(expired);
    await expired.resend(third.key);
    expired.pass(301);
    expect(await expired.resend(third.key)).toMatchObject({ kind: 'repeated', view: { status: 'expired' } });
  });

  test('a key is known until DynamoDB may delete the record: a number that is sealed hourly opens no longer', async () => {
    const here = world();
    const { id, key } = await open(here);
    await here.resend(key);
    const secondsLeft = recordOf(here, id).purgeAt - Math.floor(here.state.nowMs / 1000);
    here.pass(secondsLeft - 1);
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { status: 'expired' } });
    here.pass(1);
    here.ports.seals.open = async () => {
      throw new Error('Its hour is over.');
    };
    expect(await here.resend(key)).toEqual({ kind: 'expired' });
  });

  test.each([
    [undefined, 'voice'],
    [undefined, 'sms'],
    ['sms', 'voice'],
    ['voice', 'sms'],
    ['voice', undefined],
  ] as const)('a key of a resend by %s is used again if it asks for %s, and nothing is sent', async (first, then) => {
    const here = world({ voice: sampleVoice });
    const { id, key } = await open(here);
    expect(await here.resend({ ...key, channel: first })).toMatchObject({ kind: 'resent' });
    const record = recordOf(here, id);
    const made = [here.inbox.length, here.calls.length];
    expect(await here.resend({ ...key, channel: then })).toMatchObject({ kind: 'key-reused' });
    here.pass(200);
    expect(await here.resend({ ...key, channel: then })).toMatchObject({ kind: 'key-reused' });
    expect(await here.resend({ ...key, channel: first })).toMatchObject({ kind: 'repeated' });
    expect(recordOf(here, id)).toBe(record);
    expect([here.inbox.length, here.calls.length]).toEqual(made);
  });

  test('a key makes one send, whichever channels ask with it in parallel', async () => {
    const here = world({ voice: sampleVoice });
    const { key } = await open(here);
    const outcomes = await inParallel(60, (index) =>
      here.resend({ ...key, channel: (['sms', 'voice', undefined] as const)[index % 3] }),
    );
    expect(kinds(outcomes)['resent']).toBe(1);
    expect(here.inbox.length + here.calls.length).toBe(2);
    for (const { kind } of outcomes) expect(['resent', 'repeated', 'in-progress', 'key-reused']).toContain(kind);
  });

  test('a key from before it said its channel is repeated, whatever channel asks', async () => {
    const here = world({ voice: sampleVoice });
    const { id, key } = await open(here);
    await here.resend(key);
    const record = recordOf(here, id);
    const plain = record.resendNonces.map((each) => each.replace(/:.*/, ''));
    here.ledger.records.set(record.key, { ...record, resendNonces: plain });
    here.pass(200);
    for (const channel of ['sms', 'voice', undefined] as const)
      expect(await here.resend({ ...key, channel })).toMatchObject({ kind: 'repeated' });
    expect(here.inbox).toHaveLength(2);
  });

  test('another key and no key are other resends, and another application has none', async () => {
    const here = world();
    const { id, key } = await open(here);
    await here.resend(key);
    here.pass(61);
    expect(await here.resend({ ...key, application: 'other' })).toEqual({ kind: 'unknown' });
    expect(await here.resend({ id, ...other })).toMatchObject({ kind: 'resent' });
    here.pass(121);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
    expect(recordOf(here, id).resendNonces).toHaveLength(2);
    for (const each of [key, { id, ...other }]) {
      expect(await here.resend(each)).toMatchObject({ kind: 'repeated' });
    }
    expect(await here.resend({ ...key, application: 'other' })).toEqual({ kind: 'unknown' });
    expect(here.inbox).toHaveLength(4);
  });

  test('the key of a request or a check is another key for a resend', async () => {
    const here = world();
    const { id } = await requested(here, { idempotencyKey });
    await check(here, id, '000000', { idempotencyKey });
    here.pass(31);
    expect(await here.resend({ id, idempotencyKey })).toMatchObject({ kind: 'resent' });
  });

  test('a repeat names what is left of the limits, as the first answer did', async () => {
    const here = world();
    const { key } = await open(here);
    const remaining = (outcome: object) =>
      'allowances' in outcome ? (outcome.allowances as { name: string; remaining: number }[])[0]?.remaining : undefined;
    expect(remaining(await here.resend(key))).toBe(3);
    expect(remaining(await here.resend(key))).toBe(3);
  });

  test('a resend without a key writes nothing after its SMS; one with a key writes once', async () => {
    const calls = async (more: object, ...network: Parameters<World['state']['network']['push']>) => {
      const here = world();
      const { id } = await open(here);
      const before = here.ledger.calls.length;
      here.state.network.push(...network);
      await here.resend({ id, ...more });
      return here.ledger.calls.slice(before);
    };
    const always = ['find', 'readFacts', 'reserve', 'transact replace'];
    expect(await calls({})).toEqual(always);
    expect(await calls({ idempotencyKey })).toEqual([...always, 'settleResend']);
    expect(await calls({}, { kind: 'unconfirmed' })).toEqual([...always, 'markUnconfirmed']);
    expect(await calls({ idempotencyKey }, { kind: 'unconfirmed' })).toEqual([...always, 'settleResend']);
  });

  test('a repeat reads what the first one read, and writes nothing once the first is settled', async () => {
    const here = world();
    const { key } = await open(here);
    await here.resend(key);
    const before = here.ledger.calls.length;
    await here.resend(key);
    expect(here.ledger.calls.slice(before)).toEqual(['find', 'readFacts']);
  });

  test('the resend of a test number is remembered, settled at once, and no more than fifty times', async () => {
    const testNumbers = [
      { from: '+12025550100', to: '+12025550199', code: '123456', uses: 9, expiresAt: Date.UTC(2027, 0) / 1000 },
    ];
    const here = world({ testNumbers });
    const outcome = await here.request({ phone: phone('+12025550123') });
    const id = outcome.kind === 'created' ? outcome.view.id : '';
    for (let nth = 0; nth < 60; nth += 1) {
      expect(await here.resend({ id, idempotencyKey: `resend-0123456789-${nth}` })).toMatchObject({ kind: 'resent' });
    }
    expect(recordOf(here, id)).toMatchObject({ sends: 61, unsettledResend: undefined });
    expect(recordOf(here, id).resendNonces).toHaveLength(50);
    expect(await here.resend({ id, idempotencyKey: 'resend-0123456789-49' })).toMatchObject({ kind: 'repeated' });
  });
});

describe('a resend whose outcome is not known', () => {
  test('a repeat waits while the first is running, and gets its answer after that', async () => {
    const here = world();
    const { id, key } = await open(here);
    const { outcome, answer } = await resendInFlight(here, id, idempotencyKey);
    expect(await here.resend(key)).toMatchObject({ kind: 'in-progress' });
    answer({ kind: 'accepted', messageId: 'm' });
    expect(await outcome).toMatchObject({ kind: 'resent' });
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { delivery: 'accepted' } });
    expect(here.inbox).toHaveLength(2);
  });

  test('a resend that crashed before its SMS is in progress for 30 seconds, and unconfirmed from then on', async () => {
    const here = world();
    const { id, key } = await open(here);
    const sender = { send: () => Promise.reject(new Error('the sandbox is gone')) };
    const crashing = resendVerification({ ...here.ports, sender }, here.rules);
    await expect(crashing({ ...key, application: 'app' })).rejects.toThrow('gone');
    expect(await here.resend(key)).toMatchObject({ kind: 'in-progress' });
    here.pass(29.999);
    expect(await here.resend(key)).toMatchObject({ kind: 'in-progress' });
    here.pass(0.001);
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { delivery: 'unconfirmed' } });
    expect(await here.find(id)).toMatchObject({ delivery: 'unconfirmed' });
    expect(recordOf(here, id).unsettledResend).toBeUndefined();
    expect(here.inbox).toHaveLength(1);
    here.pass(31);
    expect(await here.resend({ id, ...other })).toMatchObject({ kind: 'resent', view: { delivery: 'accepted' } });
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { delivery: 'accepted' } });
  });

  test('an SMS that SNS did not confirm is unconfirmed in the first answer and in every repeat', async () => {
    const here = world();
    const { id, key } = await open(here);
    here.state.network.push({ kind: 'unconfirmed' });
    expect(await here.resend(key)).toMatchObject({ kind: 'resent', view: { delivery: 'unconfirmed' } });
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { delivery: 'unconfirmed' } });
    expect(await here.find(id)).toMatchObject({ delivery: 'unconfirmed' });
  });

  test.each<Fault>(['unavailable', 'lost'])(
    'a resend whose outcome could not be noted (%s) is answered, and no repeat says more than is known',
    async (fault) => {
      const here = world();
      const { key } = await open(here);
      here.ledger.failAt(here.ledger.calls.length + 4, fault);
      expect(await here.resend(key)).toMatchObject({ kind: 'resent', view: { delivery: 'accepted' } });
      expect(here.noted).toEqual(['settle-key']);
      here.pass(31);
      const delivery = fault === 'lost' ? 'accepted' : 'unconfirmed';
      expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { delivery } });
      expect(here.inbox).toHaveLength(2);
    },
  );

  test('a later resend without a key settles what is not known of an earlier one with a key', async () => {
    const here = world();
    const { id, key } = await open(here);
    const { outcome, answer } = await resendInFlight(here, id, idempotencyKey);
    here.pass(61);
    await here.resend({ id });
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { delivery: 'accepted' } });
    answer({ kind: 'unconfirmed' });
    await outcome;
    expect(await here.find(id)).toMatchObject({ delivery: 'accepted' });
  });

  test('a later resend that failed leaves what is not known of the earlier one as it was', async () => {
    const here = world();
    const { id, key } = await open(here);
    const { outcome, answer } = await resendInFlight(here, id, idempotencyKey);
    const before = recordOf(here, id);
    here.pass(61);
    here.state.network.push(refused, refused);
    expect(await here.resend({ id, ...other })).toMatchObject({ kind: 'not-sent' });
    expect(recordOf(here, id)).toEqual(before);
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated', view: { delivery: 'unconfirmed' } });
    answer({ kind: 'accepted', messageId: 'm' });
    await outcome;
  });
});

describe('a resend that surely failed', () => {
  test('a key is free again after its SMS surely was not sent, so that a repeat sends', async () => {
    const here = world();
    const { id, code, key } = await open(here);
    const before = recordOf(here, id);
    here.state.network.push(refused, refused);
    expect(await here.resend(key)).toMatchObject({ kind: 'not-sent' });
    expect(recordOf(here, id)).toEqual(before);
    expect(await here.resend(key)).toMatchObject({ kind: 'resent' });
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated' });
    expect(here.inbox).toHaveLength(2);
    expect(await check(here, id, code)).toMatchObject({ kind: 'superseded' });
  });

  test('a key is free again after a refusal by a limit, an outage or an opted-out holder', async () => {
    const here = world();
    const { id, code } = await requested(here);
    const key = { id, idempotencyKey };
    expect(await here.resend(key)).toMatchObject({ kind: 'too-soon' });
    here.pass(31);
    here.state.broken.add('GenerateMac');
    await expect(here.resend(key)).rejects.toThrow('did not answer');
    here.state.broken.clear();
    here.state.network.push({ kind: 'rejected', reason: 'opted-out' });
    expect(await here.resend(key)).toMatchObject({ kind: 'opted-out' });
    expect(await here.resend(key)).toMatchObject({ kind: 'too-soon' });
    here.pass(61);
    expect(await here.resend(key)).toMatchObject({ kind: 'resent' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'superseded' });
  });
});

describe('two resends at the same moment', () => {
  test('one of 50 resends with one key sends; the others wait for it or get its answer', async () => {
    // Of a back end: its twins do not use up the rate of an IP.
    const here = world();
    const { id } = await requested(here, { application: 'backend' });
    here.pass(31);
    const key = { id, idempotencyKey };
    const outcomes = await inParallel(50, () => here.resend({ ...key, application: 'backend' }));
    const { resent, ...rest } = kinds(outcomes);
    expect(resent).toBe(1);
    expect(Object.keys(rest).filter((kind) => !['in-progress', 'repeated'].includes(kind))).toEqual([]);
    expect(here.inbox).toHaveLength(2);
    expect(here.ledger.refusals).toEqual([]);
    expect(recordOf(here, id, 'backend')).toMatchObject({ sends: 2, unsettledResend: undefined });
    expect(recordOf(here, id, 'backend').resendNonces).toHaveLength(1);
    expect(await here.resend({ ...key, application: 'backend' })).toMatchObject({
      kind: 'repeated',
      view: { delivery: 'accepted' },
    });
  });

  test('a twin that a counter refuses because of the first sends nothing, and its repeat gets the answer', async () => {
    const here = world();
    const { id, key } = await open(here);
    const outcomes = await inParallel(20, () => here.resend(key));
    const { resent, ...rest } = kinds(outcomes);
    expect(resent).toBe(1);
    expect(Object.keys(rest).filter((kind) => !['in-progress', 'repeated', 'limited'].includes(kind))).toEqual([]);
    expect(here.inbox).toHaveLength(2);
    expect(recordOf(here, id).sends).toBe(2);
    expect(await here.resend(key)).toMatchObject({ kind: 'repeated' });
  });

  test('a resend with a key that a limit refuses reads the record once more only if the guard has a send of it that the record lacks', async () => {
    const here = world();
    const { id } = await requested(here);
    const calls = async () => {
      const before = here.ledger.calls.length;
      expect(await here.resend({ id, idempotencyKey })).toMatchObject({ kind: 'too-soon' });
      return here.ledger.calls.slice(before);
    };
    expect(await calls()).toEqual(['find', 'readFacts', 'takeNote', 'noteRefusal']);
    here.pass(31);
    await requested(here);
    expect(await calls()).toEqual(['find', 'readFacts', 'takeNote', 'noteRefusal']);
    here.pass(61);
    here.state.network.push({ kind: 'rejected', reason: 'opted-out' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'opted-out' });
    expect(await calls()).toEqual(['find', 'readFacts', 'find', 'takeNote', 'noteRefusal']);
  });

  test('a resend that starts at any moment of its twin waits for it or gets its answer', async () => {
    for (let turns = 0; turns < 16; turns += 1) {
      const here = world();
      const { key } = await open(here);
      const first = here.resend(key);
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const outcomes = await Promise.all([first, here.resend(key)]);
      const { resent, ...rest } = kinds(outcomes);
      expect([resent, Object.keys(rest).every((kind) => ['in-progress', 'repeated'].includes(kind))]).toEqual([
        1,
        true,
      ]);
      expect(here.inbox).toHaveLength(2);
    }
  });

  test('one of two resends with two keys sends; the other is too soon or told to wait, and sends nothing', async () => {
    for (let turns = 0; turns < 16; turns += 1) {
      const here = world();
      const { id, key } = await open(here);
      const first = here.resend(key);
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const outcomes = await Promise.all([first, here.resend({ id, ...other })]);
      const { resent, ...rest } = kinds(outcomes);
      expect([resent, Object.keys(rest).every((kind) => ['in-progress', 'too-soon'].includes(kind))]).toEqual([
        1,
        true,
      ]);
      expect(here.inbox).toHaveLength(2);
      // The one that was told to wait is told how long, when it asks again.
      const again = await Promise.all([here.resend(key), here.resend({ id, ...other })]);
      expect(kinds(again)).toEqual({ repeated: 1, 'too-soon': 1 });
    }
  });

  test('one of 20 resends of a test number with one key is made', async () => {
    const testNumbers = [
      { from: '+12025550100', to: '+12025550199', code: '123456', uses: 9, expiresAt: Date.UTC(2027, 0) / 1000 },
    ];
    const here = world({ testNumbers });
    const outcome = await here.request({ phone: phone('+12025550123') });
    const id = outcome.kind === 'created' ? outcome.view.id : '';
    const outcomes = await inParallel(20, () => here.resend({ id, idempotencyKey }));
    const { resent, ...rest } = kinds(outcomes);
    expect(resent).toBe(1);
    expect(Object.keys(rest).filter((kind) => !['in-progress', 'repeated'].includes(kind))).toEqual([]);
    expect(recordOf(here, id).sends).toBe(2);
  });
});

const faults: Fault[] = ['unavailable', 'lost', 'conflict'];
const runs = faults.flatMap((fault) =>
  [0, 1, 2, 3, 4, 5].flatMap((call) => [false, true].map((forever) => ({ fault, call, forever }))),
);

test.each(runs)(
  'a resend with $fault at call $call (forever: $forever) sends one SMS at most with all of its repeats',
  async ({ fault, call, forever }) => {
    const here = world();
    const { id, key } = await open(here);
    here.ledger.failAt(here.ledger.calls.length + call, fault, forever);
    const first = await here.resend(key).catch(() => ({ kind: 'unavailable' }));
    expect(here.inbox).toHaveLength(first.kind === 'resent' ? 2 : 1);
    here.ledger.failAt(Number.MAX_SAFE_INTEGER, fault);
    // The client does what the answers say: it asks again with the same key, after a while.
    here.pass(1);
    await here.resend(key);
    here.pass(61);
    const last = await here.resend(key);
    expect(['resent', 'repeated']).toContain(last.kind);
    expect(here.inbox.length).toBeLessThanOrEqual(2);
    if (here.inbox.length === 1) expect(last).toMatchObject({ view: { delivery: 'unconfirmed' } });
    if (here.inbox.length === 2) expect(await check(here, id, here.lastCode())).toMatchObject({ kind: 'approved' });
  },
);
