import * as v from 'valibot';
import { contradictions } from './contradictions.ts';
import { tenthOf } from './schema/access.ts';
import type { Problem } from './schema/values.ts';
import { type Settings, shape, type WrittenSettings } from './schema.ts';

export { type PreviewedText, previewOf } from './messages/preview.ts';
export { policyOf } from './policy.ts';
export type { Settings, SettingsInput } from './schema.ts';
export { territoryWarnings, type Warning } from './territories.ts';

/**
 * Reads the settings.
 *
 * The time decides whether test numbers have expired.
 *
 * @param file of the settings, as the error names it
 * @throws Error that lists every problem: its path, what is wrong, and what is allowed. Contradictions are found once
 * every setting has its shape.
 */
export const parseSettings = (raw: unknown, now: Date = new Date(), file = 'bin/settings.ts'): Settings => {
  const { settings, problems } = readSettings(raw);
  if (settings !== undefined) problems.push(...contradictions(settings, now));
  return requireSettings(settings, problems, file);
};

/**
 * Reads the settings of a preview, which shows texts that are too long. Each setting has its shape; contradictions may be
 * among them.
 *
 * @throws Error as `parseSettings` does.
 */
export const parseForPreview = (raw: unknown, file = 'bin/settings.ts'): Settings => {
  const { settings, problems } = readSettings(raw);
  return requireSettings(settings, problems, file);
};

type Read = { readonly settings: Settings | undefined; readonly problems: Problem[] };

const readSettings = (raw: unknown): Read => {
  const result = v.safeParse(shape, raw);
  return {
    settings: result.typed ? complete(result.output) : undefined,
    problems: (result.issues ?? []).flatMap(problemsOf),
  };
};

const requireSettings = (settings: Read['settings'], problems: Read['problems'], file: string): Settings => {
  if (problems.length > 0 || settings === undefined) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    const lines = problems.map(({ path, sentence }) => `  ${path}: ${sentence}`);
    throw new Error([`The settings (${file}) have ${count}:`, ...lines].join('\n'));
  }
  return settings;
};

/** With the defaults that follow from other settings. */
const complete = (settings: WrittenSettings): Settings => ({
  ...settings,
  firewallRequestsPerIp: settings.firewallRequestsPerIp ?? tenthOf(settings.throttle),
});

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
