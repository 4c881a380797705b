/** The page of misuse claims nothing that no test tries. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { numberLimits, staffLimits } from '../../../lambdas/contract.ts';
import { root, sources } from '../source/files.ts';
import { parse } from '../source/syntax.ts';
import { testNamesIn } from '../source/tests.ts';

const page = readFileSync(path.join(root, 'docs/misuse.md'), 'utf8');

type Claim = { readonly file: string; readonly name: string };

/** Each file with the name of its test, such as `test/a.test.ts`: *a thief is refused*. */
const claimsIn = (text: string): readonly Claim[] =>
  [...text.matchAll(/`(test\/[\w./-]+\.test\.ts)`(?: tries it| holds this policy)?: \*([^*]+)\*/g)].map(
    ([, file = '', name = '']) => ({
      file,
      name,
    }),
  );

/** Rows of all tables, without their headings. */
const rowsIn = (text: string): readonly string[] =>
  text.split('\n').filter((line, index, lines) => /^\| [^-]/.test(line) && !/^\| -/.test(lines[index + 1] ?? ''));

/** A place that the rows of a table fill in stands for any words. */
const patternOf = (name: string): RegExp =>
  new RegExp(
    `^${name
      .split(/%[sij]|\$\w+|…/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+')}$`,
  );

const isTried = ({ file, name }: Claim): boolean =>
  sources.some(
    ({ path: at, text }) => at === file && testNamesIn(parse(text)).some((each) => patternOf(each).test(name)),
  );

describe('the page of misuse', () => {
  test('each row of the page names a file and a test', () => {
    expect(rowsIn(page).length).toBeGreaterThan(25);
    expect(rowsIn(page).filter((row) => claimsIn(row).length !== 1)).toEqual([]);
  });

  test('every test that the page names exists', () => {
    expect(claimsIn(page).filter((claim) => !isTried(claim))).toEqual([]);
  });

  test('the numbers of the page are those of the contract', () => {
    const { historiesPerHour, erasesPerHour } = numberLimits;
    const days = staffLimits.maxBlockSeconds / 86_400;
    const said = [
      `An hour has ${historiesPerHour} histories and ${erasesPerHour} erasures`,
      `It ends after ${days} days.`,
      `an end in ${days + 1} days`,
    ];
    expect(said.filter((words) => !page.includes(words))).toEqual([]);
  });

  test.each([
    ['a file that is gone', 'test/laws/names/gone.test.ts', 'every test that the page names exists'],
    ['a test that is gone', 'test/laws/names/tried-by.test.ts', 'every test that the page names is gone'],
    ['a part of a name', 'test/laws/names/tried-by.test.ts', 'every test that the page names'],
  ])('the law finds %s', (_, file, name) => {
    expect(isTried({ file, name })).toBe(false);
  });
});
