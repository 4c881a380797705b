import type { IncomingMessage } from 'node:http';

/** An error as an AWS service answers it: its code on the wire, its message and its HTTP status. */
export type AwsRefusal = { readonly code: string; readonly message: string; readonly status: number };

const refusals = new WeakMap<Error, AwsRefusal>();

/** Makes an error to throw that the stand-in's front answers in the service's own format. */
export const awsRefusal = (code: string, message: string, status = 400): Error => {
  const error = new Error(message);
  refusals.set(error, { code, message, status });
  return error;
};

/** What to answer for something thrown: the refusal that was meant, or `undefined` for a bug of the stand-in. */
export const refusalOf = (thrown: unknown): AwsRefusal | undefined =>
  thrown instanceof Error ? refusals.get(thrown) : undefined;

/**
 * Refuses a request that is not signed for this service, as AWS does. Signatures are not verified: nobody here has
 * a secret to verify them with; a missing one, or one for another service, is a client set up wrongly.
 */
export const requireSignature = (request: IncomingMessage, service: string): void => {
  const authorization = request.headers.authorization ?? '';
  if (!authorization.startsWith('AWS4-HMAC-SHA256 '))
    throw awsRefusal('MissingAuthenticationToken', 'Missing Authentication Token', 403);
  if (!authorization.includes(`/${service}/aws4_request`))
    throw awsRefusal('SignatureDoesNotMatch', `Credential should be scoped to correct service: '${service}'.`, 403);
};
