import { DeskError, exits } from '../exits.ts';
import { visible } from '../print/visible.ts';

/** The question to AWS, for the sentence. */
export type AwsAsk = {
  /** Such as `cloudformation:DescribeStacks`. */
  readonly action: string;
  readonly stack: string;
  readonly region: string;
};

const noCredentials =
  'There are no AWS credentials. Sign in (aws sso login, or aws configure) and name the profile by --profile or AWS_PROFILE.';
const expired = 'The AWS credentials have expired. Sign in again (aws sso login), or get new ones.';
export const noRegion = 'There is no AWS Region. Write the Region of the stack: --region eu-west-1, or set AWS_REGION.';

const isMissing = /^(?:CredentialsProviderError|TokenProviderError|ProcessProviderError)$/;
const isExpired = /^(?:ExpiredToken|RequestExpired|TokenRefreshRequired|UnauthorizedException)/;
const isUnknown =
  /^(?:UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|AuthFailure|InvalidAccessKeyId)/;
const isDenied = /^(?:AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized|KMSAccessDenied|Forbidden)/;
const isThrottled = /^(?:Thrott|TooManyRequests|RequestLimitExceeded|SlowDown)/;

/** A name and a status. The text of an error may hold what is no concern of a terminal. */
const factsOf = (cause: unknown) => {
  if (!(cause instanceof Error)) return { name: 'Error', message: '', code: '', status: 0 };
  const metadata: { httpStatusCode?: number } | undefined = Reflect.get(cause, '$metadata');
  const code = Reflect.get(cause, 'code');
  return {
    name: cause.name,
    message: cause.message,
    code: typeof code === 'string' ? code : '',
    status: metadata?.httpStatusCode ?? 0,
  };
};

const isSsoExpired = (message: string): boolean => /\b(?:expired|sso session|token is expired)\b/i.test(message);

/** The sentence of an error of AWS. */
export const explainAws = (cause: unknown, { action, stack, region }: AwsAsk): DeskError => {
  if (cause instanceof DeskError) return cause;
  const { name, message, code, status } = factsOf(cause);
  const unreachable = (text: string) => new DeskError(text, exits.unreachable, { cause });
  const failed = (text: string) => new DeskError(text, exits.failed, { cause });
  if (isMissing.test(name)) return unreachable(isSsoExpired(message) ? expired : noCredentials);
  if (isExpired.test(name)) return unreachable(expired);
  if (/region is missing/i.test(message)) return unreachable(noRegion);
  if (isUnknown.test(name))
    return unreachable(
      `AWS does not know these credentials in ${region}. They are wrong, or the account has not enabled the Region. Sign in again, or check --region.`,
    );
  if (/^ValidationError$/.test(name) && /does not exist/.test(message))
    return unreachable(
      `There is no stack ${visible(stack)} in ${region} for these credentials. Check --stack, --region and --profile.`,
    );
  if (isDenied.test(name) || status === 403)
    return failed(
      `Your role may not call ${action}. docs/otp-desk.md lists what each command needs, and which role has it.`,
    );
  if (isThrottled.test(name) || status === 429) return failed(`AWS throttles ${action}. Try again in a few seconds.`);
  if (/^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT)$/.test(code) || name === 'TimeoutError')
    return unreachable(
      `AWS does not answer in ${region} (${visible(code || name)}). Check the spelling of --region, such as eu-west-1, and the network.`,
    );
  return failed(
    `${action} failed: ${visible(name)}${status === 0 ? '' : ` ${status}`}. Try again, and look at the AWS Health Dashboard.`,
  );
};
