import type { Template } from '../../lambdas/policy.ts';

/**
 * The texts that ship with the service, by purpose and language.
 *
 * Each warns against sharing the code and names the payment. The GSM-7 alphabet lacks `á í ó ú â ê ã õ ç À`, and one of
 * them turns an SMS of one part into three. Hence "clave" for "código", and Portuguese without "não". `parseSettings`
 * measures each text in the worst case.
 */
const texts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'verify-number': {
    en: "{{code}} is your {{brand}} code. Don't share it with anyone.",
    de: '{{code}} ist Ihr {{brand}}-Code. Geben Sie ihn nicht weiter.',
    es: '{{code}} es tu clave de {{brand}}. No la compartas con nadie.',
    fr: '{{code}} est votre code {{brand}}. Ne le partagez avec personne.',
    it: '{{code}} è il tuo codice {{brand}}. Non condividerlo con nessuno.',
    nl: '{{code}} is je {{brand}}-code. Deel deze met niemand.',
    pt: '{{brand}}: use {{code}} para confirmar o seu telefone. Nunca o divulgue.',
  },
  login: {
    en: "{{code}} is your {{brand}} sign-in code. Don't share it with anyone.",
    de: '{{code}} ist Ihr {{brand}}-Anmeldecode. Geben Sie ihn nicht weiter.',
    es: '{{code}} es tu clave de acceso a {{brand}}. No la compartas con nadie.',
    fr: '{{code}} est votre code de connexion {{brand}}. Ne le partagez pas.',
    it: '{{code}} è il tuo codice di accesso a {{brand}}. Non condividerlo.',
    nl: '{{code}} is je inlogcode voor {{brand}}. Deel deze met niemand.',
    pt: '{{brand}}: use {{code}} para entrar na sua conta. Nunca o divulgue.',
  },
  transaction: {
    en: "{{brand}} code {{code}} to pay {{currency}} {{amount}} to {{payee}}. Don't share it.",
    de: '{{brand}}-Code {{code}} für {{currency}} {{amount}} an {{payee}}. Nicht weitergeben.',
    es: '{{brand}}: clave {{code}} para {{currency}} {{amount}} a {{payee}}. No la compartas.',
    fr: '{{brand}}: code {{code}} pour {{amount}} {{currency}} à {{payee}}. Ne le donnez pas.',
    it: '{{brand}}: codice {{code}} per {{amount}} {{currency}} a {{payee}}. Non condividerlo.',
    nl: '{{brand}}-code {{code}} voor {{currency}} {{amount}} aan {{payee}}. Deel deze niet.',
    pt: '{{brand}}: {{code}} para pagar {{amount}} {{currency}} a {{payee}}. Nunca divulgue.',
  },
  'account-change': {
    en: "{{code}} is the code to change your {{brand}} account. Don't share it.",
    de: '{{code}} ist der Code, um Ihr {{brand}}-Konto zu ändern. Nicht weitergeben.',
    es: '{{code}} es la clave para cambiar tu cuenta de {{brand}}. No la compartas.',
    fr: '{{code}} est le code pour modifier votre compte {{brand}}. Ne le partagez pas.',
    it: '{{code}} è il codice per modificare il tuo account {{brand}}. Non condividerlo.',
    nl: '{{code}} is de code om je {{brand}}-account te wijzigen. Deel deze niet.',
    pt: '{{brand}}: use {{code}} para alterar a sua conta. Nunca o divulgue.',
  },
};

export const defaultTemplates: readonly Template[] = Object.entries(texts).flatMap(([purpose, byLocale]) =>
  Object.entries(byLocale).map(([locale, text]) => ({ purpose, locale, text })),
);

/** The purposes that ship with texts. */
export const defaultPurposes: readonly string[] = Object.keys(texts);
