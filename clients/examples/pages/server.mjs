// Serves the pages, passes their calls on with the API key, and signs in the owner of a proof.
import { fileURLToPath } from 'node:url';
import express from 'express';
import { ProofError, verifyProof } from 'otp-service-client/proof';

const { OTP_URL = 'http://127.0.0.1:4000', OTP_API_KEY = 'local', PORT = '3000' } = process.env;
const { OTP_AUDIENCE = 'https://api.example.com' } = process.env; // the setting `audience`

const app = express();
app.use((_request, response, next) => {
  response.set(
    'content-security-policy',
    "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  );
  next();
});
const form = fileURLToPath(import.meta.resolve('otp-service-client/form/otp-form.js'));
app.get('/otp-form.js', (_request, response) => response.sendFile(form));
for (const file of ['/plain.html', '/plain.js', '/react.html', '/build/react.js'])
  app.get(file, (_request, response) => response.sendFile(`${import.meta.dirname}${file}`));

// The four calls of a client app, and no other.
const calls = /^\/v1\/verifications(?:\/[\w-]{1,255}(?:\/check|\/resend)?)?$/;
app.all(calls, express.raw({ type: '*/*', limit: '8kb' }), async (request, response) => {
  const headers = { 'x-api-key': OTP_API_KEY };
  for (const name of ['content-type', 'idempotency-key'])
    if (request.get(name) !== undefined) headers[name] = request.get(name);
  const body = Buffer.isBuffer(request.body) ? request.body : undefined;
  const answer = await fetch(`${OTP_URL}${request.path}`, { method: request.method, headers, body });
  for (const name of ['content-type', 'retry-after'])
    if (answer.headers.has(name)) response.set(name, answer.headers.get(name));
  response.status(answer.status).end(Buffer.from(await answer.arrayBuffer()));
});

app.post('/sessions', express.urlencoded({ extended: false, limit: '8kb' }), async (request, response) => {
  const options = { jwksUrl: `${OTP_URL}/.well-known/jwks.json`, audience: OTP_AUDIENCE, purpose: 'login' };
  const claims = await verifyProof(String(request.body?.proof), options);
  response.type('text').send(`Signed in as ${claims.phone_number}`);
});

app.use((error, _request, response, _next) => {
  const status = error instanceof ProofError ? (error.code === 'cannot-tell' ? 503 : 401) : (error.status ?? 502);
  response.status(status).type('text').send('This did not work. Try again.');
});

const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
