/** The answers to preflights: https://fetch.spec.whatwg.org/#cors-preflight-fetch. API Gateway gives them by itself. */

import {
  AuthorizationType,
  type IResource,
  type Method,
  MockIntegration,
  PassthroughBehavior,
} from 'aws-cdk-lib/aws-apigateway';
import { cors, type Route, securityHeaders } from '../../lambdas/contract.ts';
import { browserOriginsOf } from '../../lambdas/policy.ts';
import { policyOf, type Settings } from '../settings/settings.ts';

const status = '204';
const allowedOrigin = 'Access-Control-Allow-Origin';
const header = (name: string) => `method.response.header.${name}`;

/**
 * Answers preflights of a path, without credentials and without a function.
 *
 * A body of another type than JSON is refused (415). Passed on as it is, it would be an error of the server, and an alarm.
 */
export const answerPreflights = (resource: IResource, routes: readonly Route[], settings: Settings): Method => {
  const origins = browserOriginsOf(policyOf(settings));
  const isPublic = routes.every(({ access }) => access === 'public');
  const constants: Readonly<Record<string, string>> = {
    ...securityHeaders,
    'Access-Control-Allow-Headers': requestHeadersOf(settings).join(','),
    'Access-Control-Allow-Methods': routes.map(({ method }) => method).join(','),
    'Access-Control-Max-Age': String(cors.maxAgeSeconds),
    ...(isPublic ? { [allowedOrigin]: '*' } : { Vary: 'Origin' }),
  };
  const integration = new MockIntegration({
    passthroughBehavior: PassthroughBehavior.NEVER,
    requestTemplates: { 'application/json': `{ "statusCode": ${status} }` },
    integrationResponses: [
      {
        statusCode: status,
        responseParameters: {
          [header('x-request-id')]: 'context.requestId',
          ...Object.fromEntries(Object.entries(constants).map(([name, value]) => [header(name), `'${value}'`])),
        },
        ...(isPublic || origins.length === 0 ? {} : { responseTemplates: { 'application/json': templateOf(origins) } }),
      },
    ],
  });
  const declared = ['x-request-id', allowedOrigin, ...Object.keys(constants)].map((name) => [header(name), true]);
  return resource.addMethod('OPTIONS', integration, {
    authorizationType: AuthorizationType.NONE,
    apiKeyRequired: false,
    methodResponses: [{ statusCode: status, responseParameters: Object.fromEntries(declared) }],
  });
};

/** Without signatures a page needs no headers of them. */
const requestHeadersOf = ({ access }: Settings): readonly string[] => [
  ...cors.requestHeaders,
  ...(access === 'iam' ? cors.signatureHeaders : []),
];

/**
 * Sets the header for a listed origin. An answer has no byte of the request, and none of another origin. HTTP/2 writes the
 * name in lower case, and the map is case-sensitive.
 */
const templateOf = (origins: readonly string[]): string => {
  const cases = origins.map((origin, index) =>
    [
      `#${index === 0 ? 'if' : 'elseif'}($capital == "${origin}" || $lower == "${origin}")`,
      `#set($context.responseOverride.header.${allowedOrigin} = "${origin}")`,
    ].join('\n'),
  );
  return [
    '#set($headers = $input.params().header)',
    '#set($capital = $headers.get("Origin"))',
    '#set($lower = $headers.get("origin"))',
    ...cases,
    '#end',
  ].join('\n');
};
