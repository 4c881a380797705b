/** Makes one call of the API, repeats it where that is safe, and gives up within a budget. */

import { type Answer, parseObject, problemIn, type ReadSuccess } from './answers.ts';
import { CallError, type FailureReason, type Problem } from './outcomes.ts';
import { backoffMs, fits, isPassing, retryAfterSecondsOf } from './retries.ts';

export type Call = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type Transport = {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  readonly headers: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  readonly maxRetries: number;
  readonly timeoutMs: number;
  readonly budgetMs: number;
  readonly now: () => number;
  readonly random: () => number;
  /** Resolves after a time. Rejects with the reason of the signal as soon as that is aborted. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
};

/** A try that brought no answer of the service. */
type Failure = {
  readonly reason: FailureReason;
  readonly mayRepeat: boolean;
  readonly status?: number;
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
};
type Try<Outcome> = { readonly outcome: Outcome } | { readonly problem: Problem } | { readonly failure: Failure };

export const waitFor = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });

/** Fetches once, body included. The caller's signal and the timeout end it. */
const fetchOnce = async (transport: Transport, call: Call, timeoutMs: number): Promise<Answer | Failure> => {
  const { method, path, body, idempotencyKey, signal } = call;
  // Outside of the try: a header that cannot be one is a bug of the caller, and no failure of the network.
  const headers = new Headers(await transport.headers());
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  signal?.throwIfAborted();
  const ending = new AbortController();
  const abort = () => ending.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => ending.abort(new Error(`There was no answer within ${timeoutMs} ms.`)), timeoutMs);
  try {
    const response = await transport.fetch(`${transport.baseUrl}${path}`, {
      method,
      headers,
      ...content,
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'omit',
      signal: ending.signal,
    });
    // A browser hides a redirect that it does not follow: its status is 0.
    if (response.status === 0 || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      return { reason: 'redirected', mayRepeat: false, status: response.status };
    }
    const [retryAfter, date] = ['retry-after', 'date'].map((name) => response.headers.get(name));
    const retryAfterSeconds = retryAfterSecondsOf(retryAfter ?? null, date ?? null, transport.now());
    return { status: response.status, body: parseObject(await response.text()), retryAfterSeconds };
  } catch (cause) {
    signal?.throwIfAborted();
    return { reason: 'no-answer', mayRepeat: true, cause };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
};

const judge = <Outcome>(answer: Answer | Failure, read: ReadSuccess<Outcome>): Try<Exclude<Outcome, Problem>> => {
  if ('reason' in answer) return { failure: answer };
  const problem = problemIn(answer);
  if (problem !== undefined) return { problem };
  const { status, retryAfterSeconds } = answer;
  const outcome = status >= 200 && status < 300 ? read(answer) : undefined;
  if (outcome !== undefined) return { outcome };
  // A proxy on the way may fail for a moment. A page that says 404 stays.
  const mayRepeat = status < 400 || status === 429 || status >= 500;
  return { failure: { reason: 'unreadable-answer', mayRepeat, status, retryAfterSeconds } };
};

const words: Readonly<Record<FailureReason, string>> = {
  'no-answer': 'The OTP service did not answer. Check baseUrl and the network.',
  'unreadable-answer':
    'The answer is not one of the OTP service. Check baseUrl, for example https://otp.example.com/otp.',
  redirected: 'The answer is a redirect, and the client follows none. Set baseUrl to the final URL.',
};

const errorOf = ({ reason, status, cause }: Failure, { idempotencyKey }: Call): CallError =>
  new CallError(words[reason], { reason, status, idempotencyKey, cause });

/**
 * Makes a call until it has an outcome that lasts, or retries or the budget are used up.
 *
 * @throws CallError if no try brought an answer of the service.
 * @throws the reason of `signal`, if that is aborted.
 */
export const makeCall = async <Outcome>(
  transport: Transport,
  call: Call,
  read: ReadSuccess<Outcome>,
): Promise<Exclude<Outcome, Problem> | Problem> => {
  const { maxRetries, timeoutMs, budgetMs, now, random, wait } = transport;
  const startMs = now();
  for (let retries = 0; ; retries += 1) {
    const leftMs = Math.max(1, budgetMs - (now() - startMs));
    const result = judge(await fetchOnce(transport, call, Math.min(timeoutMs, leftMs)), read);
    if ('outcome' in result) return result.outcome;
    const mayRepeat = 'problem' in result ? isPassing(result.problem) : result.failure.mayRepeat;
    const { retryAfterSeconds } = 'problem' in result ? result.problem : result.failure;
    const waitMs = retryAfterSeconds === undefined ? backoffMs(retries, random) : retryAfterSeconds * 1000;
    if (!mayRepeat || retries >= maxRetries || !fits(waitMs, now() - startMs, budgetMs)) {
      if ('problem' in result) return result.problem;
      throw errorOf(result.failure, call);
    }
    await wait(waitMs, call.signal);
  }
};
