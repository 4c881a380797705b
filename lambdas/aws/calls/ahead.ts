/** A container gets ready before its first request: it opens connections, and makes calls without the network. */

/** A call without the network: the answer comes from memory. */
type Rehearsal = (command: object, answer: string) => Promise<void>;
type Prepared = { readonly open: () => Promise<void>; readonly rehearse: Rehearsal };

const prepared = new WeakMap<object, Prepared>();

/** Notes how the client gets ready. */
export const noteReadiness = (client: object, ways: Prepared): void => void prepared.set(client, ways);

/**
 * Opens a connection of each client while the container starts, so that the first call of a person need not (ADR 122). Never
 * rejects: a failure is left to the first call.
 */
export const connectAhead = async (...clients: readonly object[]): Promise<void> => {
  await Promise.allSettled(clients.map((client) => prepared.get(client)?.open()));
};

/** Runs a call through the client, except for the network. */
export const play = async (client: object, command: object, answer: string): Promise<void> => {
  await prepared.get(client)?.rehearse(command, answer);
  // A call that the container has made already goes on meanwhile.
  await new Promise((resolve) => setImmediate(resolve));
};
