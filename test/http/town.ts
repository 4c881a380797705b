import { expect, inject } from 'vitest';
import { feedsOf } from '../../local/aws/feeds.ts';
import type { StreamRecord } from '../../local/aws/streams.ts';
import type { LocalStack } from '../../local/stack.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Answer, clientOf, openStack, wordOf } from './client.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/**
 * A running service that people and strangers use over HTTP.
 *
 * - Its clock stands still, except when a test moves it.
 * - `settle` waits until the detector has acted on all that happened before. So no test waits for luck.
 * - Its detector has run for eight days, so no level is still record-only. People of the country have verified.
 */
export const openTown = async () => {
  let stack: LocalStack | undefined;
  const passed = new Set<string>();
  const [feed] = feedsOf(
    (name, event) => stack?.invoke(name, event) ?? Promise.reject(new Error('The stack is not up.')),
    console.error,
    undefined,
  );
  if (feed === undefined) throw new Error('No function reads a stream.');
  const deliver = async (records: readonly StreamRecord[]) => {
    const result = await feed.deliver(records);
    for (const { dynamodb } of records) passed.add(String(dynamodb.Keys['pk']?.['S']));
    return result;
  };
  // One shard, whose batches come one after the other: a record that has passed has all others behind it.
  stack = await openStack(inject('strictBundles'), {
    feedStreamFunctions: false,
    streamConsumers: [{ ...feed, deliver, shards: 1, pollMs: 10 }],
  });
  return townOf(stack, passed);
};

export type Town = Awaited<ReturnType<typeof openTown>>;

const townOf = async (stack: LocalStack, passed: ReadonlySet<string>) => {
  const app = clientOf(stack);
  let release = () => {};
  const held = stack.clock.holdDuring(() => new Promise<void>((resolve) => (release = resolve)));
  let [ips, barriers, numbers] = [0, 0, 0];

  const later = (ms: number) => stack.clock.advance(ms);
  /** An IP in a network that nobody has used. */
  const newIp = (): string => {
    ips += 1;
    return `10.${Math.floor(ips / 250)}.${ips % 250}.7`;
  };
  /** A number of the range that nobody has used. */
  const newNumber = (range: string): string => {
    numbers += 1;
    return `${range}${numbers + 1000}`;
  };

  const settle = async (): Promise<void> => {
    barriers += 1;
    const pk = `barrier#${barriers}`;
    const Item = { pk: { S: pk }, kind: { S: 'barrier' } };
    await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.verifications, Item });
    await expect.poll(() => passed.has(pk), { timeout: 60_000, interval: 10 }).toBe(true);
  };

  const ask = (phoneNumber: string, ip: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    app.request({ phoneNumber }, { 'x-local-source-ip': ip, ...headers });
  /** The code of the last SMS, of whatever length. */
  const codeOf = (phoneNumber: string): string =>
    /\b\d{6,10}\b/.exec(stack.messages(phoneNumber)[0]?.text ?? '')?.[0] ?? '';
  const typeIn = async (phoneNumber: string, { body }: Answer): Promise<unknown> =>
    wordOf(await app.check(String(body['id']), { code: codeOf(phoneNumber) }));
  const guessWrongly = async (phoneNumber: string, { body }: Answer, times: number): Promise<void> => {
    for (let nth = 1; nth <= times; nth += 1)
      await app.check(String(body['id']), { code: wrongCode(codeOf(phoneNumber), nth) });
  };
  /** What a person gets who asks for a code and types it in: `approved`, or why not. */
  const signIn = async (phoneNumber: string, ip: string): Promise<unknown> => {
    const answer = await ask(phoneNumber, ip);
    return answer.status === 201 ? await typeIn(phoneNumber, answer) : wordOf(answer);
  };
  /** Somebody new asks, from a network of their own, and types in what comes. */
  const newcomer = (range: string, ip = newIp()): Promise<unknown> => signIn(newNumber(range), ip);

  /** Asks as soon as the limits of number and IP allow it. It waits for no block. */
  const askWhenAllowed = async (phoneNumber: string, ip: string): Promise<Answer> => {
    const answer = await ask(phoneNumber, ip);
    if (answer.status === 201 || wordOf(answer) === 'destination-suspended') return answer;
    later(Number(answer.headers.get('retry-after')) * 1000);
    await settle();
    return await ask(phoneNumber, ip);
  };

  /** Sends to new numbers of the ranges in turn, each from a new network, until one is refused. Returns how often one was not. */
  const pump = async (ranges: readonly string[], most: number, everyMs: number, from = newIp): Promise<number> => {
    for (let sent = 0; sent < most; sent += 1) {
      const answer = await ask(newNumber(ranges[sent % ranges.length] ?? ''), from());
      if (answer.status !== 201) return sent;
      later(everyMs);
      await settle();
    }
    return most;
  };

  expect(await newcomer('+91700000')).toBe('approved');
  later(7 * dayMs);
  for (let nth = 0; nth < 8; nth += 1) {
    expect(await newcomer(`+917${nth}0000`)).toBe('approved');
    later(dayMs / 8);
  }
  await settle();
  return {
    stack,
    messages: stack.messages,
    ...{ later, newIp, newNumber, settle, ask, askWhenAllowed, codeOf, typeIn, guessWrongly, signIn, newcomer, pump },
    stop: async () => {
      release();
      await held;
      await stack.stop();
    },
  };
};

/** Plays something each minute of a time. */
export const everyMinute = async (town: Town, minutes: number, act: (minute: number) => Promise<unknown>) => {
  for (let minute = 1; minute <= minutes; minute += 1) {
    town.later(minuteMs);
    await act(minute);
    await town.settle();
  }
};
