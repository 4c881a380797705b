import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { type ProofAlgorithm, proofAlgorithms } from '../../contract.ts';
import type { ProofKey, Signer } from '../../otp/ports.ts';
import { callKms } from '../failures.ts';

/** The `kid` of a proof key. Derived from its ARN, so that signing needs no permission to read the public key. */
export const proofKeyId = (keyArn: string): string =>
  createHash('sha256').update(keyArn).digest().subarray(0, 12).toString('base64url');

/** @param algorithm what the key is for. KMS refuses to sign with another. */
export const kmsSigner = (client: KMSClient, keyArn: string, algorithm: ProofAlgorithm): Signer => ({
  keyId: proofKeyId(keyArn),
  algorithm,
  sign: async (input) => {
    const command = new SignCommand({
      KeyId: keyArn,
      Message: createHash('sha256').update(input).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: proofAlgorithms[algorithm].signingAlgorithm,
    });
    const { Signature } = await callKms('Sign', () => client.send(command));
    if (Signature === undefined) throw new Error('KMS Sign returned no signature.');
    // Of an RSA key, KMS gives the signature as JWS has it (RFC 8017 section 8.2.1).
    return algorithm === 'ES256' ? rawSignature(Signature) : Signature;
  },
});

/** The public half, asked for once per container: a proof key never changes under its ARN. A failure is not kept. */
export const kmsProofKey = (client: KMSClient, keyArn: string): ProofKey => {
  let kept: Promise<Record<string, unknown>> | undefined;
  const ask = async () => {
    const command = new GetPublicKeyCommand({ KeyId: keyArn });
    const { PublicKey } = await callKms('GetPublicKey', () => client.send(command));
    if (PublicKey === undefined) throw new Error('KMS GetPublicKey returned no key.');
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    return { ...key.export({ format: 'jwk' }), alg: algorithmOf(key) };
  };
  return {
    keyId: proofKeyId(keyArn),
    publicJwk: () => {
      kept ??= ask().catch((cause: unknown) => {
        kept = undefined;
        throw cause;
      });
      return kept;
    },
  };
};

/** The one algorithm that a key is for. The key says it, so that the key set never names another. */
const algorithmOf = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): ProofAlgorithm => {
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ES256';
  if (asymmetricKeyType === 'rsa' && modulusLength >= 2048) return 'RS256';
  throw new Error('The proof key is neither ECC_NIST_P256 nor RSA_2048.');
};

/**
 * r‖s of 32 bytes each, as JWS wants them (RFC 7518 section 3.4), out of the DER that KMS gives: SEQUENCE of two
 * INTEGERs, which drop leading zeros and may have one in front for the sign.
 *
 * @throws Error if the bytes are not such a signature.
 */
export const rawSignature = (der: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(der);
  const [first, afterFirst] = integerAt(bytes, 2);
  const [second, end] = integerAt(bytes, afterFirst);
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2 || end !== bytes.length) throw notASignature();
  return Buffer.concat([first, second]);
};

const integerAt = (bytes: Buffer, offset: number): [Buffer, number] => {
  const length = bytes[offset + 1];
  if (bytes[offset] !== 0x02 || length === undefined || offset + 2 + length > bytes.length) throw notASignature();
  const end = offset + 2 + length;
  const digits = bytes.subarray(offset + 2, end);
  const significant = digits.length === 33 && digits[0] === 0 ? digits.subarray(1) : digits;
  if (significant.length > 32) throw notASignature();
  return [Buffer.concat([Buffer.alloc(32 - significant.length), significant]), end];
};

const notASignature = () => new Error('KMS Sign returned something that is no ECDSA signature over P-256 in DER.');
