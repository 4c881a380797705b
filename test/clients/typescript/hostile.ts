/** A server that misbehaves on demand: each request gets the next act of its script. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Seen = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};
export type Act = (response: ServerResponse, seen: Seen) => void;

const problemType = { 'content-type': 'application/problem+json' };

export const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Act =>
  (response) => {
    response.writeHead(status, {
      ...(status < 400 ? { 'content-type': 'application/json' } : problemType),
      ...headers,
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

export const problem = (status: number, code: string, more: object = {}, headers = {}): Act =>
  answer(status, { type: `https://otp/problems/${code}`, title: 'T', status, detail: 'D', code, ...more }, headers);

/** Closes the connection before an answer. */
export const cut: Act = (response) => response.socket?.destroy();

/** Announces a long body, sends its beginning, and closes the connection. */
export const cutInTheMiddle: Act = (response) => {
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"id":"a', () => response.socket?.destroy());
};

/** Never answers. */
export const silence: Act = () => {};

/** Sends the headers, and never a body. */
export const half: Act = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
};

export const verification = {
  id: `a${'B'.repeat(27)}`,
  status: 'pending',
  phoneNumber: '+91••••••3210',
  purpose: 'login',
  codeLength: 6,
  attemptsRemaining: 5,
  expiresAt: '2026-11-21T23:28:31.000Z',
  resendAvailableAt: '2026-11-21T23:24:01.971Z',
  delivery: 'accepted',
};

const read = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
};

/** Starts the server. Once the script is over, it repeats its last act. */
export const startHostile = async () => {
  let script: readonly Act[] = [];
  let seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const entry = { method, url, headers, body: await read(request).catch(() => '') };
    const act = script[Math.min(seen.length, script.length - 1)] ?? silence;
    seen.push(entry);
    act(response, entry);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    play: (...acts: readonly Act[]) => {
      script = acts;
      seen = [];
    },
    seen: (): readonly Seen[] => seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
