import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

type Habit = readonly [written: RegExp, meant: string];

/** Digits that people write behind a calling code, beside the number itself or instead of its present form. */
const habits: Readonly<Record<string, readonly Habit[]>> = {
  // Until 2019 callers dialed 044, 045 or 01 at home, and 1 from abroad.
  '52': [[/^(?:04[45]|01|1)(\d{10})$/, '$1']],
  // Mobile numbers got a ninth digit, until 2016.
  '55': [[/^(\d\d)([6-9]\d{7})$/, '$19$2']],
  // All numbers got the prefix 01 in 2024.
  '229': [[/^(\d{8})$/, '01$1']],
  // The trunk prefix 8 of former times.
  '992': [[/^8(\d{9})$/, '$1']],
  '998': [[/^8(\d{9})$/, '$1']],
};

/** A number that no carrier has, as it was probably meant: by the habits of its country, or with a prefix too many. */
export const meantBy = (number: PhoneNumber): PhoneNumber | undefined => {
  const { countryCallingCode, nationalNumber } = number;
  const national = String(nationalNumber);
  const local = (habits[countryCallingCode] ?? []).filter(([written]) => written.test(national));
  const candidates = [
    ...local.map(([written, meant]) => national.replace(written, meant)),
    // The trunk prefix of most countries, which Italy and others have not. It may stand before a 0 of the number.
    ...[...(/^0+/.exec(national)?.[0] ?? '')].map((_, zeros) => national.slice(zeros + 1)),
    // The calling code, written again behind one that an app put in front.
    national.replace(new RegExp(`^(?:00)?${countryCallingCode}`), ''),
  ];
  return candidates
    .filter((candidate) => candidate !== national && candidate !== '')
    .map((candidate) => read(number, candidate))
    .find((meant) => meant !== undefined);
};

/**
 * Numbers of two valid forms, which are one person's. One of them is counted, and gets the SMS.
 *
 * In Argentina a mobile number without the 9, which people at home leave out, looks like a landline. An SMS reaches only the
 * form with the 9. In Gabon seven digits are the older form of eight.
 */
const twins: Readonly<Record<string, Habit>> = {
  '54': [/^(?!9)(\d{10})$/, '9$1'],
  '241': [/^(\d{7})$/, '0$1'],
};

export const twinOf = (number: PhoneNumber): PhoneNumber => {
  const [written, meant] = twins[number.countryCallingCode] ?? [];
  const national = String(number.nationalNumber);
  if (written === undefined || meant === undefined || !written.test(national)) return number;
  const twin = read(number, national.replace(written, meant));
  return twin?.getType() === 'MOBILE' ? twin : number;
};

const read = ({ countryCallingCode }: PhoneNumber, national: string): PhoneNumber | undefined => {
  const number = parsePhoneNumberFromString(`+${countryCallingCode}${national}`, { extract: false });
  return number?.isValid() ? number : undefined;
};

/** Countries whose numbers grew by digits that depend on the carrier, with what to write. */
export const grown: Partial<Record<CountryCode, string>> = {
  CI: 'Numbers of Côte d’Ivoire have ten digits since 2021. Write the two digits of the carrier first, such as +225 07 07 12 34 56.',
};
