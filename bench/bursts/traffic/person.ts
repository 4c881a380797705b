/** One person who wants to be verified: asks, waits, mistypes, asks again, gives up. */

import type { Visible } from '../contenders/contender.ts';
import type { Label } from '../play/book.ts';
import type { Random } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import type { TrapKind } from './calendar.ts';
import type { Caller, Habits } from './world.ts';

/** All chance about a person, drawn beforehand, so that refusals do not change it. */
export type Temper = {
  /** Milliseconds until the code is entered. Infinity if it never is. */
  readonly entersAfterMs: number;
  /** Wrong codes before the right one. */
  readonly typos: number;
  /** Times of the resends after the first SMS, if the code has not been entered by then. */
  readonly resendsAfterMs: readonly number[];
  /** Time of the one retry after a refusal. Infinity if the person goes away. */
  readonly retriesAfterMs: number;
};

/** Lifetime of a code. */
const codeLifetimeMs = 300_000;
const typoShare = 0.06;
const moreTypos = 0.25;
const retryShare = 0.5;
/** Share of the people without a code who ask for another SMS. */
const asksAgain = 0.5;
const maxResends = 3;
const [impatientMs, patientMs] = [30_000, 90_000];
const [retrySoonMs, retryLateMs] = [30_000, 60_000];

const draws = (random: Random, probability: number, max: number): number => {
  let count = 0;
  while (count < max && random.happens(probability)) count += 1;
  return count;
};

const resendTimes = (random: Random, count: number): readonly number[] => {
  let atMs = 0;
  return Array.from({ length: count }, () => {
    atMs += Math.round(random.between(impatientMs, patientMs));
    return atMs;
  });
};

const typosOf = (random: Random): number => (random.happens(typoShare) ? 1 + draws(random, moreTypos, 2) : 0);

export const temperOf = (random: Random, habits: Habits, conversion: number): Temper => {
  const delayMs = Math.round(1000 * random.logNormal(habits.delayMedianSeconds, habits.delaySigma));
  const converts = random.happens(conversion) && delayMs < codeLifetimeMs;
  const typos = typosOf(random);
  const tries = draws(random, asksAgain, maxResends);
  const resends = resendTimes(random, converts ? maxResends : tries);
  const retriesAfterMs = Math.round(random.between(retrySoonMs, retryLateMs));
  return {
    entersAfterMs: converts ? Math.max(1000, delayMs) : Number.POSITIVE_INFINITY,
    typos: converts ? typos : 0,
    resendsAfterMs: resends.filter((atMs) => !converts || atMs < delayMs),
    retriesAfterMs: random.happens(retryShare) ? retriesAfterMs : Number.POSITIVE_INFINITY,
  };
};

const typingMs = 3000;

const enters = (stage: Stage, attempt: Visible, label: Label, { entersAfterMs, typos }: Temper) => {
  if (entersAfterMs === Number.POSITIVE_INFINITY) return;
  const firstMs = stage.now() + entersAfterMs;
  for (let typo = 0; typo < typos; typo += 1)
    stage.at(firstMs + typo * typingMs, () => stage.guessWrong(attempt, label));
  stage.at(firstMs + typos * typingMs, () => stage.verify(attempt));
};

/** Only the first visit counts: a person who comes back has had an SMS. */
export type Visit = { readonly trap: TrapKind | undefined; readonly isFirst: boolean };

/** Nobody waits as long as this for the next SMS. */
const tooLongMs = 120_000;
/** Nor do they try for longer than this. */
const patienceMs = 600_000;
const maxSms = 5;
const wantsMore = 0.6;

/** How a person fares while SMS get lost, or codes cannot be entered. */
export type Trouble = {
  /** Share of the SMS that arrive. */
  readonly arrives: number;
  readonly canEnter: boolean;
};

/** Chance about a person in trouble, drawn beforehand. */
export type Patience = {
  /** The SMS that arrives, from 0. Infinity if none does. */
  readonly arrivesAt: number;
  /** SMS after which the person stops by themselves. */
  readonly wants: number;
  /** Waits before each further SMS. */
  readonly waitsMs: readonly number[];
};

export const patienceOf = (random: Random, { arrives, canEnter }: Trouble): Patience => {
  const arrived = Array.from({ length: maxSms }, () => random.happens(arrives)).indexOf(true);
  const wants = 1 + draws(random, wantsMore, maxSms - 1);
  const waitsMs = Array.from({ length: maxSms }, () => Math.round(random.between(impatientMs, patientMs)));
  return { arrivesAt: arrived < 0 || !canEnter ? Number.POSITIVE_INFINITY : arrived, wants, waitsMs };
};

/**
 * One verification in trouble. The person asks again whenever that is allowed, and gives up when told to wait for two
 * minutes. Only then was the person never served: an SMS that gets lost is not the service's fault.
 */
export const insists = (stage: Stage, caller: Caller, temper: Temper, patience: Patience, { trap, isFirst }: Visit) => {
  const label: Label = trap === undefined ? { legit: true } : { legit: true, trap };
  const startedMs = stage.now();
  const settles = (isServed: boolean) => {
    if (isFirst) stage.ledger.settled(caller, trap, startedMs, isServed);
  };

  const waits = (again: () => void) => {
    const waitMs = stage.waitMs();
    if (waitMs >= tooLongMs || stage.now() + waitMs > startedMs + patienceMs) return settles(false);
    stage.at(stage.now() + Math.max(1000, waitMs), again);
  };

  const received = (attempt: Visible, count: number) => {
    if (count > patience.arrivesAt) {
      settles(true);
      const delayMs = Math.min(temper.entersAfterMs, tooLongMs);
      stage.at(stage.now() + delayMs, () => stage.verify(attempt));
      return;
    }
    if (count >= patience.wants) return settles(true);
    stage.at(stage.now() + (patience.waitsMs[count] ?? patientMs), () => resends(attempt, count));
  };

  const resends = (attempt: Visible, count: number): void => {
    if (stage.resend(attempt, label) === 'sent') received(attempt, count + 1);
    else waits(() => resends(attempt, count));
  };

  const asks = (): void => {
    const attempt = stage.ask(caller, label);
    if (attempt === undefined) waits(asks);
    else received(attempt, 1);
  };
  asks();
};

/** One verification, from the first request to the last act of the person. */
export const verifies = (stage: Stage, caller: Caller, temper: Temper, { trap, isFirst }: Visit) => {
  const label: Label = trap === undefined ? { legit: true } : { legit: true, trap };
  const startedMs = stage.now();

  const settles = (isDelivered: boolean) => {
    if (isFirst) stage.ledger.settled(caller, trap, startedMs, isDelivered);
  };

  const goesOn = (attempt: Visible) => {
    settles(true);
    enters(stage, attempt, label, temper);
    for (const afterMs of temper.resendsAfterMs) stage.at(stage.now() + afterMs, () => stage.resend(attempt, label));
  };

  const retries = () => {
    const attempt = stage.ask(caller, label);
    if (attempt === undefined) settles(false);
    else goesOn(attempt);
  };

  const attempt = stage.ask(caller, label);
  if (attempt !== undefined) return goesOn(attempt);
  if (temper.retriesAfterMs < Number.POSITIVE_INFINITY) return stage.at(startedMs + temper.retriesAfterMs, retries);
  return settles(false);
};
