import * as v from 'valibot';
import { fields, metrics } from '../contract.ts';
import { amountIn, parseAmount, parseCurrency } from '../otp/input/amount.ts';
import { parseCode } from '../otp/input/code.ts';
import { type EndUserIp, parseEndUserIp, senderOf } from '../otp/input/end-user.ts';
import { parseLocale } from '../otp/input/locale.ts';
import { parsePayee } from '../otp/input/payee.ts';
import type { Parsed } from '../otp/input/typed.ts';
import { parseCountry } from '../otp/number/country.ts';
import { isShortNumber } from '../otp/number/spelling.ts';
import { messageOriginsOf, type Policy, purposesWithoutVoice, transactionPurpose } from '../policy.ts';
import { optional, readBody } from './body.ts';
import type { Call } from './call.ts';
import { channelIn, channelViolation } from './channel.ts';
import { invalidRequest } from './invalid.ts';
import { problem, Refused } from './problem.ts';

/** A string that is read in any usual spelling. @param notAString what to write instead of a value of another type. */
const typed = <Value>(parse: (text: string) => Parsed<Value>, notAString: string) =>
  v.pipe(
    v.string(notAString),
    v.rawTransform<string, Value>(({ dataset, addIssue, NEVER }) => {
      const outcome = parse(dataset.value);
      if (outcome.kind === 'parsed') return outcome.value;
      addIssue({ message: outcome.detail });
      return NEVER;
    }),
  );

const transaction = v.pipe(
  v.strictObject({
    amount: typed(
      parseAmount,
      'Write the amount as a string, in double quotes, such as "1499.00". A number loses digits.',
    ),
    currency: typed(parseCurrency, 'Write the currency as a string, in double quotes, such as "INR".'),
    payee: typed(parsePayee, 'Write the payee as a string, in double quotes, such as "A & B Books".'),
  }),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const amount = amountIn(value.currency, value.amount);
    if (amount.kind === 'parsed') return { ...value, amount: amount.value };
    addIssue({
      message: amount.detail,
      path: [{ type: 'object', origin: 'value', input: value, key: 'amount', value: value.amount }],
    });
    return NEVER;
  }),
);

const code = typed(
  parseCode,
  'Write the code as a string, in double quotes, such as "038211". A number loses the zeros in front.',
);

export const checkBody = v.strictObject({ code, transaction: optional(transaction) });

const endUser = v.pipe(
  v.strictObject({
    // `null` is as if not sent, as many serializers write it.
    ipAddress: v.nullable(
      typed(parseEndUserIp, 'Write the IP of the end user as a string, in double quotes, such as "203.0.113.7".'),
    ),
  }),
  v.transform(({ ipAddress }) => ipAddress ?? undefined),
);

export const sendBody = (policy: Policy) =>
  v.strictObject({
    phoneNumber: v.pipe(
      v.string('Write the number as a string, in double quotes, such as "+14155550123".'),
      v.check(
        isShortNumber,
        `Write the number with ${fields.phoneNumberMaxLength} characters at most, such as "+14155550123".`,
      ),
    ),
    defaultCountry: optional(typed(parseCountry, 'Write the country as a string, in double quotes, such as "IN".')),
    purpose: v.nullish(
      v.picklist(policy.purposes, `Write one of the purposes of this deployment: ${policy.purposes.join(', ')}.`),
      'verify-number',
    ),
    channel: channelIn(policy),
    // A hint: what it does not say is no reason to send nothing.
    locale: optional(
      v.pipe(v.string('Write the locale as a string, in double quotes, such as "en-IN".'), v.transform(parseLocale)),
    ),
    transaction: optional(transaction),
    endUser: optional(endUser),
    appHash: optional(
      // Nor does a caller learn the hash of another app.
      v.picklist(
        policy.appHashes,
        'Write an Android hash that the settings of the deployment list, such as "FA+9qCX9VSu", or leave it out.',
      ),
    ),
    origin: optional(
      // A caller learns no origin of another app.
      v.picklist(
        messageOriginsOf(policy),
        'Write an origin that the settings of the deployment list, such as "https://app.example.com", or leave it out.',
      ),
    ),
  });

type SenderFacts = {
  readonly ip: string;
  readonly isSharedIp: boolean;
  readonly endUserIp?: 'missing' | 'private';
};

/**
 * Whose IP a request counts for, and why it is not that of an end user.
 *
 * @throws Refused for a public application that names an end user.
 */
export const readSender = ({ application, ip }: Call, policy: Policy, endUser: EndUserIp | undefined): SenderFacts => {
  const sender = senderOf(policy.applications[application]?.kind ?? 'public', ip, endUser);
  if (sender.kind === 'not-accepted') throw new Refused(endUserNotAccepted);
  if (sender.kind === 'end-user') return { ip: sender.ip, isSharedIp: false };
  return { ip: sender.ip, isSharedIp: true, endUserIp: sender.because };
};

const endUserNotAccepted = problem('end-user-not-accepted', {
  detail:
    'Only an application of kind "back-end" may send endUser. Leave it out, or call from your server with the credentials of such an application.',
  metrics: [metrics.refused],
});

/** Reads the body of a request for a code, with the rules that span fields. */
export const readSendBody = (call: Call, policy: Policy) => {
  const body = readBody(call, sendBody(policy));
  const isTransaction = body.purpose === transactionPurpose;
  if (body.channel === 'voice' && purposesWithoutVoice.includes(body.purpose))
    throw invalidRequest([channelViolation('purpose')]);
  if (isTransaction && body.transaction === undefined) {
    throw invalidRequest([
      {
        pointer: '/transaction',
        detail: 'Purpose transaction needs amount, currency and payee, such as "1499.00", "INR" and "A & B Books".',
      },
    ]);
  }
  if (!isTransaction && body.transaction !== undefined) {
    throw invalidRequest([
      {
        pointer: '/transaction',
        detail: 'Only purpose transaction takes a transaction. Leave it out, or send "purpose": "transaction".',
      },
    ]);
  }
  return body;
};
