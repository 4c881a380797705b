/** The words of an SMS. */

import * as v from 'valibot';
import { fields } from '../../../lambdas/contract.ts';
import { isGsm7, sizeOf } from '../../../lambdas/otp/record/parts.ts';
import { defaultLanguages, defaultPurposes, shippedLanguages } from '../templates.ts';
import { countryCode, registration } from './countries.ts';
import { locale, object, refused, text, wholeOr } from './values.ts';

const brandLength = 20;
export const brandAllowed =
  `Name that the SMS shows: 1 to ${brandLength} letters of any script, digits and marks, where ^ { } [ ] ~ \\ | € count ` +
  'twice, and nothing that nobody sees, for example Example.';
export const brand = v.pipe(
  v.string(refused(brandAllowed)),
  v.check((value) => isBrand(value), refused(brandAllowed)),
);

/** Scripts in which joiners (ZWJ, ZWNJ) decide how letters look, so that a name may need one between two letters. */
const joins = /(?<=[\p{L}\p{M}])[\u200c\u200d](?=\p{L})/gu;
const joiningScripts =
  /[\p{Script=Arab}\p{Script=Beng}\p{Script=Deva}\p{Script=Gujr}\p{Script=Guru}\p{Script=Knda}\p{Script=Mlym}\p{Script=Orya}\p{Script=Sinh}\p{Script=Taml}\p{Script=Telu}]/u;
/** In a sentence a word may end with one. Emoji are joined by one, and have a selector behind them. */
const joinsInText = /(?<=[\p{L}\p{M}])[\u200c\u200d]/gu;
const partsOfEmoji =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)(?:\ufe0f|\u200d(?=\p{Extended_Pictographic}))/gu;

const notSeen = /[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu;

/** The characters of a text that nobody sees, that turn the line around, or that Unicode has not assigned. */
export const unseenIn = (value: string): readonly string[] => {
  const withoutEmoji = value.replace(partsOfEmoji, '');
  const seen = joiningScripts.test(value) ? withoutEmoji.replace(joinsInText, '') : withoutEmoji;
  return [...new Set(seen.match(notSeen) ?? [])];
};

/**
 * A name without characters that nobody sees or that turn the line around: no control, no mark of direction, nothing that
 * Unicode has not assigned. No letter carries more than three marks, and no text is in pieces (NFD), which costs more.
 */
const isBrand = (value: string): boolean => {
  const { units } = sizeOf(value);
  const seen = joiningScripts.test(value) ? value.replace(joins, '') : value;
  return (
    units >= 1 &&
    units <= brandLength &&
    value === value.normalize('NFC') &&
    [...seen].every((character) => isGsm7(character) || isOfNames(character)) &&
    !/[\r\n\f]|^[\s\p{M}]|\s$|\{\{|\p{M}{4}/u.test(value)
  );
};

const isOfNames = (character: string): boolean =>
  /[\p{L}\p{M}\p{Nd}\p{P}\p{Sc}]/u.test(character) && !/\p{Default_Ignorable_Code_Point}/u.test(character);

/** The proofs' audience stands with the words that a message names, because a client app sees both. */
export const audienceAllowed = 'Audience of the proofs: one word or URL, for example https://api.example.com.';
export const audience = text(/^\S{1,200}$/, audienceAllowed);

export const defaultLocale = v.optional(locale, 'en');

const purpose = text(
  /^[a-z][a-z0-9-]{0,31}$/,
  'Purpose: up to 32 lower-case letters, digits and hyphens, for example verify-number.',
);
export const purposeList = v.pipe(
  v.array(purpose, refused('Purposes: a list, for example ["verify-number", "login"].')),
  v.check(
    (value) => value.includes('verify-number'),
    'verify-number is missing, the purpose of a request that names none. Add it, for example ["verify-number", "login"].',
  ),
);
export const purposes = v.optional(purposeList, [...defaultPurposes]);

const textAllowed = 'Text of the SMS: with its placeholders, for example "{{code}} is your {{brand}} code.".';
const template = object(
  {
    purpose,
    locale,
    country: v.exactOptional(countryCode),
    text: v.pipe(v.string(refused(textAllowed)), v.minLength(1, refused(textAllowed))),
    templateId: v.exactOptional(registration('template')),
  },
  {
    purpose: 'Add the purpose of the text, for example purpose: "login".',
    locale: 'Add the language of the text, for example locale: "en".',
    text: 'Add the text of the SMS, for example text: "{{code}} is your {{brand}} code.".',
  },
);
export const templateList = v.array(
  template,
  refused('Texts: a list, for example [{ purpose: "login", locale: "en", text: "{{code}} signs you in." }].'),
);
export const templates = v.optional(templateList, []);

const languagesAllowed = `Languages of the shipped texts that are in use: a list, each once, out of ${shippedLanguages.join(', ')}, for example ["en", "hi"].`;
export const languages = v.optional(
  v.pipe(
    v.array(v.picklist(shippedLanguages, refused(languagesAllowed)), refused(languagesAllowed)),
    v.check((list) => new Set(list).size === list.length, refused(languagesAllowed)),
  ),
  [...defaultLanguages],
);

const partsOfText = { min: 1, max: 4, byDefault: 1 };
const extraParts = { min: 0, max: 2, byDefault: 1 };
/** Each part has the price of an SMS. SNS takes 1,600 bytes, which are more parts than these. */
export const maxParts = object({
  gsm7: wholeOr('Parts of an SMS in the SMS alphabet (GSM-7) at most', partsOfText),
  unicode: wholeOr('Parts of an SMS outside of GSM-7 at most', partsOfText),
  extraForLines: wholeOr('More parts outside of GSM-7, if a line for Android or browsers is added', extraParts),
  extraForPayment: wholeOr('More parts outside of GSM-7, for a payment', extraParts),
});

const originAllowed =
  'Origin of a web page: https:// and a host in lower-case letters, without a path, for example https://app.example.com. A port that is not 443 may follow. For development: http://localhost:5173 or http://127.0.0.1:5173.';
/** As browsers write an origin: without the port that the scheme has anyway. */
const origin = /^(https:\/\/[a-z0-9.-]{1,100}(?!:443$)|http:\/\/(localhost|127\.0\.0\.1)(?!:80$))(:[1-9][0-9]{0,4})?$/;
export const originList = v.array(text(origin, originAllowed), refused(originAllowed));
export const origins = v.optional(originList, []);

const appHashAllowed = 'Android app hash: 11 characters of base64, for example FA+9qCX9VSu.';
export const appHashList = v.array(
  text(new RegExp(fields.appHash), appHashAllowed),
  refused('Android app hashes: a list, for example ["FA+9qCX9VSu"].'),
);
export const appHashes = v.optional(appHashList, []);
