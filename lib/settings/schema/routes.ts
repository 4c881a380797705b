/** The routes that an SMS may take: which service sends, from which Region, and as whom. */

import * as v from 'valibot';
import { type SmsSenderName, smsSenders } from '../../../lambdas/policy.ts';
import { locale, object, refused, text } from './values.ts';

/** Logs and metrics show it. They withhold a word with four digits in a row, because a code or a number has them. */
const routeName = text(
  /^(?!.*[0-9]{4})[a-z][a-z0-9-]{0,39}$/,
  'Name of a route: a lower-case letter, then up to 39 lower-case letters, digits (at most three in a row) and hyphens, for example sns or notify-eu.',
);

const regionAllowed =
  'Region whose service sends: for example eu-west-1. Or leave it out for the Region of the deployment.';
export const anyRoute = {
  name: v.exactOptional(routeName),
  region: v.optional(
    v.pipe(
      v.string(refused(regionAllowed)),
      v.check((value) => value === '' || /^[a-z]{2}(-[a-z]+)+-[0-9]+$/.test(value), refused(regionAllowed)),
    ),
    '',
  ),
};

/** The name or ARN of a resource of AWS End User Messaging, as its API takes it. ARNs are of another account that shares it. */
export const resource = (type: string, name: string): string =>
  `arn:aws[a-z-]*:sms-voice:[a-z0-9-]+:[0-9]{12}:${type}/${name}`;
export const id = '[A-Za-z0-9_-]{1,64}';

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html */
const identities = [
  '\\+[1-9][0-9]{4,14}',
  '(?!(?:phone|pool)-)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{1,11}',
  `phone-${id}`,
  `pool-${id}`,
  resource('(?:phone-number|pool)', id),
  resource('sender-id', '[A-Za-z0-9_-]{1,11}/[A-Z]{2}'),
];
const originationIdentity = text(
  new RegExp(`^(?:${identities.join('|')})$`),
  'Identity to send as: a number (+12065550100), a sender id (Example), or the id or ARN of a number, a sender id or a pool, for example pool-0123456789abcdef0.',
);
export const configurationSet = v.exactOptional(
  text(
    new RegExp(`^(?:${id}|${resource('configuration-set', id)})$`),
    'Configuration set: its name of up to 64 letters, digits, hyphens and underscores, or its ARN, for example otp-receipts.',
  ),
);
export const protectConfiguration = v.exactOptional(
  text(
    new RegExp(`^(?:${id}|${resource('protect-configuration', id)})$`),
    'Protect configuration: its id or ARN, for example protect-0123456789abcdef0.',
  ),
);

const templatesAllowed =
  'Templates of Notify by language: at least one, for example templates: { en: "notify-code-verification-english-001" }. aws pinpoint-sms-voice-v2 describe-notify-templates lists them.';
export const templates = v.pipe(
  v.record(
    locale,
    text(/^[A-Za-z0-9_-]{1,256}$/, 'Template of Notify: its id, for example notify-code-verification-english-001.'),
    refused(templatesAllowed),
  ),
  v.check((value) => Object.keys(value).length > 0, refused(templatesAllowed)),
);

const senderAllowed =
  'Sender of a route: "sns" (Amazon SNS), "end-user-messaging" (AWS End User Messaging), or "notify" (its Notify, with identities and texts of AWS).';

const entriesOf = {
  sns: {
    ...anyRoute,
    sender: v.optional(v.literal('sns'), 'sns'),
    originationNumber: v.exactOptional(
      text(/^\+[1-9][0-9]{4,14}$/, 'Number to send from: in international form (E.164), for example +12065550100.'),
    ),
  },
  'end-user-messaging': {
    ...anyRoute,
    sender: v.literal('end-user-messaging'),
    originationIdentity: v.exactOptional(originationIdentity),
    configurationSet,
    protectConfiguration,
  },
  notify: {
    ...anyRoute,
    sender: v.literal('notify'),
    configuration: text(
      new RegExp(`^${id}$`),
      'Notify configuration: its id of up to 64 letters, digits, hyphens and underscores, for example nc-0123456789abcdef0.',
    ),
    tier: v.optional(
      v.picklist(
        ['basic', 'advanced'],
        refused('Tier of the Notify configuration: "basic" (200 SMS a day) or "advanced", as AWS shows it.'),
      ),
      'basic',
    ),
    templates,
    configurationSet,
  },
} satisfies Record<SmsSenderName, v.ObjectEntries>;

/** Facts that a sender has no field for, because it has them in another field or not at all. */
const insteadOf: Readonly<Record<SmsSenderName, Readonly<Record<string, string>>>> = {
  sns: {
    originationIdentity: 'Write originationNumber, or sender: "end-user-messaging".',
    configurationSet: 'Remove it, or write sender: "end-user-messaging".',
    protectConfiguration: 'SNS obeys the Protect configuration of the account. Or write sender: "end-user-messaging".',
    configuration: 'Remove it, or write sender: "notify".',
    tier: 'Remove it, or write sender: "notify".',
    templates: 'Remove them, or write sender: "notify".',
  },
  'end-user-messaging': {
    originationNumber: 'Write it as originationIdentity.',
    configuration: 'Remove it, or write sender: "notify".',
    tier: 'Remove it, or write sender: "notify".',
    templates: 'The texts are those of the settings. Remove them, or write sender: "notify".',
  },
  notify: {
    originationNumber: 'AWS chooses the number. Remove it.',
    originationIdentity: 'AWS chooses the identity. Remove it.',
    protectConfiguration: 'Notify always has the one of AWS. Remove it.',
  },
};
const titles: Readonly<Record<SmsSenderName, string>> = {
  sns: 'SNS',
  'end-user-messaging': 'End User Messaging',
  notify: 'Notify',
};

/** The sentence about a field of another sender. */
const elsewhere =
  (sender: SmsSenderName) =>
  (key: string): string | undefined => {
    const instead = insteadOf[sender][key];
    return instead === undefined ? undefined : `${titles[sender]} takes no ${key}. ${instead}`;
  };

const snsRoute = object(entriesOf.sns, {}, elsewhere('sns'));
const endUserMessagingRoute = object(entriesOf['end-user-messaging'], {}, elsewhere('end-user-messaging'));
const notifyRoute = object(
  entriesOf.notify,
  {
    configuration: 'Add the id of the Notify configuration, for example configuration: "nc-0123456789abcdef0".',
    templates:
      'Add a template of AWS for each language, for example templates: { en: "notify-code-verification-english-001" }.',
  },
  elsewhere('notify'),
);

type Route = typeof snsRoute | typeof endUserMessagingRoute | typeof notifyRoute;

/** It refuses each value: the one problem of such a route is its sender. */
const unknownSender = v.looseObject({
  sender: v.picklist(smsSenders, refused(senderAllowed)),
}) as unknown as typeof snsRoute;

const routeOf = (input: unknown): Route => {
  const sender = typeof input === 'object' && input !== null && 'sender' in input ? input.sender : undefined;
  if (sender === undefined || sender === 'sns') return snsRoute;
  if (sender === 'end-user-messaging') return endUserMessagingRoute;
  return sender === 'notify' ? notifyRoute : unknownSender;
};

const routesAllowed =
  'SMS routes: at least one, for example smsRoutes: [{}], which sends by SNS from the Region of the deployment.';
/** A record names its routes, and each name is a metric. */
const maxRoutes = 8;
export const smsRoutes = v.optional(
  v.pipe(
    v.array(v.lazy(routeOf), refused(routesAllowed)),
    v.minLength(1, refused(routesAllowed)),
    v.maxLength(maxRoutes, `There are too many routes. Write ${maxRoutes} at most, each for a service or a Region.`),
  ),
  [{}],
);

const namesAllowed =
  'Routes of a country: names of smsRoutes, each once, in the order in which they are tried, for example ["notify", "sns"].';
/** The routes of a country. */
export const routeNames = v.pipe(
  v.array(routeName, refused(namesAllowed)),
  v.minLength(1, refused(namesAllowed)),
  v.check((list) => new Set(list).size === list.length, refused(namesAllowed)),
);
