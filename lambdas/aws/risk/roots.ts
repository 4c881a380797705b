import type { RiskProvider } from '../../policy.ts';
import type { WireReach } from './wire.ts';

/** Where the providers are: there where the settings say. Local mode puts its own carrier in place of this file. */
export const providersAt = (providers: readonly RiskProvider[]): readonly RiskProvider[] => providers;

export const reach: WireReach = 'https';
