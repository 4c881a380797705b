import { isMatch, requirePattern } from '../../mails/rule.ts';
import { type BusEvent, wholeEventOf } from '../eventbridge.ts';
import { asRecord } from '../json.ts';
import type { Queue } from './queue.ts';

export type QueueRule = {
  readonly pattern: object;
  readonly inputPath: string;
  /** The message group of what it sends. */
  readonly group?: string;
};

/**
 * Stands in for a rule on a bus whose target is a queue. The queue gets the part of an event that the path names, as JSON:
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
 *
 * @throws Error for a rule that EventBridge would refuse, or that this stand-in would play in another way.
 */
export const queueRule = (
  { pattern, inputPath, group }: QueueRule,
  queue: Pick<Queue, 'send'>,
): ((event: BusEvent) => void) => {
  requirePattern(pattern);
  const names = /^\$((?:\.[\w-]+)+)$/.exec(inputPath)?.[1]?.split('.').slice(1);
  if (names === undefined) throw new Error(`${inputPath} is no path in dot notation, such as $.detail.`);
  return (event) => {
    const whole: unknown = wholeEventOf(event);
    if (!isMatch(pattern, asRecord(whole))) return;
    const part = names.reduce<unknown>((found, name) => asRecord(found)[name], whole);
    // A path that leads nowhere gives nothing, and EventBridge delivers that too.
    queue.send(part === undefined ? '{}' : JSON.stringify(part), group === undefined ? {} : { group });
  };
};
