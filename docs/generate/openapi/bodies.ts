/** The bodies of requests as JSON Schema, from the schemas by which the functions read them. */

import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type { RouteFunctionName } from '../../../lambdas/contract.ts';
import { emptyBody } from '../../../lambdas/http/body.ts';
import { checkBody, sendBody } from '../../../lambdas/http/requests.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { routeWords } from '../api-words.ts';
import { plain } from './words.ts';

type Convertible = Parameters<typeof toJsonSchema>[0];

const policy = policyOf(
  parseSettings({ brand: 'Example', audience: 'https://api.example.com', countries: { IN: {} } }),
);

const bodies: Readonly<Partial<Record<RouteFunctionName, Convertible>>> = {
  'request-verification': sendBody(policy),
  'check-verification': checkBody,
  'resend-verification': emptyBody,
};

/**
 * Rules that a schema cannot say: people may write a field in any usual spelling, and only the functions read these. A list
 * that comes from the settings is another one in each deployment, so that it is a string with examples here.
 */
const convert = (body: Convertible): JsonSchema =>
  toJsonSchema(body, {
    target: 'draft-2020-12',
    typeMode: 'input',
    ignoreActions: ['raw_transform', 'transform', 'check'],
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type !== 'picklist') return undefined;
      const { options } = valibotSchema as unknown as { readonly options: readonly string[] };
      if (!Object.values(policy).some((list) => list === options)) return jsonSchema;
      return { type: 'string', ...(options.length === 0 ? {} : { examples: [...options] }) };
    },
  });

/** The object of a schema that may also be null. */
const objectIn = (schema: JsonSchema): JsonSchema =>
  (schema.anyOf ?? []).filter((each) => typeof each === 'object').find(({ type }) => type === 'object') ?? schema;

type Says = Readonly<Record<string, string>>;

const described = (schema: JsonSchema, says: Says, used: Set<string>, path = ''): JsonSchema => {
  const object = objectIn(schema);
  if (object.properties === undefined) {
    const words = says[path];
    if (words === undefined) throw new Error(`docs/generate/api-words.ts has no words for the field ${path}.`);
    used.add(path);
    return { ...schema, description: plain(words) };
  }
  const properties = Object.fromEntries(
    Object.entries(object.properties).map(([name, each]) => [
      name,
      typeof each === 'boolean' ? each : described(each, says, used, path === '' ? name : `${path}.${name}`),
    ]),
  );
  const whole = { ...object, properties };
  return object === schema
    ? whole
    : { ...schema, anyOf: (schema.anyOf ?? []).map((each) => (each === object ? whole : each)) };
};

/**
 * The body of a route; `undefined` if it takes none.
 *
 * @throws Error for a field without words, and for words without a field.
 */
export const bodyOf = (name: RouteFunctionName): JsonSchema | undefined => {
  const body = bodies[name];
  if (body === undefined) return undefined;
  const { $schema, ...schema } = convert(body);
  const says = Object.fromEntries(routeWords[name].takes.map((field) => [field.name, field.says]));
  const used = new Set<string>();
  const object = described(schema, says, used);
  const unused = Object.keys(says).filter((field) => !used.has(field));
  if (unused.length > 0) throw new Error(`docs/generate/api-words.ts has words for no field: ${unused.join(', ')}.`);
  return object;
};
