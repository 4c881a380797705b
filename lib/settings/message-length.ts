import { SegmentedMessage } from 'sms-segments-calculator';
import { placeholders, renderMessage } from '../../lambdas/otp/record/message.ts';
import { type Template, transactionPurpose } from '../../lambdas/policy.ts';

/** The facts besides the template that decide the maximum length of a message. */
export type MessageBounds = {
  readonly brand: string;
  readonly digits: number;
  readonly lifetimeSeconds: number;
  /** Host of the longest origin in WebOTP lines. Undefined if there is no origin. */
  readonly longestHost: string | undefined;
};

/** Septets of GSM-7 in one SMS part. One more makes two parts, at twice the price. */
export const segmentSeptets = 160;
/** Android's SMS Retriever ignores a longer message. */
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
 * The lines that a request may add to the text.
 *
 * A message with the Android hash keeps to the Retriever's limit, also with a WebOTP line. The exception is a payment with
 * both lines, which fits into 140 bytes in no language. It keeps to one SMS part, because a phone runs the app or the page.
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

/** The problems of a template, as sentences. Empty if there are none. */
export const templateProblems = (template: Template, bounds: MessageBounds): readonly string[] => {
  const wrong = placeholderProblems(template);
  if (wrong.length > 0) return wrong;
  const measured = septetsOf(template.text);
  if ('foreign' in measured) {
    const characters = measured.foreign.map((character) => `"${character}"`).join(' ');
    return [
      `The SMS alphabet (GSM-7) has no ${characters}: one of them triples the price. Write the text without, for example clave for código.`,
    ];
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
      .map((name) => `The text has no {{${name}}}. Purpose ${purpose} needs it: write {{${name}}} into the text.`),
    ...(/[{}]/.test(leftover)
      ? ['The text has single braces. Write placeholders with two, for example {{code}}, and no other braces.']
      : []),
    ...(/[\r\n\f]/.test(leftover)
      ? ['The text has several lines. Write one: the service adds the lines for Android and WebOTP.']
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
