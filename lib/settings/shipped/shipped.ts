/** The texts of a language, by purpose. Each warns against sharing the code, and names the payment. */
export type ShippedTexts = Readonly<Record<string, Readonly<Record<(typeof shippedPurposes)[number], string>>>>;

/** The purposes that ship with texts. */
export const shippedPurposes = ['verify-number', 'login', 'transaction', 'account-change'] as const;
