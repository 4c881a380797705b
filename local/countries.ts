import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FunctionName, policyFile } from '../lambdas/contract.ts';

const sender = 'request-verification' satisfies FunctionName;

/** The countries that the bundled policy allows, by ISO 3166-1 code. */
export const countriesOf = async (bundles: string): Promise<readonly string[]> => {
  const policy: { readonly countries: object } = JSON.parse(await readFile(join(bundles, sender, policyFile), 'utf8'));
  return Object.keys(policy.countries);
};
