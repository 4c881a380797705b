/** Endpoints without the rules of the SDK are those of the SDK, in each Region. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { hosts, shortPartitions } from '../../bundle/endpoints.ts';
import { trimModules, trims } from '../../bundle/lean.ts';

const root = path.join(import.meta.dirname, '../..');
const partitionsModule = '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';
const partitionsText = () => readFile(path.join(root, 'node_modules', partitionsModule), 'utf8');

type Parameters = {
  readonly Region?: string;
  readonly Endpoint?: string;
  readonly UseFIPS?: boolean;
  readonly UseDualStack?: boolean;
};
type Resolve = (parameters: Parameters) => { url: URL; properties: object; headers: object };

const load = async (client: string, isShort: boolean): Promise<Resolve> => {
  const module = `@aws-sdk/client-${client}/dist-es/endpoint/endpointResolver.js`;
  const built = await build({
    stdin: { contents: `export * from './node_modules/${module}';`, resolveDir: root },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    absWorkingDir: root,
    plugins: isShort ? [trimModules(trims, root)] : [],
  });
  const text = built.outputFiles[0]?.text ?? '';
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).defaultEndpointResolver;
};

let regions: readonly string[];
beforeAll(async () => {
  const { partitionsInfo } = await import(`data:text/javascript,${encodeURIComponent(await partitionsText())}`);
  const known = partitionsInfo.partitions.flatMap((each: { regions: object }) => Object.keys(each.regions));
  regions = [...known, 'eu-nowhere-9', 'cn-nowhere-9', 'us-gov-nowhere-9', 'us-iso-nowhere-9', 'moon-1'];
});

describe.each(Object.keys(hosts))('the endpoints of %s', (client) => {
  let short: Resolve;
  let whole: Resolve;
  beforeAll(async () => {
    [short, whole] = await Promise.all([load(client, true), load(client, false)]);
  });

  test('the endpoint is that of the SDK in each Region, also in those to come', () => {
    const flags = { UseFIPS: false, UseDualStack: false, AccountIdEndpointMode: 'preferred' };
    expect(regions.length).toBeGreaterThan(35);
    for (const Region of regions) expect(short({ ...flags, Region }), Region).toEqual(whole({ ...flags, Region }));
  });

  test('a given endpoint is used as by the SDK', () => {
    for (const Endpoint of ['http://127.0.0.1:4566', 'https://example.org/path/', 'http://[::1]:8000']) {
      const parameters = { Region: 'eu-central-1', UseFIPS: false, UseDualStack: false, Endpoint };
      expect(short(parameters), Endpoint).toEqual(whole(parameters));
      expect(short({ ...parameters, Region: 'us-east-1' }).url.href).toContain(new URL(Endpoint).host);
    }
  });

  test('FIPS, dual stack and a missing Region are refused', () => {
    const Region = 'eu-central-1';
    for (const parameters of [{ Region, UseFIPS: true }, { Region, UseDualStack: true }, {}])
      expect(() => short(parameters)).toThrow();
  });
});

test('partitions that are spelled in another way fail the build', async () => {
  const text = await partitionsText();
  expect(shortPartitions(text).length).toBeLessThan(text.length / 2);
  for (const changed of [text.replaceAll('"description"', '"name"'), text.replaceAll('"regionRegex"', '"pattern"'), ''])
    expect(() => shortPartitions(changed)).toThrow(/bundle\/endpoints\.ts/);
});
