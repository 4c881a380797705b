import type { ShippedTexts } from './shipped.ts';

/**
 * The languages whose letters the SMS alphabet lacks. An SMS has 70 characters: one part for the text alone, and two with a
 * line for Android or browsers. A payment has two, and three with lines.
 *
 * The digits of the code are ASCII, because phones might not fill in others. Arabic begins with an Arabic word, so
 * that phones lay it out from the right, and a word stands between names in Latin letters and the code (ADR 107).
 */
export const unicodeTexts = {
  ar: {
    'verify-number': 'رمز {{brand}} الخاص بك: {{code}}. لا تشاركه مع أحد.',
    login: 'رمز دخولك إلى {{brand}} هو {{code}}. لا تشاركه مع أحد.',
    transaction: 'رمز {{brand}} هو {{code}} لدفع {{amount}} {{currency}} إلى {{payee}}. لا تشاركه مع أحد.',
    'account-change': 'رمز تعديل حساب {{brand}} هو {{code}}. لا تشاركه مع أحد.',
  },
  bn: {
    'verify-number': '{{code}} আপনার {{brand}} কোড। এটি কাউকে বলবেন না।',
    login: '{{code}} আপনার {{brand}} লগইন কোড। এটি কাউকে বলবেন না।',
    transaction: '{{brand}} কোড {{code}}: {{payee}}-কে {{currency}} {{amount}} পরিশোধের জন্য। এটি কাউকে বলবেন না।',
    'account-change': '{{code}}: {{brand}} অ্যাকাউন্ট আপডেট কোড। কাউকে বলবেন না।',
  },
  hi: {
    'verify-number': '{{code}} आपका {{brand}} कोड है। इसे किसी को न बताएँ।',
    login: '{{code}} आपका {{brand}} लॉगिन कोड है। किसी को न बताएँ।',
    transaction: '{{brand}} कोड {{code}}: {{payee}} को {{currency}} {{amount}} का भुगतान। इसे किसी को न बताएँ।',
    'account-change': '{{code}}: {{brand}} खाता अपडेट कोड। किसी को न बताएँ।',
  },
  ja: {
    'verify-number': '{{brand}}の認証コードは{{code}}です。他の人に教えないでください。',
    login: '{{brand}}のログイン用認証コードは{{code}}です。他の人に教えないでください。',
    transaction:
      '{{brand}}の認証コード：{{code}}（{{payee}}へ{{amount}} {{currency}}の支払い）。他の人に教えないでください。',
    'account-change': '{{brand}}のアカウント変更用認証コードは{{code}}です。他の人に教えないでください。',
  },
  ko: {
    'verify-number': '[{{brand}}] 인증번호는 {{code}}입니다. 타인에게 알려주지 마세요.',
    login: '[{{brand}}] 로그인 인증번호는 {{code}}입니다. 타인에게 알려주지 마세요.',
    transaction:
      '[{{brand}}] 인증번호 {{code}}. {{payee}}에 {{amount}} {{currency}} 결제용입니다. 타인에게 알려주지 마세요.',
    'account-change': '[{{brand}}] 계정 변경 인증번호는 {{code}}입니다. 타인에게 알려주지 마세요.',
  },
  ru: {
    'verify-number': '{{code}} — ваш код {{brand}}. Никому его не сообщайте.',
    login: '{{brand}}: код входа {{code}}. Никому его не сообщайте.',
    transaction:
      '{{brand}}: код {{code}} для оплаты {{amount}} {{currency}}, получатель {{payee}}. Никому не сообщайте.',
    'account-change': 'Код смены данных {{brand}}: {{code}}. Никому не сообщайте',
  },
  ta: {
    'verify-number': '{{brand}} குறியீடு: {{code}}. யாரிடமும் பகிர வேண்டாம்.',
    login: '{{brand}} உள்நுழைவுக் குறியீடு: {{code}}. பகிர வேண்டாம்.',
    transaction: '{{brand}} குறியீடு {{code}}: {{payee}}-க்கு {{currency}} {{amount}} செலுத்த. பகிர வேண்டாம்.',
    'account-change': 'கணக்கை மாற்ற {{brand}} குறியீடு: {{code}}. பகிர வேண்டாம்.',
  },
  uk: {
    'verify-number': '{{code}} — ваш код {{brand}}. Нікому не повідомляйте.',
    login: '{{brand}}: код входу {{code}}. Нікому не повідомляйте.',
    transaction: '{{brand}}: код {{code}} для оплати {{amount}} {{currency}}, отримувач {{payee}}. Нікому не кажіть.',
    'account-change': '{{brand}}: код зміни даних {{code}}. Нікому не кажіть.',
  },
  vi: {
    'verify-number': '{{code}} là mã {{brand}} của bạn. Không chia sẻ với ai.',
    login: '{{brand}}: mã đăng nhập {{code}}. Không chia sẻ với ai.',
    transaction: '{{brand}}: mã {{code}} để thanh toán {{amount}} {{currency}} cho {{payee}}. Không chia sẻ với ai.',
    'account-change': '{{brand}}: mã thay đổi tài khoản {{code}}. Không chia sẻ.',
  },
  zh: {
    'verify-number': '【{{brand}}】您的验证码是{{code}}，请勿告诉他人。',
    login: '【{{brand}}】您的登录验证码是{{code}}，请勿告诉他人。',
    transaction: '【{{brand}}】验证码{{code}}，用于向{{payee}}支付{{amount}} {{currency}}，请勿告诉他人。',
    'account-change': '【{{brand}}】您正在修改账户信息，验证码是{{code}}，请勿告诉他人。',
  },
} as const satisfies ShippedTexts;
