// A back end that signs people in by SMS: POST /codes sends a code, POST /sessions takes it, and GET /me knows the number.
import { randomUUID } from 'node:crypto';
import express from 'express';
import { CallError, createClient } from 'otp-service-client';
import { sentenceFor } from 'otp-service-client/messages';
import { en } from 'otp-service-client/messages/en';
import { verifyProof } from 'otp-service-client/proof';

const { OTP_URL = 'http://127.0.0.1:4000', OTP_API_KEY = 'local-back-end', PORT = '3000' } = process.env;
const { OTP_AUDIENCE = 'https://api.example.com' } = process.env; // the setting `audience`
const otp = createClient({ baseUrl: OTP_URL, apiKey: OTP_API_KEY });
const sessions = new Map();

const app = express();
app.set('trust proxy', 0); // the number of your own proxies before this server
app.use(express.json());

// The number and the code are people's input; purpose and everything else are decided here.
app.post('/codes', async (request, response) => {
  const endUser = { ipAddress: request.ip };
  const sent = await otp.request({ phoneNumber: String(request.body?.phoneNumber), purpose: 'login', endUser });
  if (sent.kind !== 'sent') return refuse(response, sent);
  const { id, codeLength, expiresAt, resendAvailableAt } = sent.verification;
  response.status(201).json({ id, codeLength, expiresAt, resendAvailableAt });
});

app.post('/sessions', async (request, response) => {
  const checked = await otp.check(request.body?.id, { code: String(request.body?.code) });
  if (checked.kind !== 'approved') return refuse(response, checked);
  const claims = await verifyProof(checked.proof, {
    jwksUrl: `${OTP_URL}/.well-known/jwks.json`,
    audience: OTP_AUDIENCE,
    purpose: 'login',
  });
  const session = randomUUID();
  sessions.set(session, claims.phone_number);
  response.status(201).json({ session });
});

app.get('/me', (request, response) => {
  const phoneNumber = sessions.get(request.get('authorization')?.replace('Bearer ', ''));
  if (phoneNumber === undefined) return response.status(401).json({ error: 'Sign in first.' });
  response.json({ phoneNumber });
});

/** Says why in words for people, and when they may try again. */
const refuse = (response, outcome) => {
  if (outcome.retryAfterSeconds !== undefined) response.set('retry-after', String(outcome.retryAfterSeconds));
  response.status(outcome.status ?? 422).json({ kind: outcome.kind, error: sentenceFor(outcome, en) });
};

app.use((error, _request, response, _next) => {
  if (error instanceof CallError) return response.status(503).json({ error: sentenceFor(error, en) });
  response.status(error.status ?? 500).json({ error: 'Something went wrong.' }); // such as a body that is no JSON
});

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
