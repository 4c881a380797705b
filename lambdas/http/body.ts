import * as v from 'valibot';
import type { Call } from './call.ts';
import { invalidRequest, noSuchField, repeatedField } from './invalid.ts';
import { escaped, repeatedName } from './json.ts';

/**
 * Reads a JSON body against a schema.
 *
 * @throws Refused that names each violation by its JSON pointer (RFC 6901).
 */
export const readBody = <S extends v.GenericSchema>(call: Pick<Call, 'text'>, schema: S): v.InferOutput<S> => {
  const parsed = v.safeParse(schema, parseJson(call.text()));
  if (parsed.success) return parsed.output;
  throw invalidRequest(
    parsed.issues.map((issue) => ({ pointer: pointerOf(issue.path ?? []), detail: sentenceOf(issue) })),
  );
};

/** The body of a route whose fields are all optional. Some clients cannot send a POST without one. `undefined`: there is none. */
export const readOptionalBody = <S extends v.GenericSchema>(call: Call, schema: S): v.InferOutput<S> | undefined => {
  const text = call.text();
  return ['', 'null'].includes(text.trim()) ? undefined : readBody({ ...call, text: () => text }, schema);
};

const parseJson = (text: string): unknown => {
  const parsed = parsedOrUndefined(text);
  if (parsed === undefined) throw invalidRequest([{ pointer: '', detail: notJson }]);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw invalidRequest([{ pointer: '', detail: 'The body must be a JSON object, such as {}.' }]);
  const repeated = repeatedName(text);
  if (repeated !== undefined) throw invalidRequest([{ pointer: repeated, detail: repeatedField }]);
  return parsed;
};

const notJson = 'The body must be a JSON object in UTF-8, such as {}. This one is no valid JSON.';

const parsedOrUndefined = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const pointerOf = (path: readonly { readonly key: unknown }[]): string =>
  path.map(({ key }) => `/${escaped(key)}`).join('');

const sentenceOf = (issue: v.BaseIssue<unknown>): string => {
  if (issue.type === 'strict_object' && issue.expected === 'never') return noSuchField;
  if (issue.type === 'strict_object' && issue.received === 'undefined') return 'This field is required.';
  if (issue.type === 'strict_object') return 'This must be a JSON object, in braces.';
  return issue.message;
};

/** A field that may be left out. `null` is as if absent, as many serializers write it. */
export const optional = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );
