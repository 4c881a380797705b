import type { SettingsInput } from '../../../lib/settings/settings.ts';

const userPoolArn = 'arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEfGhI';

export const byCognito = {
  access: { cognito: { userPoolArns: [userPoolArn], scopes: ['otp/send'] } },
} satisfies Partial<SettingsInput>;

/** Routes whose messages have receipts, which come by the stack's own configuration set. */
export const receiptsBySet = {
  smsRoutes: [{ sender: 'end-user-messaging', originationIdentity: 'pool-0123456789abcdef0' }, {}],
  receipts: { sources: ['configuration-set'], feedback: true },
} satisfies Partial<SettingsInput>;

export const receiptsByBus = {
  smsRoutes: [{}, { sender: 'end-user-messaging', originationIdentity: 'pool-0123456789abcdef0' }],
  receipts: { sources: ['event-bus'], noteMessageIds: true },
} satisfies Partial<SettingsInput>;

/** Purposes that mind porting notices, without a provider. */
export const porting = {
  numberRisk: {
    purposes: {
      login: { ifSwapped: 'refuse', failMode: 'open' },
      'account-change': { ifSwapped: 'step-up', failMode: 'open' },
    },
  },
} satisfies Partial<SettingsInput>;

/** A purpose whose numbers are asked about at their operator. */
const askingOperator = {
  numberRisk: {
    purposes: { login: { ifSwapped: 'step-up', failMode: 'open' } },
    providers: [
      {
        name: 'operator-gb',
        countries: ['GB'],
        apiRoot: 'https://api.operator.com/camara',
        priceUsd: 0.01,
        tokenUrl: 'https://auth.operator.com/oauth2/token',
        clientId: 'otp-service',
        secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:otp/operator-gb-AbCdEf',
      },
    ],
  },
} satisfies Partial<SettingsInput>;

/** One webhook, of the public application. */
export const webhookSettings = {
  applications: { web: { kind: 'public' } },
  events: {
    types: ['verification.approved'],
    webhooks: [
      {
        application: 'web',
        url: 'https://hooks.example.com/a-secret-path',
        types: ['verification.approved'],
        secret: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:webhook-AbCdEf',
      },
    ],
  },
} satisfies Partial<SettingsInput>;

const secretOf = (application: string) =>
  `arn:aws:secretsmanager:eu-west-1:111122223333:secret:otp-${application}-AbCdEf`;

/** Events of two applications, each with a webhook. */
export const withWebhooks = {
  applications: {
    shop: { kind: 'public' },
    bank: { kind: 'public' },
  },
  events: {
    types: ['verification.requested', 'verification.approved'],
    webhooks: [
      {
        application: 'shop',
        url: 'https://shop.example.com/hooks/otp',
        types: ['verification.approved'],
        secret: secretOf('shop'),
      },
      { application: 'bank', url: 'https://bank.example.com/hooks/otp', secret: secretOf('bank') },
    ],
  },
} satisfies Partial<SettingsInput>;

/** Settings that change the template, so that between them every part of it is there and is not. */
export const variants: Readonly<Record<string, Partial<SettingsInput>>> = {
  'the defaults': {},
  'IAM, an existing logs role, tracing and a quota': {
    access: 'iam',
    apiGatewayLogsRole: 'existing',
    tracing: true,
    minimumTls: '1.3',
  },
  'Cognito, a domain and two code keys': {
    ...byCognito,
    endpoint: 'https://otp.example.com',
    codeKeyGenerations: ['a', 'b'],
  },
  'a daily quota': { dailyQuota: 1000 },
  'two applications': {
    applications: {
      web: { kind: 'public', brand: 'Web', origins: ['https://web.example.com', 'http://localhost:5173'] },
      'back-office': {
        kind: 'back-end',
        keys: ['a', 'b'],
        audience: 'https://office.example.com',
        throttle: { ratePerSecond: 5, burst: 10 },
        dailyQuota: 2000,
        sourceIps: ['203.0.113.0/24', '2001:db8:42::/48'],
      },
    },
  },
  'numbers sealed hourly': { sealing: 'hourly' },
  'no payments, numbers sealed hourly, and proofs under RS256': {
    purposes: ['verify-number', 'login'],
    sealing: 'hourly',
    proofs: { algorithm: 'RS256' },
  },
  'receipts by a configuration set, with feedback': receiptsBySet,
  'receipts by the bus of events': receiptsByBus,
  'purposes that mind porting notices': porting,
  'a purpose whose numbers are asked about at their operator': askingOperator,
  'events of verifications': { events: {} },
  'receipts and events': { ...receiptsBySet, events: {} },
  'two webhooks': withWebhooks,
  'no firewall': { firewall: false },
  'senders of each kind': {
    purposes: ['verify-number', 'login'],
    countries: { GB: { senderId: 'Example', routes: ['texts', 'sns'] }, IE: { routes: ['number', 'free', 'notify'] } },
    smsRoutes: [
      { sender: 'end-user-messaging', name: 'texts', region: 'eu-west-2', configurationSet: 'otp' },
      { sender: 'end-user-messaging', name: 'number', originationIdentity: '+353850000000' },
      { sender: 'end-user-messaging', name: 'free', region: 'eu-central-1' },
      { sender: 'notify', configuration: 'nc-1', templates: { en: 'notify-code-verification-english-001' } },
      {},
    ],
  },
  'Notify alone': {
    purposes: ['verify-number', 'login'],
    smsRoutes: [{ sender: 'notify', configuration: 'nc-1', templates: { en: 'notify-code-verification-english-001' } }],
  },
  'a subscriber of the alarms': { securityEmail: 'security@example.com', monthlySpendAlarmUsd: 500 },
};
