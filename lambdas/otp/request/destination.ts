import type { Channel, Policy, TestNumbers } from '../../policy.ts';
import type { Phone } from '../number/phone.ts';
import type { RequestOutcome } from './context.ts';

export type DestinationReason = Extract<RequestOutcome, { kind: 'destination-not-allowed' }>['reason'];

const mobileTypes: readonly string[] = ['mobile', 'fixed-line-or-mobile'];

/** The reason why no SMS, or no call, goes to a number, if none does. An expired test number gets none: a person may own it by now. */
export const refusedDestination = (
  policy: Policy,
  phone: Phone,
  test: TestNumbers | undefined,
  nowMs: number,
  channel?: Channel,
): DestinationReason | undefined => {
  if (test !== undefined) return nowMs < test.expiresAt * 1000 ? undefined : 'test-number';
  if (!Object.hasOwn(policy.countries, phone.country)) return 'country';
  // A call as well: premium numbers are never called, and a resend may be an SMS.
  if (!mobileTypes.includes(phone.type)) return 'type';
  const isCalled = policy.voice !== undefined && Object.hasOwn(policy.voice.countries, phone.country);
  return channel === 'voice' && !isCalled ? 'voice' : undefined;
};
