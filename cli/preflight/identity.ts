import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { errorFactsOf, unknownCredentials } from './errors.ts';

/** Preflight could ask nothing at all. The message is a sentence that says what to do. */
export class CannotAsk extends Error {}

const noRegion =
  'There is no Region to ask. Set AWS_REGION to the Region that you deploy to, or give it: npm run preflight -- --region eu-west-1.';
const noCredentials =
  'There are no AWS credentials. Sign in (aws sso login, or aws configure) and name the profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';
const badCredentials = 'AWS does not accept the credentials: they have expired or are wrong. Sign in again.';
const unknownSentence = (region: string): string =>
  `AWS does not know the credentials in ${region}: they are wrong, or the Region is not enabled for the account. Sign in again, or enable it (account settings, AWS Regions).`;

/** The SDK does not read AWS_DEFAULT_REGION. The AWS CLI and the CDK do, and machines set it for them. */
export const regionOf = async (wanted: string | undefined): Promise<string> => {
  const named = [wanted, process.env['AWS_REGION'], process.env['AWS_DEFAULT_REGION']].find(Boolean);
  if (named !== undefined) return named;
  try {
    return await new STSClient({}).config.region();
  } catch (cause) {
    throw new CannotAsk(noRegion, { cause });
  }
};

export const accountOf = async (options: {
  readonly region: string;
  readonly requestHandler: object;
}): Promise<string> => {
  try {
    const { Account } = await new STSClient(options).send(new GetCallerIdentityCommand({}));
    return Account ?? 'unknown';
  } catch (cause) {
    const { name, status } = errorFactsOf(cause);
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
