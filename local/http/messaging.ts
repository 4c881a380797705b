import { securityHeaders } from '../../lambdas/contract.ts';
import { type ReceiptScript, receiptScripts } from '../aws/sms-voice/receipts.ts';
import { type SmsVoice, smsVoiceFaults } from '../aws/sms-voice/sms-voice.ts';
import { type Answer, jsonAnswer, problemAnswer } from './problem.ts';

/** The part of the controls that steers End User Messaging and Notify; `undefined` if an endpoint was given. */
export type MessagingControls = { readonly smsVoice?: SmsVoice | undefined };

type Asked = {
  readonly input: Readonly<Record<string, unknown>>;
  readonly reply: { readonly requestId: string; readonly endpoint: string };
};

/** The paths of `/_local/messaging`. */
export const messagingRoutes = {
  'messaging/faults': { POST: ({ smsVoice }: MessagingControls, asked: Asked) => armFault(smsVoice, asked) },
  'messaging/opt-outs': { POST: ({ smsVoice }: MessagingControls, asked: Asked) => optOut(smsVoice, asked) },
  'messaging/receipts': { POST: ({ smsVoice }: MessagingControls, asked: Asked) => script(smsVoice, asked) },
};

const armFault = (smsVoice: SmsVoice | undefined, { input, reply }: Asked): Answer => {
  if (input['mode'] === 'none') {
    smsVoice?.clearFaults();
    return empty;
  }
  const mode = smsVoiceFaults.find((known) => known === input['mode']);
  if (mode === undefined) return invalid(reply, `mode must be one of: none, ${smsVoiceFaults.join(', ')}.`);
  const aim = aimOf(input);
  if (typeof aim === 'string') return invalid(reply, aim);
  smsVoice?.fail(mode, aim);
  return empty;
};

const optOut = (smsVoice: SmsVoice | undefined, { input: { to }, reply }: Asked): Answer => {
  if (typeof to !== 'string') return invalid(reply, wrongTo);
  smsVoice?.optOut(to);
  return empty;
};

const scriptNames = Object.keys(receiptScripts) as readonly ReceiptScript[];

const script = async (smsVoice: SmsVoice | undefined, { input, reply }: Asked): Promise<Answer> => {
  if (input['script'] === undefined) return jsonAnswer({ delivered: (await smsVoice?.deliverReceipts()) ?? 0 });
  const name = scriptNames.find((known) => known === input['script']);
  if (name === undefined) return invalid(reply, `script must be one of: ${scriptNames.join(', ')}.`);
  const aim = aimOf(input);
  if (typeof aim === 'string') return invalid(reply, aim);
  smsVoice?.script(name, aim);
  return jsonAnswer({ delivered: 0 });
};

const wrongTo = 'to must be a phone number, for example "+919876543210".';

/** How often, and to which number; a sentence if they are wrong. */
const aimOf = ({ times = 1, to }: Readonly<Record<string, unknown>>) => {
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1)
    return 'times must be a whole number from 1, for example 3.';
  if (to !== undefined && typeof to !== 'string') return wrongTo;
  return { times, ...(to === undefined ? {} : { to }) };
};

const empty: Answer = { status: 204, headers: securityHeaders, body: '' };

const invalid = (reply: Asked['reply'], detail: string): Answer =>
  problemAnswer('invalid-request', { ...reply, detail });
