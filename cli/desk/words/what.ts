import { usage } from '../exits.ts';

/** As the API takes it: one name, and one text. */
export type What = Readonly<Record<string, string>>;

const examples = {
  country: 'country IN',
  prefix: 'prefix +919876',
  range: 'range "+91 98765 4xxxx"',
  ip: 'ip 203.0.113.7',
} as const;
type Named = keyof typeof examples;

const isNamed = (kind: string): kind is Named => Object.hasOwn(examples, kind);

const all = [...Object.values(examples), 'number (which is asked for)'].join(', ');

/** A number on the command line is kept in the history of the shell, and every process of the machine sees it. */
export const noNumbersHere =
  'Write no number on the command line: the history of the shell keeps it. Leave it out, and otp-desk asks for it. Scripts write it to standard input.';

/** What a command acts on. A number is not among the words: it is asked for. */
export type Written =
  | { readonly kind: 'number' }
  | { readonly kind: 'named'; readonly what: What; readonly text: string };

/**
 * Reads WHAT. The API reads the text, and knows which country, prefix or range there is.
 *
 * @param takes the kinds that the command takes.
 */
export const readWritten = (
  kind: string,
  rest: readonly string[],
  takes: readonly (Named | 'number')[] = ['country', 'prefix', 'range', 'ip', 'number'],
): Written => {
  const of = rest.join(' ').trim();
  if (kind === 'number' && takes.includes('number')) {
    if (of !== '') throw usage(noNumbersHere);
    return { kind: 'number' };
  }
  if (!isNamed(kind) || !takes.includes(kind)) {
    const wanted =
      takes.length === 5 ? all : takes.flatMap((each) => (each === 'number' ? [] : examples[each])).join(', ');
    throw usage(`Write first what kind it is. This command takes ${wanted}.`);
  }
  if (of === '') throw usage(`Write which ${kind}, such as ${examples[kind]}.`);
  return { kind: 'named', what: { [kind]: of }, text: `${kind} ${of}` };
};

/** Reads what sending is stopped of. */
export const readSending = (
  kind: string,
  rest: readonly string[],
): { readonly what: unknown; readonly text: string } => {
  const of = rest.join(' ').trim();
  if (kind === 'all' && of === '') return { what: 'all', text: 'all sending' };
  if ((kind === 'application' || kind === 'country') && of !== '')
    return { what: { [kind]: of }, text: `sending for ${kind} ${of}` };
  throw usage('Write all, application and its name, or country and its code: all, application web, country IN.');
};
