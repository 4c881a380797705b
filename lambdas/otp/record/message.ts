import type { Policy, Template } from '../../policy.ts';
import { matchLocale } from '../input/locale.ts';

/** What a template may show. The purpose says what else is given than brand and code. */
export type MessageValues = {
  readonly brand: string;
  readonly code: string;
  readonly lifetimeSeconds: number;
  readonly transaction?: { readonly amount: string; readonly currency: string; readonly payee: string } | undefined;
  /** Android SMS Retriever hash, exactly 11 characters. */
  readonly appHash?: string | undefined;
  /** Host of the web page that may read the code from the SMS (WebOTP). */
  readonly host?: string | undefined;
};

/** The readers of the code in an SMS: an Android app, by its hash, and a web page, by its host. */
export const autofills = ['appHash', 'host'] as const;
export type Autofill = Pick<MessageValues, (typeof autofills)[number]>;

/** Placeholders that a template may hold. */
export const placeholders = ['brand', 'code', 'minutes', 'amount', 'currency', 'payee', ...autofills] as const;

type Text = Pick<Template, 'text' | 'templateId'>;

/** The autofills that a text has a place for. */
export const placedAutofills = ({ text }: Pick<Text, 'text'>): readonly (typeof autofills)[number][] =>
  autofills.filter((autofill) => text.includes(`{{${autofill}}}`));

/**
 * Whether nothing is added to a text: carriers drop a registered text that differs from its registration, and a text with
 * a place for an autofill says by itself where that stands (ADR 48).
 */
export const isSentAsItIs = (template: Text): boolean =>
  template.templateId !== undefined || placedAutofills(template).length > 0;

/**
 * The text of an SMS, to the letter: no line break and no space is changed. If lines are added, the Android hash has one of
 * its own. The origin-bound line is the last, `@host #code` with nothing behind it (WICG origin-bound one-time codes).
 */
export const renderMessage = (template: Text, values: MessageValues): string => {
  const placed: Record<string, string | undefined> = {
    brand: values.brand,
    code: values.code,
    minutes: String(Math.max(1, Math.floor(values.lifetimeSeconds / 60))),
    amount: values.transaction?.amount,
    currency: values.transaction?.currency,
    payee: values.transaction?.payee,
    appHash: values.appHash,
    host: values.host,
  };
  const body = template.text.replace(/\{\{([A-Za-z]+)\}\}/g, (_, name: string) => placed[name] ?? '');
  if (isSentAsItIs(template)) return body;
  const lines = [body];
  if (values.appHash !== undefined) lines.push(values.appHash);
  if (values.host !== undefined) lines.push(`@${values.host} #${values.code}`);
  return lines.join('\n');
};

/**
 * The templates that a request can fill, those first that carry most of its autofills. A text with a place for an autofill is
 * only for requests that name one: an empty place would differ from what is registered.
 */
const bestForAutofill = (templates: readonly Template[], asked: Autofill): readonly Template[] => {
  const given = autofills.filter((autofill) => asked[autofill] !== undefined);
  const rank = (template: Template): number => {
    const placed = placedAutofills(template).length;
    return (isSentAsItIs(template) ? placed : given.length) + placed / 10;
  };
  return templates
    .filter((template) => placedAutofills(template).every((autofill) => given.includes(autofill)))
    .toSorted((one, other) => rank(other) - rank(one));
};

/**
 * The template of a message: among the country's own, if it has any, the best match of the locale, then of the default
 * locale, then any. Of one locale, the text that carries most autofills.
 */
export const chooseTemplate = (
  { templates, defaultLocale }: Pick<Policy, 'templates' | 'defaultLocale'>,
  { purpose, country, locale, ...asked }: { purpose: string; country: string; locale?: string | undefined } & Autofill,
): Template | undefined => {
  const forPurpose = bestForAutofill(
    templates.filter((template) => template.purpose === purpose),
    asked,
  );
  const ofCountry = forPurpose.filter((template) => template.country === country);
  const candidates = ofCountry.length > 0 ? ofCountry : forPurpose.filter((template) => template.country === undefined);
  const offered = candidates.map((template) => template.locale);
  return candidates[matchLocale(locale ?? '', offered) ?? matchLocale(defaultLocale, offered) ?? 0];
};
