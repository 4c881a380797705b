/**
 * A score of the page, made offline: accessibility by the rules of axe-core, performance by the browser's own measures and the
 * curves of Lighthouse 10 for desktops. The Speed Index is left out, since it needs a film. Nothing is throttled.
 */

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useStage } from '../stage.ts';
import { judge } from './axe.ts';

const { open } = useStage();

type Curve = { readonly p10: number; readonly median: number; readonly weight: number };

/** The scoring of https://github.com/GoogleChrome/lighthouse/blob/v10.0.0/core/config/desktop-config.js and its audits. */
const curves = {
  firstPaintMs: { p10: 934, median: 1600, weight: 10 },
  largestPaintMs: { p10: 1200, median: 2400, weight: 25 },
  blockedMs: { p10: 150, median: 350, weight: 30 },
  shift: { p10: 0.1, median: 0.25, weight: 25 },
} satisfies Record<string, Curve>;
type Measures = Record<keyof typeof curves, number>;

/** Abramowitz and Stegun 7.1.26. */
const erf = (x: number): number => {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - tail * Math.exp(-x * x));
};

/** 0.9 at `p10` and 0.5 at `median`, along a log-normal curve. */
const scoreOf = (value: number, { p10, median }: Curve): number => {
  if (value <= 0) return 1;
  const inverseErfcOfOneFifth = 0.9061938024368232;
  return (1 - erf((Math.log(value / median) * inverseErfcOfOneFifth) / -Math.log(p10 / median))) / 2;
};

const performanceOf = (measures: Measures): number => {
  const parts = Object.entries(curves).map(([name, curve]) => ({
    weight: curve.weight,
    score: scoreOf(measures[name as keyof Measures], curve),
  }));
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  return Math.round((100 * parts.reduce((sum, { weight, score }) => sum + weight * score, 0)) / total);
};

const observe = `
  globalThis.measures = { largestPaintMs: 0, blockedMs: 0, shift: 0 };
  const watch = (type, act) => new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true });
  watch('largest-contentful-paint', ({ startTime }) => { measures.largestPaintMs = startTime; });
  watch('longtask', ({ duration }) => { measures.blockedMs += Math.max(0, duration - 50); });
  watch('layout-shift', ({ value }) => { measures.shift += value; });
`;

const measure = async (page: Page): Promise<Measures> => {
  await page.getByRole('button', { name: 'Send code' }).waitFor();
  // The page never rests: it looks at the inbox once a second.
  await page.waitForTimeout(1500);
  return (await page.evaluate(
    `({ ...measures, firstPaintMs: performance.getEntriesByName('first-contentful-paint')[0].startTime })`,
  )) as Measures;
};

test('the curves give 90 at their first point and 50 at their middle', () => {
  const curve = curves.firstPaintMs;
  expect(scoreOf(curve.p10, curve)).toBeCloseTo(0.9, 3);
  expect(scoreOf(curve.median, curve)).toBeCloseTo(0.5, 3);
  expect(performanceOf({ firstPaintMs: 9000, largestPaintMs: 9000, blockedMs: 3000, shift: 1 })).toBeLessThan(5);
});

test('the page gets 100 for accessibility, and 90 or more for performance', async () => {
  const page = await open({ bypassCSP: true }, async (fresh) => {
    await fresh.addInitScript(observe);
  });
  // The first visit fills the caches of the server; a reload is what a reader sees from then on.
  await page.reload();
  const measures = await measure(page);
  const { passes, violations } = await judge(page);
  const accessibility = Math.round((100 * passes.length) / (passes.length + violations.length));
  const performance = performanceOf(measures);
  const shown = Object.entries(measures).map(([name, value]) => `${name} ${Number(value.toFixed(3))}`);
  console.log(
    `The page: accessibility ${accessibility} (${passes.length} rules of axe-core), performance ${performance} (${shown.join(', ')}).`,
  );
  expect(accessibility).toBe(100);
  expect(performance).toBeGreaterThanOrEqual(90);
});
