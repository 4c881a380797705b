import type { EventType, WebhookPolicy } from '../policy.ts';

/** An event on its way to a webhook. */
export type Message = {
  /** Of SQS, one per message. */
  readonly messageId: string;
  /** Of this receive. SQS takes the latest only. */
  readonly receiptHandle: string;
  /** This receive included: 1 or more. */
  readonly tries: number;
  /** As it came. */
  readonly body: string;
  /** Undefined if the body is no event. */
  readonly event: WebhookEvent | undefined;
};

export type WebhookEvent = {
  /** The same on each try: consumers drop duplicates by it. */
  readonly id: string;
  readonly type: EventType;
  readonly application: string;
  /** Epoch milliseconds of the fact. */
  readonly atMs: number;
  /** JSON of the whole envelope, which is posted as it is. */
  readonly json: string;
};

/** Reasons why a try failed, each of which counts by itself. */
export const failureCauses = [
  /** The URL or an address of its host is not public. Nothing was sent. */
  'address',
  'dns',
  'connection',
  'tls',
  /** No status within the time of a delivery. */
  'timeout',
  /** A status of 300 to 399. It is not followed. */
  'redirect',
  /** 410: the consumer wants no more. The event is tried again all the same, because the settings still name it. */
  'gone',
  /** 429. */
  'throttled',
  /** Any other status of 400 to 499. */
  'refused',
  'server-error',
  /** The secret could not be read, or it is none. Nothing was sent. */
  'secret',
] as const;
export type FailureCause = (typeof failureCauses)[number];

/** Reasons why an event goes to the dead letters. `tries`: all of them failed. The others are found at the first. */
export type GivenUpCause = 'unreadable' | 'no-webhook' | 'tries';

export type Posted =
  | { readonly kind: 'delivered'; readonly status: number }
  | {
      readonly kind: 'failed';
      readonly cause: FailureCause;
      readonly status?: number;
      /** The wait that the consumer asks for. Seconds. */
      readonly retryAfterSeconds?: number;
    };

/**
 * @param body is posted byte for byte.
 * @param withinMs less time than a delivery has.
 */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  withinMs?: number,
) => Promise<Posted>;

/** @throws Unavailable if it does not answer. */
export type Queue = {
  /** Hides messages for their seconds, after which they come again. */
  readonly postpone: (waits: readonly { readonly receiptHandle: string; readonly seconds: number }[]) => Promise<void>;
  /** Puts a body into the dead letters. */
  readonly giveUp: (body: string) => Promise<void>;
};

type Of = Pick<WebhookEvent, 'id' | 'type' | 'application'> & { readonly tries: number };

export type DeliveryWatch = {
  readonly delivered: (
    of: Of,
    facts: { readonly status: number; readonly tookMs: number; readonly ageMs: number },
  ) => void;
  readonly failed: (
    of: Of,
    facts: { readonly cause: FailureCause; readonly status?: number; readonly tookMs: number },
  ) => void;
  /** It waits without a try, because its consumer has held up others. */
  readonly deferred: (of: Of) => void;
  /** @param of undefined for a message that is no event. */
  readonly givenUp: (cause: GivenUpCause, of: Of | undefined) => void;
  /** The queue or the secrets did not answer. */
  readonly dependencyFailed: (cause: unknown) => void;
};

export type DeliveryPorts = {
  readonly now: () => number;
  /** 0 to below 1. */
  readonly random: () => number;
  /** The text of a secret by its ARN. @throws Unavailable */
  readonly readSecret: (arn: string) => Promise<string>;
  readonly post: Post;
  readonly queue: Queue;
  readonly watch: DeliveryWatch;
};

export type Webhooks = readonly WebhookPolicy[];
