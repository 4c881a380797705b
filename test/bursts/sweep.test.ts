import { expect, test } from 'vitest';
import { afterRuling, type News } from '../../lambdas/bursts/findings/case.ts';
import { findingOf } from '../../lambdas/bursts/findings/finding.ts';
import { type OpenCase, sweep } from '../../lambdas/bursts/sweep.ts';
import { aRuling } from '../fakes/rulings.ts';
import { hourMs, mondayMs } from '../fakes/scene.ts';

const opened = (nth: number) => {
  const ruling = aRuling({ level: 'range', of: `+4477${10_000 + nth}` }, mondayMs);
  return afterRuling(undefined, 0, ruling, findingOf(ruling, 'test'));
};
const openCase = (nth: number): OpenCase => ({
  file: opened(nth).file,
  refusedSince: [],
  liftedUntilMs: undefined,
});

const sweeping = ({
  open = [],
  untold = [],
  isTaken = () => true,
  isTold = true,
}: {
  readonly open?: readonly OpenCase[];
  readonly untold?: readonly News[];
  readonly isTaken?: (uid: string) => boolean;
  readonly isTold?: boolean;
}) => {
  const told: News[] = [];
  const asked: number[] = [];
  const run = sweep(
    {
      now: () => mondayMs + hourMs,
      cases: { open: async () => open, take: async ({ file }) => isTaken(file.uid) },
      outbox: {
        untold: async (beforeMs) => {
          asked.push(beforeMs);
          return untold;
        },
      },
      tell: async (news) => {
        told.push(...news);
        return isTold;
      },
    },
    { priceUsd: () => 0.05 },
  );
  return { run, told, asked };
};

test('what has stood untold for 20 seconds is told, in so many goes at most', async () => {
  const { run, told, asked } = sweeping({ untold: Array.from({ length: 100 }, (_, nth) => opened(nth).news) });
  await run();
  expect(asked).toEqual(Array.from({ length: 10 }, () => mondayMs + hourMs - 20_000));
  expect(told).toHaveLength(1000);
});

test('what is not taken now is not told a second time by the same sweep', async () => {
  const { run, asked } = sweeping({ untold: Array.from({ length: 100 }, (_, nth) => opened(nth).news), isTold: false });
  await run();
  expect(asked).toHaveLength(1);
});

test('a case that another has changed is left to the next sweep, without a word', async () => {
  const open = [openCase(1), openCase(2)];
  const { run, told } = sweeping({ open, isTaken: (uid) => uid === open[1]?.file.uid });
  await run();
  expect(told.map(({ finding }) => finding.finding_info.uid)).toEqual([open[1]?.file.uid]);
});

test('a case that cannot be written keeps no other from being closed and told, and fails the sweep', async () => {
  const open = [openCase(1), openCase(2), openCase(3)];
  const { run, told } = sweeping({
    open,
    isTaken: (uid) => {
      if (uid === open[0]?.file.uid) throw new Error('no table');
      return true;
    },
  });
  await expect(run()).rejects.toThrow('no table');
  expect(told.map(({ finding }) => finding.finding_info.uid)).toEqual(open.slice(1).map(({ file }) => file.uid));
});

test('an outbox that cannot be read keeps no case from being looked after', async () => {
  const open = [openCase(1)];
  const told: News[] = [];
  const run = sweep(
    {
      now: () => mondayMs + hourMs,
      cases: { open: async () => open, take: async () => true },
      outbox: { untold: () => Promise.reject(new Error('no outbox')) },
      tell: async (news) => {
        told.push(...news);
        return true;
      },
    },
    { priceUsd: () => 0.05 },
  );
  await expect(run()).rejects.toThrow('no outbox');
  expect(told).toHaveLength(1);
});
