import { fr as sentences } from '../../messages/fr.ts';
import type { FormLanguage } from './labels.ts';

export const fr: FormLanguage = {
  ...sentences,
  direction: 'ltr',
  labels: {
    phoneNumber: 'Numéro de téléphone',
    country: 'Pays',
    sendCode: 'Envoyer le code',
    callMe: 'Recevoir le code par appel',
    sending: 'Envoi du code…',
    enterNumber: 'Saisissez votre numéro de téléphone.',
    code: 'Code',
    sent: 'Nous avons envoyé un code au {number}.',
    calling: 'Nous appelons le {number} pour dicter le code.',
    unconfirmed: 'Un code est en route vers le {number}. Cela peut prendre un moment.',
    verify: 'Vérifier',
    verifying: 'Vérification du code…',
    enterCode: 'Saisissez les {digits} chiffres du code.',
    resend: 'Envoyer un nouveau code',
    expires: 'Le code expire dans',
    changeNumber: 'Changer de numéro',
    approved: 'Le {number} est vérifié.',
  },
};
