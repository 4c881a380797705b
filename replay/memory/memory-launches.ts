import {
  type AnnouncedLaunch,
  idOfLaunch,
  isLaunch,
  type Launch,
  type LaunchProgress,
} from '../../lambdas/bursts/evidence/launches.ts';
import type { RulingDecision } from '../../lambdas/bursts/findings/decision.ts';

/** Launches that staff announced, in memory. Each call is atomic, as a conditional write is. */
export const memoryLaunches = () => {
  const launches = new Map<string, AnnouncedLaunch>();
  const isAsRead = (before: AnnouncedLaunch): boolean => {
    const now = launches.get(idOfLaunch(before));
    return (
      now?.fromMs === before.fromMs &&
      now.progress.exceededMs === undefined &&
      [0, before.progress.rolledUpTo].includes(now.progress.rolledUpTo)
    );
  };
  const note = (before: AnnouncedLaunch, progress: LaunchProgress): void => {
    const now = launches.get(idOfLaunch(before));
    if (now !== undefined && isAsRead(before)) launches.set(idOfLaunch(before), { ...now, progress });
  };
  return {
    all: (): readonly AnnouncedLaunch[] => [...launches.values()],
    note,
    refusalOf: ({ memory }: RulingDecision): 'already-blocked' | undefined =>
      memory.kind !== 'launch' || isAsRead(memory.exceeded.before) ? undefined : 'already-blocked',
    write: ({ memory }: RulingDecision): void => {
      if (memory.kind === 'launch') note(memory.exceeded.before, memory.exceeded.progress);
    },
    /** Staff announce a launch. It takes the place of an earlier one of the same key. */
    announce: (launch: Launch): void => {
      if (!isLaunch(launch)) throw new Error(`Staff cannot announce ${JSON.stringify(launch)}.`);
      const progress = { requests: 0, rolledUp: 0, rolledUpTo: 0, exceededMs: undefined };
      launches.set(idOfLaunch(launch), { ...launch, progress });
    },
    /** Staff end a launch. */
    withdraw: (launch: Pick<Launch, 'level' | 'of'>): void => void launches.delete(idOfLaunch(launch)),
  };
};
