import { type Api, apiOf } from './api/api.ts';
import { aheadOf, defaultLocal, localBaseOf, localLine } from './api/local.ts';
import type { DeployedStack } from './api/stack.ts';
import { DeskError, exits, usage } from './exits.ts';
import { visible, visibleJson, visibleLines } from './print/visible.ts';
import type { Surroundings } from './terminal.ts';
import { noNumbersHere } from './words/what.ts';

/** The options that every command has, as commander reads them. */
export type SharedOptions = {
  readonly stack?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly local?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
};

/** The tools of a command. */
export type Session = Pick<Surroundings, 'sleep' | 'untilInterrupted'> & {
  readonly api: Api;
  /** The time of the service when it last answered, and the seconds since. In milliseconds, as `Date.now`. */
  readonly now: () => number;
  /** The same before the first answer. */
  readonly askNow: () => Promise<number>;
  readonly isJson: boolean;
  readonly isLocal: boolean;
  readonly columns: number;
  /** @throws DeskError in local mode, which has no stack. */
  readonly stack: () => Promise<DeployedStack>;
  /** Prints the JSON of the answer for machines, and the lines for people. The lines are safe to print. */
  readonly show: (answer: unknown, lines: () => readonly string[]) => void;
  /** Prints one line of JSON for machines, or the lines for people. */
  readonly event: (answer: unknown, lines: readonly string[]) => void;
  /** Tells a person how long work goes on. Nothing of it is in the output. */
  readonly progress: (text: string) => void;
  /** @throws DeskError unless a person says yes, or `--yes` did. */
  readonly confirm: (sentence: string) => Promise<void>;
  /** The text of an option, or what a person answers. */
  readonly textOr: (given: string | undefined, question: string, option: string) => Promise<string>;
  /** A number, from a person or from standard input. */
  readonly number: () => Promise<string>;
};

const patienceMs = 30_000;

const notLocal =
  'This command asks AWS about the parts of a deployed stack, and local mode has none. Leave out --local, or use the page of local mode.';

/** Opens a line to the API when something is asked, and not before: a wrong command line asks nothing. */
const lazyApi = (options: SharedOptions, stack: () => Promise<DeployedStack>): Api => {
  let api: Promise<Api> | undefined;
  const open = async (): Promise<Api> => {
    if (options.local !== undefined) return apiOf(localLine(localBaseOf(options.local || defaultLocal), patienceMs));
    const { signedLine } = await import('./api/signed.ts');
    return apiOf(await signedLine(await stack(), { endpoint: options.endpoint, patienceMs }));
  };
  return {
    send: async (...asked) => {
      api ??= open();
      return (await api).send(...asked);
    },
  };
};

/** The clock of a deployment is that of this machine: a signature would not hold otherwise. That of local mode is moved. */
const clockOf = (
  { now }: Surroundings,
  { local }: SharedOptions,
  api: Api,
): Pick<Session, 'api' | 'now' | 'askNow'> => {
  if (local === undefined) return { api, now, askNow: async () => now() };
  let aheadMs = 0;
  const look = async () => {
    aheadMs = await aheadOf(localBaseOf(local || defaultLocal), patienceMs);
  };
  const send: Api['send'] = async (...asked) => {
    const answer = await api.send(...asked);
    await look();
    return answer;
  };
  const nowThere = () => now() + aheadMs;
  return { api: { send }, now: nowThere, askNow: () => look().then(nowThere) };
};

const stackOf = (options: SharedOptions, env: Surroundings['env']): (() => Promise<DeployedStack>) => {
  let found: Promise<DeployedStack> | undefined;
  return async () => {
    if (options.local !== undefined) throw usage(notLocal);
    // The SDK takes longer to load than local mode to answer.
    const { findStack } = await import('./api/stack.ts');
    const { region, profile } = options;
    found ??= findStack({ stack: options.stack || env['OTP_STACK'] || 'OtpService', region, profile, env });
    return found;
  };
};

const yes = /^\s*y(?:es)?\s*$/i;

const asking = (
  { terminal }: Surroundings,
  options: SharedOptions,
): Pick<Session, 'confirm' | 'textOr' | 'number'> => ({
  confirm: async (sentence) => {
    if (options.yes === true) return;
    if (!terminal.isInteractive)
      throw new DeskError(
        `This needs a yes, and there is no terminal to ask. Write --yes if you mean it: ${visible(sentence)}`,
        exits.unconfirmed,
      );
    const answer = await terminal.ask(`${visible(sentence)} Do it? [y/N] `);
    if (!yes.test(answer ?? '')) throw new DeskError('Nothing was done.', exits.unconfirmed);
  },
  textOr: async (given, question, option) => {
    if (given !== undefined) return given;
    if (!terminal.isInteractive) throw usage(`Write ${option}. There is no terminal to ask.`);
    const answer = await terminal.ask(`${question} `);
    if (answer === undefined || answer.trim() === '') throw usage(`This needs an answer. Give it by ${option}.`);
    return answer.trim();
  },
  number: async () => {
    const read = terminal.isInteractive
      ? await terminal.ask('Number, with + and its calling code: ')
      : await terminal.readInput();
    const lines = (read ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
    const [number] = lines;
    if (number === undefined || lines.length > 1)
      throw usage(
        `Write one number, alone, to standard input, such as: otp-desk history < number.txt. ${noNumbersHere}`,
      );
    return number.trim();
  },
});

export const sessionOf = (surroundings: Surroundings, options: SharedOptions): Session => {
  const { terminal, sleep, untilInterrupted } = surroundings;
  const isJson = options.json === true;
  const stack = stackOf(options, surroundings.env);
  const print = (lines: readonly string[]) => terminal.out(`${visibleLines(lines.join('\n'))}\n`);
  return {
    sleep,
    untilInterrupted,
    ...clockOf(surroundings, options, lazyApi(options, stack)),
    isJson,
    isLocal: options.local !== undefined,
    columns: terminal.columns,
    stack,
    show: (answer, lines) => (isJson ? terminal.out(`${visibleJson(answer, 2)}\n`) : print(lines())),
    event: (answer, lines) => (isJson ? terminal.out(`${visibleJson(answer)}\n`) : print(lines)),
    progress: (text) => terminal.err(`${visible(text)}\n`),
    ...asking(surroundings, options),
  };
};
