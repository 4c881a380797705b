import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { webhookQueue } from '../../lambdas/contract.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import type { WebhookPolicy } from '../../lambdas/policy.ts';
import { deliverBatch } from '../../lambdas/webhooks/deliver.ts';
import type { DeliveryPorts, Message, Posted, WebhookEvent } from '../../lambdas/webhooks/ports.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const webhook = (application: string, more: Partial<WebhookPolicy> = {}): WebhookPolicy => ({
  application,
  url: `https://${application}.example.com/hook`,
  types: ['verification.approved', 'verification.refused'],
  secret: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${application}-AbCdEf`,
  ...more,
});
const webhooks = [webhook('shop'), webhook('bank')];
const nowMs = Date.parse('2026-11-30T10:00:00Z');
const eventOf = (id: string, application = 'shop', more: Partial<WebhookEvent> = {}): WebhookEvent => ({
  id: `evt_${id}`,
  type: 'verification.approved',
  application,
  atMs: nowMs - 500,
  json: JSON.stringify({ id: `evt_${id}`, data: { application } }),
  ...more,
});
const message = (id: string, more: Partial<Message> = {}): Message => ({
  messageId: `message-${id}`,
  receiptHandle: `handle-${id}`,
  tries: 1,
  body: `body-${id}`,
  event: eventOf(id),
  ...more,
});

type Call = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly withinMs?: number | undefined;
};
const delivered: Posted = { kind: 'delivered', status: 204 };
const failed: Posted = { kind: 'failed', cause: 'server-error', status: 503 };

const stage = (more: Partial<DeliveryPorts> = {}, post: (call: Call) => Promise<Posted> = async () => delivered) => {
  const calls: Call[] = [];
  const waits: { readonly receiptHandle: string; readonly seconds: number }[] = [];
  const dead: string[] = [];
  const told: unknown[] = [];
  let now = nowMs;
  const ports: DeliveryPorts = {
    now: () => now,
    random: () => 0,
    readSecret: async () => secret,
    post: async (url, headers, body, withinMs?: number) => {
      calls.push({ url, headers, body });
      return await post({ url, headers, body, withinMs });
    },
    queue: {
      postpone: async (more) => void waits.push(...more),
      giveUp: async (body) => void dead.push(body),
    },
    watch: {
      delivered: (of, facts) => told.push(['delivered', of, facts]),
      failed: (of, facts) => told.push(['failed', of, facts]),
      deferred: (of) => told.push(['deferred', of]),
      givenUp: (cause, of) => told.push(['given up', cause, of]),
      dependencyFailed: (cause) => told.push(['dependency failed', cause instanceof Error ? cause.name : typeof cause]),
    },
    ...more,
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { deliver: deliverBatch(ports, webhooks), calls, waits, dead, told, pass, passedMs: () => now - nowMs };
};

const shopOf = (id: string, tries = 1) => ({
  id: `evt_${id}`,
  type: 'verification.approved',
  application: 'shop',
  tries,
});

describe('a delivery', () => {
  test('an event goes to the webhook of its application alone, signed, with the body that came', async () => {
    const { deliver, calls, told } = stage();
    expect(await deliver([message('a'), message('b', { event: eventOf('b', 'bank') })])).toEqual([]);
    expect(calls.map(({ url, body }) => [url, body])).toEqual([
      ['https://shop.example.com/hook', eventOf('a').json],
      ['https://bank.example.com/hook', eventOf('b', 'bank').json],
    ]);
    const signature = new Webhook(secret).sign('evt_a', new Date(nowMs), eventOf('a').json);
    expect(calls[0]?.headers).toMatchObject({ 'webhook-id': 'evt_a', 'webhook-signature': signature });
    expect(told[0]).toEqual(['delivered', shopOf('a'), { status: 204, tookMs: 0, ageMs: 500 }]);
  });

  test('each try has the id of the event and a time of its own', async () => {
    const { deliver, calls, pass } = stage({}, async () => failed);
    await deliver([message('a')]);
    pass(10_000);
    await deliver([message('a', { tries: 2 })]);
    expect(calls.map(({ headers }) => [headers['webhook-id'], headers['webhook-timestamp']])).toEqual([
      ['evt_a', String(nowMs / 1000)],
      ['evt_a', String(nowMs / 1000 + 10)],
    ]);
    expect(new Set(calls.map(({ headers }) => headers['webhook-signature'])).size).toBe(2);
  });

  test('an event that fails waits longer each time, and no message of its batch with it', async () => {
    const { deliver, waits, told } = stage({}, async ({ body }) => (body.includes('evt_a') ? failed : delivered));
    expect(await deliver([message('a', { tries: 4 }), message('b')])).toEqual(['message-a']);
    expect(waits).toEqual([{ receiptHandle: 'handle-a', seconds: 80 }]);
    expect(told).toContainEqual(['failed', shopOf('a', 4), { cause: 'server-error', status: 503, tookMs: 0 }]);
  });

  test('a consumer that asks for a wait gets it', async () => {
    const { deliver, waits } = stage({}, async () => ({ ...failed, retryAfterSeconds: 600 }) as Posted);
    await deliver([message('a')]);
    expect(waits).toEqual([{ receiptHandle: 'handle-a', seconds: 600 }]);
  });

  test('a clock that is set back during a delivery makes no time below nothing', async () => {
    const made = stage({}, async () => {
      made.pass(-3_600_000);
      return delivered;
    });
    await made.deliver([message('a')]);
    expect(made.told).toEqual([['delivered', shopOf('a'), { status: 204, tookMs: 0, ageMs: 0 }]]);
  });

  test('410 is a failure like any other: the event is tried again', async () => {
    const gone: Posted = { kind: 'failed', cause: 'gone', status: 410 };
    const { deliver, waits, told } = stage({}, async () => gone);
    expect(await deliver([message('a')])).toEqual(['message-a']);
    expect(waits).toHaveLength(1);
    expect(told).toEqual([['failed', shopOf('a'), { cause: 'gone', status: 410, tookMs: 0 }]]);
  });

  test('an event whose last try fails is given up, and left to SQS at once', async () => {
    const { maxTries } = webhookQueue;
    const { deliver, waits, dead, told } = stage({}, async () => failed);
    expect(await deliver([message('a', { tries: maxTries })])).toEqual(['message-a']);
    expect(waits).toEqual([{ receiptHandle: 'handle-a', seconds: 0 }]);
    expect(dead).toEqual([]);
    expect(told.at(-1)).toEqual(['given up', 'tries', shopOf('a', maxTries)]);
  });
});

describe('a message that no try would help', () => {
  test.each([
    ['that is no event', { event: undefined }, ['given up', 'unreadable', undefined]],
    ['of an application without a webhook', { event: eventOf('a', 'blog') }, expect.arrayContaining(['no-webhook'])],
    [
      'of a type that the webhook does not ask for',
      { event: eventOf('a', 'shop', { type: 'verification.requested' }) },
      expect.arrayContaining(['no-webhook']),
    ],
  ])('a message %s goes to the dead letters as it came, and nowhere else', async (_, more, expected) => {
    const { deliver, calls, dead, told } = stage();
    expect(await deliver([message('a', more)])).toEqual([]);
    expect([calls, dead]).toEqual([[], ['body-a']]);
    expect(told).toEqual([expected]);
  });

  test('a message stays in the queue while the dead letters do not answer', async () => {
    const queue = {
      postpone: async () => {},
      giveUp: async () => {
        throw new Unavailable('SQS SendMessage');
      },
    };
    const { deliver, told } = stage({ queue });
    expect(await deliver([message('a', { event: undefined })])).toEqual(['message-a']);
    expect(told).toEqual([['dependency failed', 'Unavailable']]);
  });
});

describe('what else may be down', () => {
  test.each([
    ['the secrets do not answer', async () => Promise.reject(new Unavailable('Secrets Manager')), 'Unavailable'],
    ['the secret is none', async () => 'hunter2', 'SecretMalformed'],
  ])('no event is sent or lost if %s', async (_, readSecret, error) => {
    const { deliver, calls, waits, told } = stage({ readSecret });
    expect(await deliver([message('a')])).toEqual(['message-a']);
    expect([calls, waits]).toEqual([[], [{ receiptHandle: 'handle-a', seconds: 10 }]]);
    expect(told).toEqual([
      ['dependency failed', error],
      ['failed', shopOf('a'), { cause: 'secret', tookMs: 0 }],
    ]);
    expect(JSON.stringify(told)).not.toContain('hunter2');
  });

  test('the time that AWS takes for a secret is none of the consumer, which goes on to be tried', async () => {
    const made = stage({
      readSecret: async () => {
        made.pass(6000);
        return secret;
      },
    });
    for (const index of [1, 2, 3, 4, 5]) expect(await made.deliver([message(String(index))])).toEqual([]);
    expect(made.calls).toHaveLength(5);
  });

  test('a message whose wait cannot be set stays in the queue', async () => {
    const queue = {
      postpone: async () => {
        throw new Unavailable('SQS ChangeMessageVisibilityBatch');
      },
      giveUp: async () => {},
    };
    const { deliver, told } = stage({ queue }, async () => failed);
    expect(await deliver([message('a')])).toEqual(['message-a']);
    expect(told.at(-1)).toEqual(['dependency failed', 'Unavailable']);
  });
});

describe('a slow consumer', () => {
  /** The shop takes five seconds and fails. The bank answers at once. */
  const slowShop = () => {
    const made = stage({}, async ({ url }) => {
      if (!url.includes('shop')) return delivered;
      // The bank has answered when the time of the shop goes by.
      await new Promise((resolve) => setImmediate(resolve));
      made.pass(5000);
      return { kind: 'failed', cause: 'timeout' };
    });
    return made;
  };
  const batch = (index: number) => [
    message(`shop-${index}`),
    message(`bank-${index}`, { event: eventOf(`bank-${index}`, 'bank') }),
  ];

  test('a slow consumer has no further try after two slow batches, and others go on', async () => {
    const { deliver, calls, told } = slowShop();
    for (const index of [1, 2, 3, 4, 5]) await deliver(batch(index));
    const to = (name: string) => calls.filter(({ url }) => url.includes(name)).length;
    expect([to('shop'), to('bank')]).toEqual([2, 5]);
    expect(told.filter((each) => Array.isArray(each) && each[0] === 'deferred')).toHaveLength(3);
  });

  test('a deferred event comes again, and its last try is never left out', async () => {
    const { deliver, calls } = slowShop();
    for (const index of [1, 2]) await deliver(batch(index));
    expect(await deliver([message('x')])).toEqual(['message-x']);
    const before = calls.length;
    expect(await deliver([message('y', { tries: webhookQueue.maxTries })])).toEqual(['message-y']);
    expect(calls.length).toBe(before + 1);
  });

  test('last tries of a slow consumer leave three quarters of a container to the others', async () => {
    let heldMs = 0;
    const made = stage({}, async ({ withinMs }) => {
      const ms = Math.min(5000, withinMs ?? Number.POSITIVE_INFINITY);
      made.pass(ms);
      heldMs += Math.max(0, ms - 1000);
      return { kind: 'failed', cause: 'timeout' };
    });
    // After a day of an outage, each event that comes back has its last try.
    let batches = 0;
    for (; made.passedMs() < 3_600_000; batches += 1)
      await made.deliver([message(String(batches), { tries: webhookQueue.maxTries })]);
    expect(made.calls).toHaveLength(batches);
    expect(heldMs / 3_600_000).toBeLessThan(0.25);
  });

  test('a consumer that is well again is tried again', async () => {
    const { deliver, calls, pass } = slowShop();
    for (const index of [1, 2, 3]) await deliver(batch(index));
    const before = calls.length;
    pass(60_000);
    await deliver([message('x')]);
    expect(calls.length).toBe(before + 1);
  });
});

test('the events of a batch are delivered beside each other', async () => {
  let open = 0;
  let most = 0;
  const { deliver } = stage({}, async () => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return delivered;
  });
  await deliver(Array.from({ length: 10 }, (_, index) => message(String(index))));
  expect(most).toBe(10);
});
