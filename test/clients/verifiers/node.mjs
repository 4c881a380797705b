/** Asks three libraries about proofs, as back ends without the client of this project would. */

import { JwtVerifier } from 'aws-jwt-verify';
import { createVerifier } from 'fast-jwt';
import jwt from 'jsonwebtoken';
import { JwksClient } from 'jwks-rsa';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { jwksUrl, issuer, audience, algorithm, cases } = JSON.parse(Buffer.concat(chunks).toString());
const jwks = await (await fetch(jwksUrl)).json();
const leeway = 30;
const type = 'otp-proof+jwt';

/** The claims that no library knows: they are the back end's own to compare. */
const assertMeant = (header, claims, { purpose, phoneNumber, transaction, application }) => {
  const paid = claims.transaction;
  const isMeant =
    header.typ === type &&
    claims.aud === audience &&
    claims.purpose === purpose &&
    claims.phone_number === phoneNumber &&
    (application === undefined || claims.azp === application) &&
    Boolean(paid) === Boolean(transaction) &&
    (paid === undefined || Number(paid.amount) === Number(transaction.amount)) &&
    ['currency', 'payee'].every((name) => paid?.[name] === transaction?.[name]);
  if (!isMeant) throw new Error('The proof is for something else.');
};

const jwksRsa = new JwksClient({ jwksUri: jwksUrl });
const withJsonwebtoken = async (each) => {
  const options = { algorithms: [algorithm], issuer, audience, clockTolerance: leeway, complete: true };
  const getKey = ({ kid }, done) => jwksRsa.getSigningKey(kid).then((key) => done(null, key.getPublicKey()), done);
  const { header, payload } = await new Promise((resolve, reject) =>
    jwt.verify(each.proof, getKey, options, (error, token) => (error ? reject(error) : resolve(token))),
  );
  assertMeant(header, payload, each);
};

const aws = JwtVerifier.create({ issuer, audience, jwksUri: jwksUrl, graceSeconds: leeway });
aws.cacheJwks(jwks); // It fetches over https only, as a deployed service answers.
const withAwsJwtVerify = (each) =>
  aws.verify(each.proof, { customJwtCheck: ({ header, payload }) => assertMeant(header, payload, each) });

const { createPublicKey } = await import('node:crypto');
const fast = createVerifier({
  key: async ({ header }) => {
    const key = jwks.keys.find(({ kid }) => kid === header.kid);
    return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  },
  algorithms: [algorithm],
  allowedIss: issuer,
  allowedAud: audience,
  checkTyp: type,
  clockTolerance: leeway * 1000,
  complete: true,
});
const withFastJwt = async (each) => {
  const { header, payload } = await fast(each.proof);
  assertMeant(header, payload, each);
};

const verifiers = {
  'jsonwebtoken with jwks-rsa': withJsonwebtoken,
  'aws-jwt-verify': withAwsJwtVerify,
  'fast-jwt': withFastJwt,
};
const verdicts = {};
for (const [name, verify] of Object.entries(verifiers)) {
  verdicts[name] = {};
  for (const each of cases)
    verdicts[name][each.name] = await Promise.resolve(verify(each)).then(
      () => 'accepted',
      (error) => `refused: ${error.message}`,
    );
}
console.log(JSON.stringify(verdicts));
