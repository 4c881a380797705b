import { dayMs, hourMs, minuteMs } from '../../../otp/durations.ts';

/** With one decimal at most. */
export const count = (value: number): string => String(Math.round(value * 10) / 10);

/** A whole number of things: `1 message`, `2 messages`. */
export const counted = (value: number, one: string, more = `${one}s`): string => {
  const whole = Math.round(value);
  return `${whole} ${whole === 1 ? one : more}`;
};

export const usd = (value: number): string => `$${value < 10 ? value.toFixed(2) : Math.round(value)}`;

/** An estimate with two figures, and thousands apart: `$1,100`. */
export const roughUsd = (value: number): string =>
  value < 100 ? usd(value) : `$${Number(value.toPrecision(2)).toLocaleString('en-US')}`;

/** As people read a time: `2026-01-05 00:15 UTC`. */
export const clockTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** A time span in one unit: `40 seconds`, `4 minutes`, `2 hours`, `3 days`. */
export const spanText = (ms: number): string => {
  if (ms < 1.5 * minuteMs) return counted(Math.max(1, ms / 1000), 'second');
  if (ms < 1.5 * hourMs) return counted(ms / minuteMs, 'minute');
  return ms < 2 * dayMs ? counted(ms / hourMs, 'hour') : counted(ms / dayMs, 'day');
};

/** What is usual an hour. */
export const usualText = (perHour: number): string => {
  const usual = count(perHour);
  return usual === '0' ? 'usually none' : `usually ${usual} an hour`;
};
