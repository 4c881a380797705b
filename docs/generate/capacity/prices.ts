/** List prices of AWS in us-east-1, in USD, without free tiers. `priceSources` has the page of each. */

import { exportFacts } from '../../../lambdas/contract.ts';
import { priceSources, type Source } from './sources.ts';

/** How many of what is counted have the price. */
const counts = { million: 1e6, '10,000': 1e4, GB: 1, 'GB-month': 1, 'GB-second': 1, month: 1 };

export type Price = {
  /** As a row of the page names it. */
  readonly name: string;
  readonly usd: number;
  readonly per: keyof typeof counts;
  readonly source: Source;
};

export const priceList = {
  /** Up to 333 million requests a month. */
  api: { name: 'API Gateway, REST: request', usd: 3.5, per: 'million', source: priceSources.api },
  firewall: { name: 'WAF: request', usd: 0.6, per: 'million', source: priceSources.firewall },
  invocation: { name: 'Lambda: invocation', usd: 0.2, per: 'million', source: priceSources.lambda },
  gigabyteSecond: {
    name: 'Lambda on arm64: run time',
    usd: 0.000_013_333_4,
    per: 'GB-second',
    source: priceSources.lambda,
  },
  read: {
    name: 'DynamoDB on demand: read unit',
    usd: exportFacts.readUsdPerMillion,
    per: 'million',
    source: priceSources.dynamodb,
  },
  write: { name: 'DynamoDB on demand: write unit', usd: 0.625, per: 'million', source: priceSources.dynamodb },
  storage: { name: 'DynamoDB: storage', usd: 0.25, per: 'GB-month', source: priceSources.dynamodbStorage },
  backup: {
    name: 'DynamoDB: point-in-time recovery',
    usd: 0.2,
    per: 'GB-month',
    source: priceSources.dynamodbStorage,
  },
  kms: { name: 'KMS: symmetric and HMAC keys', usd: 0.03, per: '10,000', source: priceSources.kms },
  kmsRsa2048: { name: 'KMS: RSA keys of 2,048 bits', usd: 0.03, per: '10,000', source: priceSources.kms },
  kmsAsymmetric: { name: 'KMS: other asymmetric keys, ECC', usd: 0.15, per: '10,000', source: priceSources.kms },
  kmsKey: { name: 'KMS: key', usd: 1, per: 'month', source: priceSources.kms },
  kmsRotation: {
    name: 'KMS: each of the first two rotations of a key',
    usd: 1,
    per: 'month',
    source: priceSources.kmsRotation,
  },
  webAcl: { name: 'WAF: web ACL', usd: 5, per: 'month', source: priceSources.firewall },
  webAclRule: { name: 'WAF: rule', usd: 1, per: 'month', source: priceSources.firewall },
  logs: { name: 'CloudWatch: logs', usd: 0.5, per: 'GB', source: priceSources.logs },
  logStorage: { name: 'CloudWatch: storage of logs', usd: 0.03, per: 'GB-month', source: priceSources.logs },
  metric: { name: 'CloudWatch: metric of our own', usd: 0.3, per: 'month', source: priceSources.metrics },
  dashboard: { name: 'CloudWatch: dashboard', usd: 3, per: 'month', source: priceSources.dashboards },
  alarm: { name: 'CloudWatch: alarm', usd: 0.1, per: 'month', source: priceSources.alarms },
  compositeAlarm: { name: 'CloudWatch: composite alarm', usd: 0.5, per: 'month', source: priceSources.compositeAlarms },
  /** Of at most 64 KB. Its delivery by a rule to a target in the same account costs nothing. */
  event: { name: 'EventBridge: event of our own', usd: 1, per: 'million', source: priceSources.events },
  transfer: { name: 'answers that leave AWS', usd: 0.09, per: 'GB', source: priceSources.transfer },
} as const satisfies Readonly<Record<string, Price>>;

/** The price in USD of an amount: requests, units, calls, GB, seconds or months. */
export const chargeOf = ({ usd, per }: Price, amount: number): number => (usd * amount) / counts[per];
