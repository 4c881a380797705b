import type { APIGatewayProxyEvent } from 'aws-lambda';
import { fields, maxBodyBytes } from '../contract.ts';
import { problem, Refused } from './problem.ts';

/** What a route sees of an event. */
export type Call = {
  readonly requestId: string;
  /** The path's `{id}`, or empty. */
  readonly id: string;
  readonly application: string;
  /** IPv4 or IPv6, as text. */
  readonly ip: string;
  /** @param name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The body. @throws Refused if it is too large, or is not JSON by its media type. */
  readonly text: () => string;
};

export const requestIdOf = (event: APIGatewayProxyEvent): string => event.requestContext?.requestId ?? 'unknown';

export const callOf = (event: APIGatewayProxyEvent): Call => {
  const headers = new Map(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const),
  );
  return {
    requestId: requestIdOf(event),
    id: event.pathParameters?.['id'] ?? '',
    application: applicationOf(event),
    ip: event.requestContext?.identity?.sourceIp ?? '',
    header: (name) => headers.get(name),
    text: () => textOf(event, headers.get('content-type')),
  };
};

/** The API key's id, the OIDC client or subject, or the IAM principal: the credentials that the settings ask for. */
const applicationOf = ({ requestContext }: APIGatewayProxyEvent): string => {
  const claims: Record<string, unknown> = requestContext?.authorizer?.['claims'] ?? {};
  const { apiKeyId, userArn } = requestContext?.identity ?? {};
  // The session name of a role changes with every task, so the role is the application. STS leaves out the role's path.
  const principal = userArn?.replace(/^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:$1:iam::$2:role/$3');
  return String(apiKeyId ?? claims['client_id'] ?? claims['sub'] ?? principal ?? 'anonymous');
};

const textOf = (event: APIGatewayProxyEvent, contentType: string | undefined): string => {
  if (!event.body) return '';
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== undefined && mediaType !== '' && !/^application\/([a-z0-9.+-]+\+)?json$/.test(mediaType)) {
    throw new Refused(
      problem('unsupported-media-type', {
        detail: 'The body is not JSON by its media type. Send the header content-type: application/json.',
      }),
    );
  }
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBodyBytes) {
    throw new Refused(
      problem('payload-too-large', {
        detail: `The body has ${bytes.length} bytes. Send ${maxBodyBytes} bytes at most.`,
      }),
    );
  }
  return bytes.toString('utf8');
};

/**
 * The verification id of the path.
 *
 * @throws Refused for a text that no id looks like: there is no such verification.
 */
export const readId = (call: Call): string => {
  if (new RegExp(fields.verificationId).test(call.id)) return call.id;
  throw new Refused(verificationNotFound);
};

export const verificationNotFound = problem('verification-not-found', {
  detail: 'No verification has this id, or it was deleted after it expired. Request a new one.',
});

/**
 * The Idempotency-Key header: a plain value, or the quoted string of draft-ietf-httpapi-idempotency-key-header.
 *
 * @throws Refused for a key that is too short, too long, or not visible ASCII.
 */
export const readIdempotencyKey = (call: Call): string | undefined => {
  const header = call.header('idempotency-key');
  if (header === undefined) return undefined;
  const key = /^"(.*)"$/.exec(header.trim())?.[1] ?? header.trim();
  if (new RegExp(fields.idempotencyKey).test(key)) return key;
  throw new Refused(
    problem('invalid-request', {
      detail:
        'Idempotency-Key must have 16 to 255 visible ASCII characters, such as a random UUID: 5f1c2b9e-8a3d-4c67-9e10-2d7b6f0a4c35.',
      extra: { errors: [] },
    }),
  );
};
