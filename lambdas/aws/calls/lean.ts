import type { HttpRequest, MiddlewareStack, RequestSigner } from '@smithy/types';
import { createConnections, type Keeping } from './connections.ts';
import { type CallHandler, callHandler } from './handler.ts';
import { callSigner, type Identified } from './signer.ts';

type Named = readonly (readonly [string, string?])[];

/** The part of a client of the SDK that is set up here. */
type Client = Identified & {
  // biome-ignore lint/suspicious/noExplicitAny: the clients have types of their own, and one function sets up all.
  readonly middlewareStack: MiddlewareStack<any, any>;
  readonly config: { readonly defaultUserAgentProvider: () => Promise<Named> };
};

/** Options that each client of the SDK takes. */
export type CallOptions = {
  readonly requestHandler: CallHandler;
  readonly signer: RequestSigner;
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
 * Makes a client of the SDK that takes less CPU for a call (ADR 100): with the handler and the signer of this folder, and a stack that
 * is put together once. Retries, errors and the correction of the clock stay those of the SDK.
 */
export const leanClient = <Made extends Client>(
  { service, timeouts, connections }: Calling,
  make: (options: CallOptions & { readonly cacheMiddleware: true }) => Made,
): Made => {
  const requestHandler = callHandler({ ...timeouts, connections: createConnections(connections) });
  const client: Made = make({
    requestHandler,
    signer: callSigner(service, () => client),
    cacheMiddleware: true,
  });
  for (const name of idle) client.middlewareStack.remove(name);
  nameOnce(client);
  return client;
};

/** The SDK puts its name together for each call, in two headers. This does it once, in the header that CloudTrail shows. */
const nameOnce = ({ middlewareStack, config }: Client): void => {
  let made: Promise<string> | undefined;
  middlewareStack.remove('getUserAgentMiddleware');
  middlewareStack.add(
    (next) => async (args) => {
      made ??= config.defaultUserAgentProvider().then(nameOf);
      (args as { request: HttpRequest }).request.headers['user-agent'] = await made;
      return next(args);
    },
    { name: 'getUserAgentMiddleware', step: 'build', priority: 'low' },
  );
};

/** https://docs.aws.amazon.com/sdkref/latest/guide/user-agent.html */
const nameOf = (parts: Named): string =>
  parts
    .map(([name, version]) => (version === undefined ? name : `${name}${name.includes('/') ? '#' : '/'}${version}`))
    .join(' ');
