/**
 * Bundles the functions, for the stack and for local mode alike.
 *
 *     node bundle/bundle.ts --out DIR [--function NAME] [--policy JSON]
 *
 * Writes `DIR/<function>/index.mjs`, the data files that it reads, and `DIR/<function>/policy.json`. The SDK stands beside them as
 * `sdk.mjs`, if the function makes direct calls (ADR 123). That folder is deployed. The source maps and the licenses of the
 * bundled code go to `DIR/maps/`. The same sources give the same bytes, on any machine and in any folder, so that a deployment
 * changes only the functions that changed.
 */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { type AnyFunctionName, functionNames, optionalFunctionNames, policyFile } from '../lambdas/contract.ts';
import { functionsOf, type Policy } from '../lambdas/policy.ts';
import { nameCommands, sdkFile, sdkModule } from './commands.ts';
import { pickFeedback } from './feedback.ts';
import { leaveHandlerOut, pickHandler } from './handlers.ts';
import { pickBuiltins, trimModules, trims } from './lean.ts';
import { licensesOf } from './licenses.ts';
import { pickRisk, type RiskReach } from './risk.ts';
import { pickCalls, pickSenders, sendersOf } from './senders.ts';
import { pickWebhookQueues } from './webhook-queues.ts';
import { pickReach, type WebhookReach } from './webhooks.ts';

const root = path.join(import.meta.dirname, '..');

export type Bundling = {
  /** Folder of the bundles. */
  readonly out: string;
  /** Those of a deployment with this policy by default. */
  readonly functions?: readonly AnyFunctionName[];
  /** Written beside each bundle. */
  readonly policy: Policy;
  /** Folder of the entrypoints `<function>.ts`. */
  readonly source?: string;
  /** Which providers look-ups of SIMs ask; those of the settings by default. No command line has it, and the stack gives none. */
  readonly riskTo?: RiskReach;
  /** How far webhooks reach; `public` by default. No command line has it, and the stack gives none. */
  readonly webhooksTo?: WebhookReach;
};

export type Bundle = {
  readonly function: AnyFunctionName;
  /** It exports `handler`. Its folder is deployed. */
  readonly file: string;
  /** Size of that file. */
  readonly bytes: number;
  /** Size of the data files beside it, without the policy and the SDK. */
  readonly dataBytes: number;
};

/** Bundles the functions. Throws, with esbuild's own messages, when one cannot be built. */
export const bundle = async ({
  out,
  policy,
  functions = functionsOf(policy),
  source = 'lambdas',
  riskTo = 'providers',
  webhooksTo = 'public',
}: Bundling) => {
  const same = { policy, out: path.resolve(out), source: path.resolve(root, source), riskTo, webhooksTo };
  return Promise.all(functions.map((name) => bundleOne({ name, ...same })));
};

const options = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minify: true,
  // The SDK's ES modules can be shaken, its CommonJS ones cannot.
  mainFields: ['module', 'main'],
  conditions: ['module'],
  // Licenses go into a file of their own: see licenses.ts.
  legalComments: 'none',
  sourcemap: 'external',
  // Data files keep their own names. The CDK hashes the asset as a whole.
  assetNames: '[name]',
  metafile: true,
  write: false,
  logLevel: 'silent',
  absWorkingDir: root,
  // A tsconfig.json above the sources must not change the output.
  tsconfigRaw: '{"compilerOptions":{"target":"es2024","verbatimModuleSyntax":true}}',
  plugins: [pickBuiltins, trimModules(trims, root)],
} as const satisfies BuildOptions;

type One = Required<Omit<Bundling, 'functions'>> & { readonly name: AnyFunctionName };

const bundleOne = async ({ name, policy, out, source, riskTo, webhooksTo }: One): Promise<Bundle> => {
  const entry = path.join(source, `${name}.ts`);
  const isOurs = source === path.join(root, 'lambdas');
  const isDirect = isOurs && !withSdkInside.includes(name);
  // The output is named inside the project whatever `out` is, so that the map's paths do not depend on the machine.
  const built = await build({
    ...options,
    plugins: [
      ...options.plugins,
      pickSenders(sendersOf(policy)),
      pickCalls(policy.voice !== undefined),
      pickFeedback(policy),
      ...(isOurs ? [pickHandler(name, root)] : []),
      ...(isDirect ? [nameCommands] : []),
      pickRisk(policy, riskTo),
      pickWebhookQueues(policy),
      pickReach(webhooksTo),
    ],
    entryPoints: [entry],
    outfile: path.join(root, `${name}.mjs`),
  });
  const sdk = loadsSdk(built.metafile) ? await buildSdk() : undefined;
  const { code, map, data } = filesOf(built, `${name}.mjs`);
  const deployed = path.join(out, name);
  const maps = path.join(out, 'maps');
  await rm(deployed, { recursive: true, force: true });
  await Promise.all([mkdir(deployed, { recursive: true }), mkdir(maps, { recursive: true })]);
  await Promise.all([
    writeFile(path.join(deployed, 'index.mjs'), code),
    writeFile(path.join(deployed, policyFile), `${JSON.stringify(policy)}\n`),
    ...data.map(([file, contents]) => writeFile(path.join(deployed, file), contents)),
    writeFile(path.join(maps, `${name}.mjs.map`), map),
    writeFile(path.join(maps, `${name}.licenses.txt`), await licensesOf(both(built.metafile, sdk?.metafile), root)),
    ...(sdk === undefined
      ? []
      : [writeFile(path.join(deployed, sdkFile), sdk.code), writeFile(path.join(maps, `${sdkFile}.map`), sdk.map)]),
  ]);
  return {
    function: name,
    file: path.join(deployed, 'index.mjs'),
    bytes: code.length,
    dataBytes: data.reduce((sum, [, contents]) => sum + contents.length, 0),
  };
};

type Output = { readonly path: string; readonly contents: Uint8Array };

/** The code of an output, its source map, and the data files beside it. */
const filesOf = ({ outputFiles }: { readonly outputFiles: readonly Output[] }, name: string) => {
  const files = new Map(outputFiles.map((file) => [path.basename(file.path), file.contents]));
  const [map, code] = [files.get(`${name}.map`), files.get(name)];
  if (map === undefined || code === undefined) throw new Error(`esbuild gave no code or no source map for ${name}.`);
  const data = [...files].filter(([file]) => !file.startsWith(name));
  return { code, map, data };
};

/** Some functions make no direct call. */
const loadsSdk = ({ outputs }: Metafile): boolean =>
  Object.values(outputs).some(({ imports }) => imports.some((found) => found.path === `./${sdkFile}`));

/** They ask about keys, subscriptions and tables, by commands that no direct client knows. */
const withSdkInside: readonly AnyFunctionName[] = ['export-events', 'read-status'];

type Sdk = { readonly code: Uint8Array; readonly map: Uint8Array; readonly metafile: Metafile };
let sdk: Promise<Sdk> | undefined;
/** The SDK behind the direct clients, which is the same for all functions. */
const buildSdk = (): Promise<Sdk> => {
  sdk ??= build({
    ...options,
    plugins: [...options.plugins, leaveHandlerOut(root)],
    entryPoints: [path.join(root, sdkModule)],
    outfile: path.join(root, sdkFile),
  }).then((built) => ({ ...filesOf(built, sdkFile), metafile: built.metafile }));
  return sdk;
};

const both = (one: Metafile, other: Metafile = { inputs: {}, outputs: {} }): Metafile => ({
  inputs: { ...one.inputs, ...other.inputs },
  outputs: { ...one.outputs, ...other.outputs },
});

const inKibibytes = (bytes: number) => `${Math.ceil(bytes / 1024)} KiB`;

const usage = 'Usage: node bundle/bundle.ts --out DIR [--function NAME] [--policy JSON]';

const allNames = [...functionNames, ...optionalFunctionNames];
const isFunctionName = (name: string): name is AnyFunctionName => allNames.some((known) => known === name);

/** Its maker has checked the policy: `lib/settings/settings.ts` parses settings and derives policies from them. */
const parsePolicy = (json: string): Policy => {
  const sentence =
    '--policy takes the policy as a JSON object, for example {"brand":"Example",…}: see lambdas/policy.ts.';
  try {
    const policy: unknown = JSON.parse(json);
    if (typeof policy === 'object' && policy !== null && 'brand' in policy) return policy as Policy;
  } catch (cause) {
    throw new Error(sentence, { cause });
  }
  throw new Error(sentence);
};

/** The policy of the settings of this deployment. */
const settledPolicy = async (): Promise<Policy> => {
  const { default: settings } = await import('../bin/settings.ts');
  const { parseSettings, policyOf } = await import('../lib/settings/settings.ts');
  return policyOf(parseSettings(settings));
};

/** The command line as a `Bundling`. Throws a sentence that says what to write instead. */
export const readArguments = async (args: readonly string[]): Promise<Bundling> => {
  const { values } = parseArgs({
    args: [...args],
    options: { out: { type: 'string' }, function: { type: 'string' }, policy: { type: 'string' } },
  });
  const { out, function: name, policy } = values;
  if (out === undefined || out === '')
    throw new Error('The folder is missing. Add --out DIR, for example --out build/local.');
  if (name !== undefined && !isFunctionName(name))
    throw new Error(`There is no function "${name}". The functions are ${allNames.join(', ')}.`);
  return {
    out,
    ...(name === undefined ? {} : { functions: [name] }),
    policy: policy === undefined ? await settledPolicy() : parsePolicy(policy),
  };
};

// Not `import.meta.main`, which Node 24.0 lacks.
if (path.basename(process.argv[1] ?? '') === path.basename(import.meta.filename)) {
  try {
    for (const { function: name, bytes, dataBytes } of await bundle(await readArguments(process.argv.slice(2))))
      console.log(`${name} ${inKibibytes(bytes)}${dataBytes > 0 ? ` and ${inKibibytes(dataBytes)} of data` : ''}`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 1;
  }
}
