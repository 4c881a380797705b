import { randomUUID } from 'node:crypto';
import {
  type ScheduleDetail,
  type ScheduledFunctionName,
  scheduledFunctions,
  scheduleEvents,
} from '../../lambdas/contract.ts';
import type { Functions } from '../functions/functions.ts';
import { localMapping } from './lambda.ts';

export type Schedule = {
  /** Calls all functions that have a schedule, now, and waits for them. */
  readonly strike: () => Promise<void>;
  /** The same, if the machine's clock calls them, and without waiting: nobody who has just started waits a minute for a sweep. */
  readonly strikeFirst: () => void;
  readonly stop: () => Promise<void>;
};

type ScheduleSetup = {
  readonly invoke: Functions['invoke'];
  readonly now: () => number;
  /** Whether the machine's clock calls them, as the contract says. If not, only `strike` does. */
  readonly isRunning: boolean;
  readonly onTrouble: (line: string) => void;
};

/** Stands in for the schedules of EventBridge. Its events have the time of the clock that the functions see. */
export const startSchedule = ({ invoke, now, isRunning, onTrouble }: ScheduleSetup): Schedule => {
  const names = Object.keys(scheduledFunctions) as readonly ScheduledFunctionName[];
  const call = async (name: ScheduledFunctionName): Promise<void> => {
    const invocation = await invoke(name, scheduledEvent(name, now()), randomUUID());
    if (invocation.kind === 'answered') return;
    throw new Error(invocation.kind === 'failed' ? invocation.reason : `${name} ran out of time.`);
  };
  let isStopped = false;
  const callBySchedule = (name: ScheduledFunctionName): Promise<void> =>
    call(name).catch((error: unknown) => {
      if (!isStopped) onTrouble(`${name} failed by its schedule: ${String(error)}`);
    });
  const running = isRunning ? names : [];
  const timers = running.map((name) =>
    setInterval(() => callBySchedule(name), scheduledFunctions[name].everyMinutes * 60_000).unref(),
  );
  return {
    strike: async () => {
      await Promise.all(names.map(call));
    },
    strikeFirst: () => {
      for (const name of running) void callBySchedule(name);
    },
    stop: async () => {
      isStopped = true;
      for (const timer of timers) clearInterval(timer);
    },
  };
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
const scheduledEvent = (name: ScheduledFunctionName, nowMs: number) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': scheduleEvents.detailType,
  source: scheduleEvents.source,
  account: '000000000000',
  time: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
  region: 'us-east-1',
  resources: [`arn:aws:events:us-east-1:000000000000:rule/${name}`],
  detail: { mapping: localMapping } satisfies ScheduleDetail,
});
