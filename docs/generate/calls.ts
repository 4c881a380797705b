/**
 * The calls of each flow to AWS. `docs/capacity.md` calculates quotas and cost from this table. A test counts the calls of
 * the real functions and compares (`test/http/calls.test.ts`).
 *
 * The calls that a container makes once, at its first request, are left out: the pseudonym secret and the public key.
 */

export type Calls = {
  /** HTTP requests to the API. */
  readonly api: number;
  /** Records that reach `detect-bursts` off the stream. */
  readonly streamRecords: number;
  /** KMS on symmetric and HMAC keys, which share a quota. */
  readonly kms: { readonly GenerateMac?: number; readonly Encrypt?: number; readonly Decrypt?: number };
  /** KMS on the key of the proofs, which has another quota and another price. */
  readonly sign: number;
  readonly dynamodb: Readonly<Partial<Record<DynamoOperation, number>>>;
  readonly sms: number;
  /** DynamoDB's units, by table: consistent reads of up to 4 KB, others half, writes per KB, twice that in a transaction. */
  readonly units: {
    readonly guardsReads: number;
    readonly guardsWrites: number;
    readonly securityWrites: number;
    readonly trafficReads: number;
    readonly trafficWrites: number;
    readonly verificationsReads: number;
    readonly verificationsWrites: number;
  };
};

export type DynamoOperation =
  | 'BatchGetItem'
  | 'BatchWriteItem'
  | 'Query'
  | 'GetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'TransactWriteItems';

/** A record with a guess or two takes one KB at most, and one with all of its guesses and resends two. Tests measure both. */
export const recordKilobytes = { plain: 1, most: 2 } as const;
const { plain } = recordKilobytes;
/** Of a write in a transaction. */
const twice = 2;

const noUnits = {
  guardsReads: 0,
  guardsWrites: 0,
  securityWrites: 0,
  trafficReads: 0,
  trafficWrites: 0,
  verificationsReads: 0,
  verificationsWrites: 0,
};
const noCalls = { api: 1, streamRecords: 0, kms: {}, sign: 0, dynamodb: {}, sms: 0, units: noUnits };

/**
 * The reads of the detector to judge keys: all of a key by one Query, or by two if its history is not of the last half-hour. The
 * codes of a country or a number take one item. Guards has the block of each, and the approvals of a country. Eventually
 * consistent reads cost half.
 */
const looks = (queries: number, items = 0) => ({ trafficReads: (queries + items) / 2 });

/** The items of Guards by which a send is decided, read at once. An idempotency key is one more. */
export const itemsOfSend = 18;

/** By flow, the calls of the stream included. Each record counts for itself; in batches the detector makes fewer. */
export const callsOf = {
  request: {
    ...noCalls,
    streamRecords: 1,
    kms: { GenerateMac: 1, Encrypt: 1 },
    dynamodb: { BatchGetItem: 1 + 1, Query: 8, TransactWriteItems: 1, PutItem: 1, UpdateItem: 3 + 4 },
    sms: 1,
    units: {
      ...noUnits,
      securityWrites: 1,
      ...looks(8),
      guardsReads: itemsOfSend + 2.5,
      guardsWrites: twice + 3,
      trafficWrites: 4,
      verificationsWrites: twice * plain,
    },
  },
  'request with an Idempotency-Key': {
    ...noCalls,
    streamRecords: 1,
    kms: { GenerateMac: 1, Encrypt: 1 },
    dynamodb: { BatchGetItem: 1 + 1, Query: 8, TransactWriteItems: 1, PutItem: 1, UpdateItem: 4 + 4 },
    sms: 1,
    units: {
      ...noUnits,
      securityWrites: 1,
      ...looks(8),
      guardsReads: itemsOfSend + 1 + 2.5,
      guardsWrites: twice + twice + 4,
      trafficWrites: 4,
      verificationsWrites: twice * plain,
    },
  },
  'request that is refused': {
    ...noCalls,
    streamRecords: 1,
    kms: { GenerateMac: 1, Encrypt: 1 },
    dynamodb: { BatchGetItem: 1 + 1, Query: 2, UpdateItem: 1 + 1, PutItem: 1 + 1 },
    units: {
      ...noUnits,
      ...looks(2),
      guardsReads: itemsOfSend + 0.5,
      guardsWrites: 1,
      securityWrites: 1,
      trafficWrites: 1,
      verificationsWrites: 1,
    },
  },
  'check, wrong': {
    ...noCalls,
    streamRecords: 1,
    kms: { GenerateMac: 1 },
    dynamodb: { UpdateItem: 1 + 3, BatchGetItem: 2, Query: 6, PutItem: 1 + 1 },
    units: {
      ...noUnits,
      securityWrites: 1,
      ...looks(6, 2),
      guardsReads: 1 + 3,
      guardsWrites: 1,
      trafficWrites: 3,
      verificationsWrites: plain,
    },
  },
  'check, right': {
    ...noCalls,
    streamRecords: 1,
    kms: { GenerateMac: 1, Decrypt: 1 },
    sign: 1,
    dynamodb: { UpdateItem: 2 + 5, BatchGetItem: 2, PutItem: 1 + 1 },
    units: {
      ...noUnits,
      securityWrites: 1,
      guardsReads: 0.5 + 1,
      guardsWrites: 1 + 1 + 1,
      trafficWrites: 4,
      verificationsWrites: plain,
    },
  },
  resend: {
    ...noCalls,
    streamRecords: 1,
    kms: { GenerateMac: 1, Decrypt: 1 },
    dynamodb: {
      GetItem: 1,
      BatchGetItem: 1 + 1,
      Query: 8,
      UpdateItem: 3 + 4,
      PutItem: 1,
      TransactWriteItems: 1,
    },
    sms: 1,
    units: {
      ...noUnits,
      securityWrites: 1,
      ...looks(8),
      guardsReads: itemsOfSend + 2.5,
      guardsWrites: twice + 3,
      trafficWrites: 4,
      verificationsReads: 1,
      verificationsWrites: twice * plain,
    },
  },
  'resend with an Idempotency-Key': {
    ...noCalls,
    streamRecords: 2,
    kms: { GenerateMac: 1, Decrypt: 1 },
    dynamodb: {
      GetItem: 1,
      BatchGetItem: 1 + 1,
      Query: 8,
      UpdateItem: 4 + 4,
      PutItem: 1,
      TransactWriteItems: 1,
    },
    sms: 1,
    units: {
      ...noUnits,
      securityWrites: 1,
      ...looks(8),
      guardsReads: itemsOfSend + 2.5,
      guardsWrites: twice + 3,
      trafficWrites: 4,
      verificationsReads: 1,
      verificationsWrites: (twice + 1) * plain,
    },
  },
  look: { ...noCalls, dynamodb: { GetItem: 1 }, units: { ...noUnits, verificationsReads: 1 } },
  cancel: {
    ...noCalls,
    streamRecords: 1,
    dynamodb: { BatchWriteItem: 1, UpdateItem: 1 },
    units: { ...noUnits, securityWrites: 1, verificationsWrites: plain },
  },
} as const satisfies Readonly<Record<string, Calls>>;
export type Flow = keyof typeof callsOf;

/** The calls of the sweep to DynamoDB, and how often it runs. */
export const sweepCalls = {
  perMonth: (365 / 12) * 24 * 60,
  /** Queries of open findings, of pending notifications and of launches. The one batch is of stops and of their last reminder. */
  always: { Query: 4, BatchGetItem: 1, UpdateItem: 1 },
  /** Once an hour, to review the countries: counts of each, by two queries if it is quiet, and the blocks of up to fifty in one call. */
  review: (countries: number) => ({ BatchGetItem: Math.ceil((2 * countries + 2) / 100), Query: 2 * countries }),
  /** The same while any case is open, for up to a hundred of them. */
  whileOpen: { BatchGetItem: 1 + 2 },
  /** More for each that is open under a block. */
  perCase: { Query: 1 },
  /** A query that finds nothing, or little: half a unit. */
  unitsPerQuery: 0.5,
  /** Two items, eventually consistent. */
  unitsOfStops: 1,
} as const;
