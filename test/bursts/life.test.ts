import { describe, expect, test } from 'vitest';
import { type Key, timeBucketMs, timeBucketOf } from '../../lambdas/bursts/counts/traffic.ts';
import {
  afterRuling,
  asPart,
  type CaseFile,
  holdersAmong,
  isInside,
  nextStep,
  parentOf,
  type Seen,
} from '../../lambdas/bursts/findings/case.ts';
import { findingOf } from '../../lambdas/bursts/findings/finding.ts';
import type { Ruling } from '../../lambdas/bursts/judge/judge.ts';
import { aRuling } from '../fakes/rulings.ts';
import { hourMs, minuteMs, mondayMs } from '../fakes/scene.ts';

const range: Key = { level: 'range', of: '+44770012' };
const prefix: Key = { level: 'prefix', of: '+447700' };
const country: Key = { level: 'country', of: 'GB' };
const priceUsd = 0.05;

const rule = (more: Partial<Ruling> = {}, before?: CaseFile, key = range) => {
  const ruling = aRuling(key, mondayMs, more);
  return afterRuling(before, before?.version ?? 0, ruling, findingOf(ruling, 'test'));
};
const opened = (more: Partial<Ruling> = {}, key = range): CaseFile => rule(more, undefined, key).file;

const quiet: Seen = { refusedSince: [], liftedUntilMs: undefined, parent: undefined };
const refused = (count: number, atMs = mondayMs): Seen => ({
  ...quiet,
  refusedSince: [{ timeBucket: timeBucketOf(atMs), count }],
});
const next = (file: CaseFile, atMs: number, seen: Seen = quiet) => nextStep(file, seen, priceUsd, atMs);
const at = (minutes: number): number => mondayMs + minutes * minuteMs;

/** The step that there has to be. */
const stepOf = (...asked: Parameters<typeof next>) => next(...asked) ?? expect.fail('Nothing is to be done.');

describe('a case', () => {
  test('is created by its first ruling, updated by those that follow, and each of its news has a name of its own', () => {
    const first = rule();
    const second = rule({ atMs: at(20), untilMs: at(80), isUpdate: true }, first.file);
    expect([first, second].map(({ news }) => news.finding.type_uid)).toEqual([200401, 200402]);
    expect(second.news.finding.finding_info).toMatchObject({ created_time: mondayMs, modified_time: at(20) });
    const names = [first, second].map(({ news }) => news.finding.metadata.uid);
    expect(names).toEqual([`${first.file.uid}-1`, `${first.file.uid}-2`]);
  });

  test('rings when it is new, when it grows graver, and when it had been closed; not while it goes on', () => {
    const medium = rule();
    expect(medium.news.rings).toBe('medium');
    expect(rule({ severity: 'medium', isUpdate: true }, medium.file).news.rings).toBeUndefined();
    expect(rule({ severity: 'critical', isUpdate: true }, medium.file).news.rings).toBe('critical');
    expect(rule({ severity: 'low', isUpdate: true }, medium.file).news.rings).toBeUndefined();
    const closed = stepOf(medium.file, at(30)).file;
    expect(rule({ isUpdate: true }, closed).news).toMatchObject({ rings: 'medium', finding: { type_uid: 200402 } });
  });

  test.each([
    ['a block of a quarter of an hour', {}, 30],
    ['a block of four hours', { untilMs: at(240) }, 480],
    ['no block', { action: 'none', untilMs: mondayMs }, 60],
  ] as const)('with %s is closed when it was quiet for twice as long', (_, more, minutes) => {
    const file = opened(more);
    expect(next(file, at(minutes) - 1)).toBeUndefined();
    expect(stepOf(file, at(minutes))).toMatchObject({
      file: { isOpen: false, version: 2 },
      news: {
        rings: undefined,
        finding: { activity_id: 3, type_uid: 200403, status_id: 4, status: 'Resolved', time: at(minutes) },
      },
    });
  });

  test('whose block is prolonged is closed later, and says when it ended', () => {
    const file = { ...opened(), untilMs: at(30) };
    expect(next(file, at(44))).toBeUndefined();
    expect(stepOf(file, at(45)).file.finding.end_time).toBe(at(30));
  });

  test('is closed once: what is closed has no next step', () => {
    expect(next(stepOf(opened(), at(30)).file, at(1000))).toBeUndefined();
  });

  test('that was closed and comes again is open, and new again', () => {
    const closed = stepOf(opened(), at(30)).file;
    const { file } = rule({ atMs: at(60), untilMs: at(120), isUpdate: true }, closed);
    expect(file).toMatchObject({ isOpen: true, finding: { status: 'New', finding_info: { uid: closed.uid } } });
    expect(file.finding).not.toHaveProperty('end_time');
    expect(file.finding).not.toHaveProperty('status_detail');
  });
});

describe('an attack that goes on behind a block', () => {
  test('is told of when what was refused has doubled, from ten on', () => {
    const file = opened();
    expect(next(file, at(1), refused(19))).toBeUndefined();
    const step = stepOf(file, at(1), refused(20));
    expect(step.news).toMatchObject({ rings: undefined, finding: { type_uid: 200402 } });
    expect(step.file.finding.unmapped).toMatchObject({ refused: 20, spared_usd: 1 });
    expect(step.file.finding.status_detail).toContain('20 sends were refused');
    expect(next(step.file, at(2), refused(39))).toBeUndefined();
    expect(next(step.file, at(2), refused(40))).toBeDefined();
  });

  test('is told of after half an hour, if any more was refused', () => {
    const file = opened({ untilMs: at(60) });
    expect(next(file, at(29), refused(1))).toBeUndefined();
    expect(next(file, at(30))).toBeUndefined();
    expect(next(file, at(30), refused(1))).toBeDefined();
  });

  test('is summed up over time buckets whose counts are no longer read', () => {
    const file = opened({ untilMs: at(240) });
    const told = stepOf(file, at(1), refused(20)).file;
    const later = mondayMs + timeBucketMs;
    const more = stepOf(told, later, {
      ...quiet,
      refusedSince: [
        { timeBucket: timeBucketOf(mondayMs), count: 25 },
        { timeBucket: timeBucketOf(later), count: 30 },
      ],
    }).file;
    expect(more.refusals).toEqual({ total: 55, before: 25, from: timeBucketOf(later) });
    expect(stepOf(more, later + timeBucketMs, refused(90, later)).file.refusals.total).toBe(115);
  });

  test('is told of in full when it is over', () => {
    expect(stepOf(opened(), at(30), refused(7)).file.finding.unmapped.refused).toBe(7);
  });
});

describe('a greater case', () => {
  test.each([
    [range, prefix, true],
    [range, country, true],
    [prefix, country, true],
    [prefix, { level: 'country', of: 'FR' }, false],
    [range, { level: 'prefix', of: '+447701' }, false],
    [prefix, range, false],
    [prefix, prefix, false],
    [{ level: 'phone', of: 'key' }, country, false],
    [{ level: 'ip', of: 'key' }, country, false],
  ] as const)('%o lies in %o: %s', (inner, outer, is) => {
    expect(isInside(inner, 'GB', outer)).toBe(is);
  });

  test('is the nearest one whose block holds', () => {
    const files = [opened({ uid: 'country' }, country), opened({ uid: 'prefix' }, prefix)];
    expect(parentOf(range, 'GB', holdersAmong(files, at(1)))).toBe('prefix');
    expect(parentOf(prefix, 'GB', holdersAmong(files, at(1)))).toBe('country');
    expect(parentOf(range, 'GB', holdersAmong(files, at(15)))).toBeUndefined();
    const unblocked = [opened({ uid: 'country', action: 'none' }, country)];
    expect(parentOf(range, 'GB', holdersAmong(unblocked, at(1)))).toBeUndefined();
  });

  test('takes a case in without a word, once, and it is quiet from then on', () => {
    const file = opened({ severity: 'critical' });
    const step = stepOf(file, at(1), { ...quiet, parent: 'prefix' });
    expect(step).toMatchObject({
      joins: 'prefix',
      news: undefined,
      file: { parent: 'prefix', severity: 'medium' },
    });
    expect(next(step.file, at(2), { ...quiet, parent: 'prefix' })).toBeUndefined();
    expect(next(step.file, at(2), { ...refused(1000), parent: 'prefix' })).toBeUndefined();
    expect(stepOf(step.file, at(30)).news?.finding).toMatchObject({
      status: 'Resolved',
      unmapped: { parent: 'prefix' },
    });
  });

  test('makes what is found within it no louder than medium, and is joined once', () => {
    const part = asPart(aRuling(range, mondayMs, { severity: 'critical', parent: 'prefix' }));
    expect(part.severity).toBe('medium');
    expect(asPart(aRuling(range, mondayMs, { severity: 'low', parent: 'prefix' })).severity).toBe('low');
    const first = rule({ parent: 'prefix' });
    expect(first).toMatchObject({ joins: 'prefix', news: { finding: { unmapped: { parent: 'prefix' } } } });
    expect(rule({ parent: 'prefix', isUpdate: true }, first.file).joins).toBeUndefined();
    expect(rule({ isUpdate: true }, first.file).file.parent).toBeUndefined();
  });

  test('is told of anew when its parts have doubled', () => {
    const file = opened({}, prefix);
    expect(next({ ...file, children: 1 }, at(1))).toBeUndefined();
    const told = stepOf({ ...file, children: 2 }, at(1)).file;
    expect(told.finding.status_detail).toContain('2 narrower findings');
    expect(next({ ...told, children: 3 }, at(2))).toBeUndefined();
    expect(next({ ...told, children: 4 }, at(2))).toBeDefined();
  });
});

describe('what staff write', () => {
  const staffed = (file: CaseFile, staff: Partial<CaseFile['staff']>): CaseFile => ({
    ...file,
    staff: { ...file.staff, ...staff },
  });

  test('is told of once: somebody looks after it', () => {
    const step = stepOf(staffed(opened(), { acknowledgedBy: 'ada' }), at(1));
    expect(step.news?.finding).toMatchObject({
      status_id: 2,
      status: 'In Progress',
      assignee: { name: 'ada' },
      metadata: { profiles: ['incident'] },
    });
    expect(next(step.file, at(2))).toBeUndefined();
  });

  test('outlives a ruling, and a case that comes again', () => {
    const known = staffed(opened(), { acknowledgedBy: 'ada' });
    expect(rule({ isUpdate: true }, known).file.finding.status).toBe('In Progress');
  });

  test('closes a case as a false positive; what is found after it is news', () => {
    const file = staffed(opened(), { falsePositive: { by: 'ada', atMs: at(1) } });
    const closed = stepOf(file, at(2));
    expect(closed.news?.finding).toMatchObject({ type_uid: 200403, status: 'Resolved', verdict: 'False Positive' });
    const again = rule({ atMs: at(60), untilMs: at(120), isUpdate: true }, closed.file);
    expect(again.news).toMatchObject({ rings: 'medium', finding: { status: 'New' } });
    expect(again.news.finding).not.toHaveProperty('verdict');
    expect(next(again.file, at(61))).toBeUndefined();
  });

  test('closes a case as suppressed while they want no block there', () => {
    const lifted = { ...quiet, liftedUntilMs: mondayMs + hourMs };
    expect(stepOf(opened(), at(1), lifted).news?.finding).toMatchObject({
      status: 'Suppressed',
      status_detail: expect.stringContaining('2026-01-05T01:00:00Z'),
    });
    expect(next(opened(), at(1), { ...quiet, liftedUntilMs: mondayMs })).toBeUndefined();
  });
});
