/** Counts by plain writes: each event counts once, whatever fails between its entry and its counts. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import type { Item } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoDetector } from '../../../lambdas/aws/stores/detector.ts';
import { dynamoTrafficCounters } from '../../../lambdas/aws/stores/traffic/counters.ts';
import { readVerified, verifiedKey } from '../../../lambdas/aws/tables/guards.ts';
import { maxPlain, readCounts } from '../../../lambdas/aws/tables/traffic.ts';
import { addCounts, additionsOf, type Counts, noCounts } from '../../../lambdas/bursts/counts/counts.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { nameOf } from '../../../lambdas/bursts/counts/keys.ts';
import { timeBucketMs, timeBucketOf } from '../../../lambdas/bursts/counts/time-buckets.ts';
import { streamFunctions } from '../../../lambdas/contract.ts';
import { minuteMs } from '../../../lambdas/otp/durations.ts';
import { dayOf } from '../../../lambdas/otp/limits/caps.ts';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { aroundCalls } from '../../fakes/aws/around-calls.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { event } from '../../fakes/bursts/scene.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
});
afterAll(() => dynamo.stop());

const nowMs = (timeBucketOf(Date.now()) + 0.5) * timeBucketMs;
/** A time at which the detector is behind with events of that moment. */
const lateMs = nowMs + minuteMs;
const { batchSize } = streamFunctions['detect-bursts'];

/** A call of a container: it is made or not, and answered or not. */
type Fate = 'answered' | 'not-made' | 'not-answered';

/** A client that fails as a function does that dies: the calls before and after it are not repeated. */
const mortalClient = (fateOf: (nth: number, command: string) => Fate): DynamoDBClient => {
  const client = dynamoClient();
  let calls = 0;
  aroundCalls(client, async (call, { name }) => {
    calls += 1;
    const fate = fateOf(calls, name);
    if (fate === 'not-made') throw new Error('not made, for a test');
    const answer = await call();
    if (fate === 'not-answered') throw new Error('not answered, for a test');
    return answer;
  });
  return client;
};

/** Mulberry32: the same numbers at every run. */
const randomFrom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const container = (lane: string, client = dynamoClient()) => {
  const options = { auditDays: 90, unreadable: () => {}, lane, verifiedEnough: 1e9 };
  return dynamoDetector(client, dynamo.tables, dynamoTrafficCounters(client, dynamo.tables, options), {
    findingDays: 400,
  });
};

const itemsOf = async (events: readonly TrafficEvent[], key: string): Promise<readonly Item[]> => {
  expect(events.length).toBeGreaterThan(0);
  const { Items } = await dynamo.call('DynamoDB_20120810.Query', {
    TableName: dynamo.tables.traffic,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: key } },
    ConsistentRead: true,
  });
  return Items as readonly Item[];
};

/** Counts of all keys of events, by what stands in the table, and by what they are. */
const countsOf = async (events: readonly TrafficEvent[]) => {
  const expected = additionsOf(events).map(
    ({ key, timeBucket, add }) => [nameOf(key), timeBucket, sumOf(add)] as const,
  );
  const found = await Promise.all(
    expected.map(async ([name, timeBucket]) => {
      const items = (await itemsOf(events, name)).map(readCounts).filter((each) => each.timeBucket === timeBucket);
      return [name, timeBucket, totalOf(items.reduce(addCounts, noCounts(timeBucket)))] as const;
    }),
  );
  return { expected, found };
};
const sumOf = (add: ReadonlyMap<string, number>): number => [...add.values()].reduce((sum, by) => sum + by, 0);
const totalOf = ({ timeBucket: _, ips: _ips, applications: _applications, ...counts }: Counts): number =>
  Object.values(counts)
    .flat()
    .reduce((sum, by) => sum + by, 0);

const verifiedOf = async (country: string): Promise<number> => {
  const Key = { pk: { S: verifiedKey(country, dayOf(nowMs)) } };
  const { Item } = await dynamo.call('DynamoDB_20120810.GetItem', { TableName: dynamo.tables.guards, Key });
  return readVerified(Item as Item | undefined);
};

const eventsIn = (country: string, count: number): readonly TrafficEvent[] =>
  Array.from({ length: count }, (_, index) =>
    event(
      index % 2 === 0 ? 'started' : 'approved',
      { phone: `+4479${country.charCodeAt(1)}${String(index * 7919).padStart(6, '0')}`, country },
      nowMs,
    ),
  );

/** The commands of a container that counts a batch of as many events as Lambda hands over. */
const commandsOf = async (country: string, atMs: number): Promise<ReadonlyMap<string | undefined, number>> => {
  const commands = new Map<string | undefined, number>();
  const client = mortalClient((_, command) => {
    commands.set(command, (commands.get(command) ?? 0) + 1);
    return 'answered';
  });
  const events = eventsIn(country, batchSize);
  await container(`whole ${country}`, client).count(events, [], atMs);
  const { expected, found } = await countsOf(events);
  expect(found).toEqual(expected);
  expect(await verifiedOf(country)).toBe(batchSize / 2);
  return commands;
};

describe('batches by their size', () => {
  test('plain writes count a batch of any size while the detector keeps up', async () => {
    const commands = await commandsOf('TU', nowMs);
    expect(commands.get('TransactWriteItemsCommand')).toBeUndefined();
    expect(commands.get('PutItemCommand')).toBe(batchSize);
  });

  test('transactions, which are fewer calls, count a large batch while the detector is behind', async () => {
    const commands = await commandsOf('TV', lateMs);
    expect([...commands.keys()]).toEqual(['TransactWriteItemsCommand']);
    expect(commands.get('TransactWriteItemsCommand')).toBeLessThan(10);
  });

  test('plain writes count a small batch although the detector is behind', async () => {
    const commands: (string | undefined)[] = [];
    const client = mortalClient((_, command) => {
      commands.push(command);
      return 'answered';
    });
    await container('small', client).count(eventsIn('TW', maxPlain), [], lateMs);
    expect(commands).not.toContain('TransactWriteItemsCommand');
  });
});

test('a large batch whose turn failed in many places is counted once when it comes again', async () => {
  const events = eventsIn('TX', 2 * maxPlain);
  const dying = container(
    'dying large',
    mortalClient(
      (nth) => (['answered', 'not-made', 'not-answered'] as const)[nth > events.length ? nth % 3 : 0] ?? 'answered',
    ),
  );
  await expect(dying.count(events, [], nowMs)).rejects.toThrow('did not answer');
  for (const lane of ['next large', 'third large']) await container(lane).count(events, [], nowMs);
  const { expected, found } = await countsOf(events);
  expect(found).toEqual(expected);
  expect(await verifiedOf('TX')).toBe(maxPlain);
});

describe('plain writes', () => {
  test.each([
    ['before its entry', 1, 'not-made'],
    ['after its entry', 1, 'not-answered'],
    ['before a count', 2, 'not-made'],
    ['after a count', 3, 'not-answered'],
  ] as const)('an event is counted once if the function dies %s', async (when, at, fate) => {
    const country = `T${['before its entry', 'after its entry', 'before a count', 'after a count'].indexOf(when)}`;
    const events = eventsIn(country, 2).slice(0, 1);
    const dying = container(
      `dying ${when}`,
      mortalClient((nth) => (nth === at ? fate : 'answered')),
    );
    await expect(dying.count(events, [], nowMs)).rejects.toThrow('did not answer');
    for (const lane of ['next', 'third']) await container(`${lane} ${when}`).count(events, [], nowMs);
    const { expected, found } = await countsOf(events);
    expect(found).toEqual(expected);
  });

  test('each event is counted once if functions die at random, and the records come again with other borders', async () => {
    const next = randomFrom(20_261_121);
    let living: ReturnType<typeof container> | undefined;
    let failures = 0;
    const events = eventsIn('TR', 140);
    // The calls of a batch run beside each other, so that their fates differ from run to run. All records come again until
    // enough functions have died.
    for (let from = 0, tries = 0; from < events.length || failures < 5; tries += 1) {
      if (from >= events.length) from = 0;
      // Large batches have many calls. With the higher chance hardly one of them would come to its end.
      const chance = next() < 0.5 ? 0.03 : 0.004;
      const fateOf = (): Fate => {
        const drawn = next();
        if (drawn < chance) return 'not-made';
        return drawn < 2 * chance ? 'not-answered' : 'answered';
      };
      // A function that failed may go on, or another takes its place.
      if (living === undefined || next() < 0.5) living = container(`random ${tries}`, mortalClient(fateOf));
      const size = 1 + Math.floor(next() * (next() < 0.5 ? maxPlain : batchSize));
      // Late at times, so that a transaction meets what plain writes left.
      const atMs = next() < 0.5 ? nowMs : lateMs;
      const isDone = await living.count(events.slice(from, from + size), [], atMs).then(
        () => true,
        () => false,
      );
      if (isDone) from += size;
      else {
        failures += 1;
        from = Math.max(0, from - Math.floor(next() * 10));
      }
      expect(tries).toBeLessThan(500);
    }
    const { expected, found } = await countsOf(events);
    expect(found).toEqual(expected);
    expect(await verifiedOf('TR')).toBe(events.filter(({ kind }) => kind === 'approved').length);
  });

  test('an event is counted once if two functions count it at the same time', async () => {
    const events = eventsIn('TS', 12);
    const both = ['first', 'second'].map((lane) => container(lane).count(events, [], nowMs));
    await Promise.allSettled(both);
    await container('later').count(events, [], nowMs);
    const { expected, found } = await countsOf(events);
    expect(found).toEqual(expected);
    expect(await verifiedOf('TS')).toBe(6);
  });
});

test('a function that was taken for dead counts nothing that another one has counted', async () => {
  const events = eventsIn('TD', 1);
  const waiting = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const client = dynamoClient();
  aroundCalls(client, async (call, { name }) => {
    if (name === 'UpdateItemCommand') {
      reached.resolve();
      await waiting.promise;
    }
    return call();
  });
  const slow = container('slow', client).count(events, [], nowMs);
  await reached.promise;
  await container('quick').count(events, [], nowMs);
  waiting.resolve();
  await slow;
  const { expected, found } = await countsOf(events);
  expect(found).toEqual(expected);
});
