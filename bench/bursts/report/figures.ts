/** Figures and tables as they are printed. */

import type { Tally } from '../play/ledger.ts';
import { intervalOf } from './intervals.ts';

export const none = '–';

export const counted = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Small shares get more digits, because 0.00% would hide thirty in a million. */
export const percent = (share: number): string => {
  const digits = share >= 0.1 ? 1 : share >= 0.001 || share === 0 ? 2 : 4;
  return `${(share * 100).toFixed(digits)}%`;
};
export const perMillion = (share: number): string => counted(share * 1_000_000);

export const shareOf = ({ total, undelivered }: Tally): number => (total === 0 ? 0 : undelivered / total);

/** A share with its interval. */
export const surely = ({ total, undelivered }: Tally, shown: (share: number) => string): string => {
  const { low, high } = intervalOf(undelivered, total);
  return `${shown(shareOf({ total, undelivered }))} [${shown(low)}–${shown(high)}]`;
};

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

export const markdown = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...body.map(line)].join('\n');
