import { SegmentedMessage } from 'sms-segments-calculator';
import { isSentAsItIs, placedAutofills, placeholders, renderMessage } from '../../lambdas/otp/record/message.ts';
import { type Template, transactionPurpose } from '../../lambdas/policy.ts';

/** The facts besides the template that decide the maximum length of a message. */
export type MessageBounds = {
  readonly brand: string;
  readonly digits: number;
  readonly lifetimeSeconds: number;
  /** Host of the longest origin in WebOTP lines. Undefined if there is no origin. */
  readonly longestHost: string | undefined;
  /** Whether a request can name an Android app. */
  readonly hasApps: boolean;
};

/** Septets of GSM-7 in one SMS part. One more makes two parts, at twice the price. */
export const segmentSeptets = 160;
/** UTF-16 units in one SMS part, if a character of it is not in GSM-7 (UCS-2). */
export const segmentUnits = 70;
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
 * The autofills that a request may name, and the lines that are added for them.
 *
 * A message with the Android hash keeps to the Retriever's limit, also with a WebOTP line. The exception is a payment with
 * both, which fits into 140 bytes in no language. It keeps to one SMS part, because a phone runs the app or the page.
 */
const casesOf = (template: Template, { longestHost: host, hasApps }: MessageBounds): readonly Case[] => {
  if (isSentAsItIs(template)) return [asItIs(template, host)];
  const isPayment = template.purpose === transactionPurpose;
  return [
    { lines: '', retriever: false },
    ...(hasApps ? [{ lines: ' and the Android hash', appHash, retriever: true }] : []),
    ...(host === undefined ? [] : [{ lines: ` and the WebOTP line of ${host}`, host, retriever: false }]),
    ...(hasApps && host !== undefined
      ? [{ lines: ` and the Android hash and the WebOTP line of ${host}`, appHash, host, retriever: !isPayment }]
      : []),
  ];
};

const asItIs = (template: Template, host: string | undefined): Case => {
  const placed = placedAutofills(template);
  const hasBoth = placed.includes('appHash') && placed.includes('host');
  return {
    lines: placed.includes('host') ? ` and ${host} as host` : '',
    ...(placed.includes('appHash') ? { appHash } : {}),
    ...(placed.includes('host') && host !== undefined ? { host } : {}),
    retriever: placed.includes('appHash') && !(hasBoth && template.purpose === transactionPurpose),
  };
};

/** The problems of a template, as sentences. Empty if there are none. */
export const templateProblems = (template: Template, bounds: MessageBounds): readonly string[] => {
  const wrong = [...placeholderProblems(template), ...lineProblems(template)];
  if (wrong.length > 0) return wrong;
  const measured = septetsOf(template.text);
  // A registered text cannot be changed. It costs no more as long as it is one part.
  if ('foreign' in measured && template.templateId === undefined) {
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
  const hint = (name: string) => (name === 'origin' ? ' An SMS names an origin by its host: @{{host}} #{{code}}.' : '');
  return [
    ...unknown.map(
      (name) =>
        `There is no placeholder {{${name}}} for purpose ${purpose}. Use one of ${known.map((each) => `{{${each}}}`).join(' ')}.${hint(name)}`,
    ),
    ...required
      .filter((name) => !used.includes(name))
      .map((name) => `The text has no {{${name}}}. Purpose ${purpose} needs it: write {{${name}}} into the text.`),
    ...(/[{}]/.test(leftover)
      ? ['The text has single braces. Write placeholders with two, for example {{code}}, and no other braces.']
      : []),
    ...(/[\r\f]/.test(leftover)
      ? ['The text has a carriage return or a form feed. Write a line break as \\n alone.']
      : []),
  ];
};

/** A registered text is as it is registered. In a text of the team's own, a line for browsers has to work. */
const lineProblems = ({ text, templateId }: Template): readonly string[] => {
  if (templateId !== undefined) return [];
  const lines = text.split('\n');
  const hostLine = '@{{host}} #{{code}}';
  if (lines.some((line) => /^@(?!\{\{host\}\})\S+ #/.test(line)))
    return [
      `The text names an origin by itself. List the origin in origins, and write the last line as ${hostLine}, or leave the line out: the service adds it.`,
    ];
  const isMisplaced = text.includes('{{host}}') && (lines.at(-1) !== hostLine || lines.length < 2);
  return isMisplaced ? [`Browsers read an origin in the last line only. Write {{host}} there: \\n${hostLine}`] : [];
};

const sizeProblem = (template: Template, bounds: MessageBounds): readonly string[] => {
  for (const { lines, retriever, ...asked } of casesOf(template, bounds)) {
    const message = renderMessage(template, {
      ...asked,
      brand: bounds.brand,
      code: '0'.repeat(bounds.digits),
      lifetimeSeconds: bounds.lifetimeSeconds,
      transaction: template.purpose === transactionPurpose ? longestTransaction : undefined,
    });
    const over = Math.max(
      isUnicode(template) ? message.length - segmentUnits : septetsIn(message) - segmentSeptets,
      retriever ? Buffer.byteLength(message) - retrieverBytes : 0,
    );
    if (over > 0) {
      return [
        `With the longest values${lines} the text is ${over} ${over === 1 ? 'character' : 'characters'} too long ` +
          `for ${retriever ? `Android's ${retrieverBytes} bytes in one SMS part` : partOf(template)}. ` +
          `Shorten the text${asked.host === undefined ? '' : ', the host'} or the brand by that much.`,
      ];
    }
  }
  return [];
};

const isUnicode = ({ text }: Template): boolean => 'foreign' in septetsOf(text);

const partOf = (template: Template): string =>
  isUnicode(template) ? `one SMS part, which has ${segmentUnits} characters outside of GSM-7` : 'one SMS part';

/** The parts of the message are checked for foreign characters where they are set: text, brand and host. */
const septetsIn = (message: string): number => {
  const measured = septetsOf(message);
  return 'septets' in measured ? measured.septets : message.length;
};
