/** A plot of one attack as SVG: messages asked for, messages sent, and the first refusal. */

import { type AttackScore, slotMs } from '../play/trace.ts';
import { minuteMs } from '../traffic/calendar.ts';

const [width, height] = [720, 240];
const margin = { left: 56, right: 16, top: 40, bottom: 36 };
/** More points than pixels only make the file larger. */
const maxPoints = 240;
const colors = { asked: '#c9ced6', askedText: '#6b7280', sent: '#c2410c', refusal: '#1d4ed8', ink: '#1f2937' };

export type Series = {
  /** Minutes that one point stands for. */
  readonly step: number;
  /** Messages per minute. */
  readonly asked: readonly number[];
  readonly sent: readonly number[];
};

export const seriesOf = ({ askedBySlot, sentBySlot }: AttackScore): Series => {
  const slots = Math.max(1, Math.ceil(askedBySlot.length / maxPoints));
  const step = (slots * slotMs) / minuteMs;
  const perMinute = (counts: readonly number[]) =>
    Array.from({ length: Math.ceil(askedBySlot.length / slots) }, (_, point) => {
      let sum = 0;
      for (let slot = point * slots; slot < (point + 1) * slots; slot += 1) sum += counts[slot] ?? 0;
      return sum / step;
    });
  return { step, asked: perMinute(askedBySlot), sent: perMinute(sentBySlot) };
};

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const rounded = (value: number) => String(Math.round(value * 10) / 10);

type Scale = { readonly x: (minute: number) => number; readonly y: (perMinute: number) => number };

const scaleOf = ({ asked, step }: Series): Scale => {
  const [minutes, peak] = [asked.length * step, Math.max(...asked)];
  return {
    x: (minute) => margin.left + (minute / minutes) * (width - margin.left - margin.right),
    y: (perMinute) => height - margin.bottom - (perMinute / peak) * (height - margin.top - margin.bottom),
  };
};

/** An area of steps above the base line. */
const area = (values: readonly number[], step: number, { x, y }: Scale, color: string): string => {
  const steps = values.flatMap((value, point) => [
    `${rounded(x(point * step))},${rounded(y(value))}`,
    `${rounded(x((point + 1) * step))},${rounded(y(value))}`,
  ]);
  const [from, to] = [`${rounded(x(0))},${rounded(y(0))}`, `${rounded(x(values.length * step))},${rounded(y(0))}`];
  return `<polygon fill="${color}" points="${[from, ...steps, to].join(' ')}"/>`;
};

const text = (x: number, y: number, words: string, anchor = 'start', color = colors.ink) =>
  `<text x="${rounded(x)}" y="${rounded(y)}" text-anchor="${anchor}" fill="${color}">${escaped(words)}</text>`;

const duration = (minutes: number) => (minutes >= 180 ? `${rounded(minutes / 60)} h` : `${rounded(minutes)} min`);

const refusalMark = ({ refusedAtMs, startMs, sentBeforeRefusal }: AttackScore, { x, y }: Scale): readonly string[] => {
  if (refusedAtMs === undefined) return [text(width - margin.right, margin.top - 6, 'never refused', 'end')];
  const at = x((refusedAtMs - startMs) / minuteMs);
  const seconds = Math.round((refusedAtMs - startMs) / 1000);
  const isLate = at > width / 2;
  return [
    `<line x1="${rounded(at)}" x2="${rounded(at)}" y1="${margin.top}" y2="${rounded(y(0))}" stroke="${colors.refusal}" stroke-width="1.5"/>`,
    text(
      at + (isLate ? -4 : 4),
      margin.top - 6,
      `first refusal: after ${seconds} s and ${sentBeforeRefusal} messages`,
      isLate ? 'end' : 'start',
      colors.refusal,
    ),
  ];
};

export const plot = (attack: AttackScore, contender: string, seed: number): string => {
  const series = seriesOf(attack);
  const scale = scaleOf(series);
  const { x, y } = scale;
  const minutes = series.asked.length * series.step;
  const peak = Math.max(...series.asked);
  const caption = `${attack.id}, ${contender}, seed ${seed}: ${attack.sent} of ${attack.asked} messages sent`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escaped(caption)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    area(series.asked, series.step, scale, colors.asked),
    area(series.sent, series.step, scale, colors.sent),
    `<line x1="${margin.left}" x2="${width - margin.right}" y1="${rounded(y(0))}" y2="${rounded(y(0))}" stroke="${colors.ink}"/>`,
    text(margin.left, 16, caption),
    text(margin.left - 6, y(peak) + 4, rounded(peak), 'end'),
    text(margin.left - 6, y(0) + 4, '0', 'end'),
    text(x(minutes), height - margin.bottom + 16, duration(minutes), 'end'),
    text(margin.left, height - margin.bottom + 16, 'messages per minute:'),
    text(margin.left + 125, height - margin.bottom + 16, 'asked for', 'start', colors.askedText),
    text(margin.left + 190, height - margin.bottom + 16, 'sent', 'start', colors.sent),
    ...refusalMark(attack, scale),
    '</svg>',
    '',
  ].join('\n');
};
