import type { HttpRequest, HttpResponse } from '@smithy/types';
import { noteReadiness } from './ahead.ts';
import { createConnections } from './connections.ts';
import { type CallHandler, callHandler } from './handler.ts';
import type { Calling, CallOptions } from './lean.ts';
import type { PlainCalls } from './plain.ts';
import { callSigner, type Identified, requestSigner } from './signer.ts';
import { type Surroundings, surroundingsOf } from './surroundings.ts';

/** The part of a client of the SDK that stands behind a direct one. */
type Whole = Identified & {
  readonly config: {
    /** Milliseconds by which AWS's clock is ahead of this one. */
    readonly systemClockOffset: number;
    readonly retryStrategy: () => Promise<object>;
  };
  readonly send: (command: never, options: object) => Promise<object>;
};

/** A command of the SDK, or one that only names its operation (bundle/commands.ts). */
type Command = { readonly input: object; readonly schema?: unknown };

type Options = { readonly abortSignal?: AbortSignal };

/** The first try was answered, or it failed. */
type Outcome = { readonly response: HttpResponse } | { readonly error: unknown };
type First = Outcome & {
  /** By which clock it was signed. */
  readonly clockOffsetMs: number;
};

/** Options of the client of the SDK, which has as many tries as the direct one, in the same Region. */
type WholeOptions = CallOptions & { readonly maxAttempts: number; readonly region?: string };

type Direct<Made> = Calling & {
  readonly calls: PlainCalls;
  readonly maxAttempts: number;
  /** Empty for the Region of the function. */
  readonly region?: string;
  /** Loads the SDK, and makes its client. */
  readonly client: (options: WholeOptions) => Promise<Made>;
  /** Loads the SDK, and makes its command. */
  readonly command: (operation: string, input: object) => Promise<object>;
};

/**
 * Makes a client whose calls go to AWS without the SDK (ADR 123). The SDK is loaded at the first answer that is not the usual one. It then
 * takes the call over as it stands: this answer is that of its first try. So errors, retries and the correction of the clock are the SDK's.
 *
 * @returns a client with `send` and `destroy`. Of its `config`, it has the request handler alone.
 */
export const directClient = <Made extends Whole>(direct: Direct<Made>): Made => {
  const { service, timeouts, connections, calls, maxAttempts, region = '' } = direct;
  const requestHandler = callHandler({ ...timeouts, connections: createConnections(connections) });
  let found: Surroundings | undefined;
  const surroundings = () => (found ??= surroundingsOf(service, region));
  const sign = requestSigner();
  const sdk = sdkBehind(direct, requestHandler);

  /** @returns nothing for a call that the SDK has to make. */
  const requestFor = (operation: string, input: object): HttpRequest | undefined => {
    const around = surroundings();
    if (around === undefined) return undefined;
    const { endpoint, identity, region: at, userAgent } = around;
    const request = calls.requestOf(operation, input, endpoint);
    if (request === undefined) return undefined;
    request.headers['user-agent'] = userAgent;
    sign(request, { identity, region: at, service, date: new Date(Date.now() + sdk.clockOffsetMs()) });
    return request;
  };

  const send = async (command: Command, options: Options = {}): Promise<object> => {
    const operation = operationOf(command);
    if (!calls.operations.includes(operation)) return sdk.send(command, options);
    const input = calls.complete(operation, command.input);
    const clockOffsetMs = sdk.clockOffsetMs();
    const request = requestFor(operation, input);
    if (request === undefined) return sdk.send(await direct.command(operation, input), options);
    const outcome = await requestHandler.handle(request, options).catch((error: unknown) => ({ error }));
    if ('response' in outcome) {
      const output = calls.outputOf(outcome.response);
      if (output !== undefined) return sdk.succeeded(output);
      const refusal = calls.refusalOf(outcome.response);
      if (refusal !== undefined) throw refusal;
    } else if (maxAttempts === 1 || options.abortSignal?.aborted) throw outcome.error;
    return sdk.goOn(await direct.command(operation, input), options, { ...outcome, clockOffsetMs });
  };

  const client = { send, destroy: requestHandler.destroy, config: { requestHandler } };
  noteReadiness(client, {
    open: async () => {
      const around = surroundings();
      if (around !== undefined) requestHandler.open(around.endpoint.url);
    },
    rehearse: async (given, answer) => {
      const command = given as Command;
      const operation = operationOf(command);
      const request = requestFor(operation, calls.complete(operation, command.input));
      const response = { statusCode: 200, headers: {}, body: Buffer.from(answer) };
      if (request === undefined || calls.outputOf(response) === undefined)
        throw new Error(`There is no direct call ${operation} to rehearse.`);
    },
  });
  return client as unknown as Made;
};

/** A command has the schema of its operation, whose third part is its name: https://smithy.io/2.0/spec/model.html#shapes */
const operationOf = ({ schema }: Command): string => (Array.isArray(schema) ? String(schema[2]) : '');

/** The client of the SDK, which is made when it is first needed. */
const sdkBehind = <Made extends Whole>(
  { service, maxAttempts, region = '', client }: Direct<Made>,
  requestHandler: CallHandler,
) => {
  let made: Promise<Made> | undefined;
  let there: Made | undefined;
  const make = async (): Promise<Made> => {
    const signer = callSigner(service, () => whole);
    const own = region === '' ? {} : { region };
    const whole: Made = await client({ requestHandler, signer, maxAttempts, ...own });
    there = whole;
    return whole;
  };
  const load = (): Promise<Made> => {
    made ??= make().catch((cause: unknown) => {
      made = undefined;
      throw cause;
    });
    return made;
  };
  const send = async (command: object, options: object): Promise<object> =>
    (await load()).send(command as never, options);
  const clockOffsetMs = (): number => there?.config.systemClockOffset ?? 0;
  return {
    send,
    clockOffsetMs,
    /** The SDK counts successes of calls that were not repeated: they fill its quota of retries again. */
    succeeded: async <Output>(output: Output): Promise<Output> => {
      if (there !== undefined) await recordSuccess(there);
      return output;
    },
    /** Hands over a call after its first try. */
    goOn: (command: object, options: object, first: First): Promise<object> => {
      playFirst(command as Playable, first);
      noteCorrection(command as Playable, () => Math.abs(clockOffsetMs() - first.clockOffsetMs) >= skewMs);
      return send(command, options);
    },
  };
};

/** https://smithy.io/2.0/spec/behavior-traits.html#retryable-trait is followed by the strategies of `@smithy/types`. */
type Strategy = {
  readonly acquireInitialRetryToken?: (scope: string) => Promise<object>;
  readonly recordSuccess?: (token: object) => void;
};

const recordSuccess = async ({ config }: Whole): Promise<void> => {
  const strategy: Strategy = await config.retryStrategy();
  const token = await strategy.acquireInitialRetryToken?.('');
  if (token !== undefined) strategy.recordSuccess?.(token);
};

type Playable = {
  readonly middlewareStack: {
    readonly add: (middleware: never, place: { step: 'deserialize'; priority: 'low' | 'high'; name: string }) => void;
  };
};

/** Puts the outcome of the first try in the place of the network, once. The later tries of the SDK go there. */
const playFirst = ({ middlewareStack }: Playable, first: First): void => {
  let left: First | undefined = first;
  const playing = (next: (call: unknown) => Promise<unknown>) => async (call: unknown) => {
    const outcome = left;
    left = undefined;
    if (outcome === undefined) return next(call);
    if ('error' in outcome) throw outcome.error;
    return outcome;
  };
  middlewareStack.add(playing as never, { step: 'deserialize', priority: 'low', name: 'firstTry' });
};

/** The SDK's own bound. AWS refuses signatures that are five minutes off. */
const skewMs = 240_000;

/**
 * The SDK repeats a call if the clock was corrected after its signature. It takes the first try for one that was signed when it got
 * the call. Another call may have corrected the clock before that.
 */
const noteCorrection = ({ middlewareStack }: Playable, isCorrected: () => boolean): void => {
  let isFirst = true;
  const noting = (next: (call: unknown) => Promise<unknown>) => async (call: unknown) => {
    const wasFirst = isFirst;
    isFirst = false;
    try {
      return await next(call);
    } catch (error) {
      const { $metadata } = error as { readonly $metadata?: { clockSkewCorrected?: true } };
      if (wasFirst && $metadata !== undefined && isCorrected()) $metadata.clockSkewCorrected = true;
      throw error;
    }
  };
  middlewareStack.add(noting as never, { step: 'deserialize', priority: 'high', name: 'clockOfFirstTry' });
};
