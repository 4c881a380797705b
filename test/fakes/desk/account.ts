/**
 * An AWS account with the stack that otp-desk works on: the API of operators behind IAM, and the parts that it asks AWS
 * about, on the wire. The answers have the form that AWS documents; they were not recorded from an account.
 */

import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../../../local/http/loopback.ts';

export const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example-secret' } as const;

export type Wire = {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
};
export type Call = {
  /** Such as `sns:ListSubscriptionsByTopic`, or the method and path of the API of operators. */
  readonly asked: string;
  readonly region: string;
  readonly query: URLSearchParams;
  /** JSON as it was sent, or the fields of a form. */
  readonly body: unknown;
};
/** What is sent back; the first answer that is one counts. */
export type Script = (call: Call) => Wire | undefined;

export const json = (value: unknown, status = 200): Wire => ({ status, body: JSON.stringify(value) });
export const xml = (operation: string, result: string): Wire => ({
  status: 200,
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${operation}Response>`,
});
export const xmlError = (status: number, code: string, message = code): Wire => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});
export const jsonError = (status: number, type: string, message = type): Wire => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: JSON.stringify({ __type: type, message }),
});

const sha256 = (value: string) => createHash('sha256').update(value).digest('hex');
const hmac = (key: string | Buffer, value: string) => createHmac('sha256', key).update(value).digest();

/** Everything but the unreserved characters is written in hexadecimal, as the signature wants it. */
const escaped = (value: string) =>
  encodeURIComponent(value).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Whether a request of the API has a good signature of the account's key, by the steps that AWS documents:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
const hasGoodSignature = ({ headers, method = '', url = '' }: IncomingMessage, body: string): boolean => {
  const [, key, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  const [date = '', region = '', service = ''] = scope.split('/');
  const { pathname, searchParams } = new URL(url, 'http://host');
  const canonical = [
    method,
    pathname.split('/').map(escaped).join('/'),
    [...searchParams]
      .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
      .toSorted()
      .join('&'),
    ...names.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const secret = `AWS4${credentials.AWS_SECRET_ACCESS_KEY}`;
  const signing = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, secret);
  const wanted = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  return key === credentials.AWS_ACCESS_KEY_ID && signature === hmac(signing, wanted).toString('hex');
};

const problem = (status: number, code: string, detail: string): Wire =>
  json({ title: code, status, detail, code }, status);

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return Object.fromEntries(new URLSearchParams(body));
  }
};

const callOf = (request: IncomingMessage, body: string): Call & { readonly service: string } => {
  const [, region = '', service = ''] =
    /Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://host');
  const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
  const action = target ?? new URLSearchParams(body).get('Action');
  const prefix = service === 'monitoring' ? 'cloudwatch' : service;
  const asked = action === null ? `${request.method} ${pathname}` : `${prefix}:${action}`;
  return { asked, region, query, body: parsed(body), service };
};

export const stackName = 'OtpDesk';

const outputsOf = (url: string): Readonly<Record<string, string>> => ({
  OperatorEndpoint: `${url}/otp`,
  AlarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms',
  ReplayFunctionName: 'OtpDesk-replay',
});

const stackOf =
  (url: string): Script =>
  ({ asked, body }) => {
    if (asked !== 'cloudformation:DescribeStacks') return undefined;
    const { StackName } = body as Record<string, string>;
    if (StackName !== stackName) return xmlError(400, 'ValidationError', `Stack with id ${StackName} does not exist`);
    const outputs = Object.entries(outputsOf(url)).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    return xml(
      'DescribeStacks',
      `<Stacks><member><StackName>${stackName}</StackName><StackStatus>CREATE_COMPLETE</StackStatus>` +
        `<CreationTime>2026-01-01T00:00:00.000Z</CreationTime><Outputs>${outputs.join('')}</Outputs></member></Stacks>`,
    );
  };

const partsOf: readonly (readonly [string, string, string])[] = [
  ['S3::Bucket', 'DeadLettersBucket3DB126B9', 'otpdesk-dead-letters'],
  ['Lambda::Function', 'requestverificationFunctionA', 'OtpDesk-request'],
  ['Lambda::Function', 'resendverificationFunctionA', 'OtpDesk-resend'],
  ['Lambda::Function', 'checkverificationFunctionA', 'OtpDesk-check'],
];

const member = ([type, logical, physical]: readonly [string, string, string]) =>
  `<member><ResourceType>AWS::${type}</ResourceType><LogicalResourceId>${logical}</LogicalResourceId>` +
  `<PhysicalResourceId>${physical}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>` +
  '<LastUpdatedTimestamp>2026-01-01T00:00:00.000Z</LastUpdatedTimestamp></member>';

/** In two pages, as a stack of this size comes. */
const parts: Script = ({ asked, body }) => {
  if (asked !== 'cloudformation:ListStackResources') return undefined;
  const isSecond = (body as Record<string, string>)['NextToken'] === 'second';
  const page = isSecond ? partsOf.slice(2) : partsOf.slice(0, 2);
  const summaries = `<StackResourceSummaries>${page.map(member).join('')}</StackResourceSummaries>`;
  return xml('ListStackResources', isSecond ? summaries : `${summaries}<NextToken>second</NextToken>`);
};

export type Account = {
  readonly url: string;
  readonly calls: readonly Call[];
  /** By which local mode is ahead of this machine. */
  readonly clock: { aheadSeconds: number };
  readonly stop: () => Promise<void>;
};

/** Serves the account. Its scripts come before the stack's own answers. */
export const serveAccount = async (...scripts: readonly Script[]): Promise<Account> => {
  const { server, url, stop } = await listenOnLoopback();
  const calls: Call[] = [];
  const clock = { aheadSeconds: 0 };
  server.on('request', async (request, response) => {
    const body = await text(request);
    const call = callOf(request, body);
    // No call of the API: otp-desk looks at it beside each.
    if (call.asked === 'GET /_local/clock') {
      response.end(JSON.stringify({ offsetSeconds: clock.aheadSeconds }));
      return;
    }
    calls.push(call);
    const isUnsigned = call.service === 'execute-api' && !hasGoodSignature(request, body);
    const wire = isUnsigned
      ? problem(403, 'forbidden', 'The signature does not match the request.')
      : [...scripts, stackOf(url), parts].map((script) => script(call)).find((each) => each !== undefined);
    const {
      status,
      body: answer,
      headers = {},
    } = wire ?? problem(404, 'not-found', 'No route has this method and path.');
    const type = answer.startsWith('<') ? 'text/xml' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers }).end(answer);
  });
  return { url, calls, clock, stop };
};
