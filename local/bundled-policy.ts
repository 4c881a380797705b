import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FunctionName, policyFile } from '../lambdas/contract.ts';

const sender = 'request-verification' satisfies FunctionName;

type Bundled = {
  readonly countries: object;
  readonly origins: readonly string[];
  readonly applications: Readonly<Record<string, { kind: string; origins?: readonly string[] }>>;
};

const policyOf = async (bundles: string): Promise<Bundled> =>
  JSON.parse(await readFile(join(bundles, sender, policyFile), 'utf8'));

/** The countries that the bundled policy allows, by ISO 3166-1 code. */
const countriesOf = async (bundles: string): Promise<readonly string[]> =>
  Object.keys((await policyOf(bundles)).countries);

/** The applications of the bundled policy, the one that the page plays first: a public one, if there is one. */
export const applicationsOf = async (bundles: string): Promise<readonly string[]> => {
  const { applications } = await policyOf(bundles);
  const rank = (name: string): number => (applications[name]?.kind === 'public' ? 0 : 1);
  return Object.keys(applications).toSorted((one, other) => rank(one) - rank(other));
};

/** The origins from which browsers may call: those of all public applications of the bundled policy. */
const originsOf = async (bundles: string): Promise<readonly string[]> => {
  const { applications, origins: ofAll } = await policyOf(bundles);
  return Object.values(applications).flatMap(({ kind, origins = ofAll }) => (kind === 'public' ? origins : []));
};

/** The settings that the gateway asks for with each request that needs them. */
export const settingsOf = (bundles: string) => ({
  countries: () => countriesOf(bundles),
  origins: () => originsOf(bundles),
});
