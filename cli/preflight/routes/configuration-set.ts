import type { Answer } from '../answers.ts';
import { judge, ok, problem, type Verdict } from '../verdict.ts';
import type { ConfigurationSet } from './facts.ts';

/** The name behind an ARN, or the name itself. */
export const nameInArn = (named: string): string =>
  named.startsWith('arn:') ? (named.split('/').at(-1) ?? '') : named;

/** Whether a set that a route names is there: AWS refuses each message that names another one. */
export const configurationSetVerdict = (named: string, answer: Answer<readonly ConfigurationSet[]>): Verdict =>
  judge(answer, (sets) =>
    sets.some(({ name }) => name === nameInArn(named))
      ? ok(`${nameInArn(named)} is there`)
      : problem(
          `${nameInArn(named)} is no configuration set of this account and Region`,
          'Correct configurationSet in smsRoutes, or create it: AWS refuses every SMS that names a missing one.',
        ),
  );
