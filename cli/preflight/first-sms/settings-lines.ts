/** The lines for `bin/settings.ts`, as a person would write them. */

const nameOf = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key}'`);

/** A value on one line, in the quotes of the settings file. */
const literal = (value: unknown): string => {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, each]) => `${nameOf(key)}: ${literal(each)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
};

const maxWidth = 100;

const routeLinesOf = (route: object): readonly string[] => {
  const line = `    ${literal(route)},`;
  if (line.length <= maxWidth) return [line];
  const entries = Object.entries(route).flatMap(([key, value]) => entryLines(key, value));
  return ['    {', ...entries, '    },'];
};

const entryLines = (key: string, value: unknown): readonly string[] => {
  const line = `      ${nameOf(key)}: ${literal(value)},`;
  if (line.length <= maxWidth || typeof value !== 'object' || value === null) return [line];
  const inner = Object.entries(value).map(([name, each]) => `        ${nameOf(name)}: ${literal(each)},`);
  return [`      ${nameOf(key)}: {`, ...inner, '      },'];
};

/** `smsRoutes` with these routes. */
export const settingsLines = (routes: readonly object[]): readonly string[] => [
  '  smsRoutes: [',
  ...routes.flatMap(routeLinesOf),
  '  ],',
];
