import { en as sentences } from '../../messages/en.ts';
import type { FormLanguage } from './labels.ts';

export const en: FormLanguage = {
  ...sentences,
  direction: 'ltr',
  labels: {
    phoneNumber: 'Phone number',
    country: 'Country',
    sendCode: 'Send code',
    callMe: 'Call me with the code',
    sending: 'Sending the code…',
    enterNumber: 'Enter your phone number.',
    code: 'Code',
    sent: 'We sent a code to {number}.',
    calling: 'We are calling {number} with a code.',
    unconfirmed: 'A code is on its way to {number}. It may take a while.',
    verify: 'Verify',
    verifying: 'Checking the code…',
    enterCode: 'Enter all {digits} digits of the code.',
    resend: 'Send a new code',
    expires: 'Code expires in',
    changeNumber: 'Change number',
    approved: '{number} is verified.',
  },
};
