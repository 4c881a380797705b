/** Better Auth's phone-number plugin, as its page says, without rate limits: https://www.better-auth.com/docs/plugins/phone-number */

import type { DatabaseSync } from 'node:sqlite';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { phoneNumber as phoneNumberPlugin } from 'better-auth/plugins';
import { outbox, unlessFailed } from './peer.ts';

const origin = 'https://auth.example.com';

/** @returns the codes that it sends, and a way to call it. */
export const startBetterAuth = async (database: DatabaseSync) => {
  const codes = outbox();
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
  const post = async (path: string, body: object): Promise<Response> => {
    const headers = { 'content-type': 'application/json' };
    const request = new Request(`${origin}/api/auth${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return unlessFailed(await auth.handler(request));
  };
  return { codes, post };
};
