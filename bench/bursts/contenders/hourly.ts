import { hourMs } from '../traffic/calendar.ts';

/** Messages to a country by hour of the clock. */
export type Hours = {
  /** Index of the current hour. */
  hour: number;
  /** Messages of the current hour. */
  current: number;
  /** Messages of earlier hours, the latest last. */
  readonly before: number[];
};

export const hoursFrom = (atMs: number): Hours => ({ hour: Math.floor(atMs / hourMs), current: 0, before: [] });

/** Moves to the hour of `atMs`, over hours without a message too. @returns how many hours ended. */
export const turnTo = (hours: Hours, atMs: number, kept: number): number => {
  const ended = Math.floor(atMs / hourMs) - hours.hour;
  for (let hour = 0; hour < ended; hour += 1) {
    hours.before.push(hours.current);
    hours.current = 0;
  }
  hours.hour += ended;
  if (hours.before.length > kept) hours.before.splice(0, hours.before.length - kept);
  return ended;
};
