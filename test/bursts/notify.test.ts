import { describe, expect, test } from 'vitest';
import { notifyStaff, type Publish, restingAfterFailure } from '../../lambdas/bursts/findings/notify.ts';
import { memoryCases } from '../../replay/memory/memory-cases.ts';
import { aRuling, stepAfter } from '../fakes/bursts/rulings.ts';
import { minuteMs, mondayMs } from '../fakes/bursts/scene.ts';

/** Cases with a pending notification each. */
const world = (count = 3) => {
  const { outbox, write } = memoryCases();
  const notifications = Array.from({ length: count }, (_, index) => {
    const step = stepAfter(aRuling({ level: 'range', of: `+4477001${index}` }, mondayMs + index));
    write(step);
    return step.notification;
  });
  const logged: string[] = [];
  const failures: unknown[] = [];
  const notifying = (publish: Publish, changed: Partial<typeof outbox> = {}) =>
    notifyStaff({
      outbox: { ...outbox, ...changed },
      log: ({ id }) => void logged.push(id),
      publish,
      failed: (cause) => void failures.push(cause),
    });
  const pending = () => outbox.pending(mondayMs + minuteMs, 100);
  return { notifications, logged, failures, notifying, pending };
};

const all: Publish = async (notifications) => new Set(notifications.map(({ id }) => id));
const down: Publish = async () => {
  throw new Error('down');
};

describe('notifications', () => {
  test('notifications that are sent leave the outbox', async () => {
    const { notifications, logged, notifying, pending } = world();
    expect(await notifying(all)(notifications)).toBe(true);
    expect(logged).toEqual(notifications.map(({ id }) => id));
    expect(await pending()).toEqual([]);
  });

  test('notifications that cannot be published stay pending, and are logged once', async () => {
    const { notifications, logged, failures, notifying, pending } = world();
    expect(await notifying(down)(notifications)).toBe(false);
    expect(failures).toEqual([new Error('down')]);
    expect((await pending()).map(({ isLogged }) => isLogged)).toEqual([true, true, true]);
    expect(await notifying(all)(await pending())).toBe(true);
    expect(logged).toHaveLength(3);
    expect(await pending()).toEqual([]);
  });

  test('notifications that are refused as events stay, and no others', async () => {
    const { notifications, notifying, pending } = world();
    const first: Publish = async ([one]) => new Set(one === undefined ? [] : [one.id]);
    expect(await notifying(first)(notifications)).toBe(false);
    expect((await pending()).map(({ id }) => id)).toEqual(notifications.slice(1).map(({ id }) => id));
  });

  test('notifications that cannot be taken out of the outbox are sent again: at least once', async () => {
    const { notifications, failures, notifying, pending } = world();
    const drop = async () => {
      throw new Error('no table');
    };
    expect(await notifying(all, { drop })(notifications)).toBe(false);
    expect(failures).toEqual([new Error('no table')]);
    expect(await pending()).toHaveLength(3);
  });
});

test('a service that took nothing is not called again for a minute', async () => {
  let nowMs = mondayMs;
  let asked = 0;
  const { notifications } = world();
  const publish = restingAfterFailure(
    async () => {
      asked += 1;
      if (asked === 1) throw new Error('down');
      return asked === 2 ? new Set<string>() : all(notifications);
    },
    () => nowMs,
  );
  await expect(publish(notifications)).rejects.toThrow('down');
  expect([(await publish(notifications)).size, asked]).toEqual([0, 1]);
  nowMs += minuteMs;
  expect([(await publish(notifications)).size, asked]).toEqual([0, 2]);
  expect([(await publish(notifications)).size, asked]).toEqual([0, 2]);
  nowMs += minuteMs;
  expect([(await publish(notifications)).size, asked]).toEqual([3, 3]);
});
