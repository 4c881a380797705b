import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  type Letter,
  type LetterRecord,
  letterKeyOf,
  letterTextOf,
  type Reader,
  readLetter,
} from '../bursts/letters.ts';
import type { ReplayPorts } from '../bursts/replay.ts';
import { deadLetterPrefix } from '../contract.ts';
import type { StatusPorts } from '../desk/status/facts.ts';
import { callAws } from './failures.ts';

/** Dead letters by their names. What is removed is only marked as deleted: the bucket keeps it for another day. */
export const s3LetterNames = (client: S3Client, Bucket: string): Pick<ReplayPorts, 'list' | 'remove'> => ({
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
  remove: async (Key) => {
    await callAws('S3 DeleteObject', () => client.send(new DeleteObjectCommand({ Bucket, Key })));
  },
});

/** How many dead letters there are, as far as one page of a list shows. */
export const s3LetterCount =
  (client: S3Client, Bucket: string): StatusPorts['letters'] =>
  async () => {
    const command = new ListObjectsV2Command({ Bucket, Prefix: deadLetterPrefix });
    const { Contents = [], IsTruncated = false } = await callAws('S3 ListObjectsV2', () => client.send(command));
    return { count: Contents.length, isMore: IsTruncated };
  };

export type LetterContents = {
  readonly read: (key: string) => Promise<Letter>;
  /** Puts a record whole. A repetition replaces it by itself. */
  readonly put: (record: LetterRecord, why: string) => Promise<void>;
};

/** The content of the dead letters. */
export const s3LetterContents = (client: S3Client, Bucket: string, reader?: Reader): LetterContents => ({
  read: async (Key) => {
    const text = await callAws('S3 GetObject', async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key })).catch(isGone);
      return await Body?.transformToString('utf8');
    });
    return text === undefined ? { kind: 'gone' } : readLetter(text);
  },
  put: async (record, why) => {
    const command = new PutObjectCommand({
      Bucket,
      Key: letterKeyOf(record, reader),
      Body: letterTextOf(record, why, reader),
      ContentType: 'application/json',
    });
    await callAws('S3 PutObject', () => client.send(command));
  },
});

const isGone = (cause: unknown): { readonly Body?: undefined } => {
  if (cause instanceof Error && cause.name === 'NoSuchKey') return {};
  throw cause;
};
