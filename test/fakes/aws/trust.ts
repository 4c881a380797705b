import { Agent } from 'node:https';
import type { TLSSocket } from 'node:tls';

type Create = (options: object, callback: unknown) => TLSSocket;

/**
 * Makes all connections of this process believe a certificate. The rest of their checks stays.
 *
 * @returns what ends it.
 */
export const trust = (cert: string): (() => void) => {
  const { prototype } = Agent as unknown as { readonly prototype: { createConnection: Create } };
  const create = prototype.createConnection;
  prototype.createConnection = function (this: Agent, options, callback) {
    return create.call(this, { ...options, ca: [cert] }, callback);
  };
  return () => {
    prototype.createConnection = create;
  };
};
