import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { greetingOf } from './greeting.ts';
import { listenOnLoopback } from './http/loopback.ts';
import { help, type Options, readOptions } from './options.ts';
import { startLocalStack } from './stack.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Of this process alone: the policy of another local mode is another. */
const bundles = join(root, 'build', `local-${process.pid}`);
process.on('exit', () => rmSync(bundles, { recursive: true, force: true }));

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2), process.env, process.cwd());
  if (options === 'help') return console.log(help);
  const { signal, untilAsked } = listenForEnd();
  // The port is checked before the bundling, so that the error comes at once.
  const { stop: release } = await listenOnLoopback(options.port);
  await release();
  console.log('Bundling the functions…');
  await makeBundles(options, signal);
  const { port, stage, apiKey, limits } = options;
  const stack = await startLocalStack({ port, stage, apiKey, limits, bundles, runSchedule: true });
  console.log(greetingOf({ ...stack, limits }));
  await untilAsked;
  await stack.stop();
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

const makeBundles = (
  { settings, allCountries, testNumbers, limits, webhook }: Options,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const asked = JSON.stringify({ settings, allCountries, testNumbers, limits, webhook });
    // Node warns of each file of TypeScript in a folder without a package.json.
    const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
    const command = [...flags, 'local/policy/make-bundles.ts', '--out', bundles, '--asked', asked];
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], signal });
    child.once('error', reject);
    child.once('exit', (code, endedBy) => {
      if (code === 0) return resolve();
      // Ctrl-C goes to the whole process group: the bundler may end before this process sees it. It writes its own errors.
      process.exit(endedBy === null ? 1 : 0);
    });
  });

try {
  await main();
  process.exit(0);
} catch (error) {
  if (error instanceof Error && error.name === 'AbortError') process.exit(0);
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
