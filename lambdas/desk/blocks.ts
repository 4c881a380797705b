import { areOfNumber, type Key, type Level } from '../bursts/counts/keys.ts';
import { staffLimits } from '../contract.ts';
import { invalid, type Parsed, parsed } from '../otp/input/typed.ts';
import type { Pseudonyms } from '../otp/number/pseudonyms.ts';
import { type Action, actionOf, type Heeded, type Operator } from './actions.ts';
import { readTime } from './times.ts';
import { labelOf, type What } from './what.ts';

/** The place of a block: its level, and the group or the keyed hash. */
export type BlockPlace = { readonly level: Level; readonly of: string };

/** A block that holds, as operators see it. */
export type HeldBlock = {
  readonly level: Level;
  /** The group; `undefined` for a number and for an IP. */
  readonly of: string | undefined;
  readonly kind: 'block' | 'restriction';
  readonly untilMs: number;
  readonly reason: string;
  /** `burst-detector`, or the principal. */
  readonly by: string;
  /** Uid of the finding that led to it. */
  readonly finding: string | undefined;
};

export type NewStaffBlock = { readonly place: BlockPlace; readonly untilMs: number; readonly reason: string };
/** Until then staff want no block at the place, and the detector writes none. */
export type Lift = { readonly place: BlockPlace; readonly allowUntilMs: number; readonly reason: string };

export type BlockStore = {
  /** Blocks that hold, of the detector and of staff. */
  readonly held: (nowMs: number) => Promise<readonly HeldBlock[]>;
  /** Writes the block and its action, or nothing. It takes the place of any block that is there. */
  readonly block: (block: NewStaffBlock, action: Action) => Promise<void>;
  /** Lifts whatever holds there, and writes the action, or does nothing. */
  readonly lift: (lift: Lift, action: Action) => Promise<void>;
};

export const placeOf = (what: What, pseudonyms: Pseudonyms): BlockPlace => {
  if (what.kind === 'number') return { level: 'phone', of: pseudonyms.phoneKey(what.phone) };
  if (what.kind === 'ip') return { level: 'ip', of: pseudonyms.ipKey(what.ip) };
  return { level: what.kind, of: what.of };
};

/** When something ends, as a body says it: by its time, or by minutes from now. */
export type Ending = { readonly until?: string | undefined; readonly forMinutes?: number | undefined };

/** Reads an end. @param maxSeconds from now. */
export const readEnd = ({ until, forMinutes }: Ending, maxSeconds: number, nowMs: number): Parsed<number> => {
  const longest = maxSeconds >= 86_400 ? `${maxSeconds / 86_400} days` : `${maxSeconds / 3600} hours`;
  if ((until === undefined) === (forMinutes === undefined))
    return invalid('Write either until, such as "2026-12-01T06:00:00Z", or forMinutes, such as 60.');
  const atMs = until === undefined ? nowMs + (forMinutes ?? 0) * 60_000 : readTime(until);
  if (atMs === undefined)
    return invalid('Write the time with its date and time zone (RFC 3339), such as "2026-12-01T06:00:00Z".');
  if (atMs <= nowMs) return invalid('This time is over. Write one to come.');
  if (atMs > nowMs + maxSeconds * 1000) return invalid(`This is too long. ${longest} at most; renew it when it ends.`);
  return parsed(atMs);
};

export type BlockRequest = { readonly what: What; readonly untilMs: number; readonly reason: string };

export type BlockPorts = { readonly blocks: BlockStore; readonly pseudonyms: () => Promise<Pseudonyms> };

/** Blocks what staff name, for everybody or for whom the level of the block does not spare. */
export const blockWhat =
  ({ blocks, pseudonyms }: BlockPorts) =>
  async ({ what, untilMs, reason }: BlockRequest, operator: Operator): Promise<HeldBlock> => {
    const place = placeOf(what, await pseudonyms());
    const about = { about: labelOf(what), reason, ...heededOf(place, untilMs) };
    await blocks.block({ place, untilMs, reason }, actionOf(operator, 'block', about));
    const { level } = place;
    return {
      level,
      of: shownOf(place),
      kind: 'block',
      untilMs,
      reason,
      by: operator.principal,
      finding: undefined,
    };
  };

/** Of a number and an IP nothing is shown, the keyed hash neither. */
export const shownOf = (place: BlockPlace): string | undefined =>
  place.level === 'phone' || place.level === 'ip' || areOfNumber(place) ? undefined : place.of;

/** For a replay: an act on a number or an IP has its end alone. */
const heededOf = (place: BlockPlace, untilMs: number): Partial<Heeded> => {
  const of = shownOf(place);
  return of === undefined ? { untilMs } : { level: place.level, of, untilMs };
};

/** What staff name, or the group that a finding is about. That group may be hidden, and may have no word of its own. */
export type LiftedWhat = What | { readonly kind: 'finding'; readonly uid: string };

export type LiftRequest = {
  readonly what: LiftedWhat;
  readonly allowMinutes?: number | undefined;
  readonly reason: string;
};

export type LiftPorts = BlockPorts & {
  /** The group of a finding; `undefined`: there is no such finding. */
  readonly keyOf: (uid: string) => Promise<Key | undefined>;
};

/** Lifts whatever holds there. @returns undefined for a finding that does not exist. */
export const liftWhat =
  ({ blocks, pseudonyms, keyOf }: LiftPorts) =>
  async (
    { what, allowMinutes, reason }: LiftRequest,
    operator: Operator,
  ): Promise<{ readonly allowUntilMs: number } | undefined> => {
    const place = what.kind === 'finding' ? await keyOf(what.uid) : placeOf(what, await pseudonyms());
    if (place === undefined) return undefined;
    const seconds = allowMinutes === undefined ? staffLimits.defaultLiftSeconds : allowMinutes * 60;
    const allowUntilMs = operator.atMs + seconds * 1000;
    const about =
      what.kind === 'finding'
        ? { about: `what finding ${what.uid} is about`, finding: what.uid }
        : { about: labelOf(what) };
    const heeded = heededOf(place, allowUntilMs);
    await blocks.lift({ place, allowUntilMs, reason }, actionOf(operator, 'lift', { ...about, reason, ...heeded }));
    return { allowUntilMs };
  };
