import { SegmentedMessage } from 'sms-segments-calculator';
import { placeholders, renderMessage } from '../../lambdas/otp/record/message.ts';
import { type Template, transactionPurpose } from '../../lambdas/policy.ts';

/** What decides how long a message can get, beside its template. */
export type MessageBounds = {
  readonly brand: string;
  readonly digits: number;
  readonly lifetimeSeconds: number;
  /** Host of the longest origin that WebOTP lines may name; undefined: none is allowed. */
  readonly longestHost: string | undefined;
};

/** One SMS part: 160 septets of GSM-7. The 161st makes two parts, at twice the price. */
export const segmentSeptets = 160;
/** Android's SMS Retriever passes over a longer message. */
export const retrieverBytes = 140;

const longestAmount = '999999999999.9999';
const longestTransaction = { amount: longestAmount, currency: 'WWW', payee: 'W'.repeat(30) };
const appHash = 'W'.repeat(11);

/** Septets of a text, or the characters that GSM-7 does not have. */
export const septetsOf = (text: string): { readonly septets: number } | { readonly foreign: readonly string[] } => {
  const message = new SegmentedMessage(text, 'auto');
  if (message.encodingName !== 'GSM-7') return { foreign: [...new Set(message.getNonGsmCharacters())] };
  return { septets: message.messageSize / 7 };
};

type Case = { readonly lines: string; readonly appHash?: string; readonly host?: string; readonly retriever: boolean };

/**
 * The lines that a request may ask for beside the text.
 *
 * The Android hash on its own always holds to the Retriever's limit. With the hash and the WebOTP line in one message
 * it does too, but for payments: amount, payee and both lines at their longest do not fit into 140 bytes in any
 * language, so that a payment with both only promises the one part. (A phone is running either the app or the page.)
 */
const casesOf = (purpose: string, host: string | undefined): readonly Case[] => [
  { lines: 'the Android hash', appHash, retriever: true },
  ...(host === undefined
    ? []
    : [
        { lines: `the WebOTP line of ${host}`, host, retriever: false },
        {
          lines: `the Android hash and the WebOTP line of ${host}`,
          appHash,
          host,
          retriever: purpose !== transactionPurpose,
        },
      ]),
];

/** What is wrong with a template, as sentences that say what to write instead; empty when nothing is. */
export const templateProblems = (template: Template, bounds: MessageBounds): readonly string[] => {
  const wrong = placeholderProblems(template);
  if (wrong.length > 0) return wrong;
  const measured = septetsOf(template.text);
  if ('foreign' in measured) {
    const characters = measured.foreign.map((character) => `"${character}"`).join(' ');
    return [`The SMS alphabet (GSM-7) has no ${characters}: one of them triples the price. Reword the text without.`];
  }
  return sizeProblem(template, bounds);
};

const placeholderProblems = ({ purpose, text }: Template): readonly string[] => {
  const used = [...text.matchAll(/\{\{(.*?)\}\}/g)].map(([, name = '']) => name);
  const isPayment = purpose === transactionPurpose;
  const payment = ['amount', 'currency', 'payee'];
  const known = placeholders.filter((name) => isPayment || !payment.includes(name));
  const required = isPayment ? ['code', ...payment] : ['code'];
  const unknown = used.filter((name) => !known.some((each) => each === name));
  const leftover = text.replace(/\{\{(.*?)\}\}/g, '');
  return [
    ...unknown.map(
      (name) =>
        `There is no placeholder {{${name}}} for purpose ${purpose}. Use one of ${known.map((each) => `{{${each}}}`).join(' ')}.`,
    ),
    ...required
      .filter((name) => !used.includes(name))
      .map((name) => `Write {{${name}}} where the text shall show the ${name}: purpose ${purpose} needs it.`),
    ...(/[{}]/.test(leftover) ? ['Write placeholders as {{name}} and leave other braces out of the text.'] : []),
    ...(/[\r\n\f]/.test(leftover)
      ? ['Write the text as one line: the lines for Android and WebOTP are added behind it.']
      : []),
  ];
};

const sizeProblem = (template: Template, bounds: MessageBounds): readonly string[] => {
  for (const { lines, retriever, ...asked } of casesOf(template.purpose, bounds.longestHost)) {
    const message = renderMessage(template.text, {
      ...asked,
      brand: bounds.brand,
      code: '0'.repeat(bounds.digits),
      lifetimeSeconds: bounds.lifetimeSeconds,
      transaction: template.purpose === transactionPurpose ? longestTransaction : undefined,
    });
    const measured = septetsOf(message);
    // The parts of the message are checked for foreign characters where they are set: text, brand and host.
    const septets = 'septets' in measured ? measured.septets : message.length;
    const over = Math.max(septets - segmentSeptets, retriever ? Buffer.byteLength(message) - retrieverBytes : 0);
    if (over > 0) {
      return [
        `With the longest values and ${lines} the text is ${over} ${over === 1 ? 'character' : 'characters'} too long ` +
          `for ${retriever ? `Android's ${retrieverBytes} bytes in one SMS part` : 'one SMS part'}. ` +
          `Shorten the text${asked.host === undefined ? '' : ', the host'} or the brand by that much.`,
      ];
    }
  }
  return [];
};
