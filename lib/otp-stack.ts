import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { AnyFunctionName } from '../lambdas/contract.ts';
import type { OtpApi } from './constructs/api.ts';
import type { AccessPolicies } from './constructs/iam/access-policies.ts';
import { OtpService } from './constructs/otp-service.ts';
import { leaveOutWhatEmulatorLacks } from './emulator.ts';
import { pascalCase } from './settings/schema/applications.ts';
import { type Settings, territoryWarnings } from './settings/settings.ts';

export type OtpStackProps = StackProps & {
  readonly settings: Settings;
  /** The bundle of a function. */
  readonly codeOf: (name: AnyFunctionName) => Code;
  /** Leaves out what the emulator of the deployment suite lacks, and changes nothing else. */
  readonly emulator?: boolean;
};

/** A stack that holds the service and nothing else, and says where its parts are. */
export class OtpStack extends Stack {
  readonly service: OtpService;

  constructor(scope: Construct, id: string, { settings, codeOf, emulator = false, ...props }: OtpStackProps) {
    super(scope, id, { description: 'One-time passcodes by SMS', ...props });
    // CDK leaves `Default` out of logical ids.
    this.service = new OtpService(this, 'Default', { settings, name: this.stackName, codeOf });
    for (const [name, [value, description]] of Object.entries(outputsOf(this.service)))
      new CfnOutput(this, name, { value, description });
    for (const { id: warning, found, todo } of territoryWarnings(settings))
      Annotations.of(this).addWarningV2(warning, `${found} ${todo}`);
    if (emulator) leaveOutWhatEmulatorLacks(this, this.service.api.restApi.deploymentStage);
  }
}

const outputsOf = ({
  api,
  operatorApi,
  functions,
  alarmTopic,
  dashboard,
  findingsBus,
  exports,
  accessPolicies: {
    clients,
    securityAnalyst,
    securityAnalystKeys,
    auditor,
    auditorFunctions,
    exportReader,
    privacyOfficer,
  },
}: OtpService): Readonly<Record<string, readonly [value: string, description: string]>> => ({
  Endpoint: [api.endpoint, 'Base URL of the API'],
  JwksUrl: [`${api.endpoint}/.well-known/jwks.json`, 'The public key that checks proofs'],
  OperatorEndpoint: [operatorApi.endpoint, 'Base URL of the API of operators, for otp-desk'],
  DashboardUrl: [dashboard.url, 'The dashboard in the CloudWatch console'],
  AlarmTopicArn: [alarmTopic.topic.topicArn, 'Topic of the alarms, for further subscriptions'],
  FindingsBusName: [findingsBus.bus.eventBusName, 'Event bus of the findings, for rules of other systems'],
  ExportBucketName: [exports.bucket.bucketName, 'Bucket of exports, for auditors'],
  ExportSigningKeyArn: [exports.signingKey.keyArn, 'Key that signs exports, for otp-desk verify-export'],
  ReplayFunctionName: [
    functions['replay-dead-letters'].lambda.functionName,
    'Function that replays dead letters, for aws lambda invoke',
  ],
  SecurityAnalystPolicyArn: [
    securityAnalyst.managedPolicyArn,
    'Managed policy for security staff: investigate, block, lift',
  ],
  ...(securityAnalystKeys === undefined
    ? {}
    : {
        SecurityAnalystKeysPolicyArn: [
          securityAnalystKeys.managedPolicyArn,
          'Managed policy for security staff, beside the other: disable the API keys that it has no room for',
        ] as const,
      }),
  AuditorPolicyArn: [auditor.managedPolicyArn, 'Managed policy for auditors: the configuration, read-only'],
  AuditorFunctionsPolicyArn: [
    auditorFunctions.managedPolicyArn,
    'Managed policy for auditors, beside the other: functions and roles, read-only',
  ],
  PrivacyOfficerPolicyArn: [
    privacyOfficer.managedPolicyArn,
    'Managed policy for privacy officers: the history of a number, and its erasure',
  ],
  ExportReaderPolicyArn: [exportReader.managedPolicyArn, 'Managed policy for auditors: the files of exports'],
  ...Object.fromEntries(clientOutputsOf(clients)),
  ...Object.fromEntries(keyOutputsOf(api)),
});

/** An output for the policy of each application; one alone has no name in it. */
const clientOutputsOf = (
  clients: AccessPolicies['clients'],
): readonly (readonly [string, readonly [string, string]])[] =>
  [...clients].map(([application, { managedPolicyArn }]) => {
    const [name, whose] = clients.size === 1 ? ['', 'client apps'] : [pascalCase(application), application];
    return [
      `ClientPolicyArn${name}`,
      [managedPolicyArn, `Managed policy for ${whose}: call the API, read its own key`],
    ];
  });

/** An output for each API key. */
const keyOutputsOf = ({ apiKeyIds }: OtpApi): readonly (readonly [string, readonly [string, string]])[] =>
  [...apiKeyIds].flatMap(([application, ids]) =>
    [...ids].map(([key, id]) => {
      const [name, whose] =
        key === ''
          ? ['ApiKeyId', 'the client API key']
          : [keyOutputName(application, key), `API key ${key} of ${application}`];
      const command = 'aws apigateway get-api-key --include-value --api-key <id> shows the key';
      return [name, [id, `Id of ${whose}; ${command}`]] as const;
    }),
  );

const keyOutputName = (application: string, key: string): string =>
  `ApiKeyId${pascalCase(application)}${key.toUpperCase()}`;
