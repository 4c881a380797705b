import type { SmsSenderName } from '../../lambdas/policy.ts';
import { deploymentQuestions, smsQuestions } from './questions.ts';
import { endUserMessagingQuestions, notifyQuestions } from './routes/questions.ts';

const options = { region: 'us-east-1' };
const bySender = {
  sns: () => smsQuestions(options),
  'end-user-messaging': () => endUserMessagingQuestions(options, []),
  notify: () => notifyQuestions(options),
} satisfies Record<SmsSenderName, () => object>;

const actionsOf = (questions: Readonly<Record<string, { readonly actions: readonly string[] }>>): readonly string[] =>
  Object.values(questions).flatMap(({ actions }) => actions);

/** The smallest policy that lets preflight ask all of its questions about these senders. */
export const minimalPolicy = (senders: readonly SmsSenderName[]): object => {
  const asked = [deploymentQuestions(options, ''), ...senders.map((sender) => bySender[sender]())].flatMap(actionsOf);
  const actions = [...new Set(asked)].toSorted();
  return {
    Version: '2012-10-17',
    Statement: [
      // These actions have no resource to name. For DescribeStacks, the stack may not exist yet.
      {
        Sid: 'AskAboutSms',
        Effect: 'Allow',
        Action: actions.filter((action) => action !== 'apigateway:GET'),
        Resource: '*',
      },
      {
        Sid: 'AskAboutLogsRole',
        Effect: 'Allow',
        Action: 'apigateway:GET',
        Resource: 'arn:aws:apigateway:*::/account',
      },
    ],
  };
};
