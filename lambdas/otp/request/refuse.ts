import type { AdmissionFacts } from '../limits/admission.ts';
import type { LimitRefusal } from '../limits/refusal.ts';
import { noteRefusal } from '../sending/notes.ts';
import { limitHit } from '../sending/refusal.ts';
import type { RequestContext, RequestOutcome } from './context.ts';
import type { DestinationReason } from './destination.ts';

/** Refuses by a limit, and notes that for the stream. */
export const refuse = async (
  context: RequestContext,
  facts: AdmissionFacts,
  refusal: LimitRefusal,
): Promise<RequestOutcome> => {
  await note(context, refusal.because, refusal.limit);
  return limitHit(refusal, facts, context.subject, context.policy, context.nowMs);
};

export const refuseDestination = async (
  context: RequestContext,
  reason: DestinationReason,
): Promise<RequestOutcome> => {
  await note(context, `destination-${reason}`, undefined);
  return { kind: 'destination-not-allowed', reason };
};

const note = (
  { ports, subject, request, test, nowMs }: RequestContext,
  reason: string,
  limit: string | undefined,
): Promise<void> =>
  noteRefusal(ports, {
    ...subject,
    reason,
    limit,
    purpose: request.purpose,
    atMs: nowMs,
    ...(test === undefined ? {} : { test: true }),
  });
