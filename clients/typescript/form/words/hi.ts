import { hi as sentences } from '../../messages/hi.ts';
import type { FormLanguage } from './labels.ts';

export const hi: FormLanguage = {
  ...sentences,
  direction: 'ltr',
  labels: {
    phoneNumber: 'फ़ोन नंबर',
    country: 'देश',
    sendCode: 'कोड भेजें',
    callMe: 'कॉल पर कोड पाएँ',
    sending: 'कोड भेजा जा रहा है…',
    enterNumber: 'अपना फ़ोन नंबर डालें।',
    code: 'कोड',
    sent: 'हमने {number} पर कोड भेजा है।',
    calling: 'हम {number} पर कॉल करके कोड बता रहे हैं।',
    unconfirmed: '{number} पर कोड भेजा जा रहा है। इसमें थोड़ा समय लग सकता है।',
    verify: 'सत्यापित करें',
    verifying: 'कोड जाँचा जा रहा है…',
    enterCode: 'कोड के सभी {digits} अंक डालें।',
    resend: 'नया कोड भेजें',
    expires: 'कोड की समय-सीमा',
    changeNumber: 'नंबर बदलें',
    approved: '{number} सत्यापित है।',
  },
};
