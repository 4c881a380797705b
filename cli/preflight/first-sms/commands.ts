/** The AWS CLI command of a call, for people who would rather type it, or read it first. */

/** As the CLI spells a name of the API: `NotifyConfigurationIds` is `--notify-configuration-ids`. */
const kebab = (name: string): string => name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();

/** A word that needs no quotes, or a shell variable in double ones. */
const quoted = (text: string): string => {
  if (/^"\$[A-Z]+"$/.test(text) || /^[\w.,:=/+-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The short form of the CLI for a map or a structure; a list has commas. */
const pairsOf = (value: Readonly<Record<string, unknown>>): string =>
  Object.entries(value)
    .map(([name, each]) => `${name}=${Array.isArray(each) ? each.join(',') : String(each)}`)
    .join(',');

const wordsOf = (value: unknown): readonly string[] => {
  if (value === true) return [];
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  if (isRecord(value)) return [pairsOf(value)];
  return [quoted(String(value))];
};

/** The command for an operation of End User Messaging. */
export const commandOf = (operation: string, input: Readonly<Record<string, unknown>>, region: string): string => {
  const options = Object.entries(input).map(([name, value]) => [`--${kebab(name)}`, ...wordsOf(value)].join(' '));
  return ['aws pinpoint-sms-voice-v2', kebab(operation), ...options, '--region', region].join(' ');
};
