import { type CaseFile, holdersAmong, type News, nextStep, parentOf, type Seen, type Step } from './findings/case.ts';
import type { Outbox } from './findings/notify.ts';

/** An open case, as a sweep finds it. */
export type OpenCase = { readonly file: CaseFile } & Omit<Seen, 'parent'>;

export type CaseLedger = {
  /** Cases that stand open; with more of them than `most`, others each time, so that none is left out for ever. */
  readonly open: (nowMs: number, most: number) => Promise<readonly OpenCase[]>;
  /** Takes a step, unless the case has changed since it was read. */
  readonly take: (step: Step) => Promise<boolean>;
};

export type SweepPorts = {
  readonly now: () => number;
  readonly cases: CaseLedger;
  readonly outbox: Pick<Outbox, 'untold'>;
  /** @returns whether all was told, and is known to be. */
  readonly tell: (news: readonly News[]) => Promise<boolean>;
};

export type SweepSettings = {
  /** Of one SMS by country, in USD. */
  readonly priceUsd: (country: string) => number;
};

/** Whoever wrote it has had the time to tell it. */
const tellingMs = 20_000;
const maxTold = 100;
const maxTellings = 10;
const maxCases = 500;

/**
 * What has to happen without an event that would bring it about: tells what was left untold, rolls up cases into greater
 * ones, tells of those that grew, and closes those that are over. Once a minute; two at a time do no harm.
 */
export const sweep =
  ({ now, cases, outbox, tell }: SweepPorts, { priceUsd }: SweepSettings) =>
  async (): Promise<void> => {
    const results = await Promise.allSettled([tellWhatIsLeft(), lookAfterCases()]);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;

    async function tellWhatIsLeft(): Promise<void> {
      const beforeMs = now() - tellingMs;
      for (let nth = 0; nth < maxTellings; nth += 1) {
        const news = await outbox.untold(beforeMs, maxTold);
        // What is not taken now is not taken by asking again.
        if (!(await tell(news)) || news.length < maxTold) return;
      }
    }

    async function lookAfterCases(): Promise<void> {
      const nowMs = now();
      const open = await cases.open(nowMs, maxCases);
      const holders = holdersAmong(
        open.map(({ file }) => file),
        nowMs,
      );
      const look = async ({ file, ...seen }: OpenCase): Promise<readonly News[]> => {
        const parent = parentOf(file.key, file.country, holders);
        const step = nextStep(file, { ...seen, parent }, priceUsd(file.country), nowMs);
        if (step === undefined || !(await cases.take(step))) return [];
        return step.news === undefined ? [] : [step.news];
      };
      const looked = await Promise.allSettled(open.map(look));
      await tell(looked.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])));
      const lost = looked.find((result) => result.status === 'rejected');
      if (lost !== undefined) throw lost.reason;
    }
  };

const hourMs = 3_600_000;

/** What is called every minute and acts once an hour. What failed is tried again a minute later. */
export const hourly = (act: () => Promise<unknown>, now: () => number): (() => Promise<void>) => {
  let actedAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = now();
    if (nowMs < actedAtMs + hourMs) return;
    await act();
    actedAtMs = nowMs;
  };
};
