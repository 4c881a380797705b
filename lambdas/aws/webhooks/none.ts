import type { webhookLookInUse as look, webhookReplayInUse as replay } from './in-use.ts';

/** In place of `in-use.ts` in the bundles of a deployment whose settings have no webhook. */
export const webhookLookInUse: typeof look = () => undefined;
export const webhookReplayInUse: typeof replay = () => undefined;
