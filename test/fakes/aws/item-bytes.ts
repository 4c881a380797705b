import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * The bytes of an item, as DynamoDB counts them: names and values in UTF-8, raw bytes, a byte for two digits and one more.
 * A list or map takes three, and each of its elements one more.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemBytes = (item: Readonly<Record<string, AttributeValue>>): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

const valueBytes = ({ S, N, B, BOOL, NULL, L, M, SS, NS }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return numberBytes(N);
  // Answers of DynamoDB and records of a stream have bytes in base64.
  if (B !== undefined) return typeof B === 'string' ? Buffer.byteLength(B, 'base64') : B.byteLength;
  if (BOOL !== undefined || NULL !== undefined) return 1;
  if (L !== undefined) return 3 + L.reduce((sum, each) => sum + 1 + valueBytes(each), 0);
  if (M !== undefined) return 3 + itemBytes(M) + Object.keys(M).length;
  if (SS !== undefined) return SS.reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  if (NS !== undefined) return NS.reduce((sum, each) => sum + numberBytes(each), 0);
  throw new Error('An attribute has a type that no item of the service has.');
};

/** Zeros in front and at the end are trimmed. The documentation says "approximately", so half a pair counts as a pair. */
const numberBytes = (text: string): number =>
  Math.ceil(text.replaceAll(/[-.]/g, '').replaceAll(/^0+|0+$/g, '').length / 2) + 1;

/** The bytes that KMS adds to a plaintext of symmetric encryption: `GenerateDataKey` makes 184 bytes of a key of 32. */
export const kmsBytes = 152;
/** The bytes that the stand-in of local mode adds: the name of the key, a nonce and a tag. */
const standInBytes = 32 + 12 + 16;
/** A record takes so many bytes more on AWS than with the stand-in. */
export const moreWithKms = kmsBytes - standInBytes;
