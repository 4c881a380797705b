import { text } from 'node:stream/consumers';
import { functionNames } from '../../../lambdas/contract.ts';
import { type Bucket, startBucket, startS3 } from '../../../local/aws/s3.ts';
import { listenOnLoopback } from '../../../local/http/loopback.ts';
import type { LocalStack } from '../../../local/stack.ts';

export type DeadLetterBucket = Bucket;

/** The bucket of local mode, with lists of two keys to a page. */
export const startDeadLetterBucket = (): Promise<DeadLetterBucket> =>
  startBucket({ bucket: 'dead-letters', pageSize: 2 });

/** What a function answers: a payload, or that it died. */
export type FunctionAnswer = { readonly payload: unknown; readonly isError?: boolean };

/** Lambda on the wire: calls of functions are answered by `invoke`. */
export const startLambda = async (
  invoke: (name: string, event: unknown) => Promise<FunctionAnswer | 'throttled'>,
  /** The stand-in that answers all but calls of functions. */
  others?: () => string,
) => {
  const { server, url, stop } = await listenOnLoopback();
  server.on('request', async (request, response) => {
    if (request.method === 'GET' && others !== undefined) {
      const { authorization = '' } = request.headers;
      const answer = await fetch(new URL(request.url ?? '', others()), { headers: { authorization } });
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
      return;
    }
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? '')?.[1] ?? '';
    const payloadText = await text(request);
    const headers = { 'content-type': 'application/json' };
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    if (Buffer.byteLength(payloadText) > 6 * 1024 * 1024) {
      response.writeHead(413, { ...headers, 'x-amzn-errortype': 'RequestTooLargeException' }).end('{}');
      return;
    }
    const answering = invoke(decodeURIComponent(name), JSON.parse(payloadText));
    // https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      response.writeHead(202, headers).end();
      return;
    }
    const answer = await answering;
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
  const s3 = await startS3();
  const bucket = s3.open({ bucket: 'dead-letters', pageSize: 2 });
  s3.open({ bucket: 'exports', isWriteOnce: true });
  let stack: Pick<LocalStack, 'invoke'> | undefined;
  let standIn = '';
  const invoke = async (name: string, event: unknown) => {
    const [called, alias] = name.split(':');
    const isKnown = functionNames.find((known) => known === called);
    if (stack === undefined || isKnown === undefined) throw new Error(`Nobody can call ${name}.`);
    const invocation = await stack.invoke(isKnown, event as object, alias);
    return invocation.kind === 'answered' ? { payload: invocation.payload } : { payload: invocation, isError: true };
  };
  const lambda = await startLambda(invoke, () => standIn);
  const lambdaUrl = (url: string) => {
    standIn = url;
    return lambda.url;
  };
  return {
    bucket,
    endpoints: { s3: () => bucket.url, lambda: lambdaUrl },
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
