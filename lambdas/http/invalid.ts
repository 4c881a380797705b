import { problem, Refused } from './problem.ts';

export type Violation = { readonly pointer: string; readonly detail: string };

/** A request that is not valid: 400, with each violation and the JSON pointer (RFC 6901) of its field. */
export const invalidRequest = (errors: readonly Violation[]): Refused =>
  new Refused(problem('invalid-request', { detail: summaryOf(errors), extra: { errors } }));

/** The first violation in a sentence. It does not quote an unknown field, whose name may hold anything. */
const summaryOf = ([first]: readonly Violation[]): string => {
  if (first === undefined) return 'The request is not valid.';
  if (first.detail === noSuchField) return 'The body has a field that does not exist. See errors.';
  if (first.detail === repeatedField) return 'The body has a field twice. See errors.';
  return `${first.pointer || 'The body'}: ${first.detail}`;
};

export const noSuchField = 'There is no such field. Leave it out.';
export const repeatedField = 'This field stands here twice. Send it once.';
