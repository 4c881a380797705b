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
  await noteRefusalOf(context, refusal.because, refusal.limit, () => facts.refusedTatMs);
  return limitHit(refusal, facts, context.subject, context.policy, context.nowMs);
};

/** Refuses a destination. Nothing else of the send was read, so that the rate of its IP is. */
export const refuseDestination = async (
  context: RequestContext,
  reason: DestinationReason,
): Promise<RequestOutcome> => {
  const { ports, subject } = context;
  await noteRefusalOf(context, `destination-${reason}`, undefined, () => ports.ledger.readRefusedTatMs(subject.ip));
  return { kind: 'destination-not-allowed', reason };
};

/** Notes a refusal for the stream. */
export const noteRefusalOf = (
  { ports, subject, request, test, nowMs }: RequestContext,
  reason: string,
  limit: string | undefined,
  refusedTatMs: (() => Promise<number> | number) | undefined,
): Promise<void> =>
  noteRefusal(ports, {
    refusal: {
      ...subject,
      reason,
      limit,
      purpose: request.purpose,
      atMs: nowMs,
      ...(test === undefined ? {} : { test: true }),
    },
    refusedTatMs,
  });
