import { capRetryAfterSeconds, secondsLeftOfDay } from './caps.ts';
import { conformsAt } from './gcra.ts';
import type { Exceeded } from './reservation.ts';

/** A send that a limit refuses. */
export type LimitRefusal = {
  readonly kind: 'refused';
  /** The limit's name. Of a block it names the level, and not the key. */
  readonly limit: string;
  readonly because: 'phone' | 'ip' | 'block' | 'cap' | 'low-volume';
  readonly retryAfterSeconds: number;
};

const causes = {
  ip: 'ip',
  'ip-countries': 'ip',
  'low-volume': 'low-volume',
  'cap-country': 'cap',
  'cap-total': 'cap',
  'test-number-uses': 'phone',
} as const satisfies Record<Exceeded['counter'], LimitRefusal['because']>;

const waitSeconds = (exceeded: Exceeded, nowMs: number): number => {
  switch (exceeded.counter) {
    case 'ip':
      return Math.max(1, Math.ceil((conformsAt(exceeded.tatMs, exceeded.rate) - nowMs) / 1000));
    case 'ip-countries':
    case 'low-volume':
      return secondsLeftOfDay(nowMs);
    case 'cap-country':
    case 'cap-total':
      return capRetryAfterSeconds(exceeded, nowMs);
    case 'test-number-uses':
      return 0;
  }
};

/** The only place that turns an exceeded counter into a refusal. */
export const refusalOf = (exceeded: Exceeded, nowMs: number): LimitRefusal => ({
  kind: 'refused',
  because: causes[exceeded.counter],
  limit: exceeded.counter,
  retryAfterSeconds: waitSeconds(exceeded, nowMs),
});

/** The refusal by a limit of the number itself. */
export const phoneRefusal = ({
  limit,
  retryAfterSeconds,
}: Pick<LimitRefusal, 'limit' | 'retryAfterSeconds'>): LimitRefusal => ({
  kind: 'refused',
  because: 'phone',
  limit,
  retryAfterSeconds,
});

/** The first refusal, with the wait after which none of them holds. */
export const firstRefusal = (refusals: readonly LimitRefusal[]): LimitRefusal | undefined => {
  const [first] = refusals;
  if (first === undefined) return undefined;
  return { ...first, retryAfterSeconds: Math.max(...refusals.map((refusal) => refusal.retryAfterSeconds)) };
};
