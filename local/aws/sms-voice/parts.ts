/** How a network carries a text, as delivery events name it, and into how many parts it cuts it. */
export type Cut = { readonly encoding: 'GSM' | 'UNICODE'; readonly parts: number };

/** Characters of GSM-7 with one septet (3GPP TS 23.038, section 6.2.1), besides those of ASCII. */
const letters = /[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà !"#%&'()*+,\-./0-9:;<=>?A-Za-z]/u;
/** Those with two (section 6.2.1.1). */
const escaped = /[\^{}\\[~\]|€\f]/u;

/** https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-character.html */
export const cutOf = (text: string): Cut => {
  const characters = [...text];
  if (characters.every((each) => letters.test(each) || escaped.test(each)))
    return { encoding: 'GSM', parts: partsOf(characters, (each) => (escaped.test(each) ? 2 : 1), 160, 153) };
  return { encoding: 'UNICODE', parts: partsOf(characters, ({ length }) => length, 70, 67) };
};

const partsOf = (characters: readonly string[], widthOf: (each: string) => number, alone: number, each: number) => {
  if (characters.reduce((sum, character) => sum + widthOf(character), 0) <= alone) return 1;
  // No character is cut in two.
  const { parts } = characters.reduce(
    ({ parts, used }, character) => {
      const width = widthOf(character);
      return used + width > each ? { parts: parts + 1, used: width } : { parts, used: used + width };
    },
    { parts: 1, used: 0 },
  );
  return parts;
};
