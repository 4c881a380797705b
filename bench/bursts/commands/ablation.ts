import type { Options } from '../options.ts';
export const ablate = async (_: Options): Promise<void> => undefined;
