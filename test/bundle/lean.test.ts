/** Nothing that the trims take out is missed: what goes over the wire, and what comes back, is what the SDK does. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/core';
import examples from 'libphonenumber-js/examples.mobile.json' with { type: 'json' };
import type { MetadataJson } from 'libphonenumber-js/max';
import fullMetadata from 'libphonenumber-js/metadata.max.json' with { type: 'json' };
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { bundle } from '../../bundle/bundle.ts';
import { trims } from '../../bundle/lean.ts';
import { firstFlow, lambdaEnvironment } from '../fakes/cold-start/first-flow.ts';
import { samplePolicy } from '../fakes/policy.ts';
import { type Asked, startResponder } from '../fakes/responder.ts';

const root = path.join(import.meta.dirname, '../..');
const functions = ['request-verification', 'check-verification'] as const;
type Sample = (typeof functions)[number];

const bodies: Readonly<Record<Sample, unknown>> = {
  'request-verification': { phoneNumber: '+49 1512 3456789' },
  'check-verification': { code: '123456' },
};
const eventFor = (name: Sample) => ({
  body: JSON.stringify(bodies[name]),
  requestContext: { identity: { sourceIp: '192.0.2.1' } },
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lean-'));
  await bundle({ policy: samplePolicy, source: 'test/bundle/sample', functions, out: path.join(folder, 'lean') });
  await build({
    entryPoints: functions.map((name) => path.join(root, `test/bundle/sample/${name}.ts`)),
    outdir: path.join(folder, 'whole'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const lean = (name: Sample) => path.join(folder, 'lean', name, 'index.mjs');
const whole = (name: Sample) => path.join(folder, 'whole', `${name}.mjs`);

type Run = { readonly bundle: string; readonly name: Sample; readonly failOnce?: readonly string[] };

const run = async ({ bundle: file, name, failOnce = [] }: Run) => {
  const responder = await startResponder({ failOnce });
  try {
    const env = lambdaEnvironment(name, responder.endpoints);
    const flow = await firstFlow({ bundle: file, env, event: eventFor(name) });
    return { flow, asked: responder.asked };
  } finally {
    await responder.stop();
  }
};

const differs = new Set(['authorization', 'host', 'x-amz-date', 'amz-sdk-invocation-id']);

/** What a request says, without what differs from run to run: the time, its id, the port, and the signature of these. */
const said = ({ operation, headers, body }: Asked) => {
  const { authorization = '' } = headers;
  const signed = /SignedHeaders=[^,]+/.exec(authorization)?.[0];
  return { operation, body, signed, headers: Object.entries(headers).filter(([name]) => !differs.has(name)) };
};

describe.each(functions)('the lean bundle of %s', (name) => {
  test('the lean bundle asks AWS exactly what the whole SDK asks', async () => {
    const [ours, theirs] = await Promise.all([run({ bundle: lean(name), name }), run({ bundle: whole(name), name })]);
    expect(ours.flow.answer).toEqual(theirs.flow.answer);
    expect(ours.asked.length).toBeGreaterThan(3);
    expect(ours.asked.map(said)).toEqual(theirs.asked.map(said));
  });

  test('the lean bundle tries again after a failure, as often as the whole SDK does', async () => {
    const failOnce = ['DynamoDB_20120810.UpdateItem', 'TrentService.GenerateMac'];
    const [ours, theirs] = await Promise.all([
      run({ bundle: lean(name), name, failOnce }),
      run({ bundle: whole(name), name, failOnce }),
    ]);
    expect(ours.asked.map(said)).toEqual(theirs.asked.map(said));
    expect(ours.asked.filter(({ operation }) => operation === 'TrentService.GenerateMac')).toHaveLength(2);
  });

  test('the lean bundle loads neither undici nor HTTP/2 by its first flow', async () => {
    const { flow } = await run({ bundle: lean(name), name });
    expect(flow.answer).toMatchObject({ statusCode: expect.toSatisfy((status) => status < 300) });
    expect(flow.modules).toContain('NativeModule https');
    expect(flow.modules).not.toContain('NativeModule internal/deps/undici/undici');
    expect(flow.modules.filter((module) => module.includes('http2'))).toEqual([]);
  });
});

test('a whole bundle does load them: the test before this one can fail', async () => {
  const { flow } = await run({ bundle: whole('check-verification'), name: 'check-verification' });
  expect(flow.modules).toContain('NativeModule internal/deps/undici/undici');
  expect(flow.modules).toContain('NativeModule http2');
});

test('a message that may have been sent is not sent again', async () => {
  const name = 'request-verification';
  const failing = await startResponder({ failOnce: ['Publish'] });
  const env = lambdaEnvironment(name, failing.endpoints);
  await expect(firstFlow({ bundle: lean(name), env, event: eventFor(name) })).rejects.toThrow();
  expect(failing.asked.filter(({ operation }) => operation === 'Publish')).toHaveLength(1);
  await failing.stop();
});

describe('settings of the environment', () => {
  const trim = trims.find(({ module }) => module.endsWith('/configLoader.js'));
  type Load = (selectors: unknown, options: object) => (options?: object) => Promise<unknown>;
  // The SDK's own, which is a package of its packages.
  const ofSdk = createRequire(createRequire(import.meta.url).resolve('@aws-sdk/client-dynamodb'));
  const config = ofSdk('@smithy/core/config');
  const retry = ofSdk('@smithy/core/retry');
  const loadConfig: Load = config.loadConfig;
  let short: Load;
  beforeAll(async () => {
    const module = path.join(folder, 'config-loader.mjs');
    await writeFile(module, trim?.becomes('') ?? '');
    short = (await import(pathToFileURL(module).href)).loadConfig;
  });
  // The SDK looks for files, and there are none.
  beforeEach(() => {
    vi.stubEnv('AWS_CONFIG_FILE', path.join(folder, 'no-config'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(folder, 'no-credentials'));
  });
  afterEach(() => void vi.unstubAllEnvs());

  const told = (value: Promise<unknown>) =>
    value.then(
      (found) => ({ found }),
      (cause: unknown) => ({ thrown: String(cause) }),
    );
  const variables = ['AWS_USE_FIPS_ENDPOINT', 'AWS_MAX_ATTEMPTS', 'AWS_REGION', 'AWS_RETRY_MODE'] as const;
  const selectors = {
    AWS_USE_FIPS_ENDPOINT: config.NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS,
    AWS_MAX_ATTEMPTS: retry.NODE_MAX_ATTEMPT_CONFIG_OPTIONS,
    AWS_REGION: config.NODE_REGION_CONFIG_OPTIONS,
    AWS_RETRY_MODE: { ...retry.NODE_RETRY_MODE_CONFIG_OPTIONS, default: async () => 'standard' },
  };

  test.each(
    variables.flatMap((name) =>
      [undefined, '', 'true', 'maybe', '7', 'eu-west-1'].map((value) => [name, value] as const),
    ),
  )('a client finds %s with the value %j as the SDK does', async (name, value) => {
    vi.stubEnv(name, value);
    const of = (load: Load) => told(load(selectors[name], {})());
    expect(await of(short)).toEqual(await of(loadConfig));
  });

  test('a setting is read once, and again when a client asks for that', async () => {
    for (const load of [short, loadConfig]) {
      vi.stubEnv('AWS_REGION', 'eu-west-1');
      const region = load(config.NODE_REGION_CONFIG_OPTIONS, {});
      const before = await region();
      vi.stubEnv('AWS_REGION', 'eu-west-2');
      expect([before, await region(), await region({ forceRefresh: true })]).toEqual([
        'eu-west-1',
        'eu-west-1',
        'eu-west-2',
      ]);
    }
  });
});

describe('phone numbers', () => {
  const trim = trims.find(({ module }) => module === 'libphonenumber-js/metadata.max.json');
  const full = fullMetadata as unknown as MetadataJson;
  let slim: MetadataJson;
  beforeAll(async () => {
    const text = trim?.becomes(await readFile(path.join(root, 'node_modules', trim.module), 'utf8')) ?? '';
    slim = JSON.parse(text);
  });

  const facts = (number: string, country: keyof typeof examples, metadata: MetadataJson) => {
    const phone = parsePhoneNumberFromString(number, { defaultCountry: country, extract: false }, metadata);
    return (
      phone && [phone.number, phone.country, phone.nationalNumber, phone.getType(), phone.isValid(), phone.isPossible()]
    );
  };

  const countries = Object.keys(examples) as (keyof typeof examples)[];

  test('phone numbers are parsed and classified in all countries as with the formats', () => {
    for (const country of countries) {
      const example = getExampleNumber(country, examples, full);
      if (example === undefined) throw new Error(`There is no example for ${country}.`);
      const digits = example.nationalNumber;
      const spellings = [
        example.number,
        example.formatNational(),
        example.formatInternational(),
        `0${digits}`,
        `00${example.countryCallingCode}${digits}`,
        ...Array.from({ length: 10 }, (_, first) => `+${example.countryCallingCode}${first}${digits.slice(1)}`),
        ...Array.from({ length: 10 }, (_, first) => `${first}${digits.slice(1)}`),
        `+${example.countryCallingCode}${digits.slice(0, -2)}`,
        `+${example.countryCallingCode}${digits}12`,
      ];
      for (const number of spellings)
        expect(facts(number, country, slim), `${number} in ${country}`).toEqual(facts(number, country, full));
    }
  });

  test('phone numbers have metadata without formats: the test before this one compares two different things', () => {
    expect(JSON.stringify(full).length).toBeGreaterThan(JSON.stringify(slim).length + 40_000);
  });
});
