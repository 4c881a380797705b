/** Modules in short are those of the packages. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as currencies from 'dinero.js/currencies';
import { ParseError as TheirError } from 'libphonenumber-js/core';
import { expect, test } from 'vitest';
import { trims } from '../../bundle/lean.ts';
import { shortCurrencies, shortParseError } from '../../bundle/packed.ts';

const originalOf = (becomes: (original: string) => string) => {
  const module = trims.find((trim) => trim.becomes === becomes)?.module ?? '';
  return readFile(path.join(import.meta.dirname, '../../node_modules', module), 'utf8');
};

const load = (text: string) => import(`data:text/javascript,${encodeURIComponent(text)}`);

test('the currencies in short are those of the package', async () => {
  const short = shortCurrencies(await originalOf(shortCurrencies));
  expect(Object.keys(currencies).length).toBeGreaterThan(150);
  expect({ ...(await load(short)) }).toEqual({ ...currencies });
});

test('a currency that is spelled in another way fails the build', async () => {
  const text = await originalOf(shortCurrencies);
  for (const changed of [text.replace('exponent: 3', 'exponent: 3n'), text.replace('code: "AED"', 'code: "AEX"'), ''])
    expect(() => shortCurrencies(changed)).toThrow(/bundle\/packed\.ts/);
});

test('ParseError in short has the name, the message and the kin of that of the package', async () => {
  const { default: ShortError } = await load(shortParseError(await originalOf(shortParseError)));
  const facts = (error: Error) => [error.name, error.message, String(error), error instanceof Error];
  const Theirs = TheirError as unknown as new (code: string) => Error;
  const [ours, theirs] = [new ShortError('TOO_LONG'), new Theirs('TOO_LONG')];
  expect(facts(ours)).toEqual(facts(theirs));
  expect(ours).toBeInstanceOf(ShortError);
  expect(ours.stack).toContain('TOO_LONG');
});

test('a ParseError that does more fails the build', async () => {
  const text = await originalOf(shortParseError);
  const changed = text.replace('return _this;', '_this.more = 1; return _this;');
  expect(() => shortParseError(changed)).toThrow(/bundle\/packed\.ts/);
});
