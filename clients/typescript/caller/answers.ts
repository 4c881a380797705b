/** Reads answers of the service. Unknown fields stay, unknown problems get a kind of their own. */

import {
  type CancelOutcome,
  type CheckOutcome,
  type GetOutcome,
  type Problem,
  type ProblemCode,
  problemCodes,
  type ResendOutcome,
  type Verification,
} from './outcomes.ts';

type Json = { readonly [field: string]: unknown };

/** An answer as it came over HTTP. */
export type Answer = {
  readonly status: number;
  /** The parsed body; `undefined` for one that is no JSON object. */
  readonly body: Json | undefined;
  readonly retryAfterSeconds: number | undefined;
};

/** The JSON object in a text; `undefined` if there is none. */
export const parseObject = (text: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
};

const isKnown = (code: string): code is ProblemCode => (problemCodes as readonly string[]).includes(code);
const textIn = (body: Json, field: string): string => {
  const value = body[field];
  return typeof value === 'string' ? value : '';
};

const faultsIn = ({ errors }: Json): Pick<Problem, 'errors'> => {
  if (!Array.isArray(errors)) return {};
  const faults = errors.filter((each): each is Json => typeof each === 'object' && each !== null);
  return { errors: faults.map((each) => ({ pointer: textIn(each, 'pointer'), detail: textIn(each, 'detail') })) };
};

/** The problem in an answer; `undefined` if it is none of the service's. */
export const problemIn = ({ status, body, retryAfterSeconds }: Answer): Problem | undefined => {
  const code = body === undefined ? '' : textIn(body, 'code');
  if (status < 400 || body === undefined || code === '') return undefined;
  const [requestId, limit] = [textIn(body, 'requestId'), textIn(body, 'limit')];
  return {
    kind: isKnown(code) ? code : 'unknown-problem',
    code,
    status,
    title: textIn(body, 'title'),
    detail: textIn(body, 'detail'),
    ...(requestId === '' ? {} : { requestId }),
    ...(limit === '' ? {} : { limit }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...faultsIn(body),
    body,
  };
};

const verificationIn = (body: Json | undefined): Verification | undefined => {
  const isOne =
    body !== undefined &&
    ['id', 'status', 'expiresAt'].every((field) => textIn(body, field) !== '') &&
    typeof body['codeLength'] === 'number' &&
    typeof body['attemptsRemaining'] === 'number';
  return isOne ? (body as Verification) : undefined;
};

/** Turns a success into an outcome; `undefined` for an answer that is not the service's. */
export type ReadSuccess<Outcome> = (answer: Answer) => Exclude<Outcome, Problem> | undefined;

export const readSent: ReadSuccess<ResendOutcome> = ({ body }) => {
  const verification = verificationIn(body);
  return verification && { kind: 'sent', verification };
};

export const readFound: ReadSuccess<GetOutcome> = ({ body }) => {
  const verification = verificationIn(body);
  return verification && { kind: 'found', verification };
};

export const readCanceled: ReadSuccess<CancelOutcome> = ({ status }) =>
  status === 204 ? { kind: 'canceled' } : undefined;

export const readCheck: ReadSuccess<CheckOutcome> = ({ body = {} }) => {
  const { attemptsRemaining, hint } = body;
  if (body['status'] === 'approved' && textIn(body, 'proof') !== '')
    return {
      kind: 'approved',
      proof: textIn(body, 'proof'),
      phoneNumber: textIn(body, 'phoneNumber'),
      purpose: textIn(body, 'purpose'),
      approvedAt: textIn(body, 'approvedAt'),
    };
  if (body['status'] !== 'pending' || typeof attemptsRemaining !== 'number') return undefined;
  const kind = hint === 'superseded-code' ? 'superseded-code' : 'wrong-code';
  return { kind, attemptsRemaining, expiresAt: textIn(body, 'expiresAt') };
};
