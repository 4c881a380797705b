/** The closed loop: an asker learns whether an SMS was sent, and acts on it. */

import { type Code, type Contender, type Outcome, tickMs, type Visible } from '../contenders/contender.ts';
import type { Caller } from '../traffic/world.ts';
import type { Book, Label, Notes } from './book.ts';

export type { Book } from './book.ts';

import { queue } from './queue.ts';

/** The asker, as far as the service sees it. */
export type Asker = Pick<Caller, 'phone' | 'range' | 'prefix' | 'ip' | 'verifiedBefore'> &
  Partial<Pick<Caller, 'network' | 'ipVerifiers' | 'verifiedFrom'>> & {
    readonly country: Pick<Caller['country'], 'code' | 'priceUsd'>;
    readonly application?: string;
  };

export type Stage<Mark = Label, Kept = Notes> = {
  readonly now: () => number;
  /** Plans an act for a time, which is not in the past. */
  readonly at: (atMs: number, act: () => void) => void;
  /** Asks for a code now. @returns undefined if it is refused. */
  readonly ask: (asker: Asker, label: Mark) => Visible | undefined;
  readonly resend: (attempt: Visible, label: Mark) => Outcome;
  readonly verify: (attempt: Visible) => void;
  readonly guessWrong: (attempt: Visible, label: Mark) => void;
  /** How long the last refusal said to wait. */
  readonly waitMs: () => number;
  readonly ledger: Kept;
  /** Plays all planned acts, and those that they plan. */
  readonly play: () => void;
};

/** Application of an asker that names none. */
export const application = 'app';

const usualCode: Code = { digits: 6, maxAttempts: 5 };

/** A refusal that names no time is taken to last this long. */
const usualWaitMs = 45_000;

/** The request of an asker, as the service sees it. An IP without a network is the only one of its own. */
export const visibleOf = (asker: Asker, id: number, atMs: number): Visible => {
  const { phone, range, prefix, country, ip, network = ip, ipVerifiers = 0, verifiedBefore, verifiedFrom = [] } = asker;
  return {
    id,
    atMs,
    phone,
    range,
    prefix,
    country: country.code,
    ip,
    network,
    application: asker.application ?? application,
    priceUsd: country.priceUsd,
    verifiedBefore,
    verifiedFrom,
    ipVerifiers,
  };
};

/** Labels stay here: a contender gets an attempt without its label. */
export const stageFor = <Mark, Kept extends Book<Mark>>(
  contender: Contender,
  ledger: Kept,
  startMs: number,
): Stage<Mark, Kept> => {
  const planned = queue<() => void>();
  let nowMs = startMs;
  let nextTickMs = startMs + tickMs;
  let asked = 0;
  const guesses = new WeakMap<Visible, number>();

  const isProbe = (attempt: Visible): boolean => contender.isProbe?.(attempt) === true;

  const moveTo = (atMs: number) => {
    for (; nextTickMs <= atMs; nextTickMs += tickMs) contender.tick?.(nextTickMs);
    nowMs = atMs;
  };

  return {
    ledger,
    now: () => nowMs,
    at: (atMs, act) => {
      if (atMs < nowMs) throw new Error('Nothing can be planned for the past.');
      planned.add(atMs, act);
    },
    ask: (asker, label) => {
      asked += 1;
      const attempt = visibleOf(asker, asked, nowMs);
      const outcome = contender.ask(attempt);
      ledger.asked(attempt, label, outcome, isProbe(attempt));
      return outcome === 'sent' ? attempt : undefined;
    },
    resend: (attempt, label) => {
      const outcome = contender.resend(attempt, nowMs);
      ledger.resent(attempt, label, outcome, nowMs, isProbe(attempt));
      return outcome;
    },
    waitMs: () => contender.waitMs?.() ?? usualWaitMs,
    verify: (attempt) => contender.verified(attempt, nowMs),
    guessWrong: (attempt, label) => {
      const { digits, maxAttempts } = contender.codeOf?.(attempt) ?? usualCode;
      const before = guesses.get(attempt) ?? 0;
      // A service evaluates no more, and its stream has no record of the rest.
      if (before >= maxAttempts) return;
      guesses.set(attempt, before + 1);
      contender.wrong(attempt, nowMs);
      ledger.guessed(label, 10 ** (usualCode.digits - digits));
    },
    play: () => {
      for (let atMs = planned.nextAt(); atMs < Number.POSITIVE_INFINITY; atMs = planned.nextAt()) {
        moveTo(atMs);
        planned.take()?.();
      }
    },
  };
};
