import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from '../http/loopback.ts';
import { createFaults } from './faults.ts';
import { asRecord } from './json.ts';
import { awsRefusal, refusalOf, requireSignature } from './refusal.ts';

/** `timeout` takes the request and never answers; `reset` drops the connection. */
export type SecretsFault = 'throttle' | 'internal-error' | 'access-denied' | 'decryption-failure' | 'timeout' | 'reset';

export type SecretsManager = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Stores a text under an ARN. The one before becomes the previous version. */
  readonly put: (arn: string, text: string) => void;
  readonly remove: (arn: string) => void;
  /** ARNs that were asked for, oldest first. */
  readonly reads: readonly string[];
  readonly fail: (mode: SecretsFault, times?: number) => void;
  readonly clearFaults: () => void;
};

type Versions = { readonly current: string; readonly previous: string | undefined };

// A local mode that runs for days must not grow without end.
const readLimit = 10_000;

/**
 * A stand-in for AWS Secrets Manager over its real wire protocol, with one operation:
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export const startSecretsManager = async (): Promise<SecretsManager> => {
  const held = new Map<string, Versions>();
  const reads: string[] = [];
  const faults = createFaults<SecretsFault, undefined>();
  const { server, url, stop } = await listenOnLoopback();
  server.on('request', (request, response) => {
    const strike = () => faults.strike(undefined);
    answer({ held, reads, strike }, request, response).catch(() => response.destroy());
  });
  return {
    url,
    stop,
    put: (arn, text) => void held.set(arn, { current: text, previous: held.get(arn)?.current }),
    remove: (arn) => void held.delete(arn),
    reads,
    fail: (mode, times = 1) => faults.arm(mode, { times }),
    clearFaults: faults.clear,
  };
};

type Desk = {
  readonly held: ReadonlyMap<string, Versions>;
  readonly reads: string[];
  readonly strike: () => SecretsFault | undefined;
};

const answer = async ({ held, reads, strike }: Desk, request: IncomingMessage, response: ServerResponse) => {
  const body = await readBody(request, 64 * 1024);
  const fault = strike();
  if (fault === 'reset') return void request.socket.resetAndDestroy();
  if (fault === 'timeout') return;
  try {
    requireSignature(request, 'secretsmanager');
    const { arn, stage } = parse(request, body);
    if (reads.length === readLimit) reads.shift();
    reads.push(arn);
    refuseByFault(fault);
    const versions = held.get(arn);
    const text = stage === 'AWSPREVIOUS' ? versions?.previous : versions?.current;
    if (versions === undefined) throw notFound("Secrets Manager can't find the specified secret.");
    if (text === undefined)
      throw notFound(`Secrets Manager can't find the specified secret value for staging label: ${stage}`);
    send(response, 200, {
      ARN: arn,
      Name: nameOf(arn),
      SecretString: text,
      VersionStages: [stage],
      VersionId: crypto.randomUUID(),
    });
  } catch (thrown) {
    const refusal = refusalOf(thrown) ?? { code: 'InternalServiceError', message: String(thrown), status: 500 };
    send(response, refusal.status, { __type: refusal.code, Message: refusal.message });
  }
};

const notFound = (message: string) => awsRefusal('ResourceNotFoundException', message);

const refuseByFault = (fault: SecretsFault | undefined): void => {
  if (fault === 'throttle') throw awsRefusal('ThrottlingException', 'Rate exceeded');
  if (fault === 'internal-error')
    throw awsRefusal('InternalServiceError', 'An error occurred on the server side.', 500);
  if (fault === 'access-denied')
    throw awsRefusal('AccessDeniedException', 'is not authorized to perform: secretsmanager:GetSecretValue');
  if (fault === 'decryption-failure')
    throw awsRefusal('DecryptionFailure', "Secrets Manager can't decrypt the protected secret text.");
};

const stages = ['AWSCURRENT', 'AWSPREVIOUS'] as const;
/** Secrets Manager finds a secret by its name or a part of its ARN, too. Here only the whole ARN, which the settings have, is good. */
const secretArn = /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}$/;

const nameOf = (arn: string): string => arn.split(':').slice(6).join(':').slice(0, -7);

const parse = (request: IncomingMessage, body: Buffer | undefined) => {
  const target = String(request.headers['x-amz-target'] ?? '');
  if (request.method !== 'POST' || target !== 'secretsmanager.GetSecretValue')
    throw awsRefusal('UnknownOperationException', `${target} is not played here.`);
  if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
    throw awsRefusal('SerializationException', 'The content type must be application/x-amz-json-1.1.');
  const { SecretId, VersionStage = 'AWSCURRENT', ...others } = asRecord(parseJson(body?.toString('utf8') ?? ''));
  if (Object.keys(others).length > 0) throw invalid(`Not used here: ${Object.keys(others).join(', ')}.`);
  if (typeof SecretId !== 'string' || !secretArn.test(SecretId)) throw invalid('SecretId must be the ARN of a secret.');
  const stage = stages.find((each) => each === VersionStage);
  if (stage === undefined)
    throw notFound(`Secrets Manager can't find the specified secret value for staging label: ${String(VersionStage)}`);
  return { arn: SecretId, stage };
};

const invalid = (message: string) => awsRefusal('ValidationException', message);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw awsRefusal('SerializationException', 'The body is not JSON.');
  }
};

const send = (response: ServerResponse, status: number, output: object) => {
  const body = JSON.stringify(output);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': crypto.randomUUID(),
  });
  response.end(body);
};
