import type { Outbox } from '../../lambdas/bursts/findings/notify.ts';
import type { Notification } from '../../lambdas/bursts/findings/render.ts';

/** Pending notifications, in memory. */
export const memoryOutbox = (): Outbox & { readonly add: (notification: Notification) => void } => {
  const pending = new Map<string, Notification>();
  return {
    add: (notification) => void pending.set(notification.id, notification),
    pending: async (beforeMs, max) =>
      [...pending.values()]
        .filter(({ id }) => id < String(Math.floor(beforeMs)).padStart(15, '0'))
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, max),
    drop: async (ids) => {
      for (const id of ids) pending.delete(id);
    },
    noteLogged: async (ids) => {
      for (const id of ids) {
        const notification = pending.get(id);
        if (notification !== undefined) pending.set(id, { ...notification, isLogged: true });
      }
    },
  };
};
