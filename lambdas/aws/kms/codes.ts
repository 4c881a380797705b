import type { KMSClient } from '@aws-sdk/client-kms';
import { type Pseudonyms, pseudonymLabel, pseudonymsFrom } from '../../otp/number/pseudonyms.ts';
import type { Codes, PseudonymSource } from '../../otp/ports.ts';
import { generateMac } from './mac.ts';

/** @param keyArns ARN by generation; the last one makes new codes. */
export const kmsCodes = (client: KMSClient, keyArns: Readonly<Record<string, string>>): Codes => {
  const newest = Object.keys(keyArns).at(-1);
  if (newest === undefined) throw new Error('There is no code key. List at least one generation in the settings.');
  return {
    newest,
    knows: (generation) => Object.hasOwn(keyArns, generation),
    mac: async (generation, message) => {
      const keyArn = keyArns[generation];
      if (keyArn === undefined) throw new Error('The generation of the code key is not known.');
      return Buffer.from(await generateMac(client, keyArn, message)).toString('base64');
    },
  };
};

/**
 * The secret behind all pseudonyms, made by KMS over a constant label, so that no function stores or shares it. Each
 * container asks once. It asks again after a failure.
 */
export const kmsPseudonyms = (client: KMSClient, keyArn: string): PseudonymSource => {
  let kept: Promise<Pseudonyms> | undefined;
  return () => {
    kept ??= generateMac(client, keyArn, Buffer.from(pseudonymLabel)).then(pseudonymsFrom, (cause: unknown) => {
      kept = undefined;
      throw cause;
    });
    return kept;
  };
};
