import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { optionalStreamFunctions } from '../../../../lambdas/contract.ts';
import { listOf, permissionsOf, type Resource, recordOf } from '../../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../../template/synthesized.ts';
import { receiptsBySet } from '../../template/variants.ts';

const guide = readFileSync('docs/events.md', 'utf8');
const standard = synthesizedOf();
const plain = synthesizedOf({ events: {} });
const approvals = synthesizedOf({ events: { types: ['verification.approved'] } });
const withReceipts = synthesizedOf({ ...receiptsBySet, events: {} });

const mayDo = (from: Synthesized): readonly string[] => {
  const made = from.stack.service.functions['publish-events'];
  if (made === undefined) throw new Error('There is no publish-events.');
  return permissionsOf(from.resources, logicalId(made.role), from.spell);
};
const actionsOf = (from: Synthesized) => mayDo(from).map((line) => line.split(' ')[0]);

const mappingOf = (from: Synthesized): Resource => {
  const made = from.stack.service.functions['publish-events'];
  const id = made === undefined ? undefined : logicalId(made.lambda);
  const found = Object.values(from.resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::Lambda::EventSourceMapping' && from.spell(Properties['FunctionName']) === id,
  );
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) throw new Error('Expected one mapping of publish-events.');
  return first;
};
const patternsOf = (from: Synthesized): readonly unknown[] =>
  listOf(recordOf(mappingOf(from).Properties['FilterCriteria'])['Filters'])
    .map(recordOf)
    .map(({ Pattern }) => JSON.parse(String(Pattern)));

describe('without events', () => {
  test('a stack has no function, no bucket, no mapping and no alarm of events', () => {
    expect(standard.stack.service.functions['publish-events']).toBeUndefined();
    expect(JSON.stringify(standard.template)).not.toMatch(
      /publish-events|EventLetters|EVENT_LETTER_BUCKET|EventPublished/,
    );
  });
});

describe('publish-events', () => {
  test('the function reads the stream, uses the key of the table, puts events and keeps its letters, and does nothing else', () => {
    expect(actionsOf(plain).toSorted()).toEqual([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      'events:PutEvents',
      'kms:Decrypt',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      's3:DeleteObject',
      's3:GetObject',
      's3:ListBucket',
      's3:PutObject',
    ]);
    const keys = mayDo(plain).filter((line) => line.startsWith('kms:'));
    expect(keys.map((line) => line.split(' if ')[0]).toSorted()).toEqual([
      'kms:Decrypt on DeadLetterKey',
      'kms:Decrypt on TableKey',
      'kms:GenerateDataKey on DeadLetterKey',
    ]);
  });

  test('the function reaches its own bucket, and not that of the detector', () => {
    const buckets = mayDo(plain).filter((line) => line.startsWith('s3:'));
    for (const line of buckets) expect(line).toMatch(/ on EventLetters/);
  });

  test('the function puts events of the types of the settings only, and no finding', () => {
    const put = mayDo(approvals).filter((line) => line.startsWith('events:'));
    expect(put).toHaveLength(1);
    expect(put[0]).toContain('verification.approved');
    expect(put[0]).not.toMatch(
      /Detection Finding|Sending Stopped|verification\.(?:requested|failed|refused|delivered)/,
    );
    const detector = standard.stack.service.functions['detect-bursts'];
    const finds = permissionsOf(standard.resources, logicalId(detector.role), standard.spell).join('\n');
    expect(finds).not.toContain('verification.approved');
  });

  test('the function reads records only if events are made of receipts', () => {
    const more = actionsOf(withReceipts).filter((action) => !actionsOf(plain).includes(action));
    expect(more).toEqual(['dynamodb:BatchGetItem']);
    const others = synthesizedOf({ ...receiptsBySet, events: { types: ['verification.approved'] } });
    expect(actionsOf(others)).toEqual(actionsOf(plain));
  });

  test('the function is the second reader of the stream, which is tried again as the contract says', () => {
    const { batchSize, windowSeconds, retries, maximumAgeSeconds } = optionalStreamFunctions['publish-events'];
    const { Properties } = mappingOf(plain);
    expect(plain.spell(Properties['EventSourceArn'])).toBe('Verifications.StreamArn');
    expect(Properties).toMatchObject({
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: windowSeconds,
      MaximumRetryAttempts: retries,
      MaximumRecordAgeInSeconds: maximumAgeSeconds,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect([retries, maximumAgeSeconds]).toEqual([10, 6 * 3600]);
    expect(guide).toContain('tries a record again ten times, for six hours at most');
    const { Destination } = recordOf(recordOf(Properties['DestinationConfig'])['OnFailure']);
    expect(plain.spell(Destination)).toMatch(/^EventLetters/);
    // A third reader of a shard would be throttled.
    const readers = Object.values(withReceipts.resources).filter(
      ({ Type }) => Type === 'AWS::Lambda::EventSourceMapping',
    );
    expect(readers).toHaveLength(2);
  });

  test('receipts come by a filter of their own, only if the settings have receipts', () => {
    const ofKinds = {
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { NewImage: { kind: { S: ['verification', 'refusal'] } } },
    };
    expect(patternsOf(plain)).toEqual([ofKinds]);
    expect(patternsOf(withReceipts)).toEqual([
      ofKinds,
      {
        eventName: ['INSERT', 'MODIFY'],
        dynamodb: {
          Keys: { pk: { S: [{ prefix: 'receipt#' }] } },
          NewImage: { delivery: { S: ['delivered', 'failed'] } },
        },
      },
    ]);
  });

  test('alarms watch how far behind it is, what it gives up, and what is lost', () => {
    const names = Object.values(plain.resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => String(Properties['AlarmName']).split('/')[1])
      .filter((name) => /publish-events|^Event[A-Z]/.test(name ?? ''));
    expect(names.toSorted()).toEqual([
      'EventFailed',
      'EventPutAside',
      'Lambda-DroppedEventCount-publish-events',
      'Lambda-Errors-publish-events',
      'Lambda-IteratorAge-publish-events',
      'Lambda-OnFailureDestinationDeliveredEventCount-publish-events',
      'Lambda-Throttles-publish-events',
    ]);
  });

  test('the detector is fed as before', () => {
    const detectorOf = (from: Synthesized) =>
      Object.values(from.resources).find(
        ({ Type, Properties }) =>
          Type === 'AWS::Lambda::EventSourceMapping' && from.spell(Properties['FunctionName']) === 'detect-bursts',
      )?.Properties['FilterCriteria'];
    expect(detectorOf(withReceipts)).toEqual(detectorOf(standard));
  });
});
