/** The laws of the tables: what the page on the architecture lists of an item is what its codec reads and writes. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderArchitecture } from '../../docs/generate/docs.ts';
import { renderPrivacy } from '../../docs/generate/privacy/privacy.ts';
import { type PrivacyWords, privacyWords } from '../../docs/generate/privacy/words.ts';
import { attributesByKind } from '../../docs/generate/tables.ts';
import type { Item } from '../../lambdas/aws/dynamo/items.ts';
import { blockItem, guardWrite, idempotencyItem, reputationItem } from '../../lambdas/aws/tables/guards.ts';
import { auditItem, countedMark } from '../../lambdas/aws/tables/security/audit.ts';
import { attributesOfCase, openItem } from '../../lambdas/aws/tables/security/cases.ts';
import { launchItem } from '../../lambdas/aws/tables/security/launches.ts';
import { outboxItem } from '../../lambdas/aws/tables/security/outbox.ts';
import { campaignValues, lastOfBlock, lastOfNotification } from '../../lambdas/aws/tables/traffic.ts';
import { refusalItem, verificationItem } from '../../lambdas/aws/tables/verifications.ts';
import { fixedAttributes, itemKinds, recordUpdates, type TableName, tables } from '../../lambdas/contract.ts';
import { aRuling, stepAfter } from '../fakes/bursts/rulings.ts';
import { attributesIn, attributesInExpressions, isAmong } from './attributes.ts';
import { root, sources } from './source/files.ts';

const page = await readFile(path.join(root, 'docs/architecture.md'), 'utf8');
const names = Object.keys(tables) as readonly TableName[];
const listsOf = (name: TableName): Readonly<Record<string, readonly string[]>> => attributesByKind[name];
const allLists = names.flatMap((name) => Object.values(listsOf(name)));

describe('the page on the architecture', () => {
  test('the page on the architecture lists the attributes of each item as its codec has them', () => {
    expect(attributesIn(page)).toEqual(allLists);
  });

  test.each([
    ['an attribute that no codec has', page.replace('`wholeDay`', '`wholeDay`, `planted`')],
    ['an attribute that is missing', page.replace(', `verifiedAt`', '')],
    ['an attribute by another name', page.replace('`liftedUntil` (', '`liftedTill` (')],
    ['an item that is missing', page.replace(/^\| guard of a number .*\n/m, '')],
  ])('the page on the architecture is refused for %s', (_, planted) => {
    expect(planted).not.toBe(page);
    expect(attributesIn(planted)).not.toEqual(allLists);
  });

  test('the page on the architecture is what would be written', async () => {
    expect(await renderArchitecture()).toBe(page);
  });

  test('the page on the architecture has each item kind of the contract', () => {
    for (const name of names) expect(Object.keys(listsOf(name))).toEqual(Object.keys(itemKinds[name]));
  });
});

describe('the page on privacy', () => {
  test('the page on privacy is what would be written', async () => {
    expect(await renderPrivacy()).toBe(await readFile(path.join(root, 'docs/privacy.md'), 'utf8'));
  });

  const kinds = names.flatMap((name) => Object.keys(itemKinds[name]).map((kind) => ({ name, kind })));

  test.each(kinds)('the page on privacy is refused without a row for $kind of $name', async ({ name, kind }) => {
    const { [kind]: gone, ...others }: Readonly<Record<string, PrivacyWords>> = privacyWords[name];
    expect(gone).toBeDefined();
    await expect(renderPrivacy({ ...privacyWords, [name]: others })).rejects.toThrow(`what ${kind} of ${name} holds`);
  });

  test('the page on privacy speaks of no kind of item that the contract lacks', () => {
    for (const name of names)
      expect(Object.keys(privacyWords[name]).toSorted()).toEqual(Object.keys(itemKinds[name]).toSorted());
  });
});

const subject = {
  phoneKey: 'p',
  range: 'r',
  prefix: 'x',
  country: 'GB',
  ip: 'i',
  network: 'network',
  application: 'a',
  sharedIp: true,
} as const;
const record = verificationItem({
  ...subject,
  key: 'k',
  code: 'mac',
  codeLength: 6,
  hasTransaction: false,
  maxAttempts: 5,
  guesses: [],
  nonces: [],
  superseded: ['m'],
  resendNonces: ['n'],
  guessedAtMs: 1,
  sealed: 's',
  purpose: 'login',
  createdAtMs: 1,
  sentAtMs: 1,
  channel: 'voice',
  sendId: 's',
  resendAtMs: 1,
  expiresAt: 1,
  latestExpiry: 1,
  purgeAt: 1,
  sends: 1,
  delivery: 'accepted',
  route: 'sns',
  failedRoutes: ['notify'],
  unsettledResend: 'n',
  ended: 'failed',
  trusted: true,
  trustedIp: true,
  pair: true,
  sincePreviousSendMs: 1,
  sinceFirstSendMs: 1,
  probes: ['range'],
  risk: 'swapped',
  swappedAtMs: 1,
  swappedWithinHours: 1,
  stepUp: true,
  test: true,
});
const refusal = refusalItem({ ...subject, purpose: 'login', reason: 'r', limit: 'l', atMs: 1, test: true }, 'id');
const ruling = aRuling({ level: 'range', of: '+91981240' }, 0);
const { after, finding, notification } = stepAfter(ruling);
const last = { ...ruling, action: 'block', probeIntervalMs: 1, dropMs: 1 } as const;
const guard = guardWrite('guards', 'p', { version: 2, sends: [{ atMs: 1, verification: 'v' }] }, 1);
const entry = {
  ...subject,
  id: 'id',
  version: 1,
  kind: 'refused',
  atMs: 1,
  startedAtMs: 1,
  purpose: 'login',
  unverified: true,
  trustedIp: true,
  pair: true,
  ...{ batch: 'id', place: 0, records: 1, judgedAtMs: 1, streamAtMs: 1 },
  sincePreviousSendMs: 1,
  sinceFirstSendMs: 1,
  probes: ['range'],
  mistyped: 1,
  risk: 'swapped',
  stepUp: true,
  channel: 'voice',
  sends: 1,
  verification: 'v',
  reason: 'r',
  limit: 'l',
  expiresAt: 1,
} as const;

const ofValues = (values: Item | undefined): readonly string[] =>
  Object.keys(values ?? {}).flatMap((name) => (name === ':before' ? [] : name.slice(1)));
const idempotency = { key: 'k', body: 'b', generation: 'a', salt: 's', startedAtMs: 1, isSettled: true, expiresAt: 1 };
const block = {
  level: 'ip',
  of: 'i',
  untilMs: 1,
  reason: 'r',
  finding: 'f',
  isRestriction: true,
  probeIntervalMs: 1,
} as const;

const launch = {
  level: 'prefix',
  of: '+447700',
  country: 'GB',
  fromMs: 1,
  untilMs: 2,
  expected: 1,
  reason: 'r',
  author: 'a',
} as const;

/** Attributes that a codec writes, and those that others add to the item: a store, or staff. */
const written: readonly (readonly [
  name: TableName,
  kind: string,
  codec: readonly string[],
  others?: readonly string[],
])[] = [
  ['verifications', 'record', Object.keys(record), ['askedAgainAt']],
  ['verifications', 'refusal', Object.keys(refusal)],
  ['guards', 'guard', ofValues(guard.Update?.ExpressionAttributeValues)],
  [
    'guards',
    'reputation',
    Object.keys(reputationItem('p', { version: 1, approved: [], wrong: [], pairs: [], verifiedAtMs: 1 }, 1)),
  ],
  ['guards', 'block', Object.keys(blockItem(block)), ['probedAt', 'liftedUntil']],
  ['guards', 'idempotency', Object.keys(idempotencyItem(idempotency))],
  ['traffic', 'last', Object.keys({ ...lastOfBlock(last), ...lastOfNotification(last) })],
  ['traffic', 'campaign', ofValues(campaignValues({ version: 1, cases: [{ uid: 'u', atMs: 1, country: 'GB' }] }))],
  [
    'security',
    'finding',
    Object.keys(attributesOfCase(after, finding, 400)),
    ['parent', 'children', 'acknowledgedBy', 'acknowledgedAt', 'label', 'labeledBy', 'labeledAt', 'note'],
  ],
  ['security', 'open', Object.keys(openItem(after))],
  ['security', 'outbox', Object.keys(outboxItem(notification)), ['isLogged']],
  ['security', 'phone', Object.keys({ ...auditItem(entry), ...countedMark({ lane: 'l', turn: 1 }) })],
  ['security', 'launch', Object.keys(launchItem(launch)), ['requests', 'rolledUp', 'rolledUpTo', 'exceededAt']],
];

describe('a codec', () => {
  const codecs = written.map(([name, kind, codec, others = []]) => ({ name, kind, attributes: [...codec, ...others] }));

  test.each(codecs)('the codec of $name $kind writes the attributes that are listed', ({ name, kind, attributes }) => {
    const { partitionKey, sortKey, timeToLiveAttribute } = tables[name];
    const ofTable: readonly (string | undefined)[] = [partitionKey, sortKey, timeToLiveAttribute];
    const own = attributes.filter((each) => !ofTable.includes(each));
    expect(own.toSorted()).toEqual(listsOf(name)[kind]?.toSorted());
  });
});

describe('an update of a record', () => {
  const ofRecord: readonly string[] = [...attributesByKind.verifications.record, 'pk', 'purgeAt'];

  test.each(Object.entries(recordUpdates))('%s names attributes of a record, and none that is fixed', (_, named) => {
    const fixed: readonly string[] = fixedAttributes;
    expect(named.filter((name) => !ofRecord.includes(name) || fixed.includes(name))).toEqual([]);
    expect(named).toContain('pk');
  });

  test('the fixed attributes are attributes of a record', () => {
    expect(fixedAttributes.filter((name) => !ofRecord.includes(name))).toEqual([]);
  });
});

describe('an expression', () => {
  const known = [...allLists.flat(), 'pk', 'sk', 'expiresAt', 'purgeAt'];
  const inAws = sources.filter(({ path: file }) => /^lambdas\/aws\/(?:stores|tables|dynamo)\//.test(file));
  const strangers = (text: string) =>
    attributesInExpressions({ path: 'x.ts', text }).filter((name) => !isAmong(name, known));

  test('an expression names attributes that an item has', () => {
    const named = new Set(inAws.flatMap(attributesInExpressions));
    expect(named.size).toBeGreaterThan(20);
    expect([...named].filter((name) => !isAmong(name, known))).toEqual([]);
  });

  test.each([
    ["const condition = 'author = :detector AND planted = :true';"],
    ["const write = { UpdateExpression: 'SET planted = :now ADD usedCount :one' };"],
    ["const read = { ProjectionExpression: 'timeBucket, planted' };"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    ['const condition = `(${notLifted} AND planted <= :now)`;'],
    ["const condition = 'attribute_not_exists(planted)';"],
  ])('an expression with an attribute that no item has is found: %s', (text) => {
    expect(strangers(text)).toEqual(['planted']);
  });

  test('an expression with names of its own for attributes is left alone', () => {
    expect(strangers("const write = 'SET #tat = :now, expiresAt = :expiresAt ADD #today :countries';")).toEqual([]);
  });
});
