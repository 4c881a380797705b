import { wordsOf } from '../../bursts/ring-stops.ts';
import type { Stop } from '../../otp/limits/stops.ts';
import { timeText } from '../times.ts';
import { bad, type Commands, counted, type Judged, judged, ok } from './check.ts';
import type { BlockCounts, FindingCounts, KeyFact, StatusFacts } from './facts.ts';

const mends: Readonly<Record<string, (arn: string) => string>> = {
  Disabled: (arn) => `Enable it: aws kms enable-key --key-id ${arn}.`,
  PendingDeletion: (arn) =>
    `Cancel its deletion, and enable it: aws kms cancel-key-deletion --key-id ${arn} && aws kms enable-key --key-id ${arn}.`,
};

/** Whether each key that the service needs can be used. A key that is known to be broken counts more than one that is not known. */
export const judgeKeys = (keys: readonly KeyFact[], commands: Commands): Judged => {
  const broken = keys.filter(({ state }) => state.kind === 'known' && state.fact !== 'Enabled');
  const [first] = broken;
  if (first !== undefined) {
    const list = broken.map((key) => `${key.name} is ${stateOf(key)}`).join(', ');
    return bad(`A key cannot be used: ${list}.`, (mends[stateOf(first)] ?? look)(first.arn));
  }
  const [unknown, ...others] = keys.flatMap(({ name, state }) => (state.kind === 'unknown' ? [{ name, state }] : []));
  if (unknown === undefined) return ok(`All ${counted(keys.length, 'key')} can be used.`);
  const names = [unknown, ...others].map(({ name }) => name).join(', ');
  const { why } = unknown.state;
  return judged({ kind: 'unknown', why: `${why} for ${names}` }, commands, () => ok(''));
};

const stateOf = ({ state }: KeyFact): string => (state.kind === 'known' ? (state.fact ?? 'gone') : 'not known');
const look = (arn: string): string => `See its state: aws kms describe-key --key-id ${arn}.`;

/** Whether the detector has given records up. */
export const judgeLetters = ({ count, isMore }: StatusFacts['letters'], { desk }: Commands): Judged => {
  if (count === 0) return ok('There are no dead letters.');
  return bad(
    `${isMore ? 'More than ' : ''}${counted(count, 'dead letter')}: the detector has not counted what they hold.`,
    `See why, and replay them: ${desk} dead-letters list.`,
  );
};

/** Whether staff have stopped sending. */
export const judgeStops = (stops: readonly Stop[], { desk }: Commands): Judged => {
  const [first] = stops;
  if (first === undefined) return ok('Nobody has stopped sending.');
  if (stops.some(({ isUnreadable }) => isUnreadable))
    return bad(
      'Nothing is sent, because the item of the stops cannot be read.',
      `Stop anew what is to be stopped, and resume the rest: ${desk} stop all --reason "…" && ${desk} resume all --reason "…".`,
    );
  const since = timeText(Math.min(...stops.map(({ atMs }) => atMs)));
  return bad(
    `Staff have stopped sending since ${since}: ${stops.map(({ what }) => wordsOf(what)).join(', ')}.`,
    `Send again when the reason is gone: ${desk} resume ${wordsOf(first.what)} --reason "…".`,
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
