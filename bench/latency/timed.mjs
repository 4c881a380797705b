// A handler that says how long another one took, by the clock of its own process. Plain JavaScript, as the container is.
export const timed = (handler) => async (event, context) => {
  const startedMs = performance.now();
  const answer = await handler(event, context);
  return { ...answer, tookMs: performance.now() - startedMs };
};
