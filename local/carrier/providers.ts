/** The carrier of local mode plays all providers of the policy. */

import type { SecretsManager } from '../aws/secrets.ts';
import type { Clock } from '../clock.ts';
import { type Carrier, startCarrier } from './carrier.ts';

type Provider = {
  readonly countries: readonly string[];
  readonly clientId: string;
  readonly secret: string;
  readonly scope: string;
};

/** The part of the policy that says whether there is one. */
export type AskingPolicy = { readonly numberRisk?: { readonly providers: readonly Provider[] } };

/** @returns nothing for a policy that asks no provider. */
export const startProviders = async (
  { numberRisk }: AskingPolicy,
  clock: Clock,
  secrets: SecretsManager | undefined,
): Promise<Carrier | undefined> => {
  if (numberRisk === undefined) return undefined;
  const carrier = await startCarrier({ now: clock.now });
  for (const { clientId, scope, secret } of numberRisk.providers) {
    carrier.register({ clientId, scopes: scope.split(' ') });
    secrets?.put(secret, carrier.secret);
  }
  return carrier;
};
