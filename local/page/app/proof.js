// @ts-check

/**
 * A proof taken apart (RFC 7515 compact serialization).
 *
 * @typedef {object} Proof
 * @property {Readonly<Record<string, unknown>>} header
 * @property {Readonly<Record<string, unknown>>} claims
 * @property {Uint8Array<ArrayBuffer>} signed what the signature is over
 * @property {Uint8Array<ArrayBuffer>} signature
 */

/**
 * @param {string} token
 * @returns {Proof}
 */
export const readProof = (token) => {
  const [header = '', claims = '', signature = ''] = token.split('.');
  return {
    header: readPart(header),
    claims: readPart(claims),
    signed: new TextEncoder().encode(`${header}.${claims}`),
    signature: bytesOf(signature),
  };
};

/** Each algorithm of proofs, as Web Crypto knows it, and its kind of key. */
const algorithms = {
  ES256: { kty: 'EC', name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RS256: { kty: 'RSA', name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
};

/**
 * Whether one of the published keys made the signature. Only the algorithm counts that the key says it is for, even if the
 * header names another one.
 *
 * @param {Proof} proof
 * @param {readonly (JsonWebKey & { kid?: string })[]} keys of the service's JWK set
 */
export const isSignedBy = async ({ header, signed, signature }, keys) => {
  const jwk = keys.find(({ kid }) => kid === header['kid']);
  const { alg } = jwk ?? {};
  if (jwk === undefined || alg !== header['alg'] || (alg !== 'ES256' && alg !== 'RS256')) return false;
  const { kty, ...algorithm } = algorithms[alg];
  if (jwk.kty !== kty) return false;
  const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
  return crypto.subtle.verify(algorithm, key, signature, signed);
};

/** @param {string} part */
const readPart = (part) => JSON.parse(new TextDecoder().decode(bytesOf(part)));

/** @param {string} base64url */
const bytesOf = (base64url) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
