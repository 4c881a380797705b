import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { Sms } from '../../../lambdas/otp/ports.ts';

/** A message to a number, as a flow hands it to a sender: over SNS, with nothing that is optional. */
export const smsTo = (number: string, own: Partial<Sms> = {}): Sms => ({
  phone: secret(number),
  text: secret('Acme: 123456'),
  code: secret('123456'),
  locale: 'en',
  route: { name: 'sns', sender: 'sns', region: '' },
  country: 'IN',
  time: { secondsLeft: () => 300, isEnough: () => true },
  context: { verification: 'a'.repeat(64), send: 'send-1' },
  senderId: undefined,
  maxPriceUsd: 0.1,
  estimate: { microUsd: 20_000, parts: 1 },
  entityId: undefined,
  templateId: undefined,
  ...own,
});
