import * as v from 'valibot';
import type { EventType } from '../../policy.ts';
import { envelope, maxBodyBytes } from './envelope.ts';

/** A message of the dead letters, as SQS gave it out. */
export type DeadLetter = {
  readonly receiptHandle: string;
  readonly body: string;
  /** Epoch milliseconds: of its first sending, or of its end if the function gave it up. Its keeping counts from here. */
  readonly sentMs: number;
};

/** An event that no consumer took. */
export type DeadEvent = {
  /** The same on each delivery: consumers drop duplicates by it. */
  readonly id: string;
  readonly type: EventType;
  readonly application: string;
  /** Key of the verification's record, as the application can compute it. A refused request has none. */
  readonly verification: string | undefined;
  /** RFC 3339: the time of the fact. */
  readonly at: string;
};

const short = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/** EventBridge puts an event that it could not hand to the queue here whole. Its detail is the envelope. */
const whole = v.looseObject({ detail: envelope });

/** The event of a dead letter, and the envelope as JSON. `undefined` for a body that is no event. */
export const readDeadEvent = (body: string): { readonly event: DeadEvent; readonly json: string } | undefined => {
  if (Buffer.byteLength(body) > maxBodyBytes) return undefined;
  try {
    const input: unknown = JSON.parse(body);
    if (v.is(envelope, input)) return { event: eventOf(input), json: body };
    if (v.is(whole, input)) return { event: eventOf(input.detail), json: JSON.stringify(input.detail) };
    return undefined;
  } catch {
    // No JSON, or too deep to be written again.
    return undefined;
  }
};

const eventOf = ({ id, type, timestamp, data }: v.InferOutput<typeof envelope>): DeadEvent => ({
  id,
  type,
  application: data.application,
  verification: v.is(short, data['verification']) ? data['verification'] : undefined,
  at: timestamp,
});
