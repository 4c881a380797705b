// @ts-check

const pollMs = 1000;

/**
 * Looks about once a second, one look at a time. It looks less and less often while the server is down, and not at all while
 * the page, or its part, is out of sight.
 *
 * @param {object} world
 * @param {() => Promise<void>} world.look
 * @param {(error: unknown, pauseMs: number) => void} world.onFailure
 * @param {number} world.maxPauseMs between looks that fail
 * @param {Element} [world.part] that has to be in view
 */
export const poll = ({ look, onFailure, maxPauseMs, part }) => {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isLooking = false;
  let isAskedAgain = false;
  let failures = 0;
  let isInView = part === undefined;

  const lookNow = async () => {
    clearTimeout(timer);
    isAskedAgain = isLooking;
    if (isLooking || document.hidden || !isInView) return;
    isLooking = true;
    const failure = await look().then(
      () => undefined,
      (error) => ({ error }),
    );
    isLooking = false;
    failures = failure === undefined ? 0 : failures + 1;
    const pauseMs = failure === undefined ? pollMs : Math.min(maxPauseMs, pollMs * 2 ** failures);
    if (failure !== undefined) onFailure(failure.error, pauseMs);
    if (isAskedAgain) return lookNow();
    timer = setTimeout(lookNow, pauseMs);
  };
  document.addEventListener('visibilitychange', lookNow);
  if (part === undefined) void lookNow();
  else
    new IntersectionObserver((entries) => {
      isInView = entries.at(-1)?.isIntersecting === true;
      void lookNow();
    }).observe(part);
  return { lookNow };
};
