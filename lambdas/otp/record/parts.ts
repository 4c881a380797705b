/** The alphabet of an SMS: GSM-7 if it has each character of the text, and else UCS-2. */
export type SmsEncoding = 'GSM-7' | 'UCS-2';

/** How the networks carry a text, and what AWS counts of it: a price for each part. */
export type SmsSize = {
  readonly encoding: SmsEncoding;
  /** Septets of GSM-7, or UTF-16 units. */
  readonly units: number;
  readonly parts: number;
};

/** The basic characters of GSM-7 (3GPP TS 23.038, section 6.2.1). */
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Its extension, which takes an escape and a character each (section 6.2.1.1). */
const extension = new Set('^{}\\[~]|€\f');

/** Units of one part, and of each of several, which say in a header which part they are. */
const capacities = { 'GSM-7': { one: 160, each: 153 }, 'UCS-2': { one: 70, each: 67 } } as const;

export const isGsm7 = (character: string): boolean => basic.has(character) || extension.has(character);

/** Units that a number of parts hold at most. */
export const capacityOf = (encoding: SmsEncoding, parts: number): number =>
  parts <= 1 ? capacities[encoding].one : parts * capacities[encoding].each;

/**
 * The encoding, length and parts of a text. One character outside of GSM-7 makes all of it UCS-2.
 *
 * Neither an escaped character nor a surrogate pair is cut in two: it moves whole to the next part. Nothing is normalized
 * and nothing replaced, because AWS documents neither.
 *
 * @see https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-character.html
 */
export const sizeOf = (text: string): SmsSize => {
  const characters = [...text];
  const encoding = characters.every(isGsm7) ? 'GSM-7' : 'UCS-2';
  const widthOf =
    encoding === 'GSM-7' ? (each: string) => (extension.has(each) ? 2 : 1) : (each: string) => each.length;
  const widths = characters.map(widthOf);
  const units = widths.reduce((sum, width) => sum + width, 0);
  const { one, each } = capacities[encoding];
  return { encoding, units, parts: units <= one ? 1 : filledParts(widths, each) };
};

const filledParts = (widths: readonly number[], capacity: number): number => {
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > capacity) {
      parts += 1;
      used = 0;
    }
    used += width;
  }
  return parts;
};
