import type { Policy, Template } from '../../policy.ts';

/** What a template may show. All but the code and the brand are optional, by purpose. */
export type MessageValues = {
  readonly brand: string;
  readonly code: string;
  readonly lifetimeSeconds: number;
  readonly transaction?: { readonly amount: string; readonly currency: string; readonly payee: string } | undefined;
  /** Android SMS Retriever hash, exactly 11 characters. */
  readonly appHash?: string | undefined;
  /** Host of the web page that may fill the code in by itself (WebOTP). */
  readonly host?: string | undefined;
};

/** Placeholders that a template may hold, and whether it must, by purpose. */
export const placeholders = ['brand', 'code', 'minutes', 'amount', 'currency', 'payee'] as const;

/**
 * The text of an SMS. The Android hash has a line of its own; the origin-bound line stays last, as WebOTP wants it
 * (WICG origin-bound one-time codes: `@host #code`, nothing behind it).
 */
export const renderMessage = (text: string, values: MessageValues): string => {
  const minutes = String(Math.max(1, Math.floor(values.lifetimeSeconds / 60)));
  const known: Record<string, string | undefined> = {
    brand: values.brand,
    code: values.code,
    minutes,
    amount: values.transaction?.amount,
    currency: values.transaction?.currency,
    payee: values.transaction?.payee,
  };
  const body = text.replace(/\{\{([a-z]+)\}\}/g, (_, name: string) => known[name] ?? '');
  const lines = [body];
  if (values.appHash !== undefined) lines.push(values.appHash);
  if (values.host !== undefined) lines.push(`@${values.host} #${values.code}`);
  return lines.join('\n');
};

/**
 * The template for a message: the country's own text where one is registered, then the best match of the locale
 * (whole tag, then language, RFC 4647 look-up), then the default locale, then any.
 */
export const chooseTemplate = (
  { templates, defaultLocale }: Pick<Policy, 'templates' | 'defaultLocale'>,
  { purpose, country, locale }: { purpose: string; country: string; locale?: string | undefined },
): Template | undefined => {
  const forPurpose = templates.filter((template) => template.purpose === purpose);
  const ofCountry = forPurpose.filter((template) => template.country === country);
  const candidates = ofCountry.length > 0 ? ofCountry : forPurpose.filter((template) => template.country === undefined);
  for (const tag of [...fallbacks(locale), ...fallbacks(defaultLocale)]) {
    const exact = candidates.find((template) => template.locale.toLowerCase() === tag);
    if (exact !== undefined) return exact;
    const sameLanguage = candidates.find((template) => template.locale.toLowerCase().startsWith(`${tag}-`));
    if (sameLanguage !== undefined) return sameLanguage;
  }
  return candidates[0];
};

const fallbacks = (locale: string | undefined): string[] => {
  const parts = (locale ?? '').toLowerCase().split('-').filter(Boolean);
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'));
};
