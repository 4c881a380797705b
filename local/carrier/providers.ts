/** The carrier of local mode plays all providers of the policy. */

import type { Secrets } from '../aws/secrets/secrets.ts';
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

/** Purposes may mind porting notices alone, which no carrier answers for. */
const providersOf = ({ numberRisk }: AskingPolicy): readonly Provider[] => numberRisk?.providers ?? [];

export const asksProviders = (policy: AskingPolicy): boolean => providersOf(policy).length > 0;

/** @returns nothing for a policy that asks no provider. */
export const startProviders = async (
  policy: AskingPolicy,
  clock: Clock,
  secrets: Secrets | undefined,
): Promise<Carrier | undefined> => {
  if (!asksProviders(policy)) return undefined;
  const carrier = await startCarrier({ now: clock.now });
  for (const { clientId, scope, secret } of providersOf(policy)) {
    carrier.register({ clientId, scopes: scope.split(' ') });
    secrets?.put(secret, carrier.secret);
  }
  return carrier;
};
