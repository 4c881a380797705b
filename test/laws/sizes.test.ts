import { expect, test } from 'vitest';
import { bigFolders, longFunctions, maxFiles, maxLines } from './sizes.ts';
import { sources } from './source/files.ts';
import { functionsOf } from './source/functions.ts';
import { parse } from './source/syntax.ts';

/** Folders of more files, and why. */
const allowedFolders: Readonly<Record<string, string>> = {
  lambdas: 'One entrypoint for each function, beside the contract and the policy.',
};

/** Longer functions, by why. */
const allowedFunctions = {
  'A factory: it returns an object whose functions are each short.': [
    'bench/bursts/contenders/ours/ips.ts: memoryIps',
    'bench/bursts/contenders/ours/ours.ts: enter',
    'bench/bursts/contenders/ours/sends.ts: memorySends',
    'bench/bursts/measures/tables.ts: startTables',
    'clients/typescript/form/flow.ts: createFlow',
    'clients/typescript/form/view.ts: createView',
    'test/aws/stage.ts: openStage',
    'test/deploy/emulator.ts: startEmulator',
  ],
  'A table: one row for each question, grant, attack on a grant or default.': [
    'cli/preflight/questions.ts: smsQuestions',
    'lib/constructs/iam/access-policies.ts: auditorGrants',
    'test/iam/must-not.ts: rulesFor',
    "test/lib/settings/settings.test.ts: describe('the shipped settings').test('the defaults are the safe ones')",
  ],
} as const;
const allowedNames: readonly string[] = Object.values(allowedFunctions).flat();

test(`a folder holds at most ${maxFiles} files, unless it is named here`, () => {
  expect([...bigFolders(sources)].filter(([folder]) => !Object.hasOwn(allowedFolders, folder))).toEqual([]);
});

test(`a function has at most ${maxLines} lines, unless it is named here`, () => {
  expect([...longFunctions(sources)].filter(([name]) => !allowedNames.includes(name))).toEqual([]);
});

test('no folder and no function is named here that need not be', () => {
  const [folders, functions] = [bigFolders(sources), longFunctions(sources)];
  expect(Object.keys(allowedFolders).filter((folder) => !folders.has(folder))).toEqual([]);
  expect(allowedNames.filter((name) => !functions.has(name))).toEqual([]);
});

test('a folder of one file too many is found, whatever stands below it', () => {
  const files = Array.from({ length: maxFiles + 1 }, (_, index) => ({ path: `lib/${index}.ts`, text: '' }));
  const below = { path: 'lib/below/a.ts', text: '' };
  expect(bigFolders([...files, below])).toEqual(new Map([['lib', maxFiles + 1]]));
  expect(bigFolders([...files.slice(1), below])).toEqual(new Map());
});

const body = (lines: number) => `{\n${'  step();\n'.repeat(lines - 2)}}`;

test.each([
  ['a function', (lines: number) => `export function long() ${body(lines)}`, 'long'],
  ['an arrow function', (lines: number) => `const long = async () => ${body(lines)};`, 'long'],
  ['an expression', (lines: number) => `const long = () => [${'\n'.repeat(lines - 1)}];`, 'long'],
  ['what a curried function returns', (lines: number) => `const long = (a) => (b) => ${body(lines)};`, 'long'],
  ['a function that satisfies a type', (lines: number) => `const long = (() => ${body(lines)}) satisfies A;`, 'long'],
  ['a method of a class', (lines: number) => `class Has { long() ${body(lines)} }`, 'Has.long'],
  ['a constructor', (lines: number) => `class Has { constructor() ${body(lines)} }`, 'Has.constructor'],
  ['a method of an object', (lines: number) => `const has = { long() ${body(lines)} };`, 'has.long'],
  ['a property of an object', (lines: number) => `const has = { 'a b': () => ${body(lines)} };`, 'has.a b'],
  [
    'a callback',
    (lines: number) => `export const handler = httpHandler(async () => ${body(lines)});`,
    'handler.httpHandler',
  ],
  [
    'a test',
    (lines: number) => `describe('a', () => {\n test('b', () => ${body(lines)});\n});`,
    "describe('a').test('b')",
  ],
])('%s of one line too many is found', (_, write, name) => {
  const long = (lines: number) => longFunctions([{ path: 'lib/a.ts', text: write(lines) }]);
  expect(long(maxLines + 1)).toEqual(new Map([[`lib/a.ts: ${name}`, maxLines + 1]]));
  expect(long(maxLines)).toEqual(new Map());
});

test('the lines of a function have those of its inner functions in them', () => {
  const text = 'const outer = () => {\n  const inner = () => {\n    step();\n  };\n  inner();\n};';
  expect(functionsOf(parse(text), text)).toEqual([
    { name: 'outer', lines: 6 },
    { name: 'outer.inner', lines: 3 },
  ]);
});

test('the lines of a group of tests are not counted', () => {
  const text = "describe('a group', () => {\n  step();\n});";
  expect(functionsOf(parse(text), text)).toEqual([]);
});
