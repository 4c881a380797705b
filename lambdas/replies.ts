import { metrics } from './contract.ts';
import { problem, type Reply, verificationNotFound } from './http.ts';
import type { CheckOutcome } from './otp/check.ts';
import type { CancelOutcome } from './otp/find.ts';
import type { Allowance } from './otp/guard.ts';
import type { RequestOutcome, VerificationView } from './otp/request.ts';
import type { ResendOutcome } from './otp/resend.ts';
import type { Closed } from './otp/verification.ts';
import type { AnswerFacts } from './telemetry.ts';

/** What a caller may learn of each outcome. Every kind has its answer; a new kind does not compile without one. */
type Answers<Outcome extends { readonly kind: string }> = {
  readonly [Kind in Outcome['kind']]: (outcome: Extract<Outcome, { readonly kind: Kind }>) => Reply;
};

const answer = <Outcome extends { readonly kind: string }>(answers: Answers<Outcome>, outcome: Outcome): Reply =>
  answers[outcome.kind as Outcome['kind']](outcome as never);

const time = (epochMs: number): string => new Date(epochMs).toISOString();

const viewBody = ({ masked, ...view }: VerificationView) => ({
  id: view.id,
  status: view.status,
  ...(masked === undefined ? {} : { phoneNumber: masked }),
  purpose: view.purpose,
  codeLength: view.codeLength,
  attemptsRemaining: view.attemptsRemaining,
  expiresAt: time(view.expiresAtMs),
  resendAvailableAt: time(view.resendAvailableAtMs),
  delivery: view.delivery,
});

/** IETF draft-ietf-httpapi-ratelimit-headers: the policies, and what is left of each. */
const rateLimitHeaders = (allowances: readonly Allowance[]): Record<string, string> => ({
  'ratelimit-policy': allowances
    .map(({ name, quota, windowSeconds }) => `"${name}";q=${quota};w=${windowSeconds}`)
    .join(', '),
  ratelimit: allowances
    .map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
    .join(', '),
});

const limited = (
  { retryAfterSeconds, allowances, limit, kind }: Extract<RequestOutcome, { kind: 'too-soon' | 'limited' }>,
  facts: AnswerFacts,
): Reply =>
  problem(kind === 'too-soon' ? 'resend-too-soon' : 'too-many-requests', {
    detail: `The next SMS to this number is possible in ${retryAfterSeconds} seconds.`,
    headers: { 'retry-after': String(retryAfterSeconds), ...rateLimitHeaders(allowances) },
    extra: { limit },
    facts: { ...facts, limit },
    metric: metrics.refused,
  });

const optedOut = (facts: AnswerFacts): Reply =>
  problem('number-opted-out', {
    detail: 'The holder of this number asked to get no SMS. Offer another way to verify.',
    facts,
    metric: metrics.refused,
  });

const notSent = (facts: AnswerFacts): Reply =>
  problem('delivery-failed', {
    detail: 'The SMS network did not take the message. This attempt does not count; try again in a few seconds.',
    headers: { 'retry-after': '5' },
    facts,
    metric: metrics.sendFailed,
  });

const sentMetric = ({ delivery }: VerificationView) =>
  delivery === 'unconfirmed' ? metrics.unconfirmed : metrics.requested;

/** @param facts what may be logged of the request. */
export const answerRequest = (outcome: RequestOutcome, facts: AnswerFacts): Reply =>
  answer<RequestOutcome>(
    {
      created: ({ view, allowances }) => ({
        status: 201,
        body: viewBody(view),
        headers: { location: `/v1/verifications/${view.id}`, ...rateLimitHeaders(allowances) },
        facts,
        metric: sentMetric(view),
      }),
      repeated: ({ view, allowances }) => ({
        status: 201,
        body: viewBody(view),
        headers: { location: `/v1/verifications/${view.id}`, ...rateLimitHeaders(allowances) },
        facts,
      }),
      'destination-not-allowed': ({ reason }) =>
        problem('destination-not-allowed', {
          detail:
            reason === 'country'
              ? 'This deployment sends no SMS to the country of this number.'
              : 'This is not a mobile number. Give a number that can receive SMS.',
          facts: { ...facts, limit: `destination-${reason}` },
          metric: metrics.refused,
        }),
      'too-soon': (hit) => limited(hit, facts),
      limited: (hit) => limited(hit, facts),
      'in-progress': () =>
        problem('request-in-progress', {
          detail: 'A request with this Idempotency-Key is still running. Repeat it in a second to get its answer.',
          headers: { 'retry-after': '1' },
          facts,
        }),
      'key-reused': () => keyReused(facts),
      'opted-out': () => optedOut(facts),
      'not-sent': () => notSent(facts),
    },
    outcome,
  );

const keyReused = (facts: AnswerFacts): Reply =>
  problem('idempotency-key-reused', {
    detail: 'This Idempotency-Key was used for another request. Use a fresh key for every new request.',
    facts,
  });

const closedAnswers: Answers<Closed> = {
  unknown: () => verificationNotFound,
  'already-used': () =>
    problem('code-already-used', {
      detail: 'This verification has been approved; its code is used up. Request a new one.',
      metric: metrics.checkRefused,
    }),
  canceled: () =>
    problem('verification-canceled', {
      detail: 'This verification was canceled. Request a new one.',
      metric: metrics.checkRefused,
    }),
  failed: () =>
    problem('delivery-failed', {
      detail: 'The SMS of this verification was never sent. Request a new one.',
      metric: metrics.checkRefused,
    }),
  exhausted: () =>
    problem('attempts-exhausted', {
      detail: 'All attempts of this verification are used. Request a new one.',
      metric: metrics.checkRefused,
    }),
  expired: () =>
    problem('code-expired', { detail: 'The code has expired. Request a new one.', metric: metrics.checkRefused }),
};

/** A verification that is over is gone (410), whatever ended it; only a send that fails right now is a 502. */
const gone = (reply: Reply): Reply =>
  reply.code === 'delivery-failed'
    ? { ...reply, status: 410, body: { ...(reply.body as object), status: 410 } }
    : reply;

const answerClosed = (outcome: Closed): Reply => gone(answer(closedAnswers, outcome));

export const answerCheck = (outcome: CheckOutcome): Reply =>
  answer<CheckOutcome>(
    {
      approved: ({ proof, masked, purpose, approvedAtMs, country }) => ({
        status: 200,
        body: { status: 'approved', proof, phoneNumber: masked, purpose, approvedAt: time(approvedAtMs) },
        facts: { country, purpose },
        metric: metrics.approved,
      }),
      wrong: ({ attemptsRemaining, expiresAt }) => ({
        status: 200,
        body: { status: 'pending', attemptsRemaining, expiresAt: time(expiresAt * 1000) },
        metric: metrics.wrong,
      }),
      'key-reused': () => keyReused({}),
      'wrong-length': ({ codeLength }) =>
        malformed('/code', `The code has ${codeLength} digits. This cost no attempt.`),
      'transaction-missing': () =>
        malformed('/transaction', 'This code is for a transaction: send its amount, currency and payee again.'),
      'transaction-unexpected': () => malformed('/transaction', 'This code is not for a transaction. Leave it out.'),
      unknown: answerClosed,
      'already-used': answerClosed,
      canceled: answerClosed,
      failed: answerClosed,
      exhausted: answerClosed,
      expired: answerClosed,
    },
    outcome,
  );

const malformed = (pointer: string, detail: string): Reply =>
  problem('invalid-request', { detail, extra: { errors: [{ pointer, detail }] }, metric: metrics.checkRefused });

export const answerResend = (outcome: ResendOutcome): Reply =>
  answer<ResendOutcome>(
    {
      resent: ({ view, allowances, country }) => ({
        status: 200,
        body: viewBody(view),
        headers: rateLimitHeaders(allowances),
        facts: { country, purpose: view.purpose },
        metric: view.delivery === 'unconfirmed' ? metrics.unconfirmed : metrics.resent,
      }),
      'too-soon': (hit) => limited(hit, {}),
      limited: (hit) => limited(hit, {}),
      'opted-out': () => optedOut({}),
      'not-sent': () => notSent({}),
      unknown: answerClosed,
      'already-used': answerClosed,
      canceled: answerClosed,
      failed: answerClosed,
      exhausted: answerClosed,
      expired: answerClosed,
    },
    outcome,
  );

export const answerFind = (view: VerificationView | undefined): Reply =>
  view === undefined ? verificationNotFound : { status: 200, body: viewBody(view) };

export const answerCancel = (outcome: CancelOutcome): Reply =>
  answer<{ readonly kind: CancelOutcome['kind'] }>(
    {
      canceled: () => ({ status: 204, metric: metrics.canceled }),
      unknown: () => verificationNotFound,
      'already-used': () => answerClosed({ kind: 'already-used' }),
    },
    outcome,
  );
