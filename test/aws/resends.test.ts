import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import { wireFaults } from '../fakes/aws/proxy.ts';
import { inParallel } from '../fakes/in-parallel.ts';
import { phone, wrongCode } from '../fakes/world.ts';
import { freshNumber, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  // Back-off waits a random part of a delay: tries follow each other at once. back-off.test.ts holds the delays.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  stage = await openStage();
});
afterAll(() => stage.stop());
afterEach(() => {
  stage.faults.tables.heal();
  stage.faults.keys.heal();
  stage.sns.clearFaults();
  stage.noted.length = 0;
});

const idempotencyKey = 'resend-0123456789-abcdef';

/** A verification that may be resent now. */
const open = async () => {
  const number = freshNumber();
  const outcome = await stage.request({ phone: phone(number) });
  if (outcome.kind !== 'created') throw new Error(outcome.kind);
  const { id } = outcome.view;
  stage.state.nowMs += 31_000;
  return { number, id, code: stage.lastCode(number), key: { id, idempotencyKey } };
};
const resent = async () => {
  const { number, id, code: old } = await open();
  expect(await stage.resend({ id })).toMatchObject({ kind: 'resent' });
  return { number, id, old, code: stage.lastCode(number) };
};

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly L?: readonly unknown[] }>>;
const recordOf = async (id: string): Promise<Item> => {
  const input = { TableName: stage.dynamo.tables.verifications, Key: { pk: { S: recordKey('app', id) } } };
  const { Item } = (await stage.dynamo.call('DynamoDB_20120810.GetItem', input)) as { Item?: Item };
  return Item ?? {};
};
const settled = <T extends { readonly kind: string }>(promise: Promise<T>): Promise<T | { readonly kind: string }> =>
  promise.catch((cause: unknown) => ({ kind: cause instanceof Error ? cause.name : 'unknown' }));

describe('a code that a resend replaced', () => {
  test('parallel checks of old, new and wrong codes: old ones cost nothing, five others are judged at most, one is approved at most', async () => {
    const { id, old, code } = await resent();
    const codes = (index: number) => (index % 2 === 0 ? old : index % 9 === 0 ? code : wrongCode(old, index));
    const outcomes = await inParallel(40, (index) => stage.check(id, codes(index)));
    const guesses = (await recordOf(id))['guesses']?.L ?? [];
    expect(guesses.length).toBeLessThanOrEqual(5);
    const ofOld = outcomes.filter((_, index) => index % 2 === 0).map(({ kind }) => kind);
    expect(ofOld.filter((kind) => !['superseded', 'exhausted', 'already-used'].includes(kind))).toEqual([]);
    expect(outcomes.filter(({ kind }) => kind === 'approved').length).toBeLessThanOrEqual(1);
  });

  test('a check that meets a resend in its transaction is repeated, and then gets the hint', async () => {
    const { id, old, code } = await resent();
    stage.faults.tables.failAt(0, 'conflict', 3, 'UpdateItem');
    expect(await stage.check(id, old)).toMatchObject({ kind: 'superseded', attemptsRemaining: 5 });
    stage.faults.tables.failAt(0, 'conflict', 3, 'UpdateItem');
    expect(await stage.check(id, code)).toMatchObject({ kind: 'approved' });
    expect(stage.faults.tables.struck).toContain('UpdateItem: conflict');
  });

  test('checks beside a resend lose no attempt and accept one code at most, whichever comes first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id, code } = await open();
      const [again, ...checked] = await Promise.all([
        stage.resend({ id }),
        ...Array.from({ length: 1 + round }, () => stage.check(id, code)),
      ]);
      const kinds = new Set(checked.map(({ kind }) => kind));
      const guesses = (await recordOf(id))['guesses']?.L ?? [];
      if (again.kind === 'resent') expect([...kinds, guesses.length]).toEqual(['superseded', 0]);
      else expect([again.kind, guesses.length, kinds.has('approved')]).toEqual(['already-used', 1, true]);
    }
  });

  test('a record from before resends were remembered takes guesses, resends and roll-backs', async () => {
    const { number, id, code, key } = await open();
    const Key = { pk: { S: recordKey('app', id) } };
    const forget = () =>
      stage.dynamo.call('DynamoDB_20120810.UpdateItem', {
        TableName: stage.dynamo.tables.verifications,
        Key,
        UpdateExpression: 'REMOVE superseded, resendNonces',
      });
    await forget();
    expect(await recordOf(id)).not.toHaveProperty('superseded');
    expect(await stage.check(id, wrongCode(code))).toMatchObject({ kind: 'wrong', attemptsRemaining: 4 });
    stage.sns.fail('throttle', { times: 1000 });
    expect(await stage.resend(key)).toMatchObject({ kind: 'not-sent' });
    stage.sns.clearFaults();
    await forget();
    expect(await stage.resend(key)).toMatchObject({ kind: 'resent' });
    expect((await recordOf(id))['superseded']?.L).toHaveLength(1);
    expect(await stage.resend(key)).toMatchObject({ kind: 'repeated' });
    expect(await stage.check(id, code)).toMatchObject({ kind: 'superseded', attemptsRemaining: 4 });
    expect(await stage.check(id, stage.lastCode(number))).toMatchObject({ kind: 'approved' });
  });

  test('a resend that surely failed makes the old code good again, and the record is as it was', async () => {
    const { id, code } = await open();
    const before = await recordOf(id);
    stage.sns.fail('throttle', { times: 1000 });
    expect(await stage.resend({ id })).toMatchObject({ kind: 'not-sent' });
    expect(await recordOf(id)).toEqual(before);
    expect(await stage.check(id, code)).toMatchObject({ kind: 'approved' });
  });
});

describe('a resend with an Idempotency-Key', () => {
  test('one of ten resends with one key sends; the others wait for it or get its answer', async () => {
    const { number, id, key } = await open();
    const outcomes = await inParallel(10, () => stage.resend(key));
    const kinds = outcomes.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'resent')).toHaveLength(1);
    // Ten at once use up the rate of one IP: then a limit may refuse some, which send nothing.
    const allowed = ['resent', 'in-progress', 'repeated', 'limited'];
    expect(kinds.filter((kind) => !allowed.includes(kind))).toEqual([]);
    expect(stage.messages(number)).toHaveLength(2);
    expect(await stage.resend(key)).toMatchObject({ kind: 'repeated', view: { id, delivery: 'accepted' } });
    expect((await recordOf(id))['resendNonces']?.L).toHaveLength(1);
    expect(await recordOf(id)).not.toHaveProperty('unsettledResend');
  });

  const faultsOf = { tables: wireFaults, keys: wireFaults.filter((f) => f !== 'conflict' && f !== 'unprocessed') };
  const runs = (['tables', 'keys'] as const).flatMap((service) =>
    faultsOf[service].flatMap((fault) =>
      Array.from({ length: service === 'tables' ? 7 : 2 }, (_, call) => call).flatMap((call) =>
        [1, 1000].map((times) => ({ service, fault, call, times })),
      ),
    ),
  );

  test.each(runs)(
    'a resend and its repeats send one SMS at most, despite $fault of $service at call $call, $times times',
    async ({ service, fault, call, times }) => {
      const { number, id, key } = await open();
      stage.faults[service].failAt(call, fault, times);
      const first = await settled(stage.resend(key));
      stage.faults[service].heal();
      expect(['resent', 'too-soon', 'in-progress', 'Unavailable']).toContain(first.kind);
      expect(stage.messages(number)).toHaveLength(first.kind === 'resent' ? 2 : 1);
      // The client does what the answers say: it asks again with the same key, after a while.
      stage.state.nowMs += 61_000;
      const again = await stage.resend(key);
      expect(['resent', 'repeated']).toContain(again.kind);
      const sent = stage.messages(number).length;
      expect(sent).toBeLessThanOrEqual(2);
      // No answer says that an SMS went out that did not.
      if (sent === 1) expect(JSON.stringify([first, again])).not.toContain('"accepted"');
      if (sent === 2) expect(await stage.check(id, stage.lastCode(number))).toMatchObject({ kind: 'approved' });
      expect(await recordOf(id)).not.toHaveProperty('unsettledResend');
    },
  );

  test('an SMS whose answer does not come in time is unconfirmed, in the record and in every repeat', async () => {
    const { number, id, key } = await open();
    stage.sns.fail('timeout-after-accept');
    const resent = await stage.hurrySns(1000, () => stage.resend(key));
    expect(resent).toMatchObject({ kind: 'resent', view: { delivery: 'unconfirmed' } });
    expect(await stage.resend(key)).toMatchObject({ kind: 'repeated', view: { delivery: 'unconfirmed' } });
    expect((await recordOf(id))['delivery']?.S).toBe('unconfirmed');
    expect(stage.messages(number)).toHaveLength(2);
  });
});
