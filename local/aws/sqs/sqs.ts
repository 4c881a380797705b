import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from '../../http/loopback.ts';
import { createFaults } from '../faults.ts';
import { answerJson } from '../json.ts';
import { type AwsRefusal, awsRefusal, refusalOf, requireSignature } from '../refusal.ts';
import { maxMessageBytes, textIn } from './fields.ts';
import { inputOf, operationOf } from './operations.ts';
import { localAccount, type Queue } from './queue.ts';

export const sqsFaults = [
  /** 400 `RequestThrottled`; nothing happens. */
  'throttle',
  /** 500 `InternalError`; nothing happens. */
  'internal-error',
  /** 400 `AccessDeniedException`; nothing happens. */
  'access-denied',
  /** `ReceiveMessage` finds nothing, as a short poll of a small queue may. Other calls go on as usual. */
  'finds-nothing',
  /** The connection is dropped before anything happens. */
  'reset',
  /** It happens, and then the connection is dropped. */
  'reset-after-accept',
] as const;
export type SqsFault = (typeof sqsFaults)[number];

export type Sqs = {
  readonly url: string;
  readonly urlOf: (queue: string) => string;
  readonly fail: (mode: SqsFault, options?: { times?: number; operation?: string }) => void;
  readonly clearFaults: () => void;
  /** Forgets messages and faults. */
  readonly clear: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * A stand-in for Amazon SQS over its real wire protocol (AWS JSON 1.0, `X-Amz-Target: AmazonSQS.<operation>`), with the queues
 * that it is given.
 *
 * It is as strict as SQS about lengths, characters, batches, receipt handles and visibility. It also refuses fields that the
 * service does not use.
 */
export const startSqs = async ({ queues, port }: { queues: readonly Queue[]; port?: number }): Promise<Sqs> => {
  const faults = createFaults<SqsFault, string>();
  const { server, url, stop } = await listenOnLoopback(port);
  server.on('request', (request, response) => {
    answer({ queues, strike: faults.strike }, request, response).catch(() => response.destroy());
  });
  return {
    url,
    urlOf: (queue) => `${url}/${localAccount}/${queue}`,
    fail: (mode, { times = 1, operation } = {}) =>
      faults.arm(mode, { times, matches: (called) => operation === undefined || called === operation }),
    clearFaults: faults.clear,
    clear: () => {
      for (const queue of queues) queue.clear();
      faults.clear();
    },
    stop,
  };
};

type Desk = { readonly queues: readonly Queue[]; readonly strike: (operation: string) => SqsFault | undefined };

const answer = async ({ queues, strike }: Desk, request: IncomingMessage, response: ServerResponse) => {
  // Larger than the limit of messages: JSON may write a character with six.
  const body = await readBody(request, 8 * maxMessageBytes);
  try {
    requireSignature(request, 'sqs');
    const { name, call, input } = parse(request, body);
    const queue = queueOf(queues, textIn(input, 'QueueUrl'));
    const fault = strike(name);
    if (fault === 'throttle') throw awsRefusal('RequestThrottled', 'Rate exceeded');
    if (fault === 'internal-error') throw awsRefusal('InternalError', 'Internal failure', 500);
    if (fault === 'access-denied')
      throw awsRefusal('AccessDeniedException', `User is not authorized to perform: sqs:${name}`);
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    if (fault === 'finds-nothing' && name === 'ReceiveMessage') return send(response, 200, {});
    const output = call(queue, input);
    if (fault === 'reset-after-accept') return void request.socket.resetAndDestroy();
    send(response, 200, output);
  } catch (thrown) {
    refuse(response, refusalOf(thrown) ?? { code: 'InternalError', message: String(thrown), status: 500 });
  }
};

const parse = (request: IncomingMessage, body: Buffer | undefined) => {
  if (request.method !== 'POST' || body === undefined)
    throw awsRefusal('InvalidParameterValue', 'Send a POST within the size limit.');
  if (request.headers['content-type'] !== 'application/x-amz-json-1.0')
    throw awsRefusal('SerializationException', 'The content type must be application/x-amz-json-1.0.');
  return { ...operationOf(String(request.headers['x-amz-target'] ?? '')), input: inputOf(body.toString('utf8')) };
};

/** By the path of its URL: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
const queueOf = (queues: readonly Queue[], queueUrl: string): Queue => {
  const path = URL.parse(queueUrl)?.pathname;
  const queue = queues.find(({ name }) => path === `/${localAccount}/${name}`);
  if (queue !== undefined) return queue;
  throw awsRefusal('QueueDoesNotExist', 'The specified queue does not exist.');
};

/** Older clients know errors by these codes, in a header: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
const queryCodes: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
};

const refuse = (response: ServerResponse, { code, message, status }: AwsRefusal) => {
  const fault = status < 500 ? 'Sender' : 'Receiver';
  send(
    response,
    status,
    { __type: `com.amazonaws.sqs#${code}`, message },
    {
      'x-amzn-query-error': `${queryCodes[code] ?? code};${fault}`,
    },
  );
};

const send = answerJson('1.0');
