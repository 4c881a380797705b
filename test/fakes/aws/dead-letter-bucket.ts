import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { functionNames } from '../../../lambdas/contract.ts';
import { listenOnLoopback } from '../../../local/http/loopback.ts';
import type { LocalStack } from '../../../local/stack.ts';

export type DeadLetterBucket = {
  readonly url: string;
  /** What is in it, by key. What was deleted is under `deleted`, as in a bucket with versions. */
  readonly objects: Map<string, string>;
  readonly deleted: Map<string, string>;
  /** What was asked for so far, such as `GET aws/lambda/1`. */
  readonly asked: string[];
  /** Refuses what is asked for in these words, as S3 does where the role may not. */
  readonly refuse: (words: RegExp | undefined) => void;
  readonly stop: () => Promise<void>;
};

const escaped = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A bucket on the wire: what S3 answers to a list (two keys at a time), to a read and to a deletion. */
export const startDeadLetterBucket = async (bucket = 'dead-letters'): Promise<DeadLetterBucket> => {
  const { server, url, stop } = await listenOnLoopback();
  const [objects, deleted] = [new Map<string, string>(), new Map<string, string>()];
  const asked: string[] = [];
  let refused: RegExp | undefined;
  const answer = ({ method = '', url: target = '' }: IncomingMessage): readonly [number, string] => {
    const { pathname, searchParams } = new URL(target, url);
    const [, name, ...rest] = decodeURIComponent(pathname).split('/');
    const key = rest.join('/');
    const words = `${method} ${key === '' ? `list ${searchParams.get('prefix')}` : key}`;
    asked.push(words);
    if (name !== bucket) return errorOf(404, 'NoSuchBucket');
    if (refused?.test(words)) return errorOf(403, 'AccessDenied');
    if (key === '') return [200, listed(objects, searchParams)];
    const object = objects.get(key);
    if (method === 'DELETE') {
      if (object !== undefined) deleted.set(key, object);
      objects.delete(key);
      return [204, ''];
    }
    return object === undefined ? errorOf(404, 'NoSuchKey') : [200, object];
  };
  server.on('request', (request, response) => reply(response, ...answer(request)));
  return {
    url,
    objects,
    deleted,
    asked,
    refuse: (words) => {
      refused = words;
    },
    stop,
  };
};

const pageSize = 2;

const listed = (objects: ReadonlyMap<string, string>, asked: URLSearchParams): string => {
  const [prefix, after] = [asked.get('prefix') ?? '', asked.get('continuation-token') ?? ''];
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
  const page = keys.slice(0, pageSize);
  const more = keys.length > pageSize;
  const contents = page.map((key) => `<Contents><Key>${escaped(key)}</Key><Size>1</Size></Contents>`).join('');
  const next = more ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>` : '';
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>`;
};

const errorOf = (status: number, code: string): readonly [number, string] => [
  status,
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} for a test.</Message></Error>`,
];

const reply = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
};

/** What a function answers: a payload, or that it died. */
export type FunctionAnswer = { readonly payload: unknown; readonly isError?: boolean };

/** Lambda on the wire: calls of functions are answered by `invoke`. */
export const startLambda = async (invoke: (name: string, event: unknown) => Promise<FunctionAnswer | 'throttled'>) => {
  const { server, url, stop } = await listenOnLoopback();
  server.on('request', async (request, response) => {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? '')?.[1] ?? '';
    const payloadText = await text(request);
    const headers = { 'content-type': 'application/json' };
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    if (Buffer.byteLength(payloadText) > 6 * 1024 * 1024) {
      response.writeHead(413, { ...headers, 'x-amzn-errortype': 'RequestTooLargeException' }).end('{}');
      return;
    }
    const answer = await invoke(decodeURIComponent(name), JSON.parse(payloadText));
    if (answer === 'throttled') {
      response.writeHead(429, { ...headers, 'x-amzn-errortype': 'TooManyRequestsException' }).end('{}');
      return;
    }
    const { payload, isError = false } = answer;
    response
      .writeHead(200, { ...headers, ...(isError ? { 'x-amz-function-error': 'Unhandled' } : {}) })
      .end(JSON.stringify(payload));
  });
  return { url, stop };
};

/** A dead letter as Lambda writes it: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
export const letterOf = (records: readonly object[], isText = true): string => {
  const event = { Records: records };
  return JSON.stringify({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 11 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: null },
    version: '1.0',
    DDBStreamBatchInfo: { shardId: 'shardId-1', batchSize: records.length },
    payload: isText ? JSON.stringify(event) : event,
  });
};

/** A bucket and a Lambda beside a local stack, which has neither: what is invoked are the stack's own functions. */
export const playDeadLetters = async () => {
  const bucket = await startDeadLetterBucket();
  let stack: Pick<LocalStack, 'invoke'> | undefined;
  const lambda = await startLambda(async (name, event) => {
    const isKnown = functionNames.find((known) => known === name);
    if (stack === undefined || isKnown === undefined) throw new Error(`Nobody can call ${name}.`);
    const invocation = await stack.invoke(isKnown, event as object);
    return invocation.kind === 'answered' ? { payload: invocation.payload } : { payload: invocation, isError: true };
  });
  return {
    bucket,
    endpoints: { s3: () => bucket.url, lambda: () => lambda.url },
    /** Whose functions they are. */
    join: (joined: Pick<LocalStack, 'invoke'>) => {
      stack = joined;
    },
    stop: async () => {
      await bucket.stop();
      await lambda.stop();
    },
  };
};
