import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCountries } from 'libphonenumber-js/max';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import deployed from '../../../bin/settings.ts';
import { readArguments } from '../../../bundle/bundle.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import { type Policy, ruleNames } from '../../../lambdas/policy.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { readSettingsFile } from '../../../local/policy/settings-file.ts';
import { localPolicyOf, type Switches } from '../../../local/policy/switches.ts';

const now = new Date('2026-11-29T00:00:00Z');
const none: Switches = { allCountries: false, testNumbers: [], limits: true };
const localPolicy = (switches: Partial<Switches> = {}, raw: unknown = deployed) =>
  localPolicyOf(raw, { ...none, ...switches }, { file: 'mine.ts', now });
const settled = policyOf(parseSettings(deployed, now));

describe('the policy of local mode', () => {
  test('the policy of local mode is the deployed one if nothing is asked for', () => {
    expect(localPolicy()).toEqual(settled);
  });

  test('the policy of local mode refuses wrong settings with the sentences of the synthesis, and names their file', () => {
    const wrong = { ...deployed, audience: undefined, brands: 'X' };
    const sentencesOf = (act: () => unknown): readonly string[] => {
      try {
        act();
      } catch (error) {
        return String(error).split('\n');
      }
      return [];
    };
    const [title, ...sentences] = sentencesOf(() => localPolicy({}, wrong));
    expect(title).toBe('Error: The settings (mine.ts) have 2 problems:');
    expect(sentences).toEqual(sentencesOf(() => parseSettings(wrong, now)).slice(1));
  });

  test('all countries have numbers, prices and caps, and those of the settings keep theirs', () => {
    const { countries } = localPolicy({ allCountries: true });
    expect(Object.keys(countries).toSorted()).toEqual([...getCountries()].toSorted());
    for (const name of Object.keys(settled.countries)) expect(countries[name]).toEqual(settled.countries[name]);
    expect(countries['FR']).toEqual({ priceUsd: 0.09, maxPriceUsd: 0.1, caps: { hourUsd: 10, dayUsd: 50 } });
    for (const { priceUsd, maxPriceUsd, caps } of Object.values(countries))
      expect([priceUsd > 0, maxPriceUsd >= priceUsd, caps.hourUsd >= 2 * priceUsd]).toEqual([true, true, true]);
  });

  test('an application has all countries and no caps of its own if the switches say so', () => {
    const web = { kind: 'public', countries: ['IN'], caps: { hourUsd: 1, dayUsd: 2 } };
    const raw = { ...deployed, applications: { web } };
    expect(localPolicy({}, raw).applications['web']).toEqual(web);
    expect(localPolicy({ allCountries: true }, raw).applications['web']).toEqual({ kind: 'public', caps: web.caps });
    expect(localPolicy({ limits: false }, raw).applications['web']).toEqual({ kind: 'public', countries: ['IN'] });
  });

  test('test numbers expire in the future, and stand beside those of the settings', () => {
    const testNumbers = [{ from: '+12025550123', to: '+12025550123', code: '123456' }];
    const own = { number: '+12025550199', code: '654321', expires: '2027-01-31', uses: 3 };
    const [first, second] = localPolicy({ testNumbers }, { ...deployed, testNumbers: [own] }).testNumbers;
    expect(first).toMatchObject({ from: own.number, code: own.code });
    expect(second).toMatchObject({ from: '+12025550123', to: '+12025550123', code: '123456' });
    expect(second?.expiresAt).toBeGreaterThan(now.getTime() / 1000 + 86_400);
  });

  test.each([
    ['+15550100', '123456', /\+15550100 is no number that the service reads\. The number is too short/],
    ['+442079460000000', '123456', /is no number that the service reads/],
    ['+12025550123', '1234', /The code has 4 digits, and code\.digits is 6/],
  ])('a test number %s with the code %s is refused with a sentence', (number, code, sentence) => {
    expect(() => localPolicy({ testNumbers: [{ from: number, to: number, code }] })).toThrow(sentence);
  });

  test('a test number is one that a request may name', () => {
    expect(parsePhone('+12025550123').kind).toBe('phone');
  });
});

describe('without limits', () => {
  const free = localPolicy({ limits: false });

  test('codes, attempts, lives and texts stay as they are without limits', () => {
    const kept = ({ code, proofLifetimeSeconds, templates, purposes, brand, audience, testNumbers }: Policy) => ({
      ...{ code, proofLifetimeSeconds, templates, purposes, brand, audience, testNumbers },
    });
    expect(kept(free)).toEqual(kept(settled));
  });

  test('no rule of the detector has a mode that finds anything without limits', () => {
    expect(new Set(Object.values(free.bursts.levels))).toEqual(new Set(['off']));
    expect(Object.keys(free.bursts.rules).toSorted()).toEqual([...ruleNames].toSorted());
    expect(new Set(Object.values(free.bursts.rules))).toEqual(new Set(['off']));
  });

  test.each([
    ['sends.cooldownSeconds', { sends: { cooldownSeconds: free.sends.cooldownSeconds } }],
    ['sends.windows', { sends: { windows: free.sends.windows } }],
    ['sends.maxIn24Hours', { sends: { maxIn24Hours: free.sends.maxIn24Hours } }],
    ['ips.untrusted', { ips: { untrusted: free.ips.untrusted } }],
    ['ips.countriesPerDay', { ips: { countriesPerDay: free.ips.countriesPerDay } }],
    ['limits', { limits: false }],
    ['noLimits', { noLimits: true }],
    ['no-limits', { 'no-limits': true }],
  ])('settings cannot say that there is no limit by %s', (path, more) => {
    expect(() => parseSettings({ ...deployed, ...more }, now)).toThrow(path);
  });

  test('the bundler of a deployment takes no switch of local mode', async () => {
    for (const flag of ['--no-limits', '--allow-all-countries', '--settings', '--test-number'])
      await expect(readArguments(['--out', 'x', flag])).rejects.toThrow(/Unknown option/);
    expect((await readArguments(['--out', 'x'])).policy).toEqual(policyOf(parseSettings(deployed)));
  });
});

describe('a file of settings', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otp-settings-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const written = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  test.each([
    ['own.ts', 'const brand: string = "Mine";\nexport default { brand };'],
    ['own.mts', 'export default { brand: "Mine" as const };'],
    ['own.js', 'export default { brand: "Mine" };'],
    ['own.mjs', 'export default { brand: "Mine" };'],
    ['own.cjs', 'module.exports = { brand: "Mine" };'],
    ['own.json', '{ "brand": "Mine" }'],
  ])('settings are read from %s', async (name, text) => {
    expect(await readSettingsFile(await written(name, text))).toEqual({ brand: 'Mine' });
  });

  test.each([
    ['bad.json', '{ "brand": ', /bad\.json is not JSON: /],
    ['none.js', 'export const brand = 1;', /none\.js exports no settings\. Write export default/],
    ['throws.mjs', 'throw new Error("boom\\nmore");', /throws\.mjs cannot be read: boom$/],
    ['misses.mjs', 'import "./nowhere.js";', /misses\.mjs cannot be read: /],
    ['own.yaml', 'brand: Mine', /own\.yaml is no file of settings\. Write a \.ts, \.js or \.json file/],
  ])('%s is refused in one sentence', async (name, text, sentence) => {
    const error = await readSettingsFile(await written(name, text)).catch(String);
    expect(error).toMatch(sentence);
    expect(String(error).split('\n')).toHaveLength(1);
  });

  test('a file of settings that is missing, or a folder, is refused with an example', async () => {
    await expect(readSettingsFile(join(folder, 'missing.ts'))).rejects.toThrow(/There is no file .*missing\.ts\./);
    await expect(readSettingsFile(`${folder}/.ts`)).rejects.toThrow(/no file/);
  });
});
