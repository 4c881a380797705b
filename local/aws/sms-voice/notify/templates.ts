/** A text of AWS with variables in double braces: https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-templates.html */
export type NotifyTemplate = {
  readonly id: string;
  readonly channels: readonly ('SMS' | 'VOICE')[];
  readonly tiers: readonly ('BASIC' | 'ADVANCED')[];
  readonly isActive: boolean;
  /** All of the tier if not given. */
  readonly countries?: readonly string[];
  readonly language: string;
  readonly content: string;
  readonly variables: Readonly<Record<string, TemplateVariable>>;
  readonly voiceIds?: readonly string[];
};

export type TemplateVariable = {
  readonly type: 'STRING' | 'INTEGER' | 'BOOLEAN';
  readonly isRequired: boolean;
  /** `SYSTEM`: AWS fills it in. */
  readonly source: 'CUSTOMER' | 'SYSTEM';
  readonly maxLength?: number;
  readonly minValue?: number;
  readonly maxValue?: number;
  readonly pattern?: string;
  readonly defaultValue?: string;
};

/**
 * The code as a variable. The pages show `123456` for an SMS and `1. 2. 3. 4. 5. 6.` for a voice. The bounds are made up:
 * AWS shows its own by `DescribeNotifyTemplates` only.
 */
const code: TemplateVariable = {
  type: 'STRING',
  isRequired: true,
  source: 'CUSTOMER',
  maxLength: 40,
  pattern: '[0-9. ]+',
};

/** A template in one language, for both channels and all tiers. The name of the configuration is filled in by AWS. */
export const templateOf = (id: string, language: string): NotifyTemplate => ({
  id,
  channels: ['SMS', 'VOICE'],
  tiers: ['BASIC', 'ADVANCED'],
  isActive: true,
  language,
  content: contents[language.split('-')[0] ?? ''] ?? contents['en'] ?? '',
  variables: { code, displayName: { type: 'STRING', isRequired: true, source: 'SYSTEM' } },
});

/** Made up: the texts of AWS are not public. */
const contents: Readonly<Record<string, string>> = {
  en: '{{displayName}}: your verification code is {{code}}',
  de: '{{displayName}}: Ihr Bestätigungscode ist {{code}}',
  es: '{{displayName}}: tu código de verificación es {{code}}',
  fr: '{{displayName}} : votre code de vérification est {{code}}',
};

/** The first is the example of AWS's pages. */
export const defaultTemplates: readonly NotifyTemplate[] = [
  templateOf('notify-code-verification-english-001', 'en'),
  templateOf('notify-code-verification-german-001', 'de'),
  templateOf('notify-code-verification-spanish-001', 'es'),
  templateOf('notify-code-verification-french-001', 'fr'),
];
