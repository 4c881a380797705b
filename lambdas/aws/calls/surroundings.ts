import type { AwsCredentialIdentity, EndpointV2 } from '@smithy/types';

/** The facts of the environment that a call needs. */
export type Surroundings = {
  readonly region: string;
  readonly endpoint: EndpointV2;
  readonly identity: AwsCredentialIdentity;
  /** CloudTrail shows it. */
  readonly userAgent: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of the SDK that Lambda does not have. With one of them, the SDK makes the first try as well: its repeats could differ. */
const ofTheSdk = [
  ...['AWS_PROFILE', 'AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'],
  ...['AWS_ACCOUNT_ID', 'AWS_CREDENTIAL_EXPIRATION', 'AWS_RETRY_MODE'],
];

/**
 * Finds what Lambda puts into the environment of a function:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 *
 * @param service the name of the service in signatures, which is that of its host as well.
 * @param region empty for the Region of the function.
 * @returns nothing if something is missing, or if the SDK would look further.
 */
export const surroundingsOf = (service: string, region: string): Surroundings | undefined => {
  const env: Environment = process.env;
  if (ofTheSdk.some((name) => env[name] !== undefined)) return undefined;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env;
  const at = region === '' ? (env['AWS_REGION'] ?? '') : region;
  const url = urlOf(service, at, env);
  if (!accessKeyId || !secretAccessKey || at === '' || url === null) return undefined;
  return {
    region: at,
    endpoint: { url },
    identity: { accessKeyId, secretAccessKey, ...(token ? { sessionToken: token } : {}) },
    userAgent: nameIn(env),
  };
};

/** Services whose id is not their name in signatures. */
const ids: Readonly<Record<string, string>> = { 'sms-voice': 'PINPOINT_SMS_VOICE_V2' };

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
const urlOf = (service: string, region: string, env: Environment): URL | null => {
  const given = env[`AWS_ENDPOINT_URL_${ids[service] ?? service.toUpperCase()}`] || env['AWS_ENDPOINT_URL'];
  if (given) return URL.parse(given);
  const suffix = suffixes.find(([regions]) => regions.test(region))?.[1];
  return suffix === undefined ? null : new URL(`https://${service}.${region}.${suffix}`);
};

/** By Region. The SDK knows the other partitions. */
const suffixes: readonly (readonly [RegExp, string])[] = [
  [/^(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/, 'amazonaws.com'],
  [/^us-gov-[a-z]+-\d+$/, 'amazonaws.com'],
  [/^cn-[a-z]+-\d+$/, 'amazonaws.com.cn'],
];

/** In the form of https://docs.aws.amazon.com/sdkref/latest/guide/user-agent.html */
const nameIn = ({ AWS_EXECUTION_ENV: runtime }: Environment): string =>
  `otp-service lang/js md/nodejs#${process.versions.node}${runtime ? ` exec-env/${runtime}` : ''}`;
