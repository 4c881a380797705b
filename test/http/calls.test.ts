import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import rawSettings from '../../bin/settings.ts';
import { type Calls, callsOf, type Flow, recordKilobytes, sweepCalls } from '../../docs/generate/calls.ts';
import { detectorOfGuards } from '../../docs/generate/capacity/detector.ts';
import type { Item } from '../../lambdas/aws/dynamo/items.ts';
import { itemKinds, streamFunctions } from '../../lambdas/contract.ts';
import { dayMs, hourMs } from '../../lambdas/otp/durations.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import type { LocalStack } from '../../local/stack.ts';
import { itemBytes, moreWithKms } from '../fakes/aws/item-bytes.ts';
import { type AwsProxy, awsProxy } from '../fakes/aws/proxy.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack } from './client.ts';

let stack: LocalStack;
let app: Client;
let tables: AwsProxy;
let keys: AwsProxy;
/** How many stream records the detector has been woken for. */
let streamed = 0;
const { eventNames, kinds } = streamFunctions['detect-bursts'].only;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'), {
    repeatBatches: false,
    streamConsumers: [
      {
        table: 'verifications',
        deliver: async (records) => {
          streamed += records.filter(
            ({ eventName, dynamodb }) =>
              eventNames.some((name) => name === eventName) &&
              kinds.some((kind) => kind === dynamodb.NewImage?.['kind']?.['S']),
          ).length;
          return { batchItemFailures: [] };
        },
      },
    ],
    endpoints: {
      dynamodb: async (url) => {
        tables = await awsProxy(url);
        return tables.url;
      },
      kms: async (url) => {
        keys = await awsProxy(url);
        return keys.url;
      },
    },
  });
  app = clientOf(stack);
  // Of all flows no day, hour or time bucket ends, whenever the suite runs.
  stack.clock.advance(dayMs - (stack.clock.now() % dayMs) + 12.5 * hourMs);
  // What a container asks at its first request is not counted.
  const { id, code } = await app.requested(freshNumber());
  await app.check(id, { code });
  await stack.workedOff();
});
afterAll(async () => {
  await stack.stop();
  await tables.stop();
  await keys.stop();
});

const counts = (words: readonly string[]): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const word of words) found[word] = (found[word] ?? 0) + 1;
  return found;
};

type Input = {
  readonly TableName?: string;
  /** Of reads the keys, of writes a list. */
  readonly RequestItems?: Readonly<
    Record<string, { readonly Keys?: readonly unknown[]; readonly ConsistentRead?: boolean; readonly length?: number }>
  >;
  readonly TransactItems?: readonly Readonly<
    Record<string, { readonly TableName: string; readonly Item?: Item; readonly Key?: Item }>
  >[];
  readonly Item?: Item;
  readonly Key?: Item;
};

/** Units by what AWS documents: a read for each key, a write per KB, two in a transaction. A record is as long as it is now. */
const unitsOf = (
  operation: string,
  { TableName = '', RequestItems = {}, TransactItems = [], Item, Key }: Input,
  sizes: ReadonlyMap<string, number>,
) => {
  const kilobytes = (table: string, key: Item | undefined) =>
    table === stack.tables.verifications ? (sizes.get(pkOf(key)) ?? 1) : 1;
  if (operation === 'BatchWriteItem')
    return Object.entries(RequestItems).map(([table, { length = 0 }]) => [table, 0, length] as const);
  const reads = Object.entries(RequestItems).map(
    ([table, { Keys = [], ConsistentRead }]) => [table, Keys.length * (ConsistentRead ? 1 : 0.5), 0] as const,
  );
  const written = TransactItems.flatMap((each) => Object.values(each)).map(
    ({ TableName, Item, Key }) => [TableName, 0, 2 * kilobytes(TableName, Item ?? Key)] as const,
  );
  if (operation === 'Query') return [[TableName, 0.5, 0] as const];
  if (operation === 'GetItem') return [[TableName, 1, 0] as const];
  if (operation === 'PutItem' || operation === 'UpdateItem')
    return [[TableName, 0, kilobytes(TableName, Item ?? Key)] as const];
  return [...reads, ...written];
};
const pkOf = (key: Item | undefined): string => key?.['pk']?.S ?? '';

/** The records of Verifications, in whole KB, with what KMS adds to a ciphertext. */
const recordSizes = async (): Promise<ReadonlyMap<string, number>> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.verifications });
  return new Map((Items as readonly Item[]).map((item) => [pkOf(item), Math.ceil(sizeOf(item) / 1024)]));
};
const sizeOf = (item: Item): number => itemBytes(item) + ('sealed' in item ? moreWithKms : 0);

const unitsNow = async (): Promise<Calls['units']> => {
  const { calls, inputs } = ofFlow();
  const sizes = await recordSizes();
  const all = calls.flatMap((operation, at) => unitsOf(operation, JSON.parse(inputs[at] ?? '{}'), sizes));
  const sum = (table: string, column: 1 | 2) =>
    all.filter(([name]) => name === table).reduce((total, row) => total + row[column], 0);
  const { guards, security, traffic, verifications } = stack.tables;
  return {
    guardsReads: sum(guards, 1),
    guardsWrites: sum(guards, 2),
    securityWrites: sum(security, 2),
    trafficReads: sum(traffic, 1),
    trafficWrites: sum(traffic, 2),
    verificationsReads: sum(verifications, 1),
    verificationsWrites: sum(verifications, 2),
  };
};

type Asked = Pick<AwsProxy, 'calls' | 'inputs'>;

/** A repeat by the SDK is none of a flow: it says that this machine did not answer for two seconds. */
const firstTries = ({ calls, inputs, tries }: AwsProxy): Asked => {
  const isFirst = (_: string, at: number) => tries[at] === 1;
  return { calls: calls.filter(isFirst), inputs: inputs.filter(isFirst) };
};
/** What a container writes once a minute about how late batches are, and reads of launches once in five seconds, is of no flow. */
const ofFlow = (): Asked => {
  const { calls, inputs } = firstTries(tables);
  const isOfFlow = (_: string, at: number) => !/latenessMs|\{"S":"launch"\}/.test(inputs[at] ?? '');
  return { calls: calls.filter(isOfFlow), inputs: inputs.filter(isOfFlow) };
};
const toldOf = ({ calls, inputs }: Asked): string =>
  calls.map((each, at) => `${each} ${inputs[at]?.slice(0, 200)}`).join('\n');

const forgetCalls = () => {
  for (const { calls, inputs, tries } of [tables, keys]) for (const list of [calls, inputs, tries]) list.length = 0;
};

/** Runs a flow to its end, and compares what was asked with what the table says. */
const expectCalls = async (flow: Flow, act: () => Promise<unknown>) => {
  forgetCalls();
  const messages = stack.messages().length;
  streamed = 0;
  await act();
  // The detector comes after the answer, and makes all of its calls before it takes the next batch.
  await stack.workedOff();
  const { kms, sign, dynamodb, units, streamRecords, sms }: Calls = callsOf[flow];
  expect(
    {
      dynamodb: counts(ofFlow().calls),
      kms: counts(firstTries(keys).calls),
      sms: stack.messages().length - messages,
      units: await unitsNow(),
      streamRecords: streamed,
    },
    `${flow}:\n${toldOf(ofFlow())}`,
  ).toEqual({ dynamodb, kms: { ...kms, ...(sign === 0 ? {} : { Sign: sign }) }, sms, units, streamRecords });
};

/** From an IP of its own: the sends before may have used up the rate of the first. */
const requestedFrom = async (ip: string, phoneNumber: string) => {
  const { status, body } = await app.request({ phoneNumber }, { 'x-local-source-ip': ip });
  expect(status).toBe(201);
  return { id: String(body['id']) };
};

const isOfDay = (write: unknown): boolean => JSON.stringify(write).includes(`"S":"${itemKinds.guards.verified.pk}`);

/** Units of the approvals of a country and day, of all that was written. */
const dayUnits = (): number => {
  const { calls, inputs } = ofFlow();
  return inputs.reduce((sum, text, at) => {
    const input: Input = JSON.parse(text);
    const inTransaction = (input.TransactItems ?? []).filter(isOfDay).length;
    const isPlain = (calls[at] === 'UpdateItem' || calls[at] === 'PutItem') && isOfDay(input);
    return sum + 2 * inTransaction + (isPlain ? 1 : 0);
  }, 0);
};

/** Units of Guards that are read without consistency: of a request, they are the detector's. */
const laggingUnits = (): number =>
  ofFlow().inputs.reduce((sum, text) => {
    const { Keys = [], ConsistentRead = false } = (JSON.parse(text) as Input).RequestItems?.[stack.tables.guards] ?? {};
    return sum + (ConsistentRead ? 0 : Keys.length / 2);
  }, 0);

test('every flow makes exactly the calls from which quotas and cost are worked out', async () => {
  const phoneNumber = freshNumber();
  let id = '';
  let code = '';
  await expectCalls('request', async () => {
    ({ id, code } = await app.requested(phoneNumber));
  });
  expect([laggingUnits(), dayUnits()]).toEqual([detectorOfGuards.reads, 0]);
  await expectCalls('request that is refused', () => app.request({ phoneNumber }));
  await expectCalls('look', () => app.find(id));
  await expectCalls('check, wrong', () => app.check(id, { code: wrongCode(code) }));
  await expectCalls('check, right', () => app.check(id, { code }));
  expect(dayUnits()).toBe(detectorOfGuards.writes);
  const resent = freshNumber();
  await expectCalls('request', async () => {
    ({ id } = await requestedFrom('198.51.100.248', resent));
  });
  stack.clock.advance(31_000);
  await expectCalls('resend', () => app.resend(id));
  stack.clock.advance(61_000);
  const again = { 'idempotency-key': crypto.randomUUID() };
  await expectCalls('resend with an Idempotency-Key', () => app.resend(id, again));
  const other = freshNumber();
  await expectCalls('request', async () => {
    ({ id } = await requestedFrom('198.51.100.249', other));
  });
  await expectCalls('cancel', () => app.cancel(id));
  const headers = { 'idempotency-key': crypto.randomUUID(), 'x-local-source-ip': '198.51.100.250' };
  await expectCalls('request with an Idempotency-Key', () => app.request({ phoneNumber: freshNumber() }, headers));
});

test('the sweep makes exactly the calls from which its cost is worked out', async () => {
  const swept = async () => {
    forgetCalls();
    await stack.strike();
    return counts(firstTries(tables).calls);
  };
  const { BatchGetItem, Query } = sweepCalls.review(Object.keys(parseSettings(rawSettings).countries).length);
  expect(await swept()).toEqual({
    ...sweepCalls.always,
    BatchGetItem: sweepCalls.always.BatchGetItem + BatchGetItem,
    Query: sweepCalls.always.Query + Query,
  });
  // What looks over the countries does so once an hour.
  expect(await swept()).toEqual(sweepCalls.always);
  const words: unknown[] = [];
  for (let nth = 0; nth < 100 && words.at(-1) !== 'destination-suspended'; nth += 1) {
    const from = { 'x-local-source-ip': `198.51.100.${nth + 1}` };
    const { body } = await app.request({ phoneNumber: `+91981250${1000 + nth}` }, from);
    words.push(body['code'] ?? body['status']);
  }
  expect(words.at(-1)).toBe('destination-suspended');
  // The detector blocks, and has told staff of it.
  await stack.workedOff();
  const { always, whileOpen, perCase } = sweepCalls;
  expect(await swept()).toEqual({ ...always, ...whileOpen, Query: always.Query + perCase.Query });
});

test('a record with all of its guesses and two resends takes two KB at most, with what KMS adds to a ciphertext', async () => {
  stack.clock.advance(600_000);
  const phoneNumber = freshNumber();
  const transaction = { amount: '999999999999.9999', currency: 'CLF', payee: 'ệ'.repeat(30) };
  const { id, code } = await app.requested(phoneNumber, { purpose: 'transaction', transaction });
  for (let wrong = 0; wrong < 4; wrong += 1) await app.check(id, { code: wrongCode(code), transaction });
  for (const wait of [31_000, 61_000]) {
    stack.clock.advance(wait);
    expect((await app.resend(id, { 'idempotency-key': crypto.randomUUID() })).status).toBe(200);
  }
  const { recordKey } = await import('../../lambdas/otp/number/pseudonyms.ts');
  const input = {
    TableName: stack.tables.verifications,
    Key: { pk: { S: recordKey('default', id) } },
    ConsistentRead: true,
  };
  const { Item = {} } = (await stack.callDynamo('DynamoDB_20120810.GetItem', input)) as { Item?: Item };
  expect(Item['guesses']).toEqual({ L: expect.objectContaining({ length: 4 }) });
  expect(sizeOf(Item)).toBeGreaterThan(1024 * recordKilobytes.plain);
  expect(sizeOf(Item)).toBeLessThanOrEqual(1024 * recordKilobytes.most);
});
