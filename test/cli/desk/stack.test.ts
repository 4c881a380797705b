import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { longestCodeMs } from '../../../cli/desk/commands/stack/rotate.ts';
import { limits } from '../../../lib/settings/ranges.ts';
import {
  type Account,
  type Call,
  credentials,
  json,
  jsonError,
  type Script,
  serveAccount,
  stackName,
  type Wire,
  xml,
  xmlError,
} from '../../fakes/desk/account.ts';
import { deskWith, type Sitting } from '../../fakes/desk/desk.ts';

const environment: Readonly<Record<string, string | undefined>> = {
  ...credentials,
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_REGION: undefined,
  AWS_DEFAULT_REGION: undefined,
  AWS_MAX_ATTEMPTS: '1',
  // Nobody's own profiles, and no machine's role.
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const served = async (...scripts: readonly Script[]): Promise<Account> => {
  const account = await serveAccount(...scripts);
  stops.push(account.stop);
  vi.stubEnv('AWS_ENDPOINT_URL', account.url);
  return account;
};

const here = ['--stack', stackName, '--region', 'eu-west-1'];
const desk = (args: readonly string[], sitting?: Sitting) => deskWith([...here, ...args], sitting);

const answering =
  (asked: string, wire: Wire | ((call: Call) => Wire)): Script =>
  (call) =>
    call.asked === asked ? (typeof wire === 'function' ? wire(call) : wire) : undefined;
const asked = ({ calls }: Account) => calls.map((call) => call.asked);

describe('the API of a deployed stack', () => {
  test('an export that is done says how to get its files, and how to check them', async () => {
    const done = { id: 'e1', state: 'done', bucket: 'b', manifest: 'e1/manifest.json' };
    await served(answering('GET /otp/v1/exports/e1', json(done)));
    const { exit, out } = await desk(['export', '--id', 'e1']);
    expect([exit, out]).toEqual([0, expect.stringContaining('aws s3 cp --recursive s3://b/e1/ ./export')]);
    expect(out).toContain('otp-desk verify-export ./export');
  });

  test('the endpoint comes from the stack, and each request is signed as AWS documents', async () => {
    const account = await served(
      answering('GET /otp/v1/findings', json({ findings: [] })),
      answering('POST /otp/v1/blocks', json({ until: '2026-12-01T00:00:00.000Z' }, 201)),
      answering('DELETE /otp/v1/launches/country:IN', json({})),
    );
    // Characters that a signature escapes in its own way.
    expect(await desk(['findings', '--since', "2026-11-01T00:00:00+05:30 !'()*~"])).toMatchObject({ exit: 0, err: '' });
    expect((await desk(['block', 'country', 'IN', '--reason', 'Größe 字', '--yes'])).exit).toBe(0);
    expect((await desk(['cancel-launch', 'country:IN', '--yes'])).exit).toBe(0);
    const sent = account.calls.find((call) => call.asked === 'POST /otp/v1/blocks');
    expect(sent).toMatchObject({ region: 'eu-west-1', body: { what: { country: 'IN' }, reason: 'Größe 字' } });
  });

  test('credentials that are not those of the account are refused with what to do', async () => {
    await served(answering('GET /otp/v1/findings', json({ findings: [] })));
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'another');
    const { exit, err } = await desk(['findings']);
    expect([exit, err]).toEqual([4, expect.stringContaining('Sign in again (aws sso login)')]);
  });

  test.each<[string, Readonly<Record<string, string | undefined>>, Script, number, RegExp]>([
    [
      'no credentials',
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      () => undefined,
      4,
      /^There are no AWS credentials\. Sign in/,
    ],
    [
      'an expired token',
      {},
      answering('cloudformation:DescribeStacks', xmlError(403, 'ExpiredToken')),
      4,
      /^The AWS credentials have expired\. Sign in again/,
    ],
    [
      'a Region that is not enabled',
      {},
      answering('cloudformation:DescribeStacks', xmlError(403, 'InvalidClientTokenId')),
      4,
      /^AWS does not know these credentials in eu-west-1\./,
    ],
    [
      'a role that may not look',
      {},
      answering('cloudformation:DescribeStacks', xmlError(403, 'AccessDenied')),
      1,
      /^Your role may not call cloudformation:DescribeStacks\./,
    ],
    [
      'a throttle',
      {},
      answering('cloudformation:DescribeStacks', xmlError(400, 'Throttling')),
      1,
      /^AWS throttles cloudformation:DescribeStacks\. Try again/,
    ],
    [
      'an outage',
      {},
      answering('cloudformation:DescribeStacks', xmlError(500, 'InternalFailure')),
      1,
      /^cloudformation:DescribeStacks failed: InternalFailure 500\./,
    ],
    [
      'no network',
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      () => undefined,
      4,
      /^AWS does not answer in eu-west-1 \(ECONNREFUSED\)\./,
    ],
  ])('%s becomes a sentence that says what to do', async (_, env, script, exit, sentence) => {
    await served(script);
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const ended = await desk(['blocks']);
    expect([ended.exit, ended.out, ended.err]).toEqual([exit, '', expect.stringMatching(sentence)]);
  });

  test('a stack of another name, another Region or no Region is told apart', async () => {
    const account = await served();
    const missing = await deskWith(['blocks', '--stack', 'Other\u001b[2J', '--region', 'eu-west-1']);
    expect([missing.exit, missing.err]).toEqual([
      4,
      'There is no stack Other\\u{1b}[2J in eu-west-1 for these credentials. Check --stack, --region and --profile.\n',
    ]);
    const nowhere = await deskWith(['blocks']);
    expect([nowhere.exit, nowhere.err]).toEqual([
      4,
      expect.stringMatching(/^There is no AWS Region\. Write the Region/),
    ]);
    await deskWith(['blocks'], { env: { OTP_STACK: 'ByName', AWS_DEFAULT_REGION: 'ap-south-1' } });
    expect(account.calls.at(-1)).toMatchObject({ region: 'ap-south-1', body: { StackName: 'ByName' } });
  });

  test('a role that may not look at the stack names the endpoint itself, by TLS or on this machine alone', async () => {
    const account = await served(
      answering('cloudformation:DescribeStacks', xmlError(403, 'AccessDenied')),
      answering('GET /otp/v1/blocks', json({ blocks: [] })),
    );
    expect((await desk(['blocks', '--endpoint', `${account.url}/otp/`])).exit).toBe(0);
    expect(asked(account)).toEqual(['GET /otp/v1/blocks']);
    for (const wrong of ['http://example.com/otp', 'https://a@example.com/otp', 'example.com', ''])
      expect((await desk(['blocks', '--endpoint', wrong])).exit).toBe(2);
  });

  test('a stack without an API of operators is asked to be deployed', async () => {
    await served(
      answering(
        'cloudformation:DescribeStacks',
        xml('DescribeStacks', '<Stacks><member><StackName>a</StackName></member></Stacks>'),
      ),
    );
    const { exit, err } = await desk(['blocks']);
    expect([exit, err]).toEqual([4, expect.stringContaining('has no output OperatorEndpoint')]);
  });
});

describe('dead letters', () => {
  const listing: Script = ({ asked: route, query }) =>
    route === 'GET /otpdesk-dead-letters/' || route === 'GET /otpdesk-dead-letters'
      ? {
          status: 200,
          body:
            `<ListBucketResult><Prefix>${query.get('prefix')}</Prefix><IsTruncated>false</IsTruncated>` +
            ['2', '1']
              .map(
                (at) =>
                  `<Contents><Key>aws/lambda/x/${at}</Key><LastModified>2026-11-0${at}T00:00:00.000Z</LastModified><Size>9</Size></Contents>`,
              )
              .join('') +
            '</ListBucketResult>',
        }
      : undefined;
  const letter = {
    version: '1.0',
    requestContext: { condition: 'RetryAttemptsExhausted' },
    payload: { Records: [{ dynamodb: { secret: 'hash' } }] },
  };
  const invoking = (...answers: readonly unknown[]): Script => {
    const left = [...answers];
    return answering('POST /2015-03-31/functions/OtpDesk-replay/invocations', () => json(left.shift()));
  };

  test('dead letters are listed from the oldest on, by the bucket of the stack', async () => {
    await served(listing);
    const { exit, out } = await desk(['dead-letters', 'list']);
    expect(exit).toBe(0);
    expect(out).toMatch(/2026-11-01 .*aws\/lambda\/x\/1\n2026-11-02 .*aws\/lambda\/x\/2\n$/);
  });
  test('a letter says why it is there, and shows none of its records', async () => {
    await served(answering('GET /otpdesk-dead-letters/aws/lambda/x/1', json(letter)));
    for (const flags of [[], ['--json']]) {
      const { exit, out } = await desk(['dead-letters', 'show', 'aws/lambda/x/1', ...flags]);
      expect([exit, out.includes('hash')]).toEqual([0, false]);
      expect(out).toMatch(/RetryAttemptsExhausted[\s\S]*records"?: 1/);
    }
  });
  test('a replay goes on while letters are left, and says what stays', async () => {
    const failed = [{ letter: 'aws/lambda/x/1', why: 'no records' }];
    const account = await served(
      invoking(
        { dryRun: false, replayed: 3, records: 9, failed: [], left: 2 },
        { dryRun: false, replayed: 1, records: 1, failed, left: 0 },
      ),
    );
    const { exit, out, err } = await desk(['dead-letters', 'replay', '--yes']);
    expect([exit, out]).toEqual([
      1,
      '4 letters with 10 records are replayed, 0 are left, 1 failed.\nThese stay:\n  aws/lambda/x/1: no records\n',
    ]);
    expect(err).toBe('3 letters replayed, 2 left.\n4 letters replayed, 0 left.\n');
    expect(account.calls.at(-1)?.body).toEqual({ prefix: 'aws/lambda/', dryRun: false });
  });
  test('a replay that does not get on ends, and one that nobody confirmed does not begin', async () => {
    const account = await served(invoking({ replayed: 0, records: 0, failed: [], left: 5 }));
    expect((await desk(['dead-letters', 'replay'])).exit).toBe(5);
    expect(asked(account).filter((each) => each.includes('invocations'))).toEqual([]);
    expect((await desk(['dead-letters', 'replay'], { answers: ['y'] })).exit).toBe(1);
  });
  test('a dry run asks nobody, and a crash of the function is told', async () => {
    await served(invoking({ dryRun: true, replayed: 3, records: 9, failed: [], left: 0 }));
    expect(await desk(['dead-letters', 'replay', '--dry-run'])).toMatchObject({
      exit: 0,
      out: expect.stringContaining('would be tried'),
    });
    await served(
      answering('POST /2015-03-31/functions/OtpDesk-replay/invocations', {
        ...json({ errorMessage: 'x' }),
        headers: { 'x-amz-function-error': 'Unhandled' },
      }),
    );
    expect(await desk(['dead-letters', 'replay', '--yes'])).toMatchObject({
      exit: 1,
      err: expect.stringContaining('Its log says why'),
    });
  });
});

const subscription = (endpoint: string, arn: string) =>
  `<member><TopicArn>t</TopicArn><Protocol>email</Protocol><SubscriptionArn>${arn}</SubscriptionArn><Owner>1</Owner><Endpoint>${endpoint}</Endpoint></member>`;
const subscribed = (...entries: readonly string[]): Script =>
  answering(
    'sns:ListSubscriptionsByTopic',
    xml('ListSubscriptionsByTopic', `<Subscriptions>${entries.join('')}</Subscriptions>`),
  );
const confirmed = subscription('a@example.com', 'arn:aws:sns:eu-west-1:1:alarms:1');
const pending = subscription('b@example.com', 'PendingConfirmation');

const alarm = (name: string, StateValue = 'OK', more = {}) => ({
  AlarmName: `${stackName}/${name}`,
  StateValue,
  ActionsEnabled: true,
  AlarmActions: ['arn:aws:sns:eu-west-1:1:alarms'],
  ...more,
});
const alarming = (...alarms: readonly object[]): Script =>
  answering('cloudwatch:DescribeAlarms', json({ MetricAlarms: alarms, CompositeAlarms: [alarm('UnderAttack')] }));
const ringing: Script = answering('cloudwatch:SetAlarmState', json({}));
const rungBy = ({ calls }: Account) =>
  calls
    .filter((call) => call.asked === 'cloudwatch:SetAlarmState')
    .map(({ body }) => {
      const { AlarmName, StateValue } = body as Record<string, string>;
      return `${AlarmName?.split('/')[1]} ${StateValue}`;
    });

describe('a drill', () => {
  const ours = [
    alarm('FindingCritical'),
    alarm('Lambda-Errors-jwks', 'ALARM'),
    alarm('Lambda-Errors-detect-bursts', 'INSUFFICIENT_DATA'),
    alarm('Lambda-Throttles-jwks', 'OK', { ActionsEnabled: false }),
    alarm('SpendCapReached', 'ALARM'),
  ];

  test('a drill rings one alarm of each kind, leaves those that are on, resets each to its state, and says who confirmed', async () => {
    const account = await served(subscribed(confirmed), alarming(...ours), ringing);
    const waits: number[] = [];
    const { exit, out } = await desk(['drill', '--yes'], { slept: (ms) => waits.push(ms) });
    expect(rungBy(account)).toEqual([
      ...['FindingCritical ALARM', 'Lambda-Errors-detect-bursts ALARM', 'UnderAttack ALARM'],
      ...['FindingCritical OK', 'Lambda-Errors-detect-bursts INSUFFICIENT_DATA', 'UnderAttack OK'],
    ]);
    expect(exit).toBe(0);
    expect(out).toMatch(
      /^Rung and reset: FindingCritical, Lambda-Errors-detect-bursts, UnderAttack\.\nNot rung, .*: Lambda-Throttles-jwks, SpendCapReached\./,
    );
    expect(out).toMatch(/yes +email +a@example\.com/);
    expect(waits).toEqual([5000]);
    expect(JSON.stringify(account.calls)).toContain('DRILL. Nothing is wrong');
  });
  test('a drill with a receiver that has not confirmed ends with 1, and one with none rings nothing', async () => {
    await served(subscribed(confirmed, pending), alarming(...ours), ringing);
    expect(await desk(['drill', '--yes'])).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/NO +email +b@example\.com/),
    });
    const account = await served(subscribed(pending), alarming(...ours), ringing);
    const { exit, err } = await desk(['drill', '--yes']);
    expect([exit, err, rungBy(account)]).toEqual([1, expect.stringMatching(/^Nobody would hear an alarm\./), []]);
  });
  test('a drill rings the one alarm that is named, and none if there is no such alarm', async () => {
    const account = await served(subscribed(confirmed), alarming(...ours), ringing);
    expect((await desk(['drill', '--only', 'FindingCritical', '--yes'])).exit).toBe(0);
    expect(rungBy(account)).toEqual(['FindingCritical ALARM', 'FindingCritical OK']);
    expect((await desk(['drill', '--only', 'Nothing', '--yes'])).exit).toBe(2);
    expect((await desk(['drill'])).exit).toBe(5);
  });
  test('a drill that breaks off leaves no alarm on', async () => {
    let rings = 0;
    const account = await served(
      subscribed(confirmed),
      alarming(...ours),
      answering('cloudwatch:SetAlarmState', () => {
        rings += 1;
        return rings === 2 ? jsonError(403, 'AccessDenied') : json({});
      }),
    );
    const { exit, err } = await desk(['drill', '--yes']);
    expect([exit, err]).toEqual([1, expect.stringContaining('Your role may not call cloudwatch:SetAlarmState.')]);
    expect(rungBy(account).slice(2)).toEqual(['FindingCritical OK', 'Lambda-Errors-detect-bursts INSUFFICIENT_DATA']);
  });
  test('a drill that is interrupted rings no further alarm, and resets', async () => {
    const account = await served(subscribed(confirmed), alarming(...ours), ringing);
    await desk(['drill', '--yes'], { interruption: AbortSignal.abort() });
    expect(rungBy(account)).toEqual([]);
  });
});

describe('the check of an export', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const told: Script = answering(
    'cloudformation:DescribeStacks',
    xml(
      'DescribeStacks',
      '<Stacks><member><StackName>a</StackName><Outputs><member><OutputKey>ExportSigningKeyArn</OutputKey><OutputValue>key</OutputValue></member></Outputs></member></Stacks>',
    ),
  );
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otp-export-'));
    const counts = { event: 0, finding: 0, action: 0 };
    const manifest = JSON.stringify({
      ...{
        format: 'otp-export/1',
        id: 'id',
        stack: 'a',
        from: 'then',
        to: 'now',
        principal: 'auditor',
        reason: '\u001b[2J',
      },
      ...{ counts, unreadable: { count: 0, named: [] }, parts: [], abandoned: [] },
    });
    const signature = sign('sha256', Buffer.from(manifest), privateKey).toString('base64');
    await writeFile(join(folder, 'manifest.json'), manifest);
    await writeFile(join(folder, 'manifest.sig.json'), JSON.stringify({ algorithm: 'ECDSA_SHA_256', signature }));
    await writeFile(join(folder, '..', `${basename(folder)}.der`), der);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    await rm(`${folder}.der`);
  });

  test('an export is checked with the key of the stack, or offline with that of a file', async () => {
    await served(told, answering('kms:GetPublicKey', json({ PublicKey: der.toString('base64') })));
    const { exit, out } = await desk(['verify-export', folder]);
    expect([exit, out]).toEqual([0, expect.stringMatching(/^This export is genuine and whole\.\n[\n\P{Cc}]*$/u)]);
    const offline = await deskWith(['verify-export', folder, '--key', `${folder}.der`, '--json']);
    expect([offline.exit, JSON.parse(offline.out).problems]).toEqual([0, []]);
  });
  test('an export with another file in it ends with 1, and what cannot be read with 2', async () => {
    await writeFile(join(folder, 'more.jsonl'), 'x');
    const { exit, out } = await deskWith(['verify-export', folder, '--key', `${folder}.der`]);
    expect([exit, out]).toEqual([1, expect.stringContaining('"more.jsonl" is not in the manifest')]);
    expect((await deskWith(['verify-export', `${folder}-gone`, '--key', `${folder}.der`])).exit).toBe(2);
    expect((await deskWith(['verify-export', folder, '--key', `${folder}.gone`])).exit).toBe(2);
    expect((await deskWith(['verify-export', folder, '--key', join(folder, 'more.jsonl')])).exit).toBe(2);
  });
});

describe('the rotation of the code key', () => {
  const deployedMs = Date.parse('2026-11-29T03:00:00.000Z');
  const configured =
    (name: string, keys: unknown): Script =>
    ({ asked: route }) =>
      route === `GET /2015-03-31/functions/OtpDesk-${name}/configuration`
        ? json({
            LastModified: '2026-11-29T03:00:00.000+0000',
            Environment: { Variables: { CODE_KEYS: typeof keys === 'string' ? keys : JSON.stringify(keys) } },
          })
        : undefined;
  const all = (keys: unknown) => ['request', 'resend', 'check'].map((name) => configured(name, keys));
  const keyed = (KeyState = 'Enabled'): Script =>
    answering('kms:DescribeKey', json({ KeyMetadata: { KeyId: 'k', KeyState } }));
  const at = (ms: number): Sitting => ({ now: () => deployedMs + ms });

  test('the longest life of a code is that of the settings', () => {
    expect(limits().find(({ path }) => String(path) === 'code.maxLifetimeSeconds')?.range.max).toBe(
      longestCodeMs / 1000,
    );
  });
  test('one generation: the first change is named', async () => {
    await served(...all({ c: 'key-c' }), keyed());
    const { exit, out } = await desk(['rotate', 'code-key'], at(0));
    expect([exit, out]).toEqual([
      0,
      expect.stringContaining("Change 1 of 2: write codeKeyGenerations: ['c', 'd'] in bin/settings.ts"),
    ]);
  });
  test.each([
    [0, 'wait', 1],
    [longestCodeMs - 1, 'wait', 1],
    [longestCodeMs, 'finish', 0],
  ])('two generations are told, %i ms after the deployment, to %s', async (ms, step, exit) => {
    await served(...all({ a: 'key-a', b: 'key-b' }), keyed());
    const ended = await desk(['rotate', 'code-key', '--json'], at(ms));
    expect([ended.exit, JSON.parse(ended.out)]).toEqual([
      exit,
      expect.objectContaining({ step, setting: "codeKeyGenerations: ['b']" }),
    ]);
  });
  test('--wait waits for the second change, and says until when', async () => {
    await served(...all({ a: 'key-a', b: 'key-b' }), keyed());
    let nowMs = deployedMs + longestCodeMs - 45_000;
    const waits: number[] = [];
    const sitting = {
      now: () => nowMs,
      slept: (ms: number) => {
        waits.push(ms);
        nowMs += ms;
      },
    };
    const { exit, out, err } = await desk(['rotate', 'code-key', '--wait'], sitting);
    expect([exit, waits]).toEqual([0, [30_000, 15_000]]);
    expect(err).toContain('03:10:00 UTC');
    expect(out).toContain("Change 2 of 2: write codeKeyGenerations: ['b']");
  });
  test.each<[string, readonly Script[]]>([
    ['a key that is disabled', [...all({ a: 'key-a', b: 'key-b' }), keyed('Disabled')]],
    [
      'functions that differ',
      [
        configured('request', { a: 'a', b: 'b' }),
        configured('resend', { a: 'a' }),
        configured('check', { a: 'a' }),
        keyed(),
      ],
    ],
    ['functions without keys', [...all('nonsense'), keyed()]],
  ])('%s keeps the next change from being named', async (_, scripts) => {
    await served(...scripts);
    const { exit, out, err } = await desk(['rotate', 'code-key'], at(longestCodeMs));
    expect(exit).toBe(1);
    expect(out + err).not.toMatch(/Change \d of 2/);
    expect(out + err).toMatch(/is Disabled\.|do not have the same generations/);
  });
});
