import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { AccountAnswers, Answer, Answers } from './answers.ts';
import { deploymentQuestions, type Questions, smsQuestions } from './questions.ts';

/** Nothing could be asked at all. Its message is a sentence that says what to do. */
export class CannotAsk extends Error {}

export type Place = {
  /** The Region of the deployment; without it, the one of the environment or the profile. */
  readonly region?: string | undefined;
  readonly settings: Settings;
  /** A service that hangs may not hang the report: every question has an end. */
  readonly patienceMs?: number;
};

const noRegion =
  'There is no Region to ask. Set AWS_REGION to the Region that you deploy to, or give it: npm run preflight -- --region eu-west-1.';
const noCredentials =
  'There are no AWS credentials. Sign in (aws sso login, or aws configure) and name the profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
const badCredentials = 'AWS does not accept the credentials: they have expired or are wrong. Sign in again.';
const strangerSentence = (region: string): string =>
  `AWS does not know the credentials in ${region}: they are wrong, or the Region is not enabled for the account. Sign in again, or enable it (account settings, AWS Regions).`;

/**
 * Asks the account everything, read-only.
 *
 * @throws CannotAsk where there is no Region, no credentials, or nobody who answers.
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

/** The SDK does not read AWS_DEFAULT_REGION; the AWS CLI and the CDK do, and so it is set on many machines. */
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
    if (strangers.test(name)) throw new CannotAsk(`${strangerSentence(options.region)} (${name})`, { cause });
    // Whoever has credentials may ask who they are: a refusal is about the credentials.
    if (status === 400 || status === 401 || status === 403)
      throw new CannotAsk(`${badCredentials} (${name})`, { cause });
    throw new CannotAsk(
      `AWS does not answer in ${options.region} (${name}). See whether the Region is spelled as AWS does, and whether this machine reaches the internet.`,
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
    return { kind: 'told', value: await ask() };
  } catch (cause) {
    return silenceOf(cause, actions);
  }
};

const denials = /^(?:AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized)/;
const throttles = /^(?:Thrott|TooManyRequests|RequestLimitExceeded|LimitExceeded)/;
const unknowns = /^(?:InvalidAction|UnknownOperation|NotImplemented|UnsupportedOperation|OptInRequired)/;
/** A Region that the account has not opted in to knows nobody of it; in other Regions the same credentials are good. */
const strangers = /^(?:InvalidClientTokenId|UnrecognizedClient)/;

const silenceOf = (cause: unknown, actions: readonly [string, ...string[]]): Answer<never> => {
  const { name, message, code, status } = factsOf(cause);
  if (denials.test(name))
    return { kind: 'denied', action: actions.find((each) => message.includes(each)) ?? actions[0] };
  if (throttles.test(name) || status === 429) return { kind: 'unanswered', why: 'throttled', error: name };
  if (strangers.test(name)) return { kind: 'not-offered', error: `${name}: is the Region enabled for the account?` };
  if (unknowns.test(name) || status === 501 || code === 'ENOTFOUND')
    return { kind: 'not-offered', error: code === 'ENOTFOUND' ? 'no such host' : name };
  if (name === 'TimeoutError' || code === 'ETIMEDOUT') return { kind: 'unanswered', why: 'timed out', error: name };
  return { kind: 'unanswered', why: 'failed', error: `${code || name}${status === 0 ? '' : ` ${status}`}` };
};

/** Of an error, only names: its text may hold what should not be printed. */
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
