import { fields } from '../../contract.ts';
import { invalid, maxTypedLength, type Parsed, parsed, tidied } from './typed.ts';

const apostrophes = /[`´\u02b9\u02bb-\u02bf\u02c8\u2018-\u201b\u2032\u2035\ua78c]/g;

/** Letters of the SMS alphabet (GSM-7, 3GPP TS 23.038) that have marks or are not ASCII. */
const ofSmsAlphabet = /[ÄäàÅåÆæÇÉéèÑñÖöØøßÜüùìò]/;

/** Latin letters that Unicode does not take apart into a base letter and marks. */
const baseLetters: Readonly<Record<string, string>> = {
  ...{ Đ: 'D', đ: 'd', Ð: 'D', ð: 'd', Ə: 'E', ə: 'e', Ħ: 'H', ħ: 'h', ı: 'i', ĸ: 'k', Ł: 'L', ł: 'l' },
  ...{ Ŋ: 'N', ŋ: 'n', Œ: 'OE', œ: 'oe', ẞ: 'SS', Þ: 'Th', þ: 'th', Ŧ: 'T', ŧ: 't' },
  // Of languages of Africa, such as Hausa and Ewe.
  ...{ Ɓ: 'B', ɓ: 'b', Ɖ: 'D', ɖ: 'd', Ɗ: 'D', ɗ: 'd', Ɛ: 'E', ɛ: 'e', Ƒ: 'F', ƒ: 'f', Ɣ: 'G', ɣ: 'g', Ɨ: 'I', ɨ: 'i' },
  ...{ Ƙ: 'K', ƙ: 'k', Ɲ: 'N', ɲ: 'n', Ɔ: 'O', ɔ: 'o', Ʋ: 'V', ʋ: 'v', Ƴ: 'Y', ƴ: 'y', Ƶ: 'Z', ƶ: 'z' },
};

/**
 * The payee of a payment, as the caller gave it, tidied. It stands in a branded SMS, so that neither a telephone number nor
 * an address may fit in: a payee is a name.
 */
export const parsePayee = (text: string): Parsed<string> => {
  if (text.length > maxTypedLength) return invalid(notAPayee);
  // Before NFKC, which takes an accent that stands alone for a space with an accent.
  const payee = tidied(text.replace(apostrophes, "'")).replace(apostrophes, "'");
  if (isAddress(payee)) return invalid(anAddress);
  if (/\d{7}/.test(payee.replace(/[ &'-]/g, ''))) return invalid(aNumber);
  if (/(?!\p{Script=Latin})\p{L}/u.test(payee)) return invalid(otherScript);
  if (!/^[\p{L}\d][\p{L}\p{M}\d &'-]*$/u.test(payee)) return invalid(notAPayee);
  const isName = [...payee].length <= payeeLength && new RegExp(fields.payee).test(smsPayee(payee));
  return isName ? parsed(payee) : invalid(notAPayee);
};

const payeeLength = 30;

/** `://`, `www`, or a dot between letters. Ideographic dots are dots in a host name, too (UTS #46). */
const isAddress = (payee: string): boolean => /:\/\/|www|@|[\p{L}\d][.。][\p{L}]/iu.test(payee);

const notAPayee =
  'Write the payee with 1 to 30 letters, digits, spaces, & \' or -, a letter or digit first, such as "A & B Books".';
const anAddress = `${notAPayee} An address of the web or of mail is no name.`;
const aNumber = `${notAPayee} Seven digits in a row are a telephone number.`;
const otherScript = `${notAPayee} Write it in Latin letters: the SMS alphabet (GSM-7) lacks others.`;

/** The payee as the SMS shows it. A letter that the SMS alphabet lacks is its base letter: `ą` is `a`, and `é` stays. */
export const smsPayee = (payee: string): string =>
  [...payee.normalize('NFC')].map((letter) => (isInSmsAlphabet(letter) ? letter : baseOf(letter))).join('');

const isInSmsAlphabet = (letter: string): boolean => /[ -~]/.test(letter) || ofSmsAlphabet.test(letter);

const baseOf = (letter: string): string => {
  const bare = letter.normalize('NFD').replace(/\p{M}/gu, '');
  return baseLetters[bare] ?? bare;
};

/**
 * The payee as a code is bound to it: equal for every letter case. All kinds of i are one letter, with and without their
 * dot, because Turkish and other languages pair them differently.
 */
export const foldPayee = (payee: string): string =>
  payee.normalize('NFC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').replaceAll('i\u0307', 'i').normalize('NFC');
