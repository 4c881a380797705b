import type { NotifyTemplateInformation, TemplateVariableMetadata } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { spokenDigits } from '../../../lambdas/otp/record/spoken.ts';

/** The variable that the service fills, as in the examples of AWS. */
export const codeVariable = 'code';

export type Tier = 'BASIC' | 'ADVANCED';

/** Without a tier, a template of any. */
export type Need = {
  readonly tier: Tier | undefined;
  /** SMS, unless it says otherwise. */
  readonly channel?: 'SMS' | 'VOICE';
  /** ISO 3166-1 alpha-2 */
  readonly countries: readonly string[];
  /** How many digits a code may have. */
  readonly digits: readonly number[];
};

/** The reason why a variable takes no codes of that length, as the channel sends them. Empty if it does. */
const codeFault = (
  { Source, Type, MaxLength, Pattern }: TemplateVariableMetadata,
  digits: number,
  channel: NonNullable<Need['channel']>,
): string | undefined => {
  if (Source === 'SYSTEM') return 'fills in the code by itself';
  // Digits that are read as a number lose the zeros at their beginning.
  if (Type !== undefined && Type !== 'STRING') return `takes the code as ${Type}`;
  const code = '0123456789'.slice(0, digits);
  const value = channel === 'VOICE' ? spokenDigits(code) : code;
  const spoken = channel === 'VOICE' ? `, spoken as ${value}` : '';
  if (MaxLength !== undefined && MaxLength < value.length)
    return channel === 'VOICE'
      ? `takes ${MaxLength} characters, and a code of ${digits} digits has ${value.length}${spoken}`
      : `takes codes of ${MaxLength} digits at most`;
  return Pattern === undefined || takes(Pattern, value)
    ? undefined
    : `takes no codes of ${digits} digits${spoken} (${Pattern})`;
};

/** A pattern that this machine cannot read is left to AWS. */
const takes = (pattern: string, value: string): boolean => {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return true;
  }
};

/** Variables that the caller has to fill, beside the code. */
const othersOf = (variables: Readonly<Record<string, TemplateVariableMetadata>>): readonly string[] =>
  Object.entries(variables).flatMap(([name, { Required, Source, DefaultValue }]) =>
    name !== codeVariable && Required === true && Source !== 'SYSTEM' && DefaultValue === undefined ? [name] : [],
  );

/** The reasons why a template cannot carry the codes of this service. Empty if it can. */
export const templateFaults = (template: NotifyTemplateInformation, need: Need): readonly string[] => {
  const { Status, Channels = [], TierAccess, Variables = {} } = template;
  const { channel = 'SMS' } = need;
  const code = Variables[codeVariable];
  const others = othersOf(Variables);
  return [
    ...(Status === 'INACTIVE' ? ['is not active'] : []),
    ...(Channels.includes(channel) ? [] : [`is not for ${channel === 'SMS' ? 'SMS' : 'calls'}`]),
    ...(TierAccess === undefined || need.tier === undefined || TierAccess.includes(need.tier)
      ? []
      : [`is not for the tier ${need.tier}`]),
    ...(code === undefined ? [`has no variable ${codeVariable}`] : []),
    ...(others.length === 0 ? [] : [`needs ${others.join(', ')} as well`]),
    ...(code === undefined ? [] : need.digits.flatMap((digits) => codeFault(code, digits, channel) ?? [])),
  ];
};

/** Countries of the need that a template does not serve. Without a list it serves all. */
export const notServedBy = (
  { SupportedCountries }: NotifyTemplateInformation,
  countries: readonly string[],
): readonly string[] =>
  SupportedCountries === undefined ? [] : countries.filter((country) => !SupportedCountries.includes(country));

/** Whether a template is in a language; `pt-BR` is in `pt`, and `pt` is not in `pt-BR`. */
export const isIn = ({ LanguageCode = '' }: NotifyTemplateInformation, language: string): boolean =>
  LanguageCode.toLowerCase() === language.toLowerCase() ||
  LanguageCode.toLowerCase().startsWith(`${language.toLowerCase()}-`);

export type Choice =
  | { readonly kind: 'chosen'; readonly language: string; readonly template: NotifyTemplateInformation }
  | { readonly kind: 'none'; readonly language: string; readonly why: string };

/** Of several, the one for most countries; then of the language itself rather than of a region; then by id. */
const better =
  (language: string, { countries }: Need) =>
  (one: NotifyTemplateInformation, other: NotifyTemplateInformation): number =>
    notServedBy(one, countries).length - notServedBy(other, countries).length ||
    Number(one.LanguageCode !== language) - Number(other.LanguageCode !== language) ||
    ((one.TemplateId ?? '') < (other.TemplateId ?? '') ? -1 : 1);

/** Chooses a template of AWS for a language. */
export const chooseTemplate = (
  templates: readonly NotifyTemplateInformation[],
  language: string,
  need: Need,
): Choice => {
  const inLanguage = templates.filter((template) => isIn(template, language));
  const fit = inLanguage.filter((template) => templateFaults(template, need).length === 0);
  const [first] = fit.toSorted(better(language, need));
  if (first !== undefined) return { kind: 'chosen', language, template: first };
  const why = inLanguage.map((template) => `${template.TemplateId} ${templateFaults(template, need).join(' and ')}`);
  return { kind: 'none', language, why: why.length === 0 ? 'AWS has none in this language' : why.join('; ') };
};
