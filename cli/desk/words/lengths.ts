import { usage } from '../exits.ts';

const minutesIn: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440 };

type Bound = {
  /** By which it was given, for the sentence. */
  readonly option: string;
  /** Such as 30d. */
  readonly max?: string;
};

const readMinutes = (text: string): number => {
  const [, count, unit] = /^(\d{1,6})\s*([mhd])$/.exec(text.trim()) ?? [];
  return Number(count) * (minutesIn[unit ?? ''] ?? Number.NaN);
};

/** Minutes of a length of time such as 60m, 24h or 7d. */
export const minutesOf = (text: string, { option, max }: Bound): number => {
  const minutes = readMinutes(text);
  if (!(minutes >= 1))
    throw usage(
      `Write ${option} as a number with m, h or d behind it, such as ${option} 60m, ${option} 24h or ${option} 2d.`,
    );
  if (max !== undefined && minutes > readMinutes(max)) throw usage(`${option} is too long. ${max} is the most.`);
  return minutes;
};

/** A time as the API takes it: the time itself, or how long ago it was. */
export const sinceOf = (text: string, nowMs: number): string =>
  /^\d+\s*[mhd]$/.test(text.trim())
    ? // Nothing is older than 1970, and a year before 0 is no year of the API.
      new Date(Math.max(0, nowMs - minutesOf(text, { option: '--since' }) * 60_000)).toISOString()
    : text;

const dayOrTime = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/;

/** JavaScript takes February 30 for a day in March. */
const isDay = (text: string): boolean => {
  const atMs = Date.parse(text);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
};

/** A day is its first moment, in UTC. */
export const timeOf = (text: string, option: string): string => {
  const atMs = dayOrTime.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs) || !isDay(text.slice(0, 10)))
    throw usage(
      `Write ${option} as a day or a time (RFC 3339), such as ${option} 2026-11-01 or ${option} 2026-11-01T06:00:00Z.`,
    );
  return new Date(atMs).toISOString();
};

/** Anything else would be another path of the API. */
export const idOf = (text: string, example: string): string => {
  if (!/^[\w:][\w:.-]{0,127}$/.test(text) || /^\d{7,}$/.test(text))
    throw usage(`This is no id. Write it as the list shows it, such as ${example}.`);
  return text;
};
