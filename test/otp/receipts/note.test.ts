import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { messageEventTypes, toldByType } from '../../../lambdas/aws/sms-events.ts';
import { noteReceipt } from '../../../lambdas/otp/receipts/note.ts';
import type { MessageEvent } from '../../../lambdas/otp/receipts/ports.ts';
import { deliveryOf, failedRouteOf, type Told } from '../../../lambdas/otp/receipts/receipt.ts';
import type { Policy, ReceiptSource } from '../../../lambdas/policy.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { hearingWatch, memoryPrices, memoryReceipts } from '../../fakes/receipts/memory-receipts.ts';

const key = 'k'.repeat(43);
const sentAtMs = 1_800_000_000_000;
const context = {
  verification: key,
  sendId: 'first',
  route: 'eum',
  country: 'IN',
  estimateUsd: 0.02,
  estimateParts: 1,
};

const toldBy = (type: string): Told => {
  const told = toldByType(type);
  if (told === undefined) throw new Error(`${type} says nothing.`);
  return told;
};
const event = (type: string, more: Partial<MessageEvent> = {}): MessageEvent => ({
  told: toldBy(type),
  messageId: 'm-1',
  sentAtMs,
  toldAtMs: sentAtMs + 3000,
  context,
  priceUsd: 0.021,
  parts: undefined,
  ...more,
});

const policyWith = (...sources: readonly ReceiptSource[]): Policy => ({
  ...samplePolicy,
  smsRoutes: [
    { sender: 'end-user-messaging', name: 'eum', region: '' },
    { sender: 'sns', name: 'sns', region: '' },
  ],
  receipts: { sources, noteMessageIds: false, feedback: false },
});

type Opened = { readonly policy?: Policy; readonly afterMs?: number; readonly pause?: (ms: number) => Promise<void> };
const open = ({ policy = policyWith('configuration-set'), afterMs = 4000, pause = async () => {} }: Opened = {}) => {
  const ledger = memoryReceipts();
  const prices = memoryPrices();
  const { heard, watch } = hearingWatch();
  const note = noteReceipt({ now: () => sentAtMs + afterMs, ledger, prices, watch, pause }, policy);
  return { ledger, prices, heard, note, last: () => ledger.of(key) };
};

describe('a receipt', () => {
  test('a message that arrived is noted under its record, with the route that took it, and counted with its time', async () => {
    const { note, last, heard } = open();
    await note(event('TEXT_DELIVERED'));
    expect(last()).toEqual({ sendId: 'first', delivery: 'delivered', route: 'eum', messageId: 'm-1' });
    expect(heard).toEqual(['delivered eum IN 3000', 'not lost eum IN', 'priced 0.021 0.02']);
  });

  test('a message that did not arrive is noted with its reason', async () => {
    const { note, last, heard } = open();
    await note(event('TEXT_UNREACHABLE'));
    expect(last()).toMatchObject({ delivery: 'failed', reason: 'unreachable' });
    expect(heard).toContain('lost eum IN');
  });

  test('an event of the bus that is faster than the note of its message is looked up once more', async () => {
    const pauses: number[] = [];
    const opened = open({
      policy: policyWith('event-bus'),
      afterMs: 20,
      pause: async (ms) => {
        pauses.push(ms);
        await opened.ledger.noteMessage({ ...context, messageId: 'm-1', purgeAt: 2_000_000_000 });
      },
    });
    await opened.note(event('TEXT_INVALID', { context: undefined }));
    expect([pauses, opened.last()?.delivery]).toEqual([[1000], 'failed']);
  });

  test.each([
    ['an event that comes later', policyWith('event-bus'), 10_001],
    ['an event of a configuration set', policyWith('configuration-set'), 20],
  ])('%s is looked up once', async (_, policy, afterMs) => {
    const pause = vi.fn(async () => {});
    const { note, heard } = open({ policy, afterMs, pause });
    await note(event('TEXT_INVALID', { context: undefined }));
    expect([pause.mock.calls.length, heard]).toEqual([0, ['unmatched']]);
  });

  test('the same event, however often it comes, counts once', async () => {
    const { note, last, heard } = open();
    for (let time = 0; time < 3; time += 1) await note(event('TEXT_UNREACHABLE'));
    expect(last()).toMatchObject({ delivery: 'failed' });
    expect(heard).toEqual(['lost eum IN', 'priced 0.021 0.02']);
  });

  test.each([
    [['TEXT_PENDING', 'TEXT_SUCCESSFUL', 'TEXT_DELIVERED'], ['not lost']],
    [['TEXT_DELIVERED', 'TEXT_SUCCESSFUL'], ['not lost']],
    [['TEXT_SUCCESSFUL', 'TEXT_SUCCESSFUL'], ['not lost']],
    [['TEXT_PENDING', 'TEXT_DELIVERED'], ['not lost']],
    [
      ['TEXT_SUCCESSFUL', 'TEXT_UNREACHABLE'],
      ['not lost', 'lost'],
    ],
    [
      ['TEXT_UNREACHABLE', 'TEXT_DELIVERED'],
      ['lost', 'not lost'],
    ],
    [['TEXT_PENDING', 'TEXT_UNKNOWN'], []],
    [['TEXT_BLOCKED'], []],
  ])('a message with the events %j counts for the share of lost ones as %j', async (types, counted) => {
    const { note, heard } = open();
    for (const type of types) await note(event(type));
    expect(heard.filter((word) => word.includes('lost'))).toEqual(counted.map((word) => `${word} eum IN`));
  });

  test('a message that failed may still arrive, and one that arrived never fails', async () => {
    const { note, last } = open();
    await note(event('TEXT_UNREACHABLE'));
    await note(event('TEXT_DELIVERED'));
    await note(event('TEXT_UNREACHABLE'));
    await note(event('TEXT_PENDING'));
    expect(last()).toEqual({ sendId: 'first', delivery: 'delivered', route: 'eum', messageId: 'm-1' });
  });

  test('events in any order, each any number of times, end in the same receipt', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...messageEventTypes), { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        async (types, ranks) => {
          const [one, other] = [open(), open()];
          const shuffled = types
            .map((type) => ({ type, rank: ranks.next().value }))
            .toSorted((a, b) => a.rank - b.rank);
          for (const type of types) await one.note(event(type));
          for (const { type } of shuffled) for (const again of [type, type]) await other.note(event(again));
          expect(other.last()?.delivery).toBe(one.last()?.delivery);
        },
      ),
    ));

  test('a receipt of a later send replaces one of an earlier send, which then changes nothing more', async () => {
    const { note, last } = open({ afterMs: 60_000 });
    await note(event('TEXT_DELIVERED'));
    const second = { messageId: 'm-2', sentAtMs: sentAtMs + 40_000, context: { ...context, sendId: 'second' } };
    await note(event('TEXT_PENDING', second));
    expect(last()).toMatchObject({ sendId: 'second', delivery: 'accepted' });
    await note(event('TEXT_DELIVERED'));
    expect(last()).toMatchObject({ sendId: 'second', delivery: 'accepted' });
  });

  test('the price of a message counts once, from whichever event has it first', async () => {
    const { note, heard } = open();
    await note(event('TEXT_PENDING', { priceUsd: undefined }));
    await note(event('TEXT_SUCCESSFUL'));
    await note(event('TEXT_UNREACHABLE', { priceUsd: undefined }));
    await note(event('TEXT_DELIVERED'));
    expect(heard.filter((word) => word.startsWith('priced'))).toEqual(['priced 0.021 0.02']);
  });

  test('a receipt that comes after the life of its verification is counted and not kept', async () => {
    const lifeMs = samplePolicy.code.maxLifetimeSeconds * 1000;
    const [onTime, late] = [open({ afterMs: lifeMs }), open({ afterMs: lifeMs + 1 })];
    await onTime.note(event('TEXT_DELIVERED'));
    await late.note(event('TEXT_DELIVERED'));
    expect(onTime.ledger.size()).toBe(1);
    expect(late.ledger.size()).toBe(0);
    expect(late.heard).toEqual(['late']);
  });
});

describe('the sums of prices', () => {
  const sumsOf = async ({ prices }: ReturnType<typeof open>) => (await prices.since('2020-01-01')).sums;
  const way = { country: 'IN', route: 'eum' };
  const one = { messages: 1, estimatedMicroUsd: 20_000, realMicroUsd: 21_000 };
  const noParts = { partsOf: 0, estimatedParts: 0, realParts: 0 };

  test('a message counts on the day of its send, with its price, what the caps counted, and both parts', async () => {
    const opened = open();
    await opened.note(event('TEXT_DELIVERED', { parts: 2 }));
    expect(await sumsOf(opened)).toEqual([{ ...way, ...one, partsOf: 1, estimatedParts: 1, realParts: 2 }]);
    expect((await opened.prices.since('2027-01-15')).sums).toHaveLength(1);
    expect((await opened.prices.since('2027-01-16')).sums).toEqual([]);
  });

  test('a message counts once, whatever the order of its events and however often each comes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...messageEventTypes), { minLength: 1, maxLength: 12 }),
        async (types) => {
          const opened = open();
          for (const type of [...types, ...types]) await opened.note(event(type));
          expect(await sumsOf(opened)).toEqual([{ ...way, ...one, ...noParts }]);
        },
      ),
    ));

  test('a resend is another message, and a late receipt of the first one does not count again', async () => {
    const opened = open({ afterMs: 60_000 });
    await opened.note(event('TEXT_DELIVERED'));
    const second = { messageId: 'm-2', sentAtMs: sentAtMs + 40_000, context: { ...context, sendId: 'second' } };
    for (const more of [second, {}, second]) await opened.note(event('TEXT_DELIVERED', more));
    expect(await sumsOf(opened)).toMatchObject([{ messages: 2, realMicroUsd: 42_000 }]);
  });

  test.each([
    ['late', {}, samplePolicy.code.maxLifetimeSeconds * 1000 + 1],
    ['forged with a route that the settings lack', { context: { ...context, route: 'forged' } }, 4000],
    ['forged with a country that gets no SMS', { context: { ...context, country: 'RU' } }, 4000],
    ['of a send that is yet to come', { sentAtMs: sentAtMs + 3_600_000 }, 4000],
    ['without a price', { priceUsd: undefined }, 4000],
    ['without an estimate', { context: { ...context, estimateUsd: undefined } }, 4000],
  ])('a receipt that is %s moves no sum', async (_, more, afterMs) => {
    const opened = open({ afterMs });
    await opened.note(event('TEXT_DELIVERED', more));
    expect(await sumsOf(opened)).toEqual([]);
  });

  test('a message of a note from before parts were compared counts with its price alone', async () => {
    const opened = open();
    await opened.note(event('TEXT_DELIVERED', { parts: 3, context: { ...context, estimateParts: undefined } }));
    expect(await sumsOf(opened)).toEqual([{ ...way, ...one, ...noParts }]);
  });

  test('a sum that could not be written is told, and fails no receipt, whose repeat would count nothing', async () => {
    const opened = open();
    opened.prices.add = async () => Promise.reject(new Error('DynamoDB'));
    await opened.note(event('TEXT_DELIVERED'));
    expect(opened.last()).toMatchObject({ delivery: 'delivered' });
    expect(opened.heard).toContain('price not counted');
  });
});

describe('a receipt that is none of ours', () => {
  test.each([
    ['a route that the settings lack', { context: { ...context, route: 'forged' } }],
    ['a country that gets no SMS', { context: { ...context, country: 'RU' } }],
    ['a country by the name of a field of objects', { context: { ...context, country: 'constructor' } }],
    ['no context', { context: undefined }],
    ['a send that is yet to come', { sentAtMs: sentAtMs + 3_600_000 }],
  ])('a receipt with %s writes nothing, and is counted', async (_, more) => {
    const { note, ledger, heard } = open();
    await note(event('TEXT_DELIVERED', more));
    expect(ledger.size()).toBe(0);
    expect(heard).toEqual(['unmatched']);
  });

  test('a receipt of another send says nothing of a verification', () => {
    const receipt = {
      sendId: 'forged',
      delivery: 'failed',
      reason: 'unreachable',
      route: 'eum',
      messageId: 'm',
    } as const;
    const verification = { sendId: 'first', delivery: 'accepted' } as const;
    expect(deliveryOf(verification, receipt)).toEqual({ delivery: 'accepted' });
    expect(failedRouteOf(verification, receipt)).toBeUndefined();
  });
});

describe('the receipt of a verification', () => {
  const receipt = { sendId: 's', delivery: 'failed', reason: 'unreachable', route: 'eum', messageId: 'm' } as const;

  test('a receipt of another route than the record names says nothing', () => {
    const verification = { sendId: 's', route: 'sns', delivery: 'accepted' } as const;
    expect(deliveryOf(verification, receipt)).toEqual({ delivery: 'accepted' });
    expect(failedRouteOf(verification, receipt)).toBeUndefined();
  });

  test('a receipt of the route that the record names, or of a record that names none, counts', () => {
    expect(failedRouteOf({ sendId: 's', route: 'eum' }, receipt)).toBe('eum');
    expect(failedRouteOf({ sendId: 's' }, receipt)).toBe('eum');
  });
});

describe('an event without a context', () => {
  test('the event finds its message by the id that the send noted', async () => {
    const policy = policyWith('event-bus');
    const { note, ledger, last } = open({ policy });
    await ledger.noteMessage({ ...context, messageId: 'm-1', purgeAt: 1 });
    await note(event('TEXT_DELIVERED', { context: undefined }));
    expect(last()).toMatchObject({ sendId: 'first', delivery: 'delivered' });
  });

  test('the event finds its message by an earlier one that came with its context', async () => {
    const { note, last } = open({ policy: policyWith('configuration-set', 'event-bus') });
    await note(event('TEXT_PENDING'));
    await note(event('TEXT_DELIVERED', { context: undefined }));
    expect(last()).toMatchObject({ delivery: 'delivered' });
  });

  test('the record of a message is noted once, however many events name it, and not at all without the bus', async () => {
    const [both, bySet] = [open({ policy: policyWith('configuration-set', 'event-bus') }), open()];
    for (const { ledger, note } of [both, bySet]) {
      const noteMessage = vi.spyOn(ledger, 'noteMessage');
      for (const type of ['TEXT_PENDING', 'TEXT_SUCCESSFUL', 'TEXT_PENDING', 'TEXT_DELIVERED']) await note(event(type));
      expect(noteMessage.mock.calls.map(([{ messageId }]) => messageId)).toEqual(ledger === both.ledger ? ['m-1'] : []);
    }
  });

  test('the record of a message is not noted again by each send if sends note it themselves', async () => {
    const policy = policyWith('configuration-set', 'event-bus');
    const { ledger, note } = open({
      policy: {
        ...policy,
        receipts: { sources: ['configuration-set', 'event-bus'], noteMessageIds: true, feedback: false },
      },
    });
    const noteMessage = vi.spyOn(ledger, 'noteMessage');
    await note(event('TEXT_PENDING'));
    expect(noteMessage).not.toHaveBeenCalled();
  });

  test('a message of another application of the account is counted as unmatched, and no more', async () => {
    const { note, ledger, heard } = open({ policy: policyWith('event-bus') });
    await note(event('TEXT_DELIVERED', { context: undefined }));
    expect([ledger.size(), heard]).toEqual([0, ['unmatched']]);
  });
});

describe('delivery', () => {
  const receipt = { sendId: 's', route: 'eum', messageId: 'm' } as const;

  test.each([
    [undefined, { delivery: 'unconfirmed' }],
    [{ ...receipt, delivery: 'accepted' }, { delivery: 'accepted' }],
    [{ ...receipt, delivery: 'delivered' }, { delivery: 'delivered' }],
    [{ ...receipt, delivery: 'unknown' }, { delivery: 'unknown' }],
    [
      { ...receipt, delivery: 'failed', reason: 'expired' },
      { delivery: 'failed', deliveryReason: 'expired' },
    ],
  ] as const)('an unconfirmed message with the receipt %j is shown as %j', (given, shown) => {
    expect(deliveryOf({ sendId: 's', delivery: 'unconfirmed' }, given)).toEqual(shown);
  });

  test('the route of a message that did not arrive is one that a resend skips', () => {
    const failed = { ...receipt, delivery: 'failed', reason: 'unreachable' } as const;
    expect(failedRouteOf({ sendId: 's' }, failed)).toBe('eum');
    expect(failedRouteOf({ sendId: 's' }, { ...receipt, delivery: 'delivered' })).toBeUndefined();
  });
});
