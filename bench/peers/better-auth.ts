/**
 * Better Auth's phone-number plugin, as its page says, on SQLite in memory: a send, and a check that signs a user up and
 * makes a session. Its rate limits are off.
 *
 * https://www.better-auth.com/docs/plugins/phone-number
 */

import { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { phoneNumber as phoneNumberPlugin } from 'better-auth/plugins';
import { checked, outbox, type PeerAnswer, type PeerEvent, sent, unlessFailed } from './peer.ts';

const codes = outbox();
const origin = 'https://auth.example.com';

const auth = betterAuth({
  baseURL: origin,
  secret: 'a secret of 32 characters or more',
  database: new DatabaseSync(':memory:'),
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
  plugins: [
    phoneNumberPlugin({
      sendOTP: ({ phoneNumber, code }) => codes.keep(phoneNumber, code),
      signUpOnVerification: { getTempEmail: (phoneNumber) => `${phoneNumber.slice(1)}@example.com` },
    }),
  ],
});

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

const post = async (path: string, body: object): Promise<Response> => {
  const headers = { 'content-type': 'application/json' };
  const request = new Request(`${origin}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return unlessFailed(await auth.handler(request));
};

export const handler = async (event: PeerEvent): Promise<PeerAnswer> => {
  if (event.flow === 'send') {
    const { phoneNumber } = event;
    await (await post('/phone-number/send-otp', { phoneNumber })).text();
    return sent(phoneNumber, codes.take(phoneNumber));
  }
  const response = await post('/phone-number/verify', { phoneNumber: event.id, code: event.code });
  const answer: { readonly status?: boolean } = JSON.parse(await response.text());
  return checked(response.status === 200 && answer.status === true);
};
