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

/**
 * Whether one of the published keys made the signature. Only ES256 counts, even if the header names another algorithm.
 *
 * @param {Proof} proof
 * @param {readonly (JsonWebKey & { kid?: string })[]} keys of the service's JWK set
 */
export const isSignedBy = async ({ header, signed, signature }, keys) => {
  const jwk = keys.find(({ kid }) => kid === header['kid']);
  if (jwk === undefined || header['alg'] !== 'ES256') return false;
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, signed);
};

/** @param {string} part */
const readPart = (part) => JSON.parse(new TextDecoder().decode(bytesOf(part)));

/** @param {string} base64url */
const bytesOf = (base64url) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
