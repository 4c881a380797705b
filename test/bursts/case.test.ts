import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import { timeBucketMs, timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import { asPart, type Case } from '../../lambdas/bursts/findings/case.ts';
import { type CaseFacts, nextTransition } from '../../lambdas/bursts/findings/next-transition.ts';
import { holdersAmong, isInside, parentOf } from '../../lambdas/bursts/findings/parents.ts';
import { type CaseStep, stepOf as rendered } from '../../lambdas/bursts/findings/render.ts';
import type { Ruling } from '../../lambdas/bursts/judge/ruling.ts';
import { sampleDeployment } from '../fakes/bursts/deployment.ts';
import { aRuling, stepAfter } from '../fakes/bursts/rulings.ts';
import { hourMs, minuteMs, mondayMs } from '../fakes/bursts/scene.ts';

const range: Key = { level: 'range', of: '+44770012' };
const prefix: Key = { level: 'prefix', of: '+447700' };
const country: Key = { level: 'country', of: 'GB' };
const priceUsd = 0.05;

/** A case with the finding of its last change. */
type Stored = Pick<CaseStep, 'after' | 'finding'>;

const rule = (more: Partial<Ruling> = {}, before?: Stored, key = range) =>
  stepAfter(aRuling(key, mondayMs, more), before?.after);
const opened = (more: Partial<Ruling> = {}, key = range): Stored => rule(more, undefined, key);
/** The same case, changed otherwise. */
const changed = ({ after, finding }: Stored, more: Partial<Case>): Stored => ({
  after: { ...after, ...more },
  finding,
});

const quiet: CaseFacts = { refusedSince: [], liftedUntilMs: undefined, parent: undefined };
const refused = (count: number, atMs = mondayMs): CaseFacts => ({
  ...quiet,
  refusedSince: [{ timeBucket: timeBucketOf(atMs), count }],
});
const next = ({ after, finding }: Stored, atMs: number, facts: CaseFacts = quiet): CaseStep | undefined => {
  const transition = nextTransition(after, facts, priceUsd, atMs);
  return transition && rendered(transition, finding, sampleDeployment);
};
const at = (minutes: number): number => mondayMs + minutes * minuteMs;

/** The step that is expected. */
const stepOf = (...asked: Parameters<typeof next>) => next(...asked) ?? expect.fail('Nothing is to be done.');

describe('a case', () => {
  test('a case is created by its first ruling and updated by the next, and each of its notifications has a name of its own', () => {
    const first = rule();
    const second = rule({ atMs: at(20), untilMs: at(80), isUpdate: true }, first);
    expect([first, second].map(({ finding }) => finding.type_uid)).toEqual([200401, 200402]);
    expect(second.notification.finding.finding_info).toMatchObject({ created_time: mondayMs, modified_time: at(20) });
    const names = [first, second].map(({ finding }) => finding.metadata.uid);
    expect(names).toEqual([`${first.after.uid}-1`, `${first.after.uid}-2`]);
  });

  test('an alarm is raised for a new case, a higher severity and a closed case, and not while a case goes on', () => {
    const medium = rule();
    expect(medium.notification.alarmSeverity).toBe('medium');
    expect(rule({ severity: 'medium', isUpdate: true }, medium).notification.alarmSeverity).toBeUndefined();
    expect(rule({ severity: 'critical', isUpdate: true }, medium).notification.alarmSeverity).toBe('critical');
    expect(rule({ severity: 'low', isUpdate: true }, medium).notification.alarmSeverity).toBeUndefined();
    const closed = stepOf(medium, at(30));
    expect(rule({ isUpdate: true }, closed).notification).toMatchObject({
      alarmSeverity: 'medium',
      finding: { type_uid: 200402 },
    });
  });

  test.each([
    ['a block of a quarter of an hour', {}, 30],
    ['a block of four hours', { untilMs: at(240) }, 480],
    ['no block', { action: 'none', untilMs: mondayMs }, 60],
  ] as const)('a case with %s is closed when it was quiet for twice as long', (_, more, minutes) => {
    const stored = opened(more);
    expect(next(stored, at(minutes) - 1)).toBeUndefined();
    expect(stepOf(stored, at(minutes))).toMatchObject({
      after: { isOpen: false, version: 2 },
      notification: {
        alarmSeverity: undefined,
        finding: { activity_id: 3, type_uid: 200403, status_id: 4, status: 'Resolved', time: at(minutes) },
      },
    });
  });

  test('a case whose block is renewed is closed later, and says when the block ended', () => {
    const stored = changed(opened(), { untilMs: at(30) });
    expect(next(stored, at(44))).toBeUndefined();
    expect(stepOf(stored, at(45)).finding.end_time).toBe(at(30));
  });

  test('a case is closed once: a closed case has no next step', () => {
    expect(next(stepOf(opened(), at(30)), at(1000))).toBeUndefined();
  });

  test('a closed case that comes again is open, and new again', () => {
    const closed = stepOf(opened(), at(30));
    const again = rule({ atMs: at(60), untilMs: at(120), isUpdate: true }, closed);
    expect(again).toMatchObject({
      after: { isOpen: true },
      finding: { status: 'New', finding_info: { uid: closed.after.uid } },
    });
    expect(again.finding).not.toHaveProperty('end_time');
    expect(again.finding).not.toHaveProperty('status_detail');
  });
});

describe('an attack that goes on behind a block', () => {
  test('staff are notified when the refusals of a case have doubled, from ten on', () => {
    const stored = opened();
    expect(next(stored, at(1), refused(19))).toBeUndefined();
    const step = stepOf(stored, at(1), refused(20));
    expect(step.notification).toMatchObject({ alarmSeverity: undefined, finding: { type_uid: 200402 } });
    expect(step.finding.unmapped).toMatchObject({ refused: 20, spared_usd: 1 });
    expect(step.finding.status_detail).toContain('20 sends were refused');
    expect(next(step, at(2), refused(39))).toBeUndefined();
    expect(next(step, at(2), refused(40))).toBeDefined();
  });

  test('staff are notified after half an hour, if more sends were refused', () => {
    const stored = opened({ untilMs: at(60) });
    expect(next(stored, at(29), refused(1))).toBeUndefined();
    expect(next(stored, at(30))).toBeUndefined();
    expect(next(stored, at(30), refused(1))).toBeDefined();
  });

  test('refusals are summed up over time buckets whose counts are no longer read', () => {
    const stored = opened({ untilMs: at(240) });
    const notified = stepOf(stored, at(1), refused(20));
    const later = mondayMs + timeBucketMs;
    const more = stepOf(notified, later, {
      ...quiet,
      refusedSince: [
        { timeBucket: timeBucketOf(mondayMs), count: 25 },
        { timeBucket: timeBucketOf(later), count: 30 },
      ],
    });
    expect(more.after.refusals).toEqual({ total: 55, before: 25, from: timeBucketOf(later) });
    expect(stepOf(more, later + timeBucketMs, refused(90, later)).after.refusals.total).toBe(115);
  });

  test('all refusals are counted when the case is over', () => {
    expect(stepOf(opened(), at(30), refused(7)).finding.unmapped.refused).toBe(7);
  });
});

describe('a wider case', () => {
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
  ] as const)('a key %o lies within %o: %s', (inner, outer, is) => {
    expect(isInside(inner, 'GB', outer)).toBe(is);
  });

  test('the parent is the nearest wider case whose block holds', () => {
    const cases = [opened({ uid: 'country' }, country).after, opened({ uid: 'prefix' }, prefix).after];
    expect(parentOf(range, 'GB', holdersAmong(cases, at(1)))).toBe('prefix');
    expect(parentOf(prefix, 'GB', holdersAmong(cases, at(1)))).toBe('country');
    expect(parentOf(range, 'GB', holdersAmong(cases, at(15)))).toBeUndefined();
    const unblocked = [opened({ uid: 'country', action: 'none' }, country).after];
    expect(parentOf(range, 'GB', holdersAmong(unblocked, at(1)))).toBeUndefined();
  });

  test('a case joins its parent without a notification, once, and staff get none of it from then on', () => {
    const stored = opened({ severity: 'critical' });
    const step = stepOf(stored, at(1), { ...quiet, parent: 'prefix' });
    expect(step).toMatchObject({
      joins: 'prefix',
      notification: undefined,
      after: { parent: 'prefix', severity: 'medium' },
    });
    expect(next(step, at(2), { ...quiet, parent: 'prefix' })).toBeUndefined();
    expect(next(step, at(2), { ...refused(1000), parent: 'prefix' })).toBeUndefined();
    expect(stepOf(step, at(30)).notification?.finding).toMatchObject({
      status: 'Resolved',
      unmapped: { parent: 'prefix' },
    });
  });

  test('a parent lowers the severity of its parts to medium, and is joined once', () => {
    const part = asPart(aRuling(range, mondayMs, { severity: 'critical', parent: 'prefix' }));
    expect(part.severity).toBe('medium');
    expect(asPart(aRuling(range, mondayMs, { severity: 'low', parent: 'prefix' })).severity).toBe('low');
    const first = rule({ parent: 'prefix' });
    expect(first).toMatchObject({ joins: 'prefix', notification: { finding: { unmapped: { parent: 'prefix' } } } });
    expect(rule({ parent: 'prefix', isUpdate: true }, first).joins).toBeUndefined();
    expect(rule({ isUpdate: true }, first).after.parent).toBeUndefined();
  });

  test('staff are notified when the parts of a case have doubled', () => {
    const stored = opened({}, prefix);
    expect(next(changed(stored, { children: 1 }), at(1))).toBeUndefined();
    const notified = stepOf(changed(stored, { children: 2 }), at(1));
    expect(notified.finding.status_detail).toContain('2 narrower findings');
    expect(next(changed(notified, { children: 3 }), at(2))).toBeUndefined();
    expect(next(changed(notified, { children: 4 }), at(2))).toBeDefined();
  });
});

describe('what staff write', () => {
  const staffed = (stored: Stored, staff: Partial<Case['staff']>): Stored =>
    changed(stored, { staff: { ...stored.after.staff, ...staff } });

  test('staff are notified once when one of them looks after a case', () => {
    const step = stepOf(staffed(opened(), { acknowledgedBy: 'ada' }), at(1));
    expect(step.notification?.finding).toMatchObject({
      status_id: 2,
      status: 'In Progress',
      assignee: { name: 'ada' },
      metadata: { profiles: ['incident'] },
    });
    expect(next(step, at(2))).toBeUndefined();
  });

  test('the notes of staff stay after a ruling', () => {
    const known = staffed(opened(), { acknowledgedBy: 'ada' });
    expect(rule({ isUpdate: true }, known).finding.status).toBe('In Progress');
  });

  test('a label of staff closes a case as a false positive, and a later ruling opens it again with an alarm', () => {
    const stored = staffed(opened(), { falsePositive: { by: 'ada', atMs: at(1) } });
    const closed = stepOf(stored, at(2));
    expect(closed.notification?.finding).toMatchObject({
      type_uid: 200403,
      status: 'Resolved',
      verdict: 'False Positive',
    });
    const again = rule({ atMs: at(60), untilMs: at(120), isUpdate: true }, closed);
    expect(again.notification).toMatchObject({ alarmSeverity: 'medium', finding: { status: 'New' } });
    expect(again.notification.finding).not.toHaveProperty('verdict');
    expect(next(again, at(61))).toBeUndefined();
  });

  test('a case that staff call resolved is closed without a verdict, and a later ruling opens it again', () => {
    const stored = staffed(opened(), { resolved: { by: 'ada', atMs: at(1) } });
    const closed = stepOf(stored, at(2));
    expect(closed.notification?.finding).toMatchObject({ status: 'Resolved', type_uid: 200403 });
    expect(closed.notification?.finding).not.toHaveProperty('verdict');
    const again = rule({ atMs: at(60), untilMs: at(120), isUpdate: true }, closed);
    expect(again.notification).toMatchObject({ alarmSeverity: 'medium', finding: { status: 'New' } });
    expect(next(again, at(61))).toBeUndefined();
  });

  test('a case is closed as suppressed while staff want no block there', () => {
    const lifted = { ...quiet, liftedUntilMs: mondayMs + hourMs };
    expect(stepOf(opened(), at(1), lifted).notification?.finding).toMatchObject({
      status: 'Suppressed',
      status_detail: expect.stringContaining('2026-01-05T01:00:00Z'),
    });
    expect(next(opened(), at(1), { ...quiet, liftedUntilMs: mondayMs })).toBeUndefined();
  });
});
