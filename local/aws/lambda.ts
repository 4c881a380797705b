import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from '../http/loopback.ts';
import { type AwsRefusal, awsRefusal, refusalOf, requireSignature } from './refusal.ts';

/** An event source mapping, with the switch that `aws lambda update-event-source-mapping` has. */
export type MappingSwitch = {
  readonly id: string;
  readonly isEnabled: () => boolean;
  readonly set: (isEnabled: boolean) => void;
};

/** The id of the event source mapping of every local stack. */
export const localMapping = 'c0de0000-0000-4000-8000-00000000000a';

export const createMappingSwitch = (id = localMapping): MappingSwitch => {
  let enabled = true;
  return {
    id,
    isEnabled: () => enabled,
    set: (isEnabled) => {
      enabled = isEnabled;
    },
  };
};

export type LambdaApi = { readonly url: string; readonly stop: () => Promise<void> };

/**
 * Stands in for the API of Lambda, as far as functions of the service ask it about themselves: `GetEventSourceMapping`. The
 * functions run in `functions.ts`. No function of local mode is called by this API.
 */
export const startLambdaApi = async (mapping: MappingSwitch): Promise<LambdaApi> => {
  const { server, url, stop } = await listenOnLoopback();
  server.on('request', (request, response) => {
    try {
      reply(response, 200, answer(mapping, request, url));
    } catch (thrown) {
      replyRefused(response, refusalOf(thrown) ?? { code: 'ServiceException', message: String(thrown), status: 500 });
    }
  });
  return { url, stop };
};

const path = '/2015-03-31/event-source-mappings/';

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
const answer = (mapping: MappingSwitch, request: IncomingMessage, url: string): object => {
  requireSignature(request, 'lambda');
  const { pathname } = new URL(request.url ?? '', url);
  if (request.method !== 'GET' || !pathname.startsWith(path))
    throw awsRefusal('UnknownOperationException', `${request.method} ${pathname} is not played here.`, 404);
  const id = decodeURIComponent(pathname.slice(path.length));
  if (id !== mapping.id)
    throw awsRefusal('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
  return { UUID: id, State: mapping.isEnabled() ? 'Enabled' : 'Disabled', StateTransitionReason: 'User action' };
};

const reply = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

const replyRefused = (response: ServerResponse, { code, message, status }: AwsRefusal): void =>
  reply(response, status, { Type: 'User', Message: message }, { 'x-amzn-errortype': code });
