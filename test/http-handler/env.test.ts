import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { functionNames, functions, hourlySealKeyVariable, stackNameVariable } from '../../lambdas/contract.ts';
import { readEnvironment, readHourlySealKey, readStackName } from '../../lambdas/env.ts';

beforeEach(() => vi.stubEnv('UNLISTED', 'something'));
afterEach(() => vi.unstubAllEnvs());

test.each(functionNames)('%s gets the variables that the contract lists, and no other', (name) => {
  const variables = functions[name].environment;
  for (const variable of variables) vi.stubEnv(variable, `value of ${variable}`);
  expect(readEnvironment(name)).toEqual(Object.fromEntries(variables.map((each) => [each, `value of ${each}`])));
});

test.each(functionNames)('%s names the variables that are missing or empty, when it starts', (name) => {
  const [first = '', ...others] = functions[name].environment;
  for (const variable of others) vi.stubEnv(variable, undefined);
  vi.stubEnv(first, '');
  const named = [first, ...others].join(', ');
  expect(() => readEnvironment(name)).toThrow(`${name} needs the environment variables ${named}. The stack sets them.`);
});

test('a variable that the contract does not give to a function does not compile', () => {
  for (const variable of functions['get-verification'].environment) vi.stubEnv(variable, 'given');
  vi.stubEnv('SEAL_KEY', 'not for this function');
  const env = readEnvironment('get-verification');
  expect(env.VERIFICATIONS_TABLE).toBe('given');
  // @ts-expect-error: get-verification may not know the key that seals numbers.
  expect(env.SEAL_KEY).toBeUndefined();
  // @ts-expect-error: no function has this variable.
  expect(env.UNLISTED).toBeUndefined();
});

test('a function without the name of its stack does not start: no alarm would watch its metrics', () => {
  vi.stubEnv(stackNameVariable, 'OtpDev');
  expect(readStackName()).toBe('OtpDev');
  vi.stubEnv(stackNameVariable, '');
  expect(readStackName).toThrow('POWERTOOLS_SERVICE_NAME is missing: the name of the stack');
});

test('a function that seals hourly does not start without the key of hours, and else needs none', () => {
  vi.stubEnv(hourlySealKeyVariable, '');
  expect(readHourlySealKey({ sealing: 'per-record' })).toBeUndefined();
  expect(() => readHourlySealKey({ sealing: 'hourly' })).toThrow('HOURLY_SEAL_KEY is missing');
  vi.stubEnv(hourlySealKeyVariable, 'arn');
  expect(readHourlySealKey({ sealing: 'hourly' })).toBe('arn');
});
