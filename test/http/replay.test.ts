import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { StreamRecord } from '../../local/aws/streams.ts';
import type { LocalStack } from '../../local/stack.ts';
import { letterOf, playDeadLetters } from '../fakes/aws/dead-letter-bucket.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack } from './client.ts';

let letters: Awaited<ReturnType<typeof playDeadLetters>>;
let stack: LocalStack;
let app: Client;
/** What the stream brings, and the detector never sees: it is not fed. */
let given: StreamRecord[] = [];
beforeAll(async () => {
  letters = await playDeadLetters();
  stack = await openStack(inject('strictBundles'), {
    endpoints: letters.endpoints,
    feedStreamFunctions: false,
    streamConsumers: [
      {
        table: 'verifications',
        deliver: async (records) => {
          given.push(...records);
          return { batchItemFailures: [] };
        },
      },
    ],
  });
  letters.join(stack);
  app = clientOf(stack);
});
afterAll(async () => {
  await stack.stop();
  await letters.stop();
});

const key = 'aws/lambda/mapping/shard/letter';
const giveUp = (records: readonly object[]) => letters.bucket.objects.set(key, letterOf(records));
const replay = async (event: object = {}) => {
  const answer = await stack.invoke('replay-dead-letters', event);
  return answer.kind === 'answered' ? answer.payload : answer;
};
const done = (records: number) => ({ dryRun: false, replayed: 1, records, failed: [], left: 0 });

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
const itemsIn = async (table: 'guards' | 'traffic' | 'security'): Promise<readonly Item[]> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables[table] });
  return Items as readonly Item[];
};
/** Wrong guesses that are counted for the country, in all its slots of time. */
const wrongCounted = async (): Promise<number> =>
  (await itemsIn('traffic'))
    .filter(({ pk }) => pk?.S === 'country#IN')
    .reduce((sum, { wrong }) => sum + Number(wrong?.N ?? 0), 0);
const kept = async () => (await itemsIn('security')).filter(({ pk }) => pk?.S?.startsWith('phone#')).length;
const reputations = async () => (await itemsIn('guards')).filter(({ pk }) => pk?.S?.startsWith('reputation#'));

/** A request and a wrong guess, as the stream shows them. */
const wrongGuess = async (): Promise<readonly StreamRecord[]> => {
  given = [];
  const { id, code } = await app.requested(freshNumber());
  await app.check(id, { code: wrongCode(code) });
  await expect.poll(() => given.length, { timeout: 20_000 }).toBe(2);
  return given;
};

describe('what the detector gave up', () => {
  test('a letter of the detector is looked at, is counted by the next command, and is gone', async () => {
    giveUp(await wrongGuess());
    expect(await replay({ dryRun: true })).toEqual({ ...done(2), dryRun: true });
    expect([await wrongCounted(), letters.bucket.objects.size]).toEqual([0, 1]);
    expect(await replay()).toEqual(done(2));
    expect([await wrongCounted(), letters.bucket.objects.size]).toEqual([1, 0]);
    expect(await reputations()).toMatchObject([{ wrong: { L: [{}] } }]);
  });

  test('a letter counts once, however often it is replayed', async () => {
    const records = given;
    for (let nth = 0; nth < 3; nth += 1) {
      giveUp(records);
      expect(await replay()).toEqual(done(2));
    }
    expect(await wrongCounted()).toBe(1);
    expect(await reputations()).toMatchObject([{ wrong: { L: [{}] } }]);
  });

  test('a letter stays where nobody can read one of its records, and the others are counted', async () => {
    const poison = { eventID: 'poison', dynamodb: { SequenceNumber: '0', NewImage: { kind: { S: 'another' } } } };
    giveUp([poison, ...(await wrongGuess())]);
    expect(await replay()).toMatchObject({
      replayed: 0,
      failed: [{ letter: key, why: expect.stringContaining('cannot count 1 of its 3 records') }],
    });
    expect([await wrongCounted(), letters.bucket.objects.size]).toEqual([2, 1]);
  });

  test('a letter of a day ago is kept in the trail and not counted: the counts of its time may be gone', async () => {
    const [records, before] = [await wrongGuess(), await kept()];
    stack.clock.advance(86_400_000 + 1000);
    giveUp(records);
    expect(await replay()).toEqual(done(2));
    expect(await wrongCounted()).toBe(2);
    // When they are gone as well.
    await stack.sweepExpired();
    stack.clock.advance(7_200_000);
    giveUp(records);
    expect(await replay()).toEqual(done(2));
    expect([await wrongCounted(), (await kept()) - before]).toEqual([2, 2]);
  });
});

test.each([
  ['a list of letters', ['aws/lambda/mapping/shard/letter']],
  ['a word that is misspelled', { dryrun: true }],
  ['a place where no dead letters are', { prefix: 'elsewhere/' }],
  ['a text for a yes', { dryRun: 'true' }],
])('a command that asks for %s gets what to write, and nothing is replayed', async (_, event) => {
  giveUp([]);
  const before = letters.bucket.asked.length;
  expect(await replay(event)).toEqual({ refused: expect.stringContaining('{"dryRun":true}') });
  expect(letters.bucket.asked.length).toBe(before);
});

test('the log of a replay names no letter and no person', () => {
  const lines = stack.logs().filter(({ function: name }) => name === 'replay-dead-letters');
  expect(lines.map(({ line }) => JSON.parse(line).message)).toContain('replayed');
  expect(JSON.stringify(lines)).not.toContain('mapping');
});
