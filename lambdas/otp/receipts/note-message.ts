import type { Policy } from '../../policy.ts';
import type { Watch } from '../ports.ts';
import type { Sent } from '../sending/sent.ts';
import type { Message } from '../sending/sms.ts';
import { purgeAtOf } from './note.ts';
import type { MessageNotes } from './ports.ts';

type NotePorts = { readonly messages?: MessageNotes | undefined; readonly watch: Watch };

/**
 * Notes the id of a message, where the settings ask for it: events of the bus name nothing else. A note that is lost costs the
 * receipts of one message, and nothing more. Never throws.
 */
export const noteMessageId = async (
  { messages, watch }: NotePorts,
  policy: Policy,
  { country, context }: Pick<Message, 'country' | 'context'>,
  { outcome, route, estimateMicroUsd = 0, estimateParts }: Sent,
  nowMs: number,
): Promise<void> => {
  if (messages === undefined || outcome.kind !== 'accepted' || route === undefined) return;
  const { verification, send: sendId } = context;
  const estimateUsd = estimateMicroUsd / 1_000_000;
  const note = { messageId: outcome.messageId, verification, sendId, route, country, estimateUsd, estimateParts };
  await messages
    .noteMessage({ ...note, purgeAt: purgeAtOf(policy, nowMs) })
    .catch((cause: unknown) => watch.dependencyFailed('note-message', cause));
};
