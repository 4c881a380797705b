/** An error as the carrier answers it. The body of an API is `{ status, code, message }`. */
export type CarrierRefusal = { readonly status: number; readonly body: object };

const refusals = new WeakMap<Error, CarrierRefusal>();

export const carrierRefusal = (
  status: number,
  code: string,
  message: string,
  body: object = { status, code, message },
): Error => {
  const error = new Error(`${code} ${message}`);
  refusals.set(error, { status, body });
  return error;
};

/** The refusal that was thrown, or that of a bug of the stand-in. */
export const carrierRefusalOf = (thrown: unknown): CarrierRefusal =>
  (thrown instanceof Error ? refusals.get(thrown) : undefined) ?? {
    status: 500,
    body: { status: 500, code: 'INTERNAL', message: String(thrown) },
  };
