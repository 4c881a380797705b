import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FunctionName, type ProofAlgorithm, policyFile } from '../lambdas/contract.ts';
import type { SendingPolicy } from './aws/sms-voice/owned.ts';
import type { AskingPolicy } from './carrier/providers.ts';

const sender = 'request-verification' satisfies FunctionName;

type Rate = { readonly sends: number; readonly windowSeconds: number };
type Caps = { readonly hourUsd: number; readonly dayUsd: number };

/** The part of the policy beside a bundle that local mode reads. `lambdas/policy.ts` has all of it. */
export type BundledPolicy = SendingPolicy &
  AskingPolicy & {
    readonly countries: Readonly<Record<string, { readonly caps?: Caps }>>;
    readonly applications: Readonly<
      Record<
        string,
        {
          readonly kind?: string;
          readonly purposes?: readonly string[];
          readonly origins?: readonly string[];
          readonly caps?: Caps;
        }
      >
    >;
    readonly purposes?: readonly string[];
    readonly proofs?: { readonly algorithm: ProofAlgorithm };
    readonly sealing?: string;
    readonly receipts?: { readonly sources: readonly string[] };
    readonly origins?: readonly string[];
    readonly sends?: {
      readonly cooldownSeconds: readonly number[];
      readonly windows: readonly (Rate & { readonly name: string })[];
      readonly maxIn24Hours: number;
    };
    readonly ips?: { readonly untrusted: Rate; readonly trusted: Rate; readonly countriesPerDay: number };
    readonly caps?: Caps;
    readonly lowVolume?: { readonly verifications: number; readonly unverifiedSendsPerDay: number };
  };

export const bundledPolicy = async (bundles: string): Promise<BundledPolicy> =>
  JSON.parse(await readFile(join(bundles, sender, policyFile), 'utf8'));

/** The countries that the bundled policy allows, by ISO 3166-1 code. */
const countriesOf = async (bundles: string): Promise<readonly string[]> =>
  Object.keys((await bundledPolicy(bundles)).countries);

/** The applications of the bundled policy, the one that the page plays first: a public one, if there is one. */
export const applicationsOf = async (bundles: string): Promise<readonly string[]> => {
  const { applications } = await bundledPolicy(bundles);
  const rank = (name: string): number => (applications[name]?.kind === 'public' ? 0 : 1);
  return Object.keys(applications).toSorted((one, other) => rank(one) - rank(other));
};

/** The origins from which browsers may call: those of all public applications of the bundled policy. */
const originsOf = async (bundles: string): Promise<readonly string[]> => {
  const { applications, origins: ofAll = [] } = await bundledPolicy(bundles);
  return Object.values(applications).flatMap(({ kind, origins = ofAll }) => (kind === 'public' ? origins : []));
};

/** The settings that the gateway asks for with each request that needs them. */
export const settingsOf = (bundles: string) => ({
  countries: () => countriesOf(bundles),
  origins: () => originsOf(bundles),
});
