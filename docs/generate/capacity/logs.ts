/** Bytes of the log lines that no function of ours writes. */

import type { accessLogFields } from '../../../lib/constructs/api.ts';

/** CloudWatch counts these bytes for each event, beside its text, at least when it bounds a batch. */
export const eventBytes = 26;

const id = '00000000-0000-4000-8000-000000000000';

/** A line of the access log, as long as that of a check: the longest path, and a latency of three digits. */
const accessValues: Readonly<Record<keyof typeof accessLogFields, string>> = {
  requestId: id,
  requestTimeEpoch: '1700000000000',
  method: 'POST',
  route: '/v1/verifications/{id}/check',
  status: '200',
  latencyMs: '123',
  integrationLatencyMs: '120',
  integrationStatus: '200',
  gatewayError: '-',
  responseBytes: '1024',
  apiKeyId: 'abcdefghij',
};
export const accessLineBytes = Buffer.byteLength(JSON.stringify(accessValues)) + eventBytes;

/** The lines of Lambda itself: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html */
const lambdaLines = [
  `START RequestId: ${id} Version: $LATEST\n`,
  `END RequestId: ${id}\n`,
  `REPORT RequestId: ${id}\tDuration: 123.45 ms\tBilled Duration: 124 ms\tMemory Size: 512 MB\tMax Memory Used: 123 MB\t\n`,
];
export const invocationLineBytes = lambdaLines.reduce((sum, line) => sum + Buffer.byteLength(line) + eventBytes, 0);

/** A record of the firewall. Assumed: none was measured on AWS. */
export const firewallRecordBytes = 2000;
