/** A plot as SVG: horizontal bars of parts that add up, each with a thin line to its whisker. */

import { shown } from './cells.ts';
import type { Plot } from './results.ts';

type Bar = Plot['bars'][number];

const width = 760;
const margin = { left: 168, right: 116, top: 76, bottom: 44 };
const [pitch, thickness] = [44, 24];

/** Fills of parts, in order, on light and dark paper. Both have 3:1 against their paper and against their neighbors. */
const fills = [
  ['#0969da', '#58a6ff'],
  ['#d97706', '#f0b72f'],
  ['#57606a', '#8b949e'],
  ['#1a7f37', '#3fb950'],
  ['#8250df', '#bc8cff'],
  ['#bf3989', '#f778ba'],
] as const;

const style = (): string =>
  [
    '  <style>',
    '    .paper { fill: #ffffff; stroke: #d0d7de; }',
    '    .grid { stroke: #d0d7de; }',
    '    .line { stroke: #1f2328; stroke-width: 1.5; }',
    '    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }',
    '    .head { font-weight: 600; font-size: 15px; }',
    '    .small { font-size: 12px; fill: #57606a; }',
    ...fills.map(([light], part) => `    .part-${part} { fill: ${light}; }`),
    '    @media (prefers-color-scheme: dark) {',
    '      .paper { fill: #0d1117; stroke: #30363d; }',
    '      .grid { stroke: #30363d; }',
    '      .line { stroke: #e6edf3; }',
    '      text { fill: #e6edf3; }',
    '      .small { fill: #9198a1; }',
    ...fills.map(([, dark], part) => `      .part-${part} { fill: ${dark}; }`),
    '    }',
    '  </style>',
  ].join('\n');

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const pixels = (value: number): string => String(Math.round(value * 10) / 10);

type Words = { readonly at: readonly [number, number]; readonly anchor?: string; readonly kind?: string };

const written = (text: string, { at: [x, y], anchor = 'start', kind }: Words): string =>
  `  <text x="${pixels(x)}" y="${pixels(y)}" text-anchor="${anchor}"${kind === undefined ? '' : ` class="${kind}"`}>${escaped(text)}</text>`;

const drawn = (kind: string, [x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string =>
  `  <line class="${kind}" x1="${pixels(x1)}" y1="${pixels(y1)}" x2="${pixels(x2)}" y2="${pixels(y2)}"/>`;

const totalOf = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0);

const endOf = (bar: Bar): number => Math.max(totalOf(bar), bar.whisker ?? 0);

/** A round step: at most six fit into the largest value. */
export const stepOf = (largest: number): number => {
  const rough = largest / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
};

type Scale = (value: number) => number;

const axis = ({ bars, unit }: Plot, x: Scale): readonly string[] => {
  const bottom = margin.top + bars.length * pitch;
  const largest = Math.max(...bars.map(endOf));
  const step = stepOf(largest);
  const ticks = Array.from({ length: Math.floor(largest / step) + 1 }, (_, index) => index * step);
  return [
    ...ticks.flatMap((tick) => [
      drawn('grid', [x(tick), margin.top - 6], [x(tick), bottom]),
      written(shown(Math.round(tick * 1000) / 1000), { at: [x(tick), bottom + 18], anchor: 'middle', kind: 'small' }),
    ]),
    written(unit, { at: [width - 20, bottom + 18], anchor: 'end', kind: 'small' }),
  ];
};

const barOf = (bar: Bar, row: number, names: readonly string[], x: Scale): readonly string[] => {
  const top = margin.top + row * pitch + (pitch - thickness) / 2;
  const middle = top + thickness / 2;
  let from = 0;
  const parts = bar.parts.map(({ name, value }) => {
    const [left, right] = [x(from), x(from + value)];
    from += value;
    const place = `x="${pixels(left)}" y="${pixels(top)}" width="${pixels(right - left)}" height="${thickness}"`;
    return `  <rect class="part-${names.indexOf(name) % fills.length}" ${place}/>`;
  });
  const end = x(endOf(bar));
  const whisker =
    bar.whisker === undefined
      ? []
      : [
          drawn('line', [x(from), middle], [x(bar.whisker), middle]),
          drawn('line', [x(bar.whisker), middle - 6], [x(bar.whisker), middle + 6]),
        ];
  const figures = [from, ...(bar.whisker === undefined ? [] : [bar.whisker])];
  return [
    written(bar.name, { at: [margin.left - 10, middle + 4], anchor: 'end' }),
    ...parts,
    ...whisker,
    written(figures.map((figure) => shown(Math.round(figure * 10) / 10)).join(' to '), {
      at: [end + 8, middle + 4],
      kind: 'small',
    }),
  ];
};

/** About seven pixels a letter: SVG cannot ask for the width of a text. */
const letterPixels = 7;

const legend = (names: readonly string[], y: number): readonly string[] => {
  let left = 20;
  return names.flatMap((name, part) => {
    const at = left;
    left += 34 + name.length * letterPixels;
    return [
      `  <rect class="part-${part % fills.length}" x="${at}" y="${y - 10}" width="12" height="12"/>`,
      written(name, { at: [at + 18, y], kind: 'small' }),
    ];
  });
};

/** @throws Error if a plot has no bar, or one that has no length. */
export const plotOf = (plot: Plot): string => {
  const names = [...new Set(plot.bars.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  const largest = Math.max(...plot.bars.map(endOf));
  if (!(largest > 0)) throw new Error(`The plot ${plot.name} has no bars.`);
  const height = margin.top + plot.bars.length * pitch + margin.bottom;
  const x: Scale = (value) => margin.left + (value / largest) * (width - margin.left - margin.right);
  const bars = plot.bars.map((bar) => `${bar.name}: ${shown(Math.round(totalOf(bar) * 10) / 10)} ${plot.unit}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `  <title id="title">${escaped(plot.title)}</title>`,
    `  <desc id="desc">${escaped(bars.join('; '))}</desc>`,
    style(),
    `  <rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    written(`${plot.title} (${plot.unit})`, { at: [20, 28], kind: 'head' }),
    ...legend(names, 52),
    ...axis(plot, x),
    ...plot.bars.flatMap((bar, row) => barOf(bar, row, names, x)),
    '</svg>',
    '',
  ].join('\n');
};
