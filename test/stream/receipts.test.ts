import { EventType } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageEventTypes, toldByType } from '../../lambdas/aws/sms-events.ts';
import { deliveryReasons } from '../../lambdas/otp/receipts/receipt.ts';
import { messageEventsIn } from '../../lambdas/stream/receipts.ts';
import { inTopic, onBus, sampleContext, textEvent } from '../fakes/receipts/events.ts';

const number = '9876598431';

describe('a type of event', () => {
  test('each type of SMS and of calls that the SDK knows says something', () => {
    const known = Object.values(EventType).filter((type) => /^(?:TEXT|VOICE)_(?!ALL$)/.test(type));
    expect(messageEventTypes.toSorted()).toEqual(known.toSorted());
  });

  test.each([
    ['TEXT_QUEUED', 'accepted', undefined],
    ['TEXT_PENDING', 'accepted', undefined],
    ['TEXT_SENT', 'accepted', undefined],
    ['TEXT_SUCCESSFUL', 'accepted', undefined],
    ['TEXT_DELIVERED', 'delivered', undefined],
    ['TEXT_UNKNOWN', 'unknown', undefined],
    ['TEXT_BLOCKED', 'failed', 'opted-out'],
    ['TEXT_CARRIER_BLOCKED', 'failed', 'blocked-by-carrier'],
    ['TEXT_SPAM', 'failed', 'blocked-by-carrier'],
    ['TEXT_INVALID_MESSAGE', 'failed', 'blocked-by-carrier'],
    ['TEXT_CARRIER_UNREACHABLE', 'failed', 'unreachable'],
    ['TEXT_UNREACHABLE', 'failed', 'unreachable'],
    ['TEXT_INVALID', 'failed', 'invalid-number'],
    ['TEXT_TTL_EXPIRED', 'failed', 'expired'],
    ['TEXT_PROTECT_BLOCKED', 'failed', 'blocked-by-protect'],
    ['VOICE_INITIATED', 'accepted', undefined],
    ['VOICE_RINGING', 'accepted', undefined],
    ['VOICE_ANSWERED', 'accepted', undefined],
    ['VOICE_COMPLETED', 'delivered', undefined],
    ['VOICE_BUSY', 'failed', 'unreachable'],
    ['VOICE_NO_ANSWER', 'failed', 'unreachable'],
    ['VOICE_FAILED', 'failed', 'unreachable'],
    ['VOICE_TTL_EXPIRED', 'failed', 'expired'],
  ])('%s says that a message is %s, because of %s', (type, delivery, reason) => {
    expect(toldByType(type)).toMatchObject({ delivery, ...(reason === undefined ? {} : { reason }) });
  });

  test('each reason that a caller may get has a type that gives it', () => {
    const given = messageEventTypes.flatMap((type) => {
      const told = toldByType(type);
      return told?.delivery === 'failed' ? [told.reason] : [];
    });
    expect([...new Set(given)].toSorted()).toEqual([...deliveryReasons].toSorted());
  });

  test.each(['TEXT_ALL', 'MEDIA_DELIVERED', 'RCS_DELIVERED', 'toString', '__proto__', ''])(
    'the type %j says nothing',
    (type) => {
      expect(toldByType(type)).toBeUndefined();
    },
  );
});

describe('an event', () => {
  const read = {
    told: { delivery: 'delivered' },
    messageId: '862a8790-60c0-4430-9b2b-658bde000001',
    sentAtMs: 1_800_000_000_000,
    toldAtMs: 1_800_000_003_000,
    priceUsd: 0.021,
    parts: 1,
  };

  test('an event of a topic is read with its context, and its price with the fee of the carrier', () => {
    const { send: sendId, estimate: _, ...context } = sampleContext;
    expect(messageEventsIn(inTopic(textEvent()))).toMatchObject([
      { ...read, context: { ...context, sendId, estimateUsd: 0.02, estimateParts: 1 } },
    ]);
  });

  test.each([
    ['no count', undefined],
    ['a text', '2'],
    ['none', 0],
    ['half of one', 1.5],
    ['more than a message has', 100],
  ])('parts that are %s are left out, and the event is read without them', (_, totalMessageParts) => {
    expect(messageEventsIn(inTopic(textEvent({ totalMessageParts })))).toMatchObject([{ ...read, parts: undefined }]);
  });

  test('an estimate without parts, of a version from before, is read without them', () => {
    const old = textEvent({ context: { ...sampleContext, estimate: '20000' } });
    expect(messageEventsIn(inTopic(old))).toMatchObject([
      { ...read, context: { estimateUsd: 0.02, estimateParts: undefined } },
    ]);
  });

  test('an event of the bus is read without a context', () => {
    expect(messageEventsIn(onBus(textEvent()))).toMatchObject([{ ...read, context: undefined }]);
  });

  test('the events of one invocation are read each by itself', () => {
    const events = messageEventsIn(inTopic(textEvent(), 'no JSON', textEvent({ eventType: 'MEDIA_DELIVERED' }), '{}'));
    expect(events.map((event) => ('kind' in event ? event : event.told.delivery))).toEqual([
      'delivered',
      { kind: 'unreadable', eventType: undefined },
      { kind: 'unreadable', eventType: 'MEDIA_DELIVERED' },
      { kind: 'unreadable', eventType: undefined },
    ]);
  });

  test('nothing of an event but ids, times, price and context goes further, and no number', () => {
    for (const invocation of [inTopic(textEvent()), onBus(textEvent())])
      expect(JSON.stringify(messageEventsIn(invocation))).not.toContain(number);
  });

  test.each([
    ['a key that is none', { verification: '../records' }],
    ['the key of a number', { verification: `+91${number}` }],
    ['a send that is none', { send: 'a b' }],
    ['a country that is none', { country: 'India' }],
    ['an estimate that is none', { estimate: '-1' }],
  ])('a context with %s is none', (_, more) => {
    const [event] = messageEventsIn(inTopic(textEvent({ context: { ...sampleContext, ...more } })));
    expect(event).toMatchObject({ context: undefined });
  });

  test('the context of another application of the account is none', () => {
    const [event] = messageEventsIn(inTopic(textEvent({ context: { account: 'bar' } })));
    expect(event).toMatchObject({ context: undefined });
  });

  test.each([
    ['a source of its own', { ...onBus(textEvent()), source: 'otp.sms-voice' }],
    ['another detail type', { ...onBus(textEvent()), 'detail-type': 'Registration Status Change' }],
    ['no detail', { ...onBus(textEvent()), detail: null }],
    ['a time in words', inTopic(textEvent({ eventTimestamp: 'now' }))],
    ['a time that is no date', inTopic(textEvent({ messageRequestTimestamp: 1e300 }))],
    ['no message id', inTopic(textEvent({ messageId: undefined }))],
    ['a message id with a path', inTopic(textEvent({ messageId: '../x' }))],
    ['a queue as its source', { Records: [{ EventSource: 'aws:sqs', Sns: { Message: '{}' } }] }],
  ])('an event with %s is none', (_, invocation) => {
    expect(messageEventsIn(invocation)).toMatchObject([{ kind: 'unreadable' }]);
  });

  test.each([
    ['TEXT_NEW', 'TEXT_NEW'],
    ['A'.repeat(65), undefined],
    [`TEXT_${number}`, undefined],
    [number, undefined],
    ['text_new', undefined],
    [['TEXT_NEW'], undefined],
    ['', undefined],
  ])('the type %j of an event that cannot be read is told as %j', (eventType, told) => {
    expect(messageEventsIn(inTopic(textEvent({ eventType })))).toEqual([{ kind: 'unreadable', eventType: told }]);
  });

  test('no input, however hostile, throws', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        messageEventsIn(input);
        messageEventsIn({ ...onBus(textEvent()), detail: input });
        messageEventsIn(inTopic(JSON.stringify(input) ?? ''));
      }),
    );
  });
});
