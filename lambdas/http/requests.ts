import * as v from 'valibot';
import { fields } from '../contract.ts';
import { type Policy, transactionPurpose } from '../policy.ts';
import { invalidRequest, readBody } from './body.ts';
import type { Call } from './call.ts';

const shaped = (pattern: string, message: string) =>
  v.pipe(v.string('This must be a string, in double quotes.'), v.regex(new RegExp(pattern, 'u'), message));

const transaction = v.strictObject({
  amount: shaped(fields.amount, 'Write the amount as a decimal number with a point, such as "1499.00".'),
  currency: shaped(fields.currency, 'Write the currency as its ISO 4217 code, such as "INR".'),
  payee: shaped(
    fields.payee,
    'Write the payee with 1 to 30 letters, digits, spaces, & \' or -, a letter or digit first, such as "A & B Books".',
  ),
});

const code = shaped(fields.code, 'Write the code as a string of 4 to 10 digits, such as "038211".');

export const checkBody = v.strictObject({ code, transaction: v.optional(transaction) });

const sendBody = (policy: Policy) =>
  v.strictObject({
    phoneNumber: v.pipe(
      v.string('This must be a string, in double quotes.'),
      v.maxLength(
        fields.phoneNumberMaxLength,
        `Write the number with ${fields.phoneNumberMaxLength} characters at most, such as "+14155550123".`,
      ),
    ),
    defaultCountry: v.optional(
      shaped(fields.defaultCountry, 'Write the country as its ISO 3166-1 code, such as "IN".'),
    ),
    purpose: v.optional(
      v.picklist(policy.purposes, `Write one of the purposes of this deployment: ${policy.purposes.join(', ')}.`),
      'verify-number',
    ),
    locale: v.optional(shaped(fields.locale, 'Write the locale as a BCP 47 tag, such as "en-IN".')),
    transaction: v.optional(transaction),
    appHash: v.optional(
      // Nor does a caller learn the hash of another app.
      v.picklist(
        policy.appHashes,
        'Write an Android hash that the settings of the deployment list, such as "FA+9qCX9VSu", or leave it out.',
      ),
    ),
    origin: v.optional(
      // A caller learns no origin of another app.
      v.picklist(
        policy.origins,
        'Write an origin that the settings of the deployment list, such as "https://app.example.com", or leave it out.',
      ),
    ),
  });

/** Reads the body of a request for a code, with the rules that span fields. */
export const readSendBody = (call: Call, policy: Policy) => {
  const body = readBody(call, sendBody(policy));
  const isTransaction = body.purpose === transactionPurpose;
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
