/**
 * Replaces modules that the functions do not need on Lambda.
 *
 * A cold start reads, compiles and runs the whole bundle, so unused code costs every user that waits for one. Each trim
 * names the module that it replaces and the code that must be gone. Each build checks both: if an upgrade of the SDK moves
 * a module, the build fails with a sentence.
 */

import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import type { BuildResult, Loader, Plugin } from 'esbuild';
import { sdkFile } from './commands.ts';
import { hosts, shortEndpoint, shortPartitions } from './endpoints.ts';
import { shortErrors } from './errors.ts';
import { shortCurrencies, shortParseError } from './packed.ts';
import { plainSchemas, schemasOfNamedErrors } from './schemas.ts';

export type Trim = {
  /** The module that is replaced, as a path below `node_modules`. */
  readonly module: string;
  /** The reason why the functions work without the module. */
  readonly why: string;
  /** The new text of the module, given the old one. */
  readonly becomes: (original: string) => string;
  readonly loader?: Loader;
  /** Beginnings of paths below `node_modules` that no bundle may hold any more. */
  readonly gone: readonly string[];
};

const never = (feature: string) =>
  `throw new Error(${JSON.stringify(`${feature} is not part of this bundle: see bundle/lean.ts.`)});`;

/** The index of a country's formats in version 4 of the metadata. They begin like `[["(\\d{2})…", "$1 …", …`. */
const formatsAt = 4;
type Country = readonly unknown[];
type PhoneMetadata = { readonly version: number; readonly countries: object; readonly nonGeographic?: object };

const emptyFormats = (countries: object) =>
  Object.fromEntries(
    Object.entries(countries).map(([name, country]: [string, Country]) => [name, country.with(formatsAt, 0)]),
  );

/** The functions read the metadata in the fastest encoding, which has ASCII alone. */
const ascii = (json: string): string => {
  if (/[^ -~]/.test(json)) throw new Error('The phone metadata is not ASCII: see ascii in bundle/lean.ts.');
  return json;
};

/** A module with data of a file beside it. V8 would scan 100 KB of data as code. This reads them as data. */
const readsFile = (file: string) => `
      import { readFileSync } from 'node:fs';
      import file from './${file}';
      export default JSON.parse(readFileSync(new URL(file, import.meta.url), 'latin1'));`;

/** The metadata as ASCII without the formats. Throws when its shape is not the one that is known. */
const withoutFormats = (original: string): string => {
  const metadata: PhoneMetadata = JSON.parse(original);
  const { version, countries, nonGeographic = {} } = metadata;
  if (version !== 4) throw new Error('The phone metadata is not of version 4: see withoutFormats in bundle/lean.ts.');
  const json = JSON.stringify({
    ...metadata,
    countries: emptyFormats(countries),
    nonGeographic: emptyFormats(nonGeographic),
  });
  return ascii(json);
};

const clientOf = (name: string): string => `@aws-sdk/client-${name}`;
/** Their error modules are long. That of AWS End User Messaging has few classes, in another spelling. */
const withManyErrors = ['cloudwatch', 'dynamodb', 'eventbridge', 'kms', 'lambda', 's3', 'secrets-manager', 'sns'].map(
  clientOf,
);
const sdkPackages = [...withManyErrors, clientOf('pinpoint-sms-voice-v2')];

export const trims: readonly Trim[] = [
  {
    module: '@aws-sdk/credential-provider-node/dist-es/index.js',
    why: 'Lambda passes credentials in the environment only, the same as long as the container lives. They are read once.',
    becomes: () => `
      import { fromEnv } from '@aws-sdk/credential-provider-env';
      export const defaultProvider = (options) => {
        const read = fromEnv(options);
        let kept;
        return async () => (kept ??= await read());
      };`,
    gone: [
      '@aws-sdk/credential-provider-http/',
      '@aws-sdk/credential-provider-ini/',
      '@aws-sdk/credential-provider-login/',
      '@aws-sdk/credential-provider-node/dist-es/defaultProvider.js',
      '@aws-sdk/credential-provider-process/',
      '@aws-sdk/credential-provider-sso/',
      '@aws-sdk/credential-provider-web-identity/',
      '@aws-sdk/nested-clients/',
      '@aws-sdk/token-providers/',
      '@smithy/credential-provider-imds/',
    ],
  },
  {
    module: '@smithy/core/dist-es/submodules/config/node-config-provider/configLoader.js',
    why:
      'A function has no ~/.aws: a setting comes from the environment, or has its default. The chain of the SDK makes two errors for each ' +
      'setting that is missing, which a cold start pays for with milliseconds. Like the chain, this takes the default for a wrong value.',
    becomes: () => `
      const read = (select, options) => {
        try {
          return select(process.env, options);
        } catch {
          return undefined;
        }
      };
      export const loadConfig = ({ environmentVariableSelector, default: given }, { signingName, logger } = {}) => {
        let kept;
        return async ({ forceRefresh = false } = {}) => {
          if (kept === undefined || forceRefresh) {
            const found = read(environmentVariableSelector, { signingName, logger });
            kept = { value: found === undefined && typeof given === 'function' ? await given() : (found ?? given) };
          }
          return kept.value;
        };
      };`,
    gone: [
      '@smithy/core/dist-es/submodules/config/node-config-provider/',
      '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js',
    ],
  },
  {
    module: '@smithy/core/dist-es/submodules/config/config-resolver/regionConfig/getInstanceMetadataRegion.js',
    why: 'Lambda sets AWS_REGION and has no EC2 instance metadata.',
    becomes: () => 'export const getInstanceMetadataRegion = async () => undefined;',
    gone: [],
  },
  {
    module: '@smithy/core/dist-es/submodules/event-streams/index.js',
    why: 'No operation of these functions has an event stream. The clients of S3 and Lambda only prepare for one.',
    becomes: () => `
      const refuse = () => { ${never('Event streaming')} };
      export const EventStreamSerde = refuse;
      export const eventStreamSerdeProvider = refuse;
      export const resolveEventStreamSerdeConfig = (input) => input;`,
    gone: ['@smithy/core/dist-es/submodules/event-streams/'],
  },
  {
    module: '@aws-sdk/middleware-endpoint-discovery/dist-es/index.js',
    why: 'The DynamoDB client configures endpoint discovery, but none of its commands uses the discovered endpoints.',
    becomes: () => `
      export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
        environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: undefined };
      export const resolveEndpointDiscoveryConfig = (input) => input;`,
    gone: ['@aws-sdk/middleware-endpoint-discovery/', '@aws-sdk/endpoint-cache/', 'mnemonist/'],
  },
  ...sdkPackages.map((sdk) => ({
    module: `${sdk}/package.json`,
    why: 'Only the version is used, in the User-Agent header.',
    becomes: (original: string) => JSON.stringify({ version: JSON.parse(original).version }),
    loader: 'json' as const,
    gone: [],
  })),
  ...withManyErrors.map((sdk) => ({
    module: `${sdk}/dist-es/models/errors.js`,
    why: 'All error classes of a service are loaded. They are the same in a line each, which a test compares.',
    becomes: shortErrors,
    gone: [],
  })),
  ...sdkPackages.map((sdk) => ({
    module: `${sdk}/dist-es/schemas/schemas_0.js`,
    why:
      'Functions call a few operations of a service, and name a few of its errors. The schemas are the same, spelled so that ' +
      'unused ones are dropped.',
    // These two find an error by another name than its own, and the third tells reasons in its errors.
    becomes: /-(?:sns|cloudwatch|pinpoint-sms-voice-v2)$/.test(sdk) ? plainSchemas : schemasOfNamedErrors,
    gone: [],
  })),
  ...Object.entries(hosts).map(([client, host]) => ({
    module: `@aws-sdk/client-${client}/dist-es/endpoint/endpointResolver.js`,
    why: 'No function has a setting for FIPS, dual stack or account endpoints, so none needs the rules for them.',
    becomes: () => shortEndpoint(host),
    gone: [`@aws-sdk/client-${client}/dist-es/endpoint/bdd.js`],
  })),
  {
    module: '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js',
    why: 'An expression finds the partition of a Region. The list of Regions adds only their descriptions.',
    becomes: shortPartitions,
    gone: [],
  },
  {
    module: '@smithy/core/dist-es/submodules/serde/uuid/v4.js',
    why: 'The global `crypto` loads all of WebCrypto to make a UUID. node:crypto makes the same UUIDs without it.',
    becomes: () => "import { randomUUID } from 'node:crypto'; export const bindV4 = () => () => randomUUID();",
    gone: [],
  },
  {
    module: '@smithy/core/dist-es/submodules/serde/util-body-length/calculateBodyLength.js',
    why:
      'No call sends a file: each body is text or bytes. To ask whether a body is a file, the SDK loads the file streams ' +
      'of Node, and with them promises, watchers and the terminal.',
    becomes: () => `
      export const calculateBodyLength = (body) => {
        if (!body) return 0;
        if (typeof body === 'string') return Buffer.byteLength(body);
        if (typeof body.byteLength === 'number') return body.byteLength;
        throw new Error('The length of a body is unknown.');
      };`,
    gone: [],
  },
  {
    module: '@smithy/core/dist-es/submodules/retry/util-retry/AdaptiveRetryStrategy.js',
    why: 'No client asks for adaptive retries, and no function has AWS_RETRY_MODE: the mode is `standard`.',
    becomes: () => `export class AdaptiveRetryStrategy { constructor() { ${never('Adaptive retries')} } }`,
    gone: ['@smithy/core/dist-es/submodules/retry/util-retry/DefaultRateLimiter.js'],
  },
  {
    module: '@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js',
    why: 'SHA-256 in JavaScript is for Node without OpenSSL. Lambda has OpenSSL, and the functions use it.',
    becomes: () => `export class Sha256Js { constructor() { ${never('SHA-256 in JavaScript')} } }`,
    gone: [],
  },
  {
    module: 'dinero.js/dist/esm/currencies/index.js',
    why: 'The currencies are the same, in a line.',
    becomes: shortCurrencies,
    gone: [],
  },
  {
    module: 'libphonenumber-js/es6/ParseError.js',
    why: 'The class is spelled out for browsers without classes.',
    becomes: shortParseError,
    gone: [],
  },
  {
    module: 'libphonenumber-js/metadata.max.json',
    why:
      'Only AsYouType and the national and international formats read the formats, a third of the metadata. ' +
      'The functions parse and classify numbers, and write them in E.164.',
    becomes: withoutFormats,
    // A file beside the code.
    loader: 'file',
    gone: ['libphonenumber-js/es6/AsYouType', 'libphonenumber-js/es6/PhoneNumberMatcher', 'libphonenumber-js/es6/find'],
  },
  {
    module: 'libphonenumber-js/metadata.max.json.js',
    why: 'V8 would scan 100 KB of data as code. This reads them as data.',
    becomes: () => readsFile('metadata.max.json'),
    gone: [],
  },
  {
    module: 'libphonenumber-js/metadata.min.json',
    why: 'The detector writes ranges by the formats, and classifies no number. These metadata have formats and no types.',
    becomes: (original) => ascii(JSON.stringify(JSON.parse(original))),
    loader: 'file',
    gone: [],
  },
  {
    module: 'libphonenumber-js/metadata.min.json.js',
    why: 'V8 would scan 80 KB of data as code. This reads them as data.',
    becomes: () => readsFile('metadata.min.json'),
    gone: [],
  },
];

/** The part of a path below the last `node_modules`, with `/` on every system; undefined for code of ours. */
export const belowNodeModules = (file: string): string | undefined => {
  const [, ...rest] = file.replaceAll('\\', '/').split('node_modules/');
  return rest.at(-1);
};

const isMissing = async (file: string) => (await readFile(file).catch(() => undefined)) === undefined;

const missing = async (trim: Trim, root: string) =>
  (await isMissing(path.join(root, 'node_modules', trim.module)))
    ? [
        {
          text: `There is no ${trim.module} to replace. An upgrade moved it: find its successor and change bundle/lean.ts.`,
        },
      ]
    : [];

/** Replaces the modules. The build fails if one of them has moved, or if its weight is still there. */
export const trimModules = (list: readonly Trim[], root: string): Plugin => ({
  name: 'trim-modules',
  setup: (build) => {
    const byModule = new Map(list.map((trim) => [trim.module, trim]));
    build.onStart(async () => ({ errors: (await Promise.all(list.map((trim) => missing(trim, root)))).flat() }));
    build.onLoad({ filter: /node_modules/ }, async ({ path: file }) => {
      const trim = byModule.get(belowNodeModules(file) ?? '');
      if (trim === undefined) return undefined;
      return { contents: trim.becomes(await readFile(file, 'utf8')), loader: trim.loader ?? 'js' };
    });
    build.onEnd((result) => ({ errors: stillThere(list, result).map((text) => ({ text })) }));
  },
});

const shipped = (result: BuildResult) =>
  Object.values(result.metafile?.outputs ?? {}).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );

/** The list of shipped files may hold a replaced module itself, but no other file that must be gone. */
const stillThere = (list: readonly Trim[], result: BuildResult) =>
  list.flatMap((trim) =>
    shipped(result)
      .map((file) => belowNodeModules(file) ?? '')
      .filter((file) => file !== trim.module && trim.gone.some((start) => file.startsWith(start)))
      .map((file) => `${file} is in the bundle again, although ${trim.module} is replaced. See bundle/lean.ts.`),
  );

const nodeModules = builtinModules.filter((name) => !name.startsWith('_') && !name.includes(':'));
const anyBuiltin = new RegExp(`^(node:)?(${nodeModules.join('|')})$`);

const isName = (text: string) => /^[A-Za-z_$][\w$]*$/.test(text) && text !== 'default';

/** Each property is a variable of its own, so that esbuild drops unused ones, and no getter runs. */
const asModule = (name: string): string => {
  const names = Object.keys(process.getBuiltinModule(`node:${name}`) ?? {}).filter(isName);
  return [
    `const all = /* @__PURE__ */ process.getBuiltinModule('node:${name}');`,
    'export default all;',
    ...names.map((key, index) => `const p${index} = /* @__PURE__ */ (() => all.${key})();`),
    `export { ${names.map((key, index) => `p${index} as ${key}`).join(', ')} };`,
  ].join('\n');
};

/**
 * Takes every module of Node by `process.getBuiltinModule` instead of an ESM import.
 *
 * An ESM import reads every property of the module for its named exports, and so runs its lazy getters. A static import of
 * `node:http` loads undici, which takes 30 ms (nodejs/node#57649). HTTP/2 must not be there at all: the functions call AWS
 * over HTTP/1.1, and the module is slow to load.
 */
export const pickBuiltins: Plugin = {
  name: 'pick-builtins',
  setup: (build) => {
    build.onResolve({ filter: anyBuiltin }, ({ path: name, kind }) => ({
      path: name.replace(/^node:/, ''),
      // A dynamic import or `require` gets the object itself: a copy of its properties would run the getters.
      namespace: kind === 'import-statement' ? 'node' : 'node-whole',
      // Loading is its only effect, so esbuild may drop an unused one.
      sideEffects: false,
    }));
    build.onLoad({ filter: /.*/, namespace: 'node' }, ({ path: name }) => ({ contents: asModule(name), loader: 'js' }));
    build.onLoad({ filter: /.*/, namespace: 'node-whole' }, ({ path: name }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${name}');`,
      loader: 'js',
    }));
    build.onEnd((result) => ({ errors: unwelcome(result).map((text) => ({ text })) }));
  },
};

const unwelcome = (result: BuildResult) => [
  ...shipped(result)
    .filter((file) => /^node(-whole)?:http2$/.test(file))
    .map(() => 'node:http2 is in the bundle. Find the module that imports it, and replace that in bundle/lean.ts.'),
  ...Object.values(result.metafile?.outputs ?? {}).flatMap(({ imports }) =>
    imports
      .filter(({ kind, path: file }) => kind !== 'file-loader' && file !== `./${sdkFile}`)
      .map((found) => `${found.path} is still imported by the bundle. See pickBuiltins in bundle/lean.ts.`),
  ),
];
