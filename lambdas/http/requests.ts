import * as v from 'valibot';
import { fields } from '../contract.ts';
import { type Policy, transactionPurpose } from '../policy.ts';
import { type Call, invalidRequest, readBody } from './handler.ts';

const shaped = (pattern: string, message: string) =>
  v.pipe(v.string('This must be a string.'), v.regex(new RegExp(pattern, 'u'), message));

const transaction = v.strictObject({
  amount: shaped(fields.amount, 'Write the amount as a decimal number with a point, such as "1499.00".'),
  currency: shaped(fields.currency, 'Write the currency as its ISO 4217 code, such as "INR".'),
  payee: shaped(
    fields.payee,
    "The payee has 1 to 30 letters, digits, spaces, & ' or -, and starts with a letter or digit.",
  ),
});

const code = shaped(fields.code, 'The code has 4 to 10 digits. Send it as a string.');

export const checkBody = v.strictObject({ code, transaction: v.optional(transaction) });

const sendBody = (policy: Policy) =>
  v.strictObject({
    phoneNumber: v.pipe(
      v.string('This must be a string.'),
      v.maxLength(fields.phoneNumberMaxLength, `At most ${fields.phoneNumberMaxLength} characters.`),
    ),
    defaultCountry: v.optional(
      shaped(fields.defaultCountry, 'Write the country as its ISO 3166-1 code, such as "IN".'),
    ),
    purpose: v.optional(v.picklist(policy.purposes, `One of: ${policy.purposes.join(', ')}.`), 'verify-number'),
    locale: v.optional(shaped(fields.locale, 'Write the locale as a BCP 47 tag, such as "en-IN".')),
    transaction: v.optional(transaction),
    appHash: v.optional(shaped(fields.appHash, 'The Android hash has exactly 11 characters of base64.')),
    origin: v.optional(v.picklist(policy.origins, 'This origin is not listed in the settings of the deployment.')),
  });

/** Reads the body of a request for a code, with the rules that span fields. */
export const readSendBody = (call: Call, policy: Policy) => {
  const body = readBody(call, sendBody(policy));
  const isTransaction = body.purpose === transactionPurpose;
  if (isTransaction && body.transaction === undefined) {
    throw invalidRequest([
      { pointer: '/transaction', detail: 'Purpose transaction needs amount, currency and payee.' },
    ]);
  }
  if (!isTransaction && body.transaction !== undefined) {
    throw invalidRequest([{ pointer: '/transaction', detail: 'Only purpose transaction takes a transaction.' }]);
  }
  return body;
};
