import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from '../http/loopback.ts';
import { listSubscriptions, type Topic } from './alarms/topic.ts';
import { createFaults } from './faults.ts';
import { type AwsRefusal, awsRefusal, refusalOf, requireSignature } from './refusal.ts';

/** A message that arrived on a phone. */
export type SmsMessage = {
  /** E.164 */
  readonly to: string;
  readonly text: string;
  /** RFC 3339 UTC */
  readonly at: string;
  readonly messageId: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** For a call; `text` is what the voice says. */
  readonly channel?: 'voice';
};

export const snsFaults = [
  /** 400 `ThrottlingException`; nothing is sent. */
  'throttle',
  /** 403 `AuthorizationError`, as if the role may not publish; nothing is sent. */
  'access-denied',
  /** 500 `InternalError`; nothing is sent. */
  'internal-error',
  /** 200, as for any other number, and nothing arrives. */
  'opted-out',
  /** The message is in the inbox, but no answer ever comes. */
  'timeout-after-accept',
  /** The message is in the inbox, and then the connection is dropped. */
  'reset-after-accept',
  /** Nothing is sent and no answer ever comes. */
  'timeout-before-accept',
  /** The connection is dropped before anything is sent. */
  'reset',
] as const;
export type SnsFault = (typeof snsFaults)[number];

export type Sns = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** The messages that arrived, newest first; of one number, if given. */
  readonly messages: (to?: string) => readonly SmsMessage[];
  /** Arms a fault for the next `times` publishes, 1 by default; of one number if given. */
  readonly fail: (mode: SnsFault, options?: { times?: number; to?: string }) => void;
  readonly clearFaults: () => void;
  /** Opts a number out, as an SMS with STOP does. SNS takes its messages as before, and none arrives. */
  readonly optOut: (to: string) => void;
  /** Forgets messages, faults and holders who opted out. */
  readonly clear: () => void;
};

// A local mode that runs for days must not grow without end.
const inboxLimit = 10_000;

/**
 * A stand-in for Amazon SNS and the phone network behind it, over SNS's real wire protocol (AWS Query, XML).
 *
 * It knows `Publish` to a phone number, and `ListSubscriptionsByTopic`. It refuses all that SNS refuses. It also refuses attributes that SNS silently
 * ignores, so that a misspelled one shows on a laptop and not on an invoice.
 *
 * An answer says that SNS took the message, and no more. `Publish` has no error for a holder who opted out
 * (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors), a price above `MaxPrice`, or a quota that
 * is used up: SNS knows that later, and writes it in its delivery log.
 */
export const startSns = async ({
  port,
  now = Date.now,
  topic,
}: {
  port?: number;
  now?: () => number;
  /** The one topic; none by default. */
  topic?: Topic;
} = {}): Promise<Sns> => {
  const inbox: SmsMessage[] = [];
  const optedOut = new Set<string>();
  const faults = createFaults<SnsFault, string>();
  const accept = ({ to, text, attributes }: Publication, isDelivered: boolean): string => {
    const messageId = crypto.randomUUID();
    if (!isDelivered || optedOut.has(to)) return messageId;
    inbox.unshift({ to, text, at: new Date(now()).toISOString(), messageId, attributes });
    inbox.length = Math.min(inbox.length, inboxLimit);
    return messageId;
  };
  const { server, url, stop } = await listenOnLoopback(port);
  server.on('request', (request, response) => {
    answer({ accept, strike: faults.strike, topic }, request, response).catch(() => response.destroy());
  });
  return {
    url,
    stop,
    messages: (to) => inbox.filter((message) => to === undefined || message.to === to),
    fail: (mode, { times = 1, to } = {}) =>
      faults.arm(mode, { times, matches: (phone) => to === undefined || phone === to }),
    clearFaults: faults.clear,
    optOut: (to) => void optedOut.add(to),
    clear: () => {
      inbox.length = 0;
      optedOut.clear();
      faults.clear();
    },
  };
};

type Publication = {
  readonly to: string;
  readonly text: string;
  readonly attributes: Readonly<Record<string, string>>;
};

type Desk = {
  readonly accept: (publication: Publication, isDelivered: boolean) => string;
  readonly strike: (to: string) => SnsFault | undefined;
  readonly topic: Topic | undefined;
};

const answer = async ({ accept, strike, topic }: Desk, request: IncomingMessage, response: ServerResponse) => {
  const body = await readBody(request, 256 * 1024);
  try {
    requireSignature(request, 'sns');
    const form = parseForm(request, body);
    if (form.get('Action') === 'ListSubscriptionsByTopic') return send(response, 200, listed(topic, form));
    const publication = parsePublish(form);
    const fault = strike(publication.to);
    refuseByFault(fault, publication);
    if (fault === 'timeout-before-accept') return;
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    const messageId = accept(publication, fault !== 'opted-out');
    if (fault === 'timeout-after-accept') return;
    if (fault === 'reset-after-accept') return void request.socket.resetAndDestroy();
    send(response, 200, published(messageId));
  } catch (thrown) {
    const refusal = refusalOf(thrown) ?? { code: 'InternalError', message: String(thrown), status: 500 };
    send(response, refusal.status, refused(refusal));
  }
};

type Addressed = { readonly to: string; readonly text: string };

// AWS quotes the request in some of its errors. The stand-in always does, so that a test finds a log that copies messages.
const quoting = (sentence: string, { to, text }: Addressed) => `${sentence} (PhoneNumber ${to}, Message ${text})`;

const refuseByFault = (fault: SnsFault | undefined, sms: Addressed) => {
  // https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html
  if (fault === 'throttle') throw awsRefusal('ThrottlingException', quoting('Rate exceeded', sms));
  if (fault === 'access-denied')
    throw awsRefusal('AuthorizationError', quoting('User is not authorized to perform: SNS:Publish', sms), 403);
  if (fault === 'internal-error') throw awsRefusal('InternalError', quoting('Internal failure', sms), 500);
};

const send = (response: ServerResponse, status: number, body: string) => {
  response.writeHead(status, {
    'content-type': 'text/xml',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': crypto.randomUUID(),
  });
  response.end(body);
};

const namespace = 'http://sns.amazonaws.com/doc/2010-03-31/';

const published = (messageId: string) =>
  `<PublishResponse xmlns="${namespace}"><PublishResult><MessageId>${messageId}</MessageId></PublishResult>` +
  `<ResponseMetadata><RequestId>${crypto.randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`;

const refused = ({ code, message, status }: AwsRefusal) =>
  `<ErrorResponse xmlns="${namespace}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>` +
  `<Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>` +
  `<RequestId>${crypto.randomUUID()}</RequestId></ErrorResponse>`;

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const listed = (topic: Topic | undefined, form: URLSearchParams): string => {
  if (topic === undefined) throw awsRefusal('NotFound', 'Topic does not exist', 404);
  return (
    `<ListSubscriptionsByTopicResponse xmlns="${namespace}"><ListSubscriptionsByTopicResult>` +
    `${listSubscriptions(topic, form, escapeXml)}</ListSubscriptionsByTopicResult>` +
    `<ResponseMetadata><RequestId>${crypto.randomUUID()}</RequestId></ResponseMetadata></ListSubscriptionsByTopicResponse>`
  );
};

const parseForm = (request: IncomingMessage, body: Buffer | undefined): URLSearchParams => {
  if (request.method !== 'POST' || body === undefined)
    throw awsRefusal('InvalidParameter', 'Send a POST of at most 256 KiB.');
  const form = new URLSearchParams(body.toString('utf8'));
  const action = form.get('Action') ?? '';
  if (action !== 'Publish' && action !== 'ListSubscriptionsByTopic')
    throw awsRefusal('InvalidAction', `The action ${action} is not valid for this web service.`);
  if (form.get('Version') !== '2010-03-31')
    throw awsRefusal('InvalidParameter', 'Invalid parameter: Version Reason: must be 2010-03-31');
  return form;
};

const parsePublish = (form: URLSearchParams): Publication => {
  for (const name of form.keys()) {
    if (!/^(Action|Version|PhoneNumber|Message|MessageAttributes\..*)$/.test(name))
      throw awsRefusal('InvalidParameter', `Invalid parameter: ${name} Reason: not for publishing to a phone number`);
  }
  return { to: parsePhone(form), text: parseText(form), attributes: parseAttributes(form) };
};

const parsePhone = (form: URLSearchParams): string => {
  const to = form.get('PhoneNumber') ?? '';
  if (!/^\+[1-9]\d{6,14}$/.test(to))
    throw awsRefusal('InvalidParameter', 'Invalid parameter: PhoneNumber Reason: the number is not E.164');
  return to;
};

const parseText = (form: URLSearchParams): string => {
  const text = form.get('Message') ?? '';
  if (text.length === 0) throw awsRefusal('InvalidParameter', 'Invalid parameter: Empty message');
  if ([...text].length > 1600)
    throw awsRefusal('InvalidParameter', 'Invalid parameter: Message Reason: longer than 1600 characters');
  return text;
};

/** The message attributes that SNS uses for an SMS. https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html */
const knownAttributes: Readonly<Record<string, { dataType: 'String' | 'Number'; pattern: RegExp }>> = {
  'AWS.SNS.SMS.SMSType': { dataType: 'String', pattern: /^(Promotional|Transactional)$/ },
  'AWS.SNS.SMS.SenderID': { dataType: 'String', pattern: /^(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}$/ },
  'AWS.SNS.SMS.MaxPrice': { dataType: 'Number', pattern: /^(?=.*[1-9])\d{1,6}(\.\d{1,5})?$/ },
  'AWS.MM.SMS.OriginationNumber': { dataType: 'String', pattern: /^\+?\d{3,15}$/ },
  'AWS.MM.SMS.EntityId': { dataType: 'String', pattern: /^[A-Za-z0-9_-]{1,50}$/ },
  'AWS.MM.SMS.TemplateId': { dataType: 'String', pattern: /^[A-Za-z0-9_-]{1,50}$/ },
};

const parseAttributes = (form: URLSearchParams): Record<string, string> => {
  const attributes: Record<string, string> = {};
  for (const [number, parts] of attributeEntries(form)) {
    const name = parts.get('Name') ?? '';
    const known = Object.hasOwn(knownAttributes, name) ? knownAttributes[name] : undefined;
    if (known === undefined) throw invalidAttribute(name || `entry ${number}`, 'no attribute of an SMS has this name');
    if (Object.hasOwn(attributes, name)) throw invalidAttribute(name, 'it is there twice');
    if (parts.get('Value.DataType') !== known.dataType)
      throw invalidAttribute(name, `its data type must be ${known.dataType}`);
    const value = parts.get('Value.StringValue') ?? '';
    if (!known.pattern.test(value)) throw invalidAttribute(name, `its value must match ${known.pattern.source}`);
    attributes[name] = value;
  }
  return attributes;
};

const attributeEntries = (form: URLSearchParams): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const entries = new Map<string, Map<string, string>>();
  for (const [name, value] of form) {
    if (!name.startsWith('MessageAttributes.')) continue;
    const match = /^MessageAttributes\.entry\.(\d+)\.(Name|Value\.DataType|Value\.StringValue)$/.exec(name);
    if (match === null) throw invalidAttribute(name, 'only string values are known');
    const [, number = '', part = ''] = match;
    const entry = entries.get(number) ?? new Map<string, string>();
    entries.set(number, entry.set(part, value));
  }
  return entries;
};

const invalidAttribute = (name: string, reason: string) =>
  awsRefusal('ParameterValueInvalid', `The message attribute '${name}' is not valid: ${reason}.`);
