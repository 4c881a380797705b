/**
 * Takes out of a synthesized cloud assembly the conditions that the emulator cannot evaluate, and tells each of them.
 *
 *     node test/deploy/strip-conditions.ts
 *
 * Run by the CDK CLI behind the app: it says in CDK_OUTDIR where the assembly is.
 *
 * MiniStack 1.5.33 knows none of the condition keys of KMS: for it they are absent from every request, so that a statement
 * which asks for one allows nothing, and no code could be made. `kms:ViaService` stays: the emulator asks for no key when
 * it reads a table, and a function that uses the key by itself is refused, as it is at AWS.
 *
 * It knows no names of items and attributes either. The lists of them hold for it, because `ForAllValues` holds for a request
 * without the key. That the key be there would hold for no request.
 *
 * Of S3 it does not know `s3:if-none-match`: the denial of puts that may replace a file would hold for every put.
 *
 * It refuses alarms with arithmetic, which stacks with receipts have.
 *
 * Nor does it tell a function the id of the API key (`requestContext.identity.apiKeyId`), so that every caller would be of no
 * application. Here any credential that its gateway lets in is of the application `web`. test/http/applications has the rest.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isUnknownToEmulator = (operator: string, key: string): boolean =>
  (key.startsWith('kms:') && key !== 'kms:ViaService') || (operator === 'Null' && key.startsWith('dynamodb:'));

export type Stripped<Template> = {
  readonly template: Template;
  /** A line for each condition that is gone. */
  readonly gone: readonly string[];
};

/** The template without those conditions of the policies of roles. */
export const stripConditions = (template: JsonObject): Stripped<JsonObject> => {
  const gone: string[] = [];
  const resources = Object.entries(isObject(template['Resources']) ? template['Resources'] : {});
  const evaluable = resources.filter(
    ([id, resource]) => !isArithmetic(resource, (line) => gone.push(`${id}: ${line}`)),
  );
  const stripped = evaluable.map(([id, resource]): [string, Json] => {
    if (!isObject(resource)) return [id, resource];
    if (resource['Type'] === 'AWS::S3::BucketPolicy')
      return [id, withoutDenials(resource, (line) => gone.push(`${id}: ${line}`))];
    if (!isOfRole(resource)) return [id, resource];
    return [id, withoutConditions(resource, (line) => gone.push(`${id}: ${line}`))];
  });
  return { template: { ...template, Resources: Object.fromEntries(stripped) }, gone };
};

/** A policy of a function, inline or managed. Those of people stay as they are. */
const isOfRole = ({ Type, Properties }: JsonObject): boolean =>
  Type === 'AWS::IAM::Policy' ||
  (Type === 'AWS::IAM::ManagedPolicy' && isObject(Properties) && Properties['Roles'] !== undefined);

/** An alarm of receipts compares two metrics. The emulator refuses a template with arithmetic. */
const isArithmetic = (resource: Json, tell: (line: string) => void): boolean => {
  if (!isObject(resource) || resource['Type'] !== 'AWS::CloudWatch::Alarm') return false;
  const properties = resource['Properties'];
  if (!isObject(properties) || properties['Metrics'] === undefined) return false;
  tell('an alarm with arithmetic');
  return true;
};

/** The policy of a bucket without the denials that would hold for every put, because their key is always absent there. */
const withoutDenials = (value: Json, tell: (line: string) => void): Json => {
  if (Array.isArray(value))
    return value.filter((each) => !isOfAbsentKey(each, tell)).map((each) => withoutDenials(each, tell));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutDenials(each, tell)]));
};

const ifNoneMatch = 's3:if-none-match';

const isOfAbsentKey = (statement: Json, tell: (line: string) => void): boolean => {
  const condition = isObject(statement) ? statement['Condition'] : undefined;
  const absent = isObject(condition) ? condition['Null'] : undefined;
  if (!isObject(statement) || !isObject(absent) || absent[ifNoneMatch] === undefined) return false;
  tell(`${String(statement['Sid'])}: Null ${ifNoneMatch} ${JSON.stringify(absent[ifNoneMatch])}`);
  return true;
};

/** The credentials of the applications, as the emulator can tell them. */
const credentials = JSON.stringify({ web: ['*'] });

/** The endpoint of End User Messaging, which the emulator lacks. The functions ask there if it is given. */
const messagingEndpoint = (): JsonObject => {
  const endpoint = process.env['SMS_VOICE_ENDPOINT'];
  return endpoint === undefined ? {} : { AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2: endpoint };
};

/** The template with functions that ask for no id of an API key. */
const withAnyCredential = (template: JsonObject): JsonObject => {
  const resources = Object.entries(isObject(template['Resources']) ? template['Resources'] : {});
  return {
    ...template,
    Resources: Object.fromEntries(resources.map(([id, each]) => [id, knowingOneApplication(each)])),
  };
};

const knowingOneApplication = (resource: Json): Json => {
  if (!isObject(resource) || resource['Type'] !== 'AWS::Lambda::Function') return resource;
  const properties = resource['Properties'];
  const environment = isObject(properties) ? properties['Environment'] : undefined;
  const variables = isObject(environment) ? environment['Variables'] : undefined;
  if (!isObject(properties) || !isObject(variables) || variables['APPLICATIONS'] === undefined) return resource;
  const Environment = { Variables: { ...variables, ...messagingEndpoint(), APPLICATIONS: credentials } };
  return { ...resource, Properties: { ...properties, Environment } };
};

const withoutConditions = (value: Json, tell: (line: string) => void): Json => {
  if (Array.isArray(value)) return value.map((each) => withoutConditions(each, tell));
  if (!isObject(value)) return value;
  const { Condition: condition, ...rest } = value;
  const others = Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, withoutConditions(each, tell)]));
  if (!isObject(condition)) return others;
  const kept = Object.entries(condition).flatMap(([operator, claims]): [string, Json][] => {
    if (!isObject(claims)) return [[operator, claims]];
    const known = Object.entries(claims).filter(([key, expected]) => {
      if (!isUnknownToEmulator(operator, key)) return true;
      tell(`${String(value['Sid'])}: ${operator} ${key} ${JSON.stringify(expected)}`);
      return false;
    });
    return known.length === 0 ? [] : [[operator, Object.fromEntries(known)]];
  });
  return kept.length === 0 ? others : { ...others, Condition: Object.fromEntries(kept) };
};

// Not `import.meta.main`, which Node 24.0 lacks.
if (path.basename(process.argv[1] ?? '') === path.basename(import.meta.filename)) {
  const assembly = process.env['CDK_OUTDIR'];
  if (assembly === undefined) throw new Error('CDK_OUTDIR is not set. Let the CDK CLI run this, behind the app.');
  for (const name of readdirSync(assembly).filter((each) => each.endsWith('.template.json'))) {
    const file = path.join(assembly, name);
    const { template, gone } = stripConditions(JSON.parse(readFileSync(file, 'utf8')));
    writeFileSync(file, JSON.stringify(withAnyCredential(template), undefined, 1));
    for (const line of gone) console.log(`not evaluated by the emulator: ${line}`);
  }
}
