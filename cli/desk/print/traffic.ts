import { fieldsOf, listOf, numberOf } from './json.ts';

const bars = [...'▁▂▃▄▅▆▇█'];

const measures = [
  ['requests', 'got a code'],
  ['approved', 'entered it'],
  ['refused', 'refused'],
] as const;

/** The traffic of a finding: a bar for each ten minutes, all measures on one scale, and the total. */
export const trafficLines = (traffic: unknown): readonly string[] => {
  const points = listOf(fieldsOf(traffic)['byTenMinutes']);
  const rows = measures.map(([measure, label]) => ({
    label,
    counts: points.map((point) => Math.max(0, numberOf(point[measure]) ?? 0)),
  }));
  const top = Math.max(1, ...rows.flatMap(({ counts }) => counts));
  const barOf = (count: number) => bars[Math.ceil((count / top) * (bars.length - 1))] ?? '';
  return points.length === 0
    ? []
    : rows.map(({ label, counts }) => {
        const total = counts.reduce((sum, count) => sum + count, 0);
        return `${label.padEnd(10)} ${counts.map(barOf).join('')} ${total}`;
      });
};
