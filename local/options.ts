import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Switches, TestNumberSwitch } from './policy/switches.ts';

/** The wishes of the command line and the environment. */
export type Options = Switches & {
  readonly port: number;
  readonly stage: string | undefined;
  readonly apiKey: string;
  /** Absolute path of the settings; `undefined`: the deployed ones. */
  readonly settings: string | undefined;
};

export const help = `Runs the OTP service on this machine, with no AWS account.

  npm start                   the API, the page and the inbox at http://127.0.0.1:4000
  npm start -- --port 4001    at another port (0 takes a free one)
  npm start -- --base-path /otp
                              the API under /otp, as a deployed stage has it; page and inbox stay where they are
  npm start -- --settings my-settings.ts
                              with settings of your own (.ts, .js or .json) in place of bin/settings.ts
  npm start -- --allow-all-countries
                              SMS to every country, at its estimated price and with the default caps of a country
  npm start -- --test-number +12025550123=123456
                              a number with a fixed code and without SMS; may be repeated, and take a range:
                              +12025550100-+12025550119=123456
  npm start -- --webhook http://127.0.0.1:8787/hook
                              signed events of each application to a consumer of yours on this machine
  npm start -- --no-limits    no limits, no caps and no detector, for a test loop of your own; never deployed
  npm start -- --help         this text

Environment:
  PORT               the port, if --port is not given
  BASE_PATH          the base path, if --base-path is not given
  LOCAL_API_KEY      the API key of client apps; "local" if not set
  DYNAMODB_ENDPOINT  a DynamoDB emulator to use in place of the one that npm install brings
`;

type Flag = { readonly type: 'string' | 'boolean'; readonly short?: string; readonly example: string };

const flags = {
  port: { type: 'string', example: '--port 4001' },
  'base-path': { type: 'string', example: '--base-path /otp' },
  settings: { type: 'string', example: '--settings my-settings.ts' },
  'allow-all-countries': { type: 'boolean', example: '--allow-all-countries' },
  'test-number': { type: 'string', example: '--test-number +12025550123=123456' },
  webhook: { type: 'string', example: '--webhook http://127.0.0.1:8787/hook' },
  'no-limits': { type: 'boolean', example: '--no-limits' },
  help: { type: 'boolean', short: 'h', example: '--help' },
} as const satisfies Readonly<Record<string, Flag>>;

type FlagName = keyof typeof flags;

/** The values of each flag, in the order of the command line. A flag without a value has an empty one. */
type Given = ReadonlyMap<FlagName, readonly string[]>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the command line.
 *
 * @throws Error with one sentence that says what to write.
 */
export const readOptions = (args: readonly string[], environment: Environment, cwd: string): Options | 'help' => {
  const given = readArguments(args);
  if (given.has('help')) return 'help';
  const value = (name: FlagName, variable: string): string | undefined =>
    given.get(name)?.[0] ?? (environment[variable] || undefined);
  const settings = given.get('settings')?.[0];
  const webhook = given.get('webhook')?.[0];
  return {
    port: portOf(value('port', 'PORT') ?? '4000'),
    stage: stageOf(value('base-path', 'BASE_PATH')),
    apiKey: environment['LOCAL_API_KEY'] || 'local',
    settings: settings === undefined ? undefined : resolve(folderOf(environment, cwd), settings),
    allCountries: given.has('allow-all-countries'),
    testNumbers: (given.get('test-number') ?? []).map(testNumberOf),
    limits: !given.has('no-limits'),
    webhook: webhook === undefined ? undefined : webhookOf(webhook),
  };
};

/** npm runs a script in the folder of the project, and keeps the folder of the person in a variable. */
const folderOf = ({ INIT_CWD, npm_lifecycle_event }: Environment, cwd: string): string =>
  npm_lifecycle_event === 'start' && INIT_CWD ? INIT_CWD : cwd;

const readArguments = (args: readonly string[]): Given => {
  const { tokens } = parseArgs({ args: [...args], options: flags, strict: false, allowNegative: false, tokens: true });
  const given = new Map<FlagName, readonly string[]>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    const written = token.kind === 'positional' ? token.value : token.rawName;
    if (token.kind === 'positional' || !isFlagName(token.name)) throw new Error(unknownSentence(written));
    const { name, value, inlineValue } = token;
    const before = given.get(name);
    if (before !== undefined && name !== 'test-number')
      throw new Error(`${written} stands there twice. Write it once, for example npm start -- ${flags[name].example}.`);
    given.set(name, [...(before ?? []), checkedValue(name, value, inlineValue === true)]);
  }
  return given;
};

const isFlagName = (name: string): name is FlagName => Object.hasOwn(flags, name);

const unknownSentence = (written: string): string =>
  `Unknown argument: ${written}. Use ${Object.keys(flags)
    .map((name) => `--${name}`)
    .join(', ')}, for example npm start -- --port 4001.`;

const checkedValue = (name: FlagName, value: string | undefined, isInline: boolean): string => {
  const { type, example } = flags[name];
  if (type === 'boolean') {
    if (value === undefined) return '';
    throw new Error(`--${name} takes no value. Write it alone, for example npm start -- ${example}.`);
  }
  const isAnotherFlag = !isInline && value?.startsWith('--') === true;
  if (value === undefined || value === '' || isAnotherFlag)
    throw new Error(`--${name} needs a value, for example npm start -- ${example}.`);
  return value;
};

const portOf = (asked: string): number => {
  const port = Number(asked);
  if (/^\d+$/.test(asked) && port <= 65535) return port;
  throw new Error(`"${asked}" is not a port. Write a number from 0 (a free one) to 65535.`);
};

/** API Gateway's names of stages. The page, the reference, the texts and the controls have four of them for themselves. */
const stageOf = (basePath: string | undefined): string | undefined => {
  if (basePath === undefined) return undefined;
  const [, stage] = /^\/?([\w-]{1,128})$/.exec(basePath) ?? [];
  if (stage === undefined || ['page', 'docs', 'texts', '_local'].includes(stage))
    throw new Error(
      `"${basePath}" is not a base path. Write a slash and one name of letters, digits, - and _, for example /otp (not /page, /docs, /texts or /_local).`,
    );
  return stage;
};

/** The bundles of local mode call no other machine, whatever stands here. */
const webhookOf = (written: string): string => {
  const url = URL.parse(written);
  if (url?.protocol === 'http:' && url.hostname === '127.0.0.1' && url.username === '' && url.hash === '')
    return url.href;
  throw new Error(
    `"${written}" is no webhook of this machine. Write http, 127.0.0.1 and the port of your consumer, for example --webhook http://127.0.0.1:8787/hook.`,
  );
};

const testNumberOf = (written: string): TestNumberSwitch => {
  const [, from, to = from, code] = /^(\+\d{7,15})(?:-(\+\d{7,15}))?=(\d+)$/.exec(written) ?? [];
  if (from !== undefined && to !== undefined && code !== undefined) return { from, to, code };
  throw new Error(
    `"${written}" is no test number. Write the number with its + and calling code, an equals sign and the code, for example --test-number +12025550123=123456.`,
  );
};
