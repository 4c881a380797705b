import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { sealPurpose } from '../../contract.ts';
import { secret } from '../../otp/number/secret.ts';
import type { Seal, Unseal } from '../../otp/ports.ts';
import { callKms } from '../clients.ts';

/** Binds a ciphertext to its record. CloudTrail shows it in clear, so it never names a person. */
const contextOf = (key: string) => ({ purpose: sealPurpose, verification: key });

export const kmsSeal = (client: KMSClient, keyArn: string): Seal => ({
  seal: async (key, text) => {
    const command = new EncryptCommand({
      KeyId: keyArn,
      Plaintext: Buffer.from(text.reveal(), 'utf8'),
      EncryptionContext: contextOf(key),
    });
    const { CiphertextBlob } = await callKms('Encrypt', () => client.send(command));
    if (CiphertextBlob === undefined) throw new Error('KMS Encrypt returned no ciphertext.');
    return Buffer.from(CiphertextBlob).toString('base64');
  },
});

export const kmsUnseal = (client: KMSClient, keyArn: string): Unseal => ({
  open: async (key, sealed) => {
    const command = new DecryptCommand({
      KeyId: keyArn,
      CiphertextBlob: Buffer.from(sealed, 'base64'),
      EncryptionContext: contextOf(key),
    });
    const { Plaintext } = await callKms('Decrypt', () => client.send(command));
    if (Plaintext === undefined) throw new Error('KMS Decrypt returned no plaintext.');
    return secret(Buffer.from(Plaintext).toString('utf8'));
  },
});
