import * as v from 'valibot';
import { contradictions } from './contradictions.ts';
import type { Problem } from './schema/values.ts';
import { type Settings, shape } from './schema.ts';

export { policyOf } from './policy.ts';
export type { Settings, SettingsInput } from './schema.ts';
export { territoryWarnings, type Warning } from './territories.ts';

/**
 * Reads the settings.
 *
 * The time decides whether test numbers have expired.
 *
 * @throws Error that lists every problem: its path, what is wrong, and what is allowed. Contradictions are found once
 * every setting has its shape.
 */
export const parseSettings = (raw: unknown, now: Date = new Date()): Settings => {
  const result = v.safeParse(shape, raw);
  const problems = (result.issues ?? []).flatMap(problemsOf);
  if (result.typed) problems.push(...contradictions(result.output, now));
  if (problems.length > 0 || !result.typed) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    const lines = problems.map(({ path, sentence }) => `  ${path}: ${sentence}`);
    throw new Error([`The settings (bin/settings.ts) have ${count}:`, ...lines].join('\n'));
  }
  return result.output;
};

/** One problem, or one for each unknown key of an object. */
const problemsOf = (issue: v.BaseIssue<unknown>): Problem[] => {
  const path = v.getDotPath(issue) ?? 'settings';
  const [sentence = '', ...others] = issue.message.split('\n');
  const parent = path.slice(0, path.lastIndexOf('.') + 1);
  return [
    { path, sentence },
    ...others.map((line) => {
      const end = line.indexOf(': ');
      return { path: parent + line.slice(0, end), sentence: line.slice(end + 2) };
    }),
  ];
};
