import { describe, expect, test } from 'vitest';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { SmsRejection } from '../../../lambdas/otp/ports.ts';
import type { DeliveryReason, Receipt } from '../../../lambdas/otp/receipts/receipt.ts';
import { type ResendRequest, resendVerification } from '../../../lambdas/otp/resend.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from '../../fakes/sending/routes.ts';
import { sampleVoice } from '../../fakes/sending/voice.ts';
import { requested, world } from '../../fakes/world.ts';

const three = [endUserMessagingRoute({ name: 'a' }), notifyRoute({ name: 'b' }), snsRoute({ name: 'c' })] as const;

/** A deployment that notes receipts, each of the last message of a verification. */
const withReceipts = (settings: Partial<Policy> = {}) => {
  const here = world({
    smsRoutes: three,
    lowVolume: { verifications: 0, unverifiedSendsPerDay: 0 },
    ...settings,
  });
  const receipts = new Map<string, Receipt>();
  const find = async (key: string) => {
    const verification = await here.ledger.find(key);
    return verification && { verification, receipt: receipts.get(key) };
  };
  const resend = resendVerification({ ...here.ports, receipts: { find } }, here.rules);
  const recordOf = (id: string) => here.ledger.records.get(recordKey('app', id));
  return {
    ...here,
    recordOf,
    /** A receipt says that the last message of the verification failed. */
    failed: (id: string, reason: DeliveryReason = 'unreachable') => {
      const { key = '', sendId = '', route = '' } = recordOf(id) ?? {};
      receipts.set(key, { sendId, delivery: 'failed', reason, route, messageId: 'm' });
    },
    again: (id: string, own: Partial<ResendRequest> = {}, seconds = 3600) => {
      here.pass(seconds);
      return resend({ id, application: 'app', ...own });
    },
    refuse: (...reasons: readonly SmsRejection[]) => {
      for (const reason of reasons) here.state.network.push({ kind: 'rejected', reason });
    },
    routes: () => here.inbox.map(({ route }) => route),
  };
};

/** With verifications of a day, so that no limit of an hour ends a test. */
const lasting = (settings: Partial<Policy> = {}) =>
  withReceipts({ code: { ...samplePolicy.code, lifetimeSeconds: 40_000, maxLifetimeSeconds: 86_400 }, ...settings });

describe('a route of which a receipt says that it failed', () => {
  test('a route is skipped by the resend after its receipt, and by all later ones', async () => {
    const here = lasting();
    const { id } = await requested(here);
    here.failed(id);
    for (let resend = 0; resend < 3; resend += 1) expect(await here.again(id)).toMatchObject({ kind: 'resent' });
    expect(here.routes()).toEqual(['a', 'b', 'c', 'b']);
    expect(here.recordOf(id)).toMatchObject({ route: 'b', failedRoutes: ['a'] });
    expect(here.ledger.calls).not.toContain('noteRoute');
  });

  test('a route is skipped by the SMS after a call', async () => {
    const here = lasting({ voice: sampleVoice });
    const { id } = await requested(here);
    here.failed(id);
    expect(await here.again(id, { channel: 'voice' })).toMatchObject({ kind: 'resent' });
    expect(await here.again(id, { channel: 'sms' })).toMatchObject({ kind: 'resent' });
    expect(here.routes()).toEqual(['a', 'b']);
  });

  test('the routes that receipts and answers say failed are all kept', async () => {
    const here = lasting();
    const { id } = await requested(here);
    here.failed(id);
    here.refuse('throttled');
    await here.again(id);
    expect(here.recordOf(id)).toMatchObject({ route: 'c', failedRoutes: ['a', 'b'] });
  });

  test('each route may be tried again once receipts say that all failed', async () => {
    const here = lasting();
    const { id } = await requested(here);
    for (let resend = 0; resend < 3; resend += 1) {
      here.failed(id);
      await here.again(id);
    }
    expect(here.routes()).toEqual(['a', 'b', 'c', 'a']);
  });

  test('a resend that surely failed leaves the record as it was, and the receipt still counts', async () => {
    const here = lasting();
    const { id } = await requested(here);
    here.failed(id);
    const before = here.recordOf(id);
    here.refuse('throttled', 'throttled');
    expect(await here.again(id)).toMatchObject({ kind: 'not-sent' });
    expect(here.recordOf(id)).toEqual(before);
    await here.again(id);
    expect(here.routes()).toEqual(['a', 'b']);
  });

  test('a number that one carrier does not know may be known to the next', async () => {
    const here = lasting();
    const { id } = await requested(here);
    here.failed(id, 'invalid-number');
    expect(await here.again(id)).toMatchObject({ kind: 'resent' });
    expect(here.routes()).toEqual(['a', 'b']);
  });
});

describe('an opt-out of which a receipt tells', () => {
  test.each(['sms', 'voice'] as const)(
    'a resend by %s sends nothing, counts nothing, and loses no code',
    async (channel) => {
      const here = lasting({ voice: sampleVoice });
      const { id, code } = await requested(here);
      here.failed(id, 'opted-out');
      const [before, counts] = [here.recordOf(id), new Map(here.ledger.counts)];
      for (let resend = 0; resend < 3; resend += 1) {
        expect(await here.again(id, { channel }, 31)).toMatchObject({ kind: 'opted-out', country: 'IN', routes: [] });
      }
      expect([here.inbox.length, here.calls.length]).toEqual([1, 0]);
      expect(here.recordOf(id)).toEqual(before);
      expect(new Map(here.ledger.counts)).toEqual(counts);
      expect(await here.check({ id, code: secret(code), application: 'app' })).toMatchObject({ kind: 'approved' });
    },
  );

  test('a receipt of an earlier message stops nothing', async () => {
    const here = lasting();
    const { id } = await requested(here);
    here.failed(id, 'opted-out');
    const record = here.recordOf(id);
    if (record !== undefined) here.ledger.records.set(record.key, { ...record, sendId: 'a later send' });
    expect(await here.again(id)).toMatchObject({ kind: 'resent' });
  });

  test('a resend that is repeated with its key gets the answer of the first', async () => {
    const here = lasting();
    const { id } = await requested(here);
    const idempotencyKey = 'a-key-of-sixteen-characters';
    expect(await here.again(id, { idempotencyKey })).toMatchObject({ kind: 'resent' });
    here.failed(id, 'opted-out');
    expect(await here.again(id, { idempotencyKey })).toMatchObject({ kind: 'repeated' });
  });
});
