import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keeping, messagesIn } from '../../lambdas/stream/webhooks.ts';

const envelope = {
  id: 'evt_V3c-x_9',
  type: 'verification.approved',
  timestamp: '2026-11-30T10:00:00.000Z',
  data: { application: 'shop', purpose: 'login', later: { any: 1 } },
};
const record = (body: string, tries = '1') =>
  ({
    messageId: 'm-1',
    receiptHandle: 'h-1',
    body,
    attributes: { ApproximateReceiveCount: tries },
  }) as unknown as Parameters<typeof messagesIn>[0]['Records'][number];
const read = (body: string, tries?: string) => messagesIn({ Records: [record(body, tries)] })[0];

describe('a message', () => {
  test('an event is read with the text that came, whatever spaces and further members it has', () => {
    const body = JSON.stringify({ ...envelope, more: true }, null, 2);
    expect(read(body, '7')).toEqual({
      messageId: 'm-1',
      receiptHandle: 'h-1',
      tries: 7,
      body,
      event: {
        id: 'evt_V3c-x_9',
        type: 'verification.approved',
        application: 'shop',
        atMs: Date.parse(envelope.timestamp),
        json: body,
      },
    });
  });

  test('an event of the bus, which EventBridge put into the dead letters, is its detail', () => {
    const body = JSON.stringify({
      version: '0',
      source: 'otp-service',
      'detail-type': 'verification.approved',
      detail: envelope,
    });
    expect(read(body)?.event).toMatchObject({ id: envelope.id, json: JSON.stringify(envelope) });
  });

  test.each([
    ['no JSON', 'x'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no id', JSON.stringify({ ...envelope, id: undefined })],
    ['an id with a line break', JSON.stringify({ ...envelope, id: 'evt_a\r\nx: y' })],
    ['an id with a dot, which would change the signed text', JSON.stringify({ ...envelope, id: 'evt_a.1' })],
    ['an id of another kind', JSON.stringify({ ...envelope, id: 'msg_a' })],
    ['an unknown type', JSON.stringify({ ...envelope, type: 'verification.exploded' })],
    ['a finding', JSON.stringify({ ...envelope, type: 'Detection Finding' })],
    ['a time that is none', JSON.stringify({ ...envelope, timestamp: 'now' })],
    ['a time that Date cannot read', JSON.stringify({ ...envelope, timestamp: '2026-11-30T10:00:00+05' })],
    ['an application that no settings can name', JSON.stringify({ ...envelope, data: { application: 'Shop 1' } })],
    ['an application with a line break', JSON.stringify({ ...envelope, data: { application: 'shop\n' } })],
    ['more than any event has', JSON.stringify({ ...envelope, more: 'ü'.repeat(33_000) })],
    ['no application', JSON.stringify({ ...envelope, data: {} })],
    ['a number for its application', JSON.stringify({ ...envelope, data: { application: 1 } })],
  ])('a body with %s is no event, and stays as it is', (_, body) => {
    expect(read(body)).toMatchObject({ body, event: undefined });
  });

  test.each([['0'], [''], ['x']])('a count of receives that is %j is the first', (tries) => {
    expect(read('{}', tries)?.tries).toBe(1);
  });

  test('a body that is too deep to be written again is no event, and fails no other of its batch', () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const detail = JSON.stringify({ ...envelope, more: 0 }).replace('"more":0', `"more":${deep}`);
    const body = `{"detail-type":"verification.approved","detail":${detail}}`;
    const [hostile, good] = messagesIn({ Records: [record(body), record(JSON.stringify(envelope))] });
    expect(hostile).toMatchObject({ body, event: undefined });
    expect(good?.event?.id).toBe(envelope.id);
  });

  test('no body, however hostile, throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(read(body)?.body).toBe(body);
      }),
    );
  });
});

test('messages that stay are named, and no others', () => {
  expect(keeping(['a', 'b'])).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'b' }] });
  expect(keeping([])).toEqual({ batchItemFailures: [] });
});
