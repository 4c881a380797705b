import { describe, expect, test } from 'vitest';
import type { Entry, Finding, Report } from '../contenders/contender.ts';
import { noGuard } from '../contenders/no-guard.ts';
import { run } from '../play/run.ts';
import { intervalOf } from '../report/intervals.ts';
import { plot, seriesOf } from '../report/plot.ts';
import { median, summaryOf } from '../report/summary.ts';
import { collateralTable, leakTable, meets, rows, sideTable, targetTable, verdictOn } from '../report/table.ts';
import { calendarOf, dayMs, families, fortnight, quick, type Size } from '../traffic/calendar.ts';
import { worldOf } from '../traffic/world.ts';
import { alone, attacked, unhindered } from './recorder.ts';

describe('intervals', () => {
  test('intervals are those of Wilson', () => {
    // Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, 15 of 148.
    expect(intervalOf(81, 263).low).toBeCloseTo(0.2553, 4);
    expect(intervalOf(81, 263).high).toBeCloseTo(0.3662, 4);
    expect(intervalOf(15, 148).low).toBeCloseTo(0.0624, 4);
    expect(intervalOf(15, 148).high).toBeCloseTo(0.1605, 4);
  });

  test('intervals bound what was never seen, as the rule of three does for many tries', () => {
    expect(intervalOf(0, 3000).low).toBe(0);
    expect(intervalOf(0, 3000).high).toBeCloseTo(0.001, 5);
    expect(intervalOf(3000, 3000).low).toBeCloseTo(0.999, 5);
    expect(intervalOf(3000, 3000).high).toBe(1);
    // Exact, as 3/n would say nothing of three attacks out of three: 5% = 0.368³.
    expect(intervalOf(3, 3).low).toBeCloseTo(0.368, 3);
    expect(intervalOf(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

test('a median is the middle one, or between the middle two', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

describe('calendars', () => {
  const calendars = [11, 12, 13, 14, 15].map((seed) => calendarOf(worldOf(seed, fortnight.startsPerDay), fortnight));

  test('five seeds have at least five attacks of each family', () => {
    const all = calendars.flatMap(({ attacks }) => attacks.map(({ family }) => family));
    for (const family of families) expect(all.filter((some) => some === family).length).toBeGreaterThanOrEqual(5);
  });

  test('a fortnight has four days without an attack', () => {
    for (const { attacks, isCleanDay, testStartMs } of calendars) {
      const clean = Array.from({ length: 14 }, (_, day) => day).filter((day) => isCleanDay(testStartMs + day * dayMs));
      expect(clean).toEqual([0, 4, 9, 13]);
      for (const { startMs, endMs } of attacks) {
        expect(isCleanDay(startMs)).toBe(false);
        expect(isCleanDay(endMs - 1)).toBe(false);
        expect(endMs - startMs).toBeLessThan(3 * dayMs);
      }
    }
  });

  test('traps fall on countries without attacks, except the covers of A13', () => {
    for (const { attacks, traps } of calendars) {
      const attackedMain = new Set(attacks.flatMap(({ countries }) => countries.map(({ code }) => code)));
      const calm = traps.filter(({ kind }) => !kind.endsWith('under attack'));
      expect(calm.filter(({ country }) => attackedMain.has(country.code))).toEqual([]);
      expect(traps.length - calm.length).toBe(attacks.filter(({ family }) => family === 'A13').length);
    }
  });
});

const reporting = (findings: readonly Finding[]): Entry => ({
  name: 'reporting',
  enter: (seed) => {
    const report: Report = { findings, blocks: findings.length, units: { reads: 2 } };
    return { ...noGuard.enter(seed), report: () => report };
  },
});

describe('findings', () => {
  const { attack, asks } = unhindered('A1');
  const key = asks[0]?.attempt.range ?? '';
  const finding: Finding = { level: 'range', key, severity: 'high', atMs: attack.startMs + 3000 };
  const scoreWith = (...findings: readonly Finding[]) =>
    run({ entry: reporting(findings), seed: 1, size: alone('A1') });

  test('a finding is true if an attack has its key, while the attack lasts', () => {
    const score = scoreWith(finding, { ...finding, key: '+44771234' }, { ...finding, atMs: attack.startMs - 1 });
    expect(score.findings).toEqual({ total: 3, high: 3, highTrue: 1 });
    expect(score.attacks[0]).toMatchObject({ foundAtMs: finding.atMs, highFindings: 1 });
    expect(score).toMatchObject({ blocks: 3, units: { reads: 2 } });
  });

  test('high findings are counted per attack', () => {
    const score = scoreWith(finding, finding, { ...finding, severity: 'low' }, { ...finding, level: 'all', key: '' });
    expect(score.attacks[0]?.highFindings).toBe(3);
    expect(score.findings).toEqual({ total: 4, high: 3, highTrue: 3 });
  });

  test('a finding is not about an attack that touched its key by chance', () => {
    const ip = asks[0]?.attempt.ip ?? '';
    const count = asks.filter(({ attempt }) => attempt.ip === ip).length;
    expect(count).toBeLessThan(3);
    expect(scoreWith({ ...finding, level: 'ip', key: ip }).findings.highTrue).toBe(0);
  });
});

test('a finding is about the attack with most messages of its key', () => {
  const both: Size = { ...alone('A1'), attacks: { ...alone('A1').attacks, A9: 1 } };
  const calendar = calendarOf(worldOf(1, 0), both);
  const loud = calendar.attacks.find(({ family }) => family === 'A1');
  const [shared, atMs] = [loud?.countries[0].code ?? '', (loud?.startMs ?? 0) + 60_000];
  const quiet = calendar.attacks.find(({ family }) => family === 'A9')?.countries.map(({ code }) => code) ?? [];
  expect(quiet).toContain(shared);
  const about = (key: string): Finding => ({ level: 'country', key, severity: 'high', atMs });
  const score = run({
    entry: reporting([about(shared), about(quiet.find((code) => code !== shared) ?? '')]),
    seed: 1,
    size: both,
  });
  expect(score.attacks.map(({ family, highFindings }) => [family, highFindings])).toEqual([
    ['A1', 1],
    ['A9', 1],
  ]);
});

describe('tables', () => {
  const summary = summaryOf([run({ entry: noGuard, seed: 1, size: { ...quick, startsPerDay: 200 } })]);
  const columns = [{ name: 'no guard', summary }];

  test('the table of leaks shows that everything leaks without a guard', () => {
    expect(leakTable(columns)).toContain('| A1 | 1 | 100.0% (13,000) |');
    expect(leakTable(columns).split('\n')).toHaveLength(2 + families.length);
  });

  test('only the judged column is held to the targets', () => {
    expect(targetTable(columns, 'ours')).not.toContain('verdict');
    const judged = targetTable(columns, 'no guard');
    expect(judged).toContain(
      '| A1 sequential range, messages before the first refusal | ≤ 33 | missed: 393.94× the target | 13,000 (worst 13,000) |',
    );
    expect(judged).toContain('| A1 sequential range, all messages except probes | ≤ 33 | missed: 393.94× the target |');
    expect(judged).toContain('| legitimate blocked, whole run, ppm | ≤ 700 | met | 0 [');
    expect(judged.split('\n')).toHaveLength(2 + rows.length);
  });

  test('the table of places has every place', () => {
    expect(collateralTable(columns)).toContain('| clean day |');
    expect(collateralTable(columns)).toContain('| onboarding in minutes | 180 | 0.00% [0.00%–1.65%] |');
  });

  test('probes do not count against the bound of a fast attack, and all else behind its first refusal does', () => {
    const bounded = (...figures: readonly [before: number, behind: number][]) => {
      const score = run({ entry: noGuard, seed: 1, size: alone('A3') });
      const [attack] = score.attacks;
      if (attack === undefined) throw new Error('A3 did not happen.');
      const attacks = figures.map(([before, behind]) => ({
        ...{ ...attack, sent: 20, sentBeforeRefusal: before, sentBehindRefusal: behind },
      }));
      const table = targetTable([{ name: 'ours', summary: summaryOf([{ ...score, attacks }]) }], 'ours');
      return table.split('\n').filter((line) => line.startsWith('| A3'));
    };
    expect(bounded([2, 4])).toEqual([
      '| A3 one IP, messages before the first refusal | ≤ 6 | met | 2 (worst 2) |',
      '| A3 one IP, all messages except probes | ≤ 6 | met | 6 (worst 6) |',
    ]);
    expect(bounded([2, 4], [3, 6], [7, 2])[1]).toBe(
      '| A3 one IP, all messages except probes | ≤ 6 | missed: 1.50× the target | 9 (worst 9) |',
    );
  });

  test('small shares are not printed as zero', () => {
    const [whole, findings] = [
      { total: 100_000, undelivered: 3 },
      { total: 4, high: 3, highTrue: 1 },
    ];
    const rare = [
      { name: 'rare', summary: { ...summary, places: new Map([['clean day', whole] as const]), findings } },
    ];
    expect(collateralTable(rare)).toContain('| clean day | 100,000 | 0.0030% [0.0010%–0.0088%] |');
    expect(sideTable(rare)).toContain('| false high findings in 30 days | 15.0 |');
  });

  test('a target is an upper or a lower bound', () => {
    expect(meets({ text: '', bound: 50 }, 50)).toBe(true);
    expect(meets({ text: '', bound: 50 }, 51)).toBe(false);
    expect(meets({ text: '', bound: 0.95, isFloor: true }, 0.94)).toBe(false);
    expect(verdictOn({ text: '', bound: 50 }, 75)).toBe('missed: 1.50× the target');
  });

  test('seeds are pooled by their sums', () => {
    const one = run({ entry: noGuard, seed: 1, size: alone('A3') });
    const pooled = summaryOf([one, one]).families.get('A3');
    expect(pooled).toMatchObject({ attacks: 2, asked: 3000, sent: 3000, medianSent: 1500, refused: 0 });
  });
});

describe('plots', () => {
  test('a plot shows the first refusal', () => {
    let asked = 0;
    const { attack } = attacked('A1', () => {
      asked += 1;
      return asked > 40 ? 'refused' : 'sent';
    });
    const svg = plot(attack, 'ours', 1);
    expect(svg).toContain('first refusal: after 4 s and 40 messages');
    expect(svg).toContain('A1 (1), ours, seed 1: 40 of 13000 messages sent');
  });

  test.each(['A1', 'A4', 'A9'] as const)('a plot of %s is smaller than 60 kB', (family) => {
    expect(plot(unhindered(family).attack, '<a & b>', 1).length).toBeLessThan(60_000);
  });

  test('a plot adds up slots if there are too many', () => {
    const { attack } = unhindered('A4');
    const series = seriesOf(attack);
    expect(series.step).toBe(12);
    expect(series.asked.reduce((sum, perMinute) => sum + perMinute * series.step, 0)).toBeCloseTo(960, 6);
  });

  test('a plot escapes its text', () => {
    expect(plot(unhindered('A3').attack, '<a & b>', 1)).toContain('&lt;a &amp; b&gt;');
  });
});
