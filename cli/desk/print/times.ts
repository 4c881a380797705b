import { visible } from './visible.ts';

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A time as long as a person cares for it, such as `3 h 20 min`. */
export const lasting = (ms: number): string => {
  const [at, unit, length] = units
    .map(([name, each], index) => [index, name, each] as const)
    .find(([, , each]) => ms >= each) ?? [3, 's' as const, 1000];
  const whole = Math.floor(ms / length);
  const next = units[at + 1];
  const rest = next === undefined || whole >= 10 ? 0 : Math.floor((ms - whole * length) / next[1]);
  return `${whole} ${unit}${rest === 0 || next === undefined ? '' : ` ${rest} ${next[0]}`}`;
};

/** `4 min ago`, `in 3 h`. */
export const relative = (atMs: number, nowMs: number): string => {
  const apart = Math.abs(atMs - nowMs);
  if (apart < 1000) return 'now';
  return atMs < nowMs ? `${lasting(apart)} ago` : `in ${lasting(apart)}`;
};

const parsedTime = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN);

/** `2026-11-29 03:04:05 UTC` of a time of the API. A text that is no time stays as it is. */
export const absolute = (value: unknown): string => {
  const atMs = parsedTime(value);
  if (Number.isNaN(atMs)) return typeof value === 'string' ? visible(value) : '';
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** The time, and how far away it is. */
export const both = (value: unknown, nowMs: number): string => {
  const atMs = parsedTime(value);
  return Number.isNaN(atMs) ? absolute(value) : `${absolute(value)} (${relative(atMs, nowMs)})`;
};
