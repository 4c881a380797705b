import { parseSettings } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';

/** Reads the smallest settings with some changes, at a time. @returns the sentences about what is wrong with them. */
export const problemsAt =
  (now: Date) =>
  (changes: Record<string, unknown>): readonly string[] => {
    try {
      parseSettings({ ...minimalSettings, ...changes }, now);
      return [];
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return error.message.split('\n  ').slice(1);
    }
  };
