/** What both REST APIs have: the gateway, its access log, and its own errors as problems. */

import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  CfnRestApi,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { PolicyDocument } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { problems, securityHeaders } from '../../lambdas/contract.ts';
import type { Settings } from '../settings/settings.ts';

export const stageName = 'otp';

/** API Gateway's names of the TLS policies. Both have forward secrecy. */
const tlsPolicies = {
  '1.2': 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09',
  '1.3': 'SecurityPolicy_TLS13_1_3_2025_09',
} as const satisfies Record<Settings['minimumTls'], string>;

type AccessLog = { readonly name: string; readonly key: IKey; readonly days: number };

export const makeAccessLog = (scope: Construct, { name, key, days }: AccessLog): LogGroup =>
  new LogGroup(scope, 'AccessLog', {
    logGroupName: name,
    encryptionKey: key,
    retention: days,
    removalPolicy: RemovalPolicy.DESTROY,
  });

export type RestApiFacts = {
  readonly name: string;
  readonly description: string;
  readonly settings: Pick<Settings, 'minimumTls' | 'tracing'>;
  readonly accessLog: LogGroup;
  /** Name and variable of each field of a line. */
  readonly accessLogFields: Readonly<Record<string, string>>;
  readonly throttle: Settings['throttle'];
  /** Whether the stack makes the role by which API Gateway writes logs in this account and Region. */
  readonly cloudWatchRole: boolean;
  readonly policy?: PolicyDocument;
};

/** A regional REST API under the name `RestApi`, which logs requests and never what is in them. */
export const makeRestApi = (scope: Construct, facts: RestApiFacts): RestApi => {
  const { name, description, settings, accessLog, accessLogFields, throttle, cloudWatchRole, policy } = facts;
  const api = new RestApi(scope, 'RestApi', {
    restApiName: name,
    description,
    endpointConfiguration: { types: [EndpointType.REGIONAL] },
    failOnWarnings: true,
    ...(policy === undefined ? {} : { policy }),
    cloudWatchRole,
    // Other APIs may use the role, so that it outlives the stack (but not a failed first deployment).
    ...(cloudWatchRole ? { cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE } : {}),
    deployOptions: {
      stageName,
      accessLogDestination: new LogGroupLogDestination(accessLog),
      accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      // By method: each is charged for, and nobody reads them. Those of the stage come all the same (ADR 106).
      metricsEnabled: false,
      loggingLevel: MethodLoggingLevel.OFF,
      // A data trace would log bodies, and codes with them.
      dataTraceEnabled: false,
      tracingEnabled: settings.tracing,
      throttlingRateLimit: throttle.ratePerSecond,
      throttlingBurstLimit: throttle.burst,
    },
  });
  // The construct's own output names the default domain even if the endpoint is a domain of the team.
  api.node.tryRemoveChild('Endpoint');
  const resource = api.node.defaultChild;
  if (!(resource instanceof CfnRestApi)) throw new Error(`${api.node.path} is not made of CfnRestApi any more.`);
  resource.securityPolicy = tlsPolicies[settings.minimumTls];
  resource.endpointAccessMode = 'STRICT';
  return api;
};

export type ProblemShape = { readonly code: keyof typeof problems; readonly detail: string };

type Problems = {
  readonly endpoint: string;
  /** By API Gateway's response type. */
  readonly shapes: Readonly<Record<string, ProblemShape>>;
  /** Further headers of an error with this status. */
  readonly headersOf: (status: number) => Readonly<Record<string, string>>;
};

/** Gives the gateway's own errors the form of a problem (RFC 9457). */
export const shapeProblems = (api: RestApi, { endpoint, shapes, headersOf }: Problems): void => {
  for (const [type, { code, detail }] of Object.entries(shapes)) {
    const { status, title } = problems[code];
    const requestId = '$context.requestId';
    const body = { type: `${endpoint}/problems/${code}`, title, status, detail, code, requestId };
    api.addGatewayResponse(`Problem${type}`, {
      type: ResponseType.of(type),
      statusCode: String(status),
      responseHeaders: quoted({ ...headersOf(status), ...retryAfter(type, status) }),
      // API Gateway looks for the template by this key, whatever the caller accepts. The header has the real type.
      templates: { 'application/json': JSON.stringify(body) },
    });
  }
};

const retryAfter = (type: string, status: number): Record<string, string> => {
  if (type === 'QUOTA_EXCEEDED') return { 'retry-after': '3600' };
  if (status === 429) return { 'retry-after': '1' };
  return status === 503 ? { 'retry-after': '5' } : {};
};

/** API Gateway takes a constant header value between single quotes. Quotes inside it stay as they are. */
const quoted = (own: Readonly<Record<string, string>>): Record<string, string> => {
  const constants = { 'Content-Type': 'application/problem+json', ...securityHeaders, ...own };
  return {
    'x-request-id': 'context.requestId',
    ...Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, `'${value}'`])),
  };
};
