/** The page on otp-desk: its commands, from the program itself. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DeskCommand } from '../../../cli/desk/command.ts';
import { commands } from '../../../cli/desk/commands.ts';
import { exitWords } from '../../../cli/desk/exits.ts';
import { programOf } from '../../../cli/desk/program.ts';
import { operatorRoutes } from '../../../lambdas/contract.ts';
import { code, table } from '../markdown.ts';

/** A terminal of nobody, as wide as the page. */
const program = programOf(
  {
    terminal: {
      out: () => undefined,
      err: () => undefined,
      isInteractive: false,
      columns: 100,
      ask: async () => undefined,
      readInput: async () => '',
    },
    env: {},
    now: () => 0,
    sleep: async () => undefined,
    untilInterrupted: () => AbortSignal.abort(),
  },
  () => undefined,
);

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');

const helpOf = ({ name }: DeskCommand): string => {
  const command = name
    .split(' ')
    .reduce((parent, word) => parent.commands.find((each) => each.name() === word) ?? parent, program);
  // The options that all commands have stand once on the page.
  const [, , ...parts] = command.configureHelp({ showGlobalOptions: false }).helpInformation().split('\n\n');
  return [command.usage() === '' ? '' : `Usage: otp-desk ${name} ${command.usage()}`, ...parts].join('\n\n');
};

/** The sentences that follow the first one: those of the command itself, which are one paragraph. */
const sectionOf = (command: DeskCommand): string => {
  const { name, says, more = [], examples } = command;
  return [
    `### ${name}`,
    [says, ...more].join(' '),
    indented(examples.map((each) => `otp-desk ${each}`).join('\n')),
    indented(helpOf(command)),
  ].join('\n\n');
};

const isRoute = (need: string): boolean => need.includes(' /');

/** The resource of an action, in words. */
const resources: Readonly<Record<string, string>> = {
  'cloudformation:DescribeStacks': 'the stack',
  'cloudformation:ListStackResources': 'the stack',
  'cloudwatch:DescribeAlarms': '`*`',
  'cloudwatch:SetAlarmState': '`arn:aws:cloudwatch:REGION:ACCOUNT:alarm:STACK/*`',
  'kms:Decrypt': '`DeadLetterKey`, through S3',
  'kms:GetPublicKey': 'the key in the output `ExportSigningKeyArn`',
  'kms:DescribeKey': 'the code keys',
  'lambda:GetFunctionConfiguration': '`request-verification`, `resend-verification`, `check-verification`',
  'lambda:InvokeFunction': 'the function in the output `ReplayFunctionName`',
  's3:GetObject': 'the bucket of dead letters, under `aws/lambda/`',
  's3:ListBucket': 'the bucket of dead letters',
  'sns:ListSubscriptionsByTopic': 'the topic in the output `AlarmTopicArn`',
};

/** @throws Error for an action that has no words here. */
const resourceOf = (action: string): string => {
  const words = resources[action];
  if (words === undefined)
    throw new Error(`docs/generate/desk/otp-desk.ts does not say on which resource ${action} is.`);
  return words;
};

const rolesOf = (need: string): string =>
  (operatorRoutes.find(({ method, path: route }) => `${method} ${route}` === need)?.roles ?? [])
    .map((role) => role.replace('-', ' '))
    .join(', ');

const routeRows = commands.flatMap(({ name, needs }) =>
  needs.filter(isRoute).map((need) => [code(name), code(need), rolesOf(need)]),
);

/** @param has the managed policies that allow an action, by name. */
const actionRows = (has: (action: string) => readonly string[]) =>
  commands.flatMap(({ name, needs }) =>
    needs
      .filter((need) => !isRoute(need))
      .map((action) => [code(name), code(action), resourceOf(action), has(action).join(', ') || 'no policy of ours']),
  );

/** The page as it has to be. */
export const renderDesk = async (has: (action: string) => readonly string[]): Promise<string> => {
  const intro = await readFile(path.join(import.meta.dirname, 'otp-desk.intro.md'), 'utf8');
  const shared = program.createHelp();
  const options = program.options.map((option) => [code(shared.optionTerm(option)), shared.optionDescription(option)]);
  return `${[
    '<!-- Written by `npm run docs` from cli/desk/ and docs/generate/desk/. Change those. -->',
    intro.trim(),
    '## Exit codes',
    table(
      ['code', 'means'],
      exitWords.map(([exit, words]) => [String(exit), words]),
    ),
    '## Options of every command',
    table(['option', ''], options),
    '## Commands',
    ...commands.map(sectionOf),
    '## Permissions',
    'The API lets the roles call these routes. The policies of the stack have them (outputs `SecurityAnalystPolicyArn`, `AuditorPolicyArn`).',
    table(['command', 'route', 'roles'], routeRows),
    'These commands ask AWS as well. An action that no policy of ours has is a statement of its own: add it to the role of those who run the command.',
    table(['command', 'action', 'resource', 'policy that has it'], actionRows(has)),
  ].join('\n\n')}\n`;
};
