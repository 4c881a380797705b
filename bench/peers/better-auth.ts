/**
 * Better Auth's phone-number plugin, as its page says, on SQLite in memory: a send, and a check that signs a user up and
 * makes a session. Its rate limits are off.
 *
 * https://www.better-auth.com/docs/plugins/phone-number
 */

import { DatabaseSync } from 'node:sqlite';
import { startBetterAuth } from './better-auth-server.ts';
import { checked, type PeerAnswer, type PeerEvent, sent } from './peer.ts';

const { codes, post } = await startBetterAuth(new DatabaseSync(':memory:'));

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
