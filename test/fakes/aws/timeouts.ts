type Client = { readonly config: { readonly requestHandler: object } };
type Timeouts = Partial<Record<'connectionTimeout' | 'requestTimeout' | 'socketTimeout', number>>;

/** Makes the next calls of a client of the SDK wait for other times, in milliseconds. */
export const setTimeouts = ({ config: { requestHandler } }: Client, timeouts: Timeouts): void => {
  if (!('updateHttpClientConfig' in requestHandler) || typeof requestHandler.updateHttpClientConfig !== 'function')
    throw new Error('The SDK has another way to set its time-outs.');
  for (const [name, ms] of Object.entries(timeouts)) requestHandler.updateHttpClientConfig(name, ms);
};
