import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { limits } from '../../lib/settings/ranges.ts';
import { shape } from '../../lib/settings/schema.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { root } from './source/files.ts';
import { statedSettings, uncomment } from './stated-settings.ts';

const file = await readFile(path.join(root, 'bin/settings.ts'), 'utf8');
/** No test number of the examples has expired. */
const now = new Date('2027-03-01T00:00:00Z');

/** All settings that are shown, by name. */
const all: Readonly<Record<string, unknown>> = Object.fromEntries(
  await Promise.all(statedSettings(file).map(async (each) => [each.name, await uncomment(each)] as const)),
);

/** What is wrong with the settings that a file shows as comments. */
const driftOf = async (text: string): Promise<readonly string[]> => {
  // The shipped applications have credentials of one access mode.
  const { applications: _, ...rest } = settings;
  const bare = parseSettings(rest, now);
  const found = statedSettings(text).map(async (stated) => {
    const parsed = parseSettings({ ...rest, [stated.name]: await uncomment(stated) }, now);
    const isDefault = JSON.stringify(parsed) === JSON.stringify(bare);
    if (isDefault && stated.isExample) return [`${stated.name} is the default: take "for example" away.`];
    if (isDefault || stated.isExample) return [];
    return [`${stated.name} is not the default: write it as it is in the schema, or end it by "// for example".`];
  });
  return (await Promise.all(found)).flat();
};

test('a setting that bin/settings.ts shows as a comment is the default of the schema, or says that it is an example', async () => {
  expect(await driftOf(file)).toEqual([]);
});

test('all settings that bin/settings.ts shows are accepted together', async () => {
  expect(() => parseSettings({ ...settings, ...all }, now)).not.toThrow();
});

test('every setting stands in bin/settings.ts, as a value or as a comment', () => {
  const stated = new Set([...Object.keys(settings), ...Object.keys(all)]);
  expect([...stated].toSorted()).toEqual(Object.keys(shape.entries).toSorted());
});

test('every number of the settings stands in bin/settings.ts, those of single countries aside', () => {
  const isThere = (value: unknown, [key, ...rest]: readonly string[]): boolean => {
    if (key === undefined || key === '*') return value !== undefined;
    return typeof value === 'object' && value !== null && isThere(Reflect.get(value, key), rest);
  };
  const paths = limits().map(({ path }) => path);
  expect(paths.filter((each) => !each.startsWith('countries.') && !isThere(all, each.split('.')))).toEqual([]);
});

test.each([
  ['a number', '  // proofLifetimeSeconds: 60,', 'proofLifetimeSeconds'],
  ['a number within an object', '  // throttle: { ratePerSecond: 21, burst: 40 },', 'throttle'],
  ['a number on a line of its own', '  // throttle: {\n  //   ratePerSecond: 21,\n  // },', 'throttle'],
  ['a word', "  // access: 'iam',", 'access'],
  ['an entry of a list', "  // purposes: ['login', 'verify-number', 'transaction', 'account-change'],", 'purposes'],
  ['a value for what has no default', '  // dailyQuota: 100000,', 'dailyQuota'],
  ['a default called an example', '  // tracing: false, // for example', 'tracing'],
])('%s that is not what the schema says is found', async (_, text, name) => {
  expect(await driftOf(text)).toEqual([expect.stringContaining(name)]);
});

test('a setting that does not exist is found', async () => {
  await expect(driftOf('  // colour: 1,')).rejects.toThrow('There is no such setting');
});

test('a setting that does not end is found', () => {
  expect(() => statedSettings('  // code: {\n  //   digits: 6,\n')).toThrow('does not end');
});

test('a default and an example are left alone, and prose is no setting', async () => {
  const prose = '  // How many: a lot, and some [more]\n  // From the start: a sentence.';
  expect(await driftOf(`${prose}\n  // tracing: false,\n  // dailyQuota: 100000, // for example`)).toEqual([]);
});
