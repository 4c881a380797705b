import type { IncomingMessage } from 'node:http';

/** An error as an AWS service answers it: its code on the wire, its message and its HTTP status. */
export type AwsRefusal = {
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** Further fields of the error, such as its `Reason`. */
  readonly facts?: Readonly<Record<string, unknown>>;
};

const refusals = new WeakMap<Error, AwsRefusal>();

/** Makes an error that the stand-in answers in the service's own format. */
export const awsRefusal = (
  code: string,
  message: string,
  status = 400,
  facts: Readonly<Record<string, unknown>> = {},
): Error => {
  const error = new Error(message);
  refusals.set(error, { code, message, status, facts });
  return error;
};

/** The refusal that was thrown, or `undefined` for a bug of the stand-in. */
export const refusalOf = (thrown: unknown): AwsRefusal | undefined =>
  thrown instanceof Error ? refusals.get(thrown) : undefined;

/**
 * Refuses a request that is not signed for this service, as AWS does. Signatures are not verified, because the stand-in has
 * no secret. A missing one, or one for another service, shows a client with a wrong setup.
 */
export const requireSignature = (request: IncomingMessage, service: string): void => {
  const authorization = request.headers.authorization ?? '';
  if (!authorization.startsWith('AWS4-HMAC-SHA256 '))
    throw awsRefusal('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  if (!authorization.includes(`/${service}/aws4_request`))
    throw awsRefusal('SignatureDoesNotMatch', `Credential should be scoped to correct service: '${service}'.`, 403);
};
