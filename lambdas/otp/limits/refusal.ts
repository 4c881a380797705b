import { heldLevels, notifyDayLimit } from '../../policy.ts';
import type { ExceededProbe, ProbeShare } from './blocks.ts';
import { capRetryAfterSeconds, secondsLeftOfDay } from './caps.ts';
import { conforms, conformsAt, type Rate } from './gcra.ts';
import type { Exceeded } from './reservation.ts';

/** A send that a limit refuses. */
export type LimitRefusal = {
  readonly kind: 'refused';
  /** The limit's name. Of a block it names the level, and not the key. */
  readonly limit: string;
  readonly because: 'phone' | 'ip' | 'block' | 'cap' | 'low-volume';
  readonly retryAfterSeconds: number;
};

/** The refusal by the blocks that hold for a send: the narrowest is named, the longest is waited for. */
export const blockRefusal = (holding: readonly Pick<ProbeShare, 'level' | 'until'>[], nowMs: number): LimitRefusal => {
  const until = Math.max(...holding.map((block) => block.until));
  const level = heldLevels.find((candidate) => holding.some((block) => block.level === candidate));
  const limit = `block-${level ?? 'unknown'}`;
  return { kind: 'refused', because: 'block', limit, retryAfterSeconds: Math.ceil((until * 1000 - nowMs) / 1000) };
};

/** A counter that is exceeded; blocks are refused by their own words. */
type ExceededCounter = Exclude<Exceeded, ExceededProbe>;

const causes = {
  ip: 'ip',
  'ip-countries': 'ip',
  'low-volume': 'low-volume',
  'cap-country': 'cap',
  'cap-total': 'cap',
  'cap-application': 'cap',
  [notifyDayLimit]: 'cap',
  'test-number-uses': 'phone',
} as const satisfies Record<ExceededCounter['counter'], LimitRefusal['because']>;

const waitSeconds = (exceeded: ExceededCounter, nowMs: number): number => {
  switch (exceeded.counter) {
    case 'ip':
      return Math.max(1, Math.ceil((conformsAt(exceeded.tatMs, exceeded.rate) - nowMs) / 1000));
    case 'ip-countries':
    case 'low-volume':
    case notifyDayLimit:
      return secondsLeftOfDay(nowMs);
    case 'cap-country':
    case 'cap-total':
    case 'cap-application':
      return capRetryAfterSeconds(exceeded, nowMs);
    case 'test-number-uses':
      return 0;
  }
};

/** The only place that turns an exceeded counter into a refusal. */
export const refusalOf = (exceeded: Exceeded, nowMs: number): LimitRefusal =>
  exceeded.counter === 'probe'
    ? blockRefusal(exceeded.probes, nowMs)
    : {
        kind: 'refused',
        because: causes[exceeded.counter],
        limit: exceeded.counter,
        retryAfterSeconds: waitSeconds(exceeded, nowMs),
      };

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

/** Refusals of one IP are noted at this rate: ten at once, and then one a minute (ADR 60). */
const noteRate: Rate = { intervalMs: 60_000, toleranceMs: 540_000 };

/** What the note of a refusal takes from its IP. */
export type NoteShare = {
  /** Keyed hash. */
  readonly ip: string;
  readonly rate: Rate;
  /** As it was read. */
  readonly tatMs: number;
  readonly nowMs: number;
};

/** The share that a note takes; `undefined`: the IP has none left, and nothing is written. */
export const noteShareOf = (ip: string, tatMs: number, nowMs: number): NoteShare | undefined =>
  conforms(tatMs, noteRate, nowMs) ? { ip, rate: noteRate, tatMs, nowMs } : undefined;
