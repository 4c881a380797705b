import { inject } from 'vitest';
import { type LocalStack, type LocalStackOptions, startLocalStack } from '../../local/stack.ts';
import { type Answer, callerOf } from '../fakes/api-call.ts';
import { describedCallerOf, describedOperatorOf } from '../fakes/openapi.ts';
import { refusedCalls } from '../iam/audit.ts';
import { namesIn } from '../iam/names.ts';
import { startRecorder } from '../iam/recorder.ts';

export type { Answer };

/** A client app of a running local stack. Each answer has to be one that the OpenAPI document describes. */
export const clientOf = ({ url, apiKey, messages }: LocalStack) => {
  const call = describedCallerOf(url, apiKey);
  const lastCode = (to: string): string => /\b\d{6}\b/.exec(messages(to)[0]?.text ?? '')?.[0] ?? '';
  return {
    call,
    request: (body: unknown, headers?: Record<string, string>) => call('POST', '/v1/verifications', body, headers),
    check: (id: string, body: unknown, headers?: Record<string, string>) =>
      call('POST', `/v1/verifications/${id}/check`, body, headers),
    resend: (id: string, headers?: Record<string, string>) =>
      call('POST', `/v1/verifications/${id}/resend`, undefined, headers),
    /** Follows a `Location`. */
    follow: (location: string) =>
      location.startsWith(`${url}/`) ? call('GET', location.slice(url.length)) : callerOf('', apiKey)('GET', location),
    find: (id: string) => call('GET', `/v1/verifications/${id}`),
    cancel: (id: string, headers?: Record<string, string>) =>
      call('DELETE', `/v1/verifications/${id}`, undefined, headers),
    lastCode,
    /** Requests a code that has to arrive. */
    requested: async (phoneNumber: string, more: Record<string, unknown> = {}) => {
      const answer = await call('POST', '/v1/verifications', { phoneNumber, purpose: 'login', ...more });
      if (answer.status !== 201) throw new Error(`expected 201, got ${answer.status} ${answer.text}`);
      return { id: String(answer.body['id']), code: lastCode(phoneNumber), answer };
    },
  };
};

export type Client = ReturnType<typeof clientOf>;

type Act = Readonly<Record<string, unknown>>;

/** An operator of a running local stack. Each answer has to be one that the OpenAPI document describes. */
export const operatorOf = ({ operatorUrl }: Pick<LocalStack, 'operatorUrl'>) => {
  const call = describedOperatorOf(operatorUrl);
  return {
    call,
    get: (path: string) => call('GET', path),
    post: (path: string, body: unknown) => call('POST', path, body),
    /** The acts in the audit trail, the newest first. */
    actions: async (): Promise<readonly Act[]> => (await call('GET', '/v1/actions')).body['actions'] as readonly Act[],
  };
};

export type OperatorClient = ReturnType<typeof operatorOf>;

let numbers = 0;
/** A mobile number that no other test of the file has used, each in a range of its own: no burst in any of them. */
export const freshNumber = (): string => {
  numbers += 1;
  return `+91987${String(numbers % 1000).padStart(3, '0')}${String(2000 + Math.floor(numbers / 1000))}`;
};

/** As the stack deploys it: what a path from the root would leave, the suites see. */
export const stage = 'otp';

/**
 * A local stack under a base path, as a deployed stage has it, which at its end asks whether the deployed policies would have allowed all that its functions did: a
 * permission that is missing fails the suite that misses it.
 */
export const openStack = async (
  bundles: string,
  more: Partial<LocalStackOptions> = {},
  template = inject('template'),
): Promise<LocalStack> => {
  const recorder = startRecorder();
  const stack = await startLocalStack({
    bundles,
    stage,
    quiet: true,
    ...more,
    endpoints: recorder.endpoints(more.endpoints),
  });
  const stop = async () => {
    await stack.stop();
    await recorder.stop();
    const refused = await refusedCalls(template, recorder.calls(namesIn(stack)));
    if (refused.length > 0) throw new Error(`Deployed, this would have been refused:\n${refused.join('\n')}`);
  };
  return { ...stack, stop };
};

/** The counts of the words, such as `{ approved: 1, 'code-already-used': 199 }`. */
export const tally = (words: readonly unknown[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const word of words) counts[String(word)] = (counts[String(word)] ?? 0) + 1;
  return counts;
};

/** What an answer says in one word: the problem's code, or the status of the verification. */
export const wordOf = ({ body }: Answer): unknown => body['code'] ?? body['status'];
