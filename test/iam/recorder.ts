import { once } from 'node:events';
import { Agent, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { functionNames, optionalFunctionNames } from '../../lambdas/contract.ts';
import { listenOnLoopback } from '../../local/http/loopback.ts';
import type { LocalStackOptions } from '../../local/stack.ts';
import { type AwsCall, callsOf, type WireRequest } from './aws-call.ts';

type Endpoints = NonNullable<LocalStackOptions['endpoints']>;
type Service = WireRequest['service'];

export type Recorder = {
  /** The endpoints of a local stack, each behind an ear; what was between before stays between. */
  readonly endpoints: (given?: Endpoints) => Endpoints;
  /**
   * The calls so far that differ in more than ids and numbers, by the names that `nameOf` gives to tables and keys.
   *
   * @throws Error if a request was not understood, or nobody's.
   */
  readonly calls: (nameOf: (id: string) => string) => readonly AwsCall[];
  readonly stop: () => Promise<void>;
};

/**
 * Hears every request that the functions of a local stack send to AWS, and passes it on as it is.
 *
 * Whose request it is, its session token says, as it would in AWS: each function has the credentials of its own role.
 */
export const startRecorder = (): Recorder => {
  const heard = new Map<string, AwsCall>();
  const misheard: unknown[] = [];
  const stops: (() => Promise<void>)[] = [];
  const hear = (service: Service, request: IncomingMessage, body: string) => {
    try {
      for (const call of callsOf(wireRequest(service, request, body), (id) => id)) {
        const shape = shapeOf(call);
        if (!heard.has(shape)) heard.set(shape, call);
      }
    } catch (error) {
      misheard.push(error);
    }
  };
  const ear = async (service: Service, target: string): Promise<string> => {
    const { server, url, stop } = await listenOnLoopback();
    // As the functions themselves do: a connection for every SMS, so that none is ever in doubt.
    const agent = new Agent({ keepAlive: service !== 'sns' && service !== 'smsVoice' });
    server.on('request', (request, response) => {
      void passOn({ target, agent, request, response, hear: (body) => hear(service, request, body) });
    });
    stops.push(stop);
    return url;
  };
  return {
    endpoints: (given = {}) => ({
      dynamodb: async (url) => await ear('dynamodb', await through(given.dynamodb, url)),
      kms: async (url) => await ear('kms', await through(given.kms, url)),
      sns: async (url) => await ear('sns', await through(given.sns, url)),
      smsVoice: async (url) => await ear('smsVoice', await through(given.smsVoice, url)),
      s3: async (url) => await ear('s3', await through(given.s3, url)),
      lambda: async (url) => await ear('lambda', await through(given.lambda, url)),
      eventbridge: async (url) => await ear('eventbridge', await through(given.eventbridge, url)),
      cloudwatch: async (url) => await ear('cloudwatch', await through(given.cloudwatch, url)),
      sqs: async (url) => await ear('sqs', await through(given.sqs, url)),
      secretsManager: async (url) => await ear('secretsManager', await through(given.secretsManager, url)),
    }),
    calls: (nameOf) => {
      if (misheard.length > 0) throw new AggregateError(misheard, `Not understood: ${misheard.join('; ')}`);
      return [...heard.values()].map((call) => ({ ...call, on: nameOf(call.on) }));
    },
    stop: async () => {
      for (const stop of stops) await stop();
    },
  };
};

const through = async (given: Endpoints[Service], url: string): Promise<string> => {
  if (typeof given === 'string') throw new Error('A recorder listens before stand-ins that the stack starts.');
  return given === undefined ? url : await given(url);
};

const wireRequest = (service: Service, request: IncomingMessage, body: string): WireRequest => {
  const { headers } = request;
  const token = headers['x-amz-security-token'];
  const by = [...functionNames, ...optionalFunctionNames].find((name) => name === token);
  if (by === undefined) throw new Error(`A request to ${service} is no function's: its token is ${String(token)}.`);
  if (service === 'sns') {
    const { Action, ...input } = Object.fromEntries(new URLSearchParams(body));
    return { by, service, operation: String(Action), input };
  }
  if (service === 's3' || service === 'lambda') return { by, service, ...restRequest(service, request) };
  const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
  const [, region] = /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  return { by, service, operation, input: JSON.parse(body), ...(region === undefined ? {} : { region }) };
};

/** Of services whose requests are distinguished by method and path. */
const restRequest = (
  service: 's3' | 'lambda',
  { method = '', url = '', headers }: IncomingMessage,
): Pick<WireRequest, 'operation' | 'input'> => {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const path = decodeURIComponent(pathname);
  const named = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
  if (service === 'lambda' && method === 'POST' && named !== undefined)
    return { operation: 'Invoke', input: { FunctionName: named } };
  const UUID = /^\/2015-03-31\/event-source-mappings\/([^/]+)$/.exec(path)?.[1];
  if (service === 'lambda' && method === 'GET' && UUID !== undefined)
    return { operation: 'GetEventSourceMapping', input: { UUID } };
  const [, Bucket, Key = ''] = /^\/([^/]+)\/?(.*)$/.exec(path) ?? [];
  const isList = Key === '' && searchParams.get('list-type') === '2';
  const operation = isList ? 'ListObjectsV2' : Key === '' ? undefined : ofObjects[method];
  if (service === 'lambda' || operation === undefined)
    throw new Error(`Nobody has said which operation of ${service} ${method} ${path} is. Say it in recorder.ts.`);
  const IfNoneMatch = headers['if-none-match'];
  return { operation, input: { Bucket, Key, Prefix: searchParams.get('prefix'), IfNoneMatch } };
};
const ofObjects: Readonly<Record<string, string>> = { GET: 'GetObject', PUT: 'PutObject', DELETE: 'DeleteObject' };

type Passing = {
  readonly target: string;
  readonly agent: Agent;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly hear: (body: string) => void;
};

/** Whatever becomes of the connection behind becomes of the one in front: a lost answer stays lost. */
const passOn = async ({ target, agent, request, response, hear }: Passing): Promise<void> => {
  try {
    const { method, headers } = request;
    const body = await buffer(request);
    hear(body.toString('utf8'));
    const behind = openRequest(new URL(request.url ?? '/', target), { method, headers, agent });
    // After the answer this does nothing; before it, the caller has hung up.
    response.once('close', () => behind.destroy());
    behind.end(body);
    const [answer]: [IncomingMessage] = (await once(behind, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    await pipeline(answer, response);
  } catch {
    request.socket.destroy();
  }
};

/** Ids, numbers and hashes differ from call to call, and IAM cannot tell them apart: the kind of a key is what is left. */
const shapeOf = ({ by, action, on, context }: AwsCall): string => {
  const { 'dynamodb:LeadingKeys': keys = [], 'kms:EncryptionContext:verification': verification, ...rest } = context;
  const kinds = new Set([keys].flat().map((key) => /^[a-z-]+#|^[a-z]+$/.exec(key)?.[0] ?? 'record'));
  const recipient = on.startsWith('+') ? 'phone' : on;
  return JSON.stringify([by, action, recipient, [...kinds].toSorted(), verification === undefined, rest]);
};
