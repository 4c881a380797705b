import { connect as connectPlain, isIP, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';

/** How long a recent connection may have been idle. A sandbox sleeps much longer before its connections die. */
const recentMs = 3000;
/** The same of calls that are repeated. A first try that fails costs more than a handshake: it loads the SDK (ADR 123). */
const keptMs = 20_000;
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
 * `kept`: a connection serves the next call, unless it was idle for more than twenty seconds.
 *
 * `recent`: for calls that must not be repeated. A connection may die while the sandbox sleeps. The next call then fails with a
 * reset, and may have been made or not. So a connection is used again only within three seconds (ADR 99), and one to a local
 * endpoint never.
 */
export type Keeping = 'kept' | 'recent';

export type Target = { readonly isTls: boolean; readonly host: string; readonly port: number };

/** The events of a connection, for the call that it serves. */
export type Listener = {
  readonly connected: () => void;
  /** The part is overwritten after the call. */
  readonly heard: (part: Buffer) => void;
  /** The other side said that nothing follows. */
  readonly ended: () => void;
  readonly failed: (error: Error) => void;
};

export type Connection = {
  readonly socket: Socket;
  readonly isConnected: () => boolean;
  /** Ends the call. The connection serves the next one if that comes in time. With 0 it is destroyed. */
  readonly release: (maxIdleMs: number) => void;
};

export type Connections = {
  /** Opens a connection before the first call. A failure is left to that call. */
  readonly open: (target: Target) => void;
  /** Hands over a connection at once, or once fewer than the bound are in use. @returns how to leave the queue. */
  readonly take: (target: Target, listener: Listener, got: (connection: Connection) => void) => () => void;
  readonly destroy: () => void;
};

type Line = {
  readonly socket: Socket;
  connected: boolean;
  listener: Listener | undefined;
  idle: { readonly since: Times; readonly maxMs: number } | undefined;
};

/** One client has one endpoint, so that few targets have connections. */
type Host = { readonly idle: Line[]; readonly all: Set<Line>; readonly queue: (() => void)[]; session?: Buffer };

/**
 * The connections of one client. The one that was used last serves the next call.
 *
 * The time is checked when a call needs a connection. A timer would be late: after a sleep, Node may run the call first.
 */
export const createConnections = (keeping: Keeping, bound = maxSockets): Connections => {
  const hosts = new Map<string, Host>();
  let context: SecureContext | undefined;
  const hostOf = ({ isTls, host, port }: Target): Host => {
    const name = `${isTls} ${host} ${port}`;
    const known = hosts.get(name) ?? { idle: [], all: new Set<Line>(), queue: [] };
    hosts.set(name, known);
    return known;
  };
  const open = (target: Target, host: Host): Line => {
    context ??= target.isTls ? createSecureContext() : undefined;
    return openLine(target, host, context);
  };
  const maxMsOf = ({ isTls }: Target): number => (keeping === 'kept' ? keptMs : isTls ? recentMs : 0);
  return {
    open: (target) => {
      const host = hostOf(target);
      const maxMs = maxMsOf(target);
      if (maxMs === 0 || host.all.size > 0) return;
      const line = open(target, host);
      line.socket.unref();
      // A call that comes before this has a connection of its own, with its own time-outs.
      line.socket.once(target.isTls ? 'secureConnect' : 'connect', () => rest(line, host, maxMs));
    },
    take: (target, listener, got) => {
      const host = hostOf(target);
      const maxMs = maxMsOf(target);
      const start = (): void => got(connectionOf(idleIn(host) ?? open(target, host), host, listener, maxMs));
      if (host.idle.length > 0 || host.all.size < bound) {
        start();
        return () => {};
      }
      host.queue.push(start);
      return () => void remove(host.queue, start);
    },
    destroy: () => {
      for (const { all } of hosts.values()) for (const { socket } of all) socket.destroy();
    },
  };
};

/** The connection that was used last, of those that may serve. The others go. */
const idleIn = (host: Host): Line | undefined => {
  for (const line of [...host.idle]) {
    const { socket, idle } = line;
    if (!socket.destroyed && idle !== undefined && idleMs(idle.since) <= idle.maxMs) continue;
    remove(host.idle, line);
    socket.destroy();
  }
  return host.idle.pop();
};

const remove = <T>(list: T[], each: T): void => {
  const at = list.indexOf(each);
  if (at !== -1) list.splice(at, 1);
};

const connectionOf = (line: Line, host: Host, listener: Listener, longestMs: number): Connection => {
  const { socket } = line;
  line.listener = listener;
  line.idle = undefined;
  socket.ref();
  return {
    socket,
    isConnected: () => line.connected,
    release: (maxIdleMs) => {
      line.listener = undefined;
      const maxMs = Math.min(maxIdleMs, longestMs);
      // The rest that is to be written belongs to the call that has ended.
      if (maxMs === 0 || socket.destroyed || socket.writableLength > 0) return void socket.destroy();
      rest(line, host, maxMs);
    },
  };
};

/** Keeps a connection for the next call, or hands it to one that waits. */
const rest = (line: Line, host: Host, maxMs: number): void => {
  line.idle = { since: now(), maxMs };
  // An idle connection keeps no process alive.
  line.socket.unref();
  host.idle.push(line);
  host.queue.shift()?.();
};

/** The bytes of all connections pass here. Whoever hears them keeps a copy. */
const room = Buffer.allocUnsafeSlow(64 * 1024);

const openLine = (target: Target, host: Host, secureContext: SecureContext | undefined): Line => {
  const line: Line = {
    socket: socketTo(target, host, secureContext, (part) => {
      // Nobody asked for it.
      if (line.listener === undefined) line.socket.destroy();
      else line.listener.heard(part);
    }),
    connected: false,
    listener: undefined,
    idle: undefined,
  };
  const { socket } = line;
  host.all.add(line);
  // The time-out of connecting ends here, before the handshake of TLS, as with the SDK's handler.
  socket.once('connect', () => {
    line.connected = true;
    line.listener?.connected();
  });
  socket.on('end', () => {
    if (line.listener === undefined) socket.destroy();
    // Node destroys a connection that ends in the handshake of TLS. Its error follows, and says that nothing was sent.
    else if (!socket.destroyed) line.listener.ended();
  });
  socket.on('error', (error: Error) => {
    // A server that breaks over a session would break each handshake. As with Node's agent, the next one is without it.
    delete host.session;
    line.listener?.failed(error);
  });
  socket.once('close', () => {
    host.all.delete(line);
    remove(host.idle, line);
    line.listener?.failed(hungUp());
    host.queue.shift()?.();
  });
  return line;
};

const socketTo = (
  { isTls, host, port }: Target,
  known: Host,
  secureContext: SecureContext | undefined,
  heard: (part: Buffer) => void,
): Socket => {
  const callback = (bytes: number): boolean => {
    heard(room.subarray(0, bytes));
    return true;
  };
  const common = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 };
  if (!isTls) return connectPlain({ ...common, onread: { buffer: room, callback } });
  const options: ConnectionOptions & Pick<NetConnectOpts, 'onread'> = {
    ...common,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ['http/1.1'],
    ...(secureContext === undefined ? {} : { secureContext }),
    ...(known.session === undefined ? {} : { session: known.session }),
    onread: { buffer: room, callback },
  };
  const socket = connectTls(options);
  // The next handshake is shorter. A session that the server forgot costs nothing.
  socket.on('session', (session: Buffer) => {
    known.session = session;
  });
  return socket;
};

const hungUp = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
