/** The permissions of a function that sends, by the routes of the settings. */

import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { receiptSetOf } from '../../../lambdas/contract.ts';
import { namesOwnSet } from '../../settings/receipts.ts';
import { type RouteSettings, routesTo } from '../../settings/routes/routes.ts';
import type { Settings } from '../../settings/settings.ts';
import { allowInRegions, explainWildcards, type Grantee } from './allow.ts';
import { policyOfSetting } from './setting-policy.ts';

type RoutesOf = Pick<Settings, 'smsRoutes' | 'countries'>;
export type SendSettings = RoutesOf & Pick<Settings, 'receipts' | 'stackName'>;
type TextRoute = Extract<RouteSettings, { sender: 'end-user-messaging' }>;
type NotifyRoute = Extract<RouteSettings, { sender: 'notify' }>;
/** Of an SMS or of a call. */
type NamedByNotify = Pick<NotifyRoute, 'sender' | 'region' | 'configurationSet'>;

/** Sends by the services that the routes name, and by no other. */
export const grantSend = (role: Grantee, settings: RoutesOf): void => {
  const { smsRoutes } = settings;
  if (smsRoutes.some(({ sender }) => sender === 'sns')) grantSendSms(role);
  grantSendTexts(role, settings);
  grantSendNotify(
    role,
    smsRoutes.filter((route) => route.sender === 'notify'),
  );
};

/**
 * Messages that name the configuration set of the stack. AWS asks for each resource of a call, so that the policy of the
 * setting may have one of them alone.
 */
export const grantReceiptSet = (of: IRole, settings: SendSettings & Pick<Settings, 'voice'>): void => {
  const { smsRoutes, voice } = settings;
  const actions = [
    ...smsRoutes.filter((route) => namesOwnSet(route, settings)).flatMap((route) => actionOf(settings, route)),
    ...(voice?.routes ?? [])
      .filter((route) => route.sender === 'notify' && namesOwnSet(route, settings))
      .map(() => 'SendNotifyVoiceMessage'),
  ];
  if (actions.length === 0) return;
  const role = policyOfSetting(of, 'ReceiptSet');
  const set = arnOf(role, '', 'configuration-set', receiptSetOf(settings.stackName));
  for (const action of new Set(actions)) grantOn(role, `${action}BySet`, `sms-voice:${action}`, [set]);
};

/** A route that lets AWS choose its number has a wildcard, which has room for the set. */
const actionOf = (settings: RoutesOf, route: RouteSettings): readonly string[] => {
  if (route.sender === 'notify') return ['SendNotifyTextMessage'];
  return route.sender === 'sns' || isFree(settings, route) ? [] : ['SendTextMessage'];
};

/** Sends SMS to phones, and publishes to no topic: IAM has no ARN for a phone, so that all ARNs are left out. */
const grantSendSms = (role: Grantee): void => {
  const { partition } = Stack.of(role);
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'SendSms',
      actions: ['sns:Publish'],
      notResources: [`arn:${partition}:sns:*:*:*`],
    }),
  );
};

/** The ARN of a resource of a route. A name that is an ARN already is of another account, which shares it. */
export const arnOf = (role: Grantee, region: string, type: string, name: string): string =>
  name.startsWith('arn:')
    ? name
    : Stack.of(role).formatArn({
        service: 'sms-voice',
        ...(region === '' ? {} : { region }),
        resource: type,
        resourceName: name,
      });

/** AWS asks for each resource that a call names: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsendusermessagingsmsandvoicev2.html */
export const namedBy = (
  role: Grantee,
  { region, configurationSet, ...route }: TextRoute | NamedByNotify,
): readonly string[] => [
  ...(configurationSet === undefined ? [] : [arnOf(role, region, 'configuration-set', configurationSet)]),
  ...(route.sender === 'notify' || route.protectConfiguration === undefined
    ? []
    : [arnOf(role, region, 'protect-configuration', route.protectConfiguration)]),
];

/** The resource that an identity is. A number does not say its id, so that it is any number of the account. */
const identityOf = (role: Grantee, { region, originationIdentity: identity = '' }: TextRoute): readonly string[] => {
  if (identity.startsWith('+')) return [arnOf(role, region, 'phone-number', '*')];
  if (identity.startsWith('phone-')) return [arnOf(role, region, 'phone-number', identity)];
  if (identity.startsWith('pool-')) return [arnOf(role, region, 'pool', identity)];
  return identity.startsWith('arn:') ? [identity] : [];
};

const isSenderId = (identity: string): boolean => !/^(?:\+|phone-|pool-|arn:)/.test(identity);

type SenderId = { readonly region: string; readonly id: string; readonly country: string };

const countriesBy = (settings: RoutesOf, route: TextRoute): readonly string[] =>
  Object.keys(settings.countries).filter((country) => routesTo(settings, country).includes(route));

/** The sender ids as which a route sends: its own, or those of its countries. */
const senderIdsOf = (settings: RoutesOf, route: TextRoute): readonly SenderId[] =>
  countriesBy(settings, route).flatMap((country) => {
    const id = route.originationIdentity ?? settings.countries[country]?.senderId;
    return id === undefined || !isSenderId(id) ? [] : [{ region: route.region, id, country }];
  });

/** The policies of a role take 10,240 characters. The account has no sender ids but its own. */
const maxSenderIds = 30;

/** By id and country. If those of all routes are too many, by id in any country, or any sender id of the account. */
const senderIdArns = (role: Grantee, all: readonly SenderId[]): readonly string[] => {
  const by = (nameOf: (each: SenderId) => string) => [
    ...new Set(all.map((each) => arnOf(role, each.region, 'sender-id', nameOf(each)))),
  ];
  const exact = by(({ id, country }) => `${id}/${country}`);
  if (exact.length <= maxSenderIds) return exact;
  const anywhere = by(({ id }) => `${id}/*`);
  return anywhere.length <= maxSenderIds ? anywhere : by(() => '*');
};

/** Whether AWS chooses among all numbers of the account. */
const isFree = (settings: RoutesOf, route: TextRoute): boolean =>
  route.originationIdentity === undefined &&
  countriesBy(settings, route).some((country) => settings.countries[country]?.senderId === undefined);

/** A call without an identity names no resource, and AWS allows it by a wildcard alone. It is then held to the Regions. */
const grantSendTexts = (role: Grantee, settings: RoutesOf): void => {
  const routes = settings.smsRoutes.filter((route) => route.sender === 'end-user-messaging');
  const free = routes.filter((route) => isFree(settings, route));
  const fixed = routes.filter((route) => !free.includes(route));
  const action = 'sms-voice:SendTextMessage';
  grantOn(role, 'SendTexts', action, [
    ...senderIdArns(
      role,
      fixed.flatMap((route) => senderIdsOf(settings, route)),
    ),
    ...fixed.flatMap((route) => [...identityOf(role, route), ...namedBy(role, route)]),
  ]);
  if (free.length === 0) return;
  allowInRegions(role, {
    ...{ name: 'SendTextsAsAnyNumber', action, regions: free.map(({ region }) => region) },
    reason: 'A route without an originationIdentity lets AWS choose the number, and its call names no resource.',
  });
};

const grantSendNotify = (role: Grantee, routes: readonly NotifyRoute[]): void =>
  grantOn(
    role,
    'SendNotify',
    'sms-voice:SendNotifyTextMessage',
    routes.flatMap((route) => [
      arnOf(role, route.region, 'notify-configuration', route.configuration),
      ...namedBy(role, route),
    ]),
  );

export const grantOn = (role: Grantee, sid: string, action: string, arns: readonly string[]): void => {
  const resources = [...new Set(arns)];
  if (resources.length === 0) return;
  role.addToPrincipalPolicy(new PolicyStatement({ sid, actions: [action], resources }));
  explainWildcards(
    role,
    resources,
    'A route names a number, and IAM knows numbers by their ids alone. Or it sends as one sender id to many countries.',
  );
};

/** AWS lists messages as resources, and its guide says that the action has none. Their ids are not known before a send. */
export const grantFeedback = (role: Grantee, { smsRoutes, voice }: Pick<Settings, 'smsRoutes' | 'voice'>): void => {
  allowInRegions(role, {
    name: 'GiveFeedback',
    action: 'sms-voice:PutMessageFeedback',
    regions: [...smsRoutes, ...(voice?.routes ?? [])].flatMap(({ sender, region }) =>
      sender === 'sns' ? [] : [region],
    ),
    reason: 'A message has an id only after it was sent. The action says of a message that it came.',
  });
};
