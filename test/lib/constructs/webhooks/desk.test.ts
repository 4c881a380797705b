import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { expect, test } from 'vitest';
import { FindingsBus } from '../../../../lib/constructs/findings-bus.ts';
import { Webhooks } from '../../../../lib/constructs/webhooks/webhooks.ts';
import { listOf, recordOf } from '../../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../../template/synthesized.ts';
import { webhookSettings } from '../../template/variants.ts';

/** The permissions that a role gets, each as action and queue. */
const permissionsBy = (grant: (webhooks: Webhooks, role: Role) => void): readonly string[] => {
  const stack = new Stack(new App(), 'Stack');
  const findingsBus = new FindingsBus(stack, 'Bus', { name: 'otp' });
  const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:hook-AbCdEf';
  const webhooks = new Webhooks(stack, 'Webhooks', {
    findingsBus,
    webhooks: [{ application: 'web', url: 'https://example.com', types: ['verification.approved'], secret }],
  });
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  grant(webhooks, role);
  const names = new Map(
    [
      [stack.resolve(webhooks.queue.queueArn), 'queue'],
      [stack.resolve(webhooks.deadLetters.queueArn), 'dead letters'],
    ].map(([arn, name]) => [JSON.stringify(arn), name]),
  );
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const statements = policies.flatMap(({ Properties }) =>
    listOf(recordOf(recordOf(Properties)['PolicyDocument'])['Statement']).map(recordOf),
  );
  return statements
    .map(({ Action, Resource }) => `${String(Action)} on the ${names.get(JSON.stringify(Resource)) ?? 'unknown'}`)
    .toSorted();
};

test('a look counts, and reads dead letters and shows them again: it neither sends nor deletes', () => {
  expect(permissionsBy((webhooks, role) => webhooks.grantLook(role))).toEqual([
    'sqs:ChangeMessageVisibility on the dead letters',
    'sqs:GetQueueAttributes on the dead letters',
    'sqs:GetQueueAttributes on the queue',
    'sqs:ReceiveMessage on the dead letters',
  ]);
});

test('a replay moves dead letters to the queue: it reads and deletes nothing there, and no secret', () => {
  expect(permissionsBy((webhooks, role) => webhooks.grantReplay(role))).toEqual([
    'sqs:ChangeMessageVisibility on the dead letters',
    'sqs:DeleteMessage on the dead letters',
    'sqs:ReceiveMessage on the dead letters',
    'sqs:SendMessage on the queue',
  ]);
});

const queuesOf = (from: Synthesized, name: 'read-desk' | 'read-status' | 'write-desk'): readonly string[] => {
  const id = logicalId(from.stack.service.functions[name].lambda);
  const environment = recordOf(recordOf(from.resources[id]?.Properties['Environment'])['Variables']);
  return Object.keys(environment).filter((variable) => variable.startsWith('WEBHOOK_'));
};

test('the functions of staff know the queues if there are webhooks, and only those that need them', () => {
  const [plain, hooked] = [synthesizedOf({}), synthesizedOf(webhookSettings)];
  const variables = ['WEBHOOK_DEAD_LETTERS', 'WEBHOOK_QUEUE'];
  for (const name of ['read-status', 'write-desk'] as const) {
    expect(queuesOf(hooked, name).toSorted(), name).toEqual(variables);
    expect(queuesOf(plain, name), name).toEqual([]);
  }
  expect(queuesOf(hooked, 'read-desk')).toEqual([]);
});
