import { createHash } from 'node:crypto';
import { type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { ManifestSigner } from '../../desk/exports/export.ts';
import { callKms } from '../failures.ts';

/** Signs the manifests of exports. The signature is DER, as OpenSSL takes it. */
export const kmsManifestSigner = (client: KMSClient, keyArn: string): ManifestSigner => ({
  keyId: keyArn,
  sign: async (text) => {
    const command = new SignCommand({
      KeyId: keyArn,
      Message: createHash('sha256').update(text).digest(),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    const { Signature } = await callKms('Sign', () => client.send(command));
    if (Signature === undefined) throw new Error('KMS Sign returned no signature.');
    return Buffer.from(Signature).toString('base64');
  },
});
