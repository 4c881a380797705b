/** Follows every alarm to its topic, the topic's policy and the policy of its key, and says where it would fall silent. */

import { listOf, type Resources, recordOf, type Spell, statementsIn } from '../template/permissions.ts';

type Silence = { readonly alarm: string; readonly because: string };
type Statement = Readonly<Record<string, unknown>>;

const service = 'cloudwatch.amazonaws.com';

export const silentAlarms = (resources: Resources, spell: Spell): readonly Silence[] =>
  Object.entries(resources)
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm' || Type === composite)
    .filter(([, { Properties }]) => !isToldByAnEvent(Properties))
    .flatMap(([id, { Properties }]) =>
      whySilent(speakerOf(id, Properties, resources), resources, spell).map((because) => ({
        alarm: String(Properties['AlarmName']),
        because,
      })),
    );

/** An event of the bus is the mail of these, and another test follows it. Neither raises the composite alarm. */
const isToldByAnEvent = ({ AlarmName }: Statement): boolean =>
  ['/ConversionLow', '/SendingStopped'].some((name) => String(AlarmName).endsWith(name));

const composite = 'AWS::CloudWatch::CompositeAlarm';

/** An alarm without actions speaks by the composite alarm that it raises. */
const speakerOf = (id: string, alarm: Statement, resources: Resources): Statement =>
  'AlarmActions' in alarm || 'OKActions' in alarm
    ? alarm
    : (Object.values(resources).find(
        ({ Type, Properties }) =>
          Type === composite && JSON.stringify(Properties['AlarmRule']).includes(`{"Fn::GetAtt":["${id}","Arn"]}`),
      )?.Properties ?? alarm);

const whySilent = (alarm: Statement, resources: Resources, spell: Spell): readonly string[] => {
  if (alarm['ActionsEnabled'] === false) return ['its actions are switched off'];
  return kindsOf(alarm).flatMap((kind) => {
    const actions = listOf(alarm[kind]);
    if (actions.length === 0) return [`it has no ${kind}`];
    return actions.flatMap((action) => whyLost(action, String(alarm['AlarmName']), resources, spell));
  });
};

/** The alarm of an act has no end to tell of. */
const kindsOf = (alarm: Statement): readonly string[] =>
  String(alarm['AlarmName']).endsWith('/DefenseLowered') ? ['AlarmActions'] : ['AlarmActions', 'OKActions'];

const whyLost = (action: unknown, alarmName: string, resources: Resources, spell: Spell): readonly string[] => {
  const { Ref: topicId } = recordOf(action);
  const topic = typeof topicId === 'string' ? resources[topicId] : undefined;
  if (topic?.Type !== 'AWS::SNS::Topic') return ['its action is no topic of the stack'];
  const alarmArn = `arn:<Partition>:cloudwatch:<Region>:<AccountId>:alarm:${alarmName}`;
  const lets = (statements: readonly Statement[], wanted: string, resource: string) =>
    statements.some((each) => allows(each, { wanted, resource, alarmArn, spell })) &&
    !statements.some((each) => refuses(each, wanted));
  return [
    ...(lets(topicStatements(topicId, resources), 'sns:Publish', spell(action))
      ? []
      : ['the policy of the topic does not let CloudWatch publish']),
    ...whyNotEncrypted(topic.Properties['KmsMasterKeyId'], resources, (statements, wanted) =>
      lets(statements, wanted, '*'),
    ),
  ];
};

const topicStatements = (topicId: unknown, resources: Resources): readonly Statement[] =>
  Object.values(resources)
    .filter(
      ({ Type, Properties }) =>
        Type === 'AWS::SNS::TopicPolicy' &&
        listOf(Properties['Topics']).some((each) => recordOf(each)['Ref'] === topicId),
    )
    .flatMap(({ Properties }) => statementsIn(Properties['PolicyDocument']));

const whyNotEncrypted = (
  keyId: unknown,
  resources: Resources,
  lets: (statements: readonly Statement[], wanted: string) => boolean,
): readonly string[] => {
  // The key that AWS manages for SNS (alias/aws/sns) has a policy that shuts CloudWatch out, and cannot be changed.
  if (typeof keyId !== 'object' || keyId === null) return ['the topic has no key of the stack'];
  const [id] = listOf(recordOf(keyId)['Fn::GetAtt'] ?? recordOf(keyId)['Ref']);
  const key = resources[String(id)];
  if (key?.Type !== 'AWS::KMS::Key') return ['the key of the topic is not of the stack'];
  const statements = statementsIn(key.Properties['KeyPolicy']);
  return ['kms:Decrypt', 'kms:GenerateDataKey*']
    .filter((wanted) => !lets(statements, wanted))
    .map((wanted) => `the policy of the key does not let CloudWatch ${wanted}`);
};

type Asked = { readonly wanted: string; readonly resource: string; readonly alarmArn: string; readonly spell: Spell };

const allows = (statement: Statement, { wanted, resource, alarmArn, spell }: Asked): boolean => {
  const { Effect, Principal, Action, Resource, Condition } = statement;
  const services = typeof Principal === 'object' && Principal !== null ? listOf(recordOf(Principal)['Service']) : [];
  return (
    Effect === 'Allow' &&
    services.includes(service) &&
    listOf(Action).includes(wanted) &&
    listOf(Resource).map(spell).includes(resource) &&
    areOurs(Condition, alarmArn, spell)
  );
};

/** For this account, for this alarm, and for nothing else that would have to hold: CloudWatch says no more than these. */
const areOurs = (condition: unknown, alarmArn: string, spell: Spell): boolean => {
  if (condition === undefined) return false;
  const claims = Object.entries(recordOf(condition)).flatMap(([operator, claim]) =>
    Object.entries(recordOf(claim)).map(([name, value]) => [`${operator} ${name}`, spell(value)] as const),
  );
  const {
    'StringEquals aws:SourceAccount': account,
    'ArnLike aws:SourceArn': arn,
    ...others
  } = Object.fromEntries(claims);
  const isNamed = arn?.endsWith('*') ? alarmArn.startsWith(arn.slice(0, -1)) : arn === alarmArn;
  return account === '<AccountId>' && isNamed && Object.keys(others).length === 0;
};

/** A refusal that CloudWatch would meet: all but those of plain HTTP, which it does not speak. */
const refuses = ({ Effect, Action, Condition }: Statement, wanted: string): boolean => {
  if (Effect !== 'Deny') return false;
  const isOfPlainHttp = JSON.stringify(Condition) === JSON.stringify({ Bool: { 'aws:SecureTransport': 'false' } });
  return !isOfPlainHttp && listOf(Action).some((action) => [wanted, '*', 'sns:*', 'kms:*'].includes(String(action)));
};
