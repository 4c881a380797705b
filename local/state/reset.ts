import type { TableName } from '../../lambdas/contract.ts';
import type { CloudWatch } from '../aws/alarms/cloudwatch.ts';
import type { Topic } from '../aws/alarms/topic.ts';
import type { CallDynamo } from '../aws/dynamo.ts';
import type { EventBridge } from '../aws/eventbridge.ts';
import type { Kms } from '../aws/kms.ts';
import type { MappingSwitch } from '../aws/lambda.ts';
import type { Bucket } from '../aws/s3.ts';
import type { SecretsManager } from '../aws/secrets.ts';
import type { SmsVoice } from '../aws/sms-voice/sms-voice.ts';
import type { Sns } from '../aws/sns.ts';
import type { Clock } from '../clock.ts';
import type { Functions } from '../functions/functions.ts';
import { emptyTables } from './empty-tables.ts';
import type { Gate } from './gate.ts';
import type { StreamReaders } from './stream-readers.ts';

export type StatefulParts = {
  readonly gate: Gate;
  readonly functions: Pick<Functions, 'restart'>;
  readonly readers: StreamReaders;
  readonly call: CallDynamo;
  readonly tables: Readonly<Record<TableName, string>>;
  readonly sns: Sns | undefined;
  readonly smsVoice: SmsVoice | undefined;
  readonly eventbridge: EventBridge | undefined;
  readonly kms: Kms | undefined;
  readonly buckets: Readonly<Record<string, Bucket | undefined>>;
  readonly lambda: { readonly clear: () => void } | undefined;
  readonly mapping: MappingSwitch;
  readonly mails: { readonly clear: () => void };
  readonly cloudwatch: CloudWatch | undefined;
  readonly secretsManager: SecretsManager | undefined;
  readonly carrier: { readonly clear: () => void } | undefined;
  readonly topic: Topic;
  readonly refusals: { readonly clear: () => void };
  readonly clock: Clock;
};

/** Calls that have begun get this long to end. Then their function ends, and they get the answer to an outage. */
const patienceMs = 3000;

/**
 * Makes everything as it is after a start, except the keys: proofs stay good. Tables, inbox, events, mails, dead
 * letters, faults and refusals are empty, the functions remember nothing, and the clock is that of the machine again (ADR 81).
 *
 * Calls that come meanwhile wait for the end.
 */
export const resetState = ({ gate, ...parts }: StatefulParts): Promise<void> =>
  gate.closeDuring(async () => {
    await parts.functions.restart();
    await parts.readers.pause();
    try {
      await emptyTables(parts.call, parts.tables);
      // A write of an ended function may have come late.
      await emptyTables(parts.call, parts.tables);
      forget(parts);
    } finally {
      await parts.readers.readFromNow();
    }
  }, patienceMs);

const forget = (parts: Omit<StatefulParts, 'gate'>): void => {
  const {
    sns,
    smsVoice,
    eventbridge,
    kms,
    cloudwatch,
    secretsManager,
    carrier,
    topic,
    buckets,
    lambda,
    mapping,
    mails,
    refusals,
    clock,
  } = parts;
  sns?.clear();
  smsVoice?.clear();
  eventbridge?.clear();
  kms?.clearFaults();
  kms?.enableAll();
  cloudwatch?.clear();
  secretsManager?.clearFaults();
  carrier?.clear();
  topic.clear();
  mapping.set(true);
  mails.clear();
  for (const bucket of Object.values(buckets)) {
    bucket?.objects.clear();
    bucket?.deleted.clear();
    bucket?.refuse(undefined);
  }
  lambda?.clear();
  refusals.clear();
  clock.advance(-clock.offsetMs());
};
