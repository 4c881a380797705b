/** The API of operators, as local mode serves it: on loopback, without a signature, for this machine's own pages only. */

import type { IncomingMessage } from 'node:http';
import { type FunctionName, operatorRoutes } from '../../lambdas/contract.ts';
import type { Invocation } from '../functions/functions.ts';
import { matchRoute, type Target, toProxyEvent } from './gateway-event.ts';
import { type Loopback, readBody } from './loopback.ts';
import { isOfAnotherOrigin, isThisMachine } from './own-pages.ts';
import { type Answer, gatewayAnswer } from './problem.ts';
import { fromProxyResult, gatewayBodyLimit } from './proxy-result.ts';
import { refuseEvent, refuseHead } from './refusals.ts';

const room = '_operator';

/** Everybody on this machine is this operator. */
export const localOperator = 'arn:aws:iam::000000000000:user/local-operator';

/** The base URL of the API of operators. */
export const operatorEndpointOf = ({ url }: Pick<Loopback, 'url'>): string => `${url}/${room}`;

export const isForOperators = ({ segments }: Target): boolean => segments[0] === room;

export type OperatorSetup = {
  readonly loopback: Pick<Loopback, 'url'>;
  readonly controls: { readonly clock: { readonly now: () => number } };
  readonly invoke: (name: FunctionName, event: object, awsRequestId: string) => Promise<Invocation>;
};

type Asked = {
  readonly request: IncomingMessage;
  readonly target: Target;
  readonly exchange: { readonly requestId: string; readonly endpoint: string };
};

/** Answers as the gateway of operators does. Without a signature, Host and Origin say whose page asks. */
export const answerOperators = async (
  { controls, invoke, loopback }: OperatorSetup,
  { request, target, exchange: { requestId } }: Asked,
): Promise<Answer> => {
  const exchange = { requestId, endpoint: operatorEndpointOf(loopback) };
  if (isForeign(request)) return gatewayAnswer('ACCESS_DENIED', { ...exchange, detail: onlyOwnPages });
  const refusedHead = refuseHead(request);
  if (refusedHead !== undefined) return gatewayAnswer(refusedHead, exchange);
  const match = matchRoute(operatorRoutes, request.method ?? '', target.segments.slice(1));
  if (match === undefined) return gatewayAnswer('MISSING_AUTHENTICATION_TOKEN', exchange);
  const body = await readBody(request, gatewayBodyLimit);
  if (body === undefined) return gatewayAnswer('REQUEST_TOO_LARGE', exchange);
  const event = toProxyEvent({
    request,
    target: { ...target, path: target.path.slice(room.length + 1) },
    match,
    body,
    sourceIp: '127.0.0.1',
    requestId,
    apiKey: undefined,
    principal: localOperator,
    stage: undefined,
    nowMs: controls.clock.now(),
  });
  const refusedEvent = refuseEvent(event);
  if (refusedEvent !== undefined) return gatewayAnswer(refusedEvent, exchange);
  const invocation = await invoke(match.route.function, event, requestId);
  if (invocation.kind === 'timed-out') return gatewayAnswer('INTEGRATION_TIMEOUT', exchange);
  const answer = invocation.kind === 'answered' ? fromProxyResult(invocation.payload) : undefined;
  return answer ?? gatewayAnswer('INTEGRATION_FAILURE', exchange);
};

const onlyOwnPages =
  'Local mode serves operators only on this machine, and only its own page in a browser. Call http://127.0.0.1 or http://localhost, with the port.';

const isForeign = (request: IncomingMessage): boolean => {
  const { 'sec-fetch-site': site } = request.headers;
  const isOfAnotherSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  return !isThisMachine(request) || isOfAnotherSite || isOfAnotherOrigin(request);
};
