/** A Region that the account has not enabled does not know its credentials. They are good in other Regions. */
export const unknownCredentials = /^(?:InvalidClientTokenId|UnrecognizedClient)/;

/** Only the names of an error: its text may hold secrets. */
export const errorFactsOf = (cause: unknown) => {
  if (!(cause instanceof Error)) return { name: 'Error', message: '', code: '', status: 0 };
  const code = Reflect.get(cause, 'code');
  const metadata: { httpStatusCode?: number } | undefined = Reflect.get(cause, '$metadata');
  return {
    name: cause.name,
    message: cause.message,
    code: typeof code === 'string' ? code : '',
    status: metadata?.httpStatusCode ?? 0,
  };
};
