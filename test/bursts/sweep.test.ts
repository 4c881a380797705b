import { expect, test } from 'vitest';
import type { Notification } from '../../lambdas/bursts/findings/render.ts';
import { type OpenCase, sweep } from '../../lambdas/bursts/sweep.ts';
import { sampleDeployment } from '../fakes/bursts/deployment.ts';
import { aRuling, stepAfter } from '../fakes/bursts/rulings.ts';
import { hourMs, mondayMs } from '../fakes/bursts/scene.ts';

const opened = (nth: number) => stepAfter(aRuling({ level: 'range', of: `+4477${10_000 + nth}` }, mondayMs));
const openCase = (nth: number): OpenCase => ({
  before: opened(nth).after,
  finding: opened(nth).finding,
  refusedSince: [],
  liftedUntilMs: undefined,
});

const sweeping = ({
  open = [],
  pending = [],
  isCommitted = () => true,
  isSent = true,
}: {
  readonly open?: readonly OpenCase[];
  readonly pending?: readonly Notification[];
  readonly isCommitted?: (uid: string) => boolean;
  readonly isSent?: boolean;
}) => {
  const notified: Notification[] = [];
  const asked: number[] = [];
  const run = sweep(
    {
      now: () => mondayMs + hourMs,
      cases: { open: async () => open, commit: async ({ after }) => isCommitted(after.uid) },
      outbox: {
        pending: async (beforeMs) => {
          asked.push(beforeMs);
          return pending;
        },
      },
      notify: async (notifications) => {
        notified.push(...notifications);
        return isSent;
      },
    },
    { priceUsd: () => 0.05, deployment: sampleDeployment },
  );
  return { run, notified, asked };
};

test('a notification that has been pending for 20 seconds is sent, in ten rounds at most', async () => {
  const { run, notified, asked } = sweeping({
    pending: Array.from({ length: 100 }, (_, nth) => opened(nth).notification),
  });
  await run();
  expect(asked).toEqual(Array.from({ length: 10 }, () => mondayMs + hourMs - 20_000));
  expect(notified).toHaveLength(1000);
});

test('a notification that cannot be sent now is not sent again by the same sweep', async () => {
  const { run, asked } = sweeping({
    pending: Array.from({ length: 100 }, (_, nth) => opened(nth).notification),
    isSent: false,
  });
  await run();
  expect(asked).toHaveLength(1);
});

test('a case that another writer has changed is left to the next sweep, without a notification', async () => {
  const open = [openCase(1), openCase(2)];
  const { run, notified } = sweeping({ open, isCommitted: (uid) => uid === open[1]?.before.uid });
  await run();
  expect(notified.map(({ finding }) => finding.finding_info.uid)).toEqual([open[1]?.before.uid]);
});

test('a case that cannot be written keeps no other from being closed and notified, and fails the sweep', async () => {
  const open = [openCase(1), openCase(2), openCase(3)];
  const { run, notified } = sweeping({
    open,
    isCommitted: (uid) => {
      if (uid === open[0]?.before.uid) throw new Error('no table');
      return true;
    },
  });
  await expect(run()).rejects.toThrow('no table');
  expect(notified.map(({ finding }) => finding.finding_info.uid)).toEqual(
    open.slice(1).map(({ before }) => before.uid),
  );
});

test('an outbox that cannot be read keeps no case from being followed', async () => {
  const open = [openCase(1)];
  const notified: Notification[] = [];
  const run = sweep(
    {
      now: () => mondayMs + hourMs,
      cases: { open: async () => open, commit: async () => true },
      outbox: { pending: () => Promise.reject(new Error('no outbox')) },
      notify: async (notifications) => {
        notified.push(...notifications);
        return true;
      },
    },
    { priceUsd: () => 0.05, deployment: sampleDeployment },
  );
  await expect(run()).rejects.toThrow('no outbox');
  expect(notified).toHaveLength(1);
});
