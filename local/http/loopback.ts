import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';

export type Loopback = {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  /** Ends the server and every connection to it, busy ones included. May be called twice. */
  readonly stop: () => Promise<void>;
};

/**
 * Opens an HTTP server on 127.0.0.1 only: local mode is for this machine.
 *
 * The port is bound before the server answers, so that the stack can hand out the URL first.
 */
export const listenOnLoopback = async (port = 0, options: ServerOptions = {}): Promise<Loopback> => {
  const server = createServer(options);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainListenError(error, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return stopping;
  };
  return { server, port: address.port, url: `http://127.0.0.1:${address.port}`, stop };
};

const explainListenError = (error: Error, port: number): Error => {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new Error(
      `Port ${port} is already in use. Stop what listens there, or choose another port: npm start -- --port ${port + 1} (0 picks a free one).`,
      { cause: error },
    );
  if (code === 'EACCES')
    return new Error(`Port ${port} may not be opened by this user. Choose one above 1023: npm start -- --port 4000.`, {
      cause: error,
    });
  return error;
};

/**
 * Reads a whole body, or returns `undefined` as soon as it is longer than `maxBytes`. The connection then still takes an
 * answer. (Leaving a `for await` would close it.)
 */
export const readBody = (request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= maxBytes) return;
      request.off('data', take);
      resolve(undefined);
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('The request ended before its body did.')));
  });
