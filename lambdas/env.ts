import { readFileSync } from 'node:fs';
import { type EnvironmentName, type FunctionName, functions, policyFile } from './contract.ts';
import type { Policy } from './policy.ts';

/**
 * The environment of a function: exactly the variables that the contract gives it.
 *
 * @throws Error that names what is missing, once, when the container starts.
 */
export const readEnvironment = (name: FunctionName): Readonly<Record<EnvironmentName, string>> => {
  const allowed: readonly EnvironmentName[] = functions[name].environment;
  const missing = allowed.filter((variable) => !process.env[variable]);
  if (missing.length > 0) {
    throw new Error(`${name} needs the environment variables ${missing.join(', ')}; the stack sets them.`);
  }
  const given = Object.fromEntries(allowed.map((variable) => [variable, process.env[variable] ?? '']));
  return new Proxy(given as Record<EnvironmentName, string>, {
    get: (target, variable) => {
      if (typeof variable === 'string' && Object.hasOwn(target, variable)) return Reflect.get(target, variable);
      throw new Error(`${name} is not given ${String(variable)}: see functions in contract.ts.`);
    },
  });
};

/** The policy beside the bundle. The settings were validated before it was written. */
export const readPolicy = (bundle: string): Policy => JSON.parse(readFileSync(new URL(policyFile, bundle), 'utf8'));

/** ARN of each CodeKey by generation, the newest last. */
export const readCodeKeys = (text: string): Readonly<Record<string, string>> => JSON.parse(text);
