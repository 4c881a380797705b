import type { IncomingMessage } from 'node:http';
import type { Route } from '../../lambdas/contract.ts';
import type { GatewayProblem } from './problem.ts';

/**
 * Quotas of a regional REST API: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 * AWS does not say with which status it refuses what exceeds them.
 */
const maxHeaderBytes = 10_240;
const maxUrlLength = 10_240;
/** What Lambda takes in one call: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxEventBytes = 6 * 1024 * 1024;

/** What API Gateway refuses before it looks at the route. */
export const refuseHead = ({ url = '', rawHeaders }: IncomingMessage): GatewayProblem | undefined => {
  const values = rawHeaders.filter((_, index) => index % 2 === 1);
  const bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value, 'latin1'), 0);
  return bytes > maxHeaderBytes || url.length > maxUrlLength ? 'DEFAULT_4XX' : undefined;
};

/**
 * What the request validator of the stack refuses: a body that is no JSON object (ADR 9).
 *
 * A byte order mark and a compressed body pass here. Only a real account can show what the validator makes of them.
 */
export const refuseBody = (route: Route, request: IncomingMessage, body: Buffer): GatewayProblem | undefined => {
  if (!route.takesBody || request.headers['content-encoding'] !== undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? undefined : 'BAD_REQUEST_BODY';
  } catch {
    return 'BAD_REQUEST_BODY';
  }
};

/** What Lambda refuses to take from API Gateway. */
export const refuseEvent = (event: object): GatewayProblem | undefined =>
  Buffer.byteLength(JSON.stringify(event)) > maxEventBytes ? 'REQUEST_TOO_LARGE' : undefined;
