import type { Case } from './findings/case.ts';
import type { Deployment } from './findings/commands.ts';
import type { Finding } from './findings/finding.ts';
import { type CaseFacts, nextTransition } from './findings/next-transition.ts';
import type { Outbox } from './findings/notify.ts';
import { holdersAmong, parentOf } from './findings/parents.ts';
import { type CaseStep, type Notification, stepOf } from './findings/render.ts';

/** An open case, as a sweep reads it: its latest finding, and what happened since. */
export type OpenCase = { readonly before: Case; readonly finding: Finding } & Omit<CaseFacts, 'parent'>;

export type CaseStore = {
  /** Open cases. If there are more than `max`, each call returns others, so that none is forgotten. */
  readonly open: (nowMs: number, max: number) => Promise<readonly OpenCase[]>;
  /** Commits all of a step, or nothing if the case has changed. @returns whether it did. */
  readonly commit: (step: CaseStep) => Promise<boolean>;
};

export type SweepPorts = {
  readonly now: () => number;
  readonly cases: CaseStore;
  readonly outbox: Pick<Outbox, 'pending'>;
  /** @returns whether all notifications were sent, and are known to be. */
  readonly notify: (notifications: readonly Notification[]) => Promise<boolean>;
};

export type SweepSettings = {
  /** Of one SMS by country, in USD. */
  readonly priceUsd: (country: string) => number;
  readonly deployment: Deployment;
};

/** Younger notifications are left to the function that wrote them. */
const sendingMs = 20_000;
const maxAtOnce = 100;
const maxRounds = 10;
const maxCases = 500;

/**
 * What has to happen without an event: sends pending notifications, makes cases part of wider ones, notifies staff of
 * cases that grew, and closes those that are over. Once a minute; two sweeps at a time do no harm.
 */
export const sweep =
  ({ now, cases, outbox, notify }: SweepPorts, { priceUsd, deployment }: SweepSettings) =>
  async (): Promise<void> => {
    const results = await Promise.allSettled([sendPending(), followCases()]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;

    async function sendPending(): Promise<void> {
      const beforeMs = now() - sendingMs;
      for (let round = 0; round < maxRounds; round += 1) {
        const notifications = await outbox.pending(beforeMs, maxAtOnce);
        // What is not sent now is not sent by trying at once.
        if (!(await notify(notifications)) || notifications.length < maxAtOnce) return;
      }
    }

    async function followCases(): Promise<void> {
      const nowMs = now();
      const open = await cases.open(nowMs, maxCases);
      const holders = holdersAmong(
        open.map(({ before }) => before),
        nowMs,
      );
      const follow = async ({ before, finding, ...facts }: OpenCase): Promise<readonly Notification[]> => {
        const parent = parentOf(before.key, before.country, holders);
        const transition = nextTransition(before, { ...facts, parent }, priceUsd(before.country), nowMs);
        if (transition === undefined) return [];
        const step = stepOf(transition, finding, deployment);
        if (!(await cases.commit(step))) return [];
        return step.notification === undefined ? [] : [step.notification];
      };
      const followed = await Promise.allSettled(open.map(follow));
      await notify(followed.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])));
      const lost = followed.find((result) => result.status === 'rejected');
      if (lost !== undefined) throw lost.reason;
    }
  };
