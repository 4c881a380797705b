/**
 * A text in one spelling: equal for names that the service takes for one. So a back end may compare the payee of its own
 * order with that of a proof, whichever apostrophes and accents it was typed with.
 */
export const fold = (text: string): string =>
  text
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '') // invisible
    .replaceAll('´', "'") // NFKC would make it a space and an accent
    .normalize('NFKC')
    .replace(/[`\u02b9\u02bb-\u02bf\u02c8\u2018-\u201b\u2032\u2035\ua78c]/g, "'")
    .replace(/[\p{Pd}\u02d7\u2043\u2212\u2500\u2796\u30fc]/gu, '-')
    .replace(/\s+/g, ' ')
    .trim()
    .toUpperCase() // ß is SS, and ı is I
    .toLowerCase()
    .replaceAll('i\u0307', 'i') // İ
    .normalize('NFC');
