import type { NotifyCountryInformation } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { type Phone, parsePhone } from '../../../lambdas/otp/number/phone.ts';
import type { Configuration } from './configuration.ts';
import { done, masked, type Step, stopped, type Talk, type WalkPorts } from './talk.ts';

export type Tier = 'BASIC' | 'ADVANCED';

export type Served = {
  /** All that Notify serves with identities of AWS. */
  readonly all: readonly string[];
  /** Those of the settings among them. */
  readonly wanted: readonly string[];
};

/** The countries that Notify serves in a tier, without those that need an identity of one's own. */
export const servedCountries = async (
  { callAll, note }: Talk,
  tier: Tier,
  countries: readonly string[],
): Promise<Step<Served>> => {
  const listed = await callAll(
    'ListNotifyCountries',
    { Channels: ['SMS'], Tier: tier },
    (page) => page.NotifyCountries,
  );
  if (listed.kind === 'stopped') return listed;
  const codesOf = (each: readonly NotifyCountryInformation[]) =>
    each.flatMap(({ IsoCountryCode }) => IsoCountryCode ?? []);
  const needsOwn = codesOf(listed.value.filter((each) => each.CustomerOwnedIdentityRequired === true));
  const all = codesOf(listed.value).filter((country) => !needsOwn.includes(country));
  const wanted = countries.filter((country) => all.includes(country));
  const without = countries.filter((country) => !all.includes(country));
  note(`${all.length} countries. Of those in the settings: ${wanted.join(', ') || 'none'}.`);
  if (without.length > 0) note(`Not by Notify in this tier: ${without.join(', ')}. Another route has to serve these.`);
  if (wanted.length > 0) return done({ all, wanted });
  return stopped(
    `Notify serves none of the countries in bin/settings.ts. Add one of yours that it serves, or send by another route: ${all.join(', ')}.`,
  );
};

const maxTyped = 3;

const faultOf = (text: string): string | Phone => {
  if (!text.startsWith('+')) return 'Write the number with + and its calling code, such as +447700900123.';
  const read = parsePhone(text);
  if (read.kind === 'invalid') return read.detail;
  if (['landline', 'premium'].includes(read.phone.type)) return 'That is no mobile number. Take one that gets SMS.';
  return read.phone;
};

/** The number of the person: from the command line, or typed. Nobody who can be asked: none. */
export const destinationOf = async (
  given: string | undefined,
  canAsk: boolean,
  { ask, say }: Pick<WalkPorts, 'ask' | 'say'>,
): Promise<Step<Phone | undefined>> => {
  if (given === undefined && !canAsk) return done(undefined);
  let typed = given ?? (await ask('   The mobile number that gets the first SMS (+…): '));
  for (let tries = 1; typed !== undefined; tries += 1) {
    const phone = faultOf(typed.trim());
    if (typeof phone !== 'string') return done(phone);
    if (!canAsk || tries >= maxTyped) return stopped(phone);
    say(`   ${phone}`);
    typed = await ask('   The number (+…): ');
  }
  return stopped('There is no number to send to. Run this again when you have one.');
};

/** The reason why no SMS can go to the number. Empty if one can. */
export const destinationFault = (
  phone: Phone,
  { all }: Served,
  existing: Configuration | undefined,
): string | undefined => {
  if (!all.includes(phone.country))
    return `Notify sends nothing to ${phone.country} in this tier. Take a number of ${all.join(', ')}.`;
  const enabled = existing?.EnabledCountries ?? [];
  if (existing === undefined || enabled.length === 0 || enabled.includes(phone.country)) return undefined;
  return `The configuration does not serve ${phone.country}. Add it: aws pinpoint-sms-voice-v2 update-notify-configuration --notify-configuration-id ${existing.NotifyConfigurationId} --enabled-countries ${[...enabled, phone.country].join(' ')}.`;
};

/** For the report: never the whole number. */
export const shownPhone = (phone: Phone): string => `${masked(phone.reveal())} (${phone.country})`;
