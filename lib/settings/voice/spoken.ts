import type { SpokenText } from '../../../lambdas/policy.ts';
import type { Settings } from '../schema.ts';
import type { ShippedLanguage } from '../templates.ts';
import { voicesByLanguage, voicesOf } from './voices.ts';

/**
 * The words of a call, in the shipped languages that have a voice. Hindi, Bengali, Tamil, Ukrainian, Indonesian and Vietnamese
 * have none, so that their people hear the default language.
 *
 * The name comes first: a person who did not ask hangs up. A warning comes last, as in the SMS.
 */
const shipped = {
  ar: 'رمز {{brand}} الخاص بك هو: {{code}}. لا تشاركه مع أحد.',
  de: 'Hier ist {{brand}}. Ihr Code lautet: {{code}}. Geben Sie ihn an niemanden weiter.',
  en: 'This is {{brand}}. Your code is: {{code}}. Do not share it with anyone.',
  es: 'Le llamamos de {{brand}}. Su código es: {{code}}. No lo comparta con nadie.',
  fr: 'Ici {{brand}}. Votre code est : {{code}}. Ne le communiquez à personne.',
  it: 'Qui {{brand}}. Il suo codice è: {{code}}. Non lo condivida con nessuno.',
  ja: '{{brand}}です。認証コードは、{{code}}です。他の人に教えないでください。',
  ko: '{{brand}}입니다. 인증번호는 {{code}}입니다. 타인에게 알려주지 마세요.',
  nl: 'Dit is {{brand}}. Uw code is: {{code}}. Deel deze met niemand.',
  pl: 'Tu {{brand}}. Twój kod to: {{code}}. Nie podawaj go nikomu.',
  pt: 'Aqui é {{brand}}. Seu código é: {{code}}. Não o compartilhe com ninguém.',
  ru: 'Это {{brand}}. Ваш код: {{code}}. Никому его не сообщайте.',
  tr: 'Burası {{brand}}. Kodunuz: {{code}}. Kimseyle paylaşmayın.',
  zh: '这里是{{brand}}。您的验证码是：{{code}}。请勿告诉他人。',
} as const satisfies Partial<Record<ShippedLanguage, string>>;
type SpokenLanguage = keyof typeof shipped;

export const spokenLanguages = Object.keys(shipped) as readonly SpokenLanguage[];

const shippedIn = (language: SpokenLanguage): SpokenText => ({
  locale: language,
  text: shipped[language],
  voice: voicesByLanguage[language][0],
});

const languageOf = (locale: string): string => locale.toLowerCase().split('-')[0] ?? '';

/** The texts of the settings, which replace the shipped ones of their locale, and those of the languages in use. */
export const spokenTextsOf = ({ voice, languages, defaultLocale }: Settings): readonly SpokenText[] => {
  const own = Object.entries(voice?.texts ?? {}).map(([locale, { text, voice: named }]) => ({
    locale,
    text,
    voice: named ?? voicesOf(locale)[0] ?? '',
  }));
  // English is what a person hears whose language, and the default one, have no voice.
  const wanted = new Set<string>([...languages, languageOf(defaultLocale), 'en']);
  const kept = spokenLanguages.filter((each) => wanted.has(each) && !own.some(({ locale }) => locale === each));
  return [...own, ...kept.map(shippedIn)];
};
