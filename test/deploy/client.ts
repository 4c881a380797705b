import { callerOf } from '../fakes/api-call.ts';

export type { Answer } from '../fakes/api-call.ts';

type Sms = { readonly Message: string };

/** A client app of the deployed API, and the phones of its people. */
export const clientOf = (emulator: string, endpoint: string, apiKey: string) => {
  // The emulator serves under its own address what AWS serves under the API's.
  const { hostname, pathname } = new URL(endpoint);
  const base = `${emulator}/restapis/${hostname.split('.')[0]}${pathname}/_user_request_`;

  const call = callerOf(base, apiKey);
  /** The SMS that a phone got, the newest last. */
  const messages = async (phone: string): Promise<readonly string[]> => {
    const response = await fetch(`${emulator}/_ministack/sns/sms-messages`);
    const { sms_messages: inboxes }: { sms_messages: Record<string, readonly Sms[]> } = JSON.parse(
      await response.text(),
    );
    return (inboxes[phone] ?? []).map(({ Message }) => Message);
  };
  const lastCode = async (phone: string): Promise<string> =>
    /\b\d{6}\b/.exec((await messages(phone)).at(-1) ?? '')?.[0] ?? '';
  const request = (phoneNumber: string) => call('POST', '/v1/verifications', { phoneNumber });
  return {
    call,
    messages,
    lastCode,
    request,
    check: (id: string, code: string) => call('POST', `/v1/verifications/${id}/check`, { code }),
    resend: (id: string) => call('POST', `/v1/verifications/${id}/resend`),
    /** Follows a `Location`, which AWS would serve as it is. */
    follow: (location: string) => {
      if (!location.startsWith(`${endpoint}/`)) throw new Error(`${location} is not under the endpoint ${endpoint}`);
      return call('GET', location.slice(endpoint.length));
    },
    find: (id: string) => call('GET', `/v1/verifications/${id}`),
    cancel: (id: string) => call('DELETE', `/v1/verifications/${id}`),
    /** Requests a code that has to arrive. */
    requested: async (
      phone: string,
    ): Promise<{ readonly id: string; readonly code: string; readonly location: string }> => {
      const { status, body, headers } = await request(phone);
      if (status !== 201) throw new Error(`expected 201, got ${status} ${JSON.stringify(body)}`);
      return { id: String(body['id']), code: await lastCode(phone), location: headers.get('location') ?? '' };
    },
  };
};

export type Client = ReturnType<typeof clientOf>;
