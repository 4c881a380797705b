/**
 * The voices that calls may have, by language: the enum `VoiceId` of `SendVoiceMessage`, and the languages that Amazon Polly
 * gives its voices. The first of a language speaks the shipped text.
 *
 * @see https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendVoiceMessage.html
 * @see https://docs.aws.amazon.com/polly/latest/dg/standard-voices.html
 */
export const voicesByLanguage = {
  ar: ['ZEINA'],
  cy: ['GWYNETH'],
  da: ['NAJA', 'MADS'],
  de: ['VICKI', 'MARLENE', 'HANS'],
  en: [
    'JOANNA',
    'MATTHEW',
    'IVY',
    'JOEY',
    'JUSTIN',
    'KENDRA',
    'KIMBERLY',
    'SALLI',
    'AMY',
    'BRIAN',
    'EMMA',
    'GERAINT',
    'NICOLE',
    'RUSSELL',
    'RAVEENA',
  ],
  es: ['LUCIA', 'CONCHITA', 'ENRIQUE', 'LUPE', 'MIA', 'MIGUEL', 'PENELOPE'],
  fr: ['LEA', 'CELINE', 'MATHIEU', 'CHANTAL'],
  is: ['DORA', 'KARL'],
  it: ['BIANCA', 'CARLA', 'GIORGIO'],
  ja: ['TAKUMI', 'MIZUKI'],
  ko: ['SEOYEON'],
  nb: ['LIV'],
  nl: ['LOTTE', 'RUBEN'],
  pl: ['EWA', 'MAJA', 'JACEK', 'JAN'],
  pt: ['CAMILA', 'VITORIA', 'RICARDO', 'INES', 'CRISTIANO'],
  ro: ['CARMEN'],
  ru: ['TATYANA', 'MAXIM'],
  sv: ['ASTRID'],
  tr: ['FILIZ'],
  zh: ['ZHIYU'],
} as const;

export const voiceIds: readonly string[] = Object.values(voicesByLanguage).flat();

/** The voices of the language of a locale. Norwegian has three codes, and one voice. */
export const voicesOf = (locale: string): readonly string[] => {
  const [language = ''] = locale.toLowerCase().split('-');
  const known = language === 'no' || language === 'nn' ? 'nb' : language;
  return Object.hasOwn(voicesByLanguage, known) ? voicesByLanguage[known as keyof typeof voicesByLanguage] : [];
};
