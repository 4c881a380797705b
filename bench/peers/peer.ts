/** The one shape by which the benches call a peer: it runs in a container of its own and keeps everything in memory. */

export type PeerEvent =
  | { readonly flow: 'send'; readonly phoneNumber: string }
  | { readonly flow: 'check'; readonly id: string; readonly code: string };

export type PeerAnswer = { readonly statusCode: number; readonly body: string };

/** @param code of the message, since no peer sends one. */
export const sent = (id: string, code: string): PeerAnswer => ({
  statusCode: 200,
  body: JSON.stringify({ id, code }),
});

/** In the words of this service. */
export const checked = (isApproved: boolean): PeerAnswer => ({
  statusCode: 200,
  body: JSON.stringify({ status: isApproved ? 'approved' : 'pending' }),
});

/** Codes that are sent, by phone number. A peer calls `keep`; the container takes each code once. */
export const outbox = () => {
  const codes = new Map<string, string>();
  return {
    keep: (phoneNumber: string, code: string): void => {
      codes.set(phoneNumber, code);
    },
    take: (phoneNumber: string): string => {
      const code = codes.get(phoneNumber);
      if (code === undefined) throw new Error('The peer sent no code.');
      codes.delete(phoneNumber);
      return code;
    },
  };
};

/** @throws if a peer failed: neither a right code nor a wrong one ends so. */
export const unlessFailed = async (response: Response): Promise<Response> => {
  if (response.status >= 500) throw new Error(`The peer answered ${response.status} ${await response.text()}`);
  return response;
};
