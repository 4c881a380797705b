import { functionNames } from '../../lambdas/contract.ts';

/** Why a rule is not followed on some resources. */
export type Reason = {
  /** Rules as cdk-nag names them. */
  readonly rules: readonly string[];
  /** Resources by their paths in the stack; what is inside of one is meant as well. */
  readonly on: readonly string[];
  /** In words; or for the reason that stands in `lib/` beside the resource, under the rule of this name. */
  readonly because: string | { readonly asFor: string };
};

const nist = (rule: string) => `NIST.800.53.R5-${rule}`;
const pci = (rule: string) => `PCI.DSS.321-${rule}`;
const both = (rule: string) => [nist(rule), pci(rule)];

const stage = ['Api/RestApi/DeploymentStage.otp'];
const bucket = ['DeadLetters/Bucket'];
const tables = ['Tables/Verifications', 'Tables/Guards', 'Tables/Traffic'];
const everyFunction = functionNames.map((name) => `${name}/Function`);

/**
 * The gaps of the packs that are reported and not enforced. AwsSolutions is enforced: its reasons stand in `lib/`, beside
 * the resources, because the synthesis fails without them.
 */
export const gapReasons: readonly Reason[] = [
  {
    rules: both('APIGWCacheEnabledAndEncrypted'),
    on: stage,
    because:
      'There is no cache, on purpose: every answer is for one caller and one moment, so that there would be secrets in it and nothing to gain. The one answer that may be kept, the public key, says so to the callers’ own caches.',
  },
  {
    rules: both('APIGWExecutionLoggingEnabled'),
    on: stage,
    because: { asFor: 'AwsSolutions-APIG6' },
  },
  {
    rules: both('APIGWSSLEnabled'),
    on: stage,
    because:
      'The rule asks for a client certificate by which an HTTP back end would know API Gateway. There is none behind it: the functions are called through Lambda’s own API, over TLS, and let in the routes of this API alone. Towards callers it is TLS 1.2 and up, with forward secrecy.',
  },
  {
    rules: [nist('DynamoDBPITREnabled'), nist('DynamoDBInBackupPlan')],
    on: tables,
    because: { asFor: 'AwsSolutions-DDB3' },
  },
  {
    rules: [nist('DynamoDBInBackupPlan')],
    on: ['Tables/Security'],
    because:
      'Findings can be restored to any second of the last 35 days (point-in-time recovery), and the table is protected and outlives the stack. A plan of AWS Backup is the account’s to make: it has a vault, a schedule and a price of its own, and may select this table.',
  },
  {
    rules: both('IAMNoInlinePolicy'),
    on: functionNames.map((name) => `${name}/Role/DefaultPolicy`),
    because:
      'Each policy belongs to one role, is exact to the action and the resource, and goes when the role goes. As a managed policy it could be attached to somebody else, whom no test compares with what is expected.',
  },
  {
    rules: [nist('LambdaConcurrency')],
    on: everyFunction,
    because:
      'A reserved share would be taken from all other functions of the account, used or not, and a new account has too little to reserve from. What may run at once is bounded by the throttles of the stage and of each key; an alarm per function tells of refused runs.',
  },
  {
    rules: [nist('LambdaDLQ')],
    on: everyFunction,
    because:
      'A dead-letter queue is for calls that nobody waits for. The functions of routes are waited for, and their callers are told; what `detect-bursts` gives up goes, whole, to the bucket of dead letters by the mapping of its stream, which the rule does not look at.',
  },
  {
    rules: both('LambdaInsideVPC'),
    on: everyFunction,
    because:
      'The functions call KMS, DynamoDB and SNS, over TLS and by IAM, and nothing calls them over a network. A VPC would need endpoints for each of them in every zone, or a way out to the internet. What is given up: no network rule keeps a taken-over function from calling out.',
  },
  {
    rules: both('S3BucketLoggingEnabled'),
    on: bucket,
    because: { asFor: 'AwsSolutions-S1' },
  },
  {
    rules: both('S3BucketReplicationEnabled'),
    on: bucket,
    because:
      'A dead letter waits for staff, for 30 days at most, and can only be replayed into tables that are in one Region. A copy elsewhere would serve nobody, and would be one more place with pseudonyms and number blocks to guard.',
  },
];
