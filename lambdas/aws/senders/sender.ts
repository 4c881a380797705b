import type { Sms, SmsOutcome, SmsRejection, SmsSender } from '../../otp/ports.ts';
import { connectAhead } from '../calls/ahead.ts';
import { oncePerRegion } from '../clients.ts';
import { backOff } from '../failures.ts';
import { observed } from './observed.ts';
import { outcomeOf } from './outcome.ts';

/**
 * Gets the cause of each try that did not succeed, without its message, with the service and the operation. Not of one that AWS
 * refused for a reason of its own, such as an opt-out.
 */
export type Observe = (call: string, cause: unknown) => void;

/** A sender with a call for the start of a container. */
export type Rehearsed<Sender> = Sender & {
  /** Opens a connection to AWS, and makes a call without it (ADR 101, ADR 122), by the client for that Region. */
  readonly rehearse: (region: string) => Promise<void>;
};
export type RehearsedSender = Rehearsed<SmsSender>;

/** A message or a call. */
type Routed = Pick<Sms, 'time'> & { readonly route: { readonly region: string } };

type Calling<Client, Message extends Routed> = {
  /** The service and the operation, such as `SNS Publish`. */
  readonly call: string;
  readonly observe: Observe;
  readonly clientFor: (region: string) => Client;
  /** Hands the message over. @returns its id. */
  readonly hand: (client: Client, message: Message) => Promise<string | undefined>;
  /** The reason that an error of the service tells. */
  readonly reasonOf?: (cause: Error) => SmsRejection | undefined;
  readonly rehearse: (client: Client) => Promise<void>;
};

/** How often a message that surely was not sent is offered to the same route. */
const maxTries = 3;

/**
 * A sender by one call of AWS. None of these calls has a token against duplicates, so the sender repeats only what AWS surely
 * did not send. Without an answer the outcome is `unconfirmed`.
 */
export const senderBy = <Client extends object, Message extends Routed>(
  calling: Calling<Client, Message>,
): Rehearsed<{ readonly send: (message: Message) => Promise<SmsOutcome> }> => {
  const { clientFor, rehearse } = calling;
  const client = oncePerRegion(clientFor);
  return {
    send: async (message) => {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await tryOnce(calling, client(message.route.region), message);
        if (outcome.kind !== 'rejected' || !isWorthAnother(outcome.reason)) return outcome;
        if (attempt >= maxTries || !message.time.isEnough()) return outcome;
        await backOff(attempt + 1);
      }
    },
    rehearse: (region) => {
      const made = client(region);
      void connectAhead(made);
      return rehearse(made);
    },
  };
};

/** Not a limit of the day or of the month, which another try only meets again. */
const isWorthAnother = (reason: SmsRejection): boolean => reason === 'throttled' || reason === 'unreachable';

/** Only staff can mend these. */
const faults: readonly SmsRejection[] = ['refused', 'account-refused'];

/** A reason that AWS tells is an answer, which counts for its route. No dependency failed. */
const isAnswer = (reason: SmsRejection): boolean => !isWorthAnother(reason) && !faults.includes(reason);

const tryOnce = async <Client, Message extends Routed>(
  { call, observe, hand, reasonOf }: Calling<Client, Message>,
  client: Client,
  message: Message,
): Promise<SmsOutcome> => {
  try {
    return { kind: 'accepted', messageId: (await hand(client, message)) ?? '' };
  } catch (cause) {
    const outcome = outcomeOf(cause, reasonOf);
    if (outcome.kind !== 'rejected' || !isAnswer(outcome.reason)) observe(call, observed(cause));
    return outcome;
  }
};
