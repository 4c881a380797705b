import { beforeAll, describe, expect, inject, test } from 'vitest';
import { functionNames, messageAttributes, priceAttributes, type TableName, tables } from '../../lambdas/contract.ts';
import { startLocalStack } from '../../local/stack.ts';
import { playDeadLetters } from '../fakes/aws/dead-letter-bucket.ts';
import { clientOf } from '../http/client.ts';
import { openSettling } from '../http/weapons/settling.ts';
import { audit, type Evidence } from './audit.ts';
import type { AwsCall } from './aws-call.ts';
import { decide } from './decide.ts';
import { deploy } from './deployed.ts';
import { impliedBy, tracesOfAll } from './implied.ts';
import { unlistedIn, unseenIn } from './items.ts';
import { goAllWays, itemsIn } from './journey.ts';
import { mustNots } from './must-not.ts';
import { namesIn } from './names.ts';
import { startRecorder } from './recorder.ts';
import {
  onEverything,
  type Tampered,
  withKeyPolicy,
  withLongerList,
  withManagedPolicy,
  withoutClaim,
  withoutPermission,
  withStatement,
} from './tampering.ts';
import { goOperatorsWays } from './ways/operators.ts';

const template = inject('template');
const keys = [...template.names.values()].filter((name) => /Key(\(.\))?$/.test(name));

/** What staff write, what is gone by then, and what needs trusted numbers and IPs, or probes: other suites write those. */
const notOnTheWay = [
  ...['trusted', 'trustedIp', 'pair', 'probes'].map((name) => `verifications: record has no ${name}`),
  'verifications: record has no unsettledResend',
  'verifications: refusal has no test',
  'guards: ip has no trustedTat',
  // Of a cap in shards, and of a turn that failed.
  'guards: spent has no left{hh}',
  // Of a Basic account of Notify.
  'guards: spent has no notifyCount',
  // Of a deployment with calls.
  ...['verifications: record has no channel', 'traffic: bucket has no called', 'security: phone has no channel'],
  // Of a deployment with receipts.
  ...['sendId', 'delivery', 'weight', 'reason', 'route', 'messageId', 'sentAt', 'toldAt', 'pricedSend'].map(
    (name) => `verifications: receipt has no ${name}`,
  ),
  // Of a deployment that asks whether numbers are at risk.
  ...['risk', 'swappedAt', 'swappedWithinHours', 'stepUp'].map((name) => `verifications: record has no ${name}`),
  ...['kind', 'provider', 'swappedAt', 'reason', 'askedAt'].map((name) => `guards: sim-swap has no ${name}`),
  ...['notedAt', 'portedAt', 'author', 'reason'].map((name) => `guards: port-notice has no ${name}`),
  ...['risk', 'stepUp'].map((name) => `security: phone has no ${name}`),
  ...messageAttributes.map((name) => `verifications: message has no ${name}`),
  ...priceAttributes.map((name) => `traffic: price has no ${name}`),
  'guards: verified has no leftOut',
  'traffic: bucket has no leftOut',
  'guards: ip-reputation has no verifiers{yyyymmdd}',
  ...['others', 'probeVerified', 'pairStarted', 'pairVerified'].map((count) => `traffic: bucket has no ${count}`),
  'traffic: last has no dropAt',
  ...['trustedIp', 'pair'].map((name) => `security: phone has no ${name}`),
  ...['parent', 'children'].map((name) => `security: finding has no ${name}`),
  ...['finding', 'alarmSeverity', 'isLogged'].map((name) => `security: outbox has no ${name}`),
  'security: launch has no country',
  ...['guards: export-key has no secret', 'security: export has no why', 'security: export-lock has no export'],
];

const tableNames = Object.keys(tables) as readonly TableName[];
const left = new Map<TableName, Awaited<ReturnType<typeof itemsIn>>>();

let evidence: Evidence;
beforeAll(async () => {
  const recorder = startRecorder();
  const letters = await playDeadLetters();
  const { stack, settle } = await openSettling((options) =>
    startLocalStack({
      bundles: inject('strictBundles'),
      quiet: true,
      endpoints: recorder.endpoints(letters.endpoints),
      ...options,
    }),
  );
  letters.join(stack);
  try {
    await goAllWays({ stack, settle, app: clientOf(stack), bucket: letters.bucket });
    await goOperatorsWays(stack);
    for (const name of tableNames) left.set(name, await itemsIn(stack, name));
  } finally {
    await stack.stop();
    await recorder.stop();
    await letters.stop();
  }
  const made = recorder.calls(namesIn(stack));
  const calls = [...made, ...impliedBy(made)];
  evidence = { calls, mustNots: mustNots(calls, keys) };
}, 240_000);

describe.each(tableNames)('the table of %s', (name) => {
  const items = () => left.get(name) ?? [];

  test('each table holds items of the kinds of the contract, with the attributes that the documentation lists', () => {
    expect(items().length).toBeGreaterThan(0);
    expect([...new Set(items().flatMap((item) => unlistedIn(name, item)))]).toEqual([]);
  });

  test('each table holds every attribute that the documentation lists, except those named here', () => {
    expect(unseenIn(name, items()).filter((each) => !notOnTheWay.includes(each))).toEqual([]);
  });

  test('is seen to hold an attribute that was planted', () => {
    const [item = {}] = items();
    expect(unlistedIn(name, { ...item, planted: {} })).toEqual([expect.stringMatching(/ has planted$/)]);
  });
});

describe.each(functionNames)('%s', (name) => {
  test('may do what it does, and nothing else', async () => {
    expect(await audit(template, evidence, [name])).toEqual([]);
  });

  const unseen = async (tampered: readonly Tampered[]) => {
    const found = await Promise.all(tampered.map((each) => audit(each.template, evidence, [name])));
    return tampered.filter((_, index) => found[index]?.length === 0).map(({ what }) => what);
  };

  test('is seen to miss each permission that is taken away', async () => {
    const all = withoutPermission(template, name);
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect(await unseen(all)).toEqual([]);
  });

  test('is seen to do more where a condition is dropped', async () => {
    expect(await unseen(withoutClaim(template, name))).toEqual([]);
  });

  test('is seen to do more where one more item or attribute is listed', async () => {
    expect(await unseen(withLongerList(template, name))).toEqual([]);
  });

  test('is seen to do more where a permission is widened to everything', async () => {
    expect(await unseen(onEverything(template, name))).toEqual([]);
  });

  test('is seen to do more where a permission is added', async () => {
    const added = [
      { Effect: 'Allow', Action: 'dynamodb:DescribeTable', Resource: '*' },
      { Effect: 'Allow', Action: 'kms:DescribeKey', Resource: '*' },
      { Effect: 'Allow', Action: ['sns:Publish', 'sns:Subscribe'], Resource: '*' },
      { Effect: 'Allow', Action: 'logs:Put*', Resource: '*' },
      { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
    ].map((statement) => withStatement(template, name, statement));
    expect(await unseen([...added, withManagedPolicy(template, name)])).toEqual([]);
  });
});

test('the conditions that are dropped above are all that the policies have', () => {
  const claims = functionNames.flatMap((name) =>
    withoutClaim(template, name).map(({ what }) => what.split(' ').at(-1)),
  );
  expect([...new Set(claims)].toSorted()).toEqual([
    'dynamodb:Attributes',
    'dynamodb:LeadingKeys',
    'events:detail-type',
    'events:source',
    'kms:EncryptionContext:purpose',
    'kms:EncryptionContext:verification',
    'kms:EncryptionContextKeys',
    'kms:MacAlgorithm',
    'kms:SigningAlgorithm',
    'kms:ViaService',
    's3:prefix',
  ]);
});

describe('the policy of a key', () => {
  const used = () => keys.filter((key) => evidence.calls.some(({ on }) => on === key));
  const findings = async (statement: Record<string, unknown>) => {
    const tampered = used().map((key) => withKeyPolicy(template, key, statement));
    return await Promise.all(tampered.map((each) => audit(each.template, evidence)));
  };

  test('is seen to shut the functions out where it names another account', async () => {
    expect(used()).toHaveLength(11);
    const stranger = { AWS: 'arn:aws:iam::999999999999:root' };
    const found = await findings({ Effect: 'Allow', Principal: stranger, Action: 'kms:*', Resource: '*' });
    for (const each of found) expect(each).toContainEqual(expect.stringMatching(/is made, and refused$/));
  });

  test('is seen to let in more than the roles do where it names a role', async () => {
    const Principal = { AWS: deploy(template).roles.jwks.arn };
    const found = await findings({ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' });
    for (const each of found) expect(each).toContainEqual(expect.stringMatching(/does not hold: jwks/));
  });
});

describe('other settings', () => {
  test('traces are all that is added where tracing is on', async () => {
    const traced = inject('tracedTemplate');
    expect(await audit(traced, { ...evidence, calls: [...evidence.calls, ...tracesOfAll] })).toEqual([]);
    expect(await audit(traced, evidence)).toHaveLength(2 * functionNames.length);
  });

  test('codes are made under the newest key alone after a rotation, and matched under both', async () => {
    const deployed = deploy(inject('rotatedTemplate'));
    const macs = evidence.calls.filter(({ action, on }) => action === 'kms:GenerateMac' && on === 'CodeKey(a)');
    const allowed = async (calls: readonly AwsCall[]) => {
      const decisions = await Promise.all(calls.map((call) => decide(deployed, call)));
      return calls.filter((_, index) => decisions[index]?.isAllowed).map(({ by }) => by);
    };
    const matching = ['check-verification', 'resend-verification'];
    expect(macs.map(({ by }) => by)).toEqual(['request-verification', ...matching]);
    expect(await allowed(macs)).toEqual(matching);
    expect(await allowed(macs.map((call) => ({ ...call, on: 'CodeKey(b)' })))).toEqual([
      'request-verification',
      ...matching,
    ]);
  });
});
