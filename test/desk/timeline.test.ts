import { describe, expect, test } from 'vitest';
import type { CaseStep } from '../../lambdas/bursts/findings/render.ts';
import type { Ruling } from '../../lambdas/bursts/judge/ruling.ts';
import { timelineOf } from '../../lambdas/desk/findings.ts';
import { aRuling, stepAfter } from '../fakes/bursts/rulings.ts';
import { minuteMs, mondayMs } from '../fakes/bursts/scene.ts';

const at = (minutes: number): number => mondayMs + minutes * minuteMs;
const rule = (minutes: number, more: Partial<Ruling> = {}, before?: CaseStep): CaseStep =>
  stepAfter(
    aRuling({ level: 'range', of: '+44770012' }, mondayMs, {
      ...{ atMs: at(minutes), untilMs: at(minutes + 15), isUpdate: before !== undefined },
      ...more,
    }),
    before?.after,
  );
const linesOf = ({ after, finding }: CaseStep) =>
  timelineOf({ known: after, finding, note: undefined, verdict: undefined }, []).map(({ atMs, text }) => [
    Math.round((atMs - mondayMs) / minuteMs),
    text,
  ]);

describe('the timeline of a finding', () => {
  test('the timeline has each ruling, with its severity and what it did, until when', () => {
    const first = rule(0, { action: 'none', severity: 'low', untilMs: at(0) });
    const second = rule(4, { action: 'restrict' }, first);
    const third = rule(21, { severity: 'high', untilMs: at(81) }, second);
    expect(linesOf(third)).toEqual([
      [0, 'The detector found it: low; it refused nobody.'],
      [4, 'The detector found it again: medium; it restricted, until 2026-01-05 00:19 UTC.'],
      [21, 'The detector found it again: high; it blocked, until 2026-01-05 01:21 UTC.'],
      [81, 'The block ends, unless it is renewed.'],
    ]);
  });

  test.each([
    ['restrict', {}, 'The restriction ends, unless it is renewed.'],
    ['longer-codes', {}, 'The longer codes end, unless they are renewed.'],
    ['block', { isOpen: false, status: 'Resolved' }, 'The block ends.'],
    ['restrict', { isOpen: false, status: 'Suppressed' }, 'The restriction would have ended.'],
  ] as const)('the timeline names the end of %s with %o', (action, more, text) => {
    const step = rule(0, { action });
    expect(linesOf({ ...step, after: { ...step.after, ...more } }).at(-1)).toEqual([15, text]);
  });

  test('a case that goes on for long keeps its beginning and the latest twenty rulings', () => {
    let step = rule(0);
    for (let nth = 1; nth <= 60; nth += 1) step = rule(nth * 16, {}, step);
    expect(step.after.rulings).toHaveLength(20);
    const lines = linesOf(step);
    expect(lines).toHaveLength(22);
    expect(lines[0]).toEqual([0, 'The detector found it.']);
    expect(lines[1]?.[0]).toBe(41 * 16);
    expect(lines.at(-2)?.[0]).toBe(60 * 16);
  });

  test('a finding of an earlier version has its first and its last ruling', () => {
    const step = rule(30, {}, rule(0));
    expect(linesOf({ ...step, after: { ...step.after, rulings: [] } }).slice(0, 2)).toEqual([
      [0, 'The detector found it.'],
      [30, 'The detector found it again, for the last time so far.'],
    ]);
  });
});
