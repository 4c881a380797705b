import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Answer, callerOf } from './api-call.ts';

type Reference = { readonly $ref: string };
type Media = { readonly schema: object; readonly examples?: Readonly<Record<string, { value: unknown } | Reference>> };
type Header = { readonly required?: boolean; readonly schema: object };
type Response = {
  readonly headers?: Readonly<Record<string, Header | Reference>>;
  readonly content?: Readonly<Record<string, Media>>;
};
type Operation = {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
};
export type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};

/** The operations of a path, which may have servers of its own beside them. */
export const operationsOf = (path: Document['paths'][string]): readonly (readonly [string, Operation])[] =>
  Object.entries(path).filter(([name]) => name !== 'servers');

/** The document as it is committed. */
export const document: Document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));

/** A schema whose objects have no other properties than it names. Clients have to ignore others, and the suites refuse them. */
const closed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, closed(part)]));
  return 'properties' in schema && 'required' in schema ? { ...parts, additionalProperties: false } : parts;
};

const formats = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, uri: /^https?:\/\/\S+$/ };

const ajv = new Ajv2020({ strict: false, formats });
ajv.addSchema({ ...document, components: closed(document.components) }, 'openapi');

const escaped = (step: string): string => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));

/** What is wrong with a value by the schema at a place of the document. */
export const faultsOf = (value: unknown, place: readonly string[]): readonly string[] => {
  const $ref = `openapi#/${place.map(escaped).join('/')}`;
  const validate = ajv.getSchema($ref) ?? ajv.compile({ $ref });
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'the body'} ${message}`);
};

/** The part of the document that a reference names, or the part itself. */
export const resolved = <Part extends object>(part: Part | Reference): Part => {
  if (!('$ref' in part)) return part;
  const steps = String(part.$ref).slice(2).split('/');
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document) as Part;
};

const pathOf = (path: string): string | undefined =>
  Object.keys(document.paths).find((each) => new RegExp(`^${each.replace(/\{\w+\}/g, '[^/]+')}$`).test(path));

const headerFaults = (headers: Headers, wanted: Response['headers'] = {}, place: readonly string[]) =>
  Object.entries(wanted).flatMap(([name, each]) => {
    const value = headers.get(name);
    if (value === null) return resolved(each).required === true ? [`the header ${name} is missing`] : [];
    const at = '$ref' in each ? String(each.$ref).slice(2).split('/') : [...place, 'headers', name];
    return faultsOf(value, [...at, 'schema']).map((fault) => `the header ${name}: ${fault}`);
  });

/** A status has several problems. The document has an example of each that the route answers, and of no other. */
const problemFaults = ({ code }: Answer['body'], { examples = {} }: Media): readonly string[] =>
  code === undefined || Object.hasOwn(examples, String(code)) ? [] : [`the problem ${code} is not documented`];

/** What is undocumented in an answer. A path that is no route has nothing to be held against. */
export const undocumented = (method: string, path: string, answer: Answer): readonly string[] => {
  const template = pathOf(path.split('?')[0] ?? '');
  const operation = document.paths[template ?? '']?.[method.toLowerCase()];
  if (template === undefined || operation === undefined) return [];
  const status = String(answer.status);
  const response = operation.responses[status];
  if (response === undefined) return [`the status ${status} is not documented`];
  const place = ['paths', template, method.toLowerCase(), 'responses', status];
  const headers = headerFaults(answer.headers, response.headers, place);
  if (response.content === undefined) return [...headers, ...(answer.text === '' ? [] : ['there should be no body'])];
  const mediaType = answer.headers.get('content-type')?.split(';')[0] ?? '';
  const media = response.content[mediaType];
  if (media === undefined) return [...headers, `the media type ${mediaType} is not documented`];
  return [
    ...headers,
    ...problemFaults(answer.body, media),
    ...faultsOf(answer.body, [...place, 'content', mediaType, 'schema']),
  ];
};

/** Calls an API, and throws for an answer that the document does not describe. */
export const describedCallerOf = (base: string, apiKey: string): ReturnType<typeof callerOf> => {
  const call = callerOf(base, apiKey);
  return async (method, path, body, headers) => {
    const answer = await call(method, path, body, headers);
    const faults = undocumented(method, path, answer);
    if (faults.length === 0) return answer;
    throw new Error(`docs/openapi.json does not describe this answer: ${faults.join('; ')}\n${answer.text}`);
  };
};

/** The same for the API of operators, which takes no key. */
export const describedOperatorOf = (operatorUrl: string): ReturnType<typeof callerOf> =>
  describedCallerOf(operatorUrl, '');
