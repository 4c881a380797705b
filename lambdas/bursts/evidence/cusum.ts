/** Evidence in nats: how trials that succeed or fail tell an attack from the usual, and how they add up. */

/** What one trial says, by the chances of its success in an attack and usually. Wald: logarithms of likelihood ratios. */
export const trialOf = (attack: number, usual: number) => ({
  success: Math.log(attack / usual),
  /** @param share of those who will succeed, how many would have by now: a trial that is still open says less. */
  failure: (share = 1) => Math.log((1 - attack * share) / (1 - usual * share)),
});

/** One step of Page's CUSUM: what spoke for the usual before an attack began does not hide it. */
export const cusum = (sum: number, evidence: number): number => Math.max(0, sum + evidence);
