import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from '../../../local/http/loopback.ts';

/**
 * What AWS does on the wire and emulators do not.
 *
 * `throttled`, `internal-error`: refused, nothing done. `conflict`: another transaction holds an item. `unprocessed`: a
 * batch of reads or writes that did nothing. `no-connection`: cut before AWS saw it. `lost-answer`: done, and the answer never comes.
 */
export const wireFaults = [
  'throttled',
  'internal-error',
  'conflict',
  'unprocessed',
  'no-connection',
  'lost-answer',
] as const;
export type WireFault = (typeof wireFaults)[number];

export type AwsProxy = {
  readonly url: string;
  /** Operations asked for so far, such as `UpdateItem`; repeats by the SDK included. */
  readonly calls: string[];
  /** What was asked for, call by call. */
  readonly inputs: string[];
  /** The number that the SDK gave each try of a call, from 1 on. */
  readonly tries: number[];
  /** What went wrong so far, as `operation: fault`. */
  readonly struck: Set<string>;
  /** Makes calls number `from` (counted from 0 from now on) up to `from + times - 1` go wrong; of one operation, if named. */
  readonly failAt: (from: number, fault: WireFault, times?: number, only?: string) => void;
  readonly heal: () => void;
  /** Lets each call wait for this before AWS sees it. */
  readonly holdBy: (gate: (operation: string, input: string) => Promise<void>) => void;
  readonly stop: () => Promise<void>;
};

/** Stands between the SDK and a DynamoDB or KMS that speaks AWS JSON, and makes chosen calls go wrong. */
export const awsProxy = async (target: string): Promise<AwsProxy> => {
  const { server, url, stop } = await listenOnLoopback();
  const calls: string[] = [];
  const struck = new Set<string>();
  const inputs: string[] = [];
  const tries: number[] = [];
  let plan: { from: number; until: number; fault: WireFault; only: string | undefined } | undefined;
  let counted = 0;
  let hold: Parameters<AwsProxy['holdBy']>[0] = async () => {};
  const strike = (operation: string): WireFault | undefined => {
    if (plan?.only !== undefined && plan.only !== operation) return undefined;
    const call = counted;
    counted += 1;
    return plan !== undefined && call >= plan.from && call < plan.until ? plan.fault : undefined;
  };
  server.on('request', (request, response) => {
    answer(target, request, response, async (operation, input) => {
      calls.push(operation);
      inputs.push(input);
      tries.push(Number(/attempt=(\d+)/.exec(String(request.headers['amz-sdk-request']))?.[1] ?? 1));
      const fault = strike(operation);
      if (fault !== undefined && applies(fault, operation)) struck.add(`${operation}: ${fault}`);
      await hold(operation, input);
      return fault;
      // A target that was stopped meanwhile is a lost connection to whoever called.
    }).catch(() => request.socket.destroy());
  });
  return {
    url,
    calls,
    inputs,
    tries,
    struck,
    failAt: (from, fault, times = 1, only) => {
      counted = 0;
      plan = { from, until: from + times, fault, only };
    },
    heal: () => {
      plan = undefined;
    },
    holdBy: (gate) => {
      hold = gate;
    },
    stop,
  };
};

const answer = async (
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  strike: (operation: string, input: string) => Promise<WireFault | undefined>,
): Promise<void> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const amzTarget = String(request.headers['x-amz-target'] ?? '');
  const operation = amzTarget.split('.').at(-1) ?? '';
  const fault = await strike(operation, body.toString('utf8'));
  const made = fault === undefined ? undefined : faultAnswer(fault, operation, body.toString('utf8'));
  if (fault === 'no-connection') return void request.socket.destroy();
  if (made !== undefined) return send(response, made.status, Buffer.from(JSON.stringify(made.body)));
  const forwarded = await fetch(target, {
    method: 'POST',
    headers: {
      'content-type': String(request.headers['content-type'] ?? ''),
      'x-amz-target': amzTarget,
      'x-amz-date': String(request.headers['x-amz-date'] ?? ''),
      authorization: String(request.headers.authorization ?? ''),
    },
    body,
  });
  const bytes = Buffer.from(await forwarded.arrayBuffer());
  if (fault === 'lost-answer') return void request.socket.destroy();
  send(response, forwarded.status, bytes);
};

const send = (response: ServerResponse, status: number, body: Buffer): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length });
  response.end(body);
};

const applies = (fault: WireFault, operation: string): boolean => {
  if (fault === 'conflict') return operation === 'TransactWriteItems' || plainWrites.includes(operation);
  return fault !== 'unprocessed' || operation === 'BatchGetItem' || operation === 'BatchWriteItem';
};

/**
 * Plain writes that meet a transaction on their item. A plain put here makes a new item, which no transaction holds.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */
const plainWrites = ['UpdateItem', 'DeleteItem'];

type Made = { readonly status: number; readonly body: Record<string, unknown> };

const error = (status: number, name: string, more: Record<string, unknown> = {}): Made => ({
  status,
  body: { __type: `com.amazonaws#${name}`, message: `${name} for a test.`, ...more },
});

const faultAnswer = (fault: WireFault, operation: string, body: string): Made | undefined => {
  const isTransaction = operation === 'TransactWriteItems';
  const canceled = (code: string) =>
    error(400, 'TransactionCanceledException', {
      CancellationReasons: (JSON.parse(body).TransactItems as unknown[]).map(() => ({ Code: code })),
    });
  if (fault === 'internal-error') return error(500, 'InternalServerError');
  if (fault === 'throttled') return isTransaction ? canceled('ThrottlingError') : error(400, 'ThrottlingException');
  if (fault === 'conflict' && isTransaction) return canceled('TransactionConflict');
  if (fault === 'conflict' && plainWrites.includes(operation)) return error(400, 'TransactionConflictException');
  if (fault === 'unprocessed' && operation === 'BatchGetItem') {
    return { status: 200, body: { Responses: {}, UnprocessedKeys: JSON.parse(body).RequestItems } };
  }
  if (fault === 'unprocessed' && operation === 'BatchWriteItem')
    return { status: 200, body: { UnprocessedItems: JSON.parse(body).RequestItems } };
  return undefined;
};
