import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Answered,
  createInvocations,
  type InvocationOptions,
  type Invocations,
  isInvocation,
} from '../functions/invocations.ts';
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

export type LambdaApi = Omit<Invocations, 'answer'> & { readonly url: string; readonly stop: () => Promise<void> };

/**
 * Stands in for the API of Lambda, as far as the service uses it: `GetEventSourceMapping`, and `Invoke` in
 * `local/functions/invocations.ts`. The functions run in `functions.ts`.
 */
export const startLambdaApi = async (mapping: MappingSwitch, options: InvocationOptions = {}): Promise<LambdaApi> => {
  const { server, url, stop } = await listenOnLoopback();
  const { answer: answerInvocation, ...invocations } = createInvocations(options);
  const answerAll = async (request: IncomingMessage): Promise<Answered> =>
    isInvocation(request)
      ? await answerInvocation(request, url)
      : { status: 200, body: JSON.stringify(answer(mapping, request, url)) };
  server.on('request', (request, response) => {
    answerAll(request).then(
      (answered) => reply(response, answered),
      (thrown: unknown) => replyRefused(response, refusalOf(thrown)),
    );
  });
  return {
    ...invocations,
    url,
    stop: async () => {
      invocations.clear();
      await stop();
    },
  };
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

const reply = (response: ServerResponse, { status, body, headers = {} }: Answered): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
};

const replyRefused = (response: ServerResponse, refusal: AwsRefusal | undefined): void => {
  const { code, message, status } = refusal ?? { code: 'ServiceException', message: 'An error occurred.', status: 500 };
  const body = JSON.stringify({ Type: 'User', Message: message });
  reply(response, { status, body, headers: { 'x-amzn-errortype': code } });
};
