import type { feedbackInUse as inUse } from './in-use.ts';

/** In place of `in-use.ts` in the bundles of a deployment whose settings ask for no feedback. */
export const feedbackInUse: typeof inUse = () => undefined;
