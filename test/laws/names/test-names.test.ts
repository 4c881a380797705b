import { expect, test } from 'vitest';
import { sources } from '../source/files.ts';
import { parse } from '../source/syntax.ts';
import { testNamesIn } from '../source/tests.ts';
import { fragmentIn } from './sentences.ts';

const fragmentsOf = (text: string): readonly string[] =>
  testNamesIn(parse(text)).flatMap((name) => {
    const why = fragmentIn(name);
    return why === undefined ? [] : [`"${name}" ${why}`];
  });

const fragments = sources
  .filter(({ path }) => path.endsWith('.test.ts'))
  .map(({ path, text }) => ({ path, found: fragmentsOf(text) }))
  .filter(({ found }) => found.length > 0);

test('the name of every test is a sentence that says a rule', () => {
  expect(fragments).toEqual([]);
});

test.each([
  'a code is accepted once',
  'every read is consistent',
  'the right code is refused after five wrong ones',
  '%s has the key and the expiry of the contract',
  '$method $path goes to $function',
])('the law takes %j for a sentence', (name) => {
  expect(fragmentIn(name)).toBeUndefined();
});

test.each([
  ['is done', 'has fewer than 4 words'],
  ['a code expires', 'has fewer than 4 words'],
  ['is accepted once and no more', 'begins with the verb "is"'],
  ['refuses what comes after that', 'begins with the verb "refuses"'],
  ['replaces the code and counts', 'begins with the verb "replaces"'],
  ['of 50 in parallel one is accepted', 'begins with "of"'],
  ['if a setting is missing, it says so', 'begins with "if"'],
  ['whoever is refused gets a reason', 'begins with "whoever"'],
  ['a gap without any reason', 'has no verb that the law knows'],
  ['codes that are wrong or expired', 'has no verb that the law knows'],
  ['$fault at call $call, $times times', 'has no verb that the law knows'],
  ['%s: not sent, nothing counted', 'has no verb that the law knows'],
])('the law says of %j that it %s', (name, why) => {
  expect(fragmentIn(name)).toBe(why);
});

test('the law reads the names of tests, of their tables and of their templates, and of nothing else', () => {
  const text = `
    describe('a group', () => {
      test('one name', () => {});
      it('another name', async () => {});
      test.each([1])('a row of %i', () => {});
      test.each(rows.map(({ id }) => id))(\`a template of \${1 + 1} words\`, () => {});
      test.skipIf(isHere)('a condition', () => {});
      pattern.test('no name');
    });
    test(name, () => {});`;
  const names = ['one name', 'another name', 'a row of %i', 'a template of … words', 'a condition', ''];
  expect(testNamesIn(parse(text))).toEqual(names);
});
