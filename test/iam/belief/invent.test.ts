/** Plays an attacker inside each function, who wants the detector to believe in something that did not happen. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Item as DynamoItem } from '../../../lambdas/aws/dynamo/items.ts';
import { readVerifiers } from '../../../lambdas/aws/tables/guards.ts';
import { refusalItem } from '../../../lambdas/aws/tables/verifications.ts';
import {
  type FunctionName,
  functionNames,
  operatorFunctionNames,
  recordUpdates,
  type TableName,
} from '../../../lambdas/contract.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { letterOf } from '../../fakes/aws/dead-letter-bucket.ts';
import { pendingRecord } from '../../fakes/pending-record.ts';
import { type Client, clientOf, freshNumber, openStack } from '../../http/client.ts';
import { openSettling } from '../../http/weapons/settling.ts';
import { callsOf, type WireRequest } from '../aws-call.ts';
import { decide } from '../decide.ts';
import { deploy } from '../deployed.ts';
import { itemsIn } from '../journey.ts';
import { namesIn } from '../names.ts';

const deployed = deploy(inject('template'));

let stack: LocalStack;
/** Waits until the detector has acted on all that happened before. */
let settle: () => Promise<void>;
let app: Client;
/** The key of a record that the request function made. */
let real: string;
beforeAll(async () => {
  ({ stack, settle } = await openSettling((options) => openStack(inject('strictBundles'), options)));
  app = clientOf(stack);
  const { id } = await requested();
  real = recordKey('default', id);
});
afterAll(() => stack.stop());

/** A verification, when the IP may ask for one again. */
const requested = async () => {
  stack.clock.advance(300_000);
  const phoneNumber = freshNumber();
  return { phoneNumber, ...(await app.requested(phoneNumber)) };
};

type Request = Omit<WireRequest, 'by'>;
type Item = Readonly<Record<string, unknown>>;

/** Each of these would be seen: its keyed hashes and its groups are made up. */
const invented = (pk: string): Item => ({
  ...pendingRecord('+91999invented', 1, stack.clock.now()),
  pk: { S: pk },
  phoneKey: { S: 'invented-phone' },
  ip: { S: 'invented-ip' },
});

const dynamo = (operation: string, input: Item): Request => ({ service: 'dynamodb', operation, input });
const put = (table: TableName, item: Item) => dynamo('PutItem', { TableName: stack.tables[table], Item: item });

/** An update that sets these attributes, whether or not the item is there. */
const setOf = (table: TableName, { pk, ...rest }: Item): Item => {
  const names = Object.keys(rest);
  return {
    TableName: stack.tables[table],
    Key: { pk },
    UpdateExpression: `SET ${names.map((_, index) => `#n${index} = :v${index}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name, index) => [`:v${index}`, rest[name]])),
  };
};
const set = (table: TableName, item: Item) => dynamo('UpdateItem', setOf(table, item));
const inTransaction = (input: Item) => dynamo('TransactWriteItems', { TransactItems: [{ Update: input }] });
const pick = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));

const guess = { guesses: { L: [{ S: 'mac' }] }, nonces: { L: [{ S: 'nonce' }] } };
const records = () => [{ eventID: 'invented', dynamodb: { SequenceNumber: '1', NewImage: invented('invented-8') } }];

/** What the attacker tries, by what it would make the detector believe. */
const attempts: Readonly<Record<string, (by: FunctionName) => Request>> = {
  'a whole record, by an update': () => set('verifications', invented('invented-1')),
  'a whole record, by an update in a transaction': () => inTransaction(setOf('verifications', invented('invented-2'))),
  'a whole record, by a put': () => put('verifications', invented('invented-3')),
  'a record under the key of a refusal': () => put('verifications', invented('refusal#invented-4')),
  'a refusal under the key of a record': () => put('verifications', { ...inventedRefusal(), pk: { S: 'invented-5' } }),
  'a refusal': () => put('verifications', inventedRefusal()),
  'what its own attributes say': (by) =>
    set('verifications', pick({ ...invented('invented-6'), ...guess }, ['pk', ...ownAttributes(by)])),
  'that another number has verified': () =>
    set('verifications', { pk: { S: real }, phoneKey: { S: 'invented-phone' }, ...guess }),
  'that a record is of another kind': () => set('verifications', { pk: { S: real }, kind: { S: 'refusal' } }),
  'a reputation of a number, by a put': () => put('guards', { pk: { S: 'reputation#invented' } }),
  'a reputation of a number, by an update': () =>
    set('guards', { pk: { S: 'reputation#invented' }, version: { N: '1' } }),
  'a reputation of an IP': () => set('guards', { pk: { S: 'ip-reputation#invented' }, verifiers: { SS: ['a'] } }),
  'a block of an IP': () => set('guards', { pk: { S: 'block#ip#invented' }, expiresAt: { N: '1' } }),
  'records that it hands over': () => ({
    service: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: 'detect-bursts', Payload: { Records: records() } },
  }),
  'records that it hands over by the alias': () => ({
    service: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: 'detect-bursts:replay', Payload: { Records: records() } },
  }),
  'a dead letter': () => ({
    service: 's3',
    operation: 'PutObject',
    input: { Bucket: 'dead-letters', Key: 'aws/lambda/invented', Body: letterOf(records()) },
  }),
};

const inventedRefusal = (): Item =>
  refusalItem(
    {
      reason: 'block',
      limit: 'block-ip',
      phoneKey: 'invented-phone',
      range: '+91999invented',
      prefix: '+91999',
      country: 'IN',
      ip: 'invented-ip',
      network: 'network',
      application: 'app',
      purpose: 'login',
      atMs: stack.clock.now(),
    },
    'invented-9',
  );

const ownAttributes = (by: FunctionName): readonly string[] =>
  Object.entries(recordUpdates).find(([name]) => name === by)?.[1] ?? ['guesses'];

/** What IAM lets the attacker do. The detector does it for a living, and the request makes the records. */
const permitted: Readonly<Record<FunctionName, readonly string[]>> = {
  'request-verification': [
    'a whole record, by a put',
    'a record under the key of a refusal',
    'a refusal under the key of a record',
    'a refusal',
    'what its own attributes say',
  ],
  'check-verification': ['what its own attributes say'],
  'resend-verification': ['a refusal', 'what its own attributes say'],
  'get-verification': [],
  'cancel-verification': ['what its own attributes say'],
  jwks: [],
  'detect-bursts': ['a reputation of a number, by a put', 'a reputation of an IP', 'a block of an IP', 'a dead letter'],
  'replay-dead-letters': ['records that it hands over by the alias'],
  'read-desk': [],
  'write-desk': [],
  'read-status': [],
  'read-number-history': [],
  'erase-number': ['a reputation of an IP'],
  'export-events': [],
};

const isPermitted = async (by: FunctionName, request: Request): Promise<boolean> => {
  const calls = callsOf({ by, ...request }, namesIn(stack));
  const secure = request.service === 's3' ? { 's3:TlsVersion': '1.3' } : {};
  const decisions = await Promise.all(
    calls.map((call) => decide(deployed, { ...call, context: { ...call.context, ...secure } })),
  );
  return decisions.every(({ isAllowed }) => isAllowed);
};

test.each(functionNames)('IAM lets an attacker inside %s try this and nothing else', async (by) => {
  const tried = await Promise.all(
    Object.entries(attempts).map(async ([what, request]) => ((await isPermitted(by, request(by))) ? [what] : [])),
  );
  expect(tried.flat().toSorted()).toEqual(permitted[by].toSorted());
});

/** The tables in which the detector keeps what it believes. */
const believed = async (): Promise<string> =>
  JSON.stringify(await Promise.all((['traffic', 'guards', 'security'] as const).map((name) => itemsIn(stack, name))));

const carryOut = async ({ service, operation, input }: Request): Promise<unknown> => {
  if (service === 'dynamodb') return await stack.callDynamo(`DynamoDB_20120810.${operation}`, input);
  const [name, alias] = String(input['FunctionName']).split(':');
  const isDetector = service === 'lambda' && name === 'detect-bursts';
  if (!isDetector) throw new Error('Nobody but the detector may do this, and it need not.');
  return await stack.invoke('detect-bursts', input['Payload'] as object, alias);
};

/** Of the request, and of the resend that notes its refusals. The threat model says so. */
const remaining = ['a whole record, by a put', 'a refusal'];

describe('an attacker inside any function but the detector', () => {
  // A function of operators writes by its nature what the detector reads of them.
  const attackers = functionNames.filter(
    (by) => by !== 'detect-bursts' && !operatorFunctionNames.some((other) => other === by),
  );
  const carriedOut = attackers.flatMap((by) =>
    permitted[by].filter((what) => !remaining.includes(what)).map((what) => ({ by, what })),
  );

  test.each(carriedOut)('the detector does not believe $by: $what', async ({ by, what }) => {
    const request = attempts[what] ?? expect.fail(`There is no attempt called ${what}.`);
    await carryOut(request(by));
    await settle();
    expect(await believed()).not.toContain('invented');
  });

  test.each(remaining)('the detector believes what the request may put: %s', async (what) => {
    const request = attempts[what] ?? expect.fail('There is no such attempt.');
    await carryOut(request('request-verification'));
    await settle();
    expect(await believed()).toContain('invented');
  });
});

describe('an attacker inside the erasure', () => {
  const key = { pk: { S: 'ip-reputation#invented' } };
  const names = { verifiers: { SS: ['one', 'two', 'three', 'four'] } };

  test('the erasure cannot give an IP any trust that has none: what it adds is forgotten before it counts', async () => {
    const invented = set('guards', { ...key, ...names });
    expect(await isPermitted('erase-number', invented)).toBe(true);
    await carryOut(invented);
    const item = (await itemsIn(stack, 'guards')).find(({ pk }) => pk?.S === key.pk.S);
    expect(item).toMatchObject(names);
    expect(readVerifiers(item as DynamoItem, stack.clock.now())).toEqual([]);
    const lasting = set('guards', { ...key, ...names, expiresAt: { N: '9999999999' } });
    expect(await isPermitted('erase-number', lasting)).toBe(false);
    await stack.callDynamo('DynamoDB_20120810.DeleteItem', { TableName: stack.tables.guards, Key: key });
  });
});

describe('an attacker inside the check', () => {
  test('the check can approve a verification that exists, and its number is then trusted: this remains', async () => {
    const { id, code } = await requested();
    expect(code).toMatch(/^\d+$/);
    const Key = { pk: { S: recordKey('default', id) } };
    const { Item } = await stack.callDynamo('DynamoDB_20120810.GetItem', {
      TableName: stack.tables.verifications,
      Key,
    });
    const { code: mac, phoneKey } = Item as Readonly<Record<string, { readonly S: string }>>;
    const approve = set('verifications', { ...Key, guesses: { L: [mac] }, nonces: { L: [{ S: 'n' }] } });
    expect(await isPermitted('check-verification', approve)).toBe(true);
    await carryOut(approve);
    await settle();
    expect(await believed()).toContain(`reputation#${phoneKey?.S}`);
  });

  test('the check cannot take a guess back without being seen: the change goes to the dead letters', async () => {
    const { id } = await requested();
    const pk = { S: recordKey('default', id) };
    const letters = stack.deadLetters ?? expect.fail('There is no bucket.');
    await carryOut(set('verifications', { pk, ...guess }));
    await carryOut(set('verifications', { pk, guesses: { L: [] }, nonces: { L: [] } }));
    await settle();
    expect([...letters.objects.values()].join()).toContain('one at a time');
  });
});
