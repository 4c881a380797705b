import { type MetricName, metrics } from '../contract.ts';
import type { CheckOutcome } from '../otp/check.ts';
import type { CancelOutcome } from '../otp/find.ts';
import type { Allowance } from '../otp/limits/guard.ts';
import type { Closed } from '../otp/record/verification.ts';
import type { LimitHit, VerificationView } from '../otp/record/view.ts';
import type { RequestOutcome } from '../otp/request.ts';
import type { ResendOutcome } from '../otp/resend.ts';
import type { Policy } from '../policy.ts';
import type { AnswerFacts } from '../telemetry.ts';
import { problem, type Reply, verificationNotFound } from './handler.ts';

/** What a caller may learn of each outcome. Every kind has its answer; a new kind does not compile without one. */
type Answers<Outcome extends { readonly kind: string }> = {
  readonly [Kind in Outcome['kind']]: (outcome: OfKind<Outcome, Kind>) => Reply;
};

/** The member of a union that a kind belongs to, also where one member has several kinds. */
type OfKind<Outcome, Kind> = Outcome extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? Outcome
    : never
  : never;

const answer = <Outcome extends { readonly kind: string }>(answers: Answers<Outcome>, outcome: Outcome): Reply =>
  answers[outcome.kind as Outcome['kind']](outcome as never);

const time = (timeBucketMs: number): string => new Date(timeBucketMs).toISOString();

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

const policyHeader = (limits: readonly Pick<Allowance, 'name' | 'quota' | 'windowSeconds'>[]): string =>
  limits.map(({ name, quota, windowSeconds }) => `"${name}";q=${quota};w=${windowSeconds}`).join(', ');

/**
 * The policies of a phone, for every answer of a route that sends: also for those that were given before anything was
 * read, and so cannot say what is left.
 */
export const sendHeaders = ({ sends }: Policy): Record<string, string> => ({
  'ratelimit-policy': policyHeader(
    sends.windows.map(({ name, windowSeconds, sends: quota }) => ({ name, quota, windowSeconds })),
  ),
});

/** IETF draft-ietf-httpapi-ratelimit-headers: the policies, and what is left of each. */
const rateLimitHeaders = (allowances: readonly Allowance[]): Record<string, string> => {
  if (allowances.length === 0) return {};
  return {
    'ratelimit-policy': policyHeader(allowances),
    ratelimit: allowances
      .map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
      .join(', '),
  };
};

const limitProblems = {
  'too-soon': { code: 'resend-too-soon', says: 'The next SMS to this number is possible', metrics: [metrics.refused] },
  limited: {
    code: 'too-many-requests',
    says: 'Too many SMS were asked for. The next one is possible',
    metrics: [metrics.refused],
  },
  // Never which number, range or country a block is on: that would tell an attacker what to change.
  suspended: {
    code: 'destination-suspended',
    says: 'Sending to this destination is suspended for now. Offer another way to verify, or try again',
    metrics: [metrics.refused, metrics.blocked],
  },
  'cap-reached': {
    code: 'spend-cap-reached',
    says: 'No more SMS are sent for now. Offer another way to verify, or try again',
    metrics: [metrics.refused, metrics.spendCapReached],
  },
} as const;

const limited = ({ retryAfterSeconds, allowances, limit, kind }: LimitHit, facts: AnswerFacts): Reply => {
  const { code, says, metrics: counted } = limitProblems[kind];
  const isSecret = kind === 'suspended' || kind === 'cap-reached';
  return problem(code, {
    detail: `${says} in ${retryAfterSeconds} seconds.`,
    headers: { 'retry-after': String(retryAfterSeconds), ...rateLimitHeaders(allowances) },
    extra: isSecret ? {} : { limit },
    facts: { ...facts, limit },
    metrics: counted,
  });
};

type Left = { readonly allowances: readonly Allowance[] };

const optedOut = ({ allowances }: Left, facts: AnswerFacts): Reply =>
  problem('number-opted-out', {
    headers: rateLimitHeaders(allowances),
    detail: 'The holder of this number asked to get no SMS. Offer another way to verify.',
    facts,
    metrics: [metrics.refused],
  });

const notSent = ({ allowances }: Left, facts: AnswerFacts): Reply =>
  problem('delivery-failed', {
    detail: 'The SMS network did not take the message. This attempt does not count; try again in a few seconds.',
    headers: { 'retry-after': '5', ...rateLimitHeaders(allowances) },
    facts,
    metrics: [metrics.sendFailed],
  });

/** What a send counts as: asked for, and what became of its SMS. A test number has none. */
const sentMetrics = (asked: MetricName, { delivery }: VerificationView, isTest: boolean): readonly MetricName[] =>
  isTest ? [asked, metrics.testNumberUsed] : [asked, delivery === 'unconfirmed' ? metrics.unconfirmed : metrics.sent];

const locationOf = ({ id }: VerificationView) => ({ location: `/v1/verifications/${id}` });

/** @param facts what may be logged of the request. */
export const answerRequest = (outcome: RequestOutcome, facts: AnswerFacts): Reply =>
  answer<RequestOutcome>(
    {
      created: ({ view, allowances, test }) => ({
        status: 201,
        body: viewBody(view),
        headers: { ...locationOf(view), ...rateLimitHeaders(allowances) },
        facts: { ...facts, test },
        metrics: sentMetrics(metrics.requested, view, test),
      }),
      repeated: ({ view, allowances, test }) => ({
        status: 201,
        body: viewBody(view),
        headers: { ...locationOf(view), ...rateLimitHeaders(allowances) },
        facts: { ...facts, test },
      }),
      'destination-not-allowed': ({ reason }) =>
        problem('destination-not-allowed', {
          detail: destinationSentences[reason],
          facts: { ...facts, limit: `destination-${reason}` },
          metrics: [metrics.refused],
        }),
      'too-soon': (hit) => limited(hit, facts),
      limited: (hit) => limited(hit, facts),
      suspended: (hit) => limited(hit, facts),
      'cap-reached': (hit) => limited(hit, facts),
      'in-progress': ({ allowances }) =>
        problem('request-in-progress', {
          detail: 'A request with this Idempotency-Key is still running. Repeat it in a second to get its answer.',
          headers: { 'retry-after': '1', ...rateLimitHeaders(allowances) },
          facts,
        }),
      'key-reused': ({ allowances }) => keyReused(facts, rateLimitHeaders(allowances)),
      'opted-out': (left) => optedOut(left, facts),
      'not-sent': (left) => notSent(left, facts),
    },
    outcome,
  );

const destinationSentences = {
  country: 'This deployment sends no SMS to the country of this number.',
  type: 'This is not a mobile number. Give a number that can receive SMS.',
  'test-number': 'This test number has expired, or all its uses are used up. See testNumbers in the settings.',
} as const;

const keyReused = (facts: AnswerFacts, headers: Record<string, string> = {}): Reply =>
  problem('idempotency-key-reused', {
    headers,
    detail: 'This Idempotency-Key was used for another request. Use a fresh key for every new request.',
    facts,
  });

const closedAnswers: Answers<Closed> = {
  unknown: () => verificationNotFound,
  'already-used': () =>
    problem('code-already-used', {
      detail: 'This verification has been approved; its code is used up. Request a new one.',
      metrics: [metrics.checkRefused],
    }),
  canceled: () =>
    problem('verification-canceled', {
      detail: 'This verification was canceled. Request a new one.',
      metrics: [metrics.checkRefused],
    }),
  failed: () =>
    problem('delivery-failed', {
      detail: 'The SMS of this verification was never sent. Request a new one.',
      metrics: [metrics.checkRefused],
    }),
  exhausted: () =>
    problem('attempts-exhausted', {
      detail: 'All attempts of this verification are used. Request a new one.',
      metrics: [metrics.checkRefused],
    }),
  expired: () =>
    problem('code-expired', { detail: 'The code has expired. Request a new one.', metrics: [metrics.checkRefused] }),
};

/** A verification that is over is gone (410), whatever ended it; only a send that fails right now is a 502. */
const gone = (reply: Reply): Reply =>
  reply.code === 'delivery-failed'
    ? { ...reply, status: 410, body: { ...(reply.body as object), status: 410 } }
    : reply;

const answerClosed = (outcome: Closed): Reply => gone(answer(closedAnswers, outcome));

const whenClosed = {
  unknown: answerClosed,
  'already-used': answerClosed,
  canceled: answerClosed,
  failed: answerClosed,
  exhausted: answerClosed,
  expired: answerClosed,
} satisfies Answers<Closed>;

export const answerCheck = (outcome: CheckOutcome): Reply =>
  answer<CheckOutcome>(
    {
      approved: ({ proof, masked, purpose, approvedAtMs, country, test }) => ({
        status: 200,
        body: { status: 'approved', proof, phoneNumber: masked, purpose, approvedAt: time(approvedAtMs) },
        facts: { country, purpose, test },
        metrics: [test ? metrics.testNumberUsed : metrics.approved],
      }),
      wrong: ({ attemptsRemaining, expiresAt }) => ({
        status: 200,
        body: { status: 'pending', attemptsRemaining, expiresAt: time(expiresAt * 1000) },
        metrics: [metrics.wrong],
      }),
      'key-reused': () => keyReused({}),
      'wrong-length': ({ codeLength }) =>
        malformed('/code', `The code has ${codeLength} digits. This cost no attempt.`),
      'transaction-missing': () =>
        malformed('/transaction', 'This code is for a transaction: send its amount, currency and payee again.'),
      'transaction-unexpected': () => malformed('/transaction', 'This code is not for a transaction. Leave it out.'),
      ...whenClosed,
    },
    outcome,
  );

const malformed = (pointer: string, detail: string): Reply =>
  problem('invalid-request', { detail, extra: { errors: [{ pointer, detail }] }, metrics: [metrics.checkRefused] });

export const answerResend = (outcome: ResendOutcome): Reply =>
  answer<ResendOutcome>(
    {
      resent: ({ view, allowances, country, test }) => ({
        status: 200,
        body: viewBody(view),
        headers: rateLimitHeaders(allowances),
        facts: { country, purpose: view.purpose, test },
        metrics: sentMetrics(metrics.resent, view, test),
      }),
      'too-soon': (hit) => limited(hit, {}),
      limited: (hit) => limited(hit, {}),
      suspended: (hit) => limited(hit, {}),
      'cap-reached': (hit) => limited(hit, {}),
      'opted-out': (left) => optedOut(left, {}),
      'not-sent': (left) => notSent(left, {}),
      ...whenClosed,
    },
    outcome,
  );

export const answerFind = (view: VerificationView | undefined): Reply =>
  view === undefined ? verificationNotFound : { status: 200, body: viewBody(view) };

export const answerCancel = (outcome: CancelOutcome): Reply =>
  answer<{ readonly kind: CancelOutcome['kind'] }>(
    {
      canceled: () => ({ status: 204, metrics: [metrics.canceled] }),
      unknown: () => verificationNotFound,
      'already-used': () => answerClosed({ kind: 'already-used' }),
    },
    outcome,
  );
