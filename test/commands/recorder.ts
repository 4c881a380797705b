import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type Request = {
  /** The call of the CLI that made it. */
  readonly call: string;
  /** `X-Amz-Target` without its version, the `Action` of a form, or method and path. */
  readonly operation: string;
  readonly path: string;
  readonly body: string;
};

/** The answers that a script needs to go on: JSON, or XML. All else is refused, so that nothing is done twice. */
export type Answers = Readonly<Record<string, (request: Request) => string>>;

export type Recorder = {
  readonly url: string;
  readonly of: (call: string) => readonly Request[];
  readonly stop: () => Promise<void>;
};

const operationOf = ({ headers, method, url }: IncomingMessage, body: string): string => {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.replace(/^.*\./, '');
  return new URLSearchParams(body).get('Action') ?? `${method} ${url?.split('?')[0]}`;
};

/** An endpoint that shows what the CLI understood: a command that it cannot parse makes no request. */
export const startRecorder = async (answers: Answers): Promise<Recorder> => {
  const requests: Request[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await text(incoming);
    const call = /exec-env\/call-(\w+)/.exec(String(incoming.headers['user-agent']))?.[1] ?? 'nobody';
    const request = { call, operation: operationOf(incoming, body), path: String(incoming.url), body };
    requests.push(request);
    const answer = answers[request.operation]?.(request);
    const isXml = (answer ?? '').startsWith('<');
    outgoing.writeHead(answer === undefined ? 400 : 200, {
      'content-type': isXml ? 'text/xml' : 'application/x-amz-json-1.1',
    });
    outgoing.end(answer ?? '{"__type":"Recorded","message":"recorded"}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    of: (call) => requests.filter((request) => request.call === call),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
