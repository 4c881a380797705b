import type { Answers } from '../answers.ts';
import { judge, masked, ok, problem, type Verdict, warning } from '../verdict.ts';
import type { OriginationNumber, SenderId } from './facts.ts';

/** The numbers and sender ids of an account and Region, as SNS or End User Messaging lists them. */
type Own = Answers<{
  readonly originationNumbers: readonly OriginationNumber[];
  readonly senderIds: readonly SenderId[];
}>;

/**
 * Countries whose carriers take SMS from dedicated numbers only: the United States and its territories, since 2023-08-31.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-supported-regions-countries.html
 */
const ownNumberOnly = ['US', 'PR', 'GU', 'AS', 'VI'];

/**
 * Countries for which AWS takes registrations of sender ids. Some of them deliver nothing without one: see AWS's table of
 * countries. India has a check of its own.
 * https://docs.aws.amazon.com/sms-voice/latest/userguide/registrations-country.html, read 2026-11-22
 */
const senderIdRegistry = 'AE AT AU BY CN EG ES FI GB ID IE JO KE KW KZ LK PH QA RU SA SG TH TR VN ZM'.split(' ');

const countryTable = 'docs.aws.amazon.com/sms-voice/latest/userguide/phone-numbers-sms-by-country.html';

const isUsable = ({ isActive, takesSms }: OriginationNumber): boolean => isActive && takesSms;

/** Whether SMS to a country have a sender that its carriers take. */
export const origination = (country: string, senderId: string | undefined, facts: Own): Verdict => {
  if (ownNumberOnly.includes(country)) return ownNumber(country, facts);
  if (country === 'IN' || !senderIdRegistry.includes(country))
    return ok(senderId === undefined ? 'AWS’s shared numbers' : `sender id ${senderId}, as the settings say`);
  return judge(facts.senderIds, (senderIds) => {
    const own = senderIds.find((each) => each.country === country && each.senderId === senderId);
    if (own?.isRegistered) return ok(`sender id ${senderId} is registered`);
    const state = senderId === undefined ? 'no sender id in the settings' : `sender id ${senderId} is not registered`;
    return warning(
      `${state}; AWS takes registrations for ${country}`,
      `Check whether ${country} delivers without one (${countryTable}), and register.`,
    );
  });
};

const ownNumber = (country: string, { originationNumbers }: Own): Verdict =>
  judge(originationNumbers, (numbers) => {
    const usable = numbers.filter((each) => each.country === 'US' && isUsable(each));
    if (usable.length > 0) return ok(`a number of your own: ${usable.map(({ number }) => masked(number)).join(', ')}`);
    const pending = numbers.some((each) => each.country === 'US') ? 'none that is active' : 'none';
    return problem(
      `${country} takes SMS from a number of your own only; this Region has ${pending}`,
      `Request and register a toll-free or 10DLC number (days to weeks), or take ${country} out of countries.`,
    );
  });
