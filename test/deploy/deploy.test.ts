/**
 * The service, deployed for real by the CDK CLI into an emulator of AWS, from an empty account until nothing but what
 * shall stay is left. Each test stands on those before it.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeleteItemCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { functionNames } from '../../lambdas/contract.ts';
import { typesThatEmulatorLacks } from '../../lib/emulator.ts';
import type { SmsVoice } from '../../local/aws/sms-voice/sms-voice.ts';
import { openClis, openShell, preambleOf, type Shell } from '../commands/cli.ts';
import { scriptAfter, theShell } from '../commands/documents.ts';
import { letterOf } from '../fakes/aws/dead-letter-bucket.ts';
import { type Ended, spawnDesk } from '../fakes/desk/desk.ts';
import { pendingRecord } from '../fakes/pending-record.ts';
import { wrongCode } from '../fakes/world.ts';
import { listOf, recordOf } from '../lib/template/permissions.ts';
import { type Aws, apiKeyOf, awsAs, awsAsRole, physicalIdOf, resourcesOf, rootOf } from './aws.ts';
import { type Answer, type Client, clientOf } from './client.ts';
import { account, type Emulator, region, startEmulator } from './emulator.ts';
import { eventOn, shippedLine, spokenIn, startMessaging, triesIn, webhookSecret, withOptions } from './messaging.ts';
import { actsIn, callAll, noExport, offByDefault, routesOf } from './misuse/desk.ts';
import { dismiss, hire, type Person, people, principalOf, steal } from './misuse/people.ts';
import { send, signedBy, type Tampering } from './misuse/signed.ts';
import { type Loot, lootOf, reachOf, thefts } from './misuse/thefts.ts';
import { type Parts, partsOf } from './parts.ts';
import { allowed, allowedOf, probes, succeedingOf } from './probes.ts';
import { copyProject, type Project } from './project.ts';
import type { Run } from './run.ts';

const stack = 'OtpService';

let emulator: Emulator;
let project: Project;
let root: Aws;
let messaging: SmsVoice;
beforeAll(async () => {
  messaging = await startMessaging();
  emulator = await startEmulator();
  project = copyProject(emulator, { SMS_VOICE_ENDPOINT: messaging.url });
  root = rootOf(emulator.url);
});
afterAll(async () => {
  await emulator?.stop();
  await messaging?.stop();
});

let startedMs = 0;
beforeEach(() => {
  startedMs = performance.now();
});
afterEach(({ task }) => {
  console.log(`--- ${task.name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
});

/** What the CLI said, if all went well. */
const said = async (run: Promise<Run>): Promise<string> => {
  const { status, output } = await run;
  if (status !== 0)
    expect.fail(`cdk ended with ${status}:\n${output}\nThe emulator said:\n${emulator.log().slice(-4000)}`);
  return output;
};

type Outputs = Readonly<Record<string, string>>;
const deployment = ['deploy', stack, '--require-approval', 'never', '--outputs-file', 'outputs.json'] as const;
const readOutputs = (): Outputs => {
  const written = recordOf(recordOf(project.read('outputs.json'))[stack]);
  return Object.fromEntries(Object.entries(written).map(([name, value]) => [name, String(value)]));
};

/** What preflight finds of what the emulator knows. Of SMS it knows nothing, so that they are a problem each time. */
const askPreflight = async () => {
  const { status, output } = await project.preflight();
  if (!output.startsWith('{')) expect.fail(`preflight did not ask: ${output}`);
  const findings = listOf(recordOf(JSON.parse(output))['findings']).map(recordOf);
  const of = (check: string) => findings.find((finding) => finding['check'] === check);
  expect(status).toBe(1);
  expect(of('SMS Region')).toMatchObject({ state: 'problem', found: 'SNS does not offer SMS here (InvalidAction)' });
  return { bootstrap: of('bootstrap'), stack: of('stack'), role: of('API logs role') };
};

let outputs: Outputs;
const outputOf = (name: string): string => outputs[name] ?? expect.fail(`The stack has no output ${name}.`);

/** Where the emulator serves the API of operators. */
const operatorBase = (): string => {
  const { hostname, pathname } = new URL(outputOf('OperatorEndpoint'));
  return `${emulator.url}/restapis/${hostname.split('.')[0]}${pathname}/_user_request_`;
};

let app: Client;
let parts: Parts;

let lastNumber = 9_876_500_000;
/** A mobile number in India that nobody has used, all of them of one operator, none of the number block of another. */
const freshNumber = (): string => {
  lastNumber += 10_001;
  return `+91${lastNumber}`;
};

const wordOf = ({ body }: Answer): unknown => body['code'] ?? body['status'];

const verify = async (): Promise<{
  readonly id: string;
  readonly code: string;
  readonly phone: string;
  readonly answer: Answer;
}> => {
  const phone = freshNumber();
  const { id, code } = await app.requested(phone);
  return { id, code, phone, answer: await app.check(id, code) };
};

/** The keys that begin so, of the items of the Guards table. */
const guardsUnder = async (prefix: string): Promise<readonly string[]> => {
  const { Items = [] } = await root.dynamo.send(new ScanCommand({ TableName: parts.guards, ConsistentRead: true }));
  return Items.map(({ pk }) => pk?.S ?? '').filter((pk) => pk.startsWith(prefix));
};

/** The approvals that reputations list, and the wrong guesses that none of them has forgiven. */
const guessesListed = async () => {
  const { Items = [] } = await root.dynamo.send(new ScanCommand({ TableName: parts.guards, ConsistentRead: true }));
  const reputations = Items.filter(({ pk }) => pk?.S?.startsWith('reputation#'));
  const listed = (name: 'approved' | 'wrong') => reputations.flatMap((item) => item[name]?.L ?? []).length;
  return { approved: listed('approved'), wrong: listed('wrong') };
};

/** All requests of this machine come from one address: what it has used up of its allowance is given back. */
const refillAddress = async (): Promise<void> => {
  for (const pk of await guardsUnder('ip#'))
    await root.dynamo.send(new DeleteItemCommand({ TableName: parts.guards, Key: { pk: { S: pk } } }));
};

/** The same from an address where nobody has verified: what is known of this machine's is taken away, and put back. */
const fromNowhere = async <T>(act: () => Promise<T>): Promise<T> => {
  const { Items = [] } = await root.dynamo.send(new ScanCommand({ TableName: parts.guards, ConsistentRead: true }));
  const proven = Items.filter(({ pk }) => pk?.S?.startsWith('ip-reputation#'));
  for (const { pk } of proven)
    if (pk !== undefined) await root.dynamo.send(new DeleteItemCommand({ TableName: parts.guards, Key: { pk } }));
  try {
    return await act();
  } finally {
    for (const Item of proven) await root.dynamo.send(new PutItemCommand({ TableName: parts.guards, Item }));
  }
};

/** Runs a command of the runbook, as the program that it is, with the credentials of the account. */
const desk = async (args: readonly string[], input = ''): Promise<Ended> => {
  const { AWS_CA_BUNDLE: NODE_EXTRA_CA_CERTS = '', ...env } = emulator.environment;
  const base = ['--stack', stack, '--region', region, '--endpoint', operatorBase(), '--yes'];
  return await spawnDesk([...base, ...args], { input, env: { ...env, NODE_EXTRA_CA_CERTS } }).ended;
};

/** The same, if it succeeded. */
const done = async (...args: readonly string[]): Promise<string> => {
  const { exit, out, err } = await desk(args);
  if (exit !== 0) expect.fail(`${args.join(' ')} ended with ${exit}:\n${out}${err}`);
  return out;
};

test('the emulator lacks every type that the stack leaves out for it', async () => {
  const resources = typesThatEmulatorLacks.map((Type, index) => [`Lacking${index}`, { Type }]);
  const TemplateBody = JSON.stringify({ Resources: Object.fromEntries(resources) });
  await expect(
    root.cloudFormation.send(new CreateStackCommand({ StackName: 'refused', TemplateBody })),
  ).rejects.toThrow(`Unrecognized resource types: [${typesThatEmulatorLacks.join(', ')}]`);
});

describe('from an empty account', () => {
  let told = '';

  test('preflight sees that nothing is there yet', async () => {
    expect(await askPreflight()).toMatchObject({
      bootstrap: { state: 'warning', found: 'there is no stack CDKToolkit' },
      stack: { state: 'ok', found: `${stack} is not there yet` },
      role: { state: 'ok', found: 'none yet: the stack makes one' },
    });
  });

  test('cdk bootstrap prepares it', async () => {
    expect(await said(project.cdk('bootstrap', `aws://${account}/${region}`))).toContain('bootstrapped');
  });

  test('cdk deploy makes the service, with the settings as they are shipped', async () => {
    told = await said(project.cdk(...deployment));
    outputs = readOutputs();
    expect(Object.keys(outputs).toSorted()).toEqual([
      'AlarmTopicArn',
      'ApiKeyIdBackEndA',
      'ApiKeyIdWebA',
      'AuditorFunctionsPolicyArn',
      'AuditorPolicyArn',
      'ClientPolicyArnBackEnd',
      'ClientPolicyArnWeb',
      'DashboardUrl',
      'Endpoint',
      'ExportBucketName',
      'ExportReaderPolicyArn',
      'ExportSigningKeyArn',
      'FindingsBusName',
      'JwksUrl',
      'OperatorEndpoint',
      'PrivacyOfficerPolicyArn',
      'ReplayFunctionName',
      'SecurityAnalystPolicyArn',
    ]);
    expect(told).toContain('Do not deploy this to AWS');
    app = clientOf(emulator.url, outputOf('Endpoint'), await apiKeyOf(root, outputOf('ApiKeyIdWebA')));
    parts = await partsOf(root, stack);
  });

  test('preflight sees what is there now', async () => {
    const seen = await askPreflight();
    expect(seen).toMatchObject({ bootstrap: { state: 'ok' }, stack: { state: 'ok' }, role: { state: 'ok' } });
    expect(seen.stack?.['found']).toContain('CREATE_COMPLETE');
  });

  test('the suite widens what the emulator cannot evaluate, and nothing else', () => {
    // test/lib/constructs/permissions.test.ts has all conditions.
    const widened = [...told.matchAll(/^not evaluated by the emulator: (.*)$/gm)].map(([, line]) => String(line));
    console.log(widened.map((line) => `stripped: ${line}`).join('\n'));
    const withoutPolicy = widened.map((line) => line.split(': ').slice(1).join(': '));
    const present = /^\w+: Null dynamodb:(Attributes|LeadingKeys) "false"$/;
    expect(withoutPolicy.filter((line) => present.test(line)).length).toBeGreaterThan(10);
    expect([...new Set(withoutPolicy.filter((line) => !present.test(line)))].toSorted()).toEqual([
      'DerivePseudonymSecret: StringEquals kms:MacAlgorithm "HMAC_SHA_256"',
      'MacCodesA: StringEquals kms:MacAlgorithm "HMAC_SHA_256"',
      'NeverReplaceFiles: Null s3:if-none-match "true"',
      ...['OpenPhones', 'SealPhones'].flatMap((name) => [
        `${name}: ForAllValues:StringEquals kms:EncryptionContextKeys ["purpose","verification"]`,
        `${name}: Null kms:EncryptionContext:verification "false"`,
        `${name}: StringEquals kms:EncryptionContext:purpose "sms-otp"`,
      ]),
      'SignManifests: StringEquals kms:SigningAlgorithm "ECDSA_SHA_256"',
      'SignProofs: StringEquals kms:SigningAlgorithm "ECDSA_SHA_256"',
    ]);
  });
});

describe('over HTTP', () => {
  /** A verification that waits for its resend while other tests run. */
  let waiting: { readonly id: string; readonly code: string; readonly phone: string };

  test('nothing is sent without the API key', async () => {
    const phone = freshNumber();
    const answer = await app.call('POST', '/v1/verifications', { phoneNumber: phone }, { 'x-api-key': 'another' });
    expect([answer.status, wordOf(answer)]).toEqual([401, 'unauthorized']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await app.messages(phone)).toEqual([]);
  });

  test('a wrong code costs an attempt, the right one is accepted once, and the published key proves it', async () => {
    const phone = freshNumber();
    const { id, code } = await app.requested(phone);
    expect(id).toMatch(/^a/);
    expect(await app.messages(phone)).toEqual([`${code} is your ${settings.brand} code. Don't share it with anyone.`]);
    expect((await app.check(id, wrongCode(code))).body).toMatchObject({ status: 'pending', attemptsRemaining: 4 });
    const { status, body } = await app.check(id, code);
    expect([status, body['status']]).toEqual([200, 'approved']);
    const published = await app.call('GET', '/.well-known/jwks.json', undefined, { 'x-api-key': '' });
    const jwks = createLocalJWKSet(published.body as unknown as JSONWebKeySet);
    const expected = { issuer: outputOf('Endpoint'), audience: settings.audience, typ: 'otp-proof+jwt' };
    const { payload } = await jwtVerify(String(body['proof']), jwks, expected);
    expect(payload).toMatchObject({ phone_number: phone, phone_number_verified: true });
    expect(wordOf(await app.check(id, code))).toBe('code-already-used');
    expect((await app.find(id)).body).toMatchObject({ status: 'approved' });
  });

  test('the second code for a number has to wait, however it is spelled, and no other number has', async () => {
    const phone = freshNumber();
    waiting = { phone, ...(await app.requested(phone)) };
    const spelled = `${phone.slice(0, 3)} (${phone.slice(3, 8)}) ${phone.slice(8)}`;
    const refused = await app.request(spelled);
    expect([refused.status, wordOf(refused), refused.body['limit']]).toEqual([429, 'resend-too-soon', 'cooldown']);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(20);
    expect(wait).toBeLessThanOrEqual(30);
    expect(wordOf(await app.resend(waiting.id))).toBe('resend-too-soon');
    expect(await app.messages(phone)).toHaveLength(1);
  });

  test('the stream brings every guess to its counts, and a verified number counts for its IP', async () => {
    const verified = await verify();
    expect(wordOf(verified.answer)).toBe('approved');
    expect(wordOf((await verify()).answer)).toBe('approved');
    // The wrong guess is of a verification that was approved then.
    await expect.poll(guessesListed).toEqual({ approved: 3, wrong: 0 });
    expect(await guardsUnder('verified#IN#')).toHaveLength(1);
    expect(await guardsUnder('reputation#')).toHaveLength(3);
    // Untrusted, the IP would have had five at once, and these are three more.
    const next = await Promise.all([1, 2, 3].map(() => app.request(freshNumber())));
    expect(next.map(wordOf)).toEqual(['pending', 'pending', 'pending']);
  });

  test('the Location of a verification is under the endpoint with its stage, and leads to it; a canceled code is worth nothing', async () => {
    const { id, code, location } = await app.requested(freshNumber());
    expect(outputOf('Endpoint')).toMatch(/\/otp$/);
    expect(location).toBe(`${outputOf('Endpoint')}/v1/verifications/${id}`);
    const found = await app.follow(location);
    expect([found.status, found.body['status']]).toEqual([200, 'pending']);
    expect((await app.cancel(id)).status).toBe(204);
    expect(wordOf(await app.check(id, code))).toBe('verification-canceled');
    expect((await app.find(id)).body['status']).toBe('canceled');
  });

  test('a block that staff writes stops the next send, and none is stopped once it is lifted', async () => {
    const key = { pk: { S: 'block#prefix#+919876' } };
    const until = Math.floor(Date.now() / 1000) + 900;
    const block = { ...key, expiresAt: { N: String(until) }, reason: { S: 'a drill' }, author: { S: 'staff' } };
    const phone = freshNumber();
    await root.dynamo.send(new PutItemCommand({ TableName: parts.guards, Item: block }));
    const blocked = await app.request(phone);
    expect([blocked.status, wordOf(blocked)]).toEqual([429, 'destination-suspended']);
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(850);
    expect(await app.messages(phone)).toEqual([]);
    await root.dynamo.send(new DeleteItemCommand({ TableName: parts.guards, Key: key }));
    expect((await app.request(phone)).status).toBe(201);
  });

  test('a burst that the stream shows is restricted by the detector, which says why, and its neighbors are not', async () => {
    const block = '+91987700';
    const [asked, neighbor] = [`${block}1234`, '+919877011234'];
    // By records: over HTTP, the limit of the one IP would stop a burst before the detector does. All in one batch, they
    // cost less than a critical pace.
    await refillAddress();
    const requests = Array.from({ length: 25 }, (_, index) => pendingRecord(block, index));
    for (const Item of requests) await root.dynamo.send(new PutItemCommand({ TableName: parts.verifications, Item }));
    await expect.poll(() => guardsUnder(`block#range#${block}`), { timeout: 20_000 }).toHaveLength(1);
    // One passes as a probe, and no other of its network.
    expect((await fromNowhere(() => app.request(`${block}4321`))).status).toBe(201);
    const blocked = await fromNowhere(() => app.request(asked));
    expect([blocked.status, wordOf(blocked)]).toEqual([429, 'destination-suspended']);
    expect(await app.messages(asked)).toEqual([]);
    expect((await fromNowhere(() => app.request(neighbor))).status).toBe(201);
    expect((await app.request(asked)).status).toBe(201);
    const { Items = [] } = await root.dynamo.send(new ScanCommand({ TableName: parts.security }));
    const finding = Items.find(({ of }) => of?.S === block) ?? expect.fail('There is no finding.');
    expect(JSON.parse(finding['finding']?.S ?? '{}')).toMatchObject({ class_uid: 2004, severity: 'Medium' });
    // Told, so that nothing is left to tell.
    const untold = async () => {
      const { Items = [] } = await root.dynamo.send(new ScanCommand({ TableName: parts.security }));
      return Items.filter(({ pk }) => pk?.S === 'outbox');
    };
    await expect.poll(untold, { timeout: 20_000 }).toEqual([]);
  });

  test('a dead letter is replayed by one command: it is counted, and gone', async () => {
    const [before, sequence] = [pendingRecord('+91987701', 1), '900000000000000000001'];
    const after = { ...before, guesses: { L: [{ S: 'wrong' }] }, nonces: { L: [{ S: 'nonce' }] } };
    const dynamodb = { SequenceNumber: sequence, OldImage: before, NewImage: after };
    const letter = letterOf([{ eventID: 'given-up', eventName: 'MODIFY', dynamodb }]);
    const Key = 'aws/lambda/mapping/shard/given-up';
    await root.s3.send(new PutObjectCommand({ Bucket: parts.deadLetters, Key, Body: letter }));
    const replay = async () => {
      const command = new InvokeCommand({ FunctionName: outputOf('ReplayFunctionName'), Payload: '{}' });
      return JSON.parse((await root.lambda.send(command)).Payload?.transformToString() ?? '');
    };
    expect(await replay()).toEqual({ dryRun: false, replayed: 1, records: 1, failed: [], left: 0 });
    expect(await guessesListed()).toMatchObject({ wrong: 1 });
    expect(await replay()).toMatchObject({ replayed: 0, left: 0 });
  });

  test('a record that the detector cannot read goes to the dead letters by its own hand, and stays until it can', async () => {
    const Item = { ...pendingRecord('+91987702', 1), pk: { S: 'another-version' }, shape: { N: '99' } };
    await root.dynamo.send(new PutItemCommand({ TableName: parts.verifications, Item }));
    const Prefix = 'aws/lambda/detect-bursts/';
    const kept = async () => {
      const { Contents = [] } = await root.s3.send(new ListObjectsV2Command({ Bucket: parts.deadLetters, Prefix }));
      return Contents.map(({ Key }) => Key ?? '');
    };
    await expect.poll(kept, { timeout: 20_000 }).toHaveLength(1);
    const [Key = ''] = await kept();
    const { Body } = await root.s3.send(new GetObjectCommand({ Bucket: parts.deadLetters, Key }));
    expect(await Body?.transformToString()).toContain('another-version');
    const command = new InvokeCommand({ FunctionName: outputOf('ReplayFunctionName'), Payload: '{}' });
    const answer = JSON.parse((await root.lambda.send(command)).Payload?.transformToString() ?? '');
    expect(answer).toMatchObject({ replayed: 0, failed: [{ letter: Key }] });
    await root.s3.send(new DeleteObjectCommand({ Bucket: parts.deadLetters, Key }));
  });

  test('a resend replaces the code once its time has come', async () => {
    const { resendAvailableAt } = (await app.find(waiting.id)).body;
    await sleep(Math.max(0, Date.parse(String(resendAvailableAt)) - Date.now()));
    expect((await app.resend(waiting.id)).status).toBe(200);
    const code = await app.lastCode(waiting.phone);
    expect(code).not.toBe(waiting.code);
    expect(wordOf(await app.check(waiting.id, waiting.code))).toBe('pending');
    expect(wordOf(await app.check(waiting.id, code))).toBe('approved');
  });
});

describe('under its own role', () => {
  test('the account itself may make every call that is tried', async () => {
    expect(await allowedOf(root, parts)).toEqual(Object.keys(probes));
  });

  test.each(functionNames)('%s may do what it has to, and is refused all else', async (name) => {
    const role = await awsAsRole(emulator.url, root, parts.roles[name]);
    expect((await allowedOf(role, parts)).toSorted()).toEqual(allowed[name].toSorted());
  });
});

describe.each(openClis())('the commands of the runbook, by $name', (cli) => {
  let shell: Shell;
  let preamble: string;
  beforeAll(async () => {
    const { AWS_CA_BUNDLE = '' } = emulator.environment;
    shell = openShell(cli, { endpoint: emulator.url, environment: { AWS_CA_BUNDLE } });
    preamble = await preambleOf(shell, theShell());
  });
  afterAll(() => shell?.close());

  /** What a script printed, if it succeeded. */
  const printed = async (script: string): Promise<string> => {
    const { status, output } = await shell.run(`${preamble}\n${script}`);
    if (status !== 0) expect.fail(`${script}\nended with ${status}:\n${output}`);
    return output;
  };

  test('the shell knows the parts of the stack by their names', async () => {
    const said = await printed('echo "$DEAD_LETTERS $API_KEY $ALARM_TOPIC"');
    expect(said.trim().split(' ')).toEqual([parts.deadLetters, outputOf('ApiKeyIdWebA'), outputOf('AlarmTopicArn')]);
  });

  test('the API key is disabled by one command, and enabled by the same with another value', async () => {
    // The emulator keeps the value as the text that it is, and takes any text for yes: no request shows the difference.
    const disable = scriptAfter('**To stop one client**');
    expect(await printed(disable)).toMatch(/^"?false"?$/im);
    expect(await printed(disable.replace('value=false', 'value=true'))).toMatch(/^"?true"?$/im);
  });

  test('alarms that are on are listed, with their history', async () => {
    const put = (StateValue: 'ALARM' | 'OK') =>
      root.cloudWatch.send(
        new SetAlarmStateCommand({ AlarmName: `${stack}/UnexpectedError`, StateValue, StateReason: 'a test' }),
      );
    await put('ALARM');
    const [list = '', history = ''] = scriptAfter('counts the alarms that are on').split('\n');
    expect(await printed(list)).toContain('OtpService/UnexpectedError');
    await printed(history.replace('$STACK/NAME', '$STACK/UnexpectedError'));
    await put('OK');
    expect(await printed(list)).not.toContain('OtpService/UnexpectedError');
  });
});

describe('otp-desk', () => {
  test('a block of staff refuses the next send, is listed with its reason, and refuses none once it is lifted', async () => {
    await refillAddress();
    await done('block', 'prefix', '+919876', '--for', '60m', '--reason', 'pumping');
    const phone = freshNumber();
    expect(wordOf(await fromNowhere(() => app.request(phone)))).toBe('destination-suspended');
    expect(await done('blocks')).toMatch(/prefix \+919876 .*pumping/);
    await done('lift', 'prefix', '+919876', '--reason', 'our campaign');
    expect((await fromNowhere(() => app.request(phone))).status).toBe(201);
    expect(await done('actions')).toMatch(/lift[\s\S]*block/);
  });

  test('a stop refuses every send, codes that are out are checked, and resuming opens sending', async () => {
    await refillAddress();
    const { id, code } = await app.requested(freshNumber());
    await done('stop', 'all', '--reason', 'the bill explodes');
    const phone = freshNumber();
    expect(wordOf(await app.request(phone))).toBe('sending-stopped');
    expect(await app.messages(phone)).toEqual([]);
    expect(wordOf(await app.check(id, code))).toBe('approved');
    await done('resume', 'all', '--reason', 'it is over');
    expect((await app.request(phone)).status).toBe(201);
  });

  test('a finding is listed, acknowledged and labeled', async () => {
    const { findings } = JSON.parse(await done('findings', '--json'));
    const { id } = findings[0] ?? expect.fail('No finding is listed.');
    await done('ack', id);
    await done('false-positive', id, '--note', 'our campaign');
    expect(JSON.parse(await done('show', id, '--json'))).toMatchObject({ id, status: 'false-positive' });
  });

  test('dead letters are listed, shown without their records, and counted by one command', async () => {
    const before = pendingRecord('+91987702', 1);
    const after = { ...before, guesses: { L: [{ S: 'wrong' }] }, nonces: { L: [{ S: 'nonce' }] } };
    const dynamodb = { SequenceNumber: '900000000000000000011', OldImage: before, NewImage: after };
    const Body = letterOf([{ eventID: 'given-up-1', eventName: 'MODIFY', dynamodb }]);
    const Key = 'aws/lambda/mapping/shard/given-up-1';
    await root.s3.send(new PutObjectCommand({ Bucket: parts.deadLetters, Key, Body }));
    expect((await desk(['dead-letters', 'list'])).out).toContain(Key);
    const shown = await desk(['dead-letters', 'show', Key]);
    expect([shown.exit, shown.out.includes('wrong')]).toEqual([0, false]);
    expect((await desk(['dead-letters', 'replay', '--json'])).out).toMatch(/"replayed": ?1,/);
    expect((await desk(['dead-letters', 'list'])).out).not.toContain(Key);
  });
});

describe('in the hands of a thief', () => {
  let loot: Loot;
  let finding: string;
  let base: string;
  const credentialsOf = async (person: Person) => awsAs(emulator.url, await steal(root, person));
  /** The acts of somebody in the trail, the oldest first. */
  const actsOf = async (principal: string): Promise<readonly string[]> => {
    const { Items = [] } = await root.dynamo.send(new ScanCommand({ TableName: parts.security, ConsistentRead: true }));
    const acts = Items.filter((item) => item['pk']?.S === 'action' && item['principal']?.S === principal);
    return acts
      .toSorted((one, other) => String(one['sk']?.S).localeCompare(String(other['sk']?.S)))
      .map((item) => `${item['action']?.S}: ${item['reason']?.S}`);
  };

  beforeAll(async () => {
    await hire(root, outputOf);
    base = operatorBase();
    const known = {
      emulator: emulator.url,
      stack,
      apiKey: outputOf('ApiKeyIdBackEndA'),
      webKey: outputOf('ApiKeyIdWebA'),
      policy: outputOf('AuditorPolicyArn'),
    };
    loot = lootOf(parts, await resourcesOf(root, stack), known);
    const { Items = [] } = await root.dynamo.send(new ScanCommand({ TableName: parts.security }));
    finding = Items.find(({ pk }) => pk?.S === 'finding')?.['sk']?.S ?? expect.fail('There is no finding.');
  });

  afterAll(() => dismiss(root));

  test('the account itself may make every call that a thief tries', async () => {
    expect(await succeedingOf(thefts, root, loot)).toEqual(Object.keys(thefts));
  });

  test.each(people)(
    '%s calls the routes of its role with signed requests, and is refused all others',
    async (person) => {
      const call = signedBy(await credentialsOf(person), 'execute-api');
      const answers = await callAll(call, base, { finding, export: noExport });
      const {
        done = [],
        refused = [],
        other = [],
      } = Object.groupBy(answers, ([, { status, body }]) =>
        status < 300 || offByDefault.includes(String(body['code'])) ? 'done' : status === 403 ? 'refused' : 'other',
      );
      expect(other.map(([route, { text }]) => `${route}: ${text}`)).toEqual([]);
      expect(done.map(([route]) => route)).toEqual(routesOf(person));
      for (const [route, { text }] of refused)
        expect(text, route).toContain('not authorized to perform: execute-api:Invoke');
      expect(await actsOf(principalOf(person))).toEqual(actsIn(person));
    },
  );

  test.each(people)('%s reaches past the API what its policies name, and is refused all else', async (person) => {
    const aws = await credentialsOf(person);
    const reached = [...(await allowedOf(aws, parts)), ...(await succeedingOf(thefts, aws, loot))];
    expect(reached.toSorted()).toEqual(reachOf[person].toSorted());
  });

  test('a request that no operator has signed as it is reaches no route of operators', async () => {
    const thief = await credentialsOf('analyst');
    const asked = { method: 'GET', url: `${base}/v1/blocks` };
    const changed = (tampering: Tampering) => signedBy(thief, 'execute-api', tampering)(asked);
    const { accessKeyId, sessionToken } = await steal(root, 'analyst');
    const guessed = awsAs(emulator.url, { accessKeyId, sessionToken, secretAccessKey: 'guessed'.repeat(6) });
    const answers = {
      unsigned: send(asked),
      'with a key of client apps': send({ ...asked, headers: { 'x-api-key': await apiKeyOf(root, loot.apiKey) } }),
      'with a token of somebody': send({ ...asked, headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' } }),
      'with another method': changed((signed) => ({ ...signed, method: 'POST' })),
      'with another path': changed((signed) => ({ ...signed, url: `${base}/v1/findings` })),
      'with a query': changed((signed) => ({ ...signed, url: `${base}/v1/actions?since=2026-01-01` })),
      'of another day': changed(({ headers, ...signed }) => ({
        ...signed,
        headers: { ...headers, 'x-amz-date': '20200101T000000Z' },
      })),
      'without its session': changed(({ headers, ...signed }) => ({
        ...signed,
        headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'x-amz-security-token')),
      })),
      'with a secret that is guessed': signedBy(guessed, 'execute-api')(asked),
    };
    expect((await changed((signed) => signed)).status).toBe(200);
    for (const [how, asking] of Object.entries(answers)) {
      const { status, body, text } = await asking;
      expect([400, 401, 403], `${how}: ${text}`).toContain(status);
      expect(body, how).not.toHaveProperty('blocks');
    }
  });

  test('a page of another origin may neither ask for the API of operators nor read an answer', async () => {
    const origin = 'https://evil.example';
    const url = `${base}/v1/sending/stop`;
    const preflight = await send({
      method: 'OPTIONS',
      url,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
    const simple = await send({
      method: 'POST',
      url,
      headers: { origin, 'content-type': 'text/plain' },
      body: JSON.stringify({ what: 'all', reason: 'a page tries it' }),
    });
    const signed = signedBy(await credentialsOf('analyst'), 'execute-api');
    const read = await signed({ method: 'GET', url: `${base}/v1/blocks`, headers: { origin } });
    expect([preflight.status, simple.status, read.status]).toEqual([401, 401, 200]);
    for (const { headers } of [preflight, simple, read])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect((await app.request(freshNumber())).body['code']).not.toBe('sending-stopped');
  });
});

describe('alarms', () => {
  /** Of what is subscribed to the topic. */
  let QueueUrl: string | undefined;
  /** What came since the last look. */
  const arrived = async (): Promise<readonly string[]> => {
    const { Messages = [] } = await root.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const Entries = Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
    if (Entries.length > 0) await root.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return Messages.map(({ Body }) => String(JSON.parse(Body ?? '').Message));
  };

  test('every one reaches a queue that is subscribed to the topic, except those that the composite alarm speaks for', async () => {
    const alarms = (await resourcesOf(root, stack))
      .filter(({ ResourceType }) => ResourceType === 'AWS::CloudWatch::Alarm')
      .map(({ PhysicalResourceId: name }) => name ?? expect.fail('An alarm has no name.'));
    expect(alarms.length).toBeGreaterThan(30);
    const { MetricAlarms = [] } = await root.cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: `${stack}/`, MaxRecords: 100 }),
    );
    expect(MetricAlarms.map(({ AlarmName }) => AlarmName).toSorted()).toEqual(alarms.toSorted());

    const queue = `arn:aws:sqs:${region}:${account}:security-staff`;
    const letAlarmsIn = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue,
      Condition: { ArnEquals: { 'aws:SourceArn': outputOf('AlarmTopicArn') } },
    };
    ({ QueueUrl } = await root.sqs.send(
      new CreateQueueCommand({
        QueueName: 'security-staff',
        Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [letAlarmsIn] }) },
      }),
    ));
    await root.sns.send(
      new SubscribeCommand({ TopicArn: outputOf('AlarmTopicArn'), Protocol: 'sqs', Endpoint: queue }),
    );
    const reasons = { StateReason: 'a drill' };
    for (const AlarmName of alarms)
      await root.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', ...reasons }));

    const heard = new Set<string>();
    const hear = async (): Promise<readonly string[]> => {
      for (const message of await arrived()) {
        const { AlarmName, NewStateValue } = JSON.parse(message);
        if (NewStateValue === 'ALARM') heard.add(AlarmName);
      }
      return [...heard].toSorted();
    };
    const speaking = MetricAlarms.filter(({ AlarmActions = [] }) => AlarmActions.length > 0);
    // Those whose mail is an event of the bus.
    expect(alarms.length - speaking.length).toBe(5);
    await expect.poll(hear).toEqual(speaking.map(({ AlarmName }) => AlarmName).toSorted());
  });

  test('a finding that is a mail and a stop reach the same queue as texts, and another finding does not', async () => {
    const put = async (isMailed: boolean, headline: string, DetailType = 'Detection Finding') => {
      const detail = { severity: 'High', finding_info: { uid: '1f' }, unmapped: { is_mailed: isMailed, headline } };
      const kind = { Source: 'otp-service', DetailType };
      const entry = { ...kind, EventBusName: outputOf('FindingsBusName'), Detail: JSON.stringify(detail) };
      await root.events.send(new PutEventsCommand({ Entries: [entry] }));
    };
    await put(false, 'Nobody is woken');
    await put(true, 'Somebody requests codes');
    await put(true, 'Staff have stopped all SMS', 'Sending Stopped');
    const mails: string[] = [];
    await expect
      .poll(async () => {
        mails.push(...(await arrived()).filter((message) => !message.startsWith('{')));
        return mails.length;
      })
      .toBeGreaterThan(1);
    const lines = mails.map((mail) => mail.split('\n'));
    expect(lines.map(([first]) => first).toSorted()).toEqual([
      '"High: Somebody requests codes."',
      '"High: Staff have stopped all SMS."',
    ]);
    for (const each of lines) expect(each.at(-1)).toContain('#dashboards/dashboard/OtpService');
  });

  test('the detector leaves its heartbeat each minute', async () => {
    const Key = { pk: { S: 'detector' }, sk: { S: 'listening' } };
    const beat = async () => {
      const { Item } = await root.dynamo.send(new GetItemCommand({ TableName: parts.traffic, Key }));
      return Number(Item?.['sweptAt']?.N ?? 0);
    };
    // Not the state of the mapping: MiniStack 1.5.33 asks IAM for ListEventSourceMappings instead, which the role may not.
    await expect.poll(beat, { timeout: 100_000, interval: 1000 }).toBeGreaterThan(Date.now() - 120_000);
  });
});

describe('deployed again', () => {
  /** A code that is out while the key of codes is rotated. */
  let early: { readonly id: string; readonly code: string };

  const namesOf = async (): Promise<readonly string[]> =>
    (await resourcesOf(root, stack)).map(({ LogicalResourceId: id, PhysicalResourceId: name }) => `${id}: ${name}`);

  test('nothing changes, and cdk diff says so', async () => {
    expect(await said(project.cdk(...deployment))).toContain('(no changes)');
    expect(readOutputs()).toEqual(outputs);
    expect(await said(project.cdkOnSynthesized('diff', stack))).toContain('There were no differences');
  });

  test('a new generation of the code key is what cdk diff shows, and what cdk deploy changes', async () => {
    project.edit("// codeKeyGenerations: ['a'],", "codeKeyGenerations: ['a', 'b'],");
    const shown = [...(await said(project.cdk('diff', stack))).matchAll(/^\[([+~-])\] (AWS::\S+) (\S+)/gm)];
    expect(shown.map(([, sign, type, place]) => `${sign} ${type} ${place}`).toSorted()).toEqual([
      '+ AWS::KMS::Key Default/Keys/CodeKeyB',
      // They name the keys.
      '~ AWS::IAM::ManagedPolicy Default/Access/Auditor',
      '~ AWS::IAM::ManagedPolicy Default/Access/SecurityAnalyst',
      '~ AWS::IAM::Policy Default/check-verification/Role/DefaultPolicy',
      '~ AWS::IAM::Policy Default/read-status/Role/DefaultPolicy',
      '~ AWS::IAM::Policy Default/request-verification/Role/DefaultPolicy',
      '~ AWS::IAM::Policy Default/resend-verification/Role/DefaultPolicy',
      '~ AWS::Lambda::Function Default/check-verification/Function',
      '~ AWS::Lambda::Function Default/read-status/Function',
      '~ AWS::Lambda::Function Default/request-verification/Function',
      '~ AWS::Lambda::Function Default/resend-verification/Function',
    ]);
    // Not by the events: the emulator tells of every resource that it was updated.
    const before = await namesOf();
    early = await app.requested(freshNumber());
    await said(project.cdkOnSynthesized(...deployment));
    expect(readOutputs()).toEqual(outputs);
    const after = await namesOf();
    expect(after.filter((name) => !before.includes(name))).toEqual([expect.stringMatching(/^KeysCodeKeyB/)]);
    expect(before.filter((name) => !after.includes(name))).toEqual([]);
  });

  test('a code from before the rotation still checks, and new ones are of the new generation', async () => {
    await refillAddress();
    expect(wordOf(await app.check(early.id, early.code))).toBe('approved');
    const { id, answer } = await verify();
    expect(id).toMatch(/^b/);
    expect(wordOf(answer)).toBe('approved');
  });
});

describe('with End User Messaging, receipts, calls, porting notices and a webhook', () => {
  let secret: string;
  /** The line of the settings without them, and with them. */
  const lines = (): [string, string] => [shippedLine, withOptions(secret)];

  const askOnce = async (channel: 'sms' | 'voice') => {
    await refillAddress();
    const phone = freshNumber();
    const { status, body } = await app.call('POST', '/v1/verifications', { phoneNumber: phone, channel });
    return { status, body, id: String(body['id']), phone };
  };
  /** A busy emulator may take longer for a connection than a function waits. Then another number asks. */
  const requestBy = async (channel: 'sms' | 'voice', tries = 3): ReturnType<typeof askOnce> => {
    const answer = await askOnce(channel);
    return answer.status === 503 && tries > 1 ? await requestBy(channel, tries - 1) : answer;
  };
  const textTo = (phone: string): string => messaging.messages(phone)[0]?.text ?? '';
  const codeIn = (text: string): string => /\b\d{6}\b/.exec(text)?.[0] ?? '';
  const noteReceipts = async (messageId: string, more: Readonly<Record<string, unknown>> = {}) => {
    const name = physicalIdOf(await resourcesOf(root, stack), 'notereceipts', 'AWS::Lambda::Function');
    const Payload = JSON.stringify(eventOn(messageId, Date.now(), more));
    const { FunctionError, Payload: said } = await root.lambda.send(new InvokeCommand({ FunctionName: name, Payload }));
    expect([FunctionError, said?.transformToString()]).toEqual([undefined, expect.any(String)]);
  };
  const messageIds = async (): Promise<readonly string[]> => {
    const all = new ScanCommand({ TableName: parts.verifications, ConsistentRead: true });
    const { Items = [] } = await root.dynamo.send(all);
    return Items.flatMap(({ pk }) => (pk?.S?.startsWith('message#') ? [pk.S.slice('message#'.length)] : []));
  };

  test('cdk deploy adds them to a stack that has none', async () => {
    const made = await root.secrets.send(new CreateSecretCommand({ Name: 'otp-webhook', SecretString: webhookSecret }));
    secret = made.ARN ?? expect.fail('The secret has no ARN.');
    project.edit(...lines());
    await said(project.cdk(...deployment));
    expect(readOutputs()['Endpoint']).toBe(outputs['Endpoint']);
  });

  test('a code goes out by End User Messaging under its own role, and its receipt is what GET says', async () => {
    const before = await messageIds();
    const { status, id, phone } = await requestBy('sms');
    expect(status).toBe(201);
    expect(codeIn(textTo(phone))).toMatch(/^\d{6}$/);
    const [messageId = '', ...others] = (await messageIds()).filter((each) => !before.includes(each));
    expect(others).toEqual([]);
    expect((await app.find(id)).body).toMatchObject({ delivery: 'accepted' });
    await noteReceipts(messageId);
    expect((await app.find(id)).body).toMatchObject({ delivery: 'delivered' });
    // One that AWS tells of a message of others changes nothing.
    await noteReceipts('00000000-0000-4000-8000-000000000000', { messageStatus: 'INVALID', eventType: 'TEXT_INVALID' });
    expect((await app.find(id)).body).toMatchObject({ delivery: 'delivered' });
    expect(wordOf(await app.check(id, codeIn(textTo(phone))))).toBe('approved');
  });

  test('a route that fails gives its message to the next, which is SNS', async () => {
    messaging.configure({ suspended: 'ACCOUNT_DISABLED' });
    const { status, body, id, phone } = await requestBy('sms');
    messaging.configure({ suspended: undefined });
    expect([status, textTo(phone)], JSON.stringify(body)).toEqual([201, '']);
    expect(wordOf(await app.check(id, await app.lastCode(phone)))).toBe('approved');
  });

  test('a call speaks a code that checks', async () => {
    const { status, body, id, phone } = await requestBy('voice');
    expect([status, body['channel']]).toEqual([201, 'voice']);
    expect(wordOf(await app.check(id, spokenIn(textTo(phone))))).toBe('approved');
  });

  test('a number that staff note as ported gets no code for a purpose that minds, and one whose notice is lifted gets it', async () => {
    // Not one number for both: a refused send counts for its wait.
    const [ported, lifted] = [freshNumber(), freshNumber()];
    const login = async (phoneNumber: string) => {
      await refillAddress();
      return await app.call('POST', '/v1/verifications', { phoneNumber, purpose: 'login' });
    };
    const tell = async (phone: string, ...more: readonly string[]) => {
      const { exit, out, err } = await desk(['port-notice', ...more, '--reason', 'list of the carrier'], phone);
      expect([exit, err], out).toEqual([0, '']);
    };
    await tell(ported, '--until', '1d');
    const refused = await login(ported);
    expect([refused.status, wordOf(refused), textTo(ported)]).toEqual([403, 'number-at-risk', '']);
    await tell(lifted);
    await tell(lifted, '--lift');
    const answer = await login(lifted);
    expect(answer.status, answer.text).toBe(201);
    expect(codeIn(textTo(lifted))).toMatch(/^\d{6}$/);
  });

  test('an event reaches the function that delivers, which signs it and tries again where nobody answers', async () => {
    await refillAddress();
    const { status, body, id, phone } = await requestBy('sms');
    expect(status, JSON.stringify(body)).toBe(201);
    // A busy emulator may make the first route fail, so that the other one has sent it.
    const code = codeIn(textTo(phone)) || (await app.lastCode(phone));
    expect(wordOf(await app.check(id, code))).toBe('approved');
    const triesOf = async () => triesIn(emulator.log());
    await expect
      .poll(triesOf, { timeout: 60_000 })
      .toContainEqual(expect.objectContaining({ type: 'verification.approved', application: 'web', tries: 1 }));
    // With it, nothing would be signed.
    expect((await triesOf()).map(({ cause }) => cause)).not.toContain('secret');
    expect(emulator.log()).not.toContain(webhookSecret);
    const { waiting, inFlight, deadLetters } = JSON.parse(await done('webhooks', '--json'));
    expect(waiting + inFlight).toBeGreaterThan(0);
    expect(deadLetters).toMatchObject({ count: 0 });
  });

  test('cdk deploy takes them away again, and codes that were out by then are read, resent by SNS alone and checked', async () => {
    const open: { readonly id: string; readonly phone: string }[] = [];
    for (const channel of ['sms', 'voice'] as const) {
      const { status, body, id, phone } = await requestBy(channel);
      expect([status, body['status']], JSON.stringify(body)).toEqual([201, 'pending']);
      open.push({ id, phone });
    }
    const [line, more] = lines();
    project.edit(more, line);
    await said(project.cdk(...deployment));
    expect(readOutputs()).toEqual(outputs);
    for (const { id, phone } of open) {
      const found = await app.find(id);
      expect([found.status, found.body['status']], found.text).toEqual([200, 'pending']);
      await sleep(Math.max(0, Date.parse(String(found.body['resendAvailableAt'])) - Date.now()));
      await refillAddress();
      const { status, body, text } = await app.resend(id);
      expect([status, body['channel']], text).toEqual([200, undefined]);
      expect(wordOf(await app.check(id, await app.lastCode(phone)))).toBe('approved');
    }
    await refillAddress();
    expect(wordOf((await verify()).answer)).toBe('approved');
  });
});

/** What outlives the stack on purpose. */
const retained = {
  'AWS::ApiGateway::Account ApiRestApiAccount': 'one per account and Region: other APIs may write their logs by it',
  'AWS::DynamoDB::Table TablesGuards': 'to lose it is to give every caller fresh limits',
  'AWS::DynamoDB::Table TablesSecurity': 'findings are evidence',
  'AWS::IAM::Role ApiRestApiCloudWatchRole': 'the role that the account of API Gateway names',
  'AWS::KMS::Key KeysDeadLetterKey': 'it opens the dead letters',
  'AWS::KMS::Key KeysExportKey': 'it opens the exports',
  'AWS::KMS::Key KeysExportSigningKey': 'it checks the exports that auditors keep',
  'AWS::KMS::Key KeysPseudonymKey': 'without it nobody could find what other systems keep under a pseudonym',
  'AWS::KMS::Key KeysSecurityKey': 'it opens the findings',
  'AWS::KMS::Key KeysTableKey': 'it opens the guards',
  'AWS::S3::Bucket DeadLettersBucket': 'what is in it may still be wanted; it is empty after 30 days',
  'AWS::S3::Bucket ExportsBucket': 'what is in it may still be wanted; it is empty after seven days',
};

describe('destroyed', () => {
  test('everything goes but what has to outlive the service', async () => {
    const told = await said(project.cdkOnSynthesized('destroy', stack, '--force', '--progress', 'events'));
    const kept = told.split('\n').flatMap((line) => {
      const [, , , status, type, place = ''] = line.split('|').map((cell) => cell.trim());
      const id = /\((\w+?)[0-9A-F]{8}\)$/.exec(place)?.[1];
      return status === 'DELETE_SKIPPED' ? [`${type} ${id}`] : [];
    });
    for (const [what, why] of Object.entries(retained)) console.log(`retained: ${what} (${why})`);
    expect(kept.toSorted()).toEqual(Object.keys(retained));

    const { TableNames } = await root.dynamo.send(new ListTablesCommand({}));
    expect(TableNames?.toSorted()).toEqual([parts.guards, parts.security].toSorted());
    const stateOf = async (KeyId: string) =>
      (await root.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
    for (const key of [parts.pseudonymKey, parts.tableKey, parts.securityKey, parts.deadLetterKey])
      expect(await stateOf(key)).toBe('Enabled');
    for (const key of [parts.codeKey, parts.sealKey, parts.proofKey])
      expect(await stateOf(key)).toBe('PendingDeletion');
    // What stays can be read.
    await root.s3.send(new HeadBucketCommand({ Bucket: parts.deadLetters }));
    expect((await root.dynamo.send(new ScanCommand({ TableName: parts.security }))).Count).toBeGreaterThan(0);
    expect((await app.request(freshNumber())).status).toBeGreaterThanOrEqual(400);
  });
});
