import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import { callKms } from '../failures.ts';

/** 32 bytes that only KMS can make: HMAC-SHA-256 under a key that never leaves it. */
export const generateMac = async (client: KMSClient, keyArn: string, message: Uint8Array): Promise<Uint8Array> => {
  const command = new GenerateMacCommand({ KeyId: keyArn, MacAlgorithm: 'HMAC_SHA_256', Message: message });
  const { Mac } = await callKms('GenerateMac', () => client.send(command));
  if (Mac === undefined) throw new Error('KMS GenerateMac returned no MAC.');
  return Mac;
};
