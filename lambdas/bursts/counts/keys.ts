import { blockLevels } from '../../policy.ts';

/** Traffic is judged at the levels of blocks, for the codes of a country, and for all countries together. */
export const levels = [...blockLevels, 'codes', 'everywhere'] as const;
export type Level = (typeof levels)[number];

/** Names all countries together. */
export const everywhere = 'all countries';

/** One of the things that traffic is counted for. */
export type Key = { readonly level: Level; readonly of: string };
export const nameOf = ({ level, of }: Key): string => `${level}#${of}`;
