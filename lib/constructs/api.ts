import { Stack, Validations } from 'aws-cdk-lib';
import {
  ApiKey,
  AuthorizationType,
  CognitoUserPoolsAuthorizer,
  LambdaIntegration,
  type Method,
  type MethodOptions,
  Period,
  type RestApi,
  type UsagePlan,
} from 'aws-cdk-lib/aws-apigateway';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { anyOrigin, gatewayProblems, type Route, type RouteFunctionName, routes } from '../../lambdas/contract.ts';
import { onlyApplication, pascalCase } from '../settings/schema/applications.ts';
import type { Settings } from '../settings/settings.ts';
import { answerPreflights } from './preflights.ts';
import { makeAccessLog, makeRestApi, type ProblemShape, shapeProblems, stageName } from './rest-api.ts';

export type OtpApiProps = {
  readonly settings: Settings;
  /** The name of the API, which its metrics have as a dimension. */
  readonly name: string;
  readonly logKey: IKey;
  readonly accessLogName: string;
};

/** The scheme by which a caller authenticates (RFC 9110, section 11.6.1: a 401 names one). */
const schemeOf = (access: Settings['access']): string => {
  if (access === 'api-key') return 'ApiKey realm="otp"';
  return access === 'iam' ? 'AWS4-HMAC-SHA256' : 'Bearer realm="otp"';
};

/**
 * A line per request, without personal data and secrets: no IP, no path (it has the verification id), no body, no query
 * string. `resourcePath` is the route as the contract writes it.
 */
export const accessLogFields = {
  requestId: '$context.requestId',
  requestTimeEpoch: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationStatus: '$context.integration.status',
  gatewayError: '$context.error.responseType',
  responseBytes: '$context.responseLength',
  apiKeyId: '$context.identity.apiKeyId',
} as const;

/** By application, then by name of the key. The only application has one key without a name. */
type ApiKeyIds = ReadonlyMap<string, ReadonlyMap<string, string>>;

type Application = NonNullable<Settings['applications']>[string];

const keyNamesOf = ({ keys = ['a'] }: Application): readonly string[] => keys;

/** If the settings name no applications, each credential that the gateway lets in is of the only one. */
const credentialsOf = ({ applications }: Settings, apiKeyIds: ApiKeyIds): OtpApi['credentials'] => {
  if (applications === undefined) return { [onlyApplication]: ['*'] };
  return Object.fromEntries(
    Object.entries(applications).map(([name, { principals = [], clientIds = [] }]) => [
      name,
      [...(apiKeyIds.get(name)?.values() ?? []), ...principals, ...clientIds],
    ]),
  );
};

/** The API, built from the routes of the contract. No other route is reachable. */
export class OtpApi extends Construct {
  readonly restApi: RestApi;
  readonly accessLog: LogGroup;
  /** Base URL without a trailing slash, known before any function is made. */
  readonly endpoint: string;
  /** Ids of the API keys by application and name of the key. None if access is not by API key. */
  readonly apiKeyIds: ApiKeyIds;
  /** Credentials of each application: ids of its API keys, or the principals or client ids of the settings. */
  readonly credentials: Readonly<Record<string, readonly string[]>>;
  private readonly settings: Settings;

  constructor(scope: Construct, id: string, { settings, name, logKey, accessLogName }: OtpApiProps) {
    super(scope, id);
    this.settings = settings;
    this.accessLog = makeAccessLog(this, { name: accessLogName, key: logKey, days: settings.logRetentionDays });
    this.restApi = this.api(name, this.accessLog);
    const { region, urlSuffix } = Stack.of(this);
    // The stage by its literal name. By reference, functions would wait for the stage, and the stage for them.
    this.endpoint =
      settings.endpoint ?? `https://${this.restApi.restApiId}.execute-api.${region}.${urlSuffix}/${stageName}`;
    shapeProblems(this.restApi, {
      endpoint: this.endpoint,
      shapes: this.gatewayProblems(),
      headersOf: (status) => this.headersOf(status),
    });
    this.apiKeyIds = settings.access === 'api-key' ? this.issueApiKeys() : new Map();
    this.credentials = credentialsOf(settings, this.apiKeyIds);
  }

  /** The setting of the account by which API Gateway writes logs, if this stack makes it. */
  get logsSetting(): readonly IConstruct[] {
    const account = this.restApi.node.tryFindChild('Account');
    return account === undefined ? [] : [account];
  }

  /** Puts the functions behind their routes. */
  serve(functionOf: (name: RouteFunctionName) => IFunction): void {
    const clientOptions = this.clientOptions();
    const requestValidator = this.restApi.addRequestValidator('Validator', {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    // No body has a model here, so that the gateway passes each on: only the functions skip a byte order mark and say which
    // field is wrong (ADR 46).
    for (const route of routes) {
      const method = this.restApi.root.resourceForPath(route.path).addMethod(
        route.method,
        // allowTestInvoke would let the console call the function past the API's access control.
        new LambdaIntegration(functionOf(route.function), { allowTestInvoke: false }),
        {
          ...(route.access === 'client' ? clientOptions : { authorizationType: AuthorizationType.NONE }),
          requestValidator,
        },
      );
      this.acknowledgeAccess(method, route);
    }
    for (const [path, some] of Map.groupBy(routes, (route) => route.path)) {
      answerPreflights(this.restApi.root.resourceForPath(path), some, this.settings);
    }
  }

  private api(restApiName: string, accessLog: LogGroup): RestApi {
    const { settings } = this;
    const api = makeRestApi(this, {
      name: restApiName,
      description: 'One-time passcodes by SMS',
      settings,
      accessLog,
      accessLogFields,
      throttle: settings.throttle,
      // An account has one such role per Region, so that "create" replaces the role of another team.
      cloudWatchRole: settings.apiGatewayLogsRole === 'create',
    });
    this.acknowledgeGateway(api);
    return api;
  }

  /** The reasons why the gateway departs from cdk-nag's rules. */
  private acknowledgeGateway(api: RestApi): void {
    Validations.of(api.deploymentStage).acknowledge({
      id: 'AwsSolutions-APIG6',
      reason:
        'Execution logs hold paths with verification ids, which are secrets of the callers. Their log group takes neither our key nor a retention. The access log and the logs of the functions replace them.',
    });
    if (!this.settings.firewall) {
      Validations.of(api.deploymentStage).acknowledge({
        id: 'AwsSolutions-APIG3',
        reason:
          'The settings turn the firewall (WAF) off. The limits per phone, IP, key and stage, and the caps, hold without it.',
      });
    }
    if (this.settings.apiGatewayLogsRole === 'existing') return;
    Validations.of(api).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason:
        'API Gateway takes one role for all APIs of the account and Region. It checks that the role has the permissions of this AWS-managed policy.',
    });
  }

  private acknowledgeAccess(method: Method, { access, path }: Route): void {
    const reason =
      access === 'public'
        ? `${path} serves a public key, which everybody may read.`
        : 'Client apps authenticate by API key and usage plan. The settings also offer IAM and Cognito.';
    const isOpen = access === 'public' || this.settings.access === 'api-key';
    if (isOpen) Validations.of(method).acknowledge({ id: 'AwsSolutions-APIG4', reason });
    if (isOpen || this.settings.access === 'iam') {
      Validations.of(method).acknowledge({
        id: 'AwsSolutions-COG4',
        reason: isOpen ? reason : 'The settings make callers sign their requests with IAM credentials.',
      });
    }
  }

  private clientOptions(): MethodOptions {
    const { access } = this.settings;
    if (access === 'api-key') return { authorizationType: AuthorizationType.NONE, apiKeyRequired: true };
    if (access === 'iam') return { authorizationType: AuthorizationType.IAM };
    const { userPoolArns, scopes } = access.cognito;
    const authorizer = new CognitoUserPoolsAuthorizer(this, 'Clients', {
      cognitoUserPools: userPoolArns.map((arn, index) => UserPool.fromUserPoolArn(this, `UserPool${index}`, arn)),
    });
    return {
      authorizer,
      authorizationType: AuthorizationType.COGNITO,
      ...(scopes === undefined ? {} : { authorizationScopes: scopes }),
    };
  }

  private issueApiKeys(): ApiKeyIds {
    const { applications } = this.settings;
    if (applications === undefined) {
      const plan = this.planOf('Client', 'Client apps of the OTP service', {});
      return new Map([
        [onlyApplication, new Map([['', this.issueApiKey('ClientKey', 'Client apps of the OTP service', plan)]])],
      ]);
    }
    return new Map(
      Object.entries(applications).map(([name, application]) => {
        const description = `Application ${name} of the OTP service`;
        const plan = this.planOf(pascalCase(name), description, application);
        const ids = keyNamesOf(application).map(
          (key) => [key, this.issueApiKey(`${pascalCase(name)}Key${key.toUpperCase()}`, description, plan)] as const,
        );
        return [name, new Map(ids)];
      }),
    );
  }

  /** Without the stage, which would wait for the functions, while their environment waits for the key. The plan has it. */
  private issueApiKey(id: string, description: string, plan: UsagePlan): string {
    const key = new ApiKey(this.restApi, id, { description });
    plan.addApiKey(key);
    return key.keyId;
  }

  private planOf(id: string, description: string, own: Partial<Pick<Settings, 'throttle' | 'dailyQuota'>>): UsagePlan {
    const { throttle, dailyQuota } = { ...this.settings, ...own };
    return this.restApi.addUsagePlan(`${id}Plan`, {
      description,
      apiStages: [{ stage: this.restApi.deploymentStage }],
      throttle: { rateLimit: throttle.ratePerSecond, burstLimit: throttle.burst },
      ...(dailyQuota === undefined ? {} : { quota: { limit: dailyQuota, period: Period.DAY } }),
    });
  }

  /** With IAM, API Gateway calls an unsigned request to a real route a missing token. */
  private gatewayProblems(): Readonly<Record<string, ProblemShape>> {
    if (this.settings.access !== 'iam') return gatewayProblems;
    const detail = 'Sign the request (AWS Signature Version 4), and see that method and path are a route of the API.';
    return { ...gatewayProblems, MISSING_AUTHENTICATION_TOKEN: { code: 'unauthorized', detail } };
  }

  /** The gateway cannot know whose page asks. An error of its own says nothing of a person. */
  private headersOf(status: number): Record<string, string> {
    return { ...anyOrigin, ...(status === 401 ? { 'www-authenticate': schemeOf(this.settings.access) } : {}) };
  }
}
