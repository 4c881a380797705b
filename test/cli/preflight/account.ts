/**
 * An AWS account that answers what preflight asks, on the wire. The answers have the form that AWS documents for each
 * operation; they were not recorded from an account.
 */

import type { IncomingMessage } from 'node:http';
import { listenOnLoopback } from '../../../local/http/loopback.ts';

/** What is sent back; `hang`: nothing, ever. */
export type Wire =
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | 'hang';
/** By what is asked, such as `sns:GetSMSAttributes`; a stack's name comes after a space. */
export type Script = Readonly<Record<string, Wire>>;

const xml = (operation: string, result: string): Wire => ({
  status: 200,
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${operation}Response>`,
});
export const json = (value: unknown): Wire => ({ status: 200, body: JSON.stringify(value) });
const xmlError = (status: number, code: string, message: string): Wire => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});
const jsonError = (status: number, type: string, message: string): Wire => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: JSON.stringify({ __type: type, message }),
});

export const attributes = (entries: Readonly<Record<string, string>>): Wire =>
  xml(
    'GetSMSAttributes',
    `<attributes>${Object.entries(entries)
      .map(([key, value]) => `<entry><key>${key}</key><value>${value}</value></entry>`)
      .join('')}</attributes>`,
  );

export const sandbox = (isInSandbox: boolean): Wire =>
  xml('GetSMSSandboxAccountStatus', `<IsInSandbox>${isInSandbox}</IsInSandbox>`);

const list = (name: string, members: readonly string[]) =>
  members.length === 0
    ? `<${name}/>`
    : `<${name}>${members.map((each) => `<member>${each}</member>`).join('')}</${name}>`;

export const numbers = (
  ...entries: readonly { number: string; country: string; status: string; takes?: string }[]
): Wire =>
  xml(
    'ListOriginationNumbers',
    list(
      'PhoneNumbers',
      entries.map(
        ({ number, country, status, takes = 'SMS' }) =>
          `<CreatedAt>2026-01-01T00:00:00.000Z</CreatedAt><PhoneNumber>${number}</PhoneNumber><Status>${status}</Status>` +
          `<Iso2CountryCode>${country}</Iso2CountryCode><RouteType>Transactional</RouteType>` +
          `<NumberCapabilities><member>${takes}</member></NumberCapabilities>`,
      ),
    ),
  );

/** A page of the list; `more` is the token of the next one. */
export const optedOut = (phones: readonly string[], more = ''): Wire =>
  xml('ListPhoneNumbersOptedOut', list('phoneNumbers', phones) + (more === '' ? '' : `<nextToken>${more}</nextToken>`));

const verified = (...phones: readonly string[]): Wire =>
  xml(
    'ListSMSSandboxPhoneNumbers',
    list(
      'PhoneNumbers',
      phones.map((phone) => `<PhoneNumber>${phone}</PhoneNumber><Status>Verified</Status>`),
    ),
  );

export const protectedBy = (rules: Readonly<Record<string, string>>): Script => ({
  'sms-voice:DescribeAccountAttributes': json({
    AccountAttributes: [
      { Name: 'ACCOUNT_TIER', Value: 'PRODUCTION' },
      { Name: 'DEFAULT_PROTECT_CONFIGURATION_ID', Value: 'protect-0123456789abcdef0123456789abcdef' },
    ],
  }),
  'sms-voice:GetProtectConfigurationCountryRuleSet': json({
    NumberCapability: 'SMS',
    CountryRuleSet: Object.fromEntries(
      Object.entries(rules).map(([country, ProtectStatus]) => [country, { ProtectStatus }]),
    ),
  }),
});

export const stackIs = (name: string, status: string, outputs = ''): Script => ({
  [`cloudformation:DescribeStacks ${name}`]: xml(
    'DescribeStacks',
    `<Stacks><member><StackName>${name}</StackName><CreationTime>2026-01-01T00:00:00.000Z</CreationTime>` +
      `<StackStatus>${status}</StackStatus>${outputs}</member></Stacks>`,
  ),
});

const noStack = (name: string): Script => ({
  [`cloudformation:DescribeStacks ${name}`]: xmlError(400, 'ValidationError', `Stack with id ${name} does not exist`),
});

/** As AWS hands it out: in the sandbox, a dollar a month, ten functions at once, nothing set. */
export const freshAccount: Script = {
  'sts:GetCallerIdentity': xml(
    'GetCallerIdentity',
    '<Arn>arn:aws:iam::111122223333:user/dev</Arn><UserId>A</UserId><Account>111122223333</Account>',
  ),
  'sns:GetSMSSandboxAccountStatus': sandbox(true),
  'sns:ListSMSSandboxPhoneNumbers': verified(),
  'sns:GetSMSAttributes': attributes({}),
  'sns:ListOriginationNumbers': numbers(),
  'sns:ListPhoneNumbersOptedOut': optedOut([]),
  'sms-voice:DescribeSpendLimits': json({
    SpendLimits: [{ Name: 'TEXT_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: 1, MaxLimit: 1, Overridden: false }],
  }),
  'sms-voice:DescribeSenderIds': json({ SenderIds: [] }),
  'sms-voice:DescribeAccountAttributes': json({
    AccountAttributes: [
      { Name: 'ACCOUNT_TIER', Value: 'SANDBOX' },
      { Name: 'DEFAULT_PROTECT_CONFIGURATION_ID', Value: 'UNSET' },
    ],
  }),
  'apigateway:GET': json({ throttleSettings: { burstLimit: 5000, rateLimit: 10_000 }, features: ['UsagePlans'] }),
  'lambda:GetAccountSettings': json({ AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } }),
  'cloudwatch:ListMetrics': json({ Metrics: [] }),
  ...noStack('OtpService'),
  ...noStack('CDKToolkit'),
};

/** Applications that counted `EndUserIpMissing` lately. */
export const withoutEndUserIp = (...applications: readonly string[]): Script => ({
  'cloudwatch:ListMetrics': json({
    Metrics: applications.map((application) => ({
      Namespace: 'OtpService',
      MetricName: 'EndUserIpMissing',
      Dimensions: [
        { Name: 'service', Value: 'OtpService' },
        { Name: 'application', Value: application },
      ],
    })),
  }),
});

/** Ready for the shipped settings: IN, US and GB, $100 a day. */
export const readyAccount: Script = {
  ...freshAccount,
  'sns:GetSMSSandboxAccountStatus': sandbox(false),
  'sns:GetSMSAttributes': attributes({ MonthlySpendLimit: '3000', DefaultSMSType: 'Transactional' }),
  'sns:ListOriginationNumbers': numbers({ number: '+18445550100', country: 'US', status: 'Active' }),
  'sns:ListPhoneNumbersOptedOut': optedOut(['+447700900123', '+447700900124']),
  'sms-voice:DescribeSenderIds': json({
    SenderIds: [{ SenderId: 'Example', IsoCountryCode: 'GB', MessageTypes: ['TRANSACTIONAL'], Registered: true }],
  }),
  'lambda:GetAccountSettings': json({
    AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 },
  }),
  ...stackIs(
    'CDKToolkit',
    'UPDATE_COMPLETE',
    '<Outputs><member><OutputKey>BootstrapVersion</OutputKey><OutputValue>29</OutputValue></member></Outputs>',
  ),
};

const every = (answer: (action: string) => Wire): Script =>
  Object.fromEntries(
    Object.entries(readyAccount).map(([asked, wire]) => {
      const [action = ''] = asked.split(' ');
      return [asked, action === 'sts:GetCallerIdentity' ? wire : answer(action)];
    }),
  );

const isXml = (action: string): boolean => /^(?:sns|cloudformation|sts):/.test(action);

/** How each service says that the credentials may not ask. */
export const denied = (action: string): Wire => {
  const message = `User: arn:aws:iam::111122223333:user/dev is not authorized to perform: ${action} because no identity-based policy allows it`;
  if (!isXml(action)) return jsonError(action.startsWith('sms-voice') ? 400 : 403, 'AccessDeniedException', message);
  return xmlError(403, action.startsWith('sns') ? 'AuthorizationError' : 'AccessDenied', message);
};

/** Credentials that may deploy, perhaps, and ask nothing. */
export const deniedAccount: Script = every(denied);

export const throttledAccount: Script = every((action) =>
  isXml(action)
    ? xmlError(400, 'Throttling', 'Rate exceeded')
    : jsonError(429, action.startsWith('lambda') ? 'TooManyRequestsException' : 'ThrottlingException', 'Rate exceeded'),
);

export const hangingAccount: Script = every(() => 'hang');

/** A Region without SMS. */
export const withoutSms: Script = {
  ...readyAccount,
  ...Object.fromEntries(
    Object.keys(readyAccount)
      .filter((asked) => asked.startsWith('sns:'))
      .map((asked) => [asked, xmlError(400, 'InvalidAction', 'The action is not valid for this web service.')]),
  ),
};

/** What a Region answers that the account has not opted in to. */
export const notEnabled: Script = Object.fromEntries(
  Object.keys(readyAccount).map((asked) => [
    asked,
    isXml(asked)
      ? xmlError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.')
      : jsonError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
  ]),
);

export const expiredCredentials: Script = {
  'sts:GetCallerIdentity': xmlError(403, 'ExpiredToken', 'The security token included in the request is expired'),
};

const askedBy = async (request: IncomingMessage): Promise<{ readonly asked: string; readonly region: string }> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  // The signature's scope says which service and Region is meant: all share one address here.
  const [, region = '', service = ''] =
    /Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  if (service === 'apigateway') return { region, asked: `apigateway:${request.method}` };
  if (service === 'lambda' && request.url === '/2016-08-19/account-settings')
    return { region, asked: 'lambda:GetAccountSettings' };
  // CloudWatch signs by its old name.
  const prefix = service === 'monitoring' ? 'cloudwatch' : service;
  const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? form.get('Action') ?? 'unknown';
  const stack = form.get('StackName');
  return { region, asked: `${prefix}:${operation}${stack === null ? '' : ` ${stack}`}` };
};

export type Account = {
  readonly url: string;
  /** What was asked, as `Region action`. */
  readonly asked: string[];
  readonly stop: () => Promise<void>;
};

/** Serves an account; one script for all Regions, unless a Region has its own. */
export const serveAccount = async (
  script: Script,
  regions: Readonly<Record<string, Script>> = {},
): Promise<Account> => {
  const { server, url, stop } = await listenOnLoopback();
  const calls: string[] = [];
  server.on('request', async (request, response) => {
    const { asked, region } = await askedBy(request);
    calls.push(`${region} ${asked}`);
    const wire = (regions[region] ?? script)[asked] ?? xmlError(404, 'NotScripted', asked);
    if (wire === 'hang') return;
    const { status, body, headers = {} } = wire;
    response.writeHead(status, { 'content-type': body.startsWith('<') ? 'text/xml' : 'application/json', ...headers });
    response.end(body);
  });
  return { url, asked: calls, stop };
};
