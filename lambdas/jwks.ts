import { kmsClient } from './aws/clients.ts';
import { kmsProofKey } from './aws/kms/proof.ts';
import { readEnvironment } from './env.ts';
import { noApplications } from './http/applications.ts';
import { httpHandler } from './http/handler.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'jwks';
const env = readEnvironment(route);
const telemetry = telemetryOf(route);
const key = kmsProofKey(kmsClient(), env.PROOF_KEY);

/** The public keys of proofs (RFC 7517). Caches may keep them for ten minutes. */
export const handler = httpHandler(
  { route, telemetry, endpoint: env.ENDPOINT, applications: noApplications },
  async () => ({
    status: 200,
    body: { keys: [{ ...(await key.publicJwk()), kid: key.keyId, use: 'sig' }] },
    contentType: 'application/jwk-set+json',
    headers: { 'cache-control': 'public, max-age=600' },
  }),
);
