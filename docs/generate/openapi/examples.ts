/** An example for each route and problem. A route or problem without one does not compile. */

import { type ProblemCode, problems, type RouteFunctionName } from '../../../lambdas/contract.ts';

const id = 'aTfQlOi7QeOYiJ8-5IAIqFD4wrYI';

const view = {
  id,
  status: 'pending',
  purpose: 'login',
  codeLength: 6,
  attemptsRemaining: 5,
  expiresAt: '2026-11-21T23:28:31.000Z',
  resendAvailableAt: '2026-11-21T23:24:01.971Z',
  delivery: 'accepted',
};
const sent = { ...view, phoneNumber: '+91••••••3210' };
const transaction = { amount: '1499.00', currency: 'INR', payee: 'A & B Books' };

type Named = Readonly<Record<string, unknown>>;
type RouteExamples = { readonly requests: Named; readonly answers: Named };

export const exampleId = id;
export const exampleKey = '5f1c2b9e-8a3d-4c67-9e10-2d7b6f0a4c35';

/** Of each route, the bodies that it takes and those that it answers, by name. */
export const routeExamples: Readonly<Record<RouteFunctionName, RouteExamples>> = {
  'request-verification': {
    requests: {
      login: { phoneNumber: '+919876543210', purpose: 'login' },
      'national-number': { phoneNumber: '098765 43210', defaultCountry: 'IN', locale: 'en-IN' },
      payment: { phoneNumber: '+919876543210', purpose: 'transaction', transaction },
    },
    answers: { sent },
  },
  'check-verification': {
    requests: { login: { code: '492039' }, payment: { code: '492039', transaction } },
    answers: {
      approved: {
        status: 'approved',
        proof: 'eyJhbGciOiJFUzI1NiIsInR5cCI6Im90cC1wcm9vZitqd3QifQ.eyJwdXJwb3NlIjoibG9naW4ifQ.c2lnbmF0dXJl',
        phoneNumber: sent.phoneNumber,
        purpose: 'login',
        approvedAt: '2026-11-21T23:23:32.249Z',
      },
      wrong: { status: 'pending', attemptsRemaining: 4, expiresAt: view.expiresAt },
      superseded: {
        status: 'pending',
        attemptsRemaining: 4,
        expiresAt: view.expiresAt,
        hint: 'superseded-code',
      },
    },
  },
  'resend-verification': { requests: { resend: {} }, answers: { sent } },
  'get-verification': { requests: {}, answers: { pending: view } },
  'cancel-verification': { requests: {}, answers: {} },
  jwks: {
    requests: {},
    answers: {
      keys: {
        keys: [
          {
            kty: 'EC',
            crv: 'P-256',
            x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
            y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
            kid: 'R71-U8IcENeizBFaur9499NFTiDBUIuXSxETyfUWU9E',
            use: 'sig',
            alg: 'ES256',
          },
        ],
      },
    },
  },
};

type ProblemExample = { readonly detail: string; readonly limit?: string; readonly errors?: readonly object[] };

const fault = 'This code is not for a transaction. Leave it out.';

/** Members of each problem, beside the facts of the contract. */
const problemExamples: Readonly<Record<ProblemCode, ProblemExample>> = {
  'invalid-request': { detail: fault, errors: [{ pointer: '/transaction', detail: fault }] },
  'invalid-phone-number': {
    detail: 'The number is too short. Write all of its digits, with area code, such as +14155550123.',
  },
  unauthorized: {
    detail:
      'The API key is missing or not valid. Send one in the x-api-key header. The operators of the service issue them.',
  },
  forbidden: {
    detail: 'These credentials do not allow this route. Ask the operators of the service for access.',
  },
  'end-user-not-accepted': {
    detail:
      'Only an application of kind "back-end" may send endUser. Leave it out, or call from your server with the credentials of such an application.',
  },
  'source-ip-not-allowed': {
    detail:
      'These credentials are good only from the IPs that the settings of the deployment list. Call from one of them, or ask the operators of the service to add yours to sourceIps.',
  },
  'destination-not-allowed': {
    detail: 'This deployment sends no SMS to the country of this number. Offer another way to verify.',
  },
  'number-opted-out': {
    detail: 'The holder of this number opted out of SMS. Offer another way to verify.',
  },
  'number-at-risk': {
    detail: 'No code goes to this number for this purpose for now. Offer another way to verify.',
  },
  'not-found': { detail: 'No route has this method and path. See the API documentation for the routes.' },
  'verification-not-found': {
    detail: 'No verification has this id, or it was deleted after it expired. Request a new one.',
  },
  'method-not-allowed': { detail: 'The method is not allowed here.' },
  'request-in-progress': {
    detail: 'A request with this Idempotency-Key is still running. Repeat it in one second to get its answer.',
  },
  'code-expired': { detail: 'The code has expired. Request a new one.' },
  'code-already-used': {
    detail: 'This verification has been approved; its code is used up. Request a new one.',
  },
  'attempts-exhausted': { detail: 'All attempts of this verification are used. Request a new one.' },
  'verification-canceled': { detail: 'This verification was canceled. Request a new one.' },
  'delivery-failed': {
    detail:
      'The SMS network did not take the message. The send does not count. Try again after the seconds of Retry-After.',
  },
  'payload-too-large': { detail: 'The body is too large. Send 8192 bytes at most.' },
  'unsupported-media-type': {
    detail: 'The body is not JSON by its media type. Send the header content-type: application/json.',
  },
  'idempotency-key-reused': {
    detail:
      'This Idempotency-Key was used for another request. Send a new key with each new request, such as a random UUID.',
  },
  'resend-too-soon': {
    detail: 'The last SMS to this number is too recent. Send the next one in 30 seconds.',
    limit: 'cooldown',
  },
  'too-many-requests': {
    detail: 'Too many SMS were requested. Request the next one in 540 seconds.',
    limit: 'phone-10m',
  },
  'destination-suspended': {
    detail: 'Sending to this destination is suspended. Offer another way to verify, or try again in 900 seconds.',
  },
  'spend-cap-reached': {
    detail:
      'The spending cap is reached, so no SMS is sent. Offer another way to verify, or try again in 1800 seconds.',
  },
  'internal-error': {
    detail: 'The service failed. Try again. If it fails again, send the requestId to the operators of the service.',
  },
  'sending-stopped': {
    detail:
      'The operators of the service have stopped sending. Offer another way to verify, or try again in 300 seconds.',
  },
  'temporarily-unavailable': {
    detail:
      'A part of the service did not answer. Try again in two seconds. With the same Idempotency-Key nothing is done twice.',
  },
};

/** @param status of the answer: a verification whose SMS was never sent is 410, and a send that fails now is 502. */
export const problemExample = (code: ProblemCode, status: number = problems[code].status) => ({
  type: `http://127.0.0.1:4000/problems/${code}`,
  title: problems[code].title,
  status,
  code,
  requestId: '3469d971-5ec5-4d68-ac8b-8c3ab9bfdd36',
  ...problemExamples[code],
  ...(code === 'delivery-failed' && status === 410
    ? { detail: 'The SMS of this verification was never sent. Request a new one.' }
    : {}),
});
