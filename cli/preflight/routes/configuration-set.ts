import type { Answer } from '../answers.ts';
import { judge, ok, problem, type Verdict } from '../verdict.ts';
import type { ConfigurationSet } from './facts.ts';

/** The name behind an ARN, or the name itself. */
export const nameInArn = (named: string): string =>
  named.startsWith('arn:') ? (named.split('/').at(-1) ?? '') : named;

/**
 * Whether a set that a route names is there: AWS refuses each message that names another one.
 *
 * @param own the set that the stack makes. It is not there before the first deployment with receipts.
 */
export const configurationSetVerdict = (
  named: string,
  own: string | undefined,
  answer: Answer<readonly ConfigurationSet[]>,
  { setting, each }: { readonly setting: string; readonly each: string },
): Verdict =>
  judge(answer, (sets) => {
    if (sets.some(({ name }) => name === nameInArn(named))) return ok(`${nameInArn(named)} is there`);
    return named === own
      ? ok(`${named} is made by the deployment`)
      : problem(
          `${nameInArn(named)} is no configuration set of this account and Region`,
          `Correct configurationSet in ${setting}, or create it: AWS refuses every ${each} that names a missing one.`,
        );
  });
