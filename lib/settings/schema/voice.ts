/** Calls that speak the code: to which countries, over which routes, and in which words. */

import * as v from 'valibot';
import { maxCallsToNumber } from '../../../lambdas/policy.ts';
import { voiceIds } from '../voice/voices.ts';
import { countryCode } from './countries.ts';
import { unseenIn } from './messages.ts';
import { anyRoute, configurationSet, id, protectConfiguration, resource, templates } from './routes.ts';
import { locale, object, refused, text, usd, wholeOr } from './values.ts';

const priceWords = 'Price of a minute of a call in USD, from the list of AWS';
const country = object(
  { priceUsd: usd(priceWords, { min: 0.001, max: 5, example: 0.013 }) },
  { priceUsd: `${priceWords}, for example priceUsd: 0.013.` },
);

const countriesAllowed =
  'Countries that are called: at least one, each with the price of a minute, for example countries: { US: { priceUsd: 0.013 } }.';
const countries = v.pipe(
  v.record(countryCode, country, refused(countriesAllowed)),
  v.check((value) => Object.keys(value).length > 0, refused(countriesAllowed)),
);

/** Only a number calls, so that no sender id is among them. */
const originationIdentity = text(
  new RegExp(`^(?:\\+[1-9][0-9]{4,14}|phone-${id}|pool-${id}|${resource('(?:phone-number|pool)', id)})$`),
  'Number to call from: a number that can make calls (+12065550100), or the id or ARN of a number or a pool, for example pool-0123456789abcdef0.',
);

const endUserMessagingRoute = object(
  {
    ...anyRoute,
    sender: v.optional(v.literal('end-user-messaging'), 'end-user-messaging'),
    originationIdentity,
    configurationSet,
    protectConfiguration,
  },
  { originationIdentity: 'Add the number to call from, for example originationIdentity: "+12065550100".' },
);
const notifyRoute = object(
  {
    ...anyRoute,
    sender: v.literal('notify'),
    configuration: text(
      new RegExp(`^${id}$`),
      'Notify configuration: its id of up to 64 letters, digits, hyphens and underscores, for example nc-0123456789abcdef0.',
    ),
    templates,
    configurationSet,
  },
  {
    configuration: 'Add the id of the Notify configuration, for example configuration: "nc-0123456789abcdef0".',
    templates:
      'Add a template of AWS for each language, for example templates: { en: "notify-code-verification-english-001" }.',
  },
);

const unknownSender = v.looseObject({
  sender: v.picklist(
    ['end-user-messaging', 'notify'],
    refused('Sender of calls: "end-user-messaging" (the default), or "notify". SNS makes no calls.'),
  ),
}) as unknown as typeof endUserMessagingRoute;

const routeOf = (input: unknown): typeof endUserMessagingRoute | typeof notifyRoute => {
  const sender = typeof input === 'object' && input !== null && 'sender' in input ? input.sender : undefined;
  if (sender === undefined || sender === 'end-user-messaging') return endUserMessagingRoute;
  return sender === 'notify' ? notifyRoute : unknownSender;
};

const routesAllowed = 'Routes of calls: 1 to 8, for example routes: [{ originationIdentity: "+12065550100" }].';
const routes = v.pipe(
  v.array(v.lazy(routeOf), refused(routesAllowed)),
  v.minLength(1, refused(routesAllowed)),
  v.maxLength(8, refused(routesAllowed)),
);

/** A call says it twice, and with a code of ten digits it takes less than the minute that the caps count. */
export const maxSpokenCharacters = 160;
/** The same where a letter is a syllable or more: 60 of them take sixteen seconds, slowly spoken (ADR 112). */
const maxSpokenSyllables = 60;
const syllables = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const textAllowed = `Text of a call: up to ${maxSpokenCharacters} letters in one line, or ${maxSpokenSyllables} in Chinese, Japanese and Korean, {{code}} once, {{brand}} if you like, and no other placeholder, for example "This is {{brand}}. Your code is {{code}}.".`;
const isSpoken = (value: string): boolean =>
  value.length <= (syllables.test(value) ? maxSpokenSyllables : maxSpokenCharacters) &&
  value.split('{{code}}').length === 2 &&
  value.split('{{brand}}').length <= 2 &&
  !/[{}]/.test(value.replaceAll(/\{\{(code|brand)\}\}/g, '')) &&
  unseenIn(value).length === 0;
const spoken = object(
  {
    text: v.pipe(v.string(refused(textAllowed)), v.check(isSpoken, refused(textAllowed))),
    voice: v.exactOptional(
      v.picklist(voiceIds, refused(`Voice of Amazon Polly: one of ${voiceIds.join(', ')}, for example JOANNA.`)),
    ),
  },
  { text: textAllowed },
);

/** Strangers can make a phone ring so often a day, and AWS rings it twice more for its own networks. */
export const defaultCallsPerDay = 3;
const callsPerDay = wholeOr('Calls to a number in any 24 hours', {
  min: 1,
  max: maxCallsToNumber,
  byDefault: defaultCallsPerDay,
});

/** Without it, there are no calls. */
export const voice = v.exactOptional(
  object(
    {
      countries,
      callsPerDay,
      routes,
      texts: v.optional(
        v.record(
          locale,
          spoken,
          refused('Texts of calls by language: for example texts: { en: { text: "Your code is {{code}}." } }.'),
        ),
        {},
      ),
    },
    { countries: countriesAllowed, routes: routesAllowed },
  ),
);
