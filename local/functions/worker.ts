import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { type ClockOffset, shiftDate } from '../clock.ts';

/** The data of the thread at its start. */
export type WorkerSetup = { readonly bundle: string; readonly clockOffset: ClockOffset };

/** One invocation. The event travels as JSON, as it does in Lambda. */
export type InvokeMessage = {
  readonly id: number;
  readonly event: string;
  readonly context: Readonly<Record<string, string | boolean>> & { readonly awsRequestId: string };
  readonly timeoutMs: number;
};

/** `ready` once the bundle is loaded; then one `answered` or `failed` for each invocation. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  /** `unfinished` counts calls over HTTP that had no whole answer yet. Lambda freezes them with the sandbox. */
  | { readonly kind: 'answered'; readonly id: number; readonly payload: string; readonly unfinished: number }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };

type Handler = (event: unknown, context: object) => unknown;

const invocations = new AsyncLocalStorage<Record<PropertyKey, unknown>>();

/**
 * Lambda's own store for one invocation, as its runtime provides it when a sandbox takes several at a time
 * (AWS_LAMBDA_MAX_CONCURRENCY). Powertools and the SDK keep their state in it. So parallel invocations in this thread do not
 * mix their log keys and metrics. Outside an invocation there is one more, as in a plain sandbox.
 */
const installInvokeStore = () => {
  const atInit: Record<PropertyKey, unknown> = {};
  const current = () => invocations.getStore() ?? atInit;
  const requestId = Symbol.for('_AWS_LAMBDA_REQUEST_ID');
  const InvokeStore = {
    getContext: current,
    hasContext: () => true,
    get: (key: PropertyKey) => current()[key],
    set: (key: PropertyKey, value: unknown) => {
      current()[key] = value;
    },
    run: (context: Record<PropertyKey, unknown>, work: () => unknown) => invocations.run(context, work),
    getRequestId: () => current()[requestId] ?? '-',
    getXRayTraceId: () => undefined,
    getTenantId: () => undefined,
    getTraceparent: () => undefined,
    getTracestate: () => undefined,
    getBaggage: () => undefined,
  };
  Object.assign(globalThis, { awslambda: { InvokeStore } });
  return (awsRequestId: string, work: () => unknown) => InvokeStore.run({ [requestId]: awsRequestId }, work);
};

const requests = Symbol('requests of the invocation');

/** Keeps the HTTP requests of each invocation in its store. */
const watchRequests = () => {
  const failed = new WeakSet<ClientRequest>();
  subscribe('http.client.request.error', (message) => {
    failed.add((message as { readonly request: ClientRequest }).request);
  });
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { readonly request: ClientRequest };
    const store = invocations.getStore();
    if (store === undefined) return;
    const known = (store[requests] ?? []) as readonly ClientRequest[];
    store[requests] = [...known, request];
  });
  return () => {
    const made = (invocations.getStore()?.[requests] ?? []) as readonly (ClientRequest & { res?: IncomingMessage })[];
    return made.filter((each) => !failed.has(each) && !each.destroyed && each.res?.complete !== true).length;
  };
};

/** The largest answer that Lambda takes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxPayloadBytes = 6 * 1024 * 1024;

/** The answer as Lambda passes it on. @throws Error for one that is no JSON, or too large. */
const payloadOf = (answer: unknown): string => {
  const payload = JSON.stringify(answer) ?? 'null';
  if (Buffer.byteLength(payload) <= maxPayloadBytes) return payload;
  throw new Error(`Response payload size exceeded maximum allowed payload size (${maxPayloadBytes} bytes).`);
};

const serve = async ({ bundle, clockOffset }: WorkerSetup) => {
  const port = parentPort;
  if (port === null) throw new Error('worker.ts runs in a worker thread only; local/functions/functions.ts starts it.');
  const post = (message: WorkerMessage) => port.postMessage(message);
  shiftDate(clockOffset);
  const runInvocation = installInvokeStore();
  const countUnfinished = watchRequests();
  const { handler } = (await import(pathToFileURL(bundle).href)) as { handler?: Handler };
  if (typeof handler !== 'function') throw new Error(`${bundle} exports no function named handler.`);
  port.on('message', async ({ id, event, context, timeoutMs }: InvokeMessage) => {
    const deadline = performance.now() + timeoutMs;
    const getRemainingTimeInMillis = () => Math.max(0, Math.round(deadline - performance.now()));
    try {
      await runInvocation(context.awsRequestId, async () => {
        const payload = payloadOf(await handler(JSON.parse(event), { ...context, getRemainingTimeInMillis }));
        post({ kind: 'answered', id, payload, unfinished: countUnfinished() });
      });
    } catch (error) {
      post({ kind: 'failed', id, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  post({ kind: 'ready' });
};

await serve(workerData as WorkerSetup);
