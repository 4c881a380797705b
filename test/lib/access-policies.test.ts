import { readFileSync } from 'node:fs';
import type { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { guardKey } from '../../lambdas/aws/dynamo-items.ts';
import { routes } from '../../lambdas/contract.ts';
import { blockKeyPrefix } from '../../lib/access-policies.ts';
import { linesOf, listOf, recordOf } from './permissions.ts';
import { buildStack, logicalId, type Synthesized, synthesize } from './synthesized.ts';

const standard = synthesize(buildStack().stack);

const linesFor = ({ resources, spell }: Synthesized, policy: ManagedPolicy): readonly string[] => {
  const document = recordOf(resources[logicalId(policy)]?.Properties['PolicyDocument']);
  return listOf(document['Statement'])
    .flatMap((statement) => linesOf(statement, spell))
    .toSorted();
};

const { client, securityAnalyst, auditor } = standard.stack.accessPolicies;
const clientLines = linesFor(standard, client);
const analystLines = linesFor(standard, securityAnalyst);
const auditorLines = linesFor(standard, auditor);
const actionOf = (line: string): string => line.slice(0, line.indexOf(' '));

describe('what the team may attach to roles of its own', () => {
  test('is attached to nobody by the stack', () => {
    for (const policy of [client, securityAnalyst, auditor]) {
      const properties = standard.resources[logicalId(policy)]?.Properties;
      expect(Object.keys(properties ?? {}).filter((name) => ['Users', 'Groups', 'Roles'].includes(name))).toEqual([]);
    }
  });
  test('fits the 6,144 characters that IAM takes', () => {
    for (const policy of [client, securityAnalyst, auditor]) {
      const text = JSON.stringify(standard.resources[logicalId(policy)]?.Properties['PolicyDocument']);
      expect(text.replaceAll(/\s/g, '').length).toBeLessThan(6144);
    }
  });
  test('opens no number, makes no code, signs nothing, sends nothing and deploys nothing', () => {
    const lines = [...clientLines, ...analystLines, ...auditorLines];
    const secret =
      /^kms:(?!DescribeKey|GetKeyPolicy|GetKeyRotationStatus|ListGrants|ListResourceTags).* on (Code|Pseudonym|Seal|Proof|Log|Alarm)Key/;
    expect(lines.filter((line) => secret.test(line))).toEqual([]);
    const writes =
      /^\w+:(Create|Update|Delete|Put|Publish|Send|Invoke|Attach|Tag|Set|Enable|Disable|PATCH|POST|PUT|DELETE)/;
    const others = lines.filter((line) => !line.startsWith('execute-api:Invoke '));
    expect(others.filter((line) => writes.test(line)).map((line) => line.replace(/ if .*/, ''))).toEqual([
      expect.stringMatching(/^apigateway:PATCH on arn:<Partition>:apigateway:<Region>::\/apikeys\/\w+$/),
      'dynamodb:DeleteItem on Guards',
      'dynamodb:PutItem on Guards',
    ]);
  });
});

describe('a client app', () => {
  test('calls the client routes and reads its API key, and does nothing else', () => {
    const invoke = routes
      .filter(({ access }) => access === 'client')
      .map(
        ({ method, path }) =>
          `execute-api:Invoke on arn:<Partition>:execute-api:<Region>:<AccountId>:RestApi/Stage/${method}${path.replace('{id}', '*')}`,
      );
    expect(clientLines).toEqual([
      expect.stringMatching(/^apigateway:GET on arn:<Partition>:apigateway:<Region>::\/apikeys\/\w+$/),
      ...invoke.toSorted(),
    ]);
  });
  test('reads no key where access is by IAM', () => {
    const byIam = synthesize(buildStack({ access: 'iam' }).stack);
    const actions = linesFor(byIam, byIam.stack.accessPolicies.client).map(actionOf);
    expect(new Set(actions)).toEqual(new Set(['execute-api:Invoke']));
  });
});

describe('security staff', () => {
  test('write blocks, and no other item of the guards', () => {
    const ours = ` on Guards if ForAllValues:StringLike dynamodb:LeadingKeys ${blockKeyPrefix}*`;
    expect(analystLines.filter((line) => /^dynamodb:(Get|Put|Delete)Item/.test(line))).toEqual([
      `dynamodb:DeleteItem${ours}`,
      `dynamodb:GetItem${ours}`,
      `dynamodb:PutItem${ours}`,
    ]);
    expect(guardKey('x').startsWith(blockKeyPrefix)).toBe(false);
  });
  test('open what is encrypted through the tables and the bucket only', () => {
    expect(analystLines.filter((line) => line.startsWith('kms:Decrypt'))).toEqual([
      'kms:Decrypt on DeadLetterKey if StringEquals kms:ViaService s3.<Region>.<URLSuffix>',
      'kms:Decrypt on TableKey if StringEquals kms:ViaService dynamodb.<Region>.<URLSuffix>',
    ]);
  });
  test('list blocks without what else stands in the items', () => {
    expect(analystLines.filter((line) => line.startsWith('dynamodb:Scan'))).toEqual([
      'dynamodb:Scan on Guards if ForAllValues:StringEquals dynamodb:Attributes pk|expiresAt|reason|author' +
        ' and StringEquals dynamodb:Select SPECIFIC_ATTRIBUTES',
    ]);
  });
});

describe('an auditor', () => {
  test('reads how it is set up, and nothing of what is in it', () => {
    const actions = auditorLines.map(actionOf);
    expect(actions.filter((action) => !/^\w+:(Describe|Detect|Get|GET$|List|Lookup)/.test(action))).toEqual([]);
    const contents =
      /GetItem|BatchGetItem|Scan|Query|GetObject|GetLogEvents|GetLogRecord|Decrypt|GetPublicKey|GetFunction$/;
    expect(actions.filter((action) => contents.test(action))).toEqual([]);
    expect(auditorLines.filter((line) => line.includes('/apikeys'))).toEqual([]);
  });
});

describe('the runbook', () => {
  const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const blocks = readme.slice(readme.indexOf('\n### Blocks'), readme.indexOf('\n## Benchmarks'));

  /** Commands whose action has another name. */
  const renamed: Readonly<Record<string, string>> = {
    'apigateway update-api-key': 'apigateway:PATCH',
    'lambda invoke': 'lambda:InvokeFunction',
    's3 cp': 's3:GetObject',
    's3api list-objects-v2': 's3:ListBucket',
    's3api get-bucket-policy': 's3:GetBucketPolicy',
  };
  /** What changes the deployment is left to those who deploy. */
  const deployers = [
    'apigateway update-stage',
    'cloudformation detect-stack-drift',
    'kms cancel-key-deletion',
    'kms enable-key',
    'lambda delete-function-concurrency',
    'lambda invoke',
    'lambda put-function-concurrency',
    'lambda update-event-source-mapping',
  ];
  const commandsOf = (text: string): readonly string[] => [
    ...new Set([...text.matchAll(/\baws ([a-z0-9]+ [a-z][a-z0-9-]*)/g)].map(([, command = '']) => command)),
  ];
  const wantedBy = (command: string): string => {
    const [service = '', verb = ''] = command.split(' ');
    return (renamed[command] ?? `${service}:${verb.replaceAll('-', '')}`).toLowerCase();
  };
  const allowed = new Set(analystLines.map((line) => actionOf(line).toLowerCase()));

  test('asks security staff for nothing that their policy does not allow', () => {
    const commands = commandsOf(runbook + blocks).filter((command) => !deployers.includes(command));
    expect(commands.length).toBeGreaterThan(15);
    expect(commands.filter((command) => !allowed.has(wantedBy(command)))).toEqual([]);
  });
  test('leaves to those who deploy what changes the deployment, and nothing that is only looked at', () => {
    expect(deployers.filter((command) => !commandsOf(runbook).includes(command))).toEqual([]);
    const said = runbook.slice(0, runbook.indexOf('\n## '));
    const verbs = deployers.map((command) => command.split(' ').at(-1) ?? '');
    expect(verbs.filter((verb) => !said.includes(verb))).toEqual([]);
    const investigations = runbook
      .split('\n### ')
      .filter((section) => section.startsWith('Investigation'))
      .join('\n');
    expect(commandsOf(investigations).length).toBeGreaterThan(10);
    expect(commandsOf(investigations).filter((command) => deployers.includes(command))).toEqual([]);
  });
});
