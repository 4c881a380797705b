import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bucket, startBucket } from '../../../local/aws/s3.ts';

let bucket: Bucket;
let client: S3Client;
beforeEach(async () => {
  bucket = await startBucket({ bucket: 'letters', pageSize: 2 });
  client = new S3Client({
    endpoint: bucket.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await bucket.stop();
});

const put = (Key: string, Body = Key, more = {}) =>
  client.send(new PutObjectCommand({ Bucket: 'letters', Key, Body, ...more }));
const get = async (Key: string) => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'letters', Key }));
  return await Body?.transformToString();
};
const list = async (Prefix: string, ContinuationToken?: string) => {
  const page = await client.send(
    new ListObjectsV2Command({ Bucket: 'letters', Prefix, ...(ContinuationToken && { ContinuationToken }) }),
  );
  return { keys: (page.Contents ?? []).map(({ Key }) => Key), next: page.NextContinuationToken };
};
const refusal = (name: string) => expect.objectContaining({ name });

test('an object comes back whole, and the last put wins, as on AWS', async () => {
  await put('a/1', 'first');
  await put('a/1', 'second & <last>');
  expect(await get('a/1')).toBe('second & <last>');
});

test('keys come in the order of their UTF-8 bytes, page by page, as on AWS', async () => {
  for (const key of ['a/é', 'a/z', 'a/B', 'a/b', 'b/1']) await put(key);
  const first = await list('a/');
  expect(first.keys).toEqual(['a/B', 'a/b']);
  const second = await list('a/', first.next);
  expect(second).toEqual({ keys: ['a/z', 'a/é'], next: undefined });
});

test('a body that does not fit its checksum is refused, and nothing is kept, as on AWS', async () => {
  await expect(put('a/1', 'text', { ChecksumCRC32: 'AAAAAA==' })).rejects.toEqual(refusal('BadDigest'));
  await expect(get('a/1')).rejects.toEqual(refusal('NoSuchKey'));
});

test('a key of more than 1,024 bytes is refused, as on AWS', async () => {
  await put('k'.repeat(1024));
  await expect(put('k'.repeat(1025))).rejects.toEqual(refusal('KeyTooLongError'));
});

test('a missing object is NoSuchKey, and its deletion succeeds, as on AWS', async () => {
  await expect(get('a/none')).rejects.toEqual(refusal('NoSuchKey'));
  await client.send(new DeleteObjectCommand({ Bucket: 'letters', Key: 'a/none' }));
  await put('a/1', 'text');
  await client.send(new DeleteObjectCommand({ Bucket: 'letters', Key: 'a/1' }));
  await expect(get('a/1')).rejects.toEqual(refusal('NoSuchKey'));
  expect(bucket.deleted.get('a/1')).toBe('text');
});

test('another bucket, and an operation that is not played, are refused', async () => {
  const elsewhere = client.send(new GetObjectCommand({ Bucket: 'other', Key: 'a/1' }));
  await expect(elsewhere).rejects.toEqual(refusal('NoSuchBucket'));
  await put('a/1');
  await expect(client.send(new HeadObjectCommand({ Bucket: 'letters', Key: 'a/1' }))).rejects.toThrow();
});

test('a put that wants a new name is refused where there is an object, as on AWS', async () => {
  await put('a/1', 'first', { IfNoneMatch: '*' });
  await expect(put('a/1', 'second', { IfNoneMatch: '*' })).rejects.toEqual(refusal('PreconditionFailed'));
  expect(await get('a/1')).toBe('first');
  await expect(put('a/2', 'text', { IfNoneMatch: '"etag"' })).rejects.toEqual(refusal('NotImplemented'));
});

test('a bucket whose policy wants new names refuses every other put, as on AWS', async () => {
  const once = await startBucket({ bucket: 'letters', isWriteOnce: true });
  const own = new S3Client({
    endpoint: once.url,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const command = { Bucket: 'letters', Key: 'a', Body: 'text' };
  await expect(own.send(new PutObjectCommand(command))).rejects.toEqual(refusal('AccessDenied'));
  await own.send(new PutObjectCommand({ ...command, IfNoneMatch: '*' }));
  expect(once.objects.get('a')).toBe('text');
  own.destroy();
  await once.stop();
});
