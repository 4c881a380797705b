/** Events of API Gateway, as a container gets them. */

import { routes } from '../../lambdas/contract.ts';

type Call = { readonly run: number; readonly id?: string; readonly body: object };

const functionOf = { send: 'request-verification', check: 'check-verification' } as const;

/** The IP is of the range for benchmarks (RFC 2544). */
export const eventOf = (flow: 'send' | 'check', { run, id = '', body }: Call): object => {
  const route = routes.find((found) => found.function === functionOf[flow]);
  if (route === undefined) throw new Error(`${functionOf[flow]} has no route.`);
  return {
    resource: route.path,
    path: route.path.replace('{id}', id),
    httpMethod: route.method,
    headers: { 'content-type': 'application/json' },
    pathParameters: id === '' ? null : { id },
    body: JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      requestId: `bench-${run}`,
      identity: { apiKeyId: 'bench', sourceIp: `198.18.${(run >> 8) & 255}.${run & 255}` },
    },
  };
};
