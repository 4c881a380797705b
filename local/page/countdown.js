// @ts-check

/**
 * Whole seconds until a time; 0 if it has passed.
 *
 * @param {number} thenMs
 * @param {number} nowMs
 */
export const secondsUntil = (thenMs, nowMs) => Math.max(0, Math.ceil((thenMs - nowMs) / 1000));

/**
 * Seconds as 4:05, or 1:04:05 from an hour on.
 *
 * @param {number} seconds
 */
export const spellSeconds = (seconds) => {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, '0')}:${rest}`;
};

/** @type {Set<() => void>} */
const renderers = new Set();

/**
 * Renders a part that depends on the time, now and four times a second. A clock that is moved shows at once.
 *
 * @param {() => void} render
 */
export const everyTick = (render) => {
  if (renderers.size === 0) setInterval(() => renderers.forEach((each) => void each()), 250);
  renderers.add(render);
  render();
};
