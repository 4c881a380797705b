import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from '../../http/loopback.ts';
import { createFaults } from '../faults.ts';
import { answerJson } from '../json.ts';
import { awsRefusal, refusalOf, requireSignature } from '../refusal.ts';
import { type Account, defaultAccount } from './account.ts';
import { type Input, requireShape, textOf } from './fields.ts';
import { createNetwork, type Network } from './network.ts';
import { createOperations, type Operation } from './operations.ts';
import type { DeliveryEvent } from './receipts.ts';
import { type Reason, reasons, refuse, throttled } from './refusals.ts';
import type { Desk } from './sends.ts';
import { createUsage } from './usage.ts';

export const smsVoiceFaults = [
  /** 400 `ThrottlingException`; nothing is sent. */
  'throttle',
  /** 400 `AccessDeniedException` without a reason, as if the role may not send; nothing is sent. */
  'access-denied',
  /** 500 `InternalServerException`; nothing is sent, which its caller cannot know. */
  'internal-error',
  /** 503, from before the service; nothing is sent, which its caller cannot know. */
  'service-unavailable',
  /** The message is in the inbox, but no answer ever comes. */
  'timeout-after-accept',
  /** The message is in the inbox, and then the connection is dropped. */
  'reset-after-accept',
  /** Nothing is sent and no answer ever comes. */
  'timeout-before-accept',
  /** The connection is dropped before anything is sent. */
  'reset',
  /** Each documented reason of an error. */
  ...reasons,
] as const;
export type SmsVoiceFault = (typeof smsVoiceFaults)[number];

export type SmsVoice = Pick<Network, 'messages' | 'script' | 'deliverReceipts' | 'feedback'> & {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Arms a fault for the next `times` calls, 1 by default; of one number, or one operation, if given. */
  readonly fail: (
    mode: SmsVoiceFault,
    options?: { readonly times?: number; readonly to?: string; readonly operation?: string },
  ) => void;
  readonly clearFaults: () => void;
  /** Opts a number out, as an SMS with STOP does. */
  readonly optOut: (to: string) => void;
  /** Changes facts of the account. */
  readonly configure: (change: Partial<Account>) => void;
  /** Names the hook for the events of all further messages, in place of `onEvent`. */
  readonly join: (onEvent: Hook) => void;
  /** Makes all as at the start: messages, faults, opt-outs, events, usage and the account. */
  readonly clear: () => void;
};

type Hook = (event: DeliveryEvent) => void | Promise<void>;

export type SmsVoiceOptions = {
  readonly port?: number;
  readonly now?: () => number;
  /** Facts of the account, which `clear` brings back. */
  readonly account?: Partial<Account>;
  /** Gets each event of each message. AWS's way to it is at least once and best effort; here `script` says so. */
  readonly onEvent?: Hook;
  /** Delivers events of the next ten seconds right after a message was taken. Else only `deliverReceipts` does. */
  readonly areReceiptsPrompt?: boolean;
  /** Hears why the hook failed, if events are delivered by themselves. */
  readonly onTrouble?: (error: unknown) => void;
};

const promptMs = 10_000;

/**
 * A stand-in for AWS End User Messaging with Notify, and the phone network behind it, over its real wire protocol (AWS JSON 1.0,
 * `X-Amz-Target: PinpointSMSVoiceV2.<operation>`).
 *
 * It knows the calls that send, and those that tell what can be sent. It refuses all others, and each field that a call does not
 * have. Each answer follows from the facts of an account, which tests change.
 */
export const startSmsVoice = async (options: SmsVoiceOptions = {}): Promise<SmsVoice> => {
  const { port, now = Date.now, account: given = {} } = options;
  let onEvent = options.onEvent;
  const atStart: Account = { ...defaultAccount, ...given };
  let account = atStart;
  let operations = createOperations();
  const optedOut = new Set<string>();
  const usage = createUsage(now);
  const faults = createFaults<SmsVoiceFault, Call>();
  const network = createNetwork({ now, account: () => account, hook: () => onEvent });
  const desk: Desk = {
    account: () => account,
    configure: (change) => {
      account = { ...account, ...change };
    },
    now,
    usage,
    isOptedOut: (phone) => optedOut.has(phone),
    ...network.desk,
  };
  const { server, url, stop } = await listenOnLoopback(port);
  server.on('request', (request, response) => {
    answer({ desk, operations, strike: faults.strike }, request, response)
      .catch(() => response.destroy())
      .then(() => (options.areReceiptsPrompt === true ? network.deliverReceipts(promptMs) : undefined))
      .catch((error: unknown) => options.onTrouble?.(error));
  });
  return {
    url,
    stop,
    messages: network.messages,
    fail: (mode, { times = 1, to, operation } = {}) =>
      faults.arm(mode, {
        times,
        matches: (call) =>
          (to === undefined || call.to === to) && (operation === undefined || call.operation === operation),
      }),
    clearFaults: faults.clear,
    optOut: (to) => void optedOut.add(to),
    configure: desk.configure,
    script: network.script,
    deliverReceipts: network.deliverReceipts,
    join: (hook) => {
      onEvent = hook;
    },
    feedback: network.feedback,
    clear: () => {
      account = atStart;
      operations = createOperations();
      optedOut.clear();
      usage.clear();
      faults.clear();
      network.clear();
    },
  };
};

type Call = { readonly operation: string; readonly to: string | undefined };

type Counter = {
  readonly desk: Desk;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly strike: (call: Call) => SmsVoiceFault | undefined;
};

const answer = async ({ desk, operations, strike }: Counter, request: IncomingMessage, response: ServerResponse) => {
  const body = await readBody(request, 1024 * 1024);
  let input: Input = {};
  try {
    requireSignature(request, 'sms-voice');
    const name = operationOf(request);
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined)
      throw awsRefusal('UnknownOperationException', `${name} is not among the operations of this stand-in.`);
    input = parseInput(body);
    requireShape(name, operation, input);
    const fault = strike({ operation: name, to: textOf(input, 'DestinationPhoneNumber') });
    refuseByFault(fault, name);
    if (fault === 'timeout-before-accept') return;
    if (fault === 'reset') return void request.socket.resetAndDestroy();
    const output = operation.perform(desk, input);
    if (fault === 'timeout-after-accept') return;
    if (fault === 'reset-after-accept') return void request.socket.resetAndDestroy();
    send(response, 200, output);
  } catch (thrown) {
    const refusal = refusalOf(thrown) ?? { code: 'InternalServerException', message: String(thrown), status: 500 };
    const { code, message, status, facts = {} } = refusal;
    send(response, status, { __type: code, Message: quoting(message, input), ...facts });
  }
};

// AWS quotes the request in some of its errors. The stand-in always does, so that a test finds a log that copies messages.
const quoting = (message: string, input: Input): string => {
  const quoted = ['DestinationPhoneNumber', 'MessageBody', 'TemplateVariables']
    .filter((name) => input[name] !== undefined)
    .map((name) => `${name}=${JSON.stringify(input[name])}`);
  return quoted.length === 0 ? message : `${message} (${quoted.join(', ')})`;
};

const refuseByFault = (fault: SmsVoiceFault | undefined, operation: string): void => {
  const reason = reasons.find((each: Reason) => each === fault);
  if (reason !== undefined) throw refuse(reason, 'As a fault says.');
  if (fault === 'throttle') throw throttled();
  if (fault === 'access-denied')
    throw awsRefusal('AccessDeniedException', `User is not authorized to perform: sms-voice:${operation}`);
  if (fault === 'internal-error')
    throw awsRefusal('InternalServerException', 'An internal error occurred.', 500, { RequestId: randomUUID() });
  if (fault === 'service-unavailable') throw awsRefusal('ServiceUnavailableException', 'Service unavailable.', 503);
};

const operationOf = (request: IncomingMessage): string => {
  const target = String(request.headers['x-amz-target'] ?? '');
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-amz-json-1.0')
    throw awsRefusal('UnknownOperationException', 'Send a POST of application/x-amz-json-1.0.');
  const [, name = ''] = /^PinpointSMSVoiceV2\.(\w+)$/.exec(target) ?? [];
  return name;
};

const parseInput = (body: Buffer | undefined): Input => {
  try {
    const parsed: unknown = JSON.parse(body?.toString('utf8') ?? '');
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Input;
  } catch {
    // As below.
  }
  throw awsRefusal('SerializationException', 'The body is no JSON object of at most 1 MiB.');
};

const send = answerJson('1.0');
