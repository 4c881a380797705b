import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { sealPurpose } from '../../contract.ts';
import { secret } from '../../otp/number/secret.ts';
import { type Seal, Unavailable, type Unseal } from '../../otp/ports.ts';
import { callKms } from '../failures.ts';
import { isSealedHourly, openHourly, sealHourly } from './hourly-seal.ts';
import type { HourKeys } from './hours.ts';

/** Binds a ciphertext to its record. CloudTrail shows it in clear, so it never names a person. */
const contextOf = (key: string) => ({ purpose: sealPurpose, verification: key });

/** @param hours the keys of hours, if the settings have `sealing: 'hourly'`. */
export const kmsSeal = (client: KMSClient, keyArn: string, hours?: HourKeys): Seal => ({
  seal: async (key, text, sealing) => {
    if (sealing === 'hourly') return sealHourly(known(hours), key, text);
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

/** Opens both kinds, so that the setting can change while verifications are open. */
export const kmsUnseal = (client: KMSClient, keyArn: string, hours?: HourKeys): Unseal => ({
  open: async (key, sealed) => {
    if (isSealedHourly(sealed)) return openHourly(known(hours), key, sealed);
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

/** Without the key nobody can open such a record. It is one of before the setting changed (ADR 102). */
const known = (hours: HourKeys | undefined): HourKeys => {
  if (hours === undefined) throw new Unavailable('hourly seal');
  return hours;
};
