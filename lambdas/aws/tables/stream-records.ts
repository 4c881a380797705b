import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { StreamChange } from '../../bursts/counts/events.ts';
import type { Item } from '../dynamo/items.ts';
import { readRefusal, readVerification, shape } from './verifications.ts';

/** A record of a DynamoDB stream, as Lambda hands it over. */
export type StreamRecord = {
  readonly eventID?: string;
  readonly dynamodb?: {
    readonly SequenceNumber?: string;
    readonly OldImage?: Record<string, AttributeValue>;
    readonly NewImage?: Record<string, AttributeValue>;
  };
};

/** @throws Error when the record cannot be read. Lambda then keeps it whole, as a dead letter. */
export const readChange = ({ eventID, dynamodb }: StreamRecord): StreamChange => {
  if (eventID === undefined || dynamodb === undefined) throw new Error('A stream record has no id or no content.');
  const { OldImage, NewImage } = dynamodb;
  const [before, after] = [imageOf(OldImage), imageOf(NewImage)];
  const refused = after?.kind === 'refusal' ? readRefusal(after.item) : undefined;
  return {
    id: eventID,
    before: before?.kind === 'verification' ? readVerification(before.item) : undefined,
    after: after?.kind === 'verification' ? readVerification(after.item) : undefined,
    // A refusal is written once. Whatever happens to it later is no other refusal.
    ...(refused === undefined || before !== undefined ? {} : { refused }),
  };
};

/** What traffic is counted by. A record without one of them would be counted for nobody. */
const subjectAttributes = ['phoneKey', 'range', 'prefix', 'country', 'ip', 'application', 'purpose'];
const timeAttributes = { verification: 'createdAt', refusal: 'at' } as const;

const imageOf = (item: Item | undefined) => {
  if (item === undefined) return undefined;
  const kind = item['kind']?.S;
  if ((kind !== 'verification' && kind !== 'refusal') || item['shape']?.N !== String(shape)) {
    throw new Error('A stream record has a kind or a version that this function does not know.');
  }
  const isWhole =
    subjectAttributes.every((name) => item[name]?.S !== undefined) && item[timeAttributes[kind]]?.N !== undefined;
  if (!isWhole) throw new Error('A stream record lacks what traffic is counted by.');
  return { kind, item };
};
