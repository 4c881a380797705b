/** The parts of the detector and of the limits. Each can be left out, by data. */

import { thresholds } from '../../../lambdas/bursts/evidence/thresholds.ts';
import type { HeldLevel, Policy, RuleName } from '../../../lambdas/policy.ts';

/** Facts that the send path of the bench keeps to itself. */
export type Blind = {
  /** No number has a pair. */
  readonly pairs?: true;
  /** An IP is trusted by a count of verifications, whoever else asked from it. */
  readonly askers?: true;
  /** Restrictions let nothing through, and so last for their first quarter of an hour. */
  readonly probes?: true;
  /** Each refusal is noted. */
  readonly noteRate?: true;
  /** These levels hold nobody. */
  readonly levels?: readonly HeldLevel[];
};

type Tree = { readonly [name: string]: number | Tree };

export type Part = {
  readonly name: string;
  /** These rules find nothing. */
  readonly rules?: readonly RuleName[];
  /** Thresholds that make a principle do nothing. */
  readonly thresholds?: Tree;
  readonly policy?: (policy: Policy) => Policy;
  readonly blind?: Blind;
};

const never = 1e9;

const rule = (name: RuleName): Part => ({ name: `rule ${name}`, rules: [name] });

/** Each of them is left out once. The first leaves out nothing. */
export const parts: readonly Part[] = [
  { name: 'nothing' },
  rule('unverified-burst'),
  rule('low-and-slow'),
  rule('no-conversion'),
  rule('converting-strangers'),
  rule('code-spraying'),
  rule('guessing'),
  rule('bombing'),
  rule('conversion-drop'),
  { name: 'pairs', blind: { pairs: true } },
  { name: 'trust of IPs', policy: (policy) => ({ ...policy, ips: { ...policy.ips, trustedAfter: never } }) },
  { name: 'trust of IPs by a ratio, not by a count', blind: { askers: true } },
  { name: 'probes', blind: { probes: true } },
  { name: 'a rate of noted refusals', blind: { noteRate: true } },
  { name: 'restrictions of IPs', blind: { levels: ['ip'] } },
  { name: 'restrictions of ranges', blind: { levels: ['range'] } },
  { name: 'restrictions of prefixes', blind: { levels: ['prefix'] } },
  { name: 'restrictions of countries', blind: { levels: ['country'] } },
  { name: 'restrictions of trusted numbers from new networks', blind: { levels: ['new-network'] } },
  {
    name: 'a flat cooldown',
    policy: (policy) => ({ ...policy, sends: { ...policy.sends, cooldownSeconds: [30, 60, 120] } }),
  },
  { name: 'people instead of requests', thresholds: { person: { againAfterMs: 0 } } },
  { name: 'three people before an action', thresholds: { minPeople: 1 } },
  { name: 'further SMS to a person as evidence', thresholds: { insisting: 1 } },
  { name: 'evidence that is left after a restriction', thresholds: { again: { first: 0, more: 0, max: 0 } } },
  { name: 'evidence from other ranges of the prefix', thresholds: { siblings: { each: 0, max: 0 } } },
  { name: 'surprise as evidence by itself', thresholds: { surpriseWeight: { range: 0, ip: 0 } } },
  { name: 'restricted parts that explain a whole', thresholds: { explainedParts: 0 } },
  { name: 'most people attack before a wide group is restricted', thresholds: { attackShare: -never } },
  {
    name: 'farms within six hours',
    thresholds: { slowlyConverting: { unverified: never, again: { unverified: never } } },
  },
  { name: 'pairs as the control group', thresholds: { arriving: { people: never } } },
];

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws if a threshold is not there, or is not a number: a part would be left in unnoticed. */
const assigned = (target: Record<string, unknown>, patch: Tree): void => {
  for (const [name, value] of Object.entries(patch)) {
    const before = target[name];
    if (typeof value !== 'number' && isTree(before)) assigned(before, value);
    else if (typeof value === typeof before) target[name] = value;
    else throw new Error(`There is no threshold called ${name}.`);
  }
};

/** Changes the thresholds of this thread. Each run has a thread of its own. */
export const leaveOutThresholds = ({ thresholds: patch }: Part): void => {
  if (patch !== undefined && isTree(thresholds)) assigned(thresholds, patch);
};
