/** The parts that a text may have: placeholders, line breaks, characters. */

import { placeholders } from '../../../lambdas/otp/record/message.ts';
import { type Template, transactionPurpose } from '../../../lambdas/policy.ts';
import { unseenIn } from '../schema/messages.ts';

/** The problems of the words of a template, as sentences. */
export const wordProblems = (template: Template): readonly string[] => [
  ...placeholderProblems(template),
  ...characterProblems(template),
  ...lineProblems(template),
];

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

/** A registered text is as it is registered. */
const characterProblems = ({ text, templateId }: Template): readonly string[] => {
  if (templateId !== undefined) return [];
  // Line breaks are judged by the placeholders' check.
  const found = unseenIn(text.replace(/[\n\r\f]/g, '')).map(
    (each) => `U+${(each.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  return [
    ...(found.length > 0
      ? [
          `The text has characters that nobody sees: ${found.join(' ')}. Remove them: they cost as much as letters, and some turn the line around.`,
        ]
      : []),
    ...(text === text.normalize('NFC')
      ? []
      : [
          'Letters of the text are in pieces (NFD), which costs more. Write "…".normalize("NFC") behind the text, or type them again.',
        ]),
  ];
};

/** In a text of the team's own, a line for browsers has to work. */
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
