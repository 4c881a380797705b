import type { SmsOutcome, SmsRejection } from '../../otp/ports.ts';

const throttles = ['ThrottledException', 'ThrottlingException', 'Throttling', 'TooManyRequestsException'];
const neverConnected = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
/** System calls on a connection, which may break by the same codes after the request was written. */
const afterConnecting: readonly unknown[] = ['read', 'write', 'writev'];
/** Errors of Node and of the SDK's HTTP handler from before the first byte of a request. */
const beforeTheRequest = /did not establish a connection|before secure TLS connection was established/;

/**
 * The outcome of a call that failed. Only a refusal by the service, or a connection that was never made, surely sent nothing.
 * After a time-out, a reset, or an error inside the service, the message may arrive.
 *
 * @param reasonOf the reason that the service tells, if it is one that says how it refused.
 */
export const outcomeOf = (
  cause: unknown,
  reasonOf: (cause: Error) => SmsRejection | undefined = () => undefined,
): SmsOutcome => {
  if (!(cause instanceof Error)) return { kind: 'unconfirmed' };
  const { code, syscall, status } = factsOf(cause);
  const told = reasonOf(cause);
  if (told !== undefined) return { kind: 'rejected', reason: told };
  if (throttles.includes(cause.name) || status === 429) return { kind: 'rejected', reason: 'throttled' };
  const hasNoConnection = neverConnected.includes(code) && !afterConnecting.includes(syscall);
  const isUnsent = hasNoConnection || syscall === 'connect' || beforeTheRequest.test(cause.message);
  if (isUnsent) return { kind: 'rejected', reason: 'unreachable' };
  // Not even signed.
  if (cause.name === 'CredentialsProviderError') return { kind: 'rejected', reason: 'refused' };
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'rejected', reason: 'refused' };
  return { kind: 'unconfirmed' };
};

const factsOf = (cause: Error) => {
  const { code, syscall, $metadata } = cause as {
    code?: unknown;
    syscall?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return { code: typeof code === 'string' ? code : '', syscall, status: $metadata?.httpStatusCode ?? 0 };
};
