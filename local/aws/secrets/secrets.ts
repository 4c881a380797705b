import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from '../../http/loopback.ts';
import { createFaults } from '../faults.ts';
import { answerJson, asRecord } from '../json.ts';
import { awsRefusal, refusalOf, requireSignature } from '../refusal.ts';

export const secretsFaults = [
  /** 400 `ThrottlingException` */
  'throttle',
  /** 500 `InternalServiceError` */
  'internal-error',
  /** 400 `AccessDeniedException` */
  'denied',
  /** The connection is dropped. */
  'reset',
] as const;
export type SecretsFault = (typeof secretsFaults)[number];

export type Secrets = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Makes a secret, or gives it a new current version. */
  readonly put: (arn: string, text: string) => void;
  readonly get: (arn: string) => string | undefined;
  /** The reads that were answered, by ARN. */
  readonly reads: () => readonly string[];
  /** Arms a fault for the next `times` requests, 1 by default. */
  readonly fail: (mode: SecretsFault, times?: number) => void;
  readonly clearFaults: () => void;
  /** Forgets reads and faults. The secrets stay. */
  readonly clear: () => void;
};

type Version = { readonly text: string; readonly id: string; readonly atMs: number };

/** Secrets Manager adds a hyphen and six characters to a name: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html */
const secretArn = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:([A-Za-z0-9/_+=.@-]+)-[A-Za-z0-9]{6}$/;

/**
 * A stand-in for AWS Secrets Manager over its real wire protocol (AWS JSON 1.1).
 *
 * It knows `GetSecretValue` of a current version, by a whole ARN. AWS takes a part of one as well, which no policy of this
 * service allows. Fields that the service does not use are refused.
 */
export const startSecrets = async ({
  secrets = {},
  port,
  now = Date.now,
}: {
  /** Text by ARN. */
  secrets?: Readonly<Record<string, string>>;
  port?: number;
  now?: () => number;
} = {}): Promise<Secrets> => {
  const kept = new Map<string, Version>();
  const reads: string[] = [];
  const faults = createFaults<SecretsFault, undefined>();
  const put = (arn: string, text: string): void => {
    if (!secretArn.test(arn)) throw new Error(`${arn} is no ARN of a secret with its six characters at the end.`);
    kept.set(arn, { text, id: randomUUID(), atMs: now() });
  };
  for (const [arn, text] of Object.entries(secrets)) put(arn, text);
  const { server, url, stop } = await listenOnLoopback(port);
  const desk: Desk = { kept, strike: () => faults.strike(undefined), note: (arn) => reads.push(arn) };
  server.on('request', (request, response) => {
    answer(desk, request, response).catch(() => response.destroy());
  });
  return {
    url,
    stop,
    put,
    get: (arn) => kept.get(arn)?.text,
    reads: () => [...reads],
    fail: (mode, times = 1) => faults.arm(mode, { times }),
    clearFaults: faults.clear,
    clear: () => {
      reads.length = 0;
      faults.clear();
    },
  };
};

type Desk = {
  readonly kept: ReadonlyMap<string, Version>;
  readonly strike: () => SecretsFault | undefined;
  readonly note: (arn: string) => void;
};

const answer = async ({ kept, strike, note }: Desk, request: IncomingMessage, response: ServerResponse) => {
  const body = await readBody(request, 65_536);
  try {
    requireSignature(request, 'secretsmanager');
    const arn = parseGet(request, body);
    const fault = strike();
    if (fault === 'throttle') throw awsRefusal('ThrottlingException', 'Rate exceeded');
    if (fault === 'internal-error') throw awsRefusal('InternalServiceError', 'An error occurred.', 500);
    if (fault === 'denied') throw awsRefusal('AccessDeniedException', 'No identity-based policy allows this.');
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    const found = kept.get(arn);
    if (found === undefined)
      throw awsRefusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    note(arn);
    send(response, 200, {
      ARN: arn,
      Name: secretArn.exec(arn)?.[1],
      VersionId: found.id,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: found.atMs / 1000,
      SecretString: found.text,
    });
  } catch (thrown) {
    const refusal = refusalOf(thrown) ?? { code: 'InternalServiceError', message: String(thrown), status: 500 };
    send(response, refusal.status, { __type: refusal.code, message: refusal.message });
  }
};

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
const parseGet = (request: IncomingMessage, body: Buffer | undefined): string => {
  if (request.method !== 'POST' || body === undefined) throw invalid('Send a POST within the size limit.');
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target !== 'secretsmanager.GetSecretValue')
    throw awsRefusal('UnknownOperationException', `There is no ${target} here.`);
  if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
    throw awsRefusal('SerializationException', 'The content type must be application/x-amz-json-1.1.');
  const { SecretId, ...others } = asRecord(parseJson(body.toString('utf8')));
  if (Object.keys(others).length > 0) throw invalid(`Not used here: ${Object.keys(others).join(', ')}.`);
  if (typeof SecretId !== 'string' || SecretId.length < 1 || SecretId.length > 2048)
    throw invalid('SecretId must have a length of 1 to 2048.');
  if (!secretArn.test(SecretId))
    throw invalid('Name the secret by its whole ARN, as the policies of the functions do.');
  return SecretId;
};

const invalid = (message: string) => awsRefusal('InvalidParameterException', message);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw awsRefusal('SerializationException', 'The body is not JSON.');
  }
};

const send = answerJson('1.1');
