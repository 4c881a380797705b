import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listenOnLoopback } from './http/loopback.ts';
import { type LocalStack, startLocalStack } from './stack.ts';

const help = `Runs the OTP service on this machine, with no AWS account.

  npm start                   the API, the page and the inbox at http://127.0.0.1:4000
  npm start -- --port 4001    at another port (0 takes a free one)
  npm start -- --base-path /otp
                              the API under /otp, as a deployed stage has it; page and inbox stay where they are

Environment:
  PORT               the port, if --port is not given
  BASE_PATH          the base path, if --base-path is not given
  LOCAL_API_KEY      the API key of client apps; "local" if not set
  DYNAMODB_ENDPOINT  a DynamoDB emulator to use in place of the one that npm install brings
`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bundles = join(root, 'build', 'local');

const main = async (): Promise<void> => {
  const options = readOptions();
  if (options === 'help') return console.log(help);
  const { signal, untilAsked } = listenForEnd();
  // The port is checked before the bundling, so that the error comes at once.
  const { stop: release } = await listenOnLoopback(options.port);
  await release();
  console.log('Bundling the functions…');
  await runToEnd(['bundle/bundle.ts', '--out', bundles], signal);
  await runToEnd(['bundle/page.ts', '--out', bundles], signal);
  const stack = await startLocalStack({ ...options, bundles, runSchedule: true });
  console.log(greeting(stack));
  await untilAsked;
  await stack.stop();
};

type Options = { readonly port: number; readonly stage: string | undefined; readonly apiKey: string };

const readOptions = (): Options | 'help' => {
  const values = readArguments();
  if (values.help === true) return 'help';
  const { PORT, BASE_PATH, LOCAL_API_KEY } = process.env;
  const asked = values.port ?? (PORT || '4000');
  const port = Number(asked);
  if (!/^\d+$/.test(asked) || port > 65535)
    throw new Error(`"${asked}" is not a port. Write a number from 0 (a free one) to 65535.`);
  return { port, stage: stageOf(values['base-path'] ?? (BASE_PATH || undefined)), apiKey: LOCAL_API_KEY || 'local' };
};

/** API Gateway's names of stages. The page, the reference and the controls have three of them for themselves. */
const stageOf = (basePath: string | undefined): string | undefined => {
  if (basePath === undefined) return undefined;
  const [, stage] = /^\/?([\w-]{1,128})$/.exec(basePath) ?? [];
  if (stage === undefined || ['page', 'docs', '_local'].includes(stage))
    throw new Error(
      `"${basePath}" is not a base path. Write a slash and one name of letters, digits, - and _, for example /otp (not /page, /docs or /_local).`,
    );
  return stage;
};

const readArguments = () => {
  try {
    return parseArgs({
      options: { port: { type: 'string' }, 'base-path': { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch {
    throw new Error(
      `Unknown arguments: ${process.argv.slice(2).join(' ')}. Use --port and --base-path, for example npm start -- --port 4001.`,
    );
  }
};

/**
 * The first Ctrl-C asks for an orderly end. A later one ends at once. One key press may arrive twice, from the terminal and
 * from npm.
 */
const listenForEnd = () => {
  const controller = new AbortController();
  let askedAt = 0;
  const untilAsked = new Promise<void>((resolve) => {
    const end = () => {
      if (controller.signal.aborted && performance.now() - askedAt > 1000) process.exit(0);
      if (controller.signal.aborted) return;
      askedAt = performance.now();
      controller.abort();
      resolve();
    };
    process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end);
  });
  return { signal: controller.signal, untilAsked };
};

const runToEnd = (command: readonly string[], signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], signal });
    child.once('error', reject);
    child.once('exit', (code, endedBy) => {
      if (code === 0) return resolve();
      // Ctrl-C goes to the whole process group: the bundler may end before this process sees it.
      if (endedBy !== null) process.exit(0);
      reject(new Error(`node ${command.join(' ')} failed. Its errors stand above.`));
    });
  });

/** One application needs no name: the caller cannot take another. */
const keyLines = (apiKeys: LocalStack['apiKeys']): string => {
  const all = Object.entries(apiKeys);
  const titleOf = (name: string): string => (all.length === 1 ? 'API key' : `API key of ${name}`);
  return all.map(([name, key]) => `  ${titleOf(name).padEnd(25)} ${key}`).join('\n');
};

const greeting = ({ url, origin, apiKey, apiKeys }: LocalStack) => `
  The OTP service runs at   ${url}
${keyLines(apiKeys)}
  App and handset           ${origin}/
  Reference of the API      ${origin}/docs (${origin}/openapi.json, ${origin}/llms.txt)
  Inbox                     ${origin}/_local/messages
  Findings                  ${origin}/_local/events

  Try it:

    curl -s ${url}/v1/verifications -H 'x-api-key: ${apiKey}' \\
      -H 'content-type: application/json' -d '{"phoneNumber": "+919876543210", "purpose": "login"}'
    curl -s '${origin}/_local/messages?to=%2B919876543210'

  All of your requests come from one IP, and the limits per IP hold as in a deployment. To simulate many IPs, name one:
  -H 'x-local-source-ip: 203.0.113.7'

  No SMS leaves this machine. Ctrl-C ends it.
`;

try {
  await main();
  process.exit(0);
} catch (error) {
  if (error instanceof Error && error.name === 'AbortError') process.exit(0);
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
