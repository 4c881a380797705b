import type { Asked } from './facts.ts';

/** `unknown`: a call failed. It is never taken for `ok`. */
export type CheckState = 'ok' | 'bad' | 'unknown';

export const checkNames = [
  'detector-listening',
  'detector-on-time',
  'sending',
  'caps',
  'keys-enabled',
  'dead-letters',
  'alarms-have-a-receiver',
  'alarms-on-now',
  'blocks',
  'findings',
] as const;
export type CheckName = (typeof checkNames)[number];

export type Check = {
  readonly name: CheckName;
  readonly state: CheckState;
  /** One sentence for people. It names no number and no IP. */
  readonly says: string;
  /** What to do about it: one sentence, with a command. */
  readonly todo?: string | undefined;
};

/** What a check finds. */
export type Judged = Pick<Check, 'state' | 'says' | 'todo'>;

export const ok = (says: string): Judged => ({ state: 'ok', says });
export const bad = (says: string, todo: string): Judged => ({ state: 'bad', says, todo });

/** The commands of a stack, as people type them. */
export type Commands = {
  /** `otp-desk`, for this stack. */
  readonly desk: string;
  /** What the log group of a function begins with. */
  readonly stackName: string;
};

/** Reads the latest lines of a function. */
export const logsOf = ({ stackName }: Commands, name: string): string =>
  `aws logs tail /${stackName}/${name} --since 10m`;

/** Judges what is known. */
export const judged = <Fact>(
  asked: Asked<Fact>,
  commands: Commands,
  judge: (fact: Fact, commands: Commands) => Judged,
): Judged =>
  asked.kind === 'known'
    ? judge(asked.fact, commands)
    : {
        state: 'unknown',
        says: `Nobody can tell, because ${asked.why}.`,
        todo: `Ask again, and if it stays so, read the log: ${logsOf(commands, 'read-status')}.`,
      };

/** `1 key`, `2 keys`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A length of time in the largest unit that fits. */
export const lasting = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return counted(seconds, 'second');
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? counted(minutes, 'minute') : counted(Math.round(minutes / 60), 'hour');
};
