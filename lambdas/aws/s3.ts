import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { Letter, LetterRecord, ReplayPorts } from '../bursts/replay.ts';
import { callAws } from './clients.ts';

/** The bucket of dead letters. What is removed is only marked as deleted: the bucket keeps it for another day. */
export const s3DeadLetters = (client: S3Client, Bucket: string): Pick<ReplayPorts, 'list' | 'read' | 'remove'> => ({
  list: async function* (prefix) {
    let from: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket,
        Prefix: prefix,
        ...(from === undefined ? {} : { ContinuationToken: from }),
      });
      const { Contents = [], NextContinuationToken } = await callAws('S3 ListObjectsV2', () => client.send(command));
      for (const { Key } of Contents) if (Key !== undefined) yield Key;
      from = NextContinuationToken;
    } while (from !== undefined);
  },
  read: async (Key) => {
    const text = await callAws('S3 GetObject', async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key })).catch(isGone);
      return await Body?.transformToString('utf8');
    });
    return text === undefined ? { kind: 'gone' } : readLetter(text);
  },
  remove: async (Key) => {
    await callAws('S3 DeleteObject', () => client.send(new DeleteObjectCommand({ Bucket, Key })));
  },
});

const isGone = (cause: unknown): { readonly Body?: undefined } => {
  if (cause instanceof Error && cause.name === 'NoSuchKey') return {};
  throw cause;
};

/** The batch is `payload`: as a text, or as it is. */
const readLetter = (text: string): Letter => {
  try {
    const { payload }: { readonly payload?: unknown } = JSON.parse(text);
    const event: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload;
    const records = typeof event === 'object' && event !== null && 'Records' in event ? event.Records : undefined;
    return isRecords(records) ? { kind: 'letter', records } : { kind: 'unreadable' };
  } catch {
    return { kind: 'unreadable' };
  }
};

/** By the numbers of its records the detector says how far it came: without them nobody could tell. */
const isRecords = (value: unknown): value is readonly LetterRecord[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((record: LetterRecord | null | undefined) => typeof record?.dynamodb?.SequenceNumber === 'string');
