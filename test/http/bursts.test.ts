import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { decidingOf, type Sent } from '../fakes/bursts/deciding.ts';
import { pendingRecord } from '../fakes/pending-record.ts';
import { type Client, clientOf, openStack, wordOf } from './client.ts';

let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
});
afterAll(() => stack.stop());

let ips = 0;
/** A botnet: every request is from an IP that nobody has used. */
const fromAnywhere = () => {
  ips += 1;
  return { 'x-local-source-ip': `198.18.${Math.floor(ips / 250)}.${(ips % 250) + 1}` };
};

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly BOOL?: boolean }>>;
const itemAt = async (table: 'guards' | 'security', Key: Item): Promise<Item | undefined> => {
  const input = { TableName: stack.tables[table], Key, ConsistentRead: true };
  const { Item } = await stack.callDynamo('DynamoDB_20120810.GetItem', input);
  return Item as Item | undefined;
};
const itemsUnder = async (pk: string): Promise<readonly Item[]> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Query', {
    TableName: stack.tables.security,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: pk } },
    ConsistentRead: true,
  });
  return Items as readonly Item[];
};
const guardAt = (pk: string) => itemAt('guards', { pk: { S: pk } });

/** The finding by which a block stands. */
const findingOf = async (pk: string) => {
  const uid = (await guardAt(pk))?.['finding']?.S ?? '';
  const found = await itemAt('security', { pk: { S: 'finding' }, sk: { S: uid } });
  return JSON.parse(found?.['finding']?.S ?? '{}');
};

let index = 1000;
const freshIn = (block: string): string => {
  index += 1;
  return `${block}${index}`;
};
const requestFor = async (phoneNumber: string): Promise<unknown> =>
  wordOf(await app.request({ phoneNumber }, fromAnywhere()));
const request = (block: string): Promise<unknown> => requestFor(freshIn(block));

/** Somebody of the block asks for a code and types it in. */
const verify = async (block: string): Promise<unknown> => {
  const phoneNumber = freshIn(block);
  const { body } = await app.request({ phoneNumber }, fromAnywhere());
  return wordOf(await app.check(String(body['id']), { code: app.lastCode(phoneNumber) }));
};

/** Sends into a block until it is refused: what went through, and when it was refused. */
const attack = async (block: string) => {
  const sent: Sent[] = [];
  while (sent.length < 200) {
    const phoneNumber = freshIn(block);
    const word = await requestFor(phoneNumber);
    if (word === 'destination-suspended') return { sent, refusedAtMs: stack.clock.now() };
    expect(word).toBe('pending');
    sent.push({ phoneNumber, answeredAtMs: stack.clock.now() });
  }
  throw new Error(`${sent.length} SMS went into ${block}, and nobody stopped them.`);
};

/** What neighbors get that verify, one after the other, for as long as something goes on. */
const verifyingDuring = async (block: string, going: Promise<unknown>): Promise<readonly unknown[]> => {
  const words: unknown[] = [];
  let isOver = false;
  const end = going.finally(() => {
    isOver = true;
  });
  while (!isOver) words.push(await verify(block));
  await end;
  return words;
};

const [attacked, neighbor] = ['+91981240', '+91981241'];

test('an attack on a range stops it within three seconds, and its neighbor keeps verifying', async () => {
  expect(await verify(neighbor)).toBe('approved');
  const attacking = attack(attacked);
  const words = await verifyingDuring(neighbor, attacking);
  const { sent, refusedAtMs } = await attacking;
  expect(sent.length).toBeLessThan(50);
  const deciding = sent[await decidingOf(sent)];
  expect(refusedAtMs - (deciding?.answeredAtMs ?? 0)).toBeLessThan(3000);
  expect(words.length).toBeGreaterThan(1);
  expect(new Set(words)).toEqual(new Set(['approved']));
  expect(await request(attacked)).toBe('destination-suspended');
  expect(await verify(neighbor)).toBe('approved');
});

test('the block says by which finding it stands, and the finding explains itself without a number', async () => {
  const block = await guardAt(`block#range#${attacked}`);
  expect(block).toMatchObject({
    author: { S: 'burst-detector' },
    reason: { S: expect.stringContaining('range +91 98124 0xxxx') },
  });
  const finding = await findingOf(`block#range#${attacked}`);
  expect(finding).toMatchObject({
    class_uid: 2004,
    status: 'New',
    unmapped: { level: 'range', of: attacked, action: 'restrict' },
  });
  expect(finding.message).toMatch(/people requested codes in ten minutes/);
  const logged = stack
    .logs()
    .flatMap(({ function: name, line }) =>
      name === 'detect-bursts' && line.includes('"message":"finding"') ? [JSON.parse(line)] : [],
    );
  expect(logged).toContainEqual(
    expect.objectContaining({ uid: finding.finding_info.uid, on: 'range', action: 'restrict' }),
  );
  expect(stack.logs().some(({ line }) => line.includes('FindingCritical'))).toBe(true);
});

/** What was told of a finding on the bus, oldest first. */
const toldOf = (uid: unknown) =>
  stack
    .events()
    .map(({ detail }) => detail as Detail)
    .filter(({ finding_info }) => finding_info.uid === uid)
    .toReversed();
type Detail = {
  readonly activity_name: string;
  readonly status: string;
  readonly status_detail?: string;
  readonly metadata: { readonly uid: string };
  readonly finding_info: { readonly uid: string };
};

let caseOfAttacked = '';
test('the finding is sent as an event, once, and no notification is pending', async () => {
  caseOfAttacked = (await findingOf(`block#range#${attacked}`)).finding_info.uid;
  await expect.poll(() => toldOf(caseOfAttacked), { timeout: 20_000 }).toHaveLength(1);
  expect(toldOf(caseOfAttacked)[0]).toEqual(await findingOf(`block#range#${attacked}`));
  const sources = stack.events().map(({ source, detailType }) => [source, detailType].join());
  expect([...new Set(sources)]).toEqual(['otp-service,Detection Finding']);
  await expect.poll(() => itemsUnder('outbox'), { timeout: 20_000 }).toEqual([]);
});

test('tables and logs keep nothing of the numbers under attack except their range', async () => {
  const scanned = await Promise.all(
    [stack.tables.traffic, stack.tables.security, stack.tables.guards].map((TableName) =>
      stack.callDynamo('DynamoDB_20120810.Scan', { TableName }),
    ),
  );
  const logged = stack.logs().map(({ line }) => line);
  expect(JSON.stringify(scanned)).toContain(attacked);
  expect(logged.join('\n')).toContain('range +91 98124 0xxxx');
  for (const text of [JSON.stringify(scanned), ...logged]) expect(text).not.toMatch(/\+9198124[01]\d{4}/);
});

test('the block ends by itself', async () => {
  const until = Number((await guardAt(`block#range#${attacked}`))?.['expiresAt']?.N);
  stack.clock.advance(until * 1000 - stack.clock.now() + 1000);
  expect(await request(attacked)).toBe('pending');
});

test('its finding is closed by itself once it has been quiet for as long again, and an event says so', async () => {
  await stack.strike();
  expect(toldOf(caseOfAttacked).at(-1)?.activity_name).not.toBe('Close');
  stack.clock.advance(15 * 60_000);
  await stack.strike();
  await stack.strike();
  const told = toldOf(caseOfAttacked);
  expect(told.filter(({ activity_name }) => activity_name === 'Close')).toHaveLength(1);
  expect(told.at(-1)).toMatchObject({ activity_id: 3, type_uid: 200403, status_id: 4, status: 'Resolved' });
  expect(told.at(-1)?.status_detail).toContain('Closed by itself');
  expect(new Set(told.map(({ metadata }) => metadata.uid)).size).toBe(told.length);
  const stands = await itemAt('security', { pk: { S: 'finding' }, sk: { S: caseOfAttacked } });
  expect(JSON.parse(stands?.['finding']?.S ?? '{}')).toEqual(told.at(-1));
  expect((await itemsUnder('open')).map(({ sk }) => sk?.S)).not.toContain(caseOfAttacked);
});

const nowSeconds = (): number => Math.floor(stack.clock.now() / 1000);

/** What staff write to lift a block for an hour. */
const liftOf = (pk: string): Item => ({
  pk: { S: pk },
  liftedUntil: { N: String(nowSeconds() + 3600) },
  expiresAt: { N: String(nowSeconds() + 3600 + 86_400) },
  reason: { S: 'why' },
  author: { S: 'you' },
});

/** What staff write on a finding that exists. */
const note = (uid: string, update: string, words: Item): Promise<unknown> =>
  stack.callDynamo('DynamoDB_20120810.UpdateItem', {
    TableName: stack.tables.security,
    Key: { pk: { S: 'finding' }, sk: { S: uid } },
    ConditionExpression: 'attribute_exists(pk)',
    UpdateExpression: update,
    ExpressionAttributeValues: { ...words, ':now': { N: String(nowSeconds()) } },
  });
const acknowledge = (uid: string) =>
  note(uid, 'SET acknowledgedBy = :you, acknowledgedAt = :now', { ':you': { S: 'you' } });
const label = (uid: string) =>
  note(uid, 'SET label = :label, labeledBy = :you, labeledAt = :now', {
    ':label': { S: 'false-positive' },
    ':you': { S: 'you' },
  });

test('staff lift a block, and none is written until the time that they say', async () => {
  // In an hour whose cap nothing has used up yet, and of another prefix, which is under no attack as a whole.
  stack.clock.advance(3_600_000);
  const block = '+91993250';
  await attack(block);
  const pk = `block#range#${block}`;
  const finding = await findingOf(pk);
  expect(finding.unmapped).toMatchObject({
    headline: expect.stringMatching(
      /^Somebody requests codes for range \+91 99325 0xxxx and nobody enters them: \d+ messages in \d+ (?:second|minute)s?, usually /,
    ),
    lift_command: `otp-desk --local lift range ${block} --reason WHY`,
    show_command: `otp-desk --local show ${finding.finding_info.uid}`,
    runbook_url: expect.stringMatching(/^docs\/runbook\.md#finding(?:high|critical)$/),
  });
  expect(finding.remediation.desc).toContain(finding.unmapped.commands.lift);
  const lift = liftOf(pk);
  await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.guards, Item: lift });
  await stack.strike();
  expect(toldOf(finding.finding_info.uid).at(-1)).toMatchObject({
    ...{ activity_name: 'Close', status: 'Suppressed' },
    unmapped: {
      ends: expect.stringMatching(/^It is over: staff lifted it. The detector leaves this alone until .* UTC\.$/),
    },
  });
  for (let nth = 0; nth < 25; nth += 1) expect(await request(block)).toBe('pending');
  expect(await guardAt(pk)).toEqual(lift);
  stack.clock.advance(3_601_000);
  expect((await attack(block)).sent.length).toBeLessThan(50);
});

test('staff acknowledge a finding, and say that it was none', async () => {
  // Another hour, for another hour's money.
  stack.clock.advance(3_600_000);
  const block = '+91993350';
  await attack(block);
  const { uid } = (await findingOf(`block#range#${block}`)).finding_info;
  const last = () => toldOf(uid).at(-1);
  await acknowledge(uid);
  await stack.strike();
  expect(last()).toMatchObject({ activity_name: 'Update', status: 'In Progress', assignee: { name: 'you' } });
  await label(uid);
  await stack.strike();
  expect(last()).toMatchObject({
    ...{ activity_name: 'Close', status: 'Resolved', verdict: 'False Positive' },
    unmapped: { ends: expect.stringMatching(/ The restriction still holds until .*, or until staff lift it\.$/) },
  });
  const stands = await itemAt('security', { pk: { S: 'finding' }, sk: { S: uid } });
  expect(stands).toMatchObject({ acknowledgedBy: { S: 'you' }, label: { S: 'false-positive' } });
  // It says so, and lifts nothing.
  expect(await request(block)).toBe('destination-suspended');
  await expect(acknowledge('another')).rejects.toThrow('ConditionalCheckFailed');
});

/** What no function of the service writes, put into the table by somebody else. */
const invented = (): Readonly<Record<string, Item>> => {
  const whole = pendingRecord('+91994251', 7, stack.clock.now()) as unknown as Item;
  return {
    'of another version': { ...whole, pk: { S: 'version' }, shape: { N: '99' } },
    'of attributes that are missing': { pk: { S: 'missing' }, kind: { S: 'verification' }, shape: { N: '1' } },
    'whose guesses are no list': { ...whole, pk: { S: 'guesses' }, guesses: { S: 'mac' } },
    'under the key of a refusal': { ...whole, pk: { S: 'refusal#invented' } },
  };
};

test('a record that is not to be believed goes whole to the dead letters, and what comes behind it is counted', async () => {
  const letters = stack.deadLetters ?? expect.fail('There is no bucket.');
  for (const Item of Object.values(invented()))
    await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.verifications, Item });
  await request('+91994250');
  await expect.poll(() => letters.objects.size, { timeout: 20_000 }).toBe(Object.keys(invented()).length);
  const kept = [...letters.objects.values()].map((text) => JSON.parse(text));
  const records = kept.map(({ payload }) => JSON.parse(payload).Records[0].dynamodb.NewImage.pk.S);
  expect(records.toSorted()).toEqual(
    Object.values(invented())
      .map(({ pk }) => pk?.S)
      .toSorted(),
  );
  for (const { why } of kept) expect(why).toMatch(/^Error: A stream record /);
  const groups = async () => {
    const input = { TableName: stack.tables.traffic, ConsistentRead: true };
    const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', input);
    return (Items as readonly Item[]).map(({ pk }) => pk?.S);
  };
  await expect.poll(groups, { timeout: 20_000 }).toContain('range#+91994250');
  expect(await groups()).not.toContain('range#+91994251');
  // No batch failed for them, and none came again.
  expect(stack.logs().filter(({ line }) => line.includes('a stream record could not be counted'))).toEqual([]);
  // Another hour, for another hour's money.
  stack.clock.advance(3_600_000);
  expect((await attack('+91994260')).sent.length).toBeLessThan(200);
});

test('the caps on spending hold while the detector stands still', async () => {
  const blind = await openStack(inject('strictBundles'), { feedStreamFunctions: false });
  const client = clientOf(blind);
  const words: unknown[] = [];
  // In one hour.
  await blind.clock.holdDuring(async () => {
    for (let nth = 0; words.at(-1) !== 'spend-cap-reached' && nth < 200; nth += 1)
      words.push(wordOf(await client.request({ phoneNumber: `${attacked}${2000 + nth}` }, fromAnywhere())));
  });
  const sent = words.filter((word) => word === 'pending').length;
  expect(words).toEqual([...Array.from({ length: sent }, () => 'pending'), 'spend-cap-reached']);
  // Four fifths of ten dollars an hour, at nine cents each.
  expect(sent).toBe(88);
  await blind.stop();
});
