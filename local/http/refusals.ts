import type { IncomingMessage } from 'node:http';
import type { GatewayProblem } from './problem.ts';

/**
 * Quotas of a regional REST API: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 * AWS does not say with which status it refuses what exceeds them.
 */
const maxHeaderBytes = 10_240;
const maxUrlLength = 10_240;
/** The largest event of one call: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxEventBytes = 6 * 1024 * 1024;

/** The refusals of API Gateway before it looks at the route. */
export const refuseHead = ({ url = '', rawHeaders }: IncomingMessage): GatewayProblem | undefined => {
  const values = rawHeaders.filter((_, index) => index % 2 === 1);
  const bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value, 'latin1'), 0);
  return bytes > maxHeaderBytes || url.length > maxUrlLength ? 'DEFAULT_4XX' : undefined;
};

/** The refusals of Lambda of an event from API Gateway. */
export const refuseEvent = (event: object): GatewayProblem | undefined =>
  Buffer.byteLength(JSON.stringify(event)) > maxEventBytes ? 'REQUEST_TOO_LARGE' : undefined;
