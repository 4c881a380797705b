// A consumer of webhooks: POST /events takes one, PUT /logins/ID remembers a verification, and GET /logins/ID knows its state.
import { createServer } from 'node:http';
import { verificationKey } from 'otp-service-client';
import { Webhook } from 'standardwebhooks';

const { OTP_APPLICATION = 'web', WEBHOOK_SECRETS = '', PORT = '3000' } = process.env;
const webhooks = WEBHOOK_SECRETS.split(' ').map((secret) => new Webhook(secret)); // two while you rotate
const [logins, seen, maxSeen, maxBytes] = [new Map(), new Set(), 10_000, 64 * 1024];

/** The event, if one of the secrets signed it within five minutes of now. */
const verified = (body, headers) => {
  for (const webhook of webhooks)
    try {
      return webhook.verify(body, headers);
    } catch {} // the other secret may fit
};

/** Events come at least once, in any order. In a database, note the id and change the row in one transaction. */
const takeOnce = (id, { type, timestamp, data }) => {
  const login = seen.has(id) ? undefined : logins.get(data.verification);
  seen.add(id); // SQL: INSERT … ON CONFLICT DO NOTHING; DynamoDB: attribute_not_exists(id), with a TTL of two months
  if (seen.size > maxSeen) seen.delete(seen.values().next().value);
  if (login === undefined) return;
  login.events += 1;
  if (login.isOver || timestamp < login.at) return; // nothing undoes an approval, and no older event a later one
  const isApproved = type === 'verification.approved';
  // With a hint, such as after a SIM swap, the code is right and not enough: ask for something else as well.
  const state = isApproved && data.hint !== undefined ? 'step-up' : type.replace('verification.', '');
  Object.assign(login, { state, at: timestamp, isOver: isApproved });
};

const answer = async (request) => {
  const { method, url, headers } = request;
  if (method === 'POST' && url === '/events') {
    if (!(Number(headers['content-length']) <= maxBytes)) return [413]; // a body without a length as well
    // The bytes as they came: JSON that was parsed and written again has another signature.
    const event = verified(Buffer.concat(await request.toArray()).toString('utf8'), headers);
    if (event !== undefined) takeOnce(headers['webhook-id'], event);
    return [event === undefined ? 401 : 204]; // within five seconds: longer work belongs into a queue of yours
  }
  // The name of the verification in events. Its id is in the answer to your request, and in no event.
  const key = await verificationKey(OTP_APPLICATION, url.replace('/logins/', ''));
  if (method === 'PUT' && !logins.has(key)) logins.set(key, { state: 'requested', at: '', events: 0 });
  return logins.has(key) ? [200, JSON.stringify(logins.get(key), ['state', 'events'])] : [404];
};

const server = createServer(async (request, response) => {
  const [status, text] = await answer(request).catch(() => [400]); // such as a caller who hangs up
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
