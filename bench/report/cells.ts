/** Writes cells, rows and targets as readers see them: the same digits in the terminal and on the page. */

import { type Cell, isInterval, type Target } from './results.ts';

/** Three digits, or all of those before the point. */
const digitsOf = (value: number): number => {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return 0;
  return size >= 10 ? 1 : 2;
};

const rounded = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** All three numbers of an interval have the digits of its middle. */
export const shown = (cell: Cell): string => {
  if (typeof cell === 'string') return cell;
  if (!isInterval(cell)) return rounded(cell, digitsOf(cell));
  const digits = Math.max(...[cell.middle, cell.low, cell.high].map(digitsOf));
  return `${rounded(cell.middle, digits)} (${rounded(cell.low, digits)}–${rounded(cell.high, digits)})`;
};

/** A price has its unit in front. */
export const withUnit = (text: string, unit: string): string => {
  if (unit === 'USD') return `$${text}`;
  return unit === '×' ? `${text} ×` : `${text} ${unit}`.trimEnd();
};

/** A bound has the digits that somebody chose. */
export const boundOf = ({ bound, unit }: Pick<Target, 'bound' | 'unit'>): string =>
  'atLeast' in bound
    ? `≥ ${withUnit(bound.atLeast.toLocaleString('en'), unit)}`
    : `≤ ${withUnit(bound.atMost.toLocaleString('en'), unit)}`;

/** The middle decides, not the interval. */
export const isMet = ({ bound, value }: Pick<Target, 'bound' | 'value'>): boolean => {
  const middle = isInterval(value) ? value.middle : value;
  return 'atLeast' in bound ? middle >= bound.atLeast : middle <= bound.atMost;
};
