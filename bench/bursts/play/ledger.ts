/** The score of one run: whose SMS were sent, and whose should have been. Sums only, to stay small. */

import type { Outcome, Report, Visible } from '../contenders/contender.ts';
import { type Calendar, dayMs, hourMs, type TrapKind } from '../traffic/calendar.ts';
import type { Caller, Country } from '../traffic/world.ts';
import type { Label } from './book.ts';
import { type AttackScore, isHigh, noteAsked, noteFinding, noteGuess, noteKeys, type Trace, traceOf } from './trace.ts';

/**
 * The one place in which a legitimate verification counts: its trap; else an attacked country, during the attack or
 * in the 12 hours after it; else a clean day, or another day.
 */
export type Place = TrapKind | 'during an attack' | 'after an attack' | 'clean day' | 'elsewhere' | 'warm-up';

export type Tally = { total: number; undelivered: number };

export const emptyTally = (): Tally => ({ total: 0, undelivered: 0 });

export type Score = {
  readonly testDays: number;
  readonly places: readonly (readonly [Place, Tally])[];
  /** Ordinary people of clean days and those in an outage, on days without any attack. */
  readonly cleanWithOutages: Tally;
  /** Of the country that A12 wants blocked, from its start to 12 hours after its end. */
  readonly weaponized: Tally;
  readonly resends: Tally;
  readonly attacks: readonly AttackScore[];
  readonly findings: { readonly total: number; readonly high: number; readonly highTrue: number };
  readonly blocks: number;
  /** Verifications that began with an SMS, attackers' included. */
  readonly sent: number;
  readonly units: Readonly<Record<string, number>>;
};

const afterMs = 12 * hourMs;

/** The places in which verifications count. */
const placesIn = ({ attacks, testStartMs, isCleanDay }: Calendar) => {
  const byCountry = Map.groupBy(
    attacks.flatMap((attack) => attack.countries.map((country) => ({ country: country.code, attack }))),
    ({ country }) => country,
  );

  const attackedPlace = (country: Country, atMs: number): Place | undefined => {
    const here = byCountry.get(country.code) ?? [];
    if (here.some(({ attack }) => atMs >= attack.startMs && atMs <= attack.endMs)) return 'during an attack';
    return here.some(({ attack }) => atMs > attack.endMs && atMs <= attack.endMs + afterMs)
      ? 'after an attack'
      : undefined;
  };

  return {
    placeOf: (country: Country, trap: TrapKind | undefined, atMs: number): Place => {
      if (atMs < testStartMs) return 'warm-up';
      if (trap !== undefined) return trap;
      // A block that is left from the day before counts against the clean day.
      if (isCleanDay(atMs)) return 'clean day';
      return attackedPlace(country, atMs) ?? 'elsewhere';
    },
    isWeaponized: (country: Country, atMs: number): boolean =>
      (byCountry.get(country.code) ?? []).some(
        ({ attack }) => attack.family === 'A12' && atMs >= attack.startMs && atMs <= attack.endMs + afterMs,
      ),
  };
};

const add = (tally: Tally, isDelivered: boolean) => {
  tally.total += 1;
  if (!isDelivered) tally.undelivered += 1;
};

/** Notes the findings of the test days. */
const noteFindings = (report: Report | undefined, traces: readonly Trace[], sinceMs: number): Score['findings'] => {
  const findings = (report?.findings ?? []).filter(({ atMs }) => atMs >= sinceMs);
  const isTrue = findings.map((finding) => noteFinding(finding, traces));
  return {
    total: findings.length,
    high: findings.filter(isHigh).length,
    highTrue: findings.filter((finding, index) => isHigh(finding) && isTrue[index]).length,
  };
};

export type Ledger = ReturnType<typeof ledgerOf>;

export const ledgerOf = (calendar: Calendar) => {
  const { attacks, testStartMs, endMs, isCleanDay } = calendar;
  const { placeOf, isWeaponized } = placesIn(calendar);
  const traces = new Map(attacks.map((attack) => [attack.id, traceOf(attack)]));
  const places = new Map<Place, Tally>();
  const [cleanWithOutages, weaponized, resends] = [emptyTally(), emptyTally(), emptyTally()];

  let sent = 0;

  const traceFor = (attack: string): Trace => {
    const trace = traces.get(attack);
    if (trace === undefined) throw new Error(`${attack} is not in the calendar.`);
    return trace;
  };

  return {
    /** A legitimate verification got its first SMS, or ended without one. */
    settled: (caller: Caller, trap: TrapKind | undefined, startedMs: number, isDelivered: boolean) => {
      const place = placeOf(caller.country, trap, startedMs);
      const tally = places.get(place) ?? emptyTally();
      places.set(place, tally);
      add(tally, isDelivered);
      if (place === 'clean day' || (place === 'outage' && isCleanDay(startedMs))) add(cleanWithOutages, isDelivered);
      if (place !== 'warm-up' && isWeaponized(caller.country, startedMs)) add(weaponized, isDelivered);
    },
    asked: (attempt: Visible, label: Label, outcome: Outcome, isProbe = false) => {
      if (outcome === 'sent') sent += 1;
      if (label.legit) return;
      const trace = traceFor(label.attack);
      noteKeys(trace, attempt);
      noteAsked(trace, attempt.priceUsd, outcome, attempt.atMs, isProbe);
    },
    resent: (attempt: Visible, label: Label, outcome: Outcome, atMs: number, isProbe = false) => {
      if (label.legit) add(resends, outcome === 'sent');
      else noteAsked(traceFor(label.attack), attempt.priceUsd, outcome, atMs, isProbe);
    },
    guessed: (label: Label, worth: number) => {
      if (!label.legit) noteGuess(traceFor(label.attack), worth);
    },
    closed: (report: Report | undefined): Score => {
      const all = [...traces.values()];
      return {
        testDays: (endMs - testStartMs) / dayMs,
        places: [...places],
        cleanWithOutages,
        weaponized,
        resends,
        attacks: all.map(({ score }) => score),
        findings: noteFindings(report, all, testStartMs),
        blocks: report?.blocks ?? 0,
        sent,
        units: report?.units ?? {},
      };
    },
  };
};
