import { exportFormat } from '../../../lambdas/contract.ts';
import type { Manifest } from './manifest.ts';
import type { Verdict } from './verify-export.ts';

/** The verdict for a person, a sentence a line. Texts of the manifest are as somebody wrote them: print them as such. */
export const verdictLines = ({ problems, manifest }: Verdict): readonly string[] => {
  if (problems.length > 0 || manifest === undefined)
    return [`This export is not genuine, or not whole. Problems: ${problems.length}.`, ...problems];
  return ['This export is genuine and whole.', ...contentLines(manifest)];
};

const contentLines = ({ id, stack, from, to, principal, reason, counts, unreadable }: Manifest): readonly string[] => [
  `It is ${id} of the stack ${stack}, from ${from} to ${to}.`,
  `It holds ${exportFormat.records.map((record) => `${counts[record] ?? 0} of ${record}`).join(', ')}.`,
  `${principal} asked for it, because: ${reason}`,
  ...(unreadable.count === 0
    ? []
    : [`Items that could not be read when it was made: ${unreadable.count}.`, ...unreadable.named]),
];
