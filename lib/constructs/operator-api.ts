import { Stack, Validations } from 'aws-cdk-lib';
import { AuthorizationType, LambdaIntegration, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { gatewayProblems, type OperatorFunctionName, operatorRoutes } from '../../lambdas/contract.ts';
import type { Settings } from '../settings/settings.ts';
import { makeAccessLog, makeRestApi, shapeProblems, stageName } from './rest-api.ts';

export type OperatorApiProps = {
  readonly settings: Settings;
  /** The name of the service. The API adds a word to it. */
  readonly name: string;
  readonly logKey: IKey;
  readonly accessLogName: string;
};

/** People call it, and a script of theirs. */
const throttle = { ratePerSecond: 10, burst: 20 };

/** As that of client apps, without path, query and IP. Who an operator is, is no secret. */
const accessLogFields = {
  requestId: '$context.requestId',
  requestTimeEpoch: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  gatewayError: '$context.error.responseType',
  principal: '$context.identity.userArn',
} as const;

const unsigned = 'Sign the request (AWS Signature Version 4), and see that method and path are a route of operators.';

/**
 * The API of operators, built from their routes in the contract. It takes signed requests only, of the roles that the
 * settings name, with a throttle of its own.
 */
export class OperatorApi extends Construct {
  readonly restApi: RestApi;
  readonly accessLog: LogGroup;
  /** Base URL without a trailing slash. */
  readonly endpoint: string;

  constructor(scope: Construct, id: string, { settings, name, logKey, accessLogName }: OperatorApiProps) {
    super(scope, id);
    this.accessLog = makeAccessLog(this, { name: accessLogName, key: logKey, days: settings.logRetentionDays });
    this.restApi = makeRestApi(this, {
      name: `${name}-operators`,
      description: 'Operators of one-time passcodes by SMS',
      settings,
      accessLog: this.accessLog,
      accessLogFields,
      throttle,
      cloudWatchRole: false,
      policy: policyOf(Stack.of(this), settings.operatorRoles),
    });
    const { region, urlSuffix } = Stack.of(this);
    this.endpoint = `https://${this.restApi.restApiId}.execute-api.${region}.${urlSuffix}/${stageName}`;
    shapeProblems(this.restApi, {
      endpoint: this.endpoint,
      shapes: { ...gatewayProblems, MISSING_AUTHENTICATION_TOKEN: { code: 'unauthorized', detail: unsigned } },
      headersOf: (status): Record<string, string> => (status === 401 ? { 'www-authenticate': 'AWS4-HMAC-SHA256' } : {}),
    });
    Validations.of(this.restApi.deploymentStage).acknowledge(
      {
        id: 'AwsSolutions-APIG6',
        reason:
          'Execution logs hold bodies of operators, with numbers. The access log and the logs of the functions replace them.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'No firewall: a request that no operator of this account has signed reaches no function. The throttle bounds the others.',
      },
    );
  }

  /** The stage waits for the role by which API Gateway writes its access log. */
  waitFor(...dependencies: readonly IConstruct[]): void {
    this.restApi.deploymentStage.node.addDependency(...dependencies);
  }

  /** Puts the functions behind their routes. */
  serve(functionOf: (name: OperatorFunctionName) => IFunction): void {
    const requestValidator = this.restApi.addRequestValidator('Validator', {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    for (const route of operatorRoutes) {
      const method = this.restApi.root
        .resourceForPath(route.path)
        .addMethod(route.method, new LambdaIntegration(functionOf(route.function), { allowTestInvoke: false }), {
          authorizationType: AuthorizationType.IAM,
          requestValidator,
        });
      Validations.of(method).acknowledge({
        id: 'AwsSolutions-COG4',
        reason: 'Operators sign their requests with the credentials of an IAM role. There is no user pool of theirs.',
      });
    }
  }
}

/**
 * Nobody of another account, and nobody but the roles that the settings name. Within an account the policy of a caller is
 * enough, so that only a denial keeps others out:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
const policyOf = ({ account, partition }: Stack, roles: readonly string[]): PolicyDocument => {
  const deny = (sid: string, conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>) =>
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['execute-api:Invoke'],
      resources: ['execute-api:/*'],
      conditions,
    });
  const named = roles.map((role) => `arn:${partition}:iam::${account}:role/${role}`);
  return new PolicyDocument({
    statements: [
      deny('KeepOtherAccountsOut', { StringNotEquals: { 'aws:PrincipalAccount': account } }),
      ...(named.length === 0 ? [] : [deny('KeepOtherRolesOut', { ArnNotLike: { 'aws:PrincipalArn': named } })]),
    ],
  });
};
