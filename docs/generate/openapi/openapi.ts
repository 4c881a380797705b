/** The API as an OpenAPI 3.1 document, from the contract, the schemas of the functions, and the words of the reference. */

import {
  cors,
  fields,
  maxBodyBytes,
  productVersion,
  type Route,
  routes,
  securityHeaders,
} from '../../../lambdas/contract.ts';
import { routeWords } from '../api-words.ts';
import { answersOf, exampleName, problemsOf } from './answers.ts';
import { bodyOf, requestSchemas } from './bodies.ts';
import { exampleId, exampleKey, problemExample, routeExamples } from './examples.ts';
import { operatorPaths, operatorProblemExamples, operatorSecuritySchemes } from './operators/paths.ts';
import { operatorSchemas } from './operators/schemas.ts';
import { operatorTag } from './operators/words.ts';
import { schemas } from './schemas.ts';
import { eventSchemas, webhooks } from './webhooks.ts';
import { plain } from './words.ts';

/** By the setting `access`, a deployment takes one of them. */
const securitySchemes = {
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description: 'With `access: api-key`, the default. Local mode takes `local`.',
  },
  iam: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'With `access: iam`: AWS Signature Version 4, for the service `execute-api`.',
    'x-amazon-apigateway-authtype': 'awsSigv4',
  },
  cognito: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'With `access.cognito`: a token of one of the user pools in the settings.',
  },
};

const text = (description: string, more: object = {}) => ({ description, schema: { type: 'string', ...more } });

const headers = {
  'x-request-id': text('Quote it when you report something. Answers of the firewall have none.'),
  'Retry-After': {
    description: 'Seconds to wait.',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$', examples: ['30'] },
  },
  'RateLimit-Policy': text('The limits, by the IETF draft `ratelimit-headers`.', {
    examples: ['"phone-10m";q=5;w=600'],
  }),
  RateLimit: text('What is left of each limit, by the same draft.', { examples: ['"phone-10m";r=4;t=600'] }),
  Location: {
    ...text('The absolute URL of the verification, or of the export.', { format: 'uri' }),
    required: true,
  },
  'WWW-Authenticate': text('The scheme of the credentials.'),
};

const exposed = cors.answer['access-control-expose-headers']
  .split(', ')
  .map((name) => `\`${name}\``)
  .join(', ');

const camelCase = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const operationId = ({ method, function: name }: Route): string => {
  if (name === 'jwks') return method === 'HEAD' ? 'headKeySet' : 'getKeySet';
  return method === 'HEAD' ? 'headVerification' : camelCase(name);
};

/** A cancellation takes any key and ignores it, so that it has no shape there. */
const idempotencyKey = (route: Route) => ({
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    route.method === 'DELETE'
      ? 'Accepted and ignored: a cancellation may be repeated without one.'
      : 'With the same key, a repeat gets the first answer, and nothing is sent or counted twice.',
  schema: {
    type: 'string',
    ...(route.method === 'DELETE' ? {} : { pattern: fields.idempotencyKey }),
    examples: [exampleKey],
  },
});

const pathId = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The `id` of a verification.',
  schema: { type: 'string', pattern: fields.verificationId },
  example: exampleId,
};

const parametersOf = (route: Route) => [
  ...(route.path.includes('{id}') ? [pathId] : []),
  ...(route.headers.includes('idempotency-key') ? [idempotencyKey(route)] : []),
];

const requestBodyOf = (route: Route) => {
  const schema = bodyOf(route.function);
  if (schema === undefined) return {};
  const examples = Object.fromEntries(
    Object.entries(routeExamples[route.function].requests).map(([name, value]) => [name, { value }]),
  );
  return {
    requestBody: {
      required: route.takesBody,
      description: `JSON in UTF-8, ${maxBodyBytes} bytes at most.`,
      content: { 'application/json': { schema, examples } },
    },
  };
};

const operationOf = (route: Route) => ({
  operationId: operationId(route),
  summary: route.method === 'HEAD' ? `${routeWords[route.function].title}: headers` : routeWords[route.function].title,
  description: plain(routeWords[route.function].says),
  tags: [route.access === 'public' ? 'Proofs' : 'Verifications'],
  security: route.access === 'public' ? [] : Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
  ...(parametersOf(route).length === 0 ? {} : { parameters: parametersOf(route) }),
  ...requestBodyOf(route),
  responses: answersOf(route),
});

const paths = () =>
  Object.fromEntries(
    [...Map.groupBy(routes, ({ path }) => path)].map(([path, some]) => [
      path,
      Object.fromEntries(some.map((route) => [route.method.toLowerCase(), operationOf(route)])),
    ]),
  );

const problemExamples = () =>
  Object.fromEntries(
    routes
      .flatMap(problemsOf)
      .map((each) => [exampleName(each), { value: problemExample(each.code, each.status) }] as const)
      .toSorted(([one], [other]) => one.localeCompare(other, 'en')),
  );

const document = () => ({
  openapi: '3.1.0',
  info: {
    title: 'OTP service',
    version: productVersion,
    summary: 'One-time passcodes by SMS, and signed proofs.',
    description: [
      'JSON in, JSON out. Times are RFC 3339 in UTC. Every answer that is not a success is an RFC 9457 problem.',
      'People type in many ways. The service reads a number, a code, an amount and a payee in any usual spelling.',
      `Every answer also has the headers ${Object.keys(securityHeaders)
        .map((name) => `\`${name}\``)
        .join(', ')}.`,
      // No operation for OPTIONS: generators would make a method of it that nobody calls.
      `Web pages of the origins that the settings list may call (CORS), without cookies. \`OPTIONS\` of each path answers preflights. A page may send ${cors.requestHeaders.map((name) => `\`${name}\``).join(', ')} and reads ${exposed}.`,
      `The routes with the tag \`${operatorTag}\` are another API, for security staff. It has its own base URL and credentials, and no page of another origin may call it.`,
    ].join('\n\n'),
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [
    { url: 'http://127.0.0.1:4000', description: 'Local mode' },
    {
      url: '{endpoint}',
      description: 'A deployed stack',
      variables: {
        endpoint: {
          default: 'https://a1b2c3d4e5.execute-api.ap-south-1.amazonaws.com/otp',
          description: 'The output `Endpoint` of the stack.',
        },
      },
    },
  ],
  tags: [
    { name: 'Verifications', description: 'Send a code to a phone, and check what the person types.' },
    { name: 'Proofs', description: 'The public key by which your back end checks a proof.' },
    { name: 'Events', description: 'Learn what becomes of verifications, if the settings ask for events.' },
    { name: operatorTag, description: 'See what the detector finds, and act on it. For security staff.' },
  ],
  paths: { ...paths(), ...operatorPaths() },
  webhooks: webhooks(),
  components: {
    securitySchemes: { ...securitySchemes, ...operatorSecuritySchemes },
    headers,
    schemas: { ...requestSchemas, ...schemas, ...operatorSchemas, ...eventSchemas() },
    examples: { ...problemExamples(), ...operatorProblemExamples() },
  },
});

/** The document as it has to be. */
export const renderOpenapi = async (): Promise<string> => `${JSON.stringify(document(), undefined, 2)}\n`;
