/** What operators do, as the trail keeps it. */

export const actionNames = [
  'acknowledge',
  'resolve',
  'false-positive',
  'block',
  'lift',
  'history',
  'erase',
  'export',
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
};

/** Who does something, when, and in which request. */
export type Operator = { readonly principal: string; readonly atMs: number; readonly requestId: string };

export const actionOf = (
  { principal, atMs, requestId }: Operator,
  action: ActionName,
  about: Pick<Action, 'about' | 'reason' | 'finding' | 'order'>,
): Action => ({ id: requestId, atMs, principal, action, ...about });
