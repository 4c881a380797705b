import { fields } from '../../contract.ts';
import { invalid, maxTypedLength, type Parsed, parsed, tidied, visible } from '../input/typed.ts';

/**
 * The digits of a number as it was typed or pasted, with a leading `+` if it is international: in any script, with any usual
 * separators, or as a `tel:` URI (RFC 3966).
 */
export const parseSpelling = (typed: string): Parsed<string> => {
  const text = tidied(typed);
  if (text === '') return invalid(`The number is empty. ${example}`);
  const uri = /^tel\.? ?:(?:\/\/)?(.*)$/is.exec(text)?.[1];
  if (uri === undefined) return digitsOf(text.replace(/^tel\.? (?=[+(\d])/i, ''));
  const decoded = decode(uri);
  if (decoded === undefined) return invalid(`The tel: URI has a broken % sequence. ${example}`);
  return digitsOfUri(tidied(decoded));
};

/** Whether a text is short enough to be looked at. Invisible characters are not counted, up to a bound. */
export const isShortNumber = (typed: string): boolean =>
  typed.length <= maxTypedLength && [...visible(typed)].length <= fields.phoneNumberMaxLength;

const example = 'Write it with a leading + and its calling code, such as +14155550123.';

const decode = (uri: string): string | undefined => {
  try {
    return decodeURIComponent(uri);
  } catch {
    return undefined;
  }
};

/** A local number of a `tel:` URI has its calling code in `phone-context`, unless that is a domain. */
const digitsOfUri = (uri: string): Parsed<string> => {
  const [number = '', ...parameters] = uri.split(';');
  const context = parameters.flatMap((each) => /^phone-context=(\+[\d().-]+)$/i.exec(each.trim())?.[1] ?? []).at(0);
  if (parameters.some((each) => /^ext=\d/i.test(each.trim()))) return invalid(hasExtension);
  return digitsOf(context === undefined || number.includes('+') ? number : `${context} ${number}`);
};

/** Characters that people write between digits. */
const separators = /[\s()[\]{}<>."'`,:_|~/\\·•‧・∙⁄∕-]/gu;

const extension = /\d[\s.,;()-]*(?:ext(?:ension|n)?|x|#|anexo|int(?:erno)?|доб)[\s.:=#-]*\d{1,7}\W*$/iu;

const digitsOf = (text: string): Parsed<string> => {
  if (extension.test(text)) return invalid(hasExtension);
  // Quotes, a comma or a telephone's picture around it come with a paste.
  const number = text.replace(/^[^\p{L}\d+(*#]+|[^\p{L}\d*#]+$/gu, '').replace(separators, '');
  if (/\p{L}/u.test(number)) return invalid(`The number has letters. ${example}`);
  // Doubled by people who write the international prefix as well.
  const digits = number.replace(/^\++(?:00)*/, '+');
  if (digits.includes('+', 1)) return invalid('There is a + within the number. Send one number, such as +14155550123.');
  if (/[^\d+]/.test(digits)) return invalid(`The number has a character that numbers do not have. ${example}`);
  return /\d/.test(digits) ? parsed(digits) : invalid(`The number has no digits. ${example}`);
};

const hasExtension = 'The number has an extension, and an SMS reaches none. Send it without, such as +442079460958.';
