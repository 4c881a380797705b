import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ExportFiles } from '../../../desk/exports/export.ts';
import { fileKeyOf } from '../../../desk/exports/order.ts';
import { callAws } from '../../failures.ts';

/** The bucket of exports. It encrypts by itself, and its policy takes no file twice. */
export const s3ExportFiles = (client: S3Client, Bucket: string): ExportFiles => ({
  put: async (id, name, text) => {
    const command = new PutObjectCommand({
      Bucket,
      Key: fileKeyOf(id, name),
      Body: text,
      ContentType: name.endsWith('.jsonl') ? 'application/x-ndjson' : 'application/json',
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
      IfNoneMatch: '*',
    });
    await callAws('S3 PutObject', () => client.send(command).catch(isThere));
  },
});

/** An answer was lost, or another run was quicker. A name has one content. */
const isThere = (cause: unknown): void => {
  if (cause instanceof Error && cause.name === 'PreconditionFailed') return;
  throw cause;
};
