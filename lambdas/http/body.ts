import * as v from 'valibot';
import type { Call } from './call.ts';
import { problem, Refused } from './problem.ts';

type Violation = { readonly pointer: string; readonly detail: string };

export const invalidRequest = (errors: readonly Violation[]): Refused =>
  new Refused(problem('invalid-request', { detail: summaryOf(errors), extra: { errors } }));

/** The first violation in a sentence. It does not quote an unknown field, whose name may hold anything. */
const summaryOf = ([first]: readonly Violation[]): string => {
  if (first === undefined) return 'The request is not valid.';
  if (first.detail === noSuchField) return 'The body has a field that does not exist. See errors.';
  return `${first.pointer || 'The body'}: ${first.detail}`;
};

const noSuchField = 'There is no such field. Leave it out.';

/**
 * Reads a JSON body against a schema.
 *
 * @throws Refused that names each violation by its JSON pointer (RFC 6901).
 */
export const readBody = <S extends v.GenericSchema>(call: Call, schema: S): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, parseJson(call.text()));
  if (parsed.success) return parsed.output;
  throw invalidRequest(
    parsed.issues.map((issue) => ({ pointer: pointerOf(issue.path ?? []), detail: sentenceOf(issue) })),
  );
};

/** Some clients cannot send a POST without a body, so an empty object is none. */
export const readNoBody = (call: Call): void => {
  const text = call.text();
  if (text.trim() !== '') readBody({ ...call, text: () => text }, v.strictObject({}));
};

const parseJson = (text: string): unknown => {
  const parsed = parsedOrUndefined(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw invalidRequest([{ pointer: '', detail: 'The body must be a JSON object, such as {}.' }]);
};

const parsedOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const pointerOf = (path: readonly { readonly key: unknown }[]): string =>
  path.map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const sentenceOf = (issue: v.BaseIssue<unknown>): string => {
  if (issue.type === 'strict_object' && issue.expected === 'never') return noSuchField;
  if (issue.type === 'strict_object' && issue.received === 'undefined') return 'This field is required.';
  if (issue.type === 'strict_object') return 'This must be a JSON object, in braces.';
  return issue.message;
};
