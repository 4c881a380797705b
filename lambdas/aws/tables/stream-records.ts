import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { StreamChange } from '../../bursts/counts/events.ts';
import { itemKinds } from '../../contract.ts';
import type { Item } from '../dynamo/items.ts';
import { readRefusal, readVerification, shape, type verificationsAttributes } from './verifications.ts';

/** A record of a DynamoDB stream, as Lambda hands it over. */
export type StreamRecord = {
  readonly eventID?: string;
  readonly dynamodb?: {
    readonly SequenceNumber?: string;
    /** When the item was written, in seconds. */
    readonly ApproximateCreationDateTime?: number;
    readonly OldImage?: Record<string, AttributeValue>;
    readonly NewImage?: Record<string, AttributeValue>;
  };
};

/**
 * Reads a record of the stream, or of a dead letter.
 *
 * @throws Error for a record that no function of the service wrote in this version.
 */
export const readChange = ({ eventID, dynamodb }: StreamRecord): StreamChange => {
  if (typeof eventID !== 'string' || eventID === '' || !isObject(dynamodb)) {
    throw new Error('A stream record has no id or no content.');
  }
  const [before, after] = [imageOf(dynamodb.OldImage), imageOf(dynamodb.NewImage)];
  if (before !== undefined && after !== undefined && before.kind !== after.kind) {
    throw new Error('A stream record has another kind before than after.');
  }
  const refused = after?.kind === 'refusal' ? readRefusal(after.item) : undefined;
  return {
    id: eventID,
    before: before?.kind === 'verification' ? readVerification(before.item) : undefined,
    after: after?.kind === 'verification' ? readVerification(after.item) : undefined,
    // A refusal is written once. Whatever happens to it later is no other refusal.
    ...(refused === undefined || before !== undefined ? {} : { refused }),
  };
};

type Type = 'text' | 'bytes' | 'integer' | 'flag' | 'texts';
/** With `?`, the attribute may be missing. */
type Types<Name extends string> = Readonly<Record<Name | 'pk' | 'purgeAt', Type | `${Type}?`>>;
type NamesOf<Kind extends keyof typeof verificationsAttributes> = (typeof verificationsAttributes)[Kind][number];

/** The groups and keyed hashes that traffic is counted by. */
const subject = {
  phoneKey: 'text',
  range: 'text',
  prefix: 'text',
  country: 'text',
  ip: 'text',
  // Those from before networks were counted have none.
  network: 'text?',
  application: 'text',
  sharedIp: 'flag?',
} as const;
const common = {
  pk: 'text',
  purgeAt: 'integer',
  kind: 'text',
  shape: 'integer',
  ...subject,
  purpose: 'text',
  test: 'flag?',
} as const;

const recordTypes = {
  ...common,
  code: 'text',
  // Without one in it, a record has neither of the two lists.
  superseded: 'texts?',
  codeLength: 'integer',
  hasTransaction: 'flag',
  maxAttempts: 'integer',
  guesses: 'texts',
  nonces: 'texts',
  guessedAt: 'integer?',
  sealed: 'bytes',
  createdAt: 'integer',
  sentAt: 'integer',
  channel: 'text?',
  sendId: 'text',
  resendAt: 'integer',
  expiresAt: 'integer',
  latestExpiry: 'integer',
  sends: 'integer',
  delivery: 'text',
  route: 'text?',
  failedRoutes: 'texts?',
  resendNonces: 'texts?',
  unsettledResend: 'text?',
  ended: 'text?',
  trusted: 'flag?',
  trustedIp: 'flag?',
  pair: 'flag?',
  sincePreviousSendMs: 'integer?',
  sinceFirstSendMs: 'integer?',
  probes: 'texts?',
  risk: 'text?',
  swappedAt: 'integer?',
  swappedWithinHours: 'integer?',
  stepUp: 'flag?',
  askedAgainAt: 'integer?',
} as const satisfies Types<NamesOf<'record'>>;

const refusalTypes = {
  ...common,
  reason: 'text',
  limit: 'text?',
  at: 'integer',
} as const satisfies Types<NamesOf<'refusal'>>;

const typesByKind = { verification: recordTypes, refusal: refusalTypes } as const;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => isObject(value) && typeof value['S'] === 'string';

const isOfType: Readonly<Record<Type, (value: unknown) => boolean>> = {
  text: isText,
  // In base64, or text from before ADR 104.
  bytes: (value) => isText(value) || (isObject(value) && typeof value['B'] === 'string'),
  integer: (value) => isObject(value) && typeof value['N'] === 'string' && isCount(value['N']),
  flag: (value) => isObject(value) && typeof value['BOOL'] === 'boolean',
  texts: (value) => isObject(value) && Array.isArray(value['L']) && value['L'].every(isText),
};

/** All numbers of a record are times, lengths or counts. */
const isCount = (text: string): boolean =>
  text.trim() !== '' && Number.isSafeInteger(Number(text)) && Number(text) >= 0;

const imageOf = (image: unknown) => {
  if (image === undefined) return undefined;
  if (!isObject(image)) throw new Error('A stream record has an image that is no item.');
  const item = image as Item;
  const kind = item['kind']?.S;
  if ((kind !== 'verification' && kind !== 'refusal') || item['shape']?.N !== String(shape)) {
    throw new Error('A stream record has a kind or a version that this function does not know.');
  }
  const wrong = Object.entries(typesByKind[kind]).find(([name, type]) => !fits(item[name], type));
  if (wrong !== undefined)
    throw new Error(`A stream record lacks an attribute, or has it of another type: ${wrong[0]}.`);
  if (kindByKey(item) !== kind) throw new Error('A stream record has another kind than its key says.');
  return { kind, item };
};

const fits = (value: unknown, type: Type | `${Type}?`): boolean => {
  const known = type.replace('?', '') as Type;
  return value === undefined ? known !== type : isOfType[known](value);
};

/** The resend may put items, under keys of refusals only: none of them is a verification, whatever it says. */
const kindByKey = (item: Item): keyof typeof typesByKind =>
  item['pk']?.S?.startsWith(itemKinds.verifications.refusal.pk) ? 'refusal' : 'verification';
