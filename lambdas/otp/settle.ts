/** An act, told which of those that run beside each other it is: from 0, and below their number. */
export type Act<Result> = (place: number) => Promise<Result>;

/**
 * Runs acts beside each other, at most so many at a time, and waits for each.
 *
 * @returns their results, in the order of the acts.
 * @throws the error of the first that failed, in their order.
 */
export const settleAll = async <Result>(
  acts: readonly Act<Result>[],
  maxBeside = Number.POSITIVE_INFINITY,
): Promise<readonly Result[]> => {
  const outcomes: PromiseSettledResult<Result>[] = [];
  const waiting = acts.entries();
  const workOff = async (place: number): Promise<void> => {
    for (const [index, act] of waiting) [outcomes[index]] = await Promise.allSettled([act(place)]);
  };
  await Promise.all(Array.from({ length: Math.min(maxBeside, acts.length) }, (_, place) => workOff(place)));
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
};
