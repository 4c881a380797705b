import { expect } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';

/** The public half of a key, as KMS hands it out. */
export const publicKeyOf = async (stack: Pick<LocalStack, 'faults'>, KeyId: string): Promise<Buffer> => {
  const { url } = stack.faults.kms ?? expect.fail('There is no KMS.');
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'TrentService.GetPublicKey',
      authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kms/aws4_request',
    },
    body: JSON.stringify({ KeyId }),
  });
  return Buffer.from(((await answer.json()) as { PublicKey: string }).PublicKey, 'base64');
};
