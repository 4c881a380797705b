import { ManagedPolicy, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { guardKey, idempotencyKey, ipKey, shardKey, spentKey } from '../../../lambdas/aws/tables/guards.ts';
import { refusalItem } from '../../../lambdas/aws/tables/verifications.ts';
import { type FunctionName, fixedAttributes, functionNames } from '../../../lambdas/contract.ts';
import { linesOf, listOf, permissionsOf, recordOf } from '../template/permissions.ts';
import { buildStack, logicalId, type Synthesized, synthesize, synthesizedOf } from '../template/synthesized.ts';
import { porting } from '../template/variants.ts';

const twoGenerations = () => buildStack({ codeKeyGenerations: ['a', 'b'] }).stack;
const synthesized = synthesize(twoGenerations());

const ofFunction = ({ stack, resources, spell }: Synthesized, name: FunctionName) =>
  permissionsOf(resources, logicalId(stack.service.functions[name].role), spell);

const mac = 'if StringEquals kms:MacAlgorithm HMAC_SHA_256';
const forOneRecord =
  'if ForAllValues:StringEquals kms:EncryptionContextKeys purpose|verification' +
  ' and Null kms:EncryptionContext:verification false' +
  ' and StringEquals kms:EncryptionContext:purpose sms-otp';
const throughDynamo = 'if StringEquals kms:ViaService dynamodb.<Region>.<URLSuffix>';
const hasKey = ' and Null dynamodb:LeadingKeys false';
const of = (...kinds: readonly string[]) =>
  `if ForAllValues:StringLike dynamodb:LeadingKeys ${kinds.map((kind) => (kind === 'stop' ? kind : `${kind}#*`)).join('|')}${hasKey}`;
const under = (...keys: readonly string[]) =>
  `if ForAllValues:StringEquals dynamodb:LeadingKeys ${keys.join('|')}${hasKey}`;
const like = (...keys: readonly string[]) =>
  `if ForAllValues:StringLike dynamodb:LeadingKeys ${keys.join('|')}${hasKey}`;
const naming = (...attributes: readonly string[]) =>
  `if ForAllValues:StringEquals dynamodb:Attributes ${attributes.join('|')} and Null dynamodb:Attributes false`;
const guardsOfSend = ['guard', 'reputation', 'ip', 'ip-reputation', 'spent', 'verified', 'network', 'block', 'stop'];
/** A probe is noted on its block, and nothing else of a block is named. */
const probesOfBlocks =
  'if ForAllValues:StringEquals dynamodb:Attributes pk|probedAt' +
  ' and ForAllValues:StringLike dynamodb:LeadingKeys block#*' +
  ' and Null dynamodb:Attributes false and Null dynamodb:LeadingKeys false';
const progressOfLaunches =
  'if ForAllValues:StringEquals dynamodb:Attributes pk|sk|from|requests|rolledUp|rolledUpTo|exceededAt' +
  ' and ForAllValues:StringEquals dynamodb:LeadingKeys launch' +
  ' and Null dynamodb:Attributes false and Null dynamodb:LeadingKeys false';
const ownLog = (name: FunctionName) => [
  `logs:CreateLogStream on log of ${name}`,
  `logs:PutLogEvents on log of ${name}`,
];

const allKeys = [
  'CodeKey(a)',
  'CodeKey(b)',
  'PseudonymKey',
  'SealKey',
  'TableKey',
  'SecurityKey',
  'ProofKey',
  'LogKey',
  'DeadLetterKey',
  'AlarmKey',
  'ExportKey',
  'ExportSigningKey',
];

const askForMapping =
  'lambda:GetEventSourceMapping on' +
  ' arn:<Partition>:lambda:<Region>:<AccountId>:event-source-mapping:mapping of detect-bursts';

const refusal = {
  reason: 'resend-too-soon',
  limit: undefined,
  phoneKey: 'phone',
  range: 'range',
  prefix: 'prefix',
  country: 'GB',
  ip: 'ip',
  network: 'network',
  application: 'application',
  purpose: 'login',
  atMs: 0,
};

/** All that each function may do. A line more or less here is a decision to be made, and to be read by others. */
const expected: Readonly<Record<FunctionName, readonly string[]>> = {
  'request-verification': [
    `dynamodb:BatchGetItem on Guards ${of(...guardsOfSend, 'idempotency')}`,
    `dynamodb:DeleteItem on Guards ${of('idempotency')}`,
    `dynamodb:PutItem on Guards ${of('idempotency')}`,
    'dynamodb:PutItem on Verifications',
    `dynamodb:UpdateItem on Guards ${of('guard', 'ip', 'spent', 'network', 'idempotency', 'test')}`,
    `dynamodb:UpdateItem on Guards ${probesOfBlocks}`,
    `dynamodb:UpdateItem on Verifications ${naming('pk', 'sendId', 'delivery', 'route', 'failedRoutes', 'ended', 'askedAgainAt')}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    `kms:Encrypt on SealKey ${forOneRecord}`,
    `kms:GenerateMac on CodeKey(b) ${mac}`,
    `kms:GenerateMac on PseudonymKey ${mac}`,
    ...ownLog('request-verification'),
    'sns:Publish on all but arn:<Partition>:sns:*:*:*',
  ],
  'check-verification': [
    `dynamodb:UpdateItem on Verifications ${naming(
      ...['pk', 'code', 'superseded', 'codeLength', 'hasTransaction', 'maxAttempts', 'guesses', 'nonces'],
      ...['guessedAt', 'expiresAt', 'ended'],
    )}`,
    `kms:Decrypt on SealKey ${forOneRecord}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    `kms:GenerateMac on CodeKey(a) ${mac}`,
    `kms:GenerateMac on CodeKey(b) ${mac}`,
    'kms:Sign on ProofKey if StringEquals kms:SigningAlgorithm ECDSA_SHA_256',
    ...ownLog('check-verification'),
  ],
  'resend-verification': [
    `dynamodb:BatchGetItem on Guards ${of(...guardsOfSend)}`,
    'dynamodb:GetItem on Verifications',
    'dynamodb:PutItem on Verifications if ForAllValues:StringEquals dynamodb:Attributes' +
      ' pk|kind|shape|reason|limit|phoneKey|range|prefix|country|ip|network|application|sharedIp|purpose|at|test|purgeAt' +
      ' and ForAllValues:StringLike dynamodb:LeadingKeys refusal#*' +
      ' and Null dynamodb:Attributes false and Null dynamodb:LeadingKeys false',
    `dynamodb:UpdateItem on Guards ${of('guard', 'ip', 'spent')}`,
    `dynamodb:UpdateItem on Verifications ${naming(
      ...['pk', 'code', 'superseded', 'maxAttempts', 'guesses', 'resendNonces', 'unsettledResend', 'sentAt'],
      ...['channel', 'sendId', 'resendAt', 'expiresAt', 'sends', 'delivery', 'route', 'failedRoutes', 'ended'],
    )}`,
    `kms:Decrypt on SealKey ${forOneRecord}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    `kms:GenerateMac on CodeKey(a) ${mac}`,
    `kms:GenerateMac on CodeKey(b) ${mac}`,
    ...ownLog('resend-verification'),
    'sns:Publish on all but arn:<Partition>:sns:*:*:*',
  ],
  'get-verification': [
    'dynamodb:GetItem on Verifications',
    `kms:Decrypt on TableKey ${throughDynamo}`,
    ...ownLog('get-verification'),
  ],
  'cancel-verification': [
    `dynamodb:UpdateItem on Verifications ${naming('pk', 'code', 'maxAttempts', 'guesses', 'expiresAt', 'ended')}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    ...ownLog('cancel-verification'),
  ],
  jwks: ['kms:GetPublicKey on ProofKey', ...ownLog('jwks')],
  'detect-bursts': [
    `dynamodb:BatchGetItem on Guards ${of('block', 'ip-reputation', 'reputation', 'stop', 'verified')}`,
    'dynamodb:BatchGetItem on Traffic',
    `dynamodb:BatchWriteItem on Security ${of('phone')}`,
    `dynamodb:ConditionCheckItem on Guards ${of('block')}`,
    'dynamodb:DescribeStream on Verifications.StreamArn',
    'dynamodb:GetItem on Traffic',
    'dynamodb:GetRecords on Verifications.StreamArn',
    'dynamodb:GetShardIterator on Verifications.StreamArn',
    'dynamodb:ListStreams on *',
    `dynamodb:PutItem on Guards ${of('block', 'reputation')}`,
    `dynamodb:PutItem on Security ${of('phone')}`,
    'dynamodb:Query on Traffic',
    `dynamodb:UpdateItem on Guards ${of('block', 'ip-reputation', 'verified')}`,
    `dynamodb:BatchGetItem on Security ${under('finding')}`,
    `dynamodb:DeleteItem on Security ${under('open', 'outbox')}`,
    `dynamodb:GetItem on Security ${under('finding')}`,
    `dynamodb:PutItem on Security ${under('open', 'outbox')}`,
    `dynamodb:Query on Security ${under('open', 'outbox', 'launch')}`,
    `dynamodb:UpdateItem on Security ${under('finding', 'outbox')}`,
    `dynamodb:UpdateItem on Security ${progressOfLaunches}`,
    'dynamodb:UpdateItem on Traffic',
    `kms:Decrypt on SecurityKey ${throughDynamo}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    'kms:GenerateDataKey on DeadLetterKey if StringEquals kms:ViaService s3.<Region>.<URLSuffix>',
    ...ownLog('detect-bursts'),
    'kms:Decrypt on DeadLetterKey if StringEquals kms:ViaService s3.<Region>.<URLSuffix>',
    's3:GetObject on DeadLetters/aws/lambda/*',
    's3:ListBucket on DeadLetters',
    's3:PutObject on DeadLetters/aws/lambda/*',
    'events:PutEvents on FindingsBus if ForAllValues:StringEquals events:detail-type Detection Finding|Sending Stopped' +
      ' and ForAllValues:StringEquals events:source otp-service',
    askForMapping,
  ],
  'replay-dead-letters': [
    'lambda:InvokeFunction on replay of detect-bursts',
    ...ownLog('replay-dead-letters'),
    's3:DeleteObject on DeadLetters/aws/lambda/*',
    's3:ListBucket on DeadLetters',
  ],
  'read-desk': [
    `dynamodb:BatchGetItem on Guards ${of('block')}`,
    `dynamodb:BatchGetItem on Security ${under('finding')}`,
    `dynamodb:GetItem on Security ${under('finding')}`,
    `dynamodb:Query on Security ${under('finding', 'open', 'action', 'staff-block', 'launch')}`,
    'dynamodb:Query on Traffic',
    `kms:Decrypt on SecurityKey ${throughDynamo}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    ...ownLog('read-desk'),
  ],
  'write-desk': [
    `dynamodb:DeleteItem on Security ${under('staff-block', 'launch')}`,
    `dynamodb:GetItem on Security ${under('finding')}`,
    `dynamodb:PutItem on Guards ${of('block')}`,
    `dynamodb:UpdateItem on Guards ${of('stop')}`,
    `dynamodb:PutItem on Security ${under('action', 'staff-block', 'launch')}`,
    'dynamodb:UpdateItem on Security if ForAllValues:StringEquals dynamodb:Attributes' +
      ' pk|sk|acknowledgedBy|acknowledgedAt|label|labeledBy|labeledAt|note and ForAllValues:StringEquals dynamodb:LeadingKeys finding' +
      ' and Null dynamodb:Attributes false and Null dynamodb:LeadingKeys false',
    `kms:Decrypt on SecurityKey ${throughDynamo}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    `kms:GenerateMac on PseudonymKey ${mac}`,
    ...ownLog('write-desk'),
  ],
  'read-status': [
    'cloudwatch:DescribeAlarms on *',
    'cloudwatch:GetMetricData on *',
    `dynamodb:BatchGetItem on Guards ${of('block', 'spent', 'stop')}`,
    `dynamodb:BatchGetItem on Security ${under('finding')}`,
    `dynamodb:GetItem on Traffic ${under('detector')}`,
    `dynamodb:Query on Security ${under('open', 'staff-block')}`,
    `kms:Decrypt on SecurityKey ${throughDynamo}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    ...allKeys.map((key) => `kms:DescribeKey on ${key}`),
    askForMapping,
    ...ownLog('read-status'),
    's3:ListBucket on DeadLetters if StringEquals s3:prefix aws/lambda/',
    'sns:ListSubscriptionsByTopic on AlarmTopic',
  ],
  'read-number-history': [
    `dynamodb:BatchGetItem on Guards ${of('guard', 'reputation', 'block', 'sim-swap', 'port-notice')}`,
    `dynamodb:PutItem on Security ${like('action')}`,
    `dynamodb:Query on Security ${like('phone#*', 'finding', 'action')}`,
    `dynamodb:Query on Traffic ${of('phone', 'codes')}`,
    `kms:Decrypt on SecurityKey ${throughDynamo}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    `kms:GenerateMac on PseudonymKey ${mac}`,
    ...ownLog('read-number-history'),
  ],
  'erase-number': [
    // A porting notice is read, and stays.
    `dynamodb:BatchGetItem on Guards ${of('block', 'port-notice')}`,
    // Of blocks, those that make codes longer: a block of staff on a number stays.
    `dynamodb:DeleteItem on Guards ${of('guard', 'reputation', 'sim-swap', 'block#codes')}`,
    `dynamodb:DeleteItem on Security ${like('phone#*', 'finding', 'open', 'outbox')}`,
    `dynamodb:DeleteItem on Traffic ${of('phone', 'codes')}`,
    `dynamodb:PutItem on Security ${like('action')}`,
    `dynamodb:Query on Security ${like('phone#*', 'finding', 'outbox', 'action')}`,
    `dynamodb:Query on Traffic ${of('phone', 'codes')}`,
    'dynamodb:UpdateItem on Guards if ForAllValues:StringEquals dynamodb:Attributes pk|verifiers' +
      ' and ForAllValues:StringLike dynamodb:LeadingKeys ip-reputation#*' +
      ' and Null dynamodb:Attributes false and Null dynamodb:LeadingKeys false',
    `kms:Decrypt on SecurityKey ${throughDynamo}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    `kms:GenerateMac on PseudonymKey ${mac}`,
    ...ownLog('erase-number'),
  ],
  'export-events': [
    `dynamodb:ConditionCheckItem on Security ${under('export')}`,
    `dynamodb:DeleteItem on Guards ${of('export-key')}`,
    `dynamodb:DeleteItem on Security ${under('export-lock')}`,
    'dynamodb:DescribeTable on Security',
    'dynamodb:DescribeTable on Traffic',
    `dynamodb:GetItem on Guards ${of('export-key')}`,
    `dynamodb:GetItem on Security ${under('export', 'export-lock')}`,
    `dynamodb:PutItem on Guards ${of('export-key')}`,
    `dynamodb:PutItem on Security ${under('action', 'export', 'export-part', 'export-lock')}`,
    `dynamodb:Query on Security ${under('export-part')}`,
    'dynamodb:Scan on Security',
    'dynamodb:Scan on Traffic',
    `dynamodb:UpdateItem on Security ${under('export', 'export-part')}`,
    `kms:Decrypt on SecurityKey ${throughDynamo}`,
    `kms:Decrypt on TableKey ${throughDynamo}`,
    'kms:GenerateDataKey on ExportKey if StringEquals kms:ViaService s3.<Region>.<URLSuffix>',
    'kms:Sign on ExportSigningKey if StringEquals kms:SigningAlgorithm ECDSA_SHA_256',
    'lambda:InvokeFunction on export-events',
    ...ownLog('export-events'),
    's3:PutObject on Exports/*',
  ],
};

describe('every function may do exactly what it is for', () => {
  test.each(functionNames)('%s may do this and nothing else', (name) => {
    expect(ofFunction(synthesized, name)).toEqual(expected[name].toSorted());
  });

  test.each(functionNames)('%s may send traces only where tracing is on', (name) => {
    const traced = synthesizedOf({ tracing: true, codeKeyGenerations: ['a', 'b'] });
    const traces = ['xray:PutTelemetryRecords on *', 'xray:PutTraceSegments on *'];
    expect(ofFunction(traced, name)).toEqual([...expected[name], ...traces].toSorted());
  });

  test('each statement allows one action on one resource', () => {
    for (const { Type, Properties } of Object.values(synthesized.resources)) {
      if (Type !== 'AWS::IAM::Policy') continue;
      for (const statement of listOf(recordOf(Properties['PolicyDocument'])['Statement'])) {
        expect(linesOf(statement, synthesized.spell)).toHaveLength(1);
      }
    }
  });

  test('every function has a role of its own, which only Lambda may take', () => {
    const roles = functionNames.map((name) => logicalId(synthesized.stack.service.functions[name].role));
    expect(new Set(roles).size).toBe(functionNames.length);
    for (const id of roles) {
      expect(synthesized.resources[id]?.Properties).toEqual({
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
        },
      });
    }
  });
});

describe('a stack whose purposes mind porting notices', () => {
  const ported = synthesizedOf(porting);
  const newIn = (name: FunctionName) =>
    ofFunction(ported, name).filter((line) => !ofFunction(synthesized, name).includes(line));

  test('write-desk writes and deletes notices there, reads none, and nothing else is new to it', () => {
    expect(newIn('write-desk').toSorted()).toEqual([
      `dynamodb:DeleteItem on Guards ${of('port-notice')}`,
      `dynamodb:PutItem on Guards ${of('port-notice')}`,
    ]);
  });
  test('no other function writes a notice, and a stack without such purposes has none that does', () => {
    const writes = /^dynamodb:(?!BatchGetItem )\S+ on Guards .*port-notice#/;
    const writing = (stack: typeof ported) =>
      functionNames.filter((name) => ofFunction(stack, name).some((line) => writes.test(line)));
    expect([writing(ported), writing(synthesized)]).toEqual([['write-desk'], []]);
  });
});

describe('what no other function may', () => {
  const mayDo = (needle: RegExp) =>
    functionNames.filter((name) => ofFunction(synthesized, name).some((line) => needle.test(line)));

  test('only check-verification signs proofs, and only export-events signs exports', () => {
    expect(mayDo(/^kms:Sign on ProofKey /)).toEqual(['check-verification']);
    expect(mayDo(/^kms:Sign on ExportSigningKey /)).toEqual(['export-events']);
    expect(mayDo(/^kms:Sign (?!on (Proof|ExportSigning)Key )/)).toEqual([]);
  });
  test('export-events puts files into the bucket of exports, and neither reads nor lists nor deletes one', () => {
    expect(mayDo(/^s3:\S+ on Exports/)).toEqual(['export-events']);
    const lines = ofFunction(synthesized, 'export-events');
    expect(lines.filter((line) => /^s3:/.test(line))).toEqual(['s3:PutObject on Exports/*']);
    expect(mayDo(/ on ExportKey /)).toEqual(['export-events']);
    expect(
      lines.filter((line) =>
        /^sns:|(Pseudonym|Seal|Code|Proof)Key|on Verifications|(Put|Update|Delete|BatchWrite)Item on Traffic/.test(
          line,
        ),
      ),
    ).toEqual([]);
  });
  test('only request-verification and resend-verification publish: check-verification cannot', () => {
    expect(mayDo(/^sns:(?!ListSubscriptionsByTopic )/)).toEqual(['request-verification', 'resend-verification']);
  });
  test('only check-verification and resend-verification open a phone number', () => {
    expect(mayDo(/^kms:Decrypt on SealKey/)).toEqual(['check-verification', 'resend-verification']);
  });
  test('only request-verification seals a phone number', () => {
    expect(mayDo(/^kms:Encrypt on SealKey/)).toEqual(['request-verification']);
  });
  test('no function can decrypt with a code key: a code cannot be read back', () => {
    const matching = /^kms:(?!DescribeKey )\S+ on CodeKey/;
    expect(mayDo(matching)).toEqual(['request-verification', 'check-verification', 'resend-verification']);
    const lines = functionNames.flatMap((name) => ofFunction(synthesized, name));
    expect(lines.filter((line) => /CodeKey/.test(line) && !/^kms:(GenerateMac|DescribeKey) /.test(line))).toEqual([]);
  });
  test('only request-verification makes records: resend-verification can only put refusals beside them', () => {
    expect(mayDo(/^dynamodb:PutItem on Verifications$/)).toEqual(['request-verification']);
    const { pk } = refusalItem(refusal, 'id');
    expect(pk?.S?.startsWith('refusal#')).toBe(true);
  });
  test('only detect-bursts reads the stream, and it can neither open a number nor make a MAC nor send', () => {
    expect(mayDo(/Verifications\.StreamArn/)).toEqual(['detect-bursts']);
    const lines = ofFunction(synthesized, 'detect-bursts');
    expect(lines.filter((line) => /^(kms|sns):/.test(line) && !/(Table|Security|DeadLetter)Key/.test(line))).toEqual(
      [],
    );
  });
  test('check-verification touches no guard: what it judged is counted from the stream', () => {
    expect(mayDo(/on Guards/)).not.toContain('check-verification');
    expect(mayDo(/^dynamodb:(?!BatchGetItem )\S+ on Guards/)).toEqual([
      'request-verification',
      'resend-verification',
      'detect-bursts',
      'write-desk',
      'erase-number',
      'export-events',
    ]);
  });
  test('only detect-bursts reads and writes dead letters, and it can delete none', () => {
    expect(mayDo(/^s3:(Get|Put)Object on DeadLetters/)).toEqual(['detect-bursts']);
    expect(mayDo(/^kms:(?!DescribeKey )\S+ on DeadLetterKey/)).toEqual(['detect-bursts']);
    expect(mayDo(/^s3:Delete/)).toEqual(['replay-dead-letters']);
  });
  test('replay-dead-letters neither reads a dead letter nor writes one, nor deletes it for good', () => {
    const lines = ofFunction(synthesized, 'replay-dead-letters');
    expect(lines.filter((line) => /^(s3:(Get|Put)|s3:DeleteObjectVersion|dynamodb:|kms:|sns:)/.test(line))).toEqual([]);
  });
  test('only replay-dead-letters calls another function, the detector by the alias that takes no records; export-events calls itself', () => {
    expect(mayDo(/^lambda:Invoke/)).toEqual(['replay-dead-letters', 'export-events']);
    expect(mayDo(/^lambda:InvokeFunction on export-events$/)).toEqual(['export-events']);
    const others =
      /^lambda:(?!GetEventSourceMapping |InvokeFunction on replay of detect-bursts$|InvokeFunction on export-events$)/;
    expect(mayDo(others)).toEqual([]);
    const alias = synthesized.resources[logicalId(synthesized.stack.service.replayAlias)];
    expect(alias?.Properties).toMatchObject({ Name: 'replay', FunctionVersion: '$LATEST' });
    expect(synthesized.spell(alias?.Properties['FunctionName'])).toBe('detect-bursts');
  });
  test('no function but request-verification writes an attribute by which the detector believes in a verification', () => {
    for (const name of functionNames.filter((each) => each !== 'request-verification')) {
      const updates = ofFunction(synthesized, name).filter((line) =>
        /^dynamodb:UpdateItem on Verifications/.test(line),
      );
      for (const line of updates) {
        const named = /dynamodb:Attributes (\S+)/.exec(line)?.[1]?.split('|') ?? fixedAttributes;
        expect(named.filter((attribute) => fixedAttributes.some((each) => each === attribute))).toEqual([]);
      }
    }
  });
  test('no function but export-events can list or search a table; the detector queries the counts of a key, open findings, pending notifications and launches, and operators what the desk shows', () => {
    expect(mayDo(/^dynamodb:(PartiQL|\S*\*)/)).toEqual([]);
    expect(mayDo(/^dynamodb:Scan/)).toEqual(['export-events']);
    expect(mayDo(/^dynamodb:Scan (?!on (?:Security|Traffic)$)/)).toEqual([]);
    const shown =
      '(open\\|outbox\\|launch|finding\\|open\\|action\\|staff-block\\|launch|open\\|staff-block|export-part)';
    const known = new RegExp(
      `^dynamodb:Query (?!on Traffic$|on Security if .*LeadingKeys ${shown} and Null \\S+ false$)`,
    );
    expect(mayDo(/^dynamodb:Query/)).toEqual([
      ...['detect-bursts', 'read-desk', 'read-status'],
      ...['read-number-history', 'erase-number', 'export-events'],
    ]);
    expect(mayDo(known)).toEqual(['read-number-history', 'erase-number']);
  });
  test('the detector writes blocks into the guards and what it learns of guesses, and no limit', () => {
    const kinds = ofFunction(synthesized, 'detect-bursts').flatMap(
      (line) => /on Guards if .*? dynamodb:LeadingKeys (\S*)/.exec(line)?.[1]?.split('|') ?? [],
    );
    for (const key of [
      guardKey('x'),
      spentKey({ of: 'total' }, 'day'),
      spentKey({ of: 'application', application: 'web' }, 'day'),
      ipKey('x'),
      idempotencyKey('x'),
      shardKey(3, 'day'),
    ])
      expect(kinds.filter((kind) => key.startsWith(kind.slice(0, -1)))).toEqual([]);
  });
  test('nobody but the detector writes counts and the audit trail; the functions of numbers and exports alone read a trail, and one of them deletes', () => {
    expect(mayDo(/on Traffic/)).toEqual([
      'detect-bursts',
      'read-desk',
      'read-status',
      'read-number-history',
      'erase-number',
      'export-events',
    ]);
    expect(mayDo(/^dynamodb:(Put|Update|BatchWrite)Item on Traffic/)).toEqual(['detect-bursts']);
    expect(mayDo(/on Security/)).toEqual([
      ...['detect-bursts', 'read-desk', 'write-desk', 'read-status'],
      ...['read-number-history', 'erase-number', 'export-events'],
    ]);
    expect(mayDo(/^dynamodb:(Put|Delete)Item on Security .*finding/)).toEqual(['erase-number']);
    expect(mayDo(/^dynamodb:(?!BatchWriteItem|PutItem).* on Security .*phone/)).toEqual([
      'read-number-history',
      'erase-number',
    ]);
  });
  test('nobody but the detector puts events, of findings alone and on its own bus', () => {
    expect(mayDo(/^events:/)).toEqual(['detect-bursts']);
    expect(mayDo(/^events:(?!PutEvents on FindingsBus if .*Detection Finding.*otp-service$)/)).toEqual([]);
  });
});

describe('who may use a key by its own policy', () => {
  const account = 'arn:<Partition>:iam::<AccountId>:root';
  const statementsOf = (id: string) =>
    listOf(recordOf(synthesized.resources[id]?.Properties['KeyPolicy'])['Statement']).map(recordOf);
  const { keys } = synthesized.stack.service;
  const plain = {
    ...Object.fromEntries(keys.codes),
    pseudonym: keys.pseudonym,
    seal: keys.seal,
    table: keys.table,
    security: keys.security,
    deadLetter: keys.deadLetter,
  };

  test.each(Object.entries({ ...plain, proof: keys.proof }))('the %s key is left to the account’s IAM', (_, key) => {
    const statements = statementsOf(logicalId(key));
    expect(statements.flatMap((each) => linesOf(each, synthesized.spell))).toEqual(['kms:* on *']);
    expect(synthesized.spell(recordOf(statements[0]?.['Principal'])['AWS'])).toBe(account);
  });

  test('the alarm key is also for CloudWatch, in the name of our alarms alone', () => {
    const [administration, alarms, ...others] = statementsOf(logicalId(keys.alarm));
    expect(others).toEqual([]);
    expect(linesOf(administration, synthesized.spell)).toEqual(['kms:* on *']);
    expect(synthesized.spell(recordOf(alarms?.['Principal'])['Service'])).toBe('cloudwatch.amazonaws.com');
    const ours =
      'if ArnLike aws:SourceArn arn:<Partition>:cloudwatch:<Region>:<AccountId>:alarm:OtpService/*' +
      ' and StringEquals aws:SourceAccount <AccountId>';
    expect(linesOf(alarms, synthesized.spell)).toEqual([
      `kms:Decrypt on * ${ours}`,
      `kms:GenerateDataKey* on * ${ours}`,
    ]);
  });

  test('the log key is also for the logs service, for our log groups alone', () => {
    const [administration, logs, ...others] = statementsOf(logicalId(keys.log));
    expect(others).toEqual([]);
    expect(linesOf(administration, synthesized.spell)).toEqual(['kms:* on *']);
    expect(synthesized.spell(recordOf(logs?.['Principal'])['Service'])).toBe('logs.<Region>.<URLSuffix>');
    expect(listOf(logs?.['Action'])).toEqual([
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ]);
    const names = [...functionNames, 'api-access', 'operator-access'].map((name) => `/OtpService/${name}`);
    const arns = [...names, 'aws-waf-logs-OtpService'].map(
      (name) => `arn:<Partition>:logs:<Region>:<AccountId>:log-group:${name}`,
    );
    const condition = recordOf(recordOf(logs?.['Condition'])['ArnEquals']);
    expect(listOf(condition['kms:EncryptionContext:aws:logs:arn']).map(synthesized.spell)).toEqual(arns);
  });
});

describe('the check itself sees', () => {
  const checkRole = (stack: ReturnType<typeof twoGenerations>) => stack.service.functions['check-verification'].role;
  const seenWith = (widen: (stack: ReturnType<typeof twoGenerations>) => void) => {
    const stack = twoGenerations();
    widen(stack);
    return ofFunction(synthesize(stack), 'check-verification');
  };
  const publish = () => new PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] });

  test('the check sees a statement that was added', () => {
    const seen = seenWith((stack) => checkRole(stack).addToPrincipalPolicy(publish()));
    expect(seen).not.toEqual(expected['check-verification'].toSorted());
    expect(seen).toContain('sns:Publish on *');
  });
  test('the check sees a policy that was attached from elsewhere', () => {
    const seen = seenWith(
      (stack) => new Policy(stack, 'Elsewhere', { statements: [publish()], roles: [checkRole(stack)] }),
    );
    expect(seen).toContain('sns:Publish on *');
  });
  test('the check sees a managed policy', () => {
    const seen = seenWith((stack) =>
      checkRole(stack).addManagedPolicy(
        ManagedPolicy.fromManagedPolicyArn(stack, 'Admin', 'arn:aws:iam::aws:policy/AdministratorAccess'),
      ),
    );
    expect(seen).toContain('managed policy arn:aws:iam::aws:policy/AdministratorAccess');
  });
  test('the check sees one of CDK’s own grants, which leaks the key of the table', () => {
    const seen = seenWith((stack) => stack.service.tables.verifications.grantWriteData(checkRole(stack)));
    expect(seen).toContain('kms:Decrypt on TableKey');
    expect(seen).toContain('dynamodb:BatchWriteItem on Verifications');
  });
  test('the check sees that a condition was lost', () => {
    const seen = seenWith((stack) =>
      checkRole(stack).addToPrincipalPolicy(
        new PolicyStatement({ actions: ['kms:Decrypt'], resources: [stack.service.keys.seal.keyArn] }),
      ),
    );
    expect(seen).toContain('kms:Decrypt on SealKey');
  });
  test('the check sees CDK’s own grants for a stream and its failures, which open the table’s key and empty the bucket', () => {
    const stack = twoGenerations();
    const { role } = stack.service.functions['detect-bursts'];
    stack.service.tables.verifications.grantStreamRead(role);
    stack.service.deadLetters.bucket.grantReadWrite(role);
    const seen = ofFunction(synthesize(stack), 'detect-bursts');
    expect(seen).toContain('kms:Decrypt on TableKey');
    expect(seen).toContain('s3:DeleteObject* on DeadLetters/*');
  });
  test('the check sees an action that is written the other way round', () => {
    expect(() =>
      seenWith((stack) =>
        checkRole(stack).addToPrincipalPolicy(new PolicyStatement({ notActions: ['iam:*'], resources: ['*'] })),
      ),
    ).toThrow('NotAction');
  });
});
