/** What operators do, as the trail keeps it. */

import type { Level } from '../bursts/counts/keys.ts';

export const actionNames = [
  'acknowledge',
  'resolve',
  'false-positive',
  'block',
  'lift',
  'history',
  'erase',
  'export',
  'announce-launch',
  'cancel-launch',
  'stop-sending',
  'resume-sending',
  'port-notice',
  'lift-port-notice',
  'replay-webhooks',
] as const;
export type ActionName = (typeof actionNames)[number];

/** One action of an operator. It names no number, no IP, and no keyed hash of one. */
export type Action = {
  /** Of the request, so that an action and its log line are found by each other. */
  readonly id: string;
  readonly atMs: number;
  /** ARN of the IAM principal, with the name of its session. */
  readonly principal: string;
  readonly action: ActionName;
  readonly reason: string;
  /** What it was about, in words. */
  readonly about: string;
  /** Uid of the finding that it was about. */
  readonly finding?: string | undefined;
  /** Of an erasure: its order number, which names no number. */
  readonly order?: string | undefined;
} & Partial<Heeded>;

/** What the detector heeds of an action, for a replay. Of a number and an IP, the trail has no name. */
export type Heeded = {
  readonly level: Level;
  readonly of: string;
  /** End of a block, of a time without blocks, or of a launch. */
  readonly untilMs: number;
  /** Of a launch. */
  readonly expected: number;
};

/** Who does something, when, and in which request. */
export type Operator = { readonly principal: string; readonly atMs: number; readonly requestId: string };

export const actionOf = (
  { principal, atMs, requestId }: Operator,
  action: ActionName,
  about: Pick<Action, 'about' | 'reason' | 'finding' | 'order'> & Partial<Heeded>,
): Action => ({ id: requestId, atMs, principal, action, ...about });
