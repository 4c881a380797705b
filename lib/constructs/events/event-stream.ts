import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { replayAlias, type TableName } from '../../../lambdas/contract.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { OtpFunction } from '../function.ts';
import { StreamTrigger } from '../triggers.ts';

export type EventStreamProps = {
  readonly target: OtpFunction;
  readonly tables: Readonly<Record<TableName, Table>>;
  /** Of events alone: a replay by the detector would count and delete what never was an event. */
  readonly letters: DeadLetters;
  readonly readsReceipts: boolean;
};

/** The second reader of the stream of verifications, which publishes events, and the name by which staff have it replay. */
export class EventStream extends Construct {
  readonly trigger: StreamTrigger;
  readonly letters: DeadLetters;
  readonly replayAlias: Alias;

  constructor(scope: Construct, id: string, { target, tables, letters, readsReceipts }: EventStreamProps) {
    super(scope, id);
    this.letters = letters;
    const name = 'publish-events';
    this.trigger = new StreamTrigger(this, 'Stream', { name, target, tables, deadLetters: letters, readsReceipts });
    this.replayAlias = new Alias(this, 'ReplayAlias', {
      aliasName: replayAlias,
      version: target.lambda.latestVersion,
    });
  }
}
