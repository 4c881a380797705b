import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Counted, LetterRecord, ReplayPorts } from '../bursts/replay.ts';
import { Unavailable } from '../otp/ports.ts';
import { callAws } from './clients.ts';

/** The detector, called as the mapping of its stream calls it. */
export const lambdaDetector =
  (client: LambdaClient, FunctionName: string): ReplayPorts['count'] =>
  async (records) => {
    const command = new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify({ Records: records })) });
    const { FunctionError, Payload } = await callAws('Lambda Invoke', () => client.send(command));
    if (FunctionError !== undefined) return { kind: 'crashed' };
    return readAnswer(Buffer.from(Payload ?? []).toString('utf8'), records);
  };

/**
 * Only an answer that states an empty list of failures counts as success. Of several
 * failures the first counts: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
const readAnswer = (text: string, records: readonly LetterRecord[]): Counted => {
  const failures = failuresIn(text);
  if (failures === undefined) throw new Unavailable('Lambda Invoke');
  if (failures.length === 0) return { kind: 'counted' };
  const at = records.findIndex(({ dynamodb }) => failures.includes(dynamodb?.SequenceNumber));
  // Failures that are none of these: as if the first had failed, as Lambda takes it.
  return { kind: 'stopped', at: Math.max(at, 0) };
};

const failuresIn = (text: string): readonly unknown[] | undefined => {
  try {
    const { batchItemFailures }: { readonly batchItemFailures?: unknown } = JSON.parse(text);
    if (!Array.isArray(batchItemFailures)) return undefined;
    return batchItemFailures.map((failure: { readonly itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  } catch {
    return undefined;
  }
};
