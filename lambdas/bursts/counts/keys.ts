import { heldLevels } from '../../policy.ts';

/** Traffic is judged at the levels at which sends are held, for codes, and for all countries together. */
export const levels = [...heldLevels, 'codes', 'everywhere'] as const;
export type Level = (typeof levels)[number];

/** Names all countries together. */
export const everywhere = 'all countries';

/** One of the things that traffic is counted for. `codes` are those of a country, or of a number by its keyed hash. */
export type Key = { readonly level: Level; readonly of: string };
export const nameOf = ({ level, of }: Key): string => `${level}#${of}`;

/** Whether the codes of one number are meant. Countries have short codes, keyed hashes do not. */
export const areOfNumber = ({ level, of }: Key): boolean => level === 'codes' && of.length > 8;
