import { randomUUID } from 'node:crypto';
import { awsRefusal } from '../refusal.ts';

export type QueueOptions = {
  readonly name: string;
  /** For how long a received message is hidden. */
  readonly visibilitySeconds: number;
  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
  readonly keptSeconds: number;
  /** The queue that gets a message which was received so often, and not deleted; none by default. */
  readonly redrive?: { readonly to: Queue; readonly maxReceiveCount: number };
};

/** A message as a consumer gets it. Times are epoch milliseconds. */
export type Received = {
  readonly id: string;
  readonly body: string;
  readonly sentMs: number;
  readonly firstReceivedMs: number;
  /** Across all queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
  readonly receiveCount: number;
  readonly receiptHandle: string;
  /** A tenant, so that one cannot hold up the others. */
  readonly group: string | undefined;
  /** ARN of the queue that gave the message up. */
  readonly deadLetterSource: string | undefined;
};

type Held = Omit<Received, 'firstReceivedMs' | 'receiptHandle'> & {
  readonly firstReceivedMs: number | undefined;
  readonly receiptHandle: string | undefined;
  readonly lastReceivedMs: number;
  readonly visibleMs: number;
};

export type Queue = {
  readonly name: string;
  readonly arn: string;
  readonly send: (body: string, more?: { readonly delaySeconds?: number; readonly group?: string }) => string;
  /**
   * Hands out what is visible, and hides it: groups with the fewest messages in flight first, and then the oldest. What was
   * received too often goes to the dead letters instead.
   */
  readonly receive: (most: number, visibilitySeconds?: number) => readonly Received[];
  /** Deletes by the latest receipt handle. An old one deletes nothing, and is no error. */
  readonly remove: (receiptHandle: string) => void;
  readonly hide: (receiptHandle: string, seconds: number) => void;
  readonly counts: () => { readonly visible: number; readonly inFlight: number; readonly delayed: number };
  readonly facts: () => Omit<QueueOptions, 'redrive' | 'name'> & {
    readonly redrive: { readonly arn: string; readonly maxReceiveCount: number } | undefined;
  };
  /** The bodies that are there, oldest first. */
  readonly bodies: () => readonly string[];
  readonly clear: () => void;
  /** Takes a message of a queue that gave it up. Its age goes on. */
  readonly take: (message: Held) => void;
};

/** Of a local stack: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
export const localAccount = '000000000000';
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:${localAccount}:${name}`;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const maxInFlight = 120_000;
/** From the receipt on: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
export const maxVisibilitySeconds = 43_200;

/** A standard queue of SQS, by the clock that it is given. */
export const createQueue = (options: QueueOptions, now: () => number): Queue => {
  const { name, visibilitySeconds, keptSeconds, redrive } = options;
  const arn = arnOf(name);
  let messages: readonly Held[] = [];
  const alive = () => {
    messages = messages.filter(({ sentMs }) => now() < sentMs + keptSeconds * 1000);
    return messages;
  };
  const replace = (next: Held) => {
    messages = messages.map((each) => (each.id === next.id ? next : each));
  };
  const giveUp = (): void => {
    if (redrive === undefined) return;
    const tooOften = alive().filter(
      ({ visibleMs, receiveCount }) => visibleMs <= now() && redrive.maxReceiveCount <= receiveCount,
    );
    messages = messages.filter((each) => !tooOften.includes(each));
    for (const each of tooOften) redrive.to.take({ ...each, deadLetterSource: arn });
  };
  const heldBy = (receiptHandle: string) => heldIn(alive(), arn, receiptHandle);
  const countsOf = () => countsIn(alive(), now());
  return {
    name,
    arn,
    send: (body, { delaySeconds = 0, group } = {}) => {
      const message = newMessage(body, now(), { delaySeconds, group });
      messages = [...alive(), message];
      return message.id;
    },
    receive: (most, hiddenSeconds = visibilitySeconds) => {
      giveUp();
      if (countsOf().inFlight >= maxInFlight) throw awsRefusal('OverLimit', 'Too many messages are in flight.', 403);
      const found = fairly(alive(), now());
      return found.slice(0, most).map((each) => {
        const received = receivedOf(each, arn, now());
        replace({ ...received, lastReceivedMs: now(), visibleMs: now() + hiddenSeconds * 1000 });
        return received;
      });
    },
    remove: (receiptHandle) => {
      const held = heldBy(receiptHandle);
      messages = messages.filter((each) => each !== held);
    },
    hide: (receiptHandle, seconds) => replace(hidden(heldBy(receiptHandle), seconds, now())),
    counts: countsOf,
    facts: () => ({
      visibilitySeconds,
      keptSeconds,
      redrive: redrive && { arn: redrive.to.arn, maxReceiveCount: redrive.maxReceiveCount },
    }),
    bodies: () => alive().map(({ body }) => body),
    clear: () => {
      messages = [];
    },
    take: (message) => {
      messages = [...alive(), { ...message, receiptHandle: undefined, visibleMs: now() }];
    },
  };
};

const countsIn = (messages: readonly Held[], nowMs: number) => {
  const hiddenOnes = messages.filter(({ visibleMs }) => visibleMs > nowMs);
  const inFlight = hiddenOnes.filter(({ receiptHandle }) => receiptHandle !== undefined).length;
  return { visible: messages.length - hiddenOnes.length, inFlight, delayed: hiddenOnes.length - inFlight };
};

/**
 * The visible messages, those of quiet groups first. How quiet a group must be, no page says: here it is the one with fewer
 * messages in flight (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html).
 */
const fairly = (messages: readonly Held[], nowMs: number): readonly Held[] => {
  const isHidden = ({ visibleMs }: Held) => visibleMs > nowMs;
  const inFlight = Map.groupBy(messages.filter(isHidden), ({ group }) => group);
  const flying = ({ group }: Held) => inFlight.get(group)?.length ?? 0;
  return messages.filter((each) => !isHidden(each)).toSorted((one, other) => flying(one) - flying(other));
};

const newMessage = (
  body: string,
  nowMs: number,
  { delaySeconds, group }: { readonly delaySeconds: number; readonly group: string | undefined },
): Held => ({
  id: randomUUID(),
  body,
  sentMs: nowMs,
  firstReceivedMs: undefined,
  receiveCount: 0,
  receiptHandle: undefined,
  group,
  deadLetterSource: undefined,
  lastReceivedMs: 0,
  visibleMs: nowMs + delaySeconds * 1000,
});

/** Each receipt has a handle of its own, which names queue and message. */
const receivedOf = (held: Held, arn: string, nowMs: number): Received => {
  const { id, body, sentMs, receiveCount, firstReceivedMs = nowMs, group, deadLetterSource } = held;
  const receiptHandle = Buffer.from(JSON.stringify([arn, id, randomUUID()])).toString('base64');
  return { id, body, sentMs, firstReceivedMs, receiveCount: receiveCount + 1, receiptHandle, group, deadLetterSource };
};

/**
 * The message of a receipt handle, if it is of the latest receipt.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
 */
const heldIn = (messages: readonly Held[], arn: string, receiptHandle: string): Held | undefined => {
  if (arnIn(receiptHandle) !== arn)
    throw awsRefusal('ReceiptHandleIsInvalid', `The input receipt handle "${receiptHandle}" is not valid.`, 404);
  return messages.find((each) => each.receiptHandle === receiptHandle);
};

const arnIn = (receiptHandle: string): unknown => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(receiptHandle, 'base64').toString('utf8'));
    return Array.isArray(parsed) ? parsed[0] : undefined;
  } catch {
    return undefined;
  }
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const hidden = (held: Held | undefined, seconds: number, nowMs: number): Held => {
  if (held === undefined)
    throw awsRefusal(
      'InvalidParameterValue',
      'The receipt handle is invalid. Reason: Message does not exist or is not available for visibility timeout change.',
    );
  if (held.visibleMs <= nowMs) throw awsRefusal('MessageNotInflight', 'The message referred to is not in flight.');
  const visibleMs = nowMs + seconds * 1000;
  if (visibleMs > held.lastReceivedMs + maxVisibilitySeconds * 1000)
    throw awsRefusal(
      'InvalidParameterValue',
      `Total VisibilityTimeout for the message is beyond the limit [${maxVisibilitySeconds} seconds].`,
    );
  return { ...held, visibleMs };
};
