import type { ShippedTexts } from './shipped.ts';

/**
 * The languages that do with the SMS alphabet. An SMS has one part, with the lines for Android and browsers as well.
 *
 * GSM-7 lacks `á í ó ú â ê ã õ ç À`, the letters `ą ć ę ł ń ś ź ż` of Polish and `ç ğ ı İ ş` of Turkish. One of them
 * leaves 70 characters of 160. Hence "clave" for "código", Portuguese without "não", and words that need none of them.
 */
export const gsm7Texts = {
  en: {
    'verify-number': "{{code}} is your {{brand}} code. Don't share it with anyone.",
    login: "{{code}} is your {{brand}} sign-in code. Don't share it with anyone.",
    transaction: "{{brand}} code {{code}} to pay {{currency}} {{amount}} to {{payee}}. Don't share it.",
    'account-change': "{{code}} is the code to change your {{brand}} account. Don't share it.",
  },
  de: {
    'verify-number': '{{code}} ist Ihr {{brand}}-Code. Geben Sie ihn nicht weiter.',
    login: '{{code}} ist Ihr {{brand}}-Anmeldecode. Geben Sie ihn nicht weiter.',
    transaction: '{{brand}}-Code {{code}} für {{currency}} {{amount}} an {{payee}}. Nicht weitergeben.',
    'account-change': '{{code}} ist der Code, um Ihr {{brand}}-Konto zu ändern. Nicht weitergeben.',
  },
  es: {
    'verify-number': '{{code}} es tu clave de {{brand}}. No la compartas con nadie.',
    login: '{{code}} es tu clave de acceso a {{brand}}. No la compartas con nadie.',
    transaction: '{{brand}}: clave {{code}} para {{currency}} {{amount}} a {{payee}}. No la compartas.',
    'account-change': '{{code}} es la clave para cambiar tu cuenta de {{brand}}. No la compartas.',
  },
  fr: {
    'verify-number': '{{code}} est votre code {{brand}}. Ne le partagez avec personne.',
    login: '{{code}} est votre code de connexion {{brand}}. Ne le partagez pas.',
    transaction: '{{brand}}: code {{code}} pour {{amount}} {{currency}} à {{payee}}. Ne le donnez pas.',
    'account-change': '{{code}} est le code pour modifier votre compte {{brand}}. Ne le partagez pas.',
  },
  id: {
    'verify-number': '{{code}} adalah kode {{brand}} Anda. Jangan bagikan kode ini kepada siapa pun.',
    login: '{{code}} adalah kode masuk {{brand}} Anda. Jangan bagikan kepada siapa pun.',
    transaction: '{{brand}}: kode {{code}} bayar {{currency}} {{amount}} ke {{payee}}. Jangan bagikan.',
    'account-change': '{{code}} adalah kode untuk mengubah akun {{brand}} Anda. Jangan bagikan kode ini.',
  },
  it: {
    'verify-number': '{{code}} è il tuo codice {{brand}}. Non condividerlo con nessuno.',
    login: '{{code}} è il tuo codice di accesso a {{brand}}. Non condividerlo.',
    transaction: '{{brand}}: codice {{code}} per {{amount}} {{currency}} a {{payee}}. Non condividerlo.',
    'account-change': '{{code}} è il codice per modificare il tuo account {{brand}}. Non condividerlo.',
  },
  nl: {
    'verify-number': '{{code}} is je {{brand}}-code. Deel deze met niemand.',
    login: '{{code}} is je inlogcode voor {{brand}}. Deel deze met niemand.',
    transaction: '{{brand}}-code {{code}} voor {{currency}} {{amount}} aan {{payee}}. Deel deze niet.',
    'account-change': '{{code}} is de code om je {{brand}}-account te wijzigen. Deel deze niet.',
  },
  pl: {
    'verify-number': '{{brand}}: kod {{code}} do potwierdzenia numeru. Nie podawaj go nikomu.',
    login: '{{brand}}: kod {{code}} do logowania. Nie podawaj go nikomu.',
    transaction: '{{brand}}: kod {{code}} na {{amount}} {{currency}} dla {{payee}}. Nie podawaj nikomu.',
    'account-change': '{{brand}}: kod {{code}} do zmiany danych konta. Nie podawaj go nikomu.',
  },
  pt: {
    'verify-number': '{{brand}}: use {{code}} para confirmar o seu telefone. Nunca o divulgue.',
    login: '{{brand}}: use {{code}} para entrar na sua conta. Nunca o divulgue.',
    transaction: '{{brand}}: {{code}} para pagar {{amount}} {{currency}} a {{payee}}. Nunca divulgue.',
    'account-change': '{{brand}}: use {{code}} para alterar a sua conta. Nunca o divulgue.',
  },
  tr: {
    'verify-number': '{{brand}} onay kodunuz: {{code}}. Kimseye vermeyin.',
    login: '{{brand}} oturum kodunuz: {{code}}. Kimseye vermeyin.',
    transaction: '{{brand}} kodu {{code}}: {{payee}} ödemesi {{amount}} {{currency}}. Kimseye vermeyin.',
    'account-change': '{{brand}} hesap güncelleme kodunuz: {{code}}. Kimseye vermeyin.',
  },
} as const satisfies ShippedTexts;
