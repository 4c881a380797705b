/** The bodies of answers as JSON Schema. The suites hold every answer of local mode against them. */

import type { JsonSchema } from '@valibot/to-json-schema';
import { fields, problems, stepUpHint } from '../../../lambdas/contract.ts';

const time = (description: string): JsonSchema => ({ type: 'string', format: 'date-time', description });
const text = (description: string): JsonSchema => ({ type: 'string', description });
const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

const maskedNumber = text('The number with its last four digits at most.');
const attempts: JsonSchema = { type: 'integer', minimum: 0, description: 'Wrong guesses that are left.' };
const expiry = time('The code is worth nothing from then on.');

const hint: JsonSchema = {
  type: 'string',
  const: stepUpHint,
  description:
    'The code alone is not enough for the purpose: the SIM was swapped lately, the number was ported, or its operator cannot say.',
};

const verification: JsonSchema = {
  type: 'object',
  required: [
    'id',
    'status',
    'purpose',
    'codeLength',
    'attemptsRemaining',
    'expiresAt',
    'resendAvailableAt',
    'delivery',
  ],
  properties: {
    id: {
      type: 'string',
      pattern: fields.verificationId,
      description: 'The only name of the verification. It is a secret of its caller.',
    },
    status: {
      type: 'string',
      enum: ['pending', 'approved', 'expired', 'canceled', 'failed'],
      description: 'The verification has failed when its SMS was never sent, or when all attempts are used.',
    },
    phoneNumber: maskedNumber,
    purpose: text('The purpose of the request.'),
    channel: {
      type: 'string',
      const: 'voice',
      description: 'A call spoke the last code. Without it, the code went out by SMS.',
    },
    codeLength: { type: 'integer', minimum: 4, maximum: 10, description: 'Digits of the code.' },
    attemptsRemaining: attempts,
    expiresAt: expiry,
    resendAvailableAt: time('The limits of the number allow the next SMS from then on.'),
    delivery: {
      type: 'string',
      enum: ['accepted', 'unconfirmed', 'delivered', 'failed', 'unknown'],
      description:
        'What became of the last message. The SMS network took it, or did not answer. The others come by receipts, if the deployment notes them: it arrived, did not arrive, or nobody will know. The code is alive in any case.',
    },
    deliveryReason: {
      type: 'string',
      enum: ['unreachable', 'blocked-by-carrier', 'invalid-number', 'opted-out', 'expired', 'blocked-by-protect'],
      description: 'Why the message did not arrive. Only with `failed`.',
    },
    hint,
  },
};

const approved: JsonSchema = {
  type: 'object',
  required: ['status', 'proof', 'phoneNumber', 'purpose', 'approvedAt'],
  properties: {
    status: { type: 'string', const: 'approved' },
    proof: {
      type: 'string',
      pattern: '^[A-Za-z0-9_\\-]+\\.[A-Za-z0-9_\\-]+\\.[A-Za-z0-9_\\-]+$',
      description: 'A JWT for your back end, signed by the algorithm that its key in the key set declares.',
    },
    phoneNumber: maskedNumber,
    purpose: text('The purpose of the request.'),
    approvedAt: time('The first time that the right code was checked.'),
    hint,
  },
};

const stillPending: JsonSchema = {
  type: 'object',
  required: ['status', 'attemptsRemaining', 'expiresAt'],
  properties: {
    status: { type: 'string', const: 'pending' },
    attemptsRemaining: attempts,
    expiresAt: expiry,
    hint: {
      type: 'string',
      enum: ['superseded-code'],
      description: 'The guess was a code that a resend replaced. It used no attempt.',
    },
  },
};

const keyNames = {
  kid: text('The name of the key, as the header of a proof has it.'),
  use: { type: 'string', const: 'sig' },
} as const;

const ecPublicKey: JsonSchema = {
  type: 'object',
  required: ['kty', 'crv', 'x', 'y', 'kid', 'use', 'alg'],
  properties: {
    kty: { type: 'string', const: 'EC' },
    crv: { type: 'string', const: 'P-256' },
    x: text('Coordinate of the public key.'),
    y: text('Coordinate of the public key.'),
    ...keyNames,
    alg: { type: 'string', const: 'ES256' },
  },
};

/** If the settings sign proofs with RS256. */
const rsaPublicKey: JsonSchema = {
  type: 'object',
  required: ['kty', 'n', 'e', 'kid', 'use', 'alg'],
  properties: {
    kty: { type: 'string', const: 'RSA' },
    n: text('Modulus of the public key.'),
    e: text('Exponent of the public key.'),
    ...keyNames,
    alg: { type: 'string', const: 'RS256' },
  },
};

const publicKey: JsonSchema = { oneOf: [refTo('EcPublicKey'), refTo('RsaPublicKey')] };

const keySet: JsonSchema = {
  type: 'object',
  required: ['keys'],
  properties: { keys: { type: 'array', minItems: 1, items: refTo('PublicKey') } },
};

const fault: JsonSchema = {
  type: 'object',
  required: ['pointer', 'detail'],
  properties: {
    pointer: text('The JSON pointer (RFC 6901) of the field.'),
    detail: text('The fault, and an allowed value.'),
  },
};

const problem: JsonSchema = {
  type: 'object',
  description: 'An answer that is not a success (RFC 9457). Program against `code`.',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'The name of the problem. It is no address to fetch.' },
    title: text('A summary for people.'),
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.' },
    detail: text('A sentence for people. It has neither a code nor a whole number.'),
    code: {
      description: 'The stable name of the problem. A later version may have more: go by `status` then.',
      anyOf: [refTo('ProblemCode'), { type: 'string' }],
    },
    requestId: text('Quote it when you report something. Answers of the firewall have none.'),
    limit: text('The name of the limit that refused the request.'),
    errors: {
      type: 'array',
      description: 'The faults of the request.',
      items: refTo('Fault'),
    },
  },
};

export const schemas = {
  Verification: verification,
  Approved: approved,
  StillPending: stillPending,
  CheckResult: {
    oneOf: [refTo('Approved'), refTo('StillPending')],
    discriminator: {
      propertyName: 'status',
      mapping: { approved: '#/components/schemas/Approved', pending: '#/components/schemas/StillPending' },
    },
  },
  EcPublicKey: ecPublicKey,
  RsaPublicKey: rsaPublicKey,
  PublicKey: publicKey,
  KeySet: keySet,
  ProblemCode: { type: 'string', enum: Object.keys(problems) },
  Fault: fault,
  Problem: problem,
} as const;
