import { describe, expect, test } from 'vitest';
import { staleFiles } from './page.ts';
import { plotOf, stepOf } from './plot.ts';
import { renderPage } from './render.ts';
import type { Plot, Result } from './results.ts';

const plot: Plot = {
  name: 'benchmarks-latency',
  title: 'A title <of its own>',
  unit: 'ms',
  bars: [
    {
      name: 'request',
      parts: [
        { name: 'waits', value: 48 },
        { name: 'works', value: 4 },
      ],
      whisker: 60,
    },
    {
      name: 'check',
      parts: [
        { name: 'waits', value: 15 },
        { name: 'works', value: 2.5 },
      ],
    },
  ],
};

const result = (before: number): Result => ({
  bench: 'latency',
  command: 'npm run bench:latency -- --verifications 3',
  machine: { processor: 'A processor', cores: 2, platform: 'linux x64', node: 'v24.0.0' },
  commit: 'abcdef0',
  date: '2026-01-02',
  loads: { before, highest: 2 },
  tables: [{ title: 'A table', columns: ['flow', 'ms'], rows: [['a|b', { middle: 4.1, low: 3.9, high: 4.3 }]] }],
  targets: [
    { measure: 'too slow', unit: 'ms', bound: { atMost: 2.5 }, value: 3, why: 'It computes.' },
    { measure: 'fast enough', unit: '×', bound: { atLeast: 1.7 }, value: { middle: 1.9, low: 1.8, high: 2 } },
  ],
  plots: [plot],
  notes: ['A note.'],
});

const words = { intro: 'An introduction.', latency: '# Heading\n\nWords.\n', race: 'More words.' };

test('the page and its plots are what the results and the words say', async () => {
  expect(await staleFiles(), 'Run `npm run bench:page`.').toEqual([]);
});

describe('the page', () => {
  const page = renderPage({ results: { latency: result(0.2) }, words });

  test('the page has each target with its value, and says why one is missed', () => {
    expect(page).toContain(
      '| [too slow](#latency-above-the-critical-path) | ≤ 2.5 ms | 3 ms | **missed**: It computes. |\n' +
        '| [fast enough](#latency-above-the-critical-path) | ≥ 1.7 × | 1.90 (1.80–2.00) × | met |\n',
    );
  });

  test('the page has the machine, the command, the commit, the date, the load, the table, the plot and the notes of a run', () => {
    expect(page).toContain(`## Latency above the critical path

Words.

Last run:

    npm run bench:latency -- --verifications 3
    A processor, 2 cores, linux x64, Node v24.0.0
    commit abcdef0, 2026-01-02, load average 0.2 before and 2.0 at most

**A table**

| flow | ms |
| --- | --- |
| a\\|b | 4.10 (3.90–4.30) |

![A title <of its own>, in ms](benchmarks-latency.svg)

A note.

## Guesses at the same time

More words.

No run on a quiet machine is published yet.
`);
  });

  test('the page lists the commands of the benches that have words, and no others', () => {
    expect(page).toContain('| `npm run bench:latency -- --quick` | that the same runs |');
    expect(page).not.toContain('bench:cold');
  });

  test('the page warns of a run on a busy machine, and of no other', () => {
    const noisy = renderPage({ results: { latency: result(1.6) }, words });
    expect(noisy).toContain('> **This run was noisy.**');
    expect(page).not.toContain('noisy');
  });
});

describe('a plot', () => {
  const svg = plotOf(plot);

  test('a plot has a title with its unit, a legend, a bar for each part and a line to the whisker', () => {
    expect(svg).toContain('>A title &lt;of its own&gt; (ms)</text>');
    expect(svg).toContain('<desc id="desc">request: 52 ms; check: 17.5 ms</desc>');
    expect(svg.match(/<rect class="part-0"/g)).toHaveLength(3);
    expect(svg.match(/<rect class="part-1"/g)).toHaveLength(3);
    expect(svg.match(/<line class="line"/g)).toHaveLength(2);
    expect(svg).toContain('>52 to 60</text>');
  });

  test('a plot has colors for light and for dark paper', () => {
    const [light = '', dark = ''] = svg.split('@media (prefers-color-scheme: dark)');
    const fillOf = (css: string) => /\.part-0 \{ fill: (#\w+)/.exec(css)?.[1];
    expect(fillOf(dark)).toBeDefined();
    expect(fillOf(light)).not.toBe(fillOf(dark));
  });

  test('a name of any length stands left of the bars, and a legend of any length stays on the paper', () => {
    const names = Array.from({ length: 9 }, (_, index) => `a part with a long name ${index}`);
    const parts = names.map((name) => ({ name, value: 1 }));
    const wide = plotOf({ ...plot, bars: [{ name: 'request-verification, usual stack', parts }] });
    const lefts = [...wide.matchAll(/<rect class="part-\d" x="([\d.]+)" y="[\d.]+" width="12"/g)].map(([, x]) =>
      Number(x),
    );
    expect(lefts).toHaveLength(names.length);
    expect(Math.max(...lefts)).toBeLessThan(760 - 20 - 7 * 24);
    expect(Number(/<rect class="part-0" x="([\d.]+)" y="[\d.]+" width="(?!12")/.exec(wide)?.[1])).toBeGreaterThan(
      7 * 33,
    );
  });

  test.each([
    [60, 10],
    [61, 20],
    [4.4, 1],
    [0.9, 0.2],
    [1800, 500],
  ])('an axis to %d has ticks every %d', (largest, step) => {
    expect(stepOf(largest)).toBeCloseTo(step, 9);
  });

  test('a result without bars is refused as a plot', () => {
    expect(() => plotOf({ ...plot, bars: [] })).toThrow('has no bars');
  });
});
