import { connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { Certificate } from './certificate.ts';

export type TlsFront = { readonly url: string; readonly stop: () => Promise<void> };

/** Ends TLS before a server that speaks plain HTTP. A connection that one side breaks, breaks on the other. */
export const tlsFront = async (target: string, { key, cert }: Certificate): Promise<TlsFront> => {
  const { port, hostname } = new URL(target);
  const open = new Set<Socket>();
  const server = createServer({ key, cert }, (outer) => {
    const inner = connect(Number(port), hostname);
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const stop = () => {
    for (const socket of open) socket.destroy();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  return { url: `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, stop };
};
