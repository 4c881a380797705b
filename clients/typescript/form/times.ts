/** Times of the service, on a device whose clock may be wrong. */

import type { Verification } from '../caller/outcomes.ts';

/** A `fetch` that learns the service's time from its answers, and that time. */
export const createServerClock = () => {
  let offsetMs = 0;
  const learn: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const dateMs = Date.parse(response.headers.get('date') ?? '');
    // The header has whole seconds, and was on its way: this clock is late, never early. No button opens too soon.
    if (Number.isFinite(dateMs)) offsetMs = dateMs - Date.now();
    return response;
  };
  return { fetch: learn, now: (): number => Date.now() + offsetMs };
};

export type Times = {
  /** `NaN` if the device cannot know. */
  readonly expiresAtMs: number;
  readonly resendAtMs: number;
};

/** No code lives longer, with a margin for the network. */
const longestLifeMs = 15 * 60_000;

/** The times of a verification that came just now. If they make no sense on this device, the service decides alone. */
export const timesOf = ({ expiresAt, resendAvailableAt }: Verification, nowMs: number): Times => {
  const [expiresAtMs, resendAtMs] = [Date.parse(expiresAt), Date.parse(resendAvailableAt)];
  const livesMs = expiresAtMs - nowMs;
  return livesMs > 0 && livesMs < longestLifeMs
    ? { expiresAtMs, resendAtMs }
    : { expiresAtMs: Number.NaN, resendAtMs: Number.NaN };
};

/** Whole seconds until a time, rounded up; 0 if it has passed or is not known. */
export const secondsUntil = (thenMs: number, nowMs: number): number =>
  Number.isFinite(thenMs) ? Math.max(0, Math.ceil((thenMs - nowMs) / 1000)) : 0;

/** Seconds as 4:05, or 1:04:05 from an hour on. */
export const spellSeconds = (seconds: number): string => {
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), two(seconds % 60)];
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${two(minutes)}:${rest}`;
};
