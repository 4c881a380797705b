import type { CaseFile, News, StaffWords, Step } from '../../lambdas/bursts/findings/case.ts';
import type { Outbox } from '../../lambdas/bursts/findings/notify.ts';
import type { CaseLedger, OpenCase } from '../../lambdas/bursts/sweep.ts';

export type MemoryCases = {
  readonly caseOf: (uid: string) => CaseFile | undefined;
  /** Whether a case stands open, so that others can become part of it. */
  readonly isOpen: (uid: string) => boolean;
  /** Whether the step was taken: it is not, if the case has changed since it was read. */
  readonly take: (step: Step) => boolean;
  /** The block moves on; whoever read the case before notices. */
  readonly prolong: (uid: string, untilMs: number) => void;
  /** What staff write on a finding. */
  readonly note: (uid: string, words: Partial<StaffWords>) => void;
  readonly ledger: (seenOf: (file: CaseFile, nowMs: number) => Omit<OpenCase, 'file'>) => CaseLedger;
  readonly outbox: Outbox;
};

/** Cases and their untold news, in memory. Each call is atomic, as a transaction is. */
export const memoryCases = (): MemoryCases => {
  const files = new Map<string, CaseFile>();
  const untold = new Map<string, News>();

  const isOpen = (uid: string) => files.get(uid)?.isOpen === true;

  const take = ({ file, news, joins }: Step): boolean => {
    const before = files.get(file.uid);
    if ((before?.version ?? 0) !== file.version - 1) return false;
    if (joins !== undefined && !isOpen(joins)) return false;
    // What others add and staff write is not the writer's.
    files.set(file.uid, {
      ...file,
      children: before?.children ?? 0,
      staff: before?.staff ?? file.staff,
    });
    const parent = joins === undefined ? undefined : files.get(joins);
    if (parent !== undefined) files.set(parent.uid, { ...parent, children: parent.children + 1 });
    if (news !== undefined) untold.set(news.id, news);
    return true;
  };

  const change = (uid: string, of: (file: CaseFile) => CaseFile): void => {
    const file = files.get(uid);
    if (file !== undefined) files.set(uid, of(file));
  };

  return {
    caseOf: (uid) => files.get(uid),
    isOpen,
    take,
    prolong: (uid, untilMs) => change(uid, (file) => ({ ...file, untilMs, version: file.version + 1 })),
    note: (uid, words) => change(uid, (file) => ({ ...file, staff: { ...file.staff, ...words } })),
    ledger: (seenOf) => ({
      open: async (nowMs, most) =>
        [...files.values()]
          .filter((file) => file.isOpen)
          .slice(0, most)
          .map((file) => ({ file, ...seenOf(file, nowMs) })),
      take: async (step) => take(step),
    }),
    outbox: {
      untold: async (beforeMs, most) =>
        [...untold.values()]
          .filter(({ id }) => id < String(Math.floor(beforeMs)).padStart(15, '0'))
          .toSorted((one, other) => (one.id < other.id ? -1 : 1))
          .slice(0, most),
      drop: async (ids) => {
        for (const id of ids) untold.delete(id);
      },
      noteSaid: async (ids) => {
        for (const id of ids) {
          const news = untold.get(id);
          if (news !== undefined) untold.set(id, { ...news, isSaid: true });
        }
      },
    },
  };
};
