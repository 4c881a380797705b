import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { readAnyChange } from '../../lambdas/aws/tables/receipt-records.ts';
import type { StreamRecord } from '../../lambdas/aws/tables/stream-records.ts';
import { envelopes, type VerificationEvent } from '../../lambdas/events/envelope.ts';
import { eventIdOf } from '../../lambdas/events/events.ts';
import { publishEvents, requireMade } from '../../lambdas/events/publish.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import { eventTypes } from '../../lambdas/policy.ts';
import {
  askedMs,
  changed,
  guessed,
  key,
  receiptImage,
  refusalImage,
  secrets,
  streamRecord,
  verification,
} from '../fakes/events/records.ts';

/** The events of one batch. @param record beside which receipts stand; none if it is null. */
const eventsOf = async (
  records: readonly StreamRecord[],
  { record = verification(), types = eventTypes }: { record?: Verification | null; types?: typeof eventTypes } = {},
) => {
  const events: VerificationEvent[] = [];
  let unmatched = 0;
  const publish = publishEvents(
    {
      now: () => askedMs + 3000,
      find: async (keys) => new Map(record === null ? [] : keys.map((each) => [each, record] as const)),
      put: async (all, took) => {
        events.push(...all);
        for (const { id } of all) took(id);
      },
      published: () => {},
      unmatched: () => {
        unmatched += 1;
      },
    },
    types,
  );
  await publish(records.map((each) => requireMade(readAnyChange(each))));
  return { events, unmatched };
};

const only = async (record: StreamRecord, options?: Parameters<typeof eventsOf>[1]) => {
  const { events } = await eventsOf([record], options);
  expect(events.length).toBeLessThanOrEqual(1);
  return events[0];
};

const receipt = (before: Record<string, string> | undefined, after: Record<string, string> = {}) => {
  const texts = (of: Record<string, string>) =>
    receiptImage(Object.fromEntries(Object.entries(of).map(([name, S]) => [name, { S }])));
  return streamRecord('receipt-1', before && texts(before), texts(after));
};

describe('the events of a verification', () => {
  test('a new record is a verification that was requested, at the time of its request', async () => {
    expect(await only(changed('e-1', undefined, verification()))).toEqual({
      id: eventIdOf('e-1', 'verification.requested'),
      type: 'verification.requested',
      timestamp: '2026-11-30T09:00:00.000Z',
      data: {
        ...{ application: 'shop', verification: key, purpose: 'login', country: 'US' },
        ...{ channel: 'sms', status: 'pending' },
      },
    });
  });

  test('a call says its channel, and a test number says that it is one', async () => {
    const event = await only(changed('e-1', undefined, verification({ channel: 'voice', test: true })));
    expect(event?.data).toMatchObject({ channel: 'voice', test: true });
  });

  test('the right code is approved at the time of its guess', async () => {
    expect(await only(changed('e-2', guessed('wrong'), guessed('wrong', secrets.code)))).toMatchObject({
      type: 'verification.approved',
      timestamp: '2026-11-30T09:00:01.000Z',
      data: { status: 'approved' },
    });
  });

  test('an approval of which the code alone is not enough has the hint of the API', async () => {
    const approved = (changes: Partial<Verification>) =>
      only(changed('e-2', { ...guessed(), ...changes }, { ...guessed(secrets.code), ...changes }));
    const event = await approved({ risk: 'swapped', swappedWithinHours: 240, stepUp: true });
    expect(event).toMatchObject({ type: 'verification.approved', data: { hint: 'additional-verification-required' } });
    for (const enough of [{}, { risk: 'checked' }, { risk: 'swapped', swappedWithinHours: 240 }] as const)
      expect((await approved(enough))?.data).not.toHaveProperty('hint');
  });

  test('the last wrong code fails the verification, and no earlier one says anything', async () => {
    expect(await only(changed('e-3', guessed('a'), guessed('a', 'b')))).toBeUndefined();
    expect(await only(changed('e-4', guessed('a', 'b'), guessed('a', 'b', 'c')))).toMatchObject({
      type: 'verification.failed',
      data: { status: 'failed', reason: 'attempts-exhausted' },
    });
  });

  test('the right code is approved at the last attempt', async () => {
    expect(await only(changed('e-5', guessed('a', 'b'), guessed('a', 'b', secrets.code)))).toMatchObject({
      type: 'verification.approved',
    });
  });

  test('a message that no route took fails the verification once', async () => {
    const ended = verification({ ended: 'failed' });
    expect(await only(changed('e-6', verification(), ended))).toMatchObject({
      type: 'verification.failed',
      data: { status: 'failed', reason: 'send-failed' },
    });
    expect(await only(changed('e-7', ended, ended))).toBeUndefined();
  });

  test.each([
    ['a resend', verification(), verification({ sends: 2, sendId: 'next', code: 'next', superseded: [secrets.code] })],
    ['a cancellation', verification(), verification({ ended: 'canceled' })],
    ['an unconfirmed send', verification(), verification({ delivery: 'unconfirmed' })],
  ])('%s is no event', async (_, before, after) => {
    expect(await only(changed('e-8', before, after))).toBeUndefined();
  });

  test('a change that no function makes is refused, and becomes no event', () => {
    const forged = changed('e-9', verification(), verification({ application: 'another', guesses: [secrets.code] }));
    expect(() => requireMade(readAnyChange(forged))).toThrow(/no function writes/);
    const strange = streamRecord('e-10', undefined, { pk: { S: 'x' }, kind: { S: 'mark' } });
    expect(() => readAnyChange(strange)).toThrow(/does not know/);
  });

  test('only the types of the settings are published', async () => {
    const records = [changed('e-1', undefined, verification()), changed('e-2', guessed(), guessed(secrets.code))];
    const { events } = await eventsOf(records, { types: ['verification.approved'] as unknown as typeof eventTypes });
    expect(events.map(({ type }) => type)).toEqual(['verification.approved']);
  });
});

describe('the events of receipts', () => {
  test('a receipt that says delivered is an event of its verification, at the time of the receipt', async () => {
    expect(await only(receipt(undefined))).toMatchObject({
      type: 'verification.delivered',
      timestamp: '2026-11-30T09:00:02.000Z',
      data: { application: 'shop', verification: key, country: 'US', channel: 'sms', status: 'pending' },
    });
  });

  test('a receipt that says failed is a failure that leaves the verification pending', async () => {
    expect(await only(receipt(undefined, { delivery: 'failed', reason: 'unreachable' }))).toMatchObject({
      type: 'verification.failed',
      data: { status: 'pending', reason: 'not-delivered', deliveryReason: 'unreachable' },
    });
  });

  test('a receipt has the hint of an approval beside its status, and none before', async () => {
    const known = { risk: 'ported', swappedAtMs: askedMs, stepUp: true } as const;
    const seen = async (record: Verification) => {
      const { events } = await eventsOf([receipt(undefined), receipt(undefined, { delivery: 'failed' })], { record });
      for (const event of events) expect(v.safeParse(envelopes[event.type], event).issues).toBeUndefined();
      return events.map(({ data }) => ('hint' in data ? data.hint : undefined));
    };
    const hint = 'additional-verification-required';
    expect(await seen({ ...guessed(secrets.code), ...known })).toEqual([hint, hint]);
    expect(await seen(verification(known))).toEqual([undefined, undefined]);
  });

  test('a message is delivered once, and a later message once more', async () => {
    const delivered = { delivery: 'delivered' };
    expect(await only(receipt(delivered, delivered))).toBeUndefined();
    expect(await only(receipt({ delivery: 'accepted' }, delivered))).toMatchObject({ type: 'verification.delivered' });
    expect(await only(receipt(delivered, { ...delivered, sendId: 'next' }))).toMatchObject({
      type: 'verification.delivered',
    });
  });

  test('a message that failed and arrived after all is both', async () => {
    expect(await only(receipt({ delivery: 'failed' }, { delivery: 'delivered' }))).toMatchObject({
      type: 'verification.delivered',
    });
  });

  test('a receipt of a message that was replaced has no channel', async () => {
    expect((await only(receipt(undefined, { sendId: 'earlier' })))?.data).not.toHaveProperty('channel');
  });

  test.each(['accepted', 'unknown'])('a receipt that says %s is no event', async (delivery) => {
    expect(await only(receipt(undefined, { delivery }))).toBeUndefined();
  });

  test('a receipt of no verification is counted, and becomes no event', async () => {
    expect(await eventsOf([receipt(undefined)], { record: null })).toEqual({ events: [], unmatched: 1 });
  });

  test.each([
    ['of no key', { pk: { S: 'receipt#short' } }],
    ['without a state', { delivery: { S: 'perhaps' } }],
    ['without a time', { toldAt: { S: 'now' } }],
    ['at no time', { toldAt: { N: '9e20' } }],
    ['without a message', { messageId: { N: '1' } }],
  ])('an invented receipt %s is refused, and becomes no event', (_, changes) => {
    expect(() => readAnyChange(streamRecord('e-1', undefined, receiptImage(changes)))).toThrow(/of a receipt/);
  });
});

describe('the events of refusals', () => {
  test.each([
    ['phone', 'cooldown', 'resend-too-soon'],
    ['phone', 'phone-10m', 'too-many-requests'],
    ['ip', 'ip', 'too-many-requests'],
    ['number-at-risk', 'sim-swap', 'number-at-risk'],
    ['number-at-risk', 'port-notice', 'number-at-risk'],
    ['number-at-risk', 'risk-unknown', 'number-at-risk'],
    ['block', 'block-range', 'destination-suspended'],
    ['block', 'block-new-network', 'destination-suspended'],
    ['low-volume', 'low-volume', 'destination-suspended'],
    ['cap', 'cap-country', 'spend-cap-reached'],
    ['destination-type', undefined, 'destination-not-allowed'],
  ])(
    'a refusal because of %s by %s says %s, as the API does, and never which limit or block',
    async (reason, limit, says) => {
      const { limit: _, ...others } = refusalImage({ reason: { S: reason } });
      const image = limit === undefined ? others : { ...others, limit: { S: limit } };
      const event = await only(streamRecord('e-1', undefined, image));
      expect(event).toEqual({
        id: eventIdOf('e-1', 'verification.refused'),
        type: 'verification.refused',
        timestamp: '2026-11-30T09:00:00.000Z',
        data: { application: 'shop', purpose: 'login', country: 'US', status: 'refused', reason: says },
      });
    },
  );

  test('a refusal of an unknown reason becomes no event', async () => {
    const image = refusalImage({ reason: { S: 'constructor' } });
    await expect(only(streamRecord('e-1', undefined, image))).rejects.toThrow(/does not know/);
  });
});

describe('ids and contents', () => {
  const all = [
    changed('e-1', undefined, verification()),
    changed('e-2', verification(), verification({ ended: 'failed' })),
    changed('e-3', guessed('a', 'b'), guessed('a', 'b', 'c')),
    changed('e-4', guessed('a'), guessed('a', secrets.code)),
    { ...receipt(undefined), eventID: 'e-5' },
    { ...receipt(undefined, { delivery: 'failed', reason: 'invalid-number' }), eventID: 'e-6' },
    streamRecord('e-7', undefined, refusalImage({ test: { BOOL: true } })),
  ];

  test('records that come twice, in another order or alone have the same ids', async () => {
    const once = (await eventsOf(all)).events.map(({ id }) => id);
    expect(new Set(once).size).toBe(all.length);
    const again = (await eventsOf([...all].reverse())).events.map(({ id }) => id);
    expect(again.toReversed()).toEqual(once);
    for (const [index, record] of all.entries()) expect((await only(record))?.id).toBe(once[index]);
  });

  test('each event has the schema of its type, and no field beside it', async () => {
    for (const event of (await eventsOf(all)).events)
      expect(v.safeParse(envelopes[event.type], event).issues).toBeUndefined();
  });

  test('no event has a code, a number, a hash of a number or an IP, or an id of a send', async () => {
    const text = JSON.stringify((await eventsOf(all)).events);
    for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/\+\d{3,}|cooldown|phone-10m|texts|id-of-the-message/);
  });
});
