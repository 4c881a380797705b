import type { SmsSenderName } from '../../lambdas/policy.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { AccountAnswers, Answer, Answers } from './answers.ts';
import { errorFactsOf, unknownCredentials } from './errors.ts';
import { accountOf, regionOf } from './identity.ts';
import { type ClientOptions, deploymentQuestions, type Questions, smsQuestions } from './questions.ts';
import { nameInArn } from './routes/configuration-set.ts';
import { endUserMessagingQuestions, notifyQuestions } from './routes/questions.ts';

export type Place = {
  /** The Region of the deployment; by default that of the environment or the profile. */
  readonly region?: string | undefined;
  readonly settings: Settings;
  /** The time for each question, so that a service that hangs does not stop the report. */
  readonly patienceMs?: number;
};

/** A route of SMS or of calls. */
type AskedRoute = {
  readonly sender: SmsSenderName;
  readonly region: string;
  readonly protectConfiguration?: string;
};

/**
 * Asks the account everything, read-only.
 *
 * @throws CannotAsk if there is no Region, there are no credentials, or AWS does not answer.
 */
export const askAccount = async ({ region: wanted, settings, patienceMs = 10_000 }: Place): Promise<AccountAnswers> => {
  const region = await regionOf(wanted);
  // Without `throwOnRequestTimeout` the SDK only warns.
  const requestHandler = { requestTimeout: patienceMs, connectionTimeout: 5000, throwOnRequestTimeout: true };
  const optionsOf = (region: string) => ({ region, requestHandler });
  const account = await accountOf(optionsOf(region));
  const routes: readonly AskedRoute[] = settings.smsRoutes;
  const voiceRoutes: readonly AskedRoute[] = settings.voice?.routes ?? [];
  const askIn = async <Facts>(
    sender: SmsSenderName,
    questionsOf: (options: ClientOptions) => Questions<Facts>,
    among = routes,
  ) => {
    const own = among.filter((route) => route.sender === sender);
    const regions = [...new Set(own.map((route) => route.region || region))];
    return new Map(
      await Promise.all(regions.map(async (each) => [each, await askAll(questionsOf(optionsOf(each)))] as const)),
    );
  };
  const [sms, endUserMessaging, notify, callsByMessaging, callsByNotify] = await Promise.all([
    askIn('sns', smsQuestions),
    askIn('end-user-messaging', (options) =>
      endUserMessagingQuestions(options, protectConfigurationsIn(routes, options.region, region)),
    ),
    askIn('notify', (options) => notifyQuestions(options)),
    askIn(
      'end-user-messaging',
      (options) =>
        endUserMessagingQuestions(options, protectConfigurationsIn(voiceRoutes, options.region, region), 'VOICE'),
      voiceRoutes,
    ),
    askIn('notify', (options) => notifyQuestions(options, 'VOICE'), voiceRoutes),
  ]);
  const deployment = await askAll(deploymentQuestions(optionsOf(region), settings.stackName));
  const calls = { endUserMessaging: callsByMessaging, notify: callsByNotify };
  return { account, region, deployment, sms, endUserMessaging, notify, calls };
};

/** The ids that routes of a Region name. */
const protectConfigurationsIn = (routes: readonly AskedRoute[], region: string, home: string): readonly string[] =>
  routes.flatMap((route) =>
    (route.region || home) === region && route.protectConfiguration !== undefined
      ? [nameInArn(route.protectConfiguration)]
      : [],
  );

const askAll = async <Facts>(questions: Questions<Facts>): Promise<Answers<Facts>> => {
  const names = Object.keys(questions) as (keyof Facts)[];
  const answers = await Promise.all(names.map(async (name) => [name, await answerTo(questions[name])] as const));
  // One answer per question, under the question's name.
  return Object.fromEntries(answers) as Answers<Facts>;
};

const answerTo = async <Value>({
  actions,
  ask,
}: {
  readonly actions: readonly [string, ...string[]];
  readonly ask: () => Promise<Value>;
}): Promise<Answer<Value>> => {
  try {
    return { kind: 'answered', value: await ask() };
  } catch (cause) {
    return noAnswerOf(cause, actions);
  }
};

const denials = /^(?:AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized)/;
const throttles = /^(?:Thrott|TooManyRequests|RequestLimitExceeded|LimitExceeded)/;
const unknowns = /^(?:InvalidAction|UnknownOperation|NotImplemented|UnsupportedOperation|OptInRequired)/;
const noAnswerOf = (cause: unknown, actions: readonly [string, ...string[]]): Answer<never> => {
  const { name, message, code, status } = errorFactsOf(cause);
  if (denials.test(name))
    return { kind: 'denied', action: actions.find((each) => message.includes(each)) ?? actions[0] };
  if (throttles.test(name) || status === 429) return { kind: 'unanswered', why: 'throttled', error: name };
  if (unknownCredentials.test(name))
    return { kind: 'not-offered', error: `${name}: is the Region enabled for the account?` };
  if (unknowns.test(name) || status === 501 || code === 'ENOTFOUND')
    return { kind: 'not-offered', error: code === 'ENOTFOUND' ? 'no such host' : name };
  if (name === 'TimeoutError' || code === 'ETIMEDOUT') return { kind: 'unanswered', why: 'timed out', error: name };
  return { kind: 'unanswered', why: 'failed', error: `${code || name}${status === 0 ? '' : ` ${status}`}` };
};
