import { bad, type Commands, counted, type Judged, ok } from './check.ts';
import type { BlockCounts, FindingCounts, KeyFact, StatusFacts, StopFact } from './facts.ts';

const mends: Readonly<Record<string, (arn: string) => string>> = {
  Disabled: (arn) => `Enable it: aws kms enable-key --key-id ${arn}.`,
  PendingDeletion: (arn) =>
    `Cancel its deletion, and enable it: aws kms cancel-key-deletion --key-id ${arn} && aws kms enable-key --key-id ${arn}.`,
};

/** Whether each key that the service needs can be used. */
export const judgeKeys = (keys: readonly KeyFact[]): Judged => {
  const broken = keys.filter(({ state }) => state !== 'Enabled');
  const [first] = broken;
  if (first === undefined) return ok(`All ${counted(keys.length, 'key')} can be used.`);
  const list = broken.map(({ name, state = 'deleted' }) => `${name} is ${state}`).join(', ');
  const look = (arn: string): string => `See its state: aws kms describe-key --key-id ${arn}.`;
  return bad(`A key cannot be used: ${list}.`, (mends[first.state ?? ''] ?? look)(first.arn));
};

/** Whether the detector has given records up. */
export const judgeLetters = ({ count, isMore }: StatusFacts['letters'], { desk }: Commands): Judged => {
  if (count === 0) return ok('There are no dead letters.');
  return bad(
    `${isMore ? 'More than ' : ''}${counted(count, 'dead letter')}: the detector has not counted what they hold.`,
    `See why, and replay them: ${desk} dead-letters list.`,
  );
};

const stopName = ({ what, isUnreadable }: StopFact): string => {
  if (isUnreadable) return 'everything, because a stop cannot be read';
  if (what.kind === 'all') return 'everything';
  return what.kind === 'application' ? `application ${what.application}` : `country ${what.country}`;
};

const stopWords = ({ what }: StopFact): string => {
  if (what.kind === 'all') return 'all';
  return what.kind === 'application' ? `application ${what.application}` : `country ${what.country}`;
};

/** Whether staff have stopped sending. */
export const judgeStops = (stops: readonly StopFact[], { desk }: Commands): Judged => {
  const [first] = stops;
  if (first === undefined) return ok('Sending goes on.');
  const since = new Date(Math.min(...stops.map(({ atMs }) => atMs))).toISOString();
  const list = stops.map(stopName).join(', ');
  return bad(
    `Staff have stopped sending since ${since}: ${list}.`,
    `Send again when the reason is gone: ${desk} resume ${stopWords(first)} --reason "…".`,
  );
};

/** Blocks are what the detector is for. That they can be read is what is asked here. */
export const judgeBlocks = ({ blocks, restrictions }: BlockCounts): Judged =>
  ok(`${counted(blocks, 'block')} and ${counted(restrictions, 'restriction')} hold now.`);

export const judgeFindings = ({ open, high, critical, unreadable }: FindingCounts, { desk }: Commands): Judged => {
  if (unreadable > 0)
    return bad(
      `${counted(unreadable, 'open finding')} cannot be read.`,
      `Look at the others meanwhile, and report it as a bug: ${desk} findings.`,
    );
  if (open === 0) return ok('No finding is open.');
  return ok(`${counted(open, 'finding')} open, of which ${critical} critical and ${high} high.`);
};
