import { expect, test } from 'vitest';
import { longestVariables } from '../../../lib/constructs/variables.ts';
import type { SettingsInput } from '../../../lib/settings/settings.ts';
import { buildStack, synthesize } from '../template/synthesized.ts';

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const withPrincipals = (count: number): Partial<SettingsInput> => ({
  access: 'iam',
  applications: {
    web: {
      kind: 'public',
      principals: Array.from(
        { length: count },
        (_, nth) => `arn:aws:iam::111122223333:role/a-role-with-a-long-name-${String(nth).padStart(3, '0')}`,
      ),
    },
  },
});

/** The bytes that Lambda would count of the variables of a function. */
const bytesOf = (settings: Partial<SettingsInput>): number => {
  const { stack } = buildStack(settings);
  return Buffer.byteLength(JSON.stringify(longestVariables(stack.service.functions['request-verification'].lambda)));
};
const problemOf = (settings: Partial<SettingsInput>): string => {
  try {
    synthesize(buildStack(settings).stack);
    return 'no problem';
  } catch (error) {
    return String(error);
  }
};

const ofOne = bytesOf(withPrincipals(2)) - bytesOf(withPrincipals(1));
/** Principals that fit. */
const most = 1 + Math.floor((4096 - bytesOf(withPrincipals(1))) / ofOne);

test('the environment is counted as the template sets it, with each reference at its longest', () => {
  const { stack } = buildStack({ applications: { web: { kind: 'public', keys: ['a', 'b'] } } });
  const variables = longestVariables(stack.service.functions['request-verification'].lambda);
  expect(variables['POWERTOOLS_SERVICE_NAME']).toBe('OtpService');
  expect(variables['APPLICATIONS']).toBe(JSON.stringify({ web: ['x'.repeat(10), 'x'.repeat(10)] }));
  expect(variables['CODE_KEYS']).toBe(JSON.stringify({ a: 'x'.repeat(87) }));
  expect(variables['SEAL_KEY']).toBe('x'.repeat(87));
  expect(variables['ENDPOINT']).toMatch(/^https:\/\/x{10}\.execute-api\.x{14}\.x{16}\/otp$/);
  expect(variables['GUARDS_TABLE']).toMatch(/^x{40,90}$/);
});

test('synthesis refuses the first credential that does not fit, and says what to write instead', () => {
  expect(bytesOf(withPrincipals(most))).toBeLessThanOrEqual(4096);
  expect(problemOf(withPrincipals(most))).toBe('no problem');
  const problem = problemOf(withPrincipals(most + 1));
  expect(problem).toMatch(
    /The environment of request-verification takes \d+ bytes, and Lambda takes 4096\. APPLICATIONS has \d+ of them\./,
  );
  expect(problem).toContain(
    'Write fewer or shorter credentials and names in applications, for example one key for each, or fewer codeKeyGenerations.',
  );
});

test('the generations of the code key are counted with the credentials', () => {
  const generations = { codeKeyGenerations: letters.slice(0, 4) };
  expect(problemOf({ ...withPrincipals(1), ...generations })).toBe('no problem');
  expect(problemOf(withPrincipals(most))).toBe('no problem');
  expect(problemOf({ ...withPrincipals(most), ...generations })).toContain('or fewer codeKeyGenerations');
});

test('twenty applications with two keys each fit', () => {
  const applications = Object.fromEntries(
    letters.slice(0, 20).map((letter) => [`application-${letter}`, { kind: 'public' as const, keys: ['a', 'b'] }]),
  );
  expect(problemOf({ applications })).toBe('no problem');
});
