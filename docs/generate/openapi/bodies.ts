/** The bodies of requests as JSON Schema, from the schemas by which the functions read them. */

import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type { RouteFunctionName } from '../../../lambdas/contract.ts';
import { resendBody } from '../../../lambdas/http/channel.ts';
import { checkBody, sendBody } from '../../../lambdas/http/requests.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { routeWords } from '../api-words.ts';
import { plain } from './words.ts';

export type Convertible = Parameters<typeof toJsonSchema>[0];

const policy = policyOf(
  parseSettings({
    brand: 'Example',
    audience: 'https://api.example.com',
    countries: { IN: {} },
    voice: { countries: { IN: { priceUsd: 0.03 } }, routes: [{ originationIdentity: 'pool-0123456789abcdef0' }] },
  }),
);

const bodies: Readonly<Partial<Record<RouteFunctionName, Convertible>>> = {
  'request-verification': sendBody(policy),
  'check-verification': checkBody,
  'resend-verification': resendBody(policy),
};

/** Whether a list comes from the settings, as it is or in part. */
const settingsHold = (options: readonly string[]): boolean =>
  Object.values(policy).some((list) => Array.isArray(list) && options.every((option) => list.includes(option)));

/**
 * Rules that a schema cannot say: people may write a field in any usual spelling, and only the functions read these. A list
 * that comes from the settings is another one in each deployment, so that it is a string with examples here.
 */
export const convert = (body: Convertible): JsonSchema =>
  toJsonSchema(body, {
    target: 'draft-2020-12',
    typeMode: 'input',
    ignoreActions: ['raw_transform', 'transform', 'check'],
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type !== 'picklist') return undefined;
      const { options } = valibotSchema as unknown as { readonly options: readonly string[] };
      if (!settingsHold(options)) return jsonSchema;
      return { type: 'string', ...(options.length === 0 ? {} : { examples: [...options] }) };
    },
  });

/** The object of a schema that may also be null. */
const objectIn = (schema: JsonSchema): JsonSchema =>
  (schema.anyOf ?? []).filter((each) => typeof each === 'object').find(({ type }) => type === 'object') ?? schema;

/** Schemas by the names that classes of generated clients get. */
type Components = Map<string, JsonSchema>;

/** Puts the object of a schema among the components, and a reference in its place. */
const named = (name: string, schema: JsonSchema, whole: JsonSchema, components: Components): JsonSchema => {
  const other = components.get(name);
  if (other !== undefined && JSON.stringify(other) !== JSON.stringify(whole))
    throw new Error(`Two objects of requests are called ${name}. Give one of them another name.`);
  components.set(name, whole);
  const reference = { $ref: `#/components/schemas/${name}` };
  const object = objectIn(schema);
  if (object === schema) return reference;
  return { ...schema, anyOf: (schema.anyOf ?? []).map((each) => (each === object ? reference : each)) };
};

type Says = Readonly<Record<string, string>>;
type Place = { readonly says: Says; readonly used: Set<string>; readonly components: Components };

const described = (schema: JsonSchema, place: Place, path: string): JsonSchema => {
  const object = objectIn(schema);
  if (object.properties === undefined) {
    const words = place.says[path];
    if (words === undefined) throw new Error(`docs/generate/api-words.ts has no words for the field ${path}.`);
    place.used.add(path);
    // Generated clients would send a default, which is the service's to choose. The words name it.
    const { default: _, ...rest } = schema;
    return { ...rest, description: plain(words) };
  }
  const whole = { ...object, properties: propertiesOf(object, place, `${path}.`) };
  return named(
    path.replace(/^[a-z]/, (letter) => letter.toUpperCase()),
    schema,
    whole,
    place.components,
  );
};

const propertiesOf = ({ properties = {} }: JsonSchema, place: Place, prefix = '') =>
  Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [
      name,
      typeof each === 'boolean' ? each : described(each, place, `${prefix}${name}`),
    ]),
  );

const names: Readonly<Partial<Record<RouteFunctionName, string>>> = {
  'request-verification': 'VerificationRequest',
  'check-verification': 'CheckRequest',
  'resend-verification': 'ResendRequest',
};

const put = (name: RouteFunctionName, body: Convertible, components: Components): JsonSchema => {
  const { $schema, ...schema } = convert(body);
  const says = Object.fromEntries(routeWords[name].takes.map((field) => [field.name, field.says]));
  const used = new Set<string>();
  const object = objectIn(schema);
  const whole = { ...object, properties: propertiesOf(object, { says, used, components }) };
  const unused = Object.keys(says).filter((field) => !used.has(field));
  if (unused.length > 0) throw new Error(`docs/generate/api-words.ts has words for no field: ${unused.join(', ')}.`);
  // A body of `null` is taken for none. Clients that are generated from a body that may be null always send one.
  return named(names[name] ?? name, object, whole, components);
};

const components: Components = new Map();
const references = new Map(
  (Object.entries(bodies) as readonly [RouteFunctionName, Convertible][]).map(
    ([name, body]) => [name, put(name, body, components)] as const,
  ),
);

/** The body of a route as a reference; `undefined` if it takes none. */
export const bodyOf = (name: RouteFunctionName): JsonSchema | undefined => references.get(name);

/** The objects of which the bodies are made. */
export const requestSchemas: Readonly<Record<string, JsonSchema>> = Object.fromEntries(components);
