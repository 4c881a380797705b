import type { RiskProvider } from '../../policy.ts';
import type { WireReach } from './wire.ts';

/** The providers at the hosts that the settings name. Local mode puts its own carrier in place of this file. */
export const providersAt = (providers: readonly RiskProvider[]): readonly RiskProvider[] => providers;

export const reach: WireReach = 'https';
