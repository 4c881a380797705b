import { describe, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { type Item, keyOf, values } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoAuditTrail } from '../../../lambdas/aws/stores/audit-trail.ts';
import { dynamoNumberActs } from '../../../lambdas/aws/stores/desk/number-acts.ts';
import { dynamoNumberEraser } from '../../../lambdas/aws/stores/desk/number-eraser.ts';
import { dynamoNumberRecords } from '../../../lambdas/aws/stores/desk/number-records.ts';
import {
  blockItem,
  blockKey,
  guardKey,
  ipReputationKey,
  reputationItem,
  staffBlock,
  staffLift,
} from '../../../lambdas/aws/tables/guards.ts';
import { actionPartition } from '../../../lambdas/aws/tables/security/actions.ts';
import { attributesOfCase, findingKey, openItem } from '../../../lambdas/aws/tables/security/cases.ts';
import { outboxItem } from '../../../lambdas/aws/tables/security/outbox.ts';
import { historySort, lastSort, timeBucketSort, trafficKey } from '../../../lambdas/aws/tables/traffic.ts';
import { auditEntryOf } from '../../../lambdas/bursts/audit.ts';
import type { TableName } from '../../../lambdas/contract.ts';
import type { Operator } from '../../../lambdas/desk/actions.ts';
import { eraseNumber } from '../../../lambdas/desk/numbers/erase.ts';
import { readNumberHistory } from '../../../lambdas/desk/numbers/history.ts';
import { nameOfNumber } from '../../../lambdas/otp/limits/ip-trust.ts';
import type { Phone } from '../../../lambdas/otp/number/phone.ts';
import { pseudonymsFrom } from '../../../lambdas/otp/number/pseudonyms.ts';
import { useDynamoBehindProxy } from '../../fakes/aws/dynamo-behind-proxy.ts';
import { aRuling, stepAfter } from '../../fakes/bursts/rulings.ts';
import { event } from '../../fakes/bursts/scene.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { phone } from '../../fakes/world.ts';

const secrets = pseudonymsFrom(Buffer.alloc(32, 9));
const nowMs = Date.UTC(2026, 10, 29, 3);
const home = 'hash-of-an-ip';

const aws = useDynamoBehindProxy();

const put = (table: TableName, Item: Item) =>
  aws.dynamo.call('DynamoDB_20120810.PutItem', { TableName: aws.dynamo.tables[table], Item });

const tableNames = ['verifications', 'guards', 'traffic', 'security'] as const;
const allItems = async (): Promise<readonly Item[]> => {
  const found: Item[] = [];
  for (const name of tableNames) {
    for (let from: Item | undefined; ; ) {
      const { Items, LastEvaluatedKey } = await aws.dynamo.call('DynamoDB_20120810.Scan', {
        TableName: aws.dynamo.tables[name],
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      });
      found.push(...(Items as readonly Item[]));
      from = LastEvaluatedKey as Item | undefined;
      if (from === undefined) break;
    }
  }
  return found;
};
/** Items that say anything of a number: by its key, or by the short name of it. */
const itemsOf = async (of: Phone): Promise<readonly Item[]> => {
  const key = secrets.phoneKey(of);
  return (await allItems()).filter((item) => {
    const text = JSON.stringify(item);
    return text.includes(key) || text.includes(nameOfNumber(key));
  });
};

let numbers = 0;
const freshPhone = (): Phone => {
  numbers += 1;
  return phone(`+91987654${String(2000 + numbers)}`);
};

/** All kinds of items that a number may have, with as many events. */
const fill = async (of: Phone, events = 7): Promise<void> => {
  const key = secrets.phoneKey(of);
  const moments = [{ atMs: nowMs - 60_000, verification: 'abcdefghijkl' }];
  const reputation = { version: 3, approved: moments, wrong: moments, pairs: [], verifiedAtMs: nowMs - 60_000 };
  const expiresAt = nowMs / 1000 + 86_400;
  await put('guards', values({ pk: guardKey(key), version: 1, sends: [`${nowMs - 60_000} abcdefghijkl`], expiresAt }));
  await put('guards', reputationItem(key, reputation, nowMs));
  const longer = { level: 'codes', of: key, untilMs: nowMs + 900_000, reason: 'guessing', finding: 'x' } as const;
  await put('guards', blockItem({ ...longer, isRestriction: false, probeIntervalMs: undefined }));
  for (const level of ['phone', 'codes'] as const) {
    const at = { level, of: key };
    for (const sk of [historySort, lastSort, timeBucketSort(3_000_000)])
      await put('traffic', { ...trafficKey(at, sk), ...values({ timeBucket: 1 }) });
    const { after, finding, notification } = stepAfter(
      aRuling(at, nowMs, { rule: 'bombing', action: 'none', uid: `case-${level}-${of.reveal().slice(-4)}` }),
    );
    await put('security', { ...findingKey(after.uid), ...values(attributesOfCase(after, finding, 400)) });
    await put('security', openItem(after));
    await put('security', outboxItem(notification));
  }
  const entries = Array.from({ length: events }, (_, nth) => {
    const made = event(nth % 2 === 0 ? 'approved' : 'started', { phone: of.range, ip: home }, nowMs - 1000 * nth);
    return auditEntryOf({ ...made, subject: { ...made.subject, phoneKey: key } }, 90);
  });
  await dynamoAuditTrail(dynamoClient(), aws.dynamo.tables.security).keep(entries);
  await aws.dynamo.call('DynamoDB_20120810.UpdateItem', {
    TableName: aws.dynamo.tables.guards,
    Key: keyOf(ipReputationKey(home)),
    UpdateExpression: 'ADD verifiers :names SET expiresAt = :expiresAt',
    ExpressionAttributeValues: {
      ':names': { SS: [nameOfNumber(key)] },
      ':expiresAt': { N: String(expiresAt) },
    },
  });
};

let requests = 0;
const operator = (atMs = nowMs): Operator => {
  requests += 1;
  return { principal: 'arn:aws:iam::111122223333:user/ann', atMs, requestId: `request-${requests}` };
};
const ports = () => {
  const client = dynamoClient();
  return {
    acts: dynamoNumberActs(client, aws.dynamo.tables.security, 90),
    eraser: dynamoNumberEraser(client, aws.dynamo.tables),
    records: dynamoNumberRecords(client, aws.dynamo.tables),
    pseudonyms: async () => secrets,
    now: () => nowMs,
  };
};

// An hour has 30 erasures: each test stands in a day of its own.
let days = 0;
const erase = (of: Phone, more: { readonly atMs?: number; readonly order?: string } = {}) =>
  eraseNumber(ports())({ phone: of, reason: 'asked for', order: more.order }, operator(more.atMs ?? nowMs));
const nextDay = (): number => {
  days += 1;
  return nowMs + days * 86_400_000;
};
const read = (of: Phone, cursor?: string, atMs = nowMs) =>
  readNumberHistory(ports())({ phone: of, reason: 'a complaint', cursor }, operator(atMs));

describe('an erasure', () => {
  test('an erasure leaves nothing of the number, and everything of its neighbor', async () => {
    const [gone, neighbor] = [freshPhone(), freshPhone()];
    await fill(gone);
    await fill(neighbor);
    const before = await itemsOf(neighbor);
    const done = await erase(gone);
    expect(done).toMatchObject({
      isComplete: true,
      erased: { guard: 1, reputation: 1, longerCodes: 1, counts: 6, findings: 2, notices: 4, events: 7, namesAtIps: 1 },
    });
    expect(await itemsOf(gone)).toEqual([]);
    const after = await itemsOf(neighbor);
    const withoutSets = (items: readonly Item[]) => items.filter(({ verifiers }) => verifiers === undefined);
    expect(withoutSets(after)).toEqual(withoutSets(before));
    expect(after.find(({ verifiers }) => verifiers)?.['verifiers']?.SS).toEqual([
      nameOfNumber(secrets.phoneKey(neighbor)),
    ]);
  });

  test('the entry of an erasure has its order number and who ordered it, and nothing that leads to the number', async () => {
    const of = freshPhone();
    await erase(of, { order: 'ERASE-2026-0001' });
    const entry = (await allItems()).find(({ order }) => order?.S === 'ERASE-2026-0001');
    expect(entry).toMatchObject({
      pk: { S: actionPartition },
      action: { S: 'erase' },
      about: { S: 'a number' },
      principal: { S: 'arn:aws:iam::111122223333:user/ann' },
    });
    const key = secrets.phoneKey(of);
    for (const secret of [of.reveal().slice(1), key, key.slice(0, 12)])
      expect(JSON.stringify(entry)).not.toContain(secret);
  });

  test('a block of staff on the number stays, and so does their lift; the answer names them', async () => {
    const of = freshPhone();
    const key = secrets.phoneKey(of);
    await fill(of);
    const [level, untilMs] = ['phone', nowMs + 86_400_000] as const;
    await put('guards', staffBlock({ place: { level, of: key }, untilMs, reason: 'abuse' }, 'ann'));
    const lift = staffLift({ place: { level, of: key }, allowUntilMs: untilMs, reason: 'our test phone' }, 'bob');
    await put('guards', { ...lift, pk: { S: blockKey('codes', key) } });
    const done = await erase(of);
    expect(done).toMatchObject({
      erased: { longerCodes: 0 },
      staffBlocks: [
        { kind: 'block', untilMs, by: 'ann' },
        { kind: 'lift', untilMs, by: 'bob' },
      ],
    });
    expect((await itemsOf(of)).map(({ pk }) => pk?.S).toSorted()).toEqual([
      blockKey('codes', key),
      blockKey('phone', key),
    ]);
  });

  test('an erasure that AWS cuts short anywhere is finished by the next', async () => {
    const atMs = nextDay();
    const of = freshPhone();
    const outcomes: string[] = [];
    for (let call = 2; call < 26; call += 3) {
      await fill(of, 3);
      // The SDK tries thrice, and every further call fails as well.
      aws.proxy.failAt(call, 'internal-error', 100_000);
      outcomes.push(
        await erase(of, { atMs }).then(
          ({ kind }) => kind,
          (cause: unknown) => String(cause).slice(0, 20),
        ),
      );
      aws.proxy.heal();
      const rest = await erase(of, { atMs });
      expect(rest).toMatchObject({ isComplete: true });
      expect(await itemsOf(of), `cut at call ${call}`).toEqual([]);
    }
    expect(outcomes.filter((outcome) => outcome !== 'erasure').length).toBeGreaterThan(5);
  });

  test('an erasure whose answers are lost deletes all the same', async () => {
    const atMs = nextDay();
    const of = freshPhone();
    await fill(of, 3);
    aws.proxy.failAt(1, 'lost-answer', 3, 'DeleteItem');
    await erase(of, { atMs }).catch(() => undefined);
    aws.proxy.heal();
    await erase(of, { atMs });
    expect(await itemsOf(of)).toEqual([]);
  });

  test('each item is counted once by erasures beside each other', async () => {
    const atMs = nextDay();
    const of = freshPhone();
    await fill(of, 40);
    const all = await inParallel(6, () => erase(of, { atMs }));
    const sum = (name: 'events' | 'counts' | 'guard' | 'findings') =>
      all.reduce((total, each) => total + (each.kind === 'erasure' ? each.erased[name] : 0), 0);
    expect([sum('events'), sum('counts'), sum('guard'), sum('findings')]).toEqual([40, 6, 1, 2]);
    expect(await itemsOf(of)).toEqual([]);
  });

  test('more events than one act erases are all erased', async () => {
    const of = freshPhone();
    await fill(of, 620);
    expect(await erase(of, { atMs: nextDay() })).toMatchObject({ isComplete: true, erased: { events: 620 } });
    expect(await itemsOf(of)).toEqual([]);
  });

  test('an IP that forgot the number gets no item of its own by an erasure', async () => {
    const of = freshPhone();
    await fill(of, 1);
    await aws.dynamo.call('DynamoDB_20120810.DeleteItem', {
      TableName: aws.dynamo.tables.guards,
      Key: keyOf(ipReputationKey(home)),
    });
    await erase(of, { atMs: nextDay() });
    expect((await allItems()).filter(({ pk }) => pk?.S?.startsWith('ip-reputation#'))).toEqual([]);
  });

  test('the number of erasures within an hour holds for calls beside each other', async () => {
    const atMs = nextDay();
    const of = freshPhone();
    const all = await inParallel(40, () => erase(of, { atMs }));
    expect(all.filter(({ kind }) => kind === 'erasure').length).toBeLessThanOrEqual(30);
    expect(await erase(of, { atMs: atMs + 60_000 })).toMatchObject({ kind: 'too-many' });
    expect(await erase(of, { atMs: atMs + 2 * 3_600_000 })).toMatchObject({ kind: 'erasure' });
  });
});

describe('a history', () => {
  test('a history has what is kept of the number in words and times, and no keyed hash', async () => {
    const of = freshPhone();
    const key = secrets.phoneKey(of);
    await fill(of);
    const history = await read(of);
    expect(history).toMatchObject({
      kind: 'history',
      cursor: undefined,
      state: {
        guard: { sendsMs: [nowMs - 60_000] },
        reputation: { verifiedMs: nowMs - 60_000, approvedMs: [nowMs - 60_000], networks: 0 },
        blocks: [{ kind: 'longer-codes', by: 'burst-detector' }],
        findings: [{ severity: 'medium', firstMs: nowMs }, { severity: 'medium' }],
        counts: 6,
      },
    });
    const text = JSON.stringify(history);
    for (const secret of [key, nameOfNumber(key), of.reveal(), home]) expect(text).not.toContain(secret);
  });

  test('a history of many events comes by pages, newest first, each event once', async () => {
    const of = freshPhone();
    await fill(of, 230);
    const times: number[] = [];
    const sizes: number[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await read(of, cursor);
      if (page.kind !== 'history') throw new Error(page.kind);
      expect(page.state === undefined).toBe(!isFirst);
      times.push(...page.events.map(({ atMs }) => atMs));
      sizes.push(page.events.length);
      cursor = page.cursor;
    }
    expect(sizes).toEqual([100, 100, 30]);
    expect(times).toEqual(Array.from({ length: 230 }, (_, nth) => nowMs - 1000 * nth));
  });

  test('a number that nothing is kept of has an empty history', async () => {
    expect(await read(freshPhone())).toMatchObject({
      events: [],
      state: { guard: undefined, reputation: undefined, blocks: [], findings: [], counts: 0 },
    });
  });

  test('an event that cannot be read is left out, and hides no other', async () => {
    const of = freshPhone();
    await fill(of, 2);
    await put('security', {
      ...keyOf(`phone#${secrets.phoneKey(of)}`, '2026-11-29T03:00:00.000Z#hand'),
      at: { S: 'x' },
    });
    expect(await read(of)).toMatchObject({ events: [{ kind: 'approved' }, { kind: 'started' }] });
  });
});
