// @ts-check

const pollMs = 1000;
const offlinePollMs = 3000;

/**
 * Looks about once a second, less often while the server is down, and not at all while the page is hidden.
 *
 * @param {() => Promise<void>} look
 * @param {() => void} onOffline
 */
export const poll = (look, onOffline) => {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isLooking = false;
  let isAskedAgain = false;

  const lookNow = async () => {
    clearTimeout(timer);
    isAskedAgain = isLooking;
    if (isLooking || document.hidden) return;
    isLooking = true;
    const isOnline = await look().then(
      () => true,
      () => false,
    );
    isLooking = false;
    if (!isOnline) onOffline();
    if (isAskedAgain) return lookNow();
    timer = setTimeout(lookNow, isOnline ? pollMs : offlinePollMs);
  };
  document.addEventListener('visibilitychange', lookNow);
  void lookNow();
  return { lookNow };
};
