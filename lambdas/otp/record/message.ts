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

/** Placeholders that a template may hold. */
export const placeholders = ['brand', 'code', 'minutes', 'amount', 'currency', 'payee'] as const;

/**
 * The text of an SMS. The Android hash has a line of its own. The origin-bound line is the last, `@host #code` with
 * nothing behind it (WICG origin-bound one-time codes).
 */
export const renderMessage = (text: string, values: MessageValues): string => {
  const minutes = String(Math.max(1, Math.floor(values.lifetimeSeconds / 60)));
  const placed: Record<string, string | undefined> = {
    brand: values.brand,
    code: values.code,
    minutes,
    amount: values.transaction?.amount,
    currency: values.transaction?.currency,
    payee: values.transaction?.payee,
  };
  const body = text.replace(/\{\{([a-z]+)\}\}/g, (_, name: string) => placed[name] ?? '');
  const lines = [body];
  if (values.appHash !== undefined) lines.push(values.appHash);
  if (values.host !== undefined) lines.push(`@${values.host} #${values.code}`);
  return lines.join('\n');
};

/** The template of a message: among the country's own, if it has any, the best match of the locale, then of the default. */
export const chooseTemplate = (
  { templates, defaultLocale }: Pick<Policy, 'templates' | 'defaultLocale'>,
  { purpose, country, locale }: { purpose: string; country: string; locale?: string | undefined },
): Template | undefined => {
  const forPurpose = templates.filter((template) => template.purpose === purpose);
  const ofCountry = forPurpose.filter((template) => template.country === country);
  const candidates = ofCountry.length > 0 ? ofCountry : forPurpose.filter((template) => template.country === undefined);
  const offered = candidates.map((template) => template.locale);
  return candidates[matchLocale(locale ?? '', offered) ?? matchLocale(defaultLocale, offered) ?? 0];
};
