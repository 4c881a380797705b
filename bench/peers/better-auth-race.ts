/**
 * Better Auth's phone-number plugin as a racer, with its own limit of attempts, on SQLite in memory.
 *
 * A guess that loses the race for the record gets the same answer as a wrong one that was judged. So a trigger counts: each
 * judged guess that is wrong writes the record anew, with one attempt more.
 *
 * https://www.better-auth.com/docs/plugins/phone-number
 */

import { DatabaseSync } from 'node:sqlite';
import { startBetterAuth } from './better-auth-server.ts';
import { type PeerAnswer, sent } from './peer.ts';

export type RaceEvent =
  | { readonly flow: 'send'; readonly phoneNumber: string }
  | { readonly flow: 'check'; readonly phoneNumber: string; readonly code: string }
  | { readonly flow: 'judged'; readonly phoneNumber: string };

const database = new DatabaseSync(':memory:');
const { codes, post } = await startBetterAuth(database);
database.exec(`
  CREATE TABLE judged (identifier TEXT NOT NULL);
  CREATE TRIGGER judging AFTER INSERT ON verification WHEN NEW.value NOT LIKE '%:0'
  BEGIN INSERT INTO judged VALUES (NEW.identifier); END;
`);
const countJudged = database.prepare('SELECT count(*) AS judged FROM judged WHERE identifier LIKE ?');

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
