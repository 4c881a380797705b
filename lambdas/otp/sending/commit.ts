import type { CommitOutcome, Reserved } from '../ports.ts';
import type { RiskAnswer } from '../risk/ports.ts';

export type Committed = {
  readonly kind: 'committed';
  readonly release: Reserved['release'];
  /** Of the look-up beside the commit, if one was made. */
  readonly answer?: RiskAnswer | undefined;
};
export type NotCommitted = Exclude<CommitOutcome, { readonly kind: 'committed' }>;
export type NotReserved = Extract<Reserved['outcome'], { readonly kind: 'exceeded' }>;

type CommitPorts = {
  readonly commit: () => Promise<CommitOutcome>;
  readonly reserve: () => Promise<Reserved>;
  /** Never throws. */
  readonly rollBack: () => Promise<void>;
  /** Looks up the SIM of the number. Never throws. */
  readonly lookUp?: (() => Promise<RiskAnswer>) | undefined;
};

/**
 * Commits a send and reserves its share of the counters, in parallel. If one of them does not hold, it rolls back the
 * other, so that nothing is sent and nothing counts. A look-up beside them is paid for in any case, and its price stays reserved.
 *
 * @throws Unavailable when one of them did not answer, after rolling back.
 */
export const commitAndReserve = async ({
  commit,
  reserve,
  rollBack,
  lookUp,
}: CommitPorts): Promise<Committed | NotCommitted | NotReserved> => {
  const [committed, { outcome: reserved, release }, answer] = await Promise.all([
    commit().catch((cause: unknown) => ({ kind: 'unknown' as const, cause })),
    reserve(),
    lookUp?.(),
  ]);
  if (committed.kind === 'committed' && reserved.kind === 'held') return { kind: 'committed', release, answer };
  // A commit without an answer may have been made.
  if (committed.kind === 'committed' || committed.kind === 'unknown') await rollBack();
  await release();
  if (committed.kind === 'unknown') throw committed.cause;
  if (committed.kind !== 'committed') return committed;
  if (reserved.kind === 'exceeded') return reserved;
  throw reserved.kind === 'unavailable' ? reserved.cause : new Error('A held reservation was refused. This is a bug.');
};

/**
 * Takes the probes of a send before anything else. Of all who ask for one probe at once, one gets it. The others write
 * nothing, and take nothing from the counters meanwhile. A crash before the commit costs a probe (ADR 59).
 */
export const commitAsProbe = async (
  takeProbes: () => Promise<Reserved>,
  commitSend: () => Promise<Committed | NotCommitted | NotReserved>,
): Promise<Committed | NotCommitted | NotReserved> => {
  const { outcome, release } = await takeProbes();
  if (outcome.kind !== 'held') await release();
  if (outcome.kind === 'unavailable') throw outcome.cause;
  if (outcome.kind === 'exceeded') return outcome;
  const committed = await commitSend().catch(async (cause: unknown) => {
    await release();
    throw cause;
  });
  if (committed.kind === 'committed') {
    const releaseAll: Reserved['release'] = async (kept) =>
      void (await Promise.all([committed.release(kept), release()]));
    return { ...committed, release: releaseAll };
  }
  await release();
  return committed;
};
