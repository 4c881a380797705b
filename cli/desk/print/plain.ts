import { textOf } from './json.ts';
import { both } from './times.ts';
import { visible } from './visible.ts';

/** `usedUsd` as `used usd`. */
const worded = (name: string): string =>
  visible(name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));

const isTime = (text: string): boolean => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text);

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const leaf = (value: unknown, nowMs: number): string =>
  value === null ? 'none' : typeof value === 'string' && isTime(value) ? both(value, nowMs) : textOf(value);

const isEmpty = (value: unknown): boolean => isGroup(value) && Object.keys(value).length === 0;

const inOneLine = (value: unknown, nowMs: number): string =>
  isGroup(value)
    ? Object.entries(value)
        .map(([name, each]) => `${Array.isArray(value) ? '' : `${worded(name)} `}${inOneLine(each, nowMs)}`)
        .join(', ')
    : leaf(value, nowMs);

/** Any answer as indented lines, one fact each. A list has a line for each of its entries. */
export const plainLines = (value: unknown, nowMs: number, indent = ''): readonly string[] => {
  if (!isGroup(value)) return [`${indent}${leaf(value, nowMs)}`];
  if (Array.isArray(value)) return value.map((each) => `${indent}- ${inOneLine(each, nowMs)}`);
  return Object.entries(value).flatMap(([name, each]) =>
    isEmpty(each)
      ? [`${indent}${worded(name)}: none`]
      : isGroup(each)
        ? [`${indent}${worded(name)}:`, ...plainLines(each, nowMs, `${indent}  `)]
        : [`${indent}${worded(name)}: ${leaf(each, nowMs)}`],
  );
};
