import type { riskInUse as inUse } from './in-use.ts';

/** In place of `in-use.ts` in the bundles of a deployment whose settings ask for no look-ups. */
export const riskInUse: typeof inUse = () => undefined;
