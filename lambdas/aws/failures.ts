import { KeyRefused, Unavailable } from '../otp/ports.ts';

/** Errors that say that the call was wrong. A repeat would not help. */
const ourMistakes = ['ValidationException', 'SerializationException', 'InvalidKeyUsageException'];

/** Makes a call, and turns an error of AWS into `Unavailable`. An error that says that the call was wrong passes. */
export const callAws = async <T>(dependency: string, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (cause) {
    throw toUnavailable(dependency, cause);
  }
};

export const toUnavailable = (dependency: string, cause: unknown): unknown =>
  cause instanceof Unavailable || (cause instanceof Error && ourMistakes.includes(cause.name))
    ? cause
    : new Unavailable(dependency, { cause });

/**
 * Errors about a key that is disabled, forbidden or deleted. `KeyUnavailableException` is no such error, because it ends
 * by itself: https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html#API_GenerateMac_Errors
 */
const keyRefusals = ['AccessDeniedException', 'DisabledException', 'KMSInvalidStateException', 'NotFoundException'];

/** The same for a call to KMS. A refused key becomes `KeyRefused`, because only staff can mend it. */
export const callKms = async <T>(operation: string, call: () => Promise<T>): Promise<T> => {
  const dependency = `KMS ${operation}`;
  try {
    return await call();
  } catch (cause) {
    const isRefused = cause instanceof Error && keyRefusals.includes(cause.name);
    throw isRefused ? new KeyRefused(dependency, { cause }) : toUnavailable(dependency, cause);
  }
};

/**
 * Waits before another try: full jitter, doubling from 25 ms
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export const backOff = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
