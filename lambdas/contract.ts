/**
 * The facts that every side agrees on: what is deployed (`lib/`), what runs (`lambdas/`), what pretends to be AWS
 * (`local/`) and the tests. Data and types only; it imports nothing.
 */

/** The functions of the product. One function per route, so that each has a role with nothing to spare. */
export const functionNames = [
  'request-verification',
  'check-verification',
  'resend-verification',
  'get-verification',
  'cancel-verification',
  'jwks',
  'detect-bursts',
  'replay-dead-letters',
  'read-desk',
  'write-desk',
  'read-status',
  'read-number-history',
  'erase-number',
  'export-events',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Functions that a deployment has only if its settings ask for them. */
export const optionalFunctionNames = ['note-receipts', 'publish-events', 'deliver-webhooks'] as const;
export type OptionalFunctionName = (typeof optionalFunctionNames)[number];
export type AnyFunctionName = FunctionName | OptionalFunctionName;

export type Route = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** API Gateway's resource syntax: `{name}` is one path segment. */
  readonly path: string;
  readonly function: RouteFunctionName;
  /** `client`: credentials of a client app (API key, IAM or OIDC, by setting). `public`: none. */
  readonly access: 'client' | 'public';
  /** Whether the route takes a JSON object as its body. */
  readonly takesBody: boolean;
  /** Request headers that mean something to the route, beside the ones that every route has. */
  readonly headers: readonly string[];
};

export const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/verifications',
    function: 'request-verification',
    access: 'client',
    takesBody: true,
    headers: ['idempotency-key'],
  },
  {
    method: 'GET',
    path: '/v1/verifications/{id}',
    function: 'get-verification',
    access: 'client',
    takesBody: false,
    headers: [],
  },
  {
    method: 'HEAD',
    path: '/v1/verifications/{id}',
    function: 'get-verification',
    access: 'client',
    takesBody: false,
    headers: [],
  },
  {
    method: 'DELETE',
    path: '/v1/verifications/{id}',
    function: 'cancel-verification',
    access: 'client',
    takesBody: false,
    // Accepted and ignored: a cancellation is idempotent by itself, and clients that send a key everywhere stay simple.
    headers: ['idempotency-key'],
  },
  {
    method: 'POST',
    path: '/v1/verifications/{id}/check',
    function: 'check-verification',
    access: 'client',
    takesBody: true,
    headers: ['idempotency-key'],
  },
  {
    method: 'POST',
    path: '/v1/verifications/{id}/resend',
    function: 'resend-verification',
    access: 'client',
    takesBody: false,
    headers: ['idempotency-key'],
  },
  {
    method: 'GET',
    path: '/.well-known/jwks.json',
    function: 'jwks',
    access: 'public',
    takesBody: false,
    headers: [],
  },
  {
    method: 'HEAD',
    path: '/.well-known/jwks.json',
    function: 'jwks',
    access: 'public',
    takesBody: false,
    headers: [],
  },
];

/** Who of the security staff may call a route of operators. */
export type OperatorRole = 'analyst' | 'auditor' | 'privacy-officer';

export type OperatorRoute = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As in `Route`. Neither a number nor an IP ever stands in it: both are named in bodies only. */
  readonly path: string;
  readonly function: OperatorFunctionName;
  /** The roles whose policies allow it. */
  readonly roles: readonly OperatorRole[];
  readonly takesBody: boolean;
  /** Parameters of the query string. */
  readonly query: readonly string[];
};

const readers = ['analyst', 'auditor'] as const satisfies readonly OperatorRole[];
const looking = { function: 'read-desk', roles: readers, takesBody: false } as const;
const ofNumbers = { method: 'POST', roles: ['privacy-officer'], takesBody: true, query: [] } as const;
const exporting = { function: 'export-events', roles: ['auditor'], query: [] } as const;
const acting = { function: 'write-desk', roles: ['analyst'], takesBody: true, query: [] } as const;

const listOperatorRoutes = (): readonly OperatorRoute[] => [
  { method: 'GET', path: '/v1/findings', ...looking, query: ['status', 'severity', 'since', 'cursor'] },
  { method: 'GET', path: '/v1/findings/{id}', ...looking, query: [] },
  { method: 'PATCH', path: '/v1/findings/{id}', ...acting },
  { method: 'GET', path: '/v1/blocks', ...looking, query: [] },
  { method: 'POST', path: '/v1/blocks', ...acting },
  { method: 'POST', path: '/v1/blocks/lift', ...acting },
  { method: 'GET', path: '/v1/launches', ...looking, query: [] },
  { method: 'POST', path: '/v1/launches', ...acting },
  { method: 'DELETE', path: '/v1/launches/{id}', ...acting, takesBody: false },
  { method: 'POST', path: '/v1/sending/stop', ...acting },
  { method: 'POST', path: '/v1/sending/resume', ...acting },
  { method: 'GET', path: '/v1/actions', ...looking, query: ['since', 'cursor'] },
  { method: 'GET', path: '/v1/prices', ...looking, query: ['since'] },
  { method: 'GET', path: '/v1/status', function: 'read-status', roles: readers, takesBody: false, query: [] },
  { method: 'GET', path: '/v1/webhooks', function: 'read-status', roles: readers, takesBody: false, query: [] },
  { method: 'POST', path: '/v1/webhooks/replay', ...acting },
  { path: '/v1/numbers/history', function: 'read-number-history', ...ofNumbers },
  { path: '/v1/numbers/erase', function: 'erase-number', ...ofNumbers },
  { method: 'POST', path: '/v1/numbers/port-notice', ...acting },
  { method: 'POST', path: '/v1/numbers/port-notice/lift', ...acting },
  { method: 'POST', path: '/v1/exports', ...exporting, takesBody: true },
  { method: 'GET', path: '/v1/exports/{id}', ...exporting, takesBody: false },
];
/** The routes of operators: a REST API of their own, by IAM only. A bundle that does not use them leaves them out. */
export const operatorRoutes = /* @__PURE__ */ listOperatorRoutes();

/** Names of the environment variables that the stack, or local mode, hands to a function. */
export const environment = {
  /** Name of the table of verification records. */
  verificationsTable: 'VERIFICATIONS_TABLE',
  /** Name of the table of guards. */
  guardsTable: 'GUARDS_TABLE',
  /** Name of the table of traffic: what the detector counts. */
  trafficTable: 'TRAFFIC_TABLE',
  /** Name of the table of findings and of the audit trail. */
  securityTable: 'SECURITY_TABLE',
  /** Name of the event bus of findings. */
  findingsBus: 'FINDINGS_BUS',
  /** JSON object `{ generation: key ARN }` of the HMAC keys of codes; the last entry makes new codes. */
  codeKeys: 'CODE_KEYS',
  /** ARN of the HMAC key from which pseudonyms are derived. */
  pseudonymKey: 'PSEUDONYM_KEY',
  /** ARN of the symmetric key that seals phone numbers in records. */
  sealKey: 'SEAL_KEY',
  /** ARN of the key that signs proofs, of the spec that the algorithm of the settings asks for. */
  proofKey: 'PROOF_KEY',
  /** Base URL of the API without a trailing slash: the proof's `iss`, and the base of problem types. */
  endpoint: 'ENDPOINT',
  /** Base URL of the API of operators, without a trailing slash. */
  operatorEndpoint: 'OPERATOR_ENDPOINT',
  /**
   * JSON object `{ application: credentials }`: ids of API keys, ARNs of IAM principals or ids of OIDC clients. The credential
   * `*` is any that the gateway lets in.
   */
  applications: 'APPLICATIONS',
  /** Name of the bucket of dead letters. */
  deadLetterBucket: 'DEAD_LETTER_BUCKET',
  /** Name of the function that reads the stream of verifications, with the alias by which it takes dead letters. */
  detector: 'DETECT_BURSTS_FUNCTION',
  /** Id of the event source mapping by which the stream feeds the detector. */
  detectorMapping: 'DETECTOR_MAPPING',
  /** ARN of the topic of alarms. */
  alarmTopic: 'ALARM_TOPIC',
  /** JSON object `{ name: key ARN }` of all KMS keys that the service needs. */
  keys: 'KEYS',
  /** Name of the bucket of exports. */
  exportBucket: 'EXPORT_BUCKET',
  /** ARN of the ECC_NIST_P256 key that signs the manifests of exports. */
  exportSigningKey: 'EXPORT_SIGNING_KEY',
  /** Name of the bucket of stream records that became no event. */
  eventLetterBucket: 'EVENT_LETTER_BUCKET',
  /** URL of the queue of events on their way to webhooks. */
  webhookQueue: 'WEBHOOK_QUEUE',
  /** URL of the queue of events that no webhook took. */
  webhookDeadLetters: 'WEBHOOK_DEAD_LETTERS',
} as const;
export type EnvironmentName = (typeof environment)[keyof typeof environment];

type FunctionFacts = {
  readonly environment: readonly EnvironmentName[];
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
};

/** What each function is given. A name that is missing here is a name that the function cannot see. */
export const functions = {
  'request-verification': {
    environment: [
      'VERIFICATIONS_TABLE',
      'GUARDS_TABLE',
      'CODE_KEYS',
      'PSEUDONYM_KEY',
      'SEAL_KEY',
      'ENDPOINT',
      'APPLICATIONS',
    ],
    timeoutSeconds: 28,
    memoryMegabytes: 512,
  },
  'check-verification': {
    environment: ['VERIFICATIONS_TABLE', 'CODE_KEYS', 'SEAL_KEY', 'PROOF_KEY', 'ENDPOINT', 'APPLICATIONS'],
    timeoutSeconds: 20,
    memoryMegabytes: 512,
  },
  'resend-verification': {
    environment: ['VERIFICATIONS_TABLE', 'GUARDS_TABLE', 'CODE_KEYS', 'SEAL_KEY', 'ENDPOINT', 'APPLICATIONS'],
    timeoutSeconds: 28,
    memoryMegabytes: 512,
  },
  'get-verification': {
    environment: ['VERIFICATIONS_TABLE', 'ENDPOINT', 'APPLICATIONS'],
    timeoutSeconds: 10,
    memoryMegabytes: 256,
  },
  'cancel-verification': {
    environment: ['VERIFICATIONS_TABLE', 'ENDPOINT', 'APPLICATIONS'],
    timeoutSeconds: 10,
    memoryMegabytes: 256,
  },
  jwks: { environment: ['PROOF_KEY', 'ENDPOINT'], timeoutSeconds: 10, memoryMegabytes: 256 },
  'detect-bursts': {
    environment: ['GUARDS_TABLE', 'TRAFFIC_TABLE', 'SECURITY_TABLE', 'FINDINGS_BUS', 'DEAD_LETTER_BUCKET'],
    timeoutSeconds: 60,
    memoryMegabytes: 512,
  },
  'replay-dead-letters': {
    environment: ['DEAD_LETTER_BUCKET', 'DETECT_BURSTS_FUNCTION'],
    timeoutSeconds: 300,
    memoryMegabytes: 512,
  },
  'read-desk': {
    environment: ['GUARDS_TABLE', 'TRAFFIC_TABLE', 'SECURITY_TABLE', 'OPERATOR_ENDPOINT'],
    timeoutSeconds: 20,
    memoryMegabytes: 512,
  },
  'write-desk': {
    environment: ['GUARDS_TABLE', 'SECURITY_TABLE', 'PSEUDONYM_KEY', 'OPERATOR_ENDPOINT'],
    timeoutSeconds: 20,
    memoryMegabytes: 512,
  },
  'read-status': {
    environment: [
      'GUARDS_TABLE',
      'TRAFFIC_TABLE',
      'SECURITY_TABLE',
      'DEAD_LETTER_BUCKET',
      'DETECT_BURSTS_FUNCTION',
      'DETECTOR_MAPPING',
      'ALARM_TOPIC',
      'KEYS',
      'OPERATOR_ENDPOINT',
    ],
    timeoutSeconds: 10,
    memoryMegabytes: 512,
  },
  'read-number-history': {
    environment: ['GUARDS_TABLE', 'TRAFFIC_TABLE', 'SECURITY_TABLE', 'PSEUDONYM_KEY', 'OPERATOR_ENDPOINT'],
    timeoutSeconds: 20,
    memoryMegabytes: 512,
  },
  'erase-number': {
    environment: ['GUARDS_TABLE', 'TRAFFIC_TABLE', 'SECURITY_TABLE', 'PSEUDONYM_KEY', 'OPERATOR_ENDPOINT'],
    timeoutSeconds: 28,
    memoryMegabytes: 512,
  },
  'export-events': {
    environment: [
      'GUARDS_TABLE',
      'SECURITY_TABLE',
      'TRAFFIC_TABLE',
      'EXPORT_BUCKET',
      'EXPORT_SIGNING_KEY',
      'OPERATOR_ENDPOINT',
    ],
    // It calls itself for longer work. Its routes answer within seconds.
    timeoutSeconds: 300,
    memoryMegabytes: 512,
  },
  'note-receipts': { environment: ['VERIFICATIONS_TABLE', 'TRAFFIC_TABLE'], timeoutSeconds: 20, memoryMegabytes: 256 },
  'publish-events': {
    environment: ['VERIFICATIONS_TABLE', 'FINDINGS_BUS', 'EVENT_LETTER_BUCKET'],
    timeoutSeconds: 60,
    memoryMegabytes: 256,
  },
  'deliver-webhooks': {
    environment: ['WEBHOOK_QUEUE', 'WEBHOOK_DEAD_LETTERS'],
    // A delivery takes five seconds at most, and all of a batch run at once. The rest is for AWS to answer.
    timeoutSeconds: 30,
    memoryMegabytes: 256,
  },
} as const satisfies Readonly<Record<AnyFunctionName, FunctionFacts>>;

/** Functions that are fed the stream of a table, and how. Every record reaches them at least once. */
export const streamFunctions = {
  'detect-bursts': {
    table: 'verifications',
    batchSize: 100,
    /** How long a batch may fill up. */
    windowSeconds: 0,
    retries: 10,
    /** A record older than this goes to the dead-letter bucket; DynamoDB keeps it for 24 hours. */
    maximumAgeSeconds: 21_600,
    /** What reaches the function: these changes, of items whose `kind` is one of these after the change. */
    only: { eventNames: ['INSERT', 'MODIFY'], kinds: ['verification', 'refusal'] },
  },
} as const satisfies Partial<Record<FunctionName, unknown>>;
export type StreamFunctionName = keyof typeof streamFunctions;
/**
 * The second reader of a stream, if the settings ask for events. A shard has two readers at most: with more, DynamoDB throttles
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html).
 */
export const optionalStreamFunctions = {
  'publish-events': {
    table: 'verifications',
    batchSize: 100,
    windowSeconds: 0,
    retries: 10,
    maximumAgeSeconds: 21_600,
    only: { eventNames: ['INSERT', 'MODIFY'], kinds: ['verification', 'refusal'] },
    /** Receipts have no kind. They come by their keys, with these states, if the settings ask for receipts. */
    receipts: { pk: 'receipt#', deliveries: ['delivered', 'failed'] },
  },
} as const satisfies Partial<Record<OptionalFunctionName, unknown>>;
export type OptionalStreamFunctionName = keyof typeof optionalStreamFunctions;
/** Functions that staff call by hand, and nothing else does. */
export const staffFunctionNames = ['replay-dead-letters'] as const satisfies readonly FunctionName[];
export type StaffFunctionName = (typeof staffFunctionNames)[number];
/** Functions that answer the routes of operators. */
export const operatorFunctionNames = [
  'read-desk',
  'write-desk',
  'read-status',
  'read-number-history',
  'erase-number',
  'export-events',
] as const satisfies readonly FunctionName[];
export type OperatorFunctionName = (typeof operatorFunctionNames)[number];
/** The functions that answer the routes: all others. */
export type RouteFunctionName = Exclude<FunctionName, StreamFunctionName | StaffFunctionName | OperatorFunctionName>;

/** Functions that call themselves, so that work takes longer than one invocation may. */
export const continuedFunctionNames = ['export-events'] as const satisfies readonly FunctionName[];
/** The event by which such a function calls itself. No request of a gateway has this field. */
export type ContinueEvent = { readonly continueExport: string };

/** The alias of the detector that the replay calls. By it the detector takes keys of dead letters, and no records. */
export const replayAlias = 'replay';

/** Where in its bucket Lambda puts dead letters: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
export const deadLetterPrefix = 'aws/lambda/';

/** Functions that are called by the clock as well, and how often. EventBridge calls them with an event of this kind. */
export const scheduledFunctions = {
  'detect-bursts': { everyMinutes: 1 },
} as const satisfies Partial<Record<FunctionName, unknown>>;
export type ScheduledFunctionName = keyof typeof scheduledFunctions;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
export const scheduleEvents = { source: 'aws.events', detailType: 'Scheduled Event' } as const;

/**
 * The events by which AWS says what became of a message. No rule can put an event of this source on a bus, because names that
 * begin with `aws.` are reserved: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-sms-voice.html
 */
export const receiptEvents = {
  source: 'aws.sms-voice',
  detailTypes: ['Text Message Delivery Status Updated', 'Voice Message Delivery Status Updated'],
} as const;
/** How often Lambda repeats an event that failed, and how old it may be. Later it tells nothing that a caller still asks for. */
export const receiptRetries = { attempts: 2, maxAgeSeconds: 600 } as const;
/** The configuration set of a stack whose settings ask for receipts. */
export const receiptSetOf = (stackName: string): string => `${stackName}-receipts`;

/** The queue of events on their way to webhooks, how it feeds its function, and the queue of its dead letters. */
export const webhookQueue = {
  function: 'deliver-webhooks',
  batchSize: 10,
  /** Invocations side by side, each of which delivers a batch. */
  maxConcurrency: 10,
  /** Six times as long as the function may take: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
  visibilitySeconds: 180,
  /** Tries of a message. The waits between them make more than a day. */
  maxTries: 34,
  /** Longer than all tries take: SQS deletes a message that is older, and makes no dead letter of it. */
  keptDays: 4,
  deadLettersKeptDays: 14,
} as const;

/** The pattern of the events of a webhook. It has a rule of its own, since each webhook has types of its own. */
export const webhookPattern = ({
  application,
  types,
}: {
  readonly application: string;
  readonly types: readonly string[];
}) => ({
  source: [findingEvents.source],
  'detail-type': types,
  detail: { data: { application: [application] } },
});

/** The part of an event of the bus that the queue of webhooks gets: the envelope alone. */
export const webhookInputPath = '$.detail';

/** The functions by which staff see and replay dead letters of webhooks. If there are webhooks, they know both queues. */
export const webhookDeskFunctionNames = ['read-status', 'write-desk'] as const satisfies readonly FunctionName[];
export const webhookQueueVariables = [
  'WEBHOOK_QUEUE',
  'WEBHOOK_DEAD_LETTERS',
] as const satisfies readonly EnvironmentName[];

/** How long a delivery to a webhook may take, and how it is tried again: after twice as long each time, up to the longest wait. */
export const webhookRetries = { timeoutMs: 5000, firstWaitSeconds: 10, maxWaitSeconds: 3600 } as const;

/**
 * The source of events of verifications, which have the bus of findings. The detail type is the type of the event, and the
 * detail is its envelope.
 */
export const verificationEvents = { source: 'otp-service' } as const;

/**
 * What the event of a schedule says of the function. The id of its event source mapping comes with the event: a variable of
 * the function would need the mapping, which needs the function.
 */
export type ScheduleDetail = { readonly mapping: string };

/** The events that tell of findings: the detail is an OCSF Detection Finding. */
export const findingEvents = { source: 'otp-service', detailType: 'Detection Finding' } as const;

/** The events that remind staff that sending is stopped. They have the lines of a mail at the places that findings have them. */
export const stopEvents = { source: findingEvents.source, detailType: 'Sending Stopped' } as const;

/**
 * The mail that a finding or a stop becomes: a rule on the bus selects events by the pattern, and makes a text of each. EventBridge
 * encloses each line in quotes, and a mail shows them
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html).
 */
export const findingMail = {
  pattern: {
    source: [findingEvents.source],
    'detail-type': [findingEvents.detailType, stopEvents.detailType],
    detail: { unmapped: { is_mailed: [true] } },
  },
  paths: {
    severity: '$.detail.severity',
    headline: '$.detail.unmapped.headline',
    soFar: '$.detail.unmapped.so_far',
    refused: '$.detail.unmapped.refused_text',
    ends: '$.detail.unmapped.ends',
    ifLegitimate: '$.detail.unmapped.if_legitimate',
    ifWrong: '$.detail.unmapped.if_wrong',
    ifAttack: '$.detail.unmapped.if_attack',
    show: '$.detail.unmapped.show_command',
    lift: '$.detail.unmapped.lift_command',
    runbook: '$.detail.unmapped.runbook_url',
  },
  /** The URL of the dashboard comes after the last line. */
  lines: [
    '<severity>: <headline>.',
    '<soFar>',
    '<refused>',
    '<ends>',
    '<ifLegitimate>',
    '<ifWrong>',
    '<ifAttack>',
    'See it: <show>',
    'Lift it: <lift>',
    'Runbook: <runbook>',
    'Dashboard: ',
  ],
} as const;

/** The text of the mail, as EventBridge takes it. */
export const findingMailTemplate = (dashboardUrl: string): string =>
  findingMail.lines.map((line, at) => `"${line}${at === findingMail.lines.length - 1 ? dashboardUrl : ''}"`).join('\n');

/** File beside each bundle that holds the policy: the settings as the functions need them. */
export const policyFile = 'policy.json';

const listTables = () =>
  ({
    verifications: {
      environment: environment.verificationsTable,
      partitionKey: 'pk',
      sortKey: undefined,
      timeToLiveAttribute: 'purgeAt',
      stream: 'NEW_AND_OLD_IMAGES',
    },
    guards: {
      environment: environment.guardsTable,
      partitionKey: 'pk',
      sortKey: undefined,
      timeToLiveAttribute: 'expiresAt',
      stream: undefined,
    },
    traffic: {
      environment: environment.trafficTable,
      partitionKey: 'pk',
      sortKey: 'sk',
      timeToLiveAttribute: 'expiresAt',
      stream: undefined,
    },
    security: {
      environment: environment.securityTable,
      partitionKey: 'pk',
      sortKey: 'sk',
      timeToLiveAttribute: 'expiresAt',
      stream: undefined,
    },
  }) as const;
/** The tables. Each has the string key `pk`; a sort key, where there is one, is a string as well. Times to live are epoch seconds. */
export const tables = /* @__PURE__ */ listTables();
export type TableName = keyof typeof tables;

/**
 * The item kinds of each table, by how their keys begin. A key that does not end with `#` is the whole key, and an empty
 * one says nothing: a record is found by a bare hash, and Traffic is keyed by level, `#` and group.
 */
export const itemKinds = {
  verifications: {
    record: { pk: '' },
    refusal: { pk: 'refusal#' },
    receipt: { pk: 'receipt#' },
    message: { pk: 'message#' },
  },
  guards: {
    guard: { pk: 'guard#' },
    reputation: { pk: 'reputation#' },
    ip: { pk: 'ip#' },
    'ip-reputation': { pk: 'ip-reputation#' },
    spent: { pk: 'spent#' },
    verified: { pk: 'verified#' },
    network: { pk: 'network#' },
    block: { pk: 'block#' },
    idempotency: { pk: 'idempotency#' },
    test: { pk: 'test#' },
    stop: { pk: 'stop' },
    'sim-swap': { pk: 'sim-swap#' },
    'port-notice': { pk: 'port-notice#' },
    'export-key': { pk: 'export-key#' },
  },
  traffic: {
    bucket: { pk: '', sk: 'bucket#' },
    history: { pk: '', sk: 'history' },
    last: { pk: '', sk: 'last' },
    parts: { pk: '', sk: 'parts' },
    running: { pk: 'detector', sk: 'running' },
    heartbeat: { pk: 'detector', sk: 'listening' },
    campaign: { pk: 'detector', sk: 'campaign' },
    rung: { pk: 'detector', sk: 'stop-rung' },
    price: { pk: 'prices', sk: '' },
  },
  security: {
    finding: { pk: 'finding', sk: '' },
    open: { pk: 'open', sk: '' },
    outbox: { pk: 'outbox', sk: '' },
    action: { pk: 'action', sk: '' },
    'staff-block': { pk: 'staff-block', sk: '' },
    export: { pk: 'export', sk: '' },
    'export-part': { pk: 'export-part', sk: '' },
    'export-lock': { pk: 'export-lock', sk: '' },
    phone: { pk: 'phone#', sk: '' },
    launch: { pk: 'launch', sk: '' },
  },
} as const satisfies Record<TableName, Readonly<Record<string, ItemKind>>>;
export type ItemKind = { readonly pk: string; readonly sk?: string };

/** The groups and keyed hashes that records and refusals have, by which traffic is counted. */
export const subjectAttributes = [
  'phoneKey',
  'range',
  'prefix',
  'country',
  'ip',
  'network',
  'application',
  'sharedIp',
] as const;

/** The attributes of a refused send, beside the key and the TTL attribute. */
export const refusalAttributes = [
  'kind',
  'shape',
  'reason',
  'limit',
  ...subjectAttributes,
  'purpose',
  'at',
  'test',
] as const;

/** The attributes of a record that say what is known of the SIM. Only settings with `numberRisk` have them. */
export const riskAttributes = ['risk', 'swappedAt', 'swappedWithinHours', 'stepUp'] as const;

/**
 * The attributes by which the detector believes in a verification. The request writes them once, and no update names one.
 * An update creates the item that it does not find: without these the item is of no kind, and nobody counts it.
 */
export const fixedAttributes = [
  'kind',
  'shape',
  'sealed',
  ...subjectAttributes,
  'purpose',
  'createdAt',
  'latestExpiry',
  'purgeAt',
  'trusted',
  'trustedIp',
  'pair',
  'sincePreviousSendMs',
  'sinceFirstSendMs',
  'probes',
  'test',
] as const;

/**
 * The attributes of a record that a function names when it updates one. An attribute of a condition counts, because IAM
 * cannot tell it from one that is written:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const recordUpdates = {
  'request-verification': [
    'pk',
    'sendId',
    'delivery',
    'route',
    'failedRoutes',
    'ended',
    'askedAgainAt',
    ...riskAttributes,
  ],
  'check-verification': [
    'pk',
    'code',
    'superseded',
    'codeLength',
    'hasTransaction',
    'maxAttempts',
    'guesses',
    'nonces',
    'guessedAt',
    'expiresAt',
    'ended',
  ],
  'resend-verification': [
    'pk',
    'code',
    'superseded',
    'maxAttempts',
    'guesses',
    'resendNonces',
    'unsettledResend',
    'sentAt',
    'channel',
    'sendId',
    'resendAt',
    'expiresAt',
    'sends',
    'delivery',
    'route',
    'failedRoutes',
    'ended',
    ...riskAttributes,
  ],
  'cancel-verification': ['pk', 'code', 'maxAttempts', 'guesses', 'expiresAt', 'ended'],
} as const satisfies Partial<Record<FunctionName, readonly string[]>>;

/**
 * The attributes of a receipt, and of the note by which a receipt finds its message. There is no `kind` among them: what
 * writes receipts can write nothing that the filter of the detector's stream lets pass.
 */
export const receiptAttributes = [
  'sendId',
  'delivery',
  'weight',
  'reason',
  'route',
  'messageId',
  'sentAt',
  'toldAt',
  'pricedSend',
] as const;
export const messageAttributes = ['verification', 'sendId', 'route', 'country', 'estimate', 'parts'] as const;
/**
 * The sums of a day, a country and a route, of messages whose receipts have a price: money in millionths of a USD, as the caps
 * counted it and as receipts say; and of the messages whose parts are known, their count and both parts.
 */
export const priceAttributes = ['messages', 'estimated', 'real', 'partsOf', 'estimatedParts', 'realParts'] as const;
/** Days that the sums of a day are kept, and those that a report shows unless it is asked for others. */
export const priceDays = { kept: 90, shown: 30 } as const;
/** From this on real and estimated prices, or parts, are too far apart, in percent of the estimate. */
export const maxDriftPercent = 20;

/** What staff write on a finding. The detector reads it, and never writes it. */
export const findingNotes = ['acknowledgedBy', 'acknowledgedAt', 'label', 'labeledBy', 'labeledAt', 'note'] as const;

/** The variable of the ARN of the HMAC key from which keys of hours are derived. Only `sealing: 'hourly'` sets it. */
export const hourlySealKeyVariable = 'HOURLY_SEAL_KEY';
/** The functions that seal or open records. */
export const sealingFunctionNames = [
  'request-verification',
  'check-verification',
  'resend-verification',
] as const satisfies readonly FunctionName[];

const listProofAlgorithms = () =>
  ({
    ES256: { spec: 'ECC_NIST_P256', signingAlgorithm: 'ECDSA_SHA_256' },
    RS256: { spec: 'RSA_2048', signingAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' },
  }) as const;
/** The algorithms of proofs (RFC 7518), each with the spec of its KMS key and with the name that KMS has for it. */
export const proofAlgorithms = /* @__PURE__ */ listProofAlgorithms();
export type ProofAlgorithm = keyof typeof proofAlgorithms;

const listKeys = () =>
  ({
    code: { environment: environment.codeKeys, spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' },
    pseudonym: { environment: environment.pseudonymKey, spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' },
    seal: { environment: environment.sealKey, spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' },
    /** Only for `sealing: 'hourly'`. */
    hourlySeal: { environment: hourlySealKeyVariable, spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' },
    /** With the spec of the default algorithm. */
    proof: { environment: environment.proofKey, spec: proofAlgorithms.ES256.spec, usage: 'SIGN_VERIFY' },
    exports: { environment: environment.exportSigningKey, spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' },
  }) as const;
/** The KMS keys that the functions use, by the environment variable that names them. */
export const keys = /* @__PURE__ */ listKeys();

/** The encryption context of a sealed phone number: `purpose` is this word, `verification` is the record's key. */
export const sealPurpose = 'sms-otp';

/** The hint of answers and events if the code alone is not enough for the purpose. */
export const stepUpHint = 'additional-verification-required' as const;

/** Every answer that is not a success: RFC 9457 problem types, by their stable `code`. */
export const problems = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'invalid-phone-number': { status: 400, title: 'The phone number cannot exist' },
  unauthorized: { status: 401, title: 'Credentials are missing or not valid' },
  forbidden: { status: 403, title: 'The credentials do not allow this' },
  'end-user-not-accepted': { status: 403, title: 'This application may not name end users' },
  'source-ip-not-allowed': { status: 403, title: 'These credentials are not good from this IP' },
  'destination-not-allowed': { status: 403, title: 'No SMS is sent to this destination' },
  'number-opted-out': { status: 403, title: 'The holder of the number has opted out of SMS' },
  'number-at-risk': { status: 403, title: 'The number may no longer be in the hands of its holder' },
  'not-found': { status: 404, title: 'There is nothing at this path' },
  'verification-not-found': { status: 404, title: 'There is no such verification' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'request-in-progress': { status: 409, title: 'The same request is still running' },
  'code-expired': { status: 410, title: 'The code has expired' },
  'code-already-used': { status: 410, title: 'The code has been used' },
  'attempts-exhausted': { status: 410, title: 'All attempts have been used' },
  'verification-canceled': { status: 410, title: 'The verification was canceled' },
  'delivery-failed': { status: 502, title: 'The SMS was not sent' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is not plain JSON' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key was used for another request' },
  'resend-too-soon': { status: 429, title: 'The last SMS to this number is too recent' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'destination-suspended': { status: 429, title: 'Sending to this destination is suspended' },
  'spend-cap-reached': { status: 429, title: 'The spending cap is reached' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
  'sending-stopped': { status: 503, title: 'Sending is stopped' },
  'temporarily-unavailable': { status: 503, title: 'The service is temporarily unavailable' },
} as const;
export type ProblemCode = keyof typeof problems;

/** The problems that only routes of operators answer, beside those that every route may. */
export const operatorProblems = {
  'finding-not-found': { status: 404, title: 'There is no such finding' },
  'launch-not-found': { status: 404, title: 'There is no such launch' },
  'stop-not-found': { status: 404, title: 'There is no such stop' },
  'port-notice-not-found': { status: 404, title: 'There is no porting notice' },
  'port-notices-not-used': { status: 409, title: 'No purpose minds porting notices' },
  'export-not-found': { status: 404, title: 'There is no such export' },
  'export-running': { status: 409, title: 'Another export is running' },
  'no-webhooks': { status: 409, title: 'There is no webhook' },
} as const;
export type OperatorProblemCode = keyof typeof operatorProblems;

/**
 * Errors that API Gateway answers by itself, by its response type, before any function runs. The stack renders them as
 * problem+json, and local mode answers the same.
 */
export const gatewayProblems = {
  INVALID_API_KEY: {
    code: 'unauthorized',
    detail:
      'The API key is missing or not valid. Send one in the x-api-key header. The operators of the service issue them.',
  },
  UNAUTHORIZED: {
    code: 'unauthorized',
    detail:
      'The credentials are missing or not valid. Send an access token as Authorization: Bearer, a space and the token.',
  },
  MISSING_AUTHENTICATION_TOKEN: {
    code: 'not-found',
    detail: 'No route has this method and path. See the API documentation for the routes.',
  },
  RESOURCE_NOT_FOUND: {
    code: 'not-found',
    detail: 'No route has this method and path. See the API documentation for the routes.',
  },
  ACCESS_DENIED: {
    code: 'forbidden',
    detail: 'These credentials do not allow this route. Ask the operators of the service for access.',
  },
  WAF_FILTERED: {
    code: 'forbidden',
    detail:
      'The firewall of this deployment refused the request. Ask the operators of the service, with the requestId.',
  },
  INVALID_SIGNATURE: {
    code: 'forbidden',
    detail: 'The signature does not match the request. Sign method, path, headers and body with Signature Version 4.',
  },
  EXPIRED_TOKEN: { code: 'forbidden', detail: 'The credentials have expired. Get new ones and try again.' },
  BAD_REQUEST_BODY: {
    code: 'invalid-request',
    detail: 'The body is no JSON object of this route. See the API documentation for its fields.',
  },
  BAD_REQUEST_PARAMETERS: {
    code: 'invalid-request',
    detail: 'A parameter is missing or malformed. See the API documentation for the parameters.',
  },
  REQUEST_TOO_LARGE: { code: 'payload-too-large', detail: 'The body is too large. Send 8192 bytes at most.' },
  UNSUPPORTED_MEDIA_TYPE: {
    code: 'unsupported-media-type',
    detail: 'The body is not plain JSON by its headers. Send content-type: application/json, and no content-encoding.',
  },
  QUOTA_EXCEEDED: {
    code: 'too-many-requests',
    detail: 'The quota of this API key is used up. Wait until it renews, or ask the operators of the service for more.',
  },
  THROTTLED: { code: 'too-many-requests', detail: 'Too many requests at once. Wait a second and try again.' },
  INTEGRATION_FAILURE: {
    code: 'temporarily-unavailable',
    detail: 'The service did not answer. Try again in a few seconds.',
  },
  INTEGRATION_TIMEOUT: {
    code: 'temporarily-unavailable',
    detail: 'The service did not answer. Try again in a few seconds.',
  },
  API_CONFIGURATION_ERROR: {
    code: 'internal-error',
    detail: 'The deployment is not configured correctly. Tell the operators of the service.',
  },
  AUTHORIZER_CONFIGURATION_ERROR: {
    code: 'internal-error',
    detail: 'The authorizer is not configured correctly. Tell the operators of the service.',
  },
  AUTHORIZER_FAILURE: {
    code: 'temporarily-unavailable',
    detail: 'The authorizer did not answer. Try again in a few seconds.',
  },
  DEFAULT_4XX: {
    code: 'invalid-request',
    detail: 'The request is not valid. See the API documentation for the route.',
  },
  DEFAULT_5XX: { code: 'temporarily-unavailable', detail: 'The service did not answer. Try again in a few seconds.' },
} as const satisfies Record<string, { readonly code: ProblemCode; readonly detail: string }>;

/** Headers on every response, ours and API Gateway's own. */
export const securityHeaders = {
  'cache-control': 'no-store',
  // Without quotes, which API Gateway's own header values cannot be trusted to carry.
  'content-security-policy': 'sandbox',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * IPs that many have at once, or nobody on the internet (IANA's registries of special-purpose addresses), by the names of
 * `ipaddr.js`.
 */
export const ipRangesNotPublic: ReadonlySet<string> = new Set([
  'unspecified',
  'broadcast',
  'multicast',
  'linkLocal',
  'loopback',
  'carrierGradeNat',
  'private',
  'uniqueLocal',
  'deprecatedSiteLocal',
  'discard',
]);

/**
 * CORS, which lets browsers call from other origins: https://fetch.spec.whatwg.org/#http-cors-protocol. Credentials are headers
 * that a page sets itself, so that none of these allows cookies.
 */
export const cors = {
  /** Headers that a page may send, in any access mode. */
  requestHeaders: ['content-type', 'idempotency-key', 'x-api-key', 'authorization'],
  /** The same, of a request that is signed (AWS Signature Version 4). */
  signatureHeaders: ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'],
  /** Seconds that a browser may remember a preflight. Chromium takes no more. */
  maxAgeSeconds: 7200,
  /** On every answer to a page. */
  answer: {
    'access-control-expose-headers': 'Retry-After, RateLimit, RateLimit-Policy, Location, x-request-id, Date',
  },
} as const;

/** On answers that every page may read: errors of API Gateway and the firewall, and the keys of proofs. */
export const anyOrigin = { 'access-control-allow-origin': '*', ...cors.answer } as const;

/** Largest body that a route takes, in bytes. */
export const maxBodyBytes = 8192;

/**
 * Shapes of the fields of the API, shared by the functions and the documentation. Patterns are anchored. They hold for a
 * field in its canonical form: people and programs may write it in other spellings.
 */
export const fields = {
  /** Longest spelling of a phone number that is looked at, in Unicode characters. Invisible ones are not counted. */
  phoneNumberMaxLength: 64,
  defaultCountry: '^[A-Z]{2}$',
  code: '^[0-9]{4,10}$',
  amount: '^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,4})?$',
  currency: '^[A-Z]{3}$',
  /** As the SMS shows it: letters of its alphabet (GSM-7), digits, space, & ' - ; no free text in a branded SMS. */
  payee: "^[A-Za-z0-9ÄäàÅåÆæÇÉéèÑñÖöØøßÜüùìò][A-Za-z0-9ÄäàÅåÆæÇÉéèÑñÖöØøßÜüùìò &'\\-]{0,29}$",
  appHash: '^[A-Za-z0-9+/]{11}$',
  /** A host without a port: a message names no other (WICG origin-bound one-time codes). */
  origin: '^https://[a-z0-9.\\-]{1,100}$',
  idempotencyKey: '^[\\x21-\\x7e]{16,255}$',
  /** A verification id: one character that names the CodeKey generation, then 160 bits in base64url. */
  verificationId: '^[a-z][A-Za-z0-9_\\-]{27}$',
} as const;

/** CloudWatch metrics (embedded metric format). No dimension ever holds a number, a hash, an IP or a prefix. */
export const metricsNamespace = 'OtpService';
/**
 * The dimensions of a metric of a stack, all of them: an alarm that names others watches nothing. Two stacks of one account
 * and Region share no metric.
 *
 * @param application of a metric that is counted by application.
 */
export const metricsDimensionsOf = (stackName: string) => ({ service: stackName });
/** The beginning of the names of all alarms of a stack, and of no other: no name of a stack has a slash. */
export const alarmPrefixOf = (stackName: string): string => `${stackName}/`;
/** The name of the stack in local mode. No stack on AWS may have it, so that commands tell the two apart. */
export const localStackName = 'local';
/** The runbook, as long as the settings name no other address of it. */
export const runbookPage = 'docs/runbook.md';
/** The further dimension of `applicationMetrics` and of `EndUserIpMissing`, with the name of an application. */
export const applicationDimension = 'application';
/** The variable that has the name of the stack, in each function. Powertools takes the dimension `service` from it. */
export const stackNameVariable = 'POWERTOOLS_SERVICE_NAME';
export const metrics = {
  requested: 'VerificationRequested',
  refused: 'VerificationRefused',
  sent: 'SmsAccepted',
  unconfirmed: 'SmsUnconfirmed',
  sendFailed: 'SmsFailed',
  resent: 'VerificationResent',
  approved: 'CheckApproved',
  wrong: 'CheckWrong',
  /** The guess was a code that a resend replaced. It is no wrong guess, and the detector does not see it. */
  superseded: 'CheckSuperseded',
  checkRefused: 'CheckRefused',
  canceled: 'VerificationCanceled',
  dependencyFailed: 'DependencyFailed',
  /** Counted as `DependencyFailed` as well. */
  keyRefused: 'KeyRefused',
  compensationFailed: 'CompensationFailed',
  unexpectedError: 'UnexpectedError',
  /** CRITICAL: a spending cap is reached, so that real people get no code. */
  spendCapReached: 'SpendCapReached',
  blocked: 'RequestBlocked',
  /** A send is refused because staff have stopped sending. */
  stopped: 'RequestStopped',
  /** Staff have stopped sending. Emitted once an hour while a stop holds, and when the stops change. */
  sendingStopped: 'SendingStopped',
  /** Staff have lifted a block or a porting notice, announced a launch or resumed sending. Others shall know of it. */
  defenseLowered: 'DefenseLowered',
  testNumberUsed: 'TestNumberUsed',
  /** By application: a back end asked without the IP of its end user, so that no limit of an IP held. */
  endUserIpMissing: 'EndUserIpMissing',
  /** Valid credentials of a back end came from an IP that is none of its own. */
  sourceIpRefused: 'SourceIpRefused',
  guessCounted: 'GuessCounted',
  detectorFailed: 'DetectorFailed',
  /** A stream record that the detector cannot count went to the dead letters. */
  recordPutAside: 'RecordPutAside',
  /** An item of the detector could not be read, and was taken for none. */
  stateUnreadable: 'DetectorStateUnreadable',
  /** 1 if the stream feeds the detector, 0 if not: once a minute. */
  detectorListening: 'DetectorListening',
  findingLow: 'FindingLow',
  findingMedium: 'FindingMedium',
  findingHigh: 'FindingHigh',
  findingCritical: 'FindingCritical',
  /** A range or a wider group is held, and staff get a mail of it. */
  rangeRestricted: 'RangeRestricted',
  /** The hourly look finds that codes of a country are entered less than usual. */
  conversionLow: 'ConversionLow',
} as const;
/** The metrics of a deployment that notes receipts. No other has them. */
export const receiptMetrics = {
  /** By route and country: a receipt says that the message came to the phone, or to its voicemail. */
  delivered: 'SmsDelivered',
  /**
   * By route and country: 1 for a message of which a receipt says that it did not, and 0 for one that the carrier took or that arrived.
   * So its average is the share that is lost.
   */
  undelivered: 'SmsUndelivered',
  /** By route and country: milliseconds from the send to the first receipt that says so. */
  deliveryTime: 'SmsDeliveryTime',
  /** By route and country: USD, as receipts say, and as the caps counted for the same messages. */
  priceReal: 'SmsPriceReal',
  priceEstimated: 'SmsPriceEstimated',
  /** By route and country: parts, as receipts count them, and as the caps counted for the same messages. */
  partsReal: 'SmsPartsReal',
  partsEstimated: 'SmsPartsEstimated',
  /** A receipt came after the life of its verification. It is counted, and not kept. */
  receiptLate: 'ReceiptLate',
  /** A receipt of a message that is none of this deployment, or that nobody noted. */
  receiptUnmatched: 'ReceiptUnmatched',
  /** An event that is no receipt, by its type or its form. */
  receiptUnreadable: 'ReceiptUnreadable',
} as const;
/** The metrics of the detector of a deployment that asks whether numbers are at risk. No other has them. */
export const riskFindingMetrics = {
  /** A swapped or ported number was used for a purpose that minds. In place of `FindingHigh`, because nothing is held. */
  swappedNumber: 'SwappedNumber',
} as const;
type NamesIn<Metrics extends Readonly<Record<string, string>>> = Metrics[keyof Metrics];
/** The metrics of a deployment that publishes events. No other has them. */
export const eventMetrics = {
  /** The bus took an event. */
  published: 'EventPublished',
  /** The bus did not take events. The stream brings their records again. */
  failed: 'EventFailed',
  /** A stream record that can become no event went to the dead letters of events. */
  putAside: 'EventPutAside',
  /** A receipt of a verification that is not there: late, or invented. It becomes no event. */
  unmatched: 'EventUnmatched',
} as const;
/** The metrics of a deployment that has webhooks: of the stack, and by application. No other has them. */
export const webhookMetrics = {
  /** A consumer took an event. */
  delivered: 'WebhookDelivered',
  /** A try failed: by application, and by application and cause. */
  failed: 'WebhookFailed',
  /** An event went to the dead letters. */
  givenUp: 'WebhookGivenUp',
  /** Milliseconds from the look-up of the host to the status of the answer. */
  latency: 'WebhookLatency',
  /** Milliseconds from the fact of an event to its delivery. */
  age: 'WebhookAge',
} as const;
/** The further dimension of `WebhookFailed`. */
export const causeDimension = 'cause';
export type MetricName =
  | NamesIn<typeof metrics>
  | NamesIn<typeof receiptMetrics>
  | NamesIn<typeof riskFindingMetrics>
  | NamesIn<typeof eventMetrics>
  | NamesIn<typeof webhookMetrics>;

/**
 * The metrics that operators need by application. Of several applications each has them, beside those of the stack, which
 * count all: to CloudWatch, a metric with another dimension is another metric.
 */
export const applicationMetrics = [
  metrics.requested,
  metrics.sent,
  metrics.approved,
  metrics.refused,
  metrics.spendCapReached,
] as const satisfies readonly MetricName[];

/**
 * Outcomes of messages by route, and by route and country, if a policy counts them (`countsRoutes`). To CloudWatch,
 * each pair is a metric of its own.
 */
export const routeMetrics = {
  accepted: 'SmsRouteAccepted',
  /** 1 for a message that the route surely did not send, 0 for any other. So its average is the share of these. */
  failed: 'SmsRouteFailed',
  unconfirmed: 'SmsRouteUnconfirmed',
  /** Codes that were used, by the route of their last message. */
  approved: 'SmsRouteApproved',
} as const;
export type RouteMetricName = (typeof routeMetrics)[keyof typeof routeMetrics];
/** The further dimensions of `routeMetrics`: the name of a route in the settings, and a country (ISO 3166-1 alpha-2). */
export const routeDimension = 'route';
export const countryDimension = 'country';

/** The metrics of look-ups of SIMs, by provider. */
export const riskMetrics = {
  /** 1 for a look-up that the provider did not answer, 0 for any other. So its average is the share of these. */
  unanswered: 'SimSwapUnanswered',
  /** The provider does not know the number, or may not tell. */
  unknown: 'SimSwapUnknown',
  swapped: 'SimSwapSwapped',
  clean: 'SimSwapClean',
  /** The time-outs of those that were not answered. */
  timedOut: 'SimSwapTimedOut',
  /** Milliseconds. */
  time: 'SimSwapTime',
} as const;
export type RiskMetricName = (typeof riskMetrics)[keyof typeof riskMetrics];
/** The further dimension of `riskMetrics`: the name of a provider in the settings. */
export const providerDimension = 'provider';

/**
 * The longest that staff block at a time, and the longest that they keep the detector from blocking. How long a porting notice
 * holds, and how old a porting may be that is noted. Seconds.
 */
export const staffLimits = {
  maxBlockSeconds: 30 * 86_400,
  maxLiftSeconds: 7 * 86_400,
  defaultLiftSeconds: 3600,
  maxLaunchSeconds: 72 * 3600,
  defaultPortNoticeSeconds: 10 * 86_400,
  maxPortNoticeSeconds: 90 * 86_400,
  maxPortedAgoSeconds: 90 * 86_400,
} as const;

/**
 * How many histories are read, and how many numbers erased, within an hour: by all privacy officers together. A stolen role
 * can neither look up a list of numbers nor free one number of its limits again and again.
 */
export const numberLimits = { historiesPerHour: 60, erasesPerHour: 30 } as const;

/** Version of this software, as findings name it. */
export const productVersion = '0.1.0';

/** The files of an export, as those who check one know them. */
export const exportFormat = {
  name: 'otp-export/1',
  manifest: 'manifest.json',
  signature: 'manifest.sig.json',
  algorithm: 'ECDSA_SHA_256',
  /** The number of the part, and the first characters of the SHA-256 of its content. */
  part: '^part-[0-9]{6}-([0-9a-f]{16})\\.jsonl$',
  /** The last two are of the detector as it was when the export was made: the past of a later replay. */
  records: ['event', 'finding', 'action', 'history', 'running'],
  /** Records that have no time within the export. */
  timeless: ['finding', 'history', 'running'],
} as const;

/** What is fixed about exports. The function, the table of items and the bucket agree on it. */
export const exportFacts = {
  /** Readers of the table, side by side. */
  segments: 4,
  /** Objects of the bucket are deleted after these days, and the state of the export a day later. */
  keptDays: 7,
  /** Of one part, before its last page of items. */
  partBytes: 4 * 1024 * 1024,
  /** List price of a million read units in us-east-1, in USD. A scan takes half a unit for 4 KiB. */
  readUsdPerMillion: 0.125,
} as const;
