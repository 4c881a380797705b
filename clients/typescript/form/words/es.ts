import { es as sentences } from '../../messages/es.ts';
import type { FormLanguage } from './labels.ts';

export const es: FormLanguage = {
  ...sentences,
  direction: 'ltr',
  labels: {
    phoneNumber: 'Número de teléfono',
    country: 'País',
    sendCode: 'Enviar código',
    callMe: 'Recibir el código por llamada',
    sending: 'Enviando el código…',
    enterNumber: 'Escribe tu número de teléfono.',
    code: 'Código',
    sent: 'Enviamos un código a {number}.',
    calling: 'Llamamos a {number} para decir el código.',
    unconfirmed: 'Hay un código en camino a {number}. Puede tardar un poco.',
    verify: 'Verificar',
    verifying: 'Comprobando el código…',
    enterCode: 'Escribe los {digits} dígitos del código.',
    resend: 'Enviar un código nuevo',
    expires: 'El código caduca en',
    changeNumber: 'Cambiar número',
    approved: '{number} está verificado.',
  },
};
