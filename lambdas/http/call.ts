import type { APIGatewayProxyEvent } from 'aws-lambda';
import { anyOrigin, cors, fields, metrics } from '../contract.ts';
import type { Applications } from './applications.ts';
import { problem, Refused, type Reply } from './problem.ts';
import { readText } from './text.ts';

/** What a route sees of an event. */
export type Call = {
  readonly requestId: string;
  /** The path's `{id}`, or empty. */
  readonly id: string;
  /** The name of the application that calls. */
  readonly application: string;
  /** IPv4 or IPv6, as text. */
  readonly ip: string;
  /** The values of a header, one for each time that it was sent. @param name in lower case. */
  readonly header: (name: string) => readonly string[];
  /** The body. @throws Refused if it is too large, or is not JSON by its media type. */
  readonly text: () => string;
};

export const requestIdOf = (event: APIGatewayProxyEvent): string => event.requestContext?.requestId ?? 'unknown';

/** The application that calls. Empty on a route without credentials; `undefined`: the credential is of none. */
export const applicationOf = (event: APIGatewayProxyEvent, { nameOf }: Applications): string | undefined =>
  nameOf(credentialOf(event));

/** @throws Refused for a credential of no application, and for one that came from an IP that is none of its application's. */
export const callOf = (event: APIGatewayProxyEvent, applications: Applications): Call => {
  const headers = headersOf(event);
  const header = (name: string) => headers.get(name) ?? [];
  const application = applicationOf(event, applications);
  if (application === undefined) throw new Refused(unknownApplication);
  // By the connection: a header could name any IP.
  const ip = event.requestContext?.identity?.sourceIp ?? '';
  if (!applications.takesFrom(application, ip)) throw new Refused(sourceIpNotAllowed);
  return {
    requestId: requestIdOf(event),
    id: event.pathParameters?.['id'] ?? '',
    application,
    ip,
    header,
    text: () =>
      readText({
        body: event.body,
        isBase64Encoded: event.isBase64Encoded,
        contentTypes: header('content-type'),
        contentEncodings: header('content-encoding'),
      }),
  };
};

/** The headers by which a browser knows whether the page of this request may read its answer. */
export const corsHeadersOf = (event: APIGatewayProxyEvent, origins: readonly string[]): Record<string, string> => {
  if (origins.includes('*')) return { ...anyOrigin };
  const [origin, ...others] = headersOf(event).get('origin') ?? [];
  const isListed = origin !== undefined && others.length === 0 && origins.includes(origin);
  return { vary: 'Origin', ...(isListed ? { 'access-control-allow-origin': origin, ...cors.answer } : {}) };
};

/** All values of each header, by its name in lower case. `headers` has only the last of a name. */
const headersOf = ({ headers, multiValueHeaders }: APIGatewayProxyEvent): ReadonlyMap<string, readonly string[]> => {
  const last = Object.entries(headers ?? {}).map(
    ([name, value]) => [name, value === undefined ? [] : [value]] as const,
  );
  const found = new Map<string, readonly string[]>();
  for (const [name, values] of multiValueHeaders ? Object.entries(multiValueHeaders) : last) {
    const key = name.toLowerCase();
    found.set(key, [...(found.get(key) ?? []), ...(values ?? [])]);
  }
  return found;
};

const unknownApplication = problem('forbidden', {
  detail:
    'These credentials are valid, but they belong to no application of this deployment. Ask the operators of the service to add them to the settings.',
});

/** The list of allowed IPs is no matter of the caller. */
const sourceIpNotAllowed = problem('source-ip-not-allowed', {
  detail:
    'These credentials are good only from the IPs that the settings of the deployment list. Call from one of them, or ask the operators of the service to add yours to sourceIps.',
  metrics: [metrics.refused, metrics.sourceIpRefused],
});

/** The API key's id, the OIDC client or subject, or the IAM principal: the credentials that the settings ask for. */
const credentialOf = ({ requestContext }: APIGatewayProxyEvent): string => {
  const claims: Record<string, unknown> = requestContext?.authorizer?.['claims'] ?? {};
  const { apiKeyId, userArn } = requestContext?.identity ?? {};
  // The session name of a role changes with every task, so the role is the application. STS leaves out the role's path.
  const principal = userArn?.replace(/^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:$1:iam::$2:role/$3');
  return String(apiKeyId ?? claims['client_id'] ?? claims['sub'] ?? principal ?? 'anonymous');
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
 * The Idempotency-Key header: a plain value, or the quoted string of draft-ietf-httpapi-idempotency-key-header. The same
 * key may be sent several times.
 *
 * @throws Refused for a key that is too short, too long, or not visible ASCII, and for two different keys.
 */
export const readIdempotencyKey = (call: Call): string | undefined => {
  const keys = new Set(call.header('idempotency-key').flatMap(keysIn));
  if (keys.size > 1) throw new Refused(invalidKey('The request has several Idempotency-Keys. Send one.'));
  const [key] = keys;
  if (key === undefined || new RegExp(fields.idempotencyKey).test(key)) return key;
  throw new Refused(
    invalidKey(
      'Idempotency-Key must have 16 to 255 visible ASCII characters, such as a random UUID: 5f1c2b9e-8a3d-4c67-9e10-2d7b6f0a4c35.',
    ),
  );
};

const invalidKey = (detail: string): Reply => problem('invalid-request', { detail, extra: { errors: [] } });

/**
 * Servers on the way join the values of a header by a comma, with or without spaces (RFC 9110, section 5.3). A key may hold
 * commas, too: parts that are too short for a key are none.
 */
const keysIn = (header: string): readonly string[] => {
  const value = header.trim();
  const quoted = /^"[^"]*"(?:\s*,\s*"[^"]*")*$/.test(value);
  if (quoted) return value.slice(1, -1).split(/"\s*,\s*"/);
  const parts = value.split(/,\s*/).map((key) => unquoted(key.trim()));
  const areKeys = parts.every((part) => new RegExp(fields.idempotencyKey).test(part));
  return areKeys ? parts : value.split(/,\s+/).map((key) => unquoted(key.trim()));
};

const unquoted = (key: string): string => /^"(.*)"$/.exec(key)?.[1] ?? key;
