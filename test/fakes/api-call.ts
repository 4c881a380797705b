export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; empty where there is none. */
  readonly body: Record<string, unknown>;
  readonly text: string;
};

/** Calls the API as a client app does; a body that is text goes out as it is. */
export const callerOf =
  (base: string, apiKey: string) =>
  async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        'x-api-key': apiKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text === '' ? {} : JSON.parse(text) };
  };
