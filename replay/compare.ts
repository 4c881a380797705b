import type { TrafficEvent } from '../lambdas/bursts/counts/events.ts';
import { type Key, nameOf } from '../lambdas/bursts/counts/keys.ts';
import { dayMs } from '../lambdas/otp/durations.ts';
import type { Outcome, PlayedFinding } from './play.ts';
import type { RecordedFinding, Recording } from './recording/recording.ts';

/** A finding of a replay that another replay does not have, or has otherwise. */
export type Difference = {
  readonly key: Key;
  /** `gone`: the other thresholds find nothing there. `new`: they alone do. */
  readonly kind: 'gone' | 'new' | 'other';
  readonly deployed: PlayedFinding | undefined;
  readonly changed: PlayedFinding | undefined;
};

type Spanned = Pick<RecordedFinding, 'key' | 'firstMs' | 'untilMs'>;

/** Findings of a key belong together if one begins within a day of the other: a day later a key has another finding. */
const areOfOneTime = (one: Spanned, other: Spanned): boolean =>
  one.firstMs <= other.untilMs + dayMs && other.firstMs <= one.untilMs + dayMs;

/** Each finding with the one of the other side at the same key and time, if it has one. */
const pairsOf = <One extends Spanned, Other extends Spanned>(
  ones: readonly One[],
  others: readonly Other[],
): readonly (readonly [One | undefined, Other | undefined])[] => {
  const left = Map.groupBy(others, ({ key }) => nameOf(key));
  const paired = ones.toSorted(byTime).map((one): readonly [One, Other | undefined] => {
    const own = left.get(nameOf(one.key)) ?? [];
    const at = own.findIndex((other) => areOfOneTime(one, other));
    return [one, at < 0 ? undefined : own.splice(at, 1)[0]];
  });
  const rest = [...left.values()].flat().map((other): readonly [undefined, Other] => [undefined, other]);
  return [...paired, ...rest].toSorted((one, other) => timeOf(one) - timeOf(other));
};

const byTime = (one: Spanned, other: Spanned): number => one.firstMs - other.firstMs;
const timeOf = ([one, other]: readonly [Spanned | undefined, Spanned | undefined]): number =>
  Math.min(one?.firstMs ?? Number.POSITIVE_INFINITY, other?.firstMs ?? Number.POSITIVE_INFINITY);

const isSame = (one: PlayedFinding, other: PlayedFinding): boolean =>
  one.firstMs === other.firstMs &&
  one.ruledMs === other.ruledMs &&
  one.untilMs === other.untilMs &&
  one.severity === other.severity &&
  one.action === other.action &&
  one.first.rule === other.first.rule &&
  one.last.rule === other.last.rule;

export const differencesOf = (deployed: Outcome, changed: Outcome, fromMs: number): readonly Difference[] =>
  pairsOf(deployed.findings, changed.findings)
    .filter((pair) => timeOf(pair) >= fromMs)
    .flatMap(([one, other]): readonly Difference[] => {
      const key = (one ?? other)?.key;
      if (key === undefined || (one !== undefined && other !== undefined && isSame(one, other))) return [];
      const kind = other === undefined ? 'gone' : one === undefined ? 'new' : 'other';
      return [{ key, kind, deployed: one, changed: other }];
    });

/** How far a replay with the deployed thresholds has the findings that were recorded. */
export type Fidelity = {
  readonly recorded: number;
  /** With the same times, rule, severity, action and end. */
  readonly exact: number;
  /** At the same key and time, and not the same in all of it. */
  readonly near: number;
  readonly missing: readonly RecordedFinding[];
  /** Findings of the replay that were not recorded. */
  readonly added: number;
};

/** Tables keep milliseconds; blocks end at full seconds. */
const endsMs = 1000;

const isExact = (recorded: RecordedFinding, played: PlayedFinding): boolean =>
  recorded.firstMs === played.firstMs &&
  recorded.ruledMs === played.ruledMs &&
  Math.abs(recorded.untilMs - played.untilMs) < endsMs &&
  recorded.rule === played.last.rule &&
  recorded.severity === played.severity &&
  recorded.action === played.action;

export const fidelityOf = ({ findings, toMs }: Recording, deployed: Outcome, fromMs: number): Fidelity => {
  const isLate = ({ firstMs }: Spanned): boolean => firstMs >= fromMs;
  // A finding that was judged again after the end of the recording has an end that no replay of it can find.
  const pairs = pairsOf(findings.filter(isLate), deployed.findings.filter(isLate)).filter(
    ([one, other]) => (one?.ruledMs ?? other?.ruledMs ?? toMs) < toMs,
  );
  const both = pairs.flatMap(([one, other]) => (one === undefined || other === undefined ? [] : [{ one, other }]));
  const exact = both.filter(({ one, other }) => isExact(one, other)).length;
  return {
    recorded: pairs.filter(([one]) => one !== undefined).length,
    exact,
    near: both.length - exact,
    missing: pairs.flatMap(([one, other]) => (one !== undefined && other === undefined ? [one] : [])),
    added: pairs.filter(([one]) => one === undefined).length,
  };
};

/** Messages of the recording, and the numbers that they go to. */
export type Messages = {
  readonly messages: number;
  readonly people: number;
  /** Of these people, those who entered a code at any time of the recording. */
  readonly peopleWhoEntered: number;
  readonly usd: number;
};

export type Traffic = {
  /** Refused with the deployed thresholds, and with the changed ones. */
  readonly refusedDeployed: Messages;
  readonly refusedChanged: Messages;
  /** Refused by the changed ones alone. */
  readonly moreRefused: Messages;
  /** Sent by the changed ones alone. */
  readonly moreSent: Messages;
};

export const trafficOf = (
  { events, settings }: Recording,
  deployed: Outcome,
  changed: Outcome,
  fromMs: number,
): Traffic => {
  const entered = new Set(events.filter(({ kind }) => kind === 'approved').map(({ subject }) => subject.phoneKey));
  const priceOf = (channel: TrafficEvent['channel']) =>
    channel === 'voice' ? (settings.callPriceUsd ?? settings.priceUsd) : settings.priceUsd;
  const messagesOf = (some: Iterable<TrafficEvent>): Messages => {
    const own = [...some].filter(({ atMs }) => atMs >= fromMs);
    const people = new Set(own.map(({ subject }) => subject.phoneKey));
    const usd = own.reduce((sum, { channel, subject }) => sum + priceOf(channel)(subject.country), 0);
    return {
      messages: own.length,
      people: people.size,
      peopleWhoEntered: [...people].filter((each) => entered.has(each)).length,
      usd,
    };
  };
  return {
    refusedDeployed: messagesOf(deployed.refused),
    refusedChanged: messagesOf(changed.refused),
    moreRefused: messagesOf(without(changed.refused, deployed.refused)),
    moreSent: messagesOf(without(deployed.refused, changed.refused)),
  };
};

const without = (some: ReadonlySet<TrafficEvent>, others: ReadonlySet<TrafficEvent>): readonly TrafficEvent[] =>
  [...some].filter((each) => !others.has(each));
