import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { values } from '../../../lambdas/aws/dynamo/items.ts';
import { eventBridgeStopPublisher } from '../../../lambdas/aws/eventbridge.ts';
import { eventBridgeClient } from '../../../lambdas/aws/sdk-clients.ts';
import { dynamoStopReminders } from '../../../lambdas/aws/stores/sweep/stop-reminders.ts';
import { rungKey } from '../../../lambdas/aws/tables/traffic.ts';
import { ringStops } from '../../../lambdas/bursts/ring-stops.ts';
import { stopEventOf } from '../../../lambdas/bursts/stop-event.ts';
import { hourMs, minuteMs } from '../../../lambdas/otp/durations.ts';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { type EventBridge, startEventBridge } from '../../../local/aws/eventbridge.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { sampleDeployment } from '../../fakes/bursts/deployment.ts';

const bus = 'findings';
let dynamo: Dynamo;
let eventBridge: EventBridge;
beforeAll(async () => {
  [dynamo, eventBridge] = await Promise.all([startDynamo(), startEventBridge({ bus })]);
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.url });
});
afterAll(async () => {
  await eventBridge.stop();
  await dynamo.stop();
});

const startMs = Date.UTC(2026, 10, 29);
const stop = { M: { at: { N: String(startMs) }, by: { S: 'arn:aws:iam::1:role/A' }, reason: { S: 'A leak' } } };
const put = (TableName: string, Item: object) => dynamo.call('DynamoDB_20120810.PutItem', { TableName, Item });
beforeEach(async () => {
  eventBridge.clear();
  await dynamo.call('DynamoDB_20120810.DeleteItem', { TableName: dynamo.tables.traffic, Key: rungKey });
  await put(dynamo.tables.guards, { pk: { S: 'stop' }, 'country#IN': stop });
});

const failures: string[] = [];
const reminders = () => dynamoStopReminders(dynamoClient(), dynamo.tables);
const sweepAt = (atMs: number) =>
  ringStops({
    now: () => atMs,
    reminders: reminders(),
    ring: () => {},
    failed: (cause) => failures.push(String(cause)),
    send: eventBridgeStopPublisher(eventBridgeClient(), bus, (reminder) => stopEventOf(reminder, sampleDeployment)),
  })();
const eventIds = () => eventBridge.events().map(({ detail }) => (detail as { metadata: { uid: string } }).metadata.uid);

describe('the reminder of a stop on the tables and the bus', () => {
  test('one of ten sweeps at one time publishes, and one does again in the next hour', async () => {
    await Promise.all(Array.from({ length: 10 }, () => sweepAt(startMs)));
    expect(eventIds()).toEqual([`stops-${startMs}`]);
    await Promise.all(Array.from({ length: 10 }, () => sweepAt(startMs + minuteMs)));
    expect(eventIds()).toHaveLength(1);
    await Promise.all(Array.from({ length: 10 }, () => sweepAt(startMs + hourMs)));
    expect(eventIds()).toEqual([`stops-${startMs + hourMs}`, `stops-${startMs}`]);
    expect(eventBridge.events()[0]).toMatchObject({
      source: 'otp-service',
      detailType: 'Sending Stopped',
      detail: { severity: 'Critical', stops: [{ of: 'country IN', by: 'arn:aws:iam::1:role/A', reason: 'A leak' }] },
    });
  });

  test('an event that the bus refuses stays pending, and comes later under its name', async () => {
    eventBridge.fail('first-entry-fails');
    await sweepAt(startMs);
    expect(failures).toEqual([expect.stringContaining('did not take')]);
    expect((await reminders().read()).rung).toMatchObject({ isPending: true });
    await sweepAt(startMs + minuteMs);
    expect(eventIds()).toEqual([`stops-${startMs}`]);
    expect((await reminders().read()).rung).toMatchObject({ atMs: startMs, isPending: false });
  });

  test.each([
    ['of an earlier version was sent', { rungAt: startMs, rungOf: `country IN ${startMs}` }, []],
    [
      'that cannot be read is none',
      { rungAt: 'x', rungOf: 1, version: 'x', isPending: 'x' },
      [`stops-${startMs + minuteMs}`],
    ],
  ])('the item of a reminder %s, and the next hour is reminded', async (_, attributes, published) => {
    await put(dynamo.tables.traffic, { ...rungKey, ...values(attributes) });
    await sweepAt(startMs + minuteMs);
    expect(eventIds()).toEqual(published);
    await sweepAt(startMs + 2 * hourMs);
    expect(eventIds()).toHaveLength(published.length + 1);
  });

  test('a write over another version than the one that was read changes nothing', async () => {
    const rung = { atMs: startMs, of: 'all 1', triedMs: startMs, isPending: true };
    expect(await reminders().replace(rung, 0)).toBe(true);
    expect(await reminders().replace({ ...rung, of: 'late' }, 0)).toBe(false);
    expect(await reminders().replace({ ...rung, isPending: false }, 1)).toBe(true);
    expect(await reminders().read()).toMatchObject({ rung: { of: 'all 1', isPending: false }, version: 2 });
  });
});
