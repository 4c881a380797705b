/** The bodies that operators send as JSON Schema, from the schemas by which the functions read them. */

import type { JsonSchema } from '@valibot/to-json-schema';
import { exportBody } from '../../../../lambdas/http/desk/exports.ts';
import { eraseBody, historyBody } from '../../../../lambdas/http/desk/numbers.ts';
import { portNoticeBody, portNoticeLiftBody } from '../../../../lambdas/http/desk/port-notices.ts';
import { blockBody, findingBody, launchBody, liftBody, sendingBody } from '../../../../lambdas/http/desk/requests.ts';
import { replayWebhooksBody } from '../../../../lambdas/http/desk/webhooks.ts';
import { type Convertible, convert } from '../bodies.ts';
import { plain } from '../words.ts';
import { type OperatorOperation, operatorWords } from './words.ts';

const bodies: Readonly<Partial<Record<OperatorOperation, Convertible>>> = {
  judgeFinding: findingBody,
  block: blockBody,
  lift: liftBody,
  announceLaunch: launchBody,
  stopSending: sendingBody,
  resumeSending: sendingBody,
  replayWebhooks: replayWebhooksBody,
  showNumberHistory: historyBody,
  eraseNumber: eraseBody,
  notePorting: portNoticeBody,
  liftPortNotice: portNoticeLiftBody,
  startExport: exportBody,
};

const whatWords: Readonly<Record<string, string>> = {
  country: 'ISO 3166-1 code of a country of the settings, in either letter case.',
  prefix: 'The calling code and the digits behind it, such as `+91 9876`.',
  range: 'A number without its last four digits, such as `+91 98765 4xxxx`.',
  number: 'The number, international with a leading `+`.',
  ip: 'One IPv4 or IPv6 address of the internet.',
};

/** A group in the words that people use. It has one of the names. */
const isWhat = ({ properties = {} }: JsonSchema): boolean => 'country' in properties && 'ip' in properties;

const whatSchema = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  description: 'Exactly one of these.',
  minProperties: 1,
  maxProperties: 1,
  properties: Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, each]) => [
      name,
      { ...(each as JsonSchema), description: plain(whatWords[name] ?? '') },
    ]),
  ),
});

const reference: JsonSchema = { $ref: '#/components/schemas/What' };

const withReferences = (schema: JsonSchema): JsonSchema => {
  if (isWhat(schema)) return reference;
  if (schema.anyOf === undefined) return schema;
  return { ...schema, anyOf: schema.anyOf.map((each) => (typeof each === 'boolean' ? each : withReferences(each))) };
};

const schemaOf = (name: OperatorOperation, body: Convertible): JsonSchema => {
  const { $schema, properties = {}, ...schema } = convert(body);
  const says = operatorWords[name].takes;
  const wrong = [
    ...Object.keys(properties).filter((field) => says[field] === undefined),
    ...Object.keys(says).filter((field) => properties[field] === undefined),
  ];
  if (wrong.length > 0) throw new Error(`The words of ${name} and its body differ: ${wrong.join(', ')}.`);
  const described = Object.entries(properties).map(([field, each]) => [
    field,
    { ...withReferences(each as JsonSchema), description: plain(says[field] ?? '') },
  ]);
  return { ...schema, properties: Object.fromEntries(described) };
};

/** The body of a route; `undefined` if it takes none. */
export const operatorBodyOf = (name: OperatorOperation): JsonSchema | undefined => {
  const body = bodies[name];
  return body === undefined ? undefined : schemaOf(name, body);
};

export const What: JsonSchema = whatSchema(convert(blockBody).properties?.['what'] as JsonSchema);
