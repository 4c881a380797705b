/** Each command that a page tells people to run, as both versions of the AWS CLI read it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { functionNames } from '../../lambdas/contract.ts';
import { pseudonymLabel, pseudonymsFrom } from '../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../lambdas/otp/number/secret.ts';
import { synthesizedOf } from '../lib/template/synthesized.ts';
import { type Cli, openClis, openShell, preambleOf, type Said, type Shell } from './cli.ts';
import { lookups, type Script, scriptAfter, scripts, theShell } from './documents.ts';
import { type Answers, type Recorder, type Request, startRecorder } from './recorder.ts';

const { applications } = settings;
const { resources, names } = synthesizedOf({ applications });
const perPage = 100;

const physicalId = (id: string, type: string): string =>
  type === 'AWS::Lambda::EventSourceMapping'
    ? '00000000-0000-4000-8000-000000000000'
    : (names.get(id) ?? `name-of-${id}`);

/** The parts of the stack, a hundred a page, as CloudFormation lists them. */
const listed = ({ body }: Request): string => {
  const from = Number(new URLSearchParams(body).get('NextToken') ?? 0);
  const all = Object.entries(resources);
  const members = all
    .slice(from, from + perPage)
    .map(
      ([id, { Type }]) =>
        `<member><ResourceType>${Type}</ResourceType><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${physicalId(id, Type)}</PhysicalResourceId></member>`,
    );
  const next = from + perPage < all.length ? `<NextToken>${from + perPage}</NextToken>` : '';
  return `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${members.join('')}</StackResourceSummaries>${next}</ListStackResourcesResult></ListStackResourcesResponse>`;
};

const material = Buffer.alloc(32, 7);
const answers: Answers = {
  ListStackResources: listed,
  GenerateMac: () => JSON.stringify({ Mac: material.toString('base64') }),
  Query: () =>
    JSON.stringify({ Items: [{ pk: { S: 'phone#key' }, sk: { S: '2026-11-21T00:00:00.000Z#1' } }], Count: 1 }),
};

const clis = openClis();
let recorder: Recorder;
let shells: ReadonlyMap<string, Shell>;
/** What the shell of the runbook sets, by version. */
const set = new Map<string, string>();

const shellOf = ({ name }: Cli): Shell => shells.get(name) ?? expect.fail(`There is no shell of ${name}.`);
const requestsOf = ({ calls }: Said): readonly Request[] => calls.flatMap(({ id }) => recorder.of(id));
const variables = [...theShell().matchAll(/(?<=^|\s)([A-Z_]+)=/g)].map(([, name = '']) => name);

beforeAll(async () => {
  recorder = await startRecorder(answers);
  shells = new Map(clis.map((cli) => [cli.name, openShell(cli, { endpoint: recorder.url })]));
  for (const cli of clis) {
    set.set(cli.name, `${await preambleOf(shellOf(cli), theShell())}PHONE_KEY=key\n`);
  }
});
afterAll(async () => {
  for (const shell of shells?.values() ?? []) shell.close();
  await recorder?.stop();
});

const run = (cli: Cli, script: string): Promise<Said> => shellOf(cli).run(`${set.get(cli.name)}\n${script}`);

const found = scripts().filter(({ text }) => text !== theShell());

/** Programs and options that Linux, macOS and CloudShell do not share. */
const unportable =
  /\bdate -[du]\b|(?<!openssl )base64 -|\bjq\b|\bsed -i|\bgrep -P|\breadlink -f|\bxargs -r|\bmapfile\b/;

/** Commands of docs/deploy.md that came with later versions; with the first that has them. */
const newer: readonly (readonly [words: string, minor: number])[] = [
  ['kms rotate-key-on-demand', 16],
  ['--no-deletion-protection-enabled', 11],
];

/** Version 2 is the machine's own. Debian 12 has 2.9. */
const isTooOld = ({ version }: Cli, { text }: Script): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 2 && newer.some(([words, first]) => text.includes(words) && minor < first);
};

test('there are many commands, and those of the emergency stop are among them', () => {
  expect(found.length).toBeGreaterThan(40);
  expect(found.map(({ text }) => text)).toContain(scriptAfter('**To stop all sending at once**'));
});

test('no command needs a program or an option that macOS or CloudShell lacks', () => {
  expect([...found, { place: 'the shell', text: theShell() }].filter(({ text }) => unportable.test(text))).toEqual([]);
});

describe.each(clis)('$name', (cli) => {
  const [isOld, isNew] = [(script: Script) => isTooOld(cli, script), (script: Script) => !isTooOld(cli, script)];

  test.concurrent.each(found.filter(isNew))('the command parses, and asks AWS: $place', async ({ text }) => {
    const said = await run(cli, text);
    expect(said.calls.length, said.output).toBeGreaterThan(0);
    const mute = said.calls
      .filter(({ id }) => recorder.of(id).length === 0)
      .map(({ parameters }) => parameters.join(' '));
    expect(mute, said.output).toEqual([]);
  });

  test('a version that is older than the page on deployment asks for refuses the newer commands, and does nothing', async () => {
    for (const { text } of found.filter(isOld)) {
      const said = await run(cli, text);
      expect(said.output).toMatch(/Invalid choice|Unknown options/);
      expect(requestsOf(said)).toEqual([]);
    }
  });

  test('a command that does not parse is found', async () => {
    const shorthand =
      "aws apigateway update-stage --rest-api-id api --stage-name otp --patch-operations 'op=replace,path=/~1v1~1verifications~1{id}~1resend/POST/throttling/rateLimit,value=0'";
    const said = await run(cli, shorthand);
    expect([said.calls.length, requestsOf(said)]).toEqual([1, []]);
    expect(said.status).not.toBe(0);
  });

  test('the shell finds one name for each part of a stack of any name', async () => {
    const said = await shellOf(cli).run(
      `${theShell().replace('STACK=OtpService', 'STACK=Shop-Otp')}\ndeclare -p ${variables.join(' ')}`,
    );
    const value = (name: string) => new RegExp(`declare -- ${name}="(.*)"`).exec(said.output)?.[1];
    expect(requestsOf(said).map(({ body }) => new URLSearchParams(body).get('StackName'))).toEqual([
      'Shop-Otp',
      'Shop-Otp',
    ]);
    expect(
      Object.fromEntries(
        [
          'VERIFICATIONS',
          'GUARDS',
          'TRAFFIC',
          'SECURITY',
          'API',
          'API_KEY',
          'PSEUDONYM_KEY',
          'DEAD_LETTER_KEY',
          'DEAD_LETTERS',
          'ALARM_TOPIC',
          'MAPPING',
        ].map((name) => [name, value(name)]),
      ),
    ).toEqual({
      VERIFICATIONS: 'Verifications',
      GUARDS: 'Guards',
      TRAFFIC: 'Traffic',
      SECURITY: 'Security',
      API: 'RestApi',
      API_KEY: expect.stringMatching(/^name-of-ApiRestApiWebKeyA\w+$/),
      PSEUDONYM_KEY: 'PseudonymKey',
      DEAD_LETTER_KEY: 'DeadLetterKey',
      DEAD_LETTERS: 'DeadLetters',
      ALARM_TOPIC: 'AlarmTopic',
      MAPPING: '00000000-0000-4000-8000-000000000000',
    });
    expect(said.output).toContain('stack Shop-Otp, API RestApi, tables Guards Security Verifications Traffic');
  });

  test('every part that a command looks up by itself is there, and it is one', async () => {
    const all = lookups();
    expect(all.length).toBeGreaterThan(15);
    const said = await run(cli, all.map((each) => `echo "${each}"`).join('\n'));
    const found = said.output.trim().split('\n');
    expect(found).toHaveLength(all.length);
    expect(found.filter((name) => !/^[\w-]+$/.test(name))).toEqual([]);
    expect(found).toEqual(expect.arrayContaining(['Verifications', 'Guards', 'PseudonymKey', ...functionNames]));
  });

  test('the emergency stop sets both limits of both routes that send to 0, and its undoing removes what it set', async () => {
    const bodyOf = async (words: string) => {
      const said = await run(cli, scriptAfter(words));
      return requestsOf(said).map(({ operation, body }) => [operation, JSON.parse(body).patchOperations]);
    };
    const routes = ['/~1v1~1verifications/POST', '/~1v1~1verifications~1{id}~1resend/POST'];
    const stage = 'PATCH /restapis/RestApi/stages/otp';
    expect(await bodyOf('**To stop all sending at once**')).toEqual([
      [
        stage,
        routes.flatMap((path) =>
          ['rateLimit', 'burstLimit'].map((limit) => ({
            op: 'replace',
            path: `${path}/throttling/${limit}`,
            value: '0',
          })),
        ),
      ],
    ]);
    expect(await bodyOf('To open them again')).toEqual([[stage, routes.map((path) => ({ op: 'remove', path }))]]);
  });

  test.each([
    ['+12025550123', '+12025550123'],
    ['"+91 98765-43210"', '+919876543210'],
    ['+35312345', '+35312345'],
  ])('the key of %s is the pseudonym that the service gives its number', async (written, number) => {
    const script = scriptAfter('**The history of one number.**').replace(/^NUMBER=.*$/m, `NUMBER=${written}`);
    const said = await run(cli, script);
    const [asked] = requestsOf(said);
    expect(JSON.parse(asked?.body ?? '{}')).toEqual({
      KeyId: 'PseudonymKey',
      MacAlgorithm: 'HMAC_SHA_256',
      Message: Buffer.from(pseudonymLabel).toString('base64'),
    });
    expect(said.output).toBe(`key of ${number}: ${pseudonymsFrom(material).phoneKey(secret(number))}\n`);
  });

  test.each([
    ['a number without its +', 'NUMBER=12025550123', ''],
    ['a KMS that refuses', 'NUMBER=+12025550123', 'PSEUDONYM_KEY='],
  ])('%s makes no key, and nothing is read or erased under a wrong one', async (_, written, before) => {
    const history = scriptAfter('**The history of one number.**').replace(/^NUMBER=.*$/m, written);
    const rest = [scriptAfter('security staff read the events'), scriptAfter('**To erase it**')];
    for (const next of rest) {
      const said = await run(cli, `${before}\n${history}\n${next}`);
      expect(said.output).toContain('STOP: ');
      expect(
        requestsOf(said)
          .map(({ operation }) => operation)
          .filter((name) => name !== 'GenerateMac'),
      ).toEqual([]);
    }
  });

  test('the erasure deletes what the query found, by its keys', async () => {
    const said = await run(cli, scriptAfter('**To erase it**'));
    const deletes = requestsOf(said).filter(({ operation }) => operation === 'DeleteItem');
    expect(deletes.map(({ body }) => JSON.parse(body))).toEqual([
      { TableName: 'Security', Key: { pk: { S: 'phone#key' }, sk: { S: '2026-11-21T00:00:00.000Z#1' } } },
    ]);
  });
});

describe('the version of the CLI', () => {
  const shellSaying = async (version: string): Promise<string> => {
    const shell = openShell({ program: '/bin/false' }, { endpoint: 'http://127.0.0.1:9' });
    const { output } = await shell.run(
      `aws() { [ "$1" = --version ] && echo '${version}'; }\n${theShell()}\necho "stack: $STACK."`,
    );
    shell.close();
    return output;
  };
  test.each([
    'aws-cli/1.25.0 Python/3.8',
    'aws-cli/1.46.3 Python/3.11',
    'aws-cli/2.6.0 Python/3.9',
    'aws-cli/2.34.1 Python/3.13',
  ])('the shell goes on with %s', async (version) =>
    expect(await shellSaying(version)).toContain('stack: OtpService.'),
  );
  test.each([
    'aws-cli/1.24.9 Python/3.8',
    'aws-cli/1.9.1 Python/2.7',
    'aws-cli/2.5.8 Python/3.9',
    'bash: aws: command not found',
  ])('the shell names no stack with %s, so that no command finds anything to act on', async (version) => {
    const said = await shellSaying(version);
    expect(said).toContain('STOP: ');
    expect(said).toContain('stack: .');
  });
});
