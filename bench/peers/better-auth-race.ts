/**
 * Better Auth's phone-number plugin as a racer, with its own limit of attempts, on SQLite in memory.
 *
 * A guess that loses the race for the record gets the same answer as a wrong one that was judged. So a trigger counts: each
 * judged guess that is wrong writes the record anew, with one attempt more.
 *
 * https://www.better-auth.com/docs/plugins/phone-number
 */

import { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { phoneNumber as phoneNumberPlugin } from 'better-auth/plugins';
import { outbox, type PeerAnswer, sent, unlessFailed } from './peer.ts';

export type RaceEvent =
  | { readonly flow: 'send'; readonly phoneNumber: string }
  | { readonly flow: 'check'; readonly phoneNumber: string; readonly code: string }
  | { readonly flow: 'judged'; readonly phoneNumber: string };

const codes = outbox();
const origin = 'https://auth.example.com';
const database = new DatabaseSync(':memory:');

const auth = betterAuth({
  baseURL: origin,
  secret: 'a secret of 32 characters or more',
  database,
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
database.exec(`
  CREATE TABLE judged (identifier TEXT NOT NULL);
  CREATE TRIGGER judging AFTER INSERT ON verification WHEN NEW.value NOT LIKE '%:0'
  BEGIN INSERT INTO judged VALUES (NEW.identifier); END;
`);
const countJudged = database.prepare('SELECT count(*) AS judged FROM judged WHERE identifier LIKE ?');

const post = async (path: string, body: object): Promise<Response> => {
  const headers = { 'content-type': 'application/json' };
  const request = new Request(`${origin}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return unlessFailed(await auth.handler(request));
};

export const handler = async (event: RaceEvent): Promise<PeerAnswer> => {
  const { phoneNumber } = event;
  if (event.flow === 'judged') return { statusCode: 200, body: JSON.stringify(countJudged.get(`%${phoneNumber}`)) };
  if (event.flow === 'send') {
    await (await post('/phone-number/send-otp', { phoneNumber })).text();
    return sent(phoneNumber, codes.take(phoneNumber));
  }
  const response = await post('/phone-number/verify', { phoneNumber, code: event.code });
  await response.text();
  return response.status === 200
    ? { statusCode: 200, body: JSON.stringify({ status: 'approved' }) }
    : { statusCode: 403, body: '{}' };
};
