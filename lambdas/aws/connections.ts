import { Agent, type RequestOptions } from 'node:https';

/** How long a connection may have been idle. A sandbox sleeps much longer before its connections die. */
const maxIdleMs = 3000;

/** The SDK's own bound. */
const maxSockets = 50;

type Times = { readonly wallMs: number; readonly runMs: number };

const now = (): Times => ({ wallMs: Date.now(), runMs: performance.now() });

/** The longer of both: one clock may stand still while a sandbox sleeps, and the other may be set back. */
const idleMs = (since: Times): number => {
  const { wallMs, runMs } = now();
  return Math.max(wallMs - since.wallMs, runMs - since.runMs);
};

/**
 * Connections for calls that must not be repeated. A connection is used again only within three seconds, else the call
 * gets a fresh one (ADR 99).
 *
 * The time is checked when a call needs a connection. A timer would be late: after a sleep, Node may run the call first.
 */
export class RecentConnections extends Agent {
  readonly #idleSince = new WeakMap<object, Times>();

  constructor() {
    super({ keepAlive: true, maxSockets });
  }

  /** @returns what Node reads although its types have nothing: whether it may keep the connection. */
  override keepSocketAlive(...[socket]: Parameters<Agent['keepSocketAlive']>): boolean {
    this.#idleSince.set(socket, now());
    const isKept: unknown = super.keepSocketAlive(socket);
    return isKept === true;
  }

  /** Node asks for the name before it looks for an idle connection, and takes none that is destroyed. */
  override getName(options?: RequestOptions): string {
    const name = super.getName(options);
    for (const socket of this.freeSockets[name] ?? []) {
      const since = this.#idleSince.get(socket);
      if (since === undefined || idleMs(since) > maxIdleMs) socket.destroy();
    }
    return name;
  }
}
