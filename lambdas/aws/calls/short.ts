import type { EndpointV2, HttpRequest, HttpResponse, MiddlewareStack } from '@smithy/types';
import type { CallHandler } from './handler.ts';
import type { PlainCalls } from './plain.ts';

/** The part of a client that a short way is made from. */
export type Shortened = {
  // biome-ignore lint/suspicious/noExplicitAny: the clients have types of their own, and one function sets up all.
  readonly middlewareStack: MiddlewareStack<any, any>;
  readonly config: EndpointConfig & {
    readonly requestHandler: Pick<CallHandler, 'handle'>;
    readonly httpAuthSchemes: readonly { readonly schemeId: string; readonly signer: unknown }[];
  };
};

type Url = { readonly protocol: string; readonly hostname: string; readonly port?: number; readonly path: string };
type EndpointConfig = {
  readonly region: () => Promise<string>;
  readonly useFipsEndpoint: () => Promise<boolean>;
  readonly useDualstackEndpoint: () => Promise<boolean>;
  /** A given endpoint, and one of the environment. */
  readonly endpoint?: (() => Promise<Url>) | undefined;
  readonly serviceConfiguredEndpoint?: () => Promise<string | undefined>;
  readonly endpointProvider: (parameters: EndpointParameters) => EndpointV2;
};
type EndpointParameters = {
  readonly Region: string;
  readonly Endpoint?: string;
  readonly UseFIPS: boolean;
  readonly UseDualStack: boolean;
};

/** The facts of a command that the SDK gives its middleware. */
type Context = {
  readonly commandName?: string;
  readonly __smithy_context?: {
    readonly commandInstance?: { readonly middlewareStack: Shortened['middlewareStack'] };
    readonly abortSignal?: AbortSignal;
    selectedHttpAuthScheme?: object;
  };
};
type Call = { readonly input: object; readonly request: HttpRequest };
type Answered = { readonly response: HttpResponse; readonly output: object };

const name = 'shortWay';
/** Middleware in whose place the short way stands. */
const longWay = [
  ...['httpAuthSchemeMiddleware', 'endpointV2Middleware', 'serializerMiddleware', 'deserializerMiddleware'],
  ...['contentLengthMiddleware', 'hostHeaderMiddleware', 'getUserAgentMiddleware'],
];
/** Middleware of both ways. */
const bothWays = ['retryMiddleware', 'httpSigningMiddleware'];

/**
 * Sends the calls of every send and check on a short way through the SDK's stack (ADR 108): the request is written at its
 * beginning, and the answer read at its end. Retries, the correction of the clock, errors, and answers that are none of these calls
 * stay those of the SDK. Other operations go the whole way.
 */
export const shortenCalls = (
  { config, middlewareStack }: Shortened,
  calls: PlainCalls,
  { named, endpoint }: { readonly named: () => Promise<string>; readonly endpoint: () => Promise<EndpointV2> },
): void => {
  const middleware = (next: (call: never) => Promise<unknown>, context: Context) => {
    const operation = context.commandName?.replace(/Command$/, '') ?? '';
    const { __smithy_context: details } = context;
    const command = details?.commandInstance;
    if (!calls.knows(operation) || details === undefined || command === undefined) return next;
    const whole = middlewareStack.concat(command.middlewareStack);
    const way = shortWay(whole, calls, config, context);
    return async ({ input }: { readonly input: object }) => {
      const request = calls.requestOf(operation, input, await endpoint());
      if (request === undefined) return next({ input } as never);
      request.headers['user-agent'] = await named();
      details.selectedHttpAuthScheme = signingOf(config, context);
      return way({ input, request });
    };
  };
  // Before all others, which the short way has as well: none may see a call twice.
  middlewareStack.add(middleware as never, { name, step: 'initialize', priority: 'high' });
};

/** A promise that is made once. A failure is not kept. */
const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((cause: unknown) => {
      made = undefined;
      throw cause;
    });
    return made;
  };
};

/** The endpoint of a client, which is found once. */
export const endpointOnce = (config: EndpointConfig): (() => Promise<EndpointV2>) => once(() => endpointOf(config));

/** As the SDK finds it for each call: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
const endpointOf = async (config: EndpointConfig): Promise<EndpointV2> => {
  const given = await config.endpoint?.();
  const Endpoint = given === undefined ? await config.serviceConfiguredEndpoint?.() : textOf(given);
  return config.endpointProvider({
    Region: await config.region(),
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: await config.useDualstackEndpoint(),
    ...(Endpoint === undefined ? {} : { Endpoint }),
  });
};

const textOf = ({ protocol, hostname, port, path }: Url): string =>
  `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`;

/** The SDK's part of signing looks for these. It notes in the properties when a call was sent. */
const signingOf = (config: Shortened['config'], context: Context): object => ({
  httpAuthOption: { schemeId: sigv4, signingProperties: { config, context } },
  signer: config.httpAuthSchemes.find(({ schemeId }) => schemeId === sigv4)?.signer,
});

const sigv4 = 'aws.auth#sigv4';

const shortWay = (
  whole: Shortened['middlewareStack'],
  calls: PlainCalls,
  { requestHandler }: Shortened['config'],
  context: Context,
): ((call: Call) => Promise<unknown>) => {
  const stack = whole.clone();
  for (const each of [name, ...longWay]) stack.remove(each);
  // Few containers meet an error, and this is made for each operation.
  let readBySdk: ReturnType<typeof readerOf> | undefined;
  const reading =
    (next: (call: Call) => Promise<Pick<Answered, 'response'>>) =>
    async (call: Call): Promise<Answered> => {
      const { response } = await next(call);
      const output = calls.outputOf(response);
      if (output !== undefined) return { response, output };
      readBySdk ??= readerOf(whole, context);
      return readBySdk(call, response);
    };
  stack.add(reading as never, { name: 'deserializerMiddleware', step: 'deserialize' });
  const abortSignal = context.__smithy_context?.abortSignal;
  const options = abortSignal === undefined ? {} : { abortSignal };
  return stack.resolve(
    ((call: Call) => requestHandler.handle(call.request, options)) as never,
    context as never,
  ) as never;
};

/** Reads a response by the SDK's schemas: an error is thrown here. */
const readerOf = (whole: Shortened['middlewareStack'], context: Context) => {
  const stack = whole.clone();
  for (const each of [name, ...longWay, ...bothWays]) if (each !== 'deserializerMiddleware') stack.remove(each);
  return (call: Call, response: HttpResponse): Promise<Answered> =>
    stack.resolve((async () => ({ response })) as never, context as never)(call as never) as never;
};
