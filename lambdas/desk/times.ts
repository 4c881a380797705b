/** Times as staff write them, with a time zone. `Date` alone reads February 30 as a day of March, and a year as a time. */

const day = /^\d{4}-\d{2}-\d{2}/;
const wholeDay = /^\d{4}-\d{2}-\d{2}$/;
const time = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;

/** Times are stored as text and are compared as such, which needs a year of four digits. */
const [earliestMs, latestMs] = [Date.parse('0000-01-01T00:00:00.000Z'), Date.parse('9999-12-31T23:59:59.999Z')];

const isOfCalendar = (text: string): boolean => {
  const midnight = `${day.exec(text)?.[0]}T00:00:00.000Z`;
  return !Number.isNaN(Date.parse(midnight)) && new Date(midnight).toISOString() === midnight;
};

/** Milliseconds of a time (RFC 3339), such as `2026-12-01T06:00:00Z`; `undefined` if the text is none. */
export const readTime = (text: string): number | undefined => {
  if (!time.test(text) || !isOfCalendar(text)) return undefined;
  const atMs = Date.parse(text.toUpperCase());
  return atMs >= earliestMs && atMs <= latestMs ? atMs : undefined;
};

/** The same, or of the beginning of a day in UTC, such as `2026-12-01`. */
export const readDayOrTime = (text: string): number | undefined =>
  wholeDay.test(text) ? readTime(`${text}T00:00Z`) : readTime(text);

/** A time as answers have it. An item that somebody wrote by hand may have one of no calendar: the nearest stands for it. */
export const timeText = (atMs: number): string =>
  new Date(Math.min(Math.max(atMs, earliestMs), latestMs)).toISOString();
