import { Command, CommanderError, Option } from 'commander';
import { productVersion } from '../../lambdas/contract.ts';
import type { DeskCommand, Given } from './command.ts';
import { commands } from './commands.ts';
import { DeskError, type Exit, exits, exitWords, usage } from './exits.ts';
import { visibleJson, visibleLines } from './print/visible.ts';
import { type SharedOptions, sessionOf } from './session.ts';
import type { Surroundings, Terminal } from './terminal.ts';
import { noNumbersHere } from './words/what.ts';

const says = `The security desk of the OTP service: what is found, blocked and stopped, and what to do about it.

WHAT is: country IN, prefix +919876, range "+91 98765 4xxxx", ip 203.0.113.7, or number.
A number is asked for, or read from standard input. It never stands on the command line.`;

const exitTable = exitWords.map(([code, words]) => `  ${code}  ${words}`).join('\n');

const sharedOptions = [
  new Option('--stack <name>', 'name of the stack (default: OTP_STACK, or OtpService)'),
  new Option('--region <region>', 'AWS Region of the stack (default: AWS_REGION, or that of the profile)'),
  new Option('--profile <name>', 'AWS profile with your credentials (default: AWS_PROFILE)'),
  new Option('--endpoint <url>', 'base URL of the API, for a role that may not look at the stack'),
  new Option('--local [url]', 'talk to local mode on this machine (default: http://127.0.0.1:4000)'),
  new Option('--json', 'print the JSON of the API'),
  new Option('--yes', 'do it without a question, for scripts'),
];

/** Of options that only differ in their case, commander keeps the camel's. */
const run = async (surroundings: Surroundings, desk: DeskCommand, command: Command): Promise<Exit> => {
  const options: SharedOptions & Given['options'] = command.optsWithGlobals();
  const words = command.processedArgs.flat().filter((word): word is string => typeof word === 'string');
  return (await desk.run(sessionOf(surroundings, options), { words, options })) ?? exits.ok;
};

const helpAfter = ({ more = [], examples }: DeskCommand): string =>
  [
    ...(more.length === 0 ? [] : ['', ...more]),
    '',
    examples.length === 1 ? 'Example:' : 'Examples:',
    ...examples.map((each) => `  otp-desk ${each}`),
  ].join('\n');

const groupSays: Readonly<Record<string, string>> = {
  'dead-letters': 'Stream records that the detector could not process.',
  webhooks: 'Webhooks, and the events that no consumer took.',
  rotate: 'Rotation of a key, step by step.',
};

const parentOf = (program: Command, desk: DeskCommand): readonly [Command, string] => {
  const [group = '', name] = desk.name.split(' ');
  if (name === undefined) return [program, group];
  const there = program.commands.find((each) => each.name() === group);
  return [there ?? program.command(group).description(groupSays[group] ?? ''), name];
};

const addCommand = (program: Command, desk: DeskCommand, act: (command: Command) => Promise<void>): void => {
  const [parent, name] = parentOf(program, desk);
  const command = parent
    .command(name, { isDefault: desk.isDefault === true })
    .description(desk.says)
    .addHelpText('after', helpAfter(desk));
  for (const [argument, words] of desk.takes ?? []) command.argument(argument, words);
  for (const [flags, words] of desk.options ?? []) command.option(flags, words);
  // Commander would print a number that is a word too many.
  if (desk.asksNumber === true) command.allowExcessArguments();
  command.action(() => {
    if (desk.asksNumber === true && command.args.length > 0) throw usage(noNumbersHere);
    return act(command);
  });
};

/** @param ended takes the exit code of the command that ran. */
export const programOf = (surroundings: Surroundings, ended: (exit: Exit) => void): Command => {
  const { out, err, columns } = surroundings.terminal;
  const width = Number.isFinite(columns) ? columns : 100;
  const program = new Command('otp-desk')
    .description(says)
    .version(productVersion)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: out,
      writeErr: (text) => err(visibleLines(text)),
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', `\nExit codes:\n${exitTable}\n\notp-desk help COMMAND shows a command with an example.`);
  for (const option of sharedOptions) program.addOption(option);
  for (const desk of commands)
    addCommand(program, desk, async (command) => ended(await run(surroundings, desk, command)));
  return program;
};

/** `--local` may have a URL behind it, and any other word behind it is none. */
const withLocal = (args: readonly string[]): readonly string[] => {
  const end = args.indexOf('--');
  return args.flatMap((arg, at) => {
    if (end !== -1 && at > end) return [arg];
    if (arg === '--local') return isUrl(args[at + 1]) ? [`--local=${args[at + 1]}`] : ['--local='];
    return args[at - 1] === '--local' && isUrl(arg) ? [] : [arg];
  });
};

const isUrl = (arg: string | undefined): boolean => /^\w+:\/\//.test(arg ?? '');

/** Runs one command line. @returns the exit code. */
export const runDesk = async (args: readonly string[], surroundings: Surroundings): Promise<Exit> => {
  let exit: Exit = exits.ok;
  const program = programOf(surroundings, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync(withLocal(args), { from: 'user' });
    return exit;
  } catch (error) {
    const failure = failureOf(error, surroundings.terminal);
    // A program reads one form of every failure. In one line, because events of a watch may stand before it.
    if (failure !== undefined && args.includes('--json')) surroundings.terminal.out(`${visibleJson(failure.json)}\n`);
    return failure?.exit ?? exits.ok;
  }
};

type Failure = { readonly exit: Exit; readonly json: unknown };

/** Says what is wrong to a person. @returns undefined for an end that is none, such as that of the help. */
const failureOf = (error: unknown, { err }: Terminal): Failure | undefined => {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return undefined;
    // Commander has printed what is wrong.
    if (error.code === 'commander.help') return failed(exits.usage, 'Write a command. otp-desk --help lists them.');
    err('otp-desk --help lists the commands; otp-desk help COMMAND has an example.\n');
    return failed(exits.usage, error.message.replace(/^error: /, ''));
  }
  // A bug must not look like an answer.
  if (!(error instanceof DeskError)) throw error;
  err(`${visibleLines(error.message)}\n`);
  return error.problem === undefined ? failed(error.exit, error.message) : { exit: error.exit, json: error.problem };
};

const failed = (exit: Exit, detail: string): Failure => ({ exit, json: { exit, detail } });
