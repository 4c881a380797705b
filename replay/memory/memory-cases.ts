import type { Case, StaffNotes } from '../../lambdas/bursts/findings/case.ts';
import type { Finding } from '../../lambdas/bursts/findings/finding.ts';
import type { Outbox } from '../../lambdas/bursts/findings/notify.ts';
import type { CaseStep } from '../../lambdas/bursts/findings/render.ts';
import type { CaseStore, OpenCase } from '../../lambdas/bursts/sweep.ts';
import { memoryOutbox } from './memory-outbox.ts';

export type MemoryCases = {
  readonly caseOf: (uid: string) => Case | undefined;
  /** Which condition of a step does not hold. */
  readonly refusalOf: (step: CaseStep) => 'parent-closed' | 'changed' | undefined;
  readonly write: (step: CaseStep) => void;
  /** Moves the end of a block. A writer that read the case before loses the race. */
  readonly renew: (uid: string, untilMs: number) => void;
  /** What staff write on a finding. */
  readonly note: (uid: string, notes: Partial<StaffNotes>) => void;
  readonly store: (factsOf: (before: Case, nowMs: number) => Omit<OpenCase, 'before' | 'finding'>) => CaseStore;
  readonly outbox: Outbox;
};

/** Cases and their pending notifications, in memory. Each call is atomic, as a transaction is. */
export const memoryCases = (): MemoryCases => {
  const cases = new Map<string, { readonly before: Case; readonly finding: Finding }>();
  const outbox = memoryOutbox();

  const caseOf = (uid: string) => cases.get(uid)?.before;

  const refusalOf: MemoryCases['refusalOf'] = ({ after, joins }) => {
    if (joins !== undefined && caseOf(joins)?.isOpen !== true) return 'parent-closed';
    return (caseOf(after.uid)?.version ?? 0) === after.version - 1 ? undefined : 'changed';
  };

  const change = (uid: string, of: (before: Case) => Case): void => {
    const known = cases.get(uid);
    if (known !== undefined) cases.set(uid, { ...known, before: of(known.before) });
  };

  const write = ({ after, finding, notification, joins }: CaseStep): void => {
    const known = caseOf(after.uid);
    // The writer of a step adds no children and no notes of staff.
    const before = { ...after, children: known?.children ?? 0, staff: known?.staff ?? after.staff };
    cases.set(after.uid, { before, finding });
    if (joins !== undefined) change(joins, (parent) => ({ ...parent, children: parent.children + 1 }));
    if (notification !== undefined) outbox.add(notification);
  };

  return {
    caseOf,
    refusalOf,
    write,
    renew: (uid, untilMs) => change(uid, (before) => ({ ...before, untilMs, version: before.version + 1 })),
    note: (uid, notes) => change(uid, (before) => ({ ...before, staff: { ...before.staff, ...notes } })),
    store: (factsOf) => ({
      open: async (nowMs, max) =>
        [...cases.values()]
          .filter(({ before }) => before.isOpen)
          .slice(0, max)
          .map((each) => ({ ...each, ...factsOf(each.before, nowMs) })),
      commit: async (step) => {
        if (refusalOf(step) !== undefined) return false;
        write(step);
        return true;
      },
    }),
    outbox,
  };
};
