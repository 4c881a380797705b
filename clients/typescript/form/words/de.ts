import { de as sentences } from '../../messages/de.ts';
import type { FormLanguage } from './labels.ts';

export const de: FormLanguage = {
  ...sentences,
  direction: 'ltr',
  labels: {
    phoneNumber: 'Telefonnummer',
    country: 'Land',
    sendCode: 'Code senden',
    callMe: 'Code per Anruf erhalten',
    sending: 'Der Code wird gesendet…',
    enterNumber: 'Geben Sie Ihre Telefonnummer ein.',
    code: 'Code',
    sent: 'Wir haben einen Code an {number} gesendet.',
    calling: 'Wir rufen {number} an und sagen den Code.',
    unconfirmed: 'Ein Code ist unterwegs an {number}. Das kann etwas dauern.',
    verify: 'Bestätigen',
    verifying: 'Der Code wird geprüft…',
    enterCode: 'Geben Sie alle {digits} Ziffern des Codes ein.',
    resend: 'Neuen Code senden',
    expires: 'Der Code läuft ab in',
    changeNumber: 'Nummer ändern',
    approved: '{number} ist bestätigt.',
  },
};
