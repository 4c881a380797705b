import { subjectAttributes } from '../../contract.ts';
import type { Verification } from '../../otp/record/verification.ts';

/** The request writes these once. No function changes them. */
export const fixed = [
  'key',
  'sealed',
  ...subjectAttributes,
  'purpose',
  'createdAtMs',
  'latestExpiry',
  'purgeAt',
  'trusted',
  'trustedIp',
  'pair',
  'sincePreviousSendMs',
  'sinceFirstSendMs',
  'test',
  'codeLength',
  'hasTransaction',
  'maxAttempts',
] as const satisfies readonly (keyof Verification)[];

type Claim = readonly [claim: string, holds: (before: Verification, after: Verification) => boolean];

const grew = (before: Verification, after: Verification): boolean => after.guesses.length > before.guesses.length;
const sameProbes = ({ probes: before = [] }: Verification, { probes: after = [] }: Verification): boolean =>
  before.length === after.length && before.every((each, index) => each === after[index]);
const continues = (before: readonly string[], after: readonly string[]): boolean =>
  after.length <= before.length + 1 && before.every((each, index) => after[index] === each);

/** These hold of every change that the functions of the service make, because of the conditions of their writes. */
const claims: readonly Claim[] = [
  [
    'nobody changes what the request wrote',
    (before, after) => fixed.every((name) => before[name] === after[name]) && sameProbes(before, after),
  ],
  ['guesses are appended, one at a time', (before, after) => continues(before.guesses, after.guesses)],
  [
    'each guess has its nonce',
    ({ guesses }, after) => guesses.length <= after.guesses.length && after.nonces.length === after.guesses.length,
  ],
  ['no guess exceeds the attempts', (_, { guesses, maxAttempts }) => guesses.length <= maxAttempts],
  ['no guess follows the right one', (before, after) => !grew(before, after) || !before.guesses.includes(before.code)],
  ['no guess follows the end', (before, after) => !grew(before, after) || before.ended === undefined],
  ['a new code comes with a send', (before, after) => before.code === after.code || before.sendId !== after.sendId],
  ['an end is final', (before, after) => before.ended === undefined || before.ended === after.ended],
];

/**
 * Holds a change of a record against what the service writes.
 *
 * @throws Error for a change that none of its functions makes, such as one by an attacker inside the check.
 */
export const requirePossible = (before: Verification | undefined, after: Verification | undefined): void => {
  if (before === undefined || after === undefined) return;
  const broken = claims.find(([, holds]) => !holds(before, after));
  if (broken !== undefined) throw new Error(`A stream record says what no function writes: ${broken[0]}.`);
};
