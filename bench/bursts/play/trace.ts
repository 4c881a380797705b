/** What one attack asked for and got, and which findings are about it. Sums only, to stay small. */

import type { Finding, Outcome, Visible } from '../contenders/contender.ts';
import { type Attack, dayMs, type Family, hourMs } from '../traffic/calendar.ts';
import { plannedMessages } from '../traffic/kinds.ts';

export type AttackScore = {
  readonly id: string;
  readonly family: Family;
  readonly startMs: number;
  readonly endMs: number;
  asked: number;
  /** Messages that the attacker wants: at least those that it asked for. */
  readonly planned: number;
  sent: number;
  sentUsd: number;
  askedUsd: number;
  /** In guesses at codes of six digits. A millionth of their sum is the expected number of take-overs. */
  guesses: number;
  guessesBeforeRefusal: number;
  sentBeforeRefusal: number;
  /** After the first refusal, without those that a restriction let through as probes. */
  sentBehindRefusal: number;
  /** Of the first refusal. */
  refusedAtMs: number | undefined;
  /** Of the first finding about it. */
  foundAtMs: number | undefined;
  /** Findings of high or critical severity about it. */
  highFindings: number;
  /** Messages by `slotMs` since the start. */
  readonly askedBySlot: number[];
  readonly sentBySlot: number[];
};

/** A finding about an attack may come this long after its last message. */
const findingGraceMs = hourMs;
/** A finding is about an attack if this many of its messages had the key of the finding. */
const minMessages = 3;
export const slotMs = 10_000;
/** The longest attack lasts less than three days. The last slot counts all later messages. */
const maxSlots = 3 * (dayMs / slotMs);

const keyLevels = ['phone', 'ip', 'range', 'prefix', 'country'] as const;

export type Trace = {
  readonly score: AttackScore;
  /** Messages asked for, by level and key. */
  readonly keys: ReadonlyMap<string, Map<string, number>>;
  lastMs: number;
};

export const traceOf = ({ id, family, startMs, endMs }: Attack): Trace => ({
  score: {
    id,
    family,
    startMs,
    endMs,
    asked: 0,
    planned: plannedMessages[family] ?? 0,
    sent: 0,
    sentUsd: 0,
    askedUsd: 0,
    guesses: 0,
    guessesBeforeRefusal: 0,
    sentBeforeRefusal: 0,
    sentBehindRefusal: 0,
    refusedAtMs: undefined,
    foundAtMs: undefined,
    highFindings: 0,
    askedBySlot: [],
    sentBySlot: [],
  },
  keys: new Map(keyLevels.map((level) => [level, new Map<string, number>()])),
  lastMs: startMs,
});

export const noteKeys = ({ keys }: Trace, attempt: Visible): void => {
  for (const level of keyLevels) {
    const counts = keys.get(level);
    counts?.set(attempt[level], (counts.get(attempt[level]) ?? 0) + 1);
  }
};

export const noteAsked = (trace: Trace, priceUsd: number, outcome: Outcome, atMs: number, isProbe: boolean): void => {
  const { score } = trace;
  const slot = Math.min(maxSlots, Math.floor((atMs - score.startMs) / slotMs));
  trace.lastMs = atMs;
  score.asked += 1;
  score.askedUsd += priceUsd;
  score.askedBySlot[slot] = (score.askedBySlot[slot] ?? 0) + 1;
  if (outcome === 'refused') {
    score.refusedAtMs ??= atMs;
    return;
  }
  score.sent += 1;
  score.sentUsd += priceUsd;
  score.sentBySlot[slot] = (score.sentBySlot[slot] ?? 0) + 1;
  if (score.refusedAtMs === undefined) score.sentBeforeRefusal += 1;
  else if (!isProbe) score.sentBehindRefusal += 1;
};

export const noteGuess = ({ score }: Trace, worth: number): void => {
  score.guesses += worth;
  if (score.refusedAtMs === undefined) score.guessesBeforeRefusal += worth;
};

export const isHigh = ({ severity }: Finding): boolean => severity === 'high' || severity === 'critical';

/** Messages of the attack that had the key of the finding, if the attack was going on. */
const messagesAbout = ({ level, key, atMs, countries = [] }: Finding, { score, keys, lastMs }: Trace): number => {
  if (atMs < score.startMs || atMs > lastMs + findingGraceMs) return 0;
  if (level !== 'all') return keys.get(level)?.get(key) ?? 0;
  // A finding that names countries is about an attack if it attacked most of them.
  const attacked = countries.filter((country) => keys.get('country')?.has(country)).length;
  return attacked * 2 >= countries.length ? score.asked : 0;
};

/** The attack that a finding is about: of those going on, the one with most messages of its key. */
const aboutWhich = (finding: Finding, traces: readonly Trace[]): Trace | undefined => {
  const [first] = traces
    .map((trace) => ({ trace, messages: messagesAbout(finding, trace) }))
    .filter(({ messages }) => messages >= minMessages)
    .sort((one, other) => other.messages - one.messages);
  return first?.trace;
};

/** @returns whether the finding is about an attack. */
export const noteFinding = (finding: Finding, traces: readonly Trace[]): boolean => {
  const score = aboutWhich(finding, traces)?.score;
  if (score === undefined) return false;
  score.foundAtMs = Math.min(score.foundAtMs ?? finding.atMs, finding.atMs);
  if (isHigh(finding)) score.highFindings += 1;
  return true;
};
