/** Schemas with plain keys are those of the SDK, and a bundle has only those that it uses. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { trimModules, trims } from '../../bundle/lean.ts';
import { plainSchemas } from '../../bundle/schemas.ts';

const root = path.join(import.meta.dirname, '../..');
const schemasOf = (client: string) => `@aws-sdk/client-${client}/dist-es/schemas/schemas_0.js`;
const clients = trims.flatMap(({ module, becomes }) =>
  becomes === plainSchemas ? [/client-([\w-]+)/.exec(module)?.[1] ?? ''] : [],
);
const textOf = (client: string) => readFile(path.join(root, 'node_modules', schemasOf(client)), 'utf8');
const trimmed = trims.filter(({ becomes }) => becomes === plainSchemas);

const textWith = async (contents: string, isPlain: boolean): Promise<string> => {
  const built = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    absWorkingDir: root,
    metafile: true,
    plugins: isPlain ? [trimModules(trimmed, root)] : [],
  });
  return built.outputFiles[0]?.text ?? '';
};

/** Schemas as text. They refer to each other by functions, whose texts name the schema. */
const schemasIn = async (client: string, isPlain: boolean): Promise<string> => {
  const text = await textWith(`export * as schemas from './node_modules/${schemasOf(client)}';`, isPlain);
  const { schemas } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  return JSON.stringify(schemas, (_, value: unknown) => (typeof value === 'function' ? String(value) : value), 1);
};

test('schemas of every client of the functions are spelled with plain keys', () => {
  expect(clients).toEqual(expect.arrayContaining(['dynamodb', 'kms', 's3', 'sns']));
});

describe.each(clients)('the schemas of %s', (client) => {
  test('schemas with plain keys are those of the SDK', async () => {
    const [plain, whole] = await Promise.all([schemasIn(client, true), schemasIn(client, false)]);
    expect(plain.length).toBeGreaterThan(1000);
    expect(plain).toBe(whole);
  });

  test('a key that is no constant of the module fails the build', async () => {
    const text = await textOf(client);
    expect(plainSchemas(text)).not.toMatch(/^export var \w+\$ = \[(?!-3)[^;]*\[_\w+\]:/m);
    const changed = `${text}export var More$ = [3, n0, "More", { [word()]: 1 }, [], []];\n`;
    expect(() => plainSchemas(changed)).toThrow(/bundle\/schemas\.ts/);
  });
});

test('a bundle has no schema that it does not use', async () => {
  const contents = "import { PutObjectCommand } from '@aws-sdk/client-s3'; console.log(PutObjectCommand);";
  const [plain, whole] = await Promise.all([textWith(contents, true), textWith(contents, false)]);
  expect(plain).toMatch(/PutObjectRequest\$ =/);
  expect(plain).not.toMatch(/CreateBucketRequest\$ =/);
  expect(whole).toMatch(/CreateBucketRequest\$ =/);
});
