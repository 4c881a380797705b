import { createPublicKey, type KeyObject } from 'node:crypto';

/**
 * Reads a public key: PEM, DER, or DER in base64 as `aws kms get-public-key` prints it.
 *
 * @throws Error with a sentence if it is none, or of another kind.
 */
export const readPublicKey = (content: Uint8Array): KeyObject => {
  const key = keyOf(Buffer.from(content));
  if (key === undefined) throw new Error(noKey);
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'ec' || namedCurve !== 'prime256v1') throw new Error(anotherKind);
  return key;
};

const noKey =
  'This is no public key. Save the one of the stack: aws kms get-public-key --key-id <ExportSigningKeyArn> --query PublicKey --output text';
const anotherKind = 'This key is of another kind. Exports are signed by an elliptic curve key (P-256).';

const keyOf = (content: Buffer): KeyObject | undefined => {
  const text = content.toString('latin1').trim();
  // A private key would pass for its public half, and should not lie beside exports.
  if (text.includes('PRIVATE KEY')) return undefined;
  const isBase64 = /^[A-Za-z0-9+/\s]+={0,2}$/.test(text);
  const der = isBase64 ? Buffer.from(text, 'base64') : content;
  try {
    return text.startsWith('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
};
