import type { Asked } from '../../desk/status/facts.ts';
import { Unavailable } from '../../otp/ports.ts';

/**
 * Asks, and waits for a while. What fails, or comes too late, is an answer as well: that nobody knows.
 *
 * @param failed gets the cause, for the log.
 */
export const askWithin =
  (maxMs: number, failed: (cause: unknown) => void) =>
  async <Fact>(call: () => Promise<Fact>): Promise<Asked<Fact>> => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new TooLate(maxMs)), maxMs);
    try {
      return { kind: 'known', fact: await Promise.race([call(), late.promise]) };
    } catch (cause) {
      failed(cause);
      return { kind: 'unknown', why: whyOf(cause) };
    } finally {
      clearTimeout(timer);
    }
  };

class TooLate extends Error {
  constructor(maxMs: number) {
    super(`There was no answer within ${maxMs} ms.`);
    this.name = 'TooLate';
  }
}

/** Names of errors only: a message may quote what was asked. */
const whyOf = (cause: unknown): string => {
  if (cause instanceof TooLate) return 'there was no answer in time';
  if (!(cause instanceof Unavailable)) return 'a call failed in a way that nobody foresaw';
  const { name } = cause.cause instanceof Error ? cause.cause : { name: '' };
  return name === '' || name === 'TimeoutError' || name === 'Error'
    ? `${cause.dependency} did not answer`
    : `${cause.dependency} failed (${name})`;
};
