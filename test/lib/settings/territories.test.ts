import { Annotations as Claims, Match } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/metadata.max.json' with { type: 'json' };
import { describe, expect, test } from 'vitest';
import rawSettings from '../../../bin/settings.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import { parseSettings, territoryWarnings } from '../../../lib/settings/settings.ts';
import { buildStack, minimalSettings } from '../template/synthesized.ts';

const warningsOf = (countries: readonly string[], excludedCountries: readonly string[] = []) =>
  territoryWarnings(
    parseSettings({
      ...minimalSettings,
      countries: Object.fromEntries(countries.map((name) => [name, {}])),
      maxPriceUsd: 1,
      excludedCountries,
    }),
  );
const addedBy = (country: string): readonly string[] => {
  const todo = warningsOf([country])[0]?.todo ?? '';
  return [...todo.matchAll(/([A-Z]{2}): \{\}/g)].map(([, code = '']) => code);
};

describe('a country without its territories', () => {
  test.each([
    ['US', ['AS', 'GU', 'MP', 'PR', 'VI']],
    ['GB', ['GG', 'IM', 'JE']],
    ['FR', ['GF', 'GP', 'MQ', 'NC', 'PF', 'PM', 'RE', 'WF', 'YT']],
    ['NL', ['AW', 'BQ', 'CW', 'SX']],
    ['DK', ['FO', 'GL']],
  ])('%s alone warns, and names exactly what to add', (country, territories) => {
    expect(addedBy(country)).toEqual(territories);
    const all = warningsOf([country, ...territories]);
    expect(all.filter((warning) => warning.country === country)).toEqual([]);
  });

  test('the two ways out that the warning names can be written as they stand', () => {
    for (const country of ['US', 'GB', 'FR', 'DK']) {
      const of = (more: object) =>
        parseSettings({ ...minimalSettings, excludedCountries: [], countries: { [country]: {} }, ...more });
      const [warning] = territoryWarnings(of({}));
      const [, entries = '', excluded = ''] =
        /add (.*) to countries\. If not, say so: excludedCountries: (\[.*\])\.$/.exec(warning?.todo ?? '') ?? [];
      const added = JSON.parse(`{${entries.replaceAll(/(\w+):/g, '"$1":')}}`);
      expect(Object.keys(added).length).toBeGreaterThan(1);
      expect(territoryWarnings(of({ countries: { [country]: {}, ...added } }))).toEqual([]);
      expect(territoryWarnings(of({ excludedCountries: JSON.parse(excluded.replaceAll("'", '"')) }))).toEqual([]);
    }
  });

  test('a territory that is added or excluded is not named any more', () => {
    const [warning] = warningsOf(['US', 'PR'], ['GU', 'VI']);
    expect(warning).toMatchObject({
      found: 'countries lists US without AS (American Samoa), MP (Northern Mariana Islands): their numbers get no SMS.',
      todo: "If your users live there, add AS: {}, MP: {} to countries. If not, say so: excludedCountries: ['AS', 'MP'].",
    });
    expect(warningsOf(['GB'], ['GG', 'IM', 'JE'])).toEqual([]);
  });

  test.each(['CA', 'RU', 'KZ', 'IN', 'DE', 'NO', 'FI', 'AU', 'MA', 'IT', 'CN', 'JM'])(
    '%s alone is no reason to warn',
    (country) => {
      expect(warningsOf([country])).toEqual([]);
    },
  );

  test('the settings that ship leave out no territory silently', () => {
    expect(territoryWarnings(parseSettings(rawSettings))).toEqual([]);
    expect(rawSettings.excludedCountries).toEqual([...addedBy('US'), ...addedBy('GB')]);
  });
});

describe('a country that no mobile number belongs to', () => {
  test.each([
    ['AX', 'FI'],
    ['BL', 'GP'],
    ['CC', 'AU'],
    ['CX', 'AU'],
    ['EH', 'MA'],
    ['MF', 'GP'],
    ['SJ', 'NO'],
    ['VA', 'IT'],
  ])('%s in countries warns that its numbers are those of %s', (country, main) => {
    const [alone] = warningsOf([country]);
    expect([alone?.country, alone?.todo]).toEqual([country, `Write ${main} in place of ${country} in countries.`]);
    expect(warningsOf([main, country]).find((warning) => warning.country === country)?.todo).toBe(
      `Remove ${country} from countries.`,
    );
  });
});

/** The pattern of a country's mobile numbers in libphonenumber's metadata: the first of a type's list, by its place. */
const mobilePattern = (country: string): string | undefined => {
  const facts: Readonly<Record<string, readonly unknown[]>> = metadata.countries;
  const types = facts[country]?.[11] as readonly (readonly [string] | 0)[] | undefined;
  const mobile = types?.[1];
  return Array.isArray(mobile) ? mobile[0] : undefined;
};

/** The countries as which the mobile numbers of a country are read by the code that decides, of those that may get an SMS. */
const readFrom = (country: string): ReadonlySet<string> => {
  const pattern = mobilePattern(country);
  const found = new Set<string>();
  if (pattern === undefined) return found;
  fc.assert(
    fc.property(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), (national) => {
      const parsed = parsePhone(`+${getCountryCallingCode(country as 'GB')}${national}`);
      if (parsed.kind === 'phone') found.add(parsed.phone.country);
    }),
    { numRuns: 120 },
  );
  return found;
};

const shared = Object.values(Object.groupBy(getCountries(), (country) => getCountryCallingCode(country))).flatMap(
  (group = []) => (group.length > 1 ? [group] : []),
);

/** States of their own, whose people nobody takes for those of another country of their plan. */
const independent = [
  ...['CA', 'AG', 'BB', 'BS', 'DM', 'DO', 'GD', 'JM', 'KN', 'LC', 'TT', 'VC', 'KZ', 'RU'],
  // British and Dutch territories with a carrier market of their own in the plan of North America.
  ...['AI', 'BM', 'KY', 'MS', 'TC', 'VG'],
];

describe('the numbering plans that countries share', () => {
  const named = new Set(['US', 'GB', 'FR', 'NL', 'DK', 'SH', 'CW'].flatMap(addedBy));

  test.each(shared.map((group) => [getCountryCallingCode(group[0] as 'GB'), group] as const))(
    'every country of +%s is a main one, named by a warning, without numbers of its own, or independent',
    (_, group) => {
      const mains = new Set(['US', 'GB', 'IT', 'NO', 'AU', 'MA', 'FI', 'SH', 'CW']);
      const silent = group.filter(
        (country) =>
          !mains.has(country) &&
          !named.has(country) &&
          !independent.includes(country) &&
          readFrom(country).has(country),
      );
      expect(silent).toEqual([]);
    },
  );

  test.each(['AX', 'BL', 'CC', 'CX', 'EH', 'MF', 'SJ', 'VA'])(
    'no mobile number of %s is read as one of it',
    (country) => {
      const found = readFrom(country);
      expect(found.size).toBeGreaterThan(0);
      expect(found).not.toContain(country);
    },
  );

  test.each([
    ['PR', '+17872345678'],
    ['VI', '+13406421234'],
    ['GU', '+16713001234'],
    ['AS', '+16847331234'],
    ['MP', '+16702345678'],
    ['GG', '+447781123456'],
    ['JE', '+447797712345'],
    ['IM', '+447624500123'],
    ['RE', '+262692123456'],
    ['BQ', '+5993181234'],
    ['FO', '+298211234'],
  ])('a number of %s is shut out by the settings of its country alone: %s', (country, number) => {
    const parsed = parsePhone(number);
    expect(parsed).toMatchObject({ phone: { country } });
    expect(named).toContain(country);
  });
});

test('synthesis warns, and names what to add', () => {
  const { stack } = buildStack({ countries: { US: {} } });
  Claims.fromStack(stack).hasWarning('/OtpService', Match.stringLikeRegexp('without AS .* add AS: .* GU: .* VI: '));
});
