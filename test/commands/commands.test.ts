/** Each command that a page tells people to run, as both versions of the AWS CLI read it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { functionNames } from '../../lambdas/contract.ts';
import { synthesizedOf } from '../lib/template/synthesized.ts';
import { type Cli, openClis, openShell, preambleOf, type Said, type Shell } from './cli.ts';
import { lookups, type Script, scriptAfter, scripts, theShell } from './documents.ts';
import { type Recorder, type Request, startRecorder } from './recorder.ts';

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

const clis = openClis();
let recorder: Recorder;
let shells: ReadonlyMap<string, Shell>;
/** What the shell of the runbook sets, by version. */
const set = new Map<string, string>();

const shellOf = ({ name }: Cli): Shell => shells.get(name) ?? expect.fail(`There is no shell of ${name}.`);
const requestsOf = ({ calls }: Said): readonly Request[] => calls.flatMap(({ id }) => recorder.of(id));
const variables = [...theShell().matchAll(/(?<=^|\s)([A-Z_]+)=/g)].map(([, name = '']) => name);

beforeAll(async () => {
  recorder = await startRecorder({ ListStackResources: listed });
  shells = new Map(clis.map((cli) => [cli.name, openShell(cli, { endpoint: recorder.url })]));
  for (const cli of clis) {
    set.set(cli.name, await preambleOf(shellOf(cli), theShell()));
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

test('there are many commands, and the one that stops a client is among them', () => {
  expect(found.length).toBeGreaterThan(30);
  expect(found.map(({ text }) => text)).toContain(scriptAfter('**To stop one client**'));
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
    const value = (name: string) => new RegExp(`declare -[-x] ${name}="(.*)"`).exec(said.output)?.[1];
    expect(requestsOf(said).map(({ body }) => new URLSearchParams(body).get('StackName'))).toEqual([
      'Shop-Otp',
      'Shop-Otp',
    ]);
    expect(
      Object.fromEntries(
        ['API_KEY', 'ALARM_TOPIC', 'DEAD_LETTER_KEY', 'DEAD_LETTERS', 'MAPPING', 'OTP_STACK'].map((name) => [
          name,
          value(name),
        ]),
      ),
    ).toEqual({
      API_KEY: expect.stringMatching(/^name-of-ApiRestApiWebKeyA\w+$/),
      DEAD_LETTER_KEY: 'DeadLetterKey',
      DEAD_LETTERS: 'DeadLetters',
      ALARM_TOPIC: 'AlarmTopic',
      MAPPING: '00000000-0000-4000-8000-000000000000',
      OTP_STACK: 'Shop-Otp',
    });
    expect(said.output).toContain('stack Shop-Otp, topic AlarmTopic, dead letters DeadLetters');
  });

  test('every part that a command looks up by itself is there, and so is each that a person may write in its place', async () => {
    const others = functionNames.map((name) => `$(resource Lambda::Function ${name.replaceAll('-', '')})`);
    const tables = ['Verifications', 'Guards', 'Traffic', 'Security'].map(
      (name) => `$(resource DynamoDB::Table Tables${name})`,
    );
    const all = [...new Set([...lookups(), ...others, ...tables])];
    expect(lookups().length).toBeGreaterThan(5);
    const said = await run(cli, all.map((each) => `echo "${each}"`).join('\n'));
    const found = said.output.trim().split('\n');
    expect(found).toHaveLength(all.length);
    expect(found.filter((name) => !/^[\w-]+$/.test(name))).toEqual([]);
    expect(found).toEqual(expect.arrayContaining(['Verifications', 'Security', ...functionNames]));
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
