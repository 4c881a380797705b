import type { SmsOutcome, SmsRejection } from '../ports.ts';

/** The end of a send. */
export type Sent = {
  readonly outcome: SmsOutcome;
  /** Name of the route that the outcome is of. `undefined`: no route could carry the message. */
  readonly route: string | undefined;
  /** The routes that surely failed, in the order in which they were tried. */
  readonly failed: readonly FailedRoute[];
  /** The price that the caps count, in millionths of a USD. None if nothing could be sent. */
  readonly estimateMicroUsd?: number;
  /** The parts that the caps count. */
  readonly estimateParts?: number;
};

export type FailedRoute = { readonly route: string; readonly reason: SmsRejection };

/** The outcome of a message on a route, for the log and the metrics. `approved`: its code was used. */
export type RouteOutcome = {
  readonly name: string;
  readonly outcome: 'accepted' | 'unconfirmed' | 'approved' | SmsRejection;
};

/** All routes that were tried, in their order. */
export const routeOutcomesOf = ({ outcome, route, failed }: Sent): readonly RouteOutcome[] => [
  ...failed.map(({ route: name, reason }) => ({ name, outcome: reason })),
  ...(outcome.kind === 'rejected' || route === undefined ? [] : [{ name: route, outcome: outcome.kind }]),
];

/**
 * The obstacle of a message that surely was not sent, by the remedy of its caller.
 *
 * - `passing`: try again soon.
 * - `destination`: offer another way, because the network refuses the number or its country.
 * - `account`: offer another way until the account or its route may send again.
 */
export type Obstacle = 'passing' | 'destination' | 'account';

const obstacles = {
  throttled: 'passing',
  unreachable: 'passing',
  refused: 'passing',
  'opted-out': 'destination',
  'number-blocked': 'destination',
  'not-verified': 'destination',
  'blocked-by-protect': 'destination',
  'over-price': 'destination',
  'no-identity': 'destination',
  'number-limit': 'destination',
  'spend-limit': 'account',
  'daily-limit': 'account',
  'account-refused': 'account',
} as const satisfies Record<SmsRejection, Obstacle>;

/** After which no other route is tried. The holder, or staff, refuse the number itself. */
export const isFinal = (reason: SmsRejection): boolean => reason === 'opted-out' || reason === 'number-blocked';

const metBy = (failed: readonly FailedRoute[]): readonly Obstacle[] => failed.map(({ reason }) => obstacles[reason]);

/** Of a message that was surely not sent. */
export type NotSent = {
  readonly kind: 'not-sent';
  readonly obstacle: Obstacle;
  /** Of a send that counts all the same: seconds until the limits of its number let another pass. */
  readonly waitSeconds?: number | undefined;
};

/**
 * The obstacle of a message that each route refused. If one of them may take it soon, another try is worth while. None is if no
 * route could carry it.
 */
export const obstacleOf = (failed: readonly FailedRoute[]): Obstacle => {
  if (failed.some(({ reason }) => isFinal(reason))) return 'destination';
  const met = metBy(failed);
  if (met.includes('passing')) return 'passing';
  return met.includes('destination') ? 'destination' : 'account';
};

/**
 * Whether a message that was not sent counts for its number and its IP all the same. The network refuses some destinations
 * again and again. Without the count, anybody could use up the rate of the routes with such numbers, for nothing. So one route
 * that refuses the destination is enough, whatever the others say.
 */
export const isCounted = (failed: readonly FailedRoute[]): boolean => metBy(failed).includes('destination');

/** Whether the holder of the number refuses SMS, as a sender says. Then no other route was tried. */
export const hasOptedOut = ({ outcome }: Sent): boolean =>
  outcome.kind === 'rejected' && outcome.reason === 'opted-out';
