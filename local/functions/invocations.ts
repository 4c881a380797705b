import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type FunctionName, functionNames } from '../../lambdas/contract.ts';
import { awsRefusal, requireSignature } from '../aws/refusal.ts';
import { readBody } from '../http/loopback.ts';
import type { Functions, Invocation } from './functions.ts';

export type Invocations = {
  /** The functions that are called. Until then there are none. */
  readonly join: (invoke: Functions['invoke']) => void;
  readonly answer: (request: IncomingMessage, url: string) => Promise<Answered>;
  /** Returns when nothing runs, and nothing waits for another try. */
  readonly settled: () => Promise<void>;
  /** Forgets what waits for another try. */
  readonly clear: () => void;
};

export type InvocationOptions = {
  /** Before the second and the third try of an event, as in Lambda by default. */
  readonly retryDelaysMs?: readonly number[];
  readonly onTrouble?: (line: string) => void;
};

/**
 * Stands in for `Invoke` of Lambda, with and without waiting for the answer. An event whose function fails is tried twice
 * more, under the same request id.
 *
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export const createInvocations = ({
  retryDelaysMs = [60_000, 120_000],
  onTrouble = () => {},
}: InvocationOptions = {}): Invocations => {
  const queue = openQueue(retryDelaysMs, onTrouble);
  let invoke: Functions['invoke'] | undefined;
  return {
    join: (joined) => {
      invoke = joined;
    },
    answer: (request, url) => answer(request, url, invoke, queue),
    settled: queue.settled,
    clear: queue.clear,
  };
};

export const isInvocation = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'POST' && url.startsWith('/2015-03-31/functions/');

type Queue = ReturnType<typeof openQueue>;

/** The events that run or wait for another try. */
const openQueue = (retryDelaysMs: readonly number[], onTrouble: (line: string) => void) => {
  const open = new Set<Promise<void>>();
  let dropped = new AbortController();
  const wait = (ms: number, { signal }: AbortController) =>
    new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, ms, true).unref();
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve(false);
      });
    });
  const run = async (name: FunctionName, call: () => Promise<Invocation>): Promise<void> => {
    const mine = dropped;
    for (const delayMs of [...retryDelaysMs, undefined]) {
      const invocation = await call();
      if (invocation.kind === 'answered' || mine.signal.aborted) return;
      onTrouble(`${name} failed: ${invocation.kind === 'failed' ? invocation.reason : 'it ran out of time'}`);
      if (delayMs === undefined || !(await wait(delayMs, mine))) return;
    }
  };
  return {
    add: (name: FunctionName, call: () => Promise<Invocation>): void => {
      const running = run(name, call)
        .catch((error: unknown) => onTrouble(`${name} failed: ${String(error)}`))
        .finally(() => open.delete(running));
      open.add(running);
    },
    settled: async () => {
      while (open.size > 0) await Promise.all(open);
    },
    clear: () => {
      dropped.abort();
      dropped = new AbortController();
    },
  };
};

export type Answered = { readonly status: number; readonly body: string; readonly headers?: Record<string, string> };

/** Bytes of a payload: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxBytes = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 } as const;

const answer = async (
  request: IncomingMessage,
  url: string,
  invoke: Functions['invoke'] | undefined,
  queue: Queue,
): Promise<Answered> => {
  const body = await readBody(request, maxBytes.RequestResponse);
  requireSignature(request, 'lambda');
  const { name, alias } = calledBy(request, url);
  if (invoke === undefined || name === undefined)
    throw awsRefusal('ResourceNotFoundException', `Function not found: ${name ?? 'of another name'}`, 404);
  const type = typeOf(request);
  if (body === undefined || body.length > maxBytes[type])
    throw awsRefusal('RequestTooLargeException', `${type} takes ${maxBytes[type]} bytes at most.`, 413);
  const event = eventOf(body);
  const requestId = randomUUID();
  const call = () => invoke(name, event, requestId, alias);
  if (type === 'Event') {
    queue.add(name, call);
    return { status: 202, body: '', headers: { 'x-amzn-requestid': requestId } };
  }
  const invocation = await call();
  if (invocation.kind === 'answered') return { status: 200, body: JSON.stringify(invocation.payload) };
  const errorMessage = invocation.kind === 'failed' ? invocation.reason : 'Task timed out';
  return { status: 200, body: JSON.stringify({ errorMessage }), headers: { 'x-amz-function-error': 'Unhandled' } };
};

/** By name, or by name and alias. Nobody here names a function by its ARN. */
const calledBy = (request: IncomingMessage, url: string) => {
  const { pathname, searchParams } = new URL(request.url ?? '', url);
  const called = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(pathname)?.[1];
  if (request.method !== 'POST' || called === undefined)
    throw awsRefusal('UnknownOperationException', `${request.method} ${pathname} is not played here.`, 404);
  const [plain, alias = searchParams.get('Qualifier') ?? undefined] = decodeURIComponent(called).split(':');
  return { name: functionNames.find((each) => each === plain), alias };
};

const typeOf = ({ headers }: IncomingMessage): keyof typeof maxBytes => {
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'Event' || type === 'RequestResponse') return type;
  throw awsRefusal('InvalidParameterValueException', `The invocation type ${String(type)} is not played here.`);
};

const eventOf = (body: Buffer): object => {
  try {
    const event: unknown = JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'));
    if (typeof event === 'object' && event !== null) return event;
  } catch {
    // The refusal says it.
  }
  throw awsRefusal('InvalidRequestContentException', 'Could not parse request body into json.');
};
