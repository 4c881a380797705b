import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { AccountAnswers, Answer, Answers } from './answers.ts';
import { deploymentQuestions, type Questions, smsQuestions } from './questions.ts';

/** Preflight could ask nothing at all. The message is a sentence that says what to do. */
export class CannotAsk extends Error {}

export type Place = {
  /** The Region of the deployment; by default that of the environment or the profile. */
  readonly region?: string | undefined;
  readonly settings: Settings;
  /** The time for each question, so that a service that hangs does not stop the report. */
  readonly patienceMs?: number;
};

const noRegion =
  'There is no Region to ask. Set AWS_REGION to the Region that you deploy to, or give it: npm run preflight -- --region eu-west-1.';
const noCredentials =
  'There are no AWS credentials. Sign in (aws sso login, or aws configure) and name the profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
const badCredentials = 'AWS does not accept the credentials: they have expired or are wrong. Sign in again.';
const unknownSentence = (region: string): string =>
  `AWS does not know the credentials in ${region}: they are wrong, or the Region is not enabled for the account. Sign in again, or enable it (account settings, AWS Regions).`;

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
  const smsRegions = [...new Set(settings.smsRoutes.map((route) => route.region || region))];
  const sms = await Promise.all(
    smsRegions.map(async (each) => [each, await askAll(smsQuestions(optionsOf(each)))] as const),
  );
  const deployment = await askAll(deploymentQuestions(optionsOf(region), settings.stackName));
  return { account, region, deployment, sms: new Map(sms) };
};

/** The SDK does not read AWS_DEFAULT_REGION. The AWS CLI and the CDK do, so many machines set it. */
const regionOf = async (wanted: string | undefined): Promise<string> => {
  const named = [wanted, process.env['AWS_REGION'], process.env['AWS_DEFAULT_REGION']].find(Boolean);
  if (named !== undefined) return named;
  try {
    return await new STSClient({}).config.region();
  } catch (cause) {
    throw new CannotAsk(noRegion, { cause });
  }
};

const accountOf = async (options: { readonly region: string; readonly requestHandler: object }): Promise<string> => {
  try {
    const { Account } = await new STSClient(options).send(new GetCallerIdentityCommand({}));
    return Account ?? 'unknown';
  } catch (cause) {
    const { name, status } = factsOf(cause);
    if (name === 'CredentialsProviderError') throw new CannotAsk(noCredentials, { cause });
    if (unknownCredentials.test(name)) throw new CannotAsk(`${unknownSentence(options.region)} (${name})`, { cause });
    // Valid credentials may always ask for their identity: a refusal is about the credentials.
    if (status === 400 || status === 401 || status === 403)
      throw new CannotAsk(`${badCredentials} (${name})`, { cause });
    throw new CannotAsk(
      `AWS does not answer in ${options.region} (${name}). Check the spelling of the Region, for example eu-west-1, and whether this machine reaches the internet.`,
      { cause },
    );
  }
};

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
/** A Region that the account has not enabled does not know its credentials. They are good in other Regions. */
const unknownCredentials = /^(?:InvalidClientTokenId|UnrecognizedClient)/;

const noAnswerOf = (cause: unknown, actions: readonly [string, ...string[]]): Answer<never> => {
  const { name, message, code, status } = factsOf(cause);
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

/** Only the names of an error: its text may hold secrets. */
const factsOf = (cause: unknown) => {
  if (!(cause instanceof Error)) return { name: 'Error', message: '', code: '', status: 0 };
  const code = Reflect.get(cause, 'code');
  const metadata: { httpStatusCode?: number } | undefined = Reflect.get(cause, '$metadata');
  return {
    name: cause.name,
    message: cause.message,
    code: typeof code === 'string' ? code : '',
    status: metadata?.httpStatusCode ?? 0,
  };
};
