/** Schemas with plain keys are those of the SDK, and a bundle has only those that it uses. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { trimModules, trims } from '../../bundle/lean.ts';
import { namedErrors, plainSchemas, schemasOfNamedErrors } from '../../bundle/schemas.ts';

const root = path.join(import.meta.dirname, '../..');
const schemasOf = (client: string) => `@aws-sdk/client-${client}/dist-es/schemas/schemas_0.js`;
const clients = trims.flatMap(({ module, becomes }) =>
  becomes === plainSchemas || becomes === schemasOfNamedErrors ? [/client-([\w-]+)/.exec(module)?.[1] ?? ''] : [],
);
const textOf = (client: string) => readFile(path.join(root, 'node_modules', schemasOf(client)), 'utf8');
const trimmed = trims
  .filter(({ module }) => module.endsWith('/schemas_0.js'))
  .map((trim) => ({ ...trim, becomes: plainSchemas }));

const errorsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^export var (\w+)\$ = \[-3, /gm)].map(([, shape = '']) => shape);

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

describe('errors', () => {
  test('an error whose class a function names is among those that stay', async () => {
    const sources = (await readdir(path.join(root, 'lambdas'), { recursive: true })).filter((file) =>
      file.endsWith('.ts'),
    );
    const texts = await Promise.all(sources.map((file) => readFile(path.join(root, 'lambdas', file), 'utf8')));
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-[\w-]+'/g)].flatMap(([, names = '']) =>
        names.split(',').map((name) => name.trim()),
      ),
    );
    // Told apart by their names, because direct calls make them without the SDK. Their members are read.
    const refusals = await readFile(path.join(root, 'lambdas/aws/dynamo/refusals.ts'), 'utf8');
    const named = [...imported, ...[...refusals.matchAll(/'(\w+Exception)'/g)].map(([, name = '']) => name)];
    const isError = (name: string) => errorNames.has(name);
    const errorNames = new Set((await Promise.all(clients.map(textOf))).flatMap(errorsIn));
    expect(named.filter(isError)).toContain('TransactionCanceledException');
    for (const name of named.filter(isError)) expect(namedErrors).toContain(name);
  });

  test('an error that the SDK repeats because of its class is among those that stay', async () => {
    for (const client of clients.filter((each) => !['sns', 'cloudwatch', 'pinpoint-sms-voice-v2'].includes(each))) {
      const module = path.join(root, 'node_modules', `@aws-sdk/client-${client}/dist-es/models/errors.js`);
      const classes = (await readFile(module, 'utf8')).split(/^(?=export class )/m);
      const repeated = classes.filter((each) => each.includes('$retryable')).map((each) => each.split(' ')[2] ?? '');
      for (const name of repeated) expect(namedErrors).toContain(name);
    }
  });

  test('errors that are spelled in another way fail the build', async () => {
    const text = (await textOf('dynamodb'))
      .replaceAll('= [-3, ', '= [ -3, ')
      .replaceAll('.registerError(', '.register(');
    expect(() => schemasOfNamedErrors(text)).toThrow(/bundle\/schemas\.ts/);
  });
});
