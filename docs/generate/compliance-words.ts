import { continuedFunctionNames, functionNames, sealingFunctionNames } from '../../lambdas/contract.ts';

/** The reason why some resources break a rule. */
export type Reason = {
  /** Rules as cdk-nag names them. */
  readonly rules: readonly string[];
  /** Paths of resources in the stack. A path includes everything inside it. */
  readonly on: readonly string[];
  /** In words; or `asFor`: the reason that `lib/` gives beside the resource for the rule of this name. */
  readonly because: string | { readonly asFor: string };
};

const nist = (rule: string) => `NIST.800.53.R5-${rule}`;
const pci = (rule: string) => `PCI.DSS.321-${rule}`;
const both = (rule: string) => [nist(rule), pci(rule)];

const clientStage = 'Api/RestApi/DeploymentStage.otp';
const operatorStage = 'OperatorApi/RestApi/DeploymentStage.otp';
const stages = [clientStage, operatorStage];
const bucket = ['DeadLetters/Bucket'];
const exportBucket = ['Exports/Bucket'];
const tables = ['Tables/Verifications', 'Tables/Guards', 'Tables/Traffic'];
const everyFunction = functionNames.map((name) => `${name}/Function`);

/**
 * Reasons for the packs that are reported and not enforced. AwsSolutions is enforced: its reasons stand in `lib/`, beside
 * the resources, because the synthesis fails without them.
 */
export const gapReasons: readonly Reason[] = [
  {
    rules: both('APIGWCacheEnabledAndEncrypted'),
    on: stages,
    because:
      'The stage has no cache, on purpose. Every answer is for one caller and one moment, so a cache would hold secrets and save nothing. Callers may cache one answer, the public key, and its headers say so.',
  },
  {
    rules: both('APIGWExecutionLoggingEnabled'),
    on: [clientStage],
    because: { asFor: 'AwsSolutions-APIG6' },
  },
  {
    rules: both('APIGWExecutionLoggingEnabled'),
    on: [operatorStage],
    because: { asFor: 'AwsSolutions-APIG6' },
  },
  {
    rules: both('APIGWAssociatedWithWAF'),
    on: [operatorStage],
    because: { asFor: 'AwsSolutions-APIG3' },
  },
  {
    rules: both('APIGWSSLEnabled'),
    on: stages,
    because:
      'The rule asks for a client certificate that shows API Gateway to an HTTP back end. This API has no such back end. API Gateway calls the functions through Lambda’s own API, over TLS, and they admit the routes of this API alone. Callers get TLS 1.2 or later, with forward secrecy.',
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
      'Point-in-time recovery restores findings to any second of the last 35 days. The table has deletion protection and outlives the stack. A plan of AWS Backup belongs to the account: it has a vault, a schedule and a price of its own, and may select this table.',
  },
  {
    rules: [nist('CloudWatchAlarmAction')],
    on: ['FindingCritical', 'FindingHigh', 'RangeRestricted'].map((name) => `Alarms/${name}`),
    because:
      'These raise the composite alarm UnderAttack, which has actions. Each finding is a mail by itself, so that a third mail would say nothing.',
  },
  {
    rules: [nist('CloudWatchAlarmAction')],
    on: ['ConversionLow', 'SendingStopped'].map((name) => `Alarms/${name}`),
    because:
      'An event of the bus of findings is the mail, and says what an alarm cannot. Events-FailedInvocations-mail has actions, and goes off if that mail is lost.',
  },
  {
    rules: both('IAMNoInlinePolicy'),
    on: [
      ...functionNames.map((name) => `${name}/Role/DefaultPolicy`),
      ...continuedFunctionNames.map((name) => `${name}/Continue`),
      ...sealingFunctionNames.map((name) => `${name}/Role/PerRecord`),
      ...['check-verification/Role/ES256', 'jwks/Role/ES256', 'Stream/MayAsk', 'Mail/Role/DefaultPolicy'],
    ],
    because:
      'Each policy belongs to one role, names exact actions and resources, and goes when the role goes. A managed policy could be attached to another role, which no test compares with the expected permissions.',
  },
  {
    rules: [nist('LambdaConcurrency')],
    on: everyFunction,
    because:
      'Reserved concurrency would take a share from all other functions of the account, used or not, and a new account has too little to reserve from. The throttles of the stage and of each key bound concurrency. An alarm per function reports throttled runs.',
  },
  {
    rules: [nist('LambdaDLQ')],
    on: everyFunction,
    because:
      'A dead-letter queue serves asynchronous calls. Callers wait for the functions of routes and get their errors. An export that ends in the middle goes on when its state is asked for. The event source mapping of `detect-bursts` puts failed records, whole, into the bucket of dead letters; the rule does not look there.',
  },
  {
    rules: both('LambdaInsideVPC'),
    on: everyFunction,
    because:
      'The functions call KMS, DynamoDB and SNS, over TLS and by IAM, and nothing calls them over a network. A VPC would need endpoints for each service in every zone, or a way out to the internet. The cost of this choice: no network rule keeps a taken-over function from calling out.',
  },
  {
    rules: both('S3BucketLoggingEnabled'),
    on: bucket,
    because: { asFor: 'AwsSolutions-S1' },
  },
  {
    rules: both('S3BucketLoggingEnabled'),
    on: exportBucket,
    because: { asFor: 'AwsSolutions-S1' },
  },
  {
    rules: [...both('S3BucketReplicationEnabled'), ...both('S3BucketVersioningEnabled')],
    on: exportBucket,
    because:
      'An export is a copy that anybody with the role can make again. It lives for seven days. Its files are written once: the policy of the bucket refuses a second write, so that there is no older version to keep. A version would outlive the seven days.',
  },
  {
    rules: both('S3BucketReplicationEnabled'),
    on: bucket,
    because:
      'A dead letter waits for staff, for 30 days at most, and staff can replay it only into tables of one Region. A copy elsewhere would serve nobody. It would also be one more place with keyed hashes and number ranges to protect.',
  },
];
