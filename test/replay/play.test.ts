import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { noHistory } from '../../lambdas/bursts/counts/history.ts';
import { timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import { thresholds } from '../../lambdas/bursts/evidence/thresholds.ts';
import { dayMs, hourMs, minuteMs } from '../../lambdas/otp/durations.ts';
import { differencesOf, fidelityOf, trafficOf } from '../../replay/compare.ts';
import { type Outcome, play } from '../../replay/play.ts';
import { maxEvents } from '../../replay/recording/read.ts';
import type { Snapshot } from '../../replay/recording/recording.ts';
import { comparableFromMs, reportLines, reportOn, runUpWithoutPastMs, runUpWithPastMs } from '../../replay/report.ts';
import { readThresholds } from '../../replay/thresholds.ts';
import {
  actionLine,
  attackLines,
  eventLine,
  fromMs,
  type Line,
  recordingOf,
  runningLine,
  toMs,
} from '../fakes/bursts/recorded.ts';

const noonMs = fromMs + 12 * hourMs;
const attack = attackLines(noonMs);
const iso = (atMs: number): string => new Date(atMs).toISOString();
const ofRange = { level: 'range', of: '+91987654' };

const rangeRulings = ({ rulings }: Outcome) => rulings.filter(({ key }) => key.level === 'range');
const changedTo = (text: string) => {
  const read = readThresholds(text);
  if (read.kind === 'invalid') throw new Error(read.problems.join('\n'));
  return { thresholds: read.thresholds, names: read.changed };
};

describe('a replay', () => {
  test('an attack is found and restricted in a replay, and its later requests are refused', () => {
    const recording = recordingOf(attack);
    const outcome = play(recording, thresholds);
    const [first] = rangeRulings(outcome);
    expect(first).toMatchObject({ rule: 'unverified-burst', action: 'restrict', key: ofRange });
    const after = recording.events.filter(({ atMs }) => atMs > (first?.atMs ?? 0));
    expect(outcome.refused.size).toBeGreaterThan(after.length - 10);
  });

  test('a finding that was judged again after the end of the recording is left out, and none is said to be added', () => {
    const recording = recordingOf(attack);
    const outcome = play(recording, thresholds);
    const [found] = outcome.findings;
    if (found === undefined) return expect.fail('Nothing was found.');
    const recordedAs = (ruledMs: number) => {
      const { key, severity, action, firstMs, untilMs, last } = found;
      const findings = [{ uid: '1', key, severity, action, firstMs, untilMs, ruledMs, rule: last.rule }];
      return fidelityOf({ ...recording, findings }, { ...outcome, findings: [found] }, fromMs);
    };
    expect(recordedAs(found.ruledMs)).toEqual({ recorded: 1, exact: 1, near: 0, missing: [], added: 0 });
    expect(recordedAs(recording.toMs + 1)).toEqual({ recorded: 0, exact: 0, near: 0, missing: [], added: 0 });
  });

  test('a lift of staff ends a restriction in a replay, and none begins until its time is over', () => {
    const lift = actionLine(noonMs + 25_000, 'lift', { ...ofRange, until: iso(noonMs + hourMs) });
    const outcome = play(recordingOf([...attack, lift]), thresholds);
    expect(rangeRulings(outcome).every(({ atMs }) => atMs < noonMs + 25_000)).toBe(true);
    const late = [...outcome.refused].filter(({ atMs }) => atMs > noonMs + 25_000);
    expect(late).toEqual([]);
  });

  test('a block of staff refuses in a replay, and spares no unverified number', () => {
    const block = actionLine(noonMs - minuteMs, 'block', { ...ofRange, until: iso(noonMs + hourMs) });
    expect(play(recordingOf([...attack, block]), thresholds).refused.size).toBe(attack.length);
  });

  test('an announced launch is a launch in a replay: numbers alone are no evidence, until staff cancel it', () => {
    const within = { level: 'prefix', of: '+919876', until: iso(noonMs + dayMs), expected: 1000 };
    const crowd = attack.flatMap((line, nth): readonly Line[] => [
      line,
      eventLine(noonMs + nth * 1000 + 20_000, 1000 + nth, {
        ...{ kind: 'approved', startedAt: line['startedAt'], batch: `approval-${nth}` },
        ...{ place: 0, judgedAt: iso(noonMs + nth * 1000 + 21_500) },
      }),
    ]);
    const announced = actionLine(noonMs - minuteMs, 'announce-launch', within);
    const isHeld = (lines: readonly Line[]) =>
      rangeRulings(play(recordingOf(lines), thresholds)).some(({ action }) => action !== 'none');
    const canceled = actionLine(noonMs - 1000, 'cancel-launch', { level: 'prefix', of: '+919876' });
    expect([isHeld(crowd), isHeld([...crowd, announced]), isHeld([...crowd, announced, canceled])]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('a snapshot says what was usual before', () => {
    const recording = recordingOf(attackLines(noonMs, 30));
    const timeBucket = timeBucketOf(fromMs) - 1;
    const busy = { ...noHistory(timeBucket), since: timeBucket - 4320, startedLong: 60_000, verifiedLong: 48_000 };
    const history = { ...busy, startedDay: 10_000, verifiedDay: 8000, hours: busy.hours.map(() => 400) };
    const keys = [
      { level: 'country', of: 'IN' },
      { level: 'prefix', of: '+919876' },
      { level: 'range', of: '+91987654' },
    ] as const;
    const snapshot: Snapshot = { takenMs: fromMs, histories: keys.map((key) => ({ key, history })) };
    expect(rangeRulings(play(recording, thresholds, snapshot))).toEqual([]);
    expect(rangeRulings(play(recording, thresholds)).length).toBeGreaterThan(0);
  });

  test('a hostile snapshot ends nothing but what is usual: a history of a time to come counts as one', () => {
    const history = { ...noHistory(timeBucketOf(toMs) + 1000), startedLong: -1e9, verifiedLong: Number.MAX_VALUE };
    const snapshot: Snapshot = { takenMs: fromMs, histories: [{ key: { level: 'country', of: 'IN' }, history }] };
    expect(() => play(recordingOf(attack), thresholds, snapshot)).not.toThrow();
  });
});

describe('what a replay can be compared with', () => {
  const recording = recordingOf(attack);

  test('findings of a recording from the first event are compared from its beginning', () => {
    const whole = recordingOf([...attack, runningLine(noonMs)]);
    expect(comparableFromMs(whole, undefined)).toBe(fromMs);
  });

  test('findings are compared from 26 hours after a snapshot, and from 30 days without one', () => {
    expect(comparableFromMs(recording, { takenMs: fromMs - dayMs, histories: [] })).toBe(noonMs + runUpWithPastMs);
    expect(comparableFromMs(recording, { takenMs: noonMs, histories: [] })).toBe(noonMs + runUpWithPastMs);
    expect(comparableFromMs(recording, undefined)).toBe(noonMs + runUpWithoutPastMs);
  });

  test('a recording whose first events the trail has lost is not one from the first event', () => {
    expect(comparableFromMs(recordingOf([...attack, runningLine(noonMs - 1)]), undefined)).toBeGreaterThan(fromMs);
    expect(comparableFromMs(recordingOf([runningLine(noonMs)]), undefined)).toBeGreaterThan(fromMs);
  });

  test('the page states the times and the bound that hold', async () => {
    const page = await readFile(new URL('../../docs/exports.md', import.meta.url), 'utf8');
    expect(page).toContain(`from ${runUpWithPastMs / hourMs} hours after the snapshot on`);
    expect(page).toContain(`from ${runUpWithoutPastMs / dayMs} days after its beginning on`);
    expect(page).toContain(`more than ${maxEvents.toLocaleString('en-US')} events`);
  });

  test('the report says what the replay does not know', () => {
    const partOfBatch = eventLine(noonMs, 1, { records: 3 });
    const erased = actionLine(noonMs, 'erase');
    const unknown = actionLine(noonMs, 'block', { until: iso(noonMs + hourMs) });
    const report = reportOn({ recording: recordingOf([partOfBatch, unknown, erased]), compareFromMs: fromMs });
    const text = reportLines(report, []).join('\n');
    expect(text).toContain('Batches that the export has only a part of: 1.');
    expect(text).toContain('Numbers that were erased: 1.');
    expect(text).toContain('from before acts were recorded in full: 1.');
    expect(report.limits.join(' ')).toContain('Nothing is known of the time before 2026-11-23T12:00:00Z.');
  });
});

describe('messages and people', () => {
  test('people who entered a code are told apart among those whom other thresholds refuse', () => {
    const entered = eventLine(noonMs + 40_000, 1010, {
      ...{ kind: 'approved', startedAt: iso(noonMs + 10_000), batch: 'approval', judgedAt: iso(noonMs + 41_500) },
    });
    const recording = recordingOf([...attack, entered]);
    const [never, soon] = [changedTo('{"burst": 1000}'), changedTo('{"burst": 3}')];
    const [deployed, less, more] = [thresholds, never.thresholds, soon.thresholds].map((each) => play(recording, each));
    if (deployed === undefined || less === undefined || more === undefined) throw new Error('Nothing was played.');
    const sent = trafficOf(recording, deployed, less, fromMs).moreSent;
    expect(sent).toMatchObject({ messages: deployed.refused.size, people: deployed.refused.size });
    expect(sent.usd).toBeCloseTo(0.05 * deployed.refused.size);
    const { moreRefused } = trafficOf(recording, deployed, more, fromMs);
    expect(moreRefused.messages).toBe(more.refused.size - deployed.refused.size);
    expect(moreRefused.peopleWhoEntered).toBe(1);
    expect(differencesOf(deployed, more, fromMs)).toMatchObject([{ kind: 'other', key: ofRange }]);
    expect(differencesOf(deployed, less, toMs)).toEqual([]);
  });

  test('a request that the recorded detector refused is sent by thresholds that restrict nothing', () => {
    const refused = eventLine(noonMs + 50_000, 2000, {
      ...{ kind: 'refused', reason: 'blocked', limit: 'block-range', unverified: false, verification: undefined },
    });
    const capped = eventLine(noonMs + 50_000, 2001, { kind: 'refused', reason: 'cap', limit: 'cap-total' });
    const recording = recordingOf([...attack, refused, capped]);
    const deployed = play(recording, thresholds);
    const changed = play(recording, changedTo('{"burst": 1000}').thresholds);
    const isRefused = ({ refused: all }: Outcome) => [...all].some(({ kind }) => kind === 'refused');
    expect([isRefused(deployed), isRefused(changed)]).toEqual([true, false]);
  });

  test('a difference that one threshold makes names it, and one that takes two names neither', () => {
    const recording = recordingOf([...attackLines(noonMs, 30), runningLine(noonMs)]);
    const changed = changedTo('{"burst": 1000, "guessing": 13}');
    const report = reportOn({ recording, changed });
    expect(report.comparison?.differences).toMatchObject([{ kind: 'gone', because: ['burst'] }]);
    const lines = reportLines(report, changed.names).join('\n');
    expect(lines).toContain('Range +91 98765 4xxxx: no longer found.');
    expect(lines).toMatch(/Because of burst\. Its evidence was \d+\.\d; it took 16, and takes 1000\./);
  });
});
