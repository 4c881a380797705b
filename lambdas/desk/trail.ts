import type { Action } from './actions.ts';

export type ActionPage = { readonly actions: readonly Action[]; readonly cursor: string | undefined };

export type ActionTrail = {
  /** The newest first. @param cursor of the page before. */
  readonly page: (sinceMs: number | undefined, cursor: string | undefined) => Promise<ActionPage>;
};
