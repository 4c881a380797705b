import type { Language, MessageName } from './messages.ts';

const fault =
  'Das hat nicht geklappt, und es liegt nicht an Ihnen. Wenden Sie sich an den Support, wenn es wieder vorkommt.';

export const de: Language = {
  locale: 'de',
  retry: 'Versuchen Sie es {when} noch einmal.',
  retryLater: 'Versuchen Sie es später noch einmal.',
  messages: {
    'invalid-request': fault,
    'invalid-phone-number':
      'Diese Telefonnummer kann es nicht geben. Prüfen Sie sie und geben Sie sie noch einmal ein.',
    unauthorized: fault,
    forbidden: fault,
    'end-user-not-accepted': fault,
    'source-ip-not-allowed': fault,
    'destination-not-allowed': 'An diese Nummer können wir keinen Code senden. Nutzen Sie einen anderen Weg.',
    'number-opted-out': 'Diese Nummer empfängt unsere Nachrichten nicht. Nutzen Sie eine andere Nummer.',
    'number-at-risk': 'An diese Nummer können wir zurzeit keinen Code senden. Melden Sie sich auf anderem Weg an.',
    'not-found': fault,
    'verification-not-found': 'Dieser Code gilt nicht mehr. Fordern Sie einen neuen an.',
    'method-not-allowed': fault,
    'request-in-progress': 'Ihr Code ist unterwegs. {retry}',
    'code-expired': 'Der Code ist abgelaufen. Fordern Sie einen neuen an.',
    'code-already-used': 'Dieser Code wurde schon benutzt. Fordern Sie einen neuen an.',
    'attempts-exhausted': 'Der Code wurde zu oft falsch eingegeben. Fordern Sie einen neuen an.',
    'verification-canceled': 'Diese Bestätigung wurde abgebrochen. Beginnen Sie noch einmal.',
    'delivery-failed': 'Die Nachricht konnte nicht gesendet werden. {retry}',
    'payload-too-large': fault,
    'unsupported-media-type': fault,
    'idempotency-key-reused': fault,
    'resend-too-soon': 'Ein Code wurde gerade erst gesendet. {retry}',
    'too-many-requests': 'Es gab zu viele Versuche. {retry}',
    'destination-suspended': 'An diese Nummer können wir im Moment keinen Code senden. {retry}',
    'spend-cap-reached': 'An diese Nummer können wir im Moment keinen Code senden. {retry}',
    'internal-error': 'Der Dienst ist im Moment nicht erreichbar. {retry}',
    'sending-stopped': 'Wir können im Moment keine Codes senden. {retry}',
    'temporarily-unavailable': 'Der Dienst ist im Moment nicht erreichbar. {retry}',
    'unknown-problem': fault,
    'wrong-code': 'Der Code stimmt nicht. Verbleibende Versuche: {attempts}.',
    'superseded-code': 'Das ist ein älterer Code. Geben Sie den aus der neuesten Nachricht ein.',
    'no-answer':
      'Es besteht keine Verbindung zum Dienst. Prüfen Sie Ihre Internetverbindung und versuchen Sie es noch einmal.',
  } satisfies Record<MessageName, string>,
};
