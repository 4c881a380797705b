import { randomUUID } from 'node:crypto';
import { createFaults } from '../faults.ts';
import type { SmsMessage } from '../sns.ts';
import type { Account } from './account.ts';
import {
  type Accepted,
  type DeliveryEvent,
  eventsOf,
  type ReceiptScript,
  type ReceiptStep,
  receiptScripts,
  type Script,
} from './receipts.ts';
import type { Desk } from './sends.ts';

/** The phones, and the events that come back from them. */
export type Network = {
  /** The part of it that the operations use. */
  readonly desk: Pick<Desk, 'accept' | 'rehearse' | 'messages' | 'putFeedback'>;
  /** The messages that arrived, newest first; of one number, if given. A call has what the voice says. */
  readonly messages: (to?: string) => readonly SmsMessage[];
  /** Says what becomes of the next `times` messages, of one number if given. Without it they are delivered. */
  readonly script: (
    script: ReceiptScript | readonly ReceiptStep[],
    options?: { readonly times?: number; readonly to?: string },
  ) => void;
  /**
   * Hands the events that are due by the clock, or will be within so many milliseconds, to the hook: in the order of their
   * arrival, one after another. @returns how many.
   */
  readonly deliverReceipts: (withinMs?: number) => Promise<number>;
  /** The feedback on the messages that were sent with it, oldest first. Without a report a message fails after an hour. */
  readonly feedback: () => readonly { readonly messageId: string; readonly status: 'RECEIVED' | 'FAILED' | 'NONE' }[];
  readonly clear: () => void;
};

type NetworkSetup = {
  readonly now: () => number;
  readonly account: () => Account;
  /** The reader of the events, if there is one. */
  readonly hook: () => ((event: DeliveryEvent) => void | Promise<void>) | undefined;
};

// A local mode that runs for days must not grow without end.
const inboxLimit = 10_000;
const feedbackMs = 3600 * 1000;

export const createNetwork = ({ now, account, hook }: NetworkSetup): Network => {
  let inbox: SmsMessage[] = [];
  const accepted = new Map<string, Accepted>();
  const reports = new Map<string, string>();
  const scripts = createScripts();
  const receipts = createReceipts({ now, hook });
  const accept: Desk['accept'] = (message) => {
    const taken: Accepted = { ...message, messageId: randomUUID(), atMs: now() };
    const script = scripts.next(taken);
    accepted.set(taken.messageId, taken);
    const [oldest] = accepted.keys();
    if (accepted.size > inboxLimit && oldest !== undefined) accepted.delete(oldest);
    if (script.arrives) inbox = [arrivalOf(taken), ...inbox.slice(0, inboxLimit - 1)];
    receipts.plan(taken, script, taken.sender !== 'notify' || account().isNotifyOnEventBridge);
    return taken.messageId;
  };
  return {
    desk: {
      accept,
      rehearse: () => randomUUID(),
      messages: accepted,
      putFeedback: (messageId, status) => void reports.set(messageId, status),
    },
    messages: (to) => inbox.filter((message) => to === undefined || message.to === to),
    script: scripts.arm,
    deliverReceipts: receipts.deliver,
    feedback: () =>
      [...accepted.values()]
        .filter(({ hasFeedback }) => hasFeedback)
        .map(({ messageId, atMs }) => ({ messageId, status: feedbackOf(reports.get(messageId), now() - atMs) })),
    clear: () => {
      inbox = [];
      accepted.clear();
      reports.clear();
      scripts.clear();
      receipts.clear();
    },
  };
};

/** The fate of each message: as a script says that is armed for it, and else it is delivered. */
const createScripts = () => {
  const armed = createFaults<string, string>();
  const held = new Map<string, Script>();
  const arm: Network['script'] = (script, { times = 1, to } = {}) => {
    const name = randomUUID();
    held.set(name, typeof script === 'string' ? receiptScripts[script] : scriptFrom(script));
    armed.arm(name, { times, matches: (phone) => to === undefined || phone === to });
  };
  return {
    arm,
    next: ({ to, isStopped }: Accepted): Script => {
      const script = held.get(armed.strike(to) ?? '') ?? receiptScripts.delivered;
      return isStopped ? receiptScripts['protect-blocked'] : script;
    },
    clear: () => {
      armed.clear();
      held.clear();
    },
  };
};

const arrivals: readonly string[] = ['SUCCESSFUL', 'DELIVERED', 'ANSWERED', 'COMPLETED'];

const scriptFrom = (given: readonly ReceiptStep[]): Script => ({
  sms: given,
  voice: given,
  arrives: given.some(({ status }) => arrivals.includes(status)),
});

/** The events on their way back. Without a hook nobody asks for them, and none is kept. */
const createReceipts = ({ now, hook }: Omit<NetworkSetup, 'account'>) => {
  let pending: { readonly dueMs: number; readonly event: DeliveryEvent }[] = [];
  const deliver: Network['deliverReceipts'] = async (withinMs = 0) => {
    const untilMs = now() + withinMs;
    const due = pending.filter(({ dueMs }) => dueMs <= untilMs).toSorted((one, other) => one.dueMs - other.dueMs);
    pending = pending.filter(({ dueMs }) => dueMs > untilMs);
    const failures: unknown[] = [];
    for (const { event } of due) {
      try {
        await hook()?.(event);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not all delivery events were taken.');
    return due.length;
  };
  return {
    deliver,
    plan: (message: Accepted, script: Script, isOnEventBridge: boolean) => {
      if (hook() !== undefined)
        pending = [...pending, ...eventsOf(message, script, isOnEventBridge)].slice(-inboxLimit);
    },
    clear: () => {
      pending = [];
    },
  };
};

const feedbackOf = (reported: string | undefined, ageMs: number): 'RECEIVED' | 'FAILED' | 'NONE' => {
  if (reported === 'RECEIVED') return 'RECEIVED';
  return reported === 'FAILED' || ageMs >= feedbackMs ? 'FAILED' : 'NONE';
};

/** The message as the inbox of the network shows it, whoever sent it. */
const arrivalOf = ({ messageId, atMs, to, text, channel, sender, origination, asked }: Accepted): SmsMessage => ({
  to,
  text,
  at: new Date(atMs).toISOString(),
  messageId,
  attributes: { sender, origination, ...asked },
  ...(channel === 'voice' ? { channel } : {}),
});
