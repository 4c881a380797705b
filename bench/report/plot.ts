/** A plot as SVG: horizontal bars of parts that add up, each with a thin line to its whisker. */

import { shown } from './cells.ts';
import type { Plot } from './results.ts';

type Bar = Plot['bars'][number];

const width = 760;
/** `right` has room for the figures behind a bar. */
const margin = { side: 20, right: 116, bottom: 44 };
const [pitch, thickness, legendPitch] = [44, 24, 22];
/** About seven pixels a letter: SVG cannot ask for the width of a text. */
const letterPixels = 7;

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

const figure = (value: number): string => shown(Math.round(value * 10) / 10);

/** A round step: at most six fit into the largest value. */
export const stepOf = (largest: number): number => {
  const rough = largest / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
};

type Entry = { readonly name: string; readonly x: number; readonly row: number };

/** The entries of the legend, in as many rows as they need. */
const legendOf = (names: readonly string[]): readonly Entry[] => {
  let [x, row] = [margin.side, 0];
  return names.map((name) => {
    const space = 34 + name.length * letterPixels;
    if (x > margin.side && x + space > width - margin.side) [x, row] = [margin.side, row + 1];
    const entry = { name, x, row };
    x += space;
    return entry;
  });
};

type Layout = {
  /** Names of the parts, in the order of the legend. */
  readonly names: readonly string[];
  readonly legend: readonly Entry[];
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly largest: number;
  readonly x: (value: number) => number;
};

const layoutOf = ({ bars }: Plot): Layout => {
  const names = [...new Set(bars.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  const legend = legendOf(names);
  const left = margin.side + 14 + letterPixels * Math.max(...bars.map(({ name }) => name.length));
  const top = 76 + legendPitch * (legend.at(-1)?.row ?? 0);
  const largest = Math.max(...bars.map(endOf));
  const x = (value: number) => left + (value / largest) * (width - left - margin.right);
  return { names, legend, left, top, bottom: top + bars.length * pitch, largest, x };
};

const axis = (unit: string, { top, bottom, largest, x }: Layout): readonly string[] => {
  const step = stepOf(largest);
  const ticks = Array.from({ length: Math.floor(largest / step) + 1 }, (_, index) => index * step);
  return [
    ...ticks.flatMap((tick) => [
      drawn('grid', [x(tick), top - 6], [x(tick), bottom]),
      written(shown(Math.round(tick * 1000) / 1000), { at: [x(tick), bottom + 18], anchor: 'middle', kind: 'small' }),
    ]),
    written(unit, { at: [width - margin.side, bottom + 18], anchor: 'end', kind: 'small' }),
  ];
};

const whiskerOf = (from: number, to: number | undefined, y: number, { x }: Layout): readonly string[] =>
  to === undefined ? [] : [drawn('line', [x(from), y], [x(to), y]), drawn('line', [x(to), y - 6], [x(to), y + 6])];

const barOf = (bar: Bar, row: number, layout: Layout): readonly string[] => {
  const { names, left, x } = layout;
  const top = layout.top + row * pitch + (pitch - thickness) / 2;
  const middle = top + thickness / 2;
  let from = 0;
  const parts = bar.parts.map(({ name, value }) => {
    const [begins, ends] = [x(from), x(from + value)];
    from += value;
    const place = `x="${pixels(begins)}" y="${pixels(top)}" width="${pixels(ends - begins)}" height="${thickness}"`;
    return `  <rect class="part-${names.indexOf(name) % fills.length}" ${place}/>`;
  });
  const figures = [from, ...(bar.whisker === undefined ? [] : [bar.whisker])].map(figure);
  return [
    written(bar.name, { at: [left - 10, middle + 4], anchor: 'end' }),
    ...parts,
    ...whiskerOf(from, bar.whisker, middle, layout),
    written(figures.join(' to '), { at: [x(endOf(bar)) + 8, middle + 4], kind: 'small' }),
  ];
};

const entryOf = ({ name, x, row }: Entry, part: number): readonly string[] => {
  const y = 52 + row * legendPitch;
  return [
    `  <rect class="part-${part % fills.length}" x="${x}" y="${y - 10}" width="12" height="12"/>`,
    written(name, { at: [x + 18, y], kind: 'small' }),
  ];
};

/** @throws Error if a plot has no bar, or none with a length. */
export const plotOf = (plot: Plot): string => {
  const layout = layoutOf(plot);
  if (!(layout.largest > 0)) throw new Error(`The plot ${plot.name} has no bars.`);
  const height = layout.bottom + margin.bottom;
  const bars = plot.bars.map((bar) => `${bar.name}: ${figure(totalOf(bar))} ${plot.unit}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `  <title id="title">${escaped(plot.title)}</title>`,
    `  <desc id="desc">${escaped(bars.join('; '))}</desc>`,
    style(),
    `  <rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    written(`${plot.title} (${plot.unit})`, { at: [margin.side, 28], kind: 'head' }),
    ...layout.legend.flatMap(entryOf),
    ...axis(plot.unit, layout),
    ...plot.bars.flatMap((bar, row) => barOf(bar, row, layout)),
    '</svg>',
    '',
  ].join('\n');
};
