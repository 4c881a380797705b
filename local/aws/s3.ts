import type { IncomingMessage, ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { listenOnLoopback, readBody } from '../http/loopback.ts';
import { type AwsRefusal, awsRefusal, refusalOf, requireSignature } from './refusal.ts';

export type Bucket = {
  readonly url: string;
  /** The current objects, by key. */
  readonly objects: Map<string, string>;
  /** The deleted objects, by key, as a bucket with versions keeps them. */
  readonly deleted: Map<string, string>;
  /** The requests so far, such as `GET aws/lambda/1`. */
  readonly asked: readonly string[];
  /** Refuses what is asked for in these words, as S3 does if the role may not. */
  readonly refuse: (words: RegExp | undefined) => void;
  readonly stop: () => Promise<void>;
};

export type BucketOptions = {
  readonly bucket: string;
  /** Keys on one page of a list; 1,000, as in S3. */
  readonly pageSize?: number;
  /** Whether the policy of the bucket takes only files that are new, by `If-None-Match`. */
  readonly isWriteOnce?: boolean;
};

type Asked = {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly ifNoneMatch: string | undefined;
};

/** As much as S3 takes in one put is more than anything here puts. */
const maxBytes = 8 * 1024 * 1024;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const maxKeyBytes = 1024;

/** Stands in for one bucket of S3, with versions: list, get, put and delete of objects. */
export const startBucket = async (options: BucketOptions): Promise<Bucket> => {
  const { url, stop, open } = await startS3();
  return { ...open(options), url, stop };
};

/** Stands in for S3, with the buckets that are opened. */
export const startS3 = async () => {
  const { server, url, stop } = await listenOnLoopback();
  const buckets = new Map<string, (asked: Asked) => Answer>();
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    requireSignature(request, 's3');
    const { name, ...rest } = await read(request, url);
    const bucket = buckets.get(name);
    if (bucket === undefined) throw awsRefusal('NoSuchBucket', 'The specified bucket does not exist', 404);
    return bucket(rest);
  };
  server.on('request', (request, response) => {
    answer(request).then(
      ({ status, body }) => reply(response, status, body),
      (thrown: unknown) => replyRefused(response, refusalOf(thrown)),
    );
  });
  const open = (options: BucketOptions): Bucket => {
    const { content, answer: answerBucket } = openBucket(options);
    buckets.set(options.bucket, answerBucket);
    return { ...content, url, stop };
  };
  return { url, stop, open };
};

const openBucket = ({ pageSize = 1000, isWriteOnce = false }: BucketOptions) => {
  const [objects, deleted] = [new Map<string, string>(), new Map<string, string>()];
  const asked: string[] = [];
  let refused: RegExp | undefined;
  return {
    content: {
      objects,
      deleted,
      asked,
      refuse: (words: RegExp | undefined) => {
        refused = words;
      },
    },
    answer: (request: Asked): Answer => {
      const words = `${request.method} ${request.key === '' ? `list ${request.query.get('prefix')}` : request.key}`;
      asked.push(words);
      if (refused?.test(words)) throw awsRefusal('AccessDenied', 'Access Denied', 403);
      return serve({ objects, deleted, pageSize, isWriteOnce }, request);
    },
  };
};

type Answer = { readonly status: number; readonly body: string };
type Content = Pick<Bucket, 'objects' | 'deleted'> & { readonly pageSize: number; readonly isWriteOnce: boolean };

const read = async (request: IncomingMessage, url: string): Promise<Asked & { readonly name: string }> => {
  const { pathname, searchParams: query } = new URL(request.url ?? '', url);
  const [, name = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  const bytes = await readBody(request, maxBytes);
  if (bytes === undefined) throw awsRefusal('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  requireChecksum(request, bytes);
  const { method = '', headers } = request;
  const ifNoneMatch = headers['if-none-match'];
  return { method, name, key: rest.join('/'), query, body: bytes.toString('utf8'), ifNoneMatch };
};

/** The SDK sends one with every put, and S3 refuses a body that does not fit it. */
const requireChecksum = ({ headers }: IncomingMessage, bytes: Buffer): void => {
  const said = headers['x-amz-checksum-crc32'];
  if (said === undefined) return;
  const found = Buffer.alloc(4);
  found.writeUInt32BE(crc32(bytes));
  if (said !== found.toString('base64')) throw awsRefusal('BadDigest', 'The CRC32 you specified did not match');
};

const serve = (content: Content, asked: Asked): Answer => {
  const { objects, deleted, pageSize } = content;
  const { method, key, query, body } = asked;
  if (key === '') {
    if (method !== 'GET' || query.get('list-type') !== '2') throw notPlayed(method);
    return { status: 200, body: listed([...objects.keys()], query, pageSize) };
  }
  if (Buffer.byteLength(key) > maxKeyBytes) throw awsRefusal('KeyTooLongError', 'Your key is too long');
  const object = objects.get(key);
  if (method === 'PUT') {
    requireNew(content, asked);
    objects.set(key, body);
    return { status: 200, body: '' };
  }
  if (method === 'DELETE') {
    if (object !== undefined) deleted.set(key, object);
    objects.delete(key);
    return { status: 204, body: '' };
  }
  if (method !== 'GET') throw notPlayed(method);
  if (object === undefined) throw awsRefusal('NoSuchKey', 'The specified key does not exist.', 404);
  return { status: 200, body: object };
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
const requireNew = ({ objects, isWriteOnce }: Content, { key, ifNoneMatch }: Asked): void => {
  if (ifNoneMatch === undefined && isWriteOnce) throw awsRefusal('AccessDenied', 'Access Denied', 403);
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw awsRefusal('NotImplemented', 'A header you provided implies functionality that is not implemented', 501);
  if (ifNoneMatch !== undefined && objects.has(key))
    throw awsRefusal('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
};

const notPlayed = (method: string): Error =>
  awsRefusal('NotImplemented', `This bucket lists, gets, puts and deletes objects. ${method} is something else.`, 501);

/** Keys come in the order of their UTF-8 bytes: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const listed = (all: readonly string[], asked: URLSearchParams, pageSize: number): string => {
  const [prefix, after] = [asked.get('prefix') ?? '', asked.get('continuation-token') ?? ''];
  const keys = all
    .filter((key) => key.startsWith(prefix))
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0);
  const page = keys.slice(0, pageSize);
  const more = keys.length > pageSize;
  const contents = page.map((key) => `<Contents><Key>${escaped(key)}</Key><Size>1</Size></Contents>`).join('');
  const next = more ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>` : '';
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>`;
};

const escaped = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const reply = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
};

const replyRefused = (response: ServerResponse, refusal: AwsRefusal | undefined): void => {
  const { code, message, status } = refusal ?? {
    code: 'InternalError',
    message: 'We encountered an error.',
    status: 500,
  };
  reply(
    response,
    status,
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`,
  );
};
