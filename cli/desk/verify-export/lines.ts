import { exportFormat } from '../../../lambdas/contract.ts';

/** The lines of a part, counted by their record, and what is wrong with them. */
export type Lines = {
  readonly counts: ReadonlyMap<string, number>;
  readonly count: number;
  readonly problems: readonly string[];
};

export type Range = { readonly from: string; readonly to: string };

const records: readonly string[] = exportFormat.records;
const timeless: readonly string[] = exportFormat.timeless;

/** Of more wrong lines than this, the first are named. */
const maxNamed = 3;

export const readLines = (content: string, range: Range): Lines => {
  const lines = content.split('\n');
  const last = lines.pop();
  const judged = lines.map((line, index) => judgeLine(line, index + 1, range));
  const wrong = judged.flatMap(({ problem }) => problem ?? []);
  const counts = new Map<string, number>();
  for (const { record } of judged) if (record !== undefined) counts.set(record, (counts.get(record) ?? 0) + 1);
  return {
    counts,
    count: lines.length,
    problems: [
      ...(last === '' ? [] : ['Its last line does not end: it was cut off.']),
      ...wrong.slice(0, maxNamed),
      ...(wrong.length > maxNamed ? [`${wrong.length - maxNamed} more of its lines are wrong.`] : []),
    ],
  };
};

type Judged = { readonly record?: string; readonly problem?: string };

const judgeLine = (line: string, number: number, range: Range): Judged => {
  const { record, at } = parsed(line);
  if (typeof record !== 'string' || !records.includes(record))
    return { problem: `Line ${number} is no record of an export.` };
  // A finding belongs to each time between its first and its last change, and a history to none.
  if (!timeless.includes(record) && !(typeof at === 'string' && at >= range.from && at < range.to))
    return { record, problem: `Line ${number} has a time outside of the export.` };
  return { record };
};

const parsed = (line: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
};
