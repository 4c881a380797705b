/**
 * An error as those may see it who watch: its name, its codes and its places in the code. Its message, and the answer that hangs
 * at an error of the SDK, may quote the number and the text.
 */
export const observed = (cause: unknown): unknown => {
  if (!(cause instanceof Error)) return typeof cause;
  const { name, message, stack = '' } = cause;
  const { code, $metadata } = cause as { code?: unknown; $metadata?: Answered };
  const seen = Object.assign(new Error(), { name }, typeof code === 'string' ? { code } : {}, answeredOf($metadata));
  const quoted = message.split('\n');
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line) && !quoted.includes(line));
  seen.stack = [name, ...places].join('\n');
  return seen;
};

type Answered = { readonly requestId?: string | undefined; readonly httpStatusCode?: number | undefined };

const answeredOf = ($metadata: Answered | undefined) =>
  $metadata === undefined
    ? {}
    : { $metadata: { requestId: $metadata.requestId, httpStatusCode: $metadata.httpStatusCode } };
