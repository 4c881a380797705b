import { describe, expect, test } from 'vitest';
import type { Key } from '../../../lambdas/bursts/counts/keys.ts';
import { commitRuling } from '../../../lambdas/bursts/detect.ts';
import { decide, type RulingFacts } from '../../../lambdas/bursts/findings/decision.ts';
import { nextTransition } from '../../../lambdas/bursts/findings/next-transition.ts';
import { stepOf } from '../../../lambdas/bursts/findings/render.ts';
import type { Action, Ruling, Severity } from '../../../lambdas/bursts/judge/ruling.ts';
import { hourMs, minuteMs } from '../../../lambdas/otp/durations.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import { sampleDeployment } from '../../fakes/bursts/deployment.ts';
import { aRuling } from '../../fakes/bursts/rulings.ts';
import { mondayMs } from '../../fakes/bursts/scene.ts';

const nothing: RulingFacts = { before: undefined, version: 0, campaign: { version: 0, cases: [] } };
const range: Key = { level: 'range', of: '+44770012' };
const rangeOf = (nth: number): Key => ({ level: 'range', of: `+447700${nth}` });
const prefix: Key = { level: 'prefix', of: '+447700' };

const isMailed = (ruling: Ruling, facts = nothing): boolean =>
  decide(ruling, facts, sampleDeployment).step.finding.unmapped.is_mailed;

/** Rulings one after the other, and which of them became mails. */
const mailedOf = async (...rulings: readonly Ruling[]): Promise<readonly string[]> => {
  const store = memoryBursts();
  const mailed: string[] = [];
  for (const ruling of rulings) {
    const decision = await commitRuling(store, ruling, sampleDeployment);
    if (decision?.step.finding.unmapped.is_mailed === true) mailed.push(decision.key.of);
  }
  return mailed;
};

describe('a finding is a mail', () => {
  test.each<[Key['level'], Action, Severity, boolean]>([
    ['range', 'restrict', 'medium', true],
    ['range', 'block', 'medium', true],
    ['prefix', 'restrict', 'high', true],
    ['country', 'restrict', 'critical', true],
    ['new-network', 'restrict', 'high', true],
    ['codes', 'longer-codes', 'high', true],
    ['ip', 'restrict', 'critical', true],
    ['ip', 'restrict', 'medium', false],
    ['phone', 'none', 'low', false],
    ['codes', 'longer-codes', 'medium', false],
    ['range', 'none', 'low', false],
  ])('staff get a mail of level %s, action %s and severity %s: %s', (level, action, severity, expected) => {
    expect(isMailed(aRuling({ level, of: 'GB' }, mondayMs, { action, severity }))).toBe(expected);
  });

  test('staff get a mail of a country in which codes are not entered, unless the settings say to record only', () => {
    const drop = { rule: 'conversion-drop', action: 'none', severity: 'low' } as const;
    const country: Key = { level: 'country', of: 'GB' };
    expect(isMailed(aRuling(country, mondayMs, drop))).toBe(true);
    expect(isMailed(aRuling(country, mondayMs, { ...drop, mode: 'record-only' }))).toBe(false);
  });

  test('staff get no mail of what they know: an update, a part of a wider case, and the end', () => {
    const first = decide(aRuling(range, mondayMs), nothing, sampleDeployment);
    const before = first.step.after;
    const again = aRuling(range, mondayMs + minuteMs, { isUpdate: true });
    expect(isMailed(again, { before, version: 1, campaign: nothing.campaign })).toBe(false);
    expect(isMailed(aRuling(range, mondayMs, { parent: 'wider', severity: 'critical' }))).toBe(false);
    const quiet = { refusedSince: [], liftedUntilMs: undefined, parent: undefined };
    const end = nextTransition(before, quiet, 0.05, mondayMs + 24 * hourMs);
    if (end === undefined) expect.fail('The case has not ended.');
    expect(first.step.finding.unmapped.is_mailed).toBe(true);
    expect(stepOf(end, first.step.finding, sampleDeployment).finding.unmapped.is_mailed).toBe(false);
  });

  test('staff get a mail of a case that gets worse', () => {
    const before = decide(aRuling(prefix, mondayMs, { severity: 'high' }), nothing, sampleDeployment).step.after;
    const worse = aRuling(prefix, mondayMs + minuteMs, { severity: 'critical', isUpdate: true });
    expect(isMailed(worse, { before, version: 1, campaign: nothing.campaign })).toBe(true);
  });
});

describe('of one campaign', () => {
  test('one range is a mail, whether the next follows within minutes, or in the same country within a day', async () => {
    expect(
      await mailedOf(
        aRuling(rangeOf(10), mondayMs),
        aRuling(rangeOf(11), mondayMs + minuteMs),
        aRuling({ level: 'range', of: '+3367700' }, mondayMs + 2 * hourMs, { country: 'FR' }),
        aRuling(rangeOf(12), mondayMs + 20 * hourMs),
      ),
    ).toEqual([rangeOf(10).of]);
  });

  test('a range is a mail again after a day, and after three hours in another country', async () => {
    expect(
      await mailedOf(
        aRuling(rangeOf(10), mondayMs),
        aRuling({ level: 'range', of: '+3367700' }, mondayMs + 4 * hourMs, { country: 'FR' }),
        aRuling(rangeOf(11), mondayMs + 25 * hourMs),
      ),
    ).toEqual([rangeOf(10).of, '+3367700', rangeOf(11).of]);
  });

  test('ranges take no severe case its severity or its mail, and no range is a mail after a severe case', async () => {
    const prefixes = [1, 2, 3].map((nth): Key => ({ level: 'prefix', of: `+44770${nth}` }));
    expect(
      await mailedOf(
        aRuling(rangeOf(10), mondayMs),
        ...prefixes.map((key, nth) => aRuling(key, mondayMs + (nth + 1) * minuteMs, { severity: 'high' })),
        aRuling(rangeOf(11), mondayMs + 5 * minuteMs),
      ),
    ).toEqual([rangeOf(10).of, '+447701', '+447702']);
  });

  test('one of a hundred ranges that are found at the same time is a mail', async () => {
    const store = memoryBursts();
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, nth) =>
        commitRuling(store, aRuling(rangeOf(100 + nth), mondayMs), sampleDeployment),
      ),
    );
    expect(all.filter((decision) => decision !== undefined)).toHaveLength(100);
    expect(all.filter((decision) => decision?.step.finding.unmapped.is_mailed === true)).toHaveLength(1);
  });
});
