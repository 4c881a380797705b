import { pt as sentences } from '../../messages/pt.ts';
import type { FormLanguage } from './labels.ts';

export const pt: FormLanguage = {
  ...sentences,
  direction: 'ltr',
  labels: {
    phoneNumber: 'Número de telefone',
    country: 'País',
    sendCode: 'Enviar código',
    callMe: 'Receber o código por ligação',
    sending: 'Enviando o código…',
    enterNumber: 'Digite seu número de telefone.',
    code: 'Código',
    sent: 'Enviamos um código para {number}.',
    calling: 'Estamos ligando para {number} para dizer o código.',
    unconfirmed: 'Um código está a caminho de {number}. Pode demorar um pouco.',
    verify: 'Verificar',
    verifying: 'Verificando o código…',
    enterCode: 'Digite os {digits} dígitos do código.',
    resend: 'Enviar um novo código',
    expires: 'O código expira em',
    changeNumber: 'Alterar número',
    approved: '{number} foi verificado.',
  },
};
