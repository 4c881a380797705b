import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exitCodeOf, renderJson, renderTexts, textsIn } from '../../../cli/preview/report.ts';
import { parseForPreview, previewOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { shippedLanguages } from '../../../lib/settings/templates.ts';
import { minimalSettings } from '../../lib/template/synthesized.ts';

const root = new URL('../../..', import.meta.url).pathname;
const preview = (settings: Partial<SettingsInput> = {}) =>
  previewOf(parseForPreview({ ...minimalSettings, ...settings }));
const long = [{ purpose: 'login', locale: 'hi', text: `{{code}} ${'क'.repeat(61)}` }];
const one = { languages: [], purposes: ['verify-number'] };
const text = { purpose: 'verify-number', locale: 'en' };

describe('the preview', () => {
  test('the preview shows each text with all lines that a request may ask for, at its longest', () => {
    const [first] = preview({ languages: ['hi'], origins: ['https://app.example.com'], appHashes: ['FA+9qCX9VSu'] });
    expect(first).toMatchObject({ purpose: 'verify-number', locale: 'hi', direction: 'ltr', isRegistered: false });
    expect(first?.messages.map(({ carries }) => carries)).toEqual([[], ['appHash'], ['host'], ['appHash', 'host']]);
    expect(first?.messages.at(-1)).toMatchObject({
      longest: '000000000 आपका Example कोड है। इसे किसी को न बताएँ।\nWWWWWWWWWWW\n@app.example.com #000000000',
      usual: '492039 आपका Example कोड है। इसे किसी को न बताएँ।\nFA+9qCX9VSu\n@app.example.com #492039',
      encoding: 'UCS-2',
      parts: 2,
      maxParts: 2,
      over: 0,
      mayMissApp: true,
    });
  });
  test('the preview names the price of all parts, by country', () => {
    const countries = { GB: { priceUsd: 0.04 }, IN: { priceUsd: 0.03 } };
    const [payment] = preview({ languages: ['hi'], countries }).filter(({ purpose }) => purpose === 'transaction');
    expect(payment?.messages[0]).toMatchObject({ parts: 2, pricesUsd: { GB: 0.08, IN: 0.06 } });
  });
  test('a country with texts of its own gets no others', () => {
    const registered = { ...text, country: 'IN', templateId: '1107000000000000001', text: '{{code}} is your OTP.' };
    const countries = { GB: {}, IN: { senderId: 'EXMPLE', entityId: '1101000000000000001' } };
    const texts = preview({ languages: ['en'], purposes: ['verify-number'], countries, templates: [registered] });
    expect(
      texts.map(({ isRegistered, messages }) => [isRegistered, Object.keys(messages[0]?.pricesUsd ?? {})]),
    ).toEqual([
      [true, ['IN']],
      [false, ['GB']],
    ]);
    expect(renderTexts(texts)).toContain('verify-number in en for IN (registered)');
  });
  test('an application with a brand of its own has its texts beside those of all', () => {
    const applications = { shop: { kind: 'public' as const, brand: 'Żabka' }, web: { kind: 'public' as const } };
    const texts = preview({ languages: ['en'], purposes: ['verify-number'], applications });
    expect(texts.map(({ application, messages }) => [application, messages[0]?.encoding])).toEqual([
      [undefined, 'GSM-7'],
      ['shop', 'UCS-2'],
    ]);
  });
  test('the preview of every shipped language has nothing that is too long', () => {
    const texts = preview({ languages: [...shippedLanguages] });
    expect(texts).toHaveLength(80);
    expect(exitCodeOf(texts)).toBe(0);
    expect(renderTexts(texts)).toContain('texts: 80, messages: 80, too long: 0');
    expect(texts.filter(({ direction }) => direction === 'rtl').map(({ locale }) => locale)).toEqual(
      Array.from({ length: 4 }, () => 'ar'),
    );
  });
  test('a text that is too long is shown all the same, and ends the preview with 1', () => {
    const texts = preview({ languages: ['en'], templates: long });
    expect(exitCodeOf(texts)).toBe(1);
    expect(renderTexts(texts)).toMatch(
      /login in hi\n {2}alone: UCS-2, 71 units, 2 of 1 part: GB \$[\d.]+\n {4}TOO LONG by 1 character\n/,
    );
    expect(exitCodeOf(preview({ languages: ['en'], templates: long, maxParts: { unicode: 2 } }))).toBe(0);
  });
  test('a locale shows its texts in all regions and scripts', () => {
    const templates = ['zh', 'zh-Hant', 'zh-Hant-TW', 'en'].map((locale) => ({ ...text, locale, text: '{{code}}' }));
    const texts = preview({ ...one, templates });
    const localesIn = (locale?: string) => textsIn(texts, locale).map((each) => each.locale);
    expect(localesIn('ZH')).toEqual(['zh', 'zh-Hant', 'zh-Hant-TW']);
    expect(localesIn('zh-hant')).toEqual(['zh-Hant', 'zh-Hant-TW']);
    expect(localesIn('z')).toEqual([]);
    expect(localesIn()).toHaveLength(4);
  });
  test('a locale that no language has is laid out from the left', () => {
    expect(preview({ ...one, templates: [{ ...text, locale: 'en-12', text: '{{code}}' }] })[0]?.direction).toBe('ltr');
  });
  test('programs may read the same texts', () => {
    const texts = preview({ languages: ['en'] });
    expect(JSON.parse(renderJson(texts))).toEqual({ texts: JSON.parse(JSON.stringify(texts)) });
  });
});

describe('npm run preview', () => {
  // Inside of the project, where its packages are found.
  mkdirSync(path.join(root, 'build'), { recursive: true });
  const copy = mkdtempSync(path.join(root, 'build', 'preview-'));
  for (const part of ['bin', 'cli', 'lib', 'lambdas', 'package.json'])
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  afterAll(() => rmSync(copy, { recursive: true }));

  const run = (settings: unknown, ...args: readonly string[]) => {
    writeFileSync(path.join(copy, 'bin', 'settings.ts'), `export default ${JSON.stringify(settings)};`);
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        ['cli/preview/preview.ts', ...args],
        { cwd: copy },
        (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  };
  const settings = { ...minimalSettings, languages: ['en', 'hi'] };

  test('npm run preview ends with 0 if each text has the parts that it may have', async () => {
    const { code, stdout, stderr } = await run(settings);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('verify-number in hi');
    expect(stdout).toContain('texts: 8, messages: 8, too long: 0');
  });
  test('npm run preview ends with 1 if a text is too long, which synthesis refuses', async () => {
    const { code, stdout } = await run({ ...settings, templates: long }, '--locale', 'hi', '--json');
    expect(code).toBe(1);
    const { texts } = JSON.parse(stdout);
    expect(texts.map(({ locale }: { locale: string }) => locale)).toEqual(['hi', 'hi', 'hi', 'hi']);
  });
  test.each([
    ['wrong settings', { ...settings, brand: '' }, [], 'The settings (bin/settings.ts) have one problem'],
    ['an option that there is not', settings, ['--jsno'], '--locale LANGUAGE or --json'],
    ['a language without texts', settings, ['--locale', 'ta'], 'No text of the settings is in ta. Add it to languages'],
  ])('npm run preview ends with 2 and a sentence for %s', async (_, given, args, sentence) => {
    const { code, stdout, stderr } = await run(given, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
  });
});
