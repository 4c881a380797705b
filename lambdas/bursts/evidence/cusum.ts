/** Evidence in nats: what a trial that succeeds or fails says of an attack, and how evidence adds up. */

/** The evidence of one trial, by its chance of success in an attack and usually. Wald: logarithms of likelihood ratios. */
export const trialOf = (attack: number, usual: number) => ({
  success: Math.log(attack / usual),
  /** @param share of the trials that will succeed, the share that has by now: an open trial says less. */
  failure: (share = 1) => Math.log((1 - attack * share) / (1 - usual * share)),
});

/** One step of Page's CUSUM: evidence against an attack, from before it began, does not hide it. */
export const cusum = (sum: number, evidence: number): number => Math.max(0, sum + evidence);
