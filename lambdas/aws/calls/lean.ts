import type { HttpRequest, RequestSigner } from '@smithy/types';
import { createConnections, type Keeping } from './connections.ts';
import { type CallHandler, callHandler } from './handler.ts';
import { jsonCallsOf } from './json.ts';
import { snsCalls } from './query.ts';
import { endpointOnce, type Shortened, shortenCalls } from './short.ts';
import { callSigner, type Identified } from './signer.ts';

type Named = readonly (readonly [string, string?])[];

/** The part of a client of the SDK that is set up here. */
type Client = Identified & Shortened & { readonly config: { readonly defaultUserAgentProvider: () => Promise<Named> } };

/** Options that each client of the SDK takes. */
export type CallOptions = {
  readonly requestHandler: CallHandler;
  readonly signer: RequestSigner;
  readonly cacheMiddleware: true;
};

export type Calling = {
  /** The name of the service in signatures. */
  readonly service: string;
  readonly timeouts: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly socketTimeout: number;
  };
  /** `recent`: for calls that must not be repeated. */
  readonly connections: Keeping;
};

/** Parts of the SDK's stack that do nothing here: no client has a logger, and no function calls itself through AWS. */
const idle = ['loggerMiddleware', 'recursionDetectionMiddleware'] as const;

/**
 * Makes a client that takes less CPU for a call (ADR 100): with the handler and the signer of this folder, and a stack that
 * is put together once. Retries, errors and the correction of the clock stay those of the SDK.
 */
export const leanClient = <Made extends Client>(
  { service, timeouts, connections }: Calling,
  make: (options: CallOptions) => Made,
): Made => {
  const requestHandler = callHandler({ ...timeouts, connections: createConnections(connections) });
  const client: Made = make({
    requestHandler,
    signer: callSigner(service, () => client),
    cacheMiddleware: true,
  });
  const endpoint = endpointOnce(client.config);
  openers.set(client, async () => requestHandler.open((await endpoint()).url));
  for (const name of idle) client.middlewareStack.remove(name);
  const named = nameOnce(client);
  const calls = service === 'sns' ? snsCalls : jsonCallsOf(service);
  if (calls !== undefined) shortenCalls(client, calls, { named, endpoint });
  return client;
};

const openers = new WeakMap<object, () => Promise<void>>();

/**
 * Opens a connection of each lean client while the container starts, so that the first call of a person need not (ADR 122). Never
 * rejects: a failure is left to the first call.
 */
export const connectAhead = async (...clients: readonly object[]): Promise<void> => {
  await Promise.allSettled(clients.map((client) => openers.get(client)?.()));
};

/** The SDK puts its name together for each call, in two headers. This does it once, in the header that CloudTrail shows. */
const nameOnce = ({ middlewareStack, config }: Client): (() => Promise<string>) => {
  let made: Promise<string> | undefined;
  const named = () => (made ??= config.defaultUserAgentProvider().then(nameOf));
  middlewareStack.remove('getUserAgentMiddleware');
  middlewareStack.add(
    (next) => async (args) => {
      (args as { request: HttpRequest }).request.headers['user-agent'] = await named();
      return next(args);
    },
    { name: 'getUserAgentMiddleware', step: 'build', priority: 'low' },
  );
  return named;
};

/** https://docs.aws.amazon.com/sdkref/latest/guide/user-agent.html */
const nameOf = (parts: Named): string =>
  parts
    .map(([name, version]) => (version === undefined ? name : `${name}${name.includes('/') ? '#' : '/'}${version}`))
    .join(' ');
