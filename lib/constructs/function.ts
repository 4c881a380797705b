import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type Code,
  type EventInvokeConfigOptions,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  type AnyFunctionName,
  continuedFunctionNames,
  type EnvironmentName,
  functions,
  hourlySealKeyVariable,
  metricsNamespace,
  sealingFunctionNames,
  stackNameVariable,
  webhookDeskFunctionNames,
  webhookQueueVariables,
} from '../../lambdas/contract.ts';
import { allow } from './iam/allow.ts';
import { longestVariables, variablesProblem } from './variables.ts';

export type OtpFunctionProps = {
  readonly name: AnyFunctionName;
  /** The dimension of its metrics. */
  readonly stackName: string;
  readonly code: Code;
  /** The variables of all functions; this one gets those that the contract lists for it. */
  readonly environment: Readonly<Record<EnvironmentName, string>>;
  /** Undefined unless the settings ask for keys of hours. */
  readonly hourlySealKeyArn: string | undefined;
  readonly logGroupName: string;
  readonly logKey: IKey;
  readonly logRetentionDays: number;
  readonly tracing: boolean;
  /** Retries and destination of an event that comes by itself, and on which the function fails. */
  readonly onFailure?: EventInvokeConfigOptions | undefined;
};

const seals = (name: AnyFunctionName): boolean => sealingFunctionNames.some((each) => each === name);
const isContinued = (name: AnyFunctionName): boolean => continuedFunctionNames.some((each) => each === name);

/** Of a stack with webhooks: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html takes no empty one. */
const webhookVariablesOf = ({ name, environment }: OtpFunctionProps): Readonly<Record<string, string>> =>
  webhookDeskFunctionNames.some((each) => each === name) &&
  webhookQueueVariables.every((each) => environment[each] !== '')
    ? Object.fromEntries(webhookQueueVariables.map((each) => [each, environment[each]]))
    : {};

/**
 * The one way to make a Lambda function. Its role is its own, and may write its own log and nothing else until more is
 * granted.
 */
export class OtpFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: OtpFunctionProps) {
    super(scope, id);
    const facts = functions[props.name];
    // The log is deleted with the stack: its name is fixed, and a second deployment would fail on it.
    this.logGroup = new LogGroup(this, 'Log', {
      logGroupName: props.logGroupName,
      encryptionKey: props.logKey,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = this.roleWithLog();
    this.lambda = new LambdaFunction(this, 'Function', {
      description: `OTP: ${props.name}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: props.code,
      role: this.role,
      logGroup: this.logGroup,
      ...(props.tracing ? { tracing: Tracing.ACTIVE } : {}),
      // Lambda ends a chain of about 16 calls of itself: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
      ...(isContinued(props.name) ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      ...props.onFailure,
      timeout: Duration.seconds(facts.timeoutSeconds),
      memorySize: facts.memoryMegabytes,
      environment: {
        ...Object.fromEntries(facts.environment.map((name) => [name, props.environment[name]])),
        ...(props.hourlySealKeyArn !== undefined && seals(props.name)
          ? { [hourlySealKeyVariable]: props.hourlySealKeyArn }
          : {}),
        ...webhookVariablesOf(props),
        [stackNameVariable]: props.stackName,
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
        POWERTOOLS_LOG_LEVEL: 'INFO',
      },
    });
    const { lambda } = this;
    // At synthesis, because a variable may refer to what is made later.
    this.node.addValidation({ validate: () => [variablesProblem(props.name, longestVariables(lambda)) ?? []].flat() });
    if (props.tracing) this.explainTracing();
  }

  /** Not AWSLambdaBasicExecutionRole: it may write to every log group of the account. */
  private roleWithLog(): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    allow(role, 'CreateOwnLogStream', 'logs:CreateLogStream', this.logGroup.logGroupArn);
    allow(role, 'WriteOwnLog', 'logs:PutLogEvents', this.logGroup.logGroupArn);
    return role;
  }

  private explainTracing(): void {
    Validations.of(this.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray has no resources that PutTraceSegments and PutTelemetryRecords can be limited to.',
    });
  }
}
