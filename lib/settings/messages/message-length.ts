/** How long an SMS can get, and whether that is allowed. */

import {
  autofills,
  isSentAsItIs,
  type MessageValues,
  placedAutofills,
  renderMessage,
} from '../../../lambdas/otp/record/message.ts';
import { capacityOf, isGsm7, type SmsEncoding, type SmsSize, sizeOf } from '../../../lambdas/otp/record/parts.ts';
import { type Template, transactionPurpose } from '../../../lambdas/policy.ts';
import { wordProblems } from './message-words.ts';

/** Parts that an SMS may have. What is extra counts outside of GSM-7 alone. */
export type MaxParts = {
  readonly gsm7: number;
  readonly unicode: number;
  readonly extraForLines: number;
  readonly extraForPayment: number;
};

/** The facts besides the template that decide the maximum length of a message. */
export type MessageBounds = {
  readonly brand: string;
  readonly digits: number;
  readonly lifetimeSeconds: number;
  /** Host of the longest origin in WebOTP lines. Undefined if there is no origin. */
  readonly longestHost: string | undefined;
  /** Whether a request can name an Android app. */
  readonly hasApps: boolean;
  readonly maxParts: MaxParts;
};

/** A text with all its values, for one kind of request. */
export type Rendering = SmsSize & {
  readonly message: string;
  /** The autofills that the request names and the text carries. */
  readonly carries: readonly ('appHash' | 'host')[];
  /** Parts that the settings allow. */
  readonly maxParts: number;
  /** Bytes of UTF-8, if an Android app reads it. */
  readonly appBytes: number | undefined;
  /** Characters by which it is too long for that. 0: it fits. */
  readonly over: number;
};

/** Android's SMS Retriever ignores a longer message. https://developers.google.com/identity/sms-retriever/verify */
export const retrieverBytes = 140;

type Values = { readonly code: string; readonly appHash: string } & {
  readonly transaction: NonNullable<MessageValues['transaction']>;
};

const longestValues = ({ digits }: MessageBounds): Values => ({
  code: '0'.repeat(digits),
  appHash: 'W'.repeat(11),
  transaction: { amount: '999999999999.9999', currency: 'WWW', payee: 'W'.repeat(30) },
});

/** Values that people see on most days. */
export const usualValues = (digits: number): Values => ({
  code: '4920395817'.slice(0, digits),
  appHash: 'FA+9qCX9VSu',
  transaction: { amount: '1499.00', currency: 'INR', payee: 'Acme Travel' },
});

type Case = { readonly appHash?: string; readonly host?: string; readonly isReadByApp: boolean };

/**
 * The autofills that a request may name, and the lines that are added for them.
 *
 * A message with the Android hash keeps to the Retriever's limit, also with a WebOTP line. The exception is a payment with
 * both, which fits into 140 bytes in no language. It keeps to its parts, because a phone runs the app or the page.
 */
const casesOf = (
  template: Template,
  { longestHost: host, hasApps }: MessageBounds,
  appHash: string,
): readonly Case[] => {
  const isPayment = template.purpose === transactionPurpose;
  if (isSentAsItIs(template)) {
    const placed = placedAutofills(template);
    const hasApp = placed.includes('appHash');
    return [
      {
        ...(hasApp ? { appHash } : {}),
        ...(placed.includes('host') && host !== undefined ? { host } : {}),
        isReadByApp: hasApp && !(placed.includes('host') && isPayment),
      },
    ];
  }
  return [
    { isReadByApp: false },
    ...(hasApps ? [{ appHash, isReadByApp: true }] : []),
    ...(host === undefined ? [] : [{ host, isReadByApp: false }]),
    ...(hasApps && host !== undefined ? [{ appHash, host, isReadByApp: !isPayment }] : []),
  ];
};

/** A text as each kind of request gets it: at its longest, if no values are given. */
export const renderingsOf = (
  template: Template,
  bounds: MessageBounds,
  { code, appHash, transaction } = longestValues(bounds),
): readonly Rendering[] =>
  casesOf(template, bounds, appHash).map(({ isReadByApp, ...asked }) => {
    const message = renderMessage(template, {
      ...asked,
      brand: bounds.brand,
      code,
      lifetimeSeconds: bounds.lifetimeSeconds,
      transaction: template.purpose === transactionPurpose ? transaction : undefined,
    });
    const carries = autofills.filter((autofill) => asked[autofill] !== undefined);
    const size = sizeOf(message);
    const maxParts = allowedParts(template, size.encoding, carries.length > 0, bounds.maxParts);
    const appBytes = isReadByApp ? Buffer.byteLength(message) : undefined;
    return { ...size, message, carries, maxParts, appBytes, over: overOf(size, maxParts, appBytes) };
  });

const allowedParts = (
  { purpose }: Template,
  encoding: SmsEncoding,
  hasLines: boolean,
  { gsm7, unicode, extraForLines, extraForPayment }: MaxParts,
): number => {
  if (encoding === 'GSM-7') return gsm7;
  return unicode + (hasLines ? extraForLines : 0) + (purpose === transactionPurpose ? extraForPayment : 0);
};

/**
 * Google counts 140 bytes and does not say in which encoding. Outside of GSM-7 the message keeps to its parts: a byte of
 * UTF-8 is none of the SMS. `npm run preview` names the messages that may be too long for an app.
 */
const overOf = ({ encoding, units, parts }: SmsSize, maxParts: number, appBytes: number | undefined): number => {
  const overParts = parts > maxParts ? Math.max(1, units - capacityOf(encoding, maxParts)) : 0;
  const overBytes = encoding === 'GSM-7' && appBytes !== undefined ? appBytes - retrieverBytes : 0;
  return Math.max(0, overParts, overBytes);
};

/** The problems of a template, as sentences. Empty if there are none. */
export const templateProblems = (template: Template, bounds: MessageBounds): readonly string[] => {
  const wrong = wordProblems(template);
  if (wrong.length > 0) return wrong;
  const long = renderingsOf(template, bounds).find(({ over }) => over > 0);
  return long === undefined ? [] : [tooLong(template, bounds, long)];
};

const tooLong = (template: Template, { longestHost: host, brand }: MessageBounds, long: Rendering): string => {
  const { over, encoding, maxParts, carries, appBytes } = long;
  const isForApp =
    encoding === 'GSM-7' && appBytes !== undefined && appBytes > retrieverBytes && over === appBytes - retrieverBytes;
  const shorten = ['the text', ...(carries.includes('host') ? ['the host'] : [])].join(', ');
  const setting = encoding === 'GSM-7' ? 'gsm7' : 'unicode';
  return (
    `With the longest values${linesOf(template, carries, host)} the text is ${over} ${over === 1 ? 'character' : 'characters'} too long ` +
    `for ${isForApp ? `Android's ${retrieverBytes} bytes in one SMS part` : partsPhrase(encoding, maxParts)}. ` +
    `Shorten ${shorten} or the brand by that much${isForApp ? '' : `, or raise maxParts.${setting}, which multiplies the price`}.` +
    foreignHint(template.text, brand)
  );
};

const linesOf = (template: Template, carries: Rendering['carries'], host: string | undefined): string => {
  const isPlaced = isSentAsItIs(template);
  const hash = carries.includes('appHash') && !isPlaced ? ' and the Android hash' : '';
  if (!carries.includes('host')) return hash;
  return isPlaced ? ` and ${host} as host` : `${hash} and the WebOTP line of ${host}`;
};

const partsPhrase = (encoding: SmsEncoding, maxParts: number): string => {
  const [parts, have] = maxParts === 1 ? ['one SMS part', 'has'] : [`${maxParts} SMS parts`, 'have'];
  return encoding === 'GSM-7'
    ? parts
    : `${parts}, which ${have} ${capacityOf(encoding, maxParts)} characters outside of GSM-7`;
};

/** A text that would be GSM-7 without a few characters is one that its team can shorten at no loss. */
const foreignHint = (text: string, brand: string): string => {
  const foreign = [...new Set([...text, ...brand].filter((character) => !isGsm7(character)))];
  if (foreign.length === 0 || foreign.length > 4) return '';
  return ` The SMS alphabet (GSM-7) lacks ${foreign.map((each) => `"${each}"`).join(' ')}: without, for example clave for código, one part has ${capacityOf('GSM-7', 1)} characters.`;
};
