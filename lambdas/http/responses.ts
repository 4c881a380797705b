import { type MetricName, metrics, type ProblemCode, stepUpHint } from '../contract.ts';
import type { CancelOutcome } from '../otp/cancel.ts';
import type { CheckOutcome } from '../otp/check.ts';
import type { Allowance } from '../otp/limits/guard.ts';
import type { Closed } from '../otp/record/verification.ts';
import type { VerificationView } from '../otp/record/view.ts';
import type { RequestOutcome } from '../otp/request/context.ts';
import type { ResendOutcome } from '../otp/resend.ts';
import type { VoiceRefusal } from '../otp/sending/channel.ts';
import type { AnswerFacts } from '../telemetry.ts';
import { verificationNotFound } from './call.ts';
import { channelViolation, channelWords } from './channel.ts';
import { invalidRequest } from './invalid.ts';
import { problem, type Reply } from './problem.ts';
import { answerLimited, answerStopped, rateLimitHeaders } from './rate-limit.ts';

/** What a caller may learn of each outcome. A kind without an answer does not compile. */
type Answers<Outcome extends { readonly kind: string }> = {
  readonly [Kind in Outcome['kind']]: (outcome: OfKind<Outcome, Kind>) => Reply;
};

/** The member of a union that a kind belongs to. One member may have several kinds. */
type OfKind<Outcome, Kind> = Outcome extends { readonly kind: infer Kinds }
  ? Kind extends Kinds
    ? Outcome
    : never
  : never;

const answer = <Outcome extends { readonly kind: string }>(answers: Answers<Outcome>, outcome: Outcome): Reply =>
  answers[outcome.kind as Outcome['kind']](outcome as never);

const time = (atMs: number): string => new Date(atMs).toISOString();

const viewBody = ({ masked, ...view }: VerificationView) => ({
  id: view.id,
  status: view.status,
  ...(masked === undefined ? {} : { phoneNumber: masked }),
  purpose: view.purpose,
  ...(view.channel === 'sms' ? {} : { channel: view.channel }),
  codeLength: view.codeLength,
  attemptsRemaining: view.attemptsRemaining,
  expiresAt: time(view.expiresAtMs),
  resendAvailableAt: time(view.resendAvailableAtMs),
  delivery: view.delivery,
  ...(view.deliveryReason === undefined ? {} : { deliveryReason: view.deliveryReason }),
  ...(view.stepUp && isOfUse(view) ? { hint: stepUpHint } : {}),
});

/** The code of the verification, or its proof, is still good for something. */
const isOfUse = ({ status }: Pick<VerificationView, 'status'>): boolean =>
  status === 'pending' || status === 'approved';

type Left = { readonly allowances: readonly Allowance[] };

const optedOut = ({ allowances }: Left, facts: AnswerFacts): Reply =>
  problem('number-opted-out', {
    headers: rateLimitHeaders(allowances),
    detail: 'The holder of this number opted out of SMS. Offer another way to verify.',
    facts,
    metrics: [metrics.refused],
  });

type NotSent = Extract<RequestOutcome, { readonly kind: 'not-sent' }>;

/** One hour: nothing changes sooner, unless staff change it. */
const laterSeconds = 3600;

const anotherWay = 'Offer another way to verify.';

/** The answers about a message that each route refused. The reason itself is for staff, in the log. */
const obstacleAnswers = {
  passing: {
    detail: 'The SMS network did not take the message.',
    remedy: 'Try again after the seconds of Retry-After.',
    retryAfterSeconds: 5,
  },
  destination: {
    detail: 'The SMS network takes no message to this number.',
    remedy: anotherWay,
    retryAfterSeconds: laterSeconds,
  },
  account: {
    detail: 'The SMS network takes no more messages of this service for now.',
    remedy: anotherWay,
    retryAfterSeconds: laterSeconds,
  },
} as const satisfies Record<
  NotSent['obstacle'],
  { readonly detail: string; readonly remedy: string; readonly retryAfterSeconds: number }
>;

/** A send that counts uses the limits of its number, so that an earlier repeat would only meet them. */
const notSent = (
  { allowances, obstacle, waitSeconds }: Pick<NotSent, 'allowances' | 'obstacle' | 'waitSeconds'>,
  facts: AnswerFacts,
): Reply => {
  const { detail, remedy, retryAfterSeconds } = obstacleAnswers[obstacle];
  const counted = waitSeconds === undefined ? 'The send does not count.' : 'The send counts.';
  return problem('delivery-failed', {
    detail: `${detail} ${counted} ${remedy}`,
    headers: {
      'retry-after': String(Math.max(retryAfterSeconds, waitSeconds ?? 0)),
      ...rateLimitHeaders(allowances),
    },
    facts,
    metrics: [metrics.sendFailed],
  });
};

/** Neither says whether the SIM was swapped, the number ported, or nobody knows. */
const atRisk = ({ allowances, limit }: Left & { readonly limit: string }, facts: AnswerFacts): Reply =>
  problem('number-at-risk', {
    headers: rateLimitHeaders(allowances),
    detail: `No code goes to this number for this purpose for now. ${anotherWay}`,
    facts: { ...facts, limit },
    metrics: [metrics.refused],
  });

const riskUnanswered = (
  { allowances, limit, waitSeconds }: Left & { readonly limit: string; readonly waitSeconds: number },
  facts: AnswerFacts,
): Reply =>
  problem('temporarily-unavailable', {
    detail: `The operator of the number did not answer, so nothing was sent. The request counts. Try again in ${waitSeconds} seconds, or offer another way to verify.`,
    headers: { 'retry-after': String(waitSeconds), ...rateLimitHeaders(allowances) },
    facts: { ...facts, limit },
    metrics: [metrics.refused],
  });

const inProgress = ({ allowances }: Left, facts: AnswerFacts): Reply =>
  problem('request-in-progress', {
    detail: 'A request with this Idempotency-Key is still running. Repeat it in one second to get its answer.',
    headers: { 'retry-after': '1', ...rateLimitHeaders(allowances) },
    facts,
  });

/** Counts the request and the outcome of its SMS. A test number gets no SMS. */
const sentMetrics = (asked: MetricName, { delivery }: VerificationView, isTest: boolean): readonly MetricName[] =>
  isTest ? [asked, metrics.testNumberUsed] : [asked, delivery === 'unconfirmed' ? metrics.unconfirmed : metrics.sent];

const locationOf = ({ id }: VerificationView): string => `/v1/verifications/${id}`;

/** @param facts what the log may hold of the request. */
export const answerRequest = (outcome: RequestOutcome, facts: AnswerFacts): Reply =>
  answer<RequestOutcome>(
    {
      created: ({ view, allowances, test, routes }) => ({
        status: 201,
        body: viewBody(view),
        location: locationOf(view),
        headers: rateLimitHeaders(allowances),
        facts: { ...facts, test, routes },
        metrics: sentMetrics(metrics.requested, view, test),
      }),
      repeated: ({ view, allowances, test }) => ({
        status: 201,
        body: viewBody(view),
        location: locationOf(view),
        headers: rateLimitHeaders(allowances),
        facts: { ...facts, test },
      }),
      'destination-not-allowed': ({ reason }) => notAllowed(reason, facts),
      'too-soon': (hit) => answerLimited(hit, facts),
      limited: (hit) => answerLimited(hit, facts),
      suspended: (hit) => answerLimited(hit, facts),
      'cap-reached': (hit) => answerLimited(hit, facts),
      stopped: (hit) => answerStopped(hit, facts),
      'in-progress': (left) => inProgress(left, facts),
      'key-reused': ({ allowances }) => keyReused(facts, rateLimitHeaders(allowances)),
      'opted-out': ({ routes, ...left }) => optedOut(left, { ...facts, routes }),
      'not-sent': ({ routes, ...left }) => notSent(left, { ...facts, routes }),
      'at-risk': (left) => atRisk(left, facts),
      'risk-unanswered': (left) => riskUnanswered(left, facts),
    },
    outcome,
  );

const destinationSentences = {
  country: 'This deployment sends no SMS to the country of this number. Offer another way to verify.',
  type: 'This is not a mobile number. Send one that can receive SMS, such as "+14155550123".',
  voice: channelWords.country,
  'test-number':
    'This test number has expired, or its uses are used up. Extend its entry in testNumbers of the settings.',
} as const;

const notAllowed = (reason: keyof typeof destinationSentences, facts: AnswerFacts): Reply =>
  problem('destination-not-allowed', {
    detail: destinationSentences[reason],
    facts: { ...facts, limit: `destination-${reason}` },
    metrics: [metrics.refused],
  });

const keyReused = (facts: AnswerFacts, headers: Record<string, string> = {}): Reply =>
  problem('idempotency-key-reused', {
    headers,
    detail:
      'This Idempotency-Key was used for another request. Send a new key with each new request, such as a random UUID.',
    facts,
  });

const closedProblems = {
  'already-used': {
    code: 'code-already-used',
    detail: 'This verification has been approved; its code is used up. Request a new one.',
  },
  canceled: { code: 'verification-canceled', detail: 'This verification was canceled. Request a new one.' },
  failed: { code: 'delivery-failed', detail: 'The SMS of this verification was never sent. Request a new one.' },
  exhausted: {
    code: 'attempts-exhausted',
    detail: 'All attempts of this verification are used. Request a new one.',
  },
  expired: { code: 'code-expired', detail: 'The code has expired. Request a new one.' },
} as const satisfies Record<
  Exclude<Closed['kind'], 'unknown'>,
  { readonly code: ProblemCode; readonly detail: string }
>;

/** A verification that has ended is gone (410), even if its SMS was never sent. A send that fails now is 502. */
const answerClosed = ({ kind }: Closed): Reply => {
  if (kind === 'unknown') return verificationNotFound;
  const { code, detail } = closedProblems[kind];
  const reply = problem(code, { detail, metrics: [metrics.checkRefused] });
  return { ...reply, status: 410, body: { ...(reply.body as object), status: 410 } };
};

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
      approved: ({ proof, masked, purpose, approvedAtMs, country, test, route, stepUp }) => ({
        status: 200,
        body: {
          status: 'approved',
          proof,
          phoneNumber: masked,
          purpose,
          approvedAt: time(approvedAtMs),
          ...(stepUp ? { hint: stepUpHint } : {}),
        },
        facts: {
          country,
          purpose,
          test,
          ...(route === undefined ? {} : { routes: [{ name: route, outcome: 'approved' }] }),
        },
        metrics: [test ? metrics.testNumberUsed : metrics.approved],
      }),
      wrong: ({ attemptsRemaining, expiresAt }) => ({
        status: 200,
        body: { status: 'pending', attemptsRemaining, expiresAt: time(expiresAt * 1000) },
        metrics: [metrics.wrong],
      }),
      superseded: ({ attemptsRemaining, expiresAt }) => ({
        status: 200,
        body: { status: 'pending', attemptsRemaining, expiresAt: time(expiresAt * 1000), hint: 'superseded-code' },
        metrics: [metrics.superseded],
      }),
      'key-reused': () => keyReused({}),
      'wrong-length': ({ codeLength }) =>
        malformed('/code', `The code has ${codeLength} digits. This cost no attempt.`),
      'transaction-missing': () =>
        malformed(
          '/transaction',
          'This code is for a transaction. Send its amount, currency and payee, as they were requested.',
        ),
      'transaction-unexpected': () => malformed('/transaction', 'This code is not for a transaction. Leave it out.'),
      ...whenClosed,
    },
    outcome,
  );

const malformed = (pointer: string, detail: string): Reply =>
  problem('invalid-request', { detail, extra: { errors: [{ pointer, detail }] }, metrics: [metrics.checkRefused] });

/** As a request answers, which needs no record to know the purpose. */
const answerNoVoice = (because: VoiceRefusal): Reply => {
  if (because === 'country') return notAllowed('voice', {});
  return invalidRequest([channelViolation(because)]).reply;
};

export const answerResend = (outcome: ResendOutcome): Reply =>
  answer<ResendOutcome>(
    {
      resent: ({ view, allowances, country, test, routes }) => ({
        status: 200,
        body: viewBody(view),
        headers: rateLimitHeaders(allowances),
        facts: { country, purpose: view.purpose, test, routes },
        metrics: sentMetrics(metrics.resent, view, test),
      }),
      repeated: ({ view, allowances, country, test }) => ({
        status: 200,
        body: viewBody(view),
        headers: rateLimitHeaders(allowances),
        facts: { country, purpose: view.purpose, test },
      }),
      'in-progress': (left) => inProgress(left, {}),
      'key-reused': ({ allowances }) => keyReused({}, rateLimitHeaders(allowances)),
      'too-soon': (hit) => answerLimited(hit, {}),
      limited: (hit) => answerLimited(hit, {}),
      suspended: (hit) => answerLimited(hit, {}),
      'cap-reached': (hit) => answerLimited(hit, {}),
      stopped: (hit) => answerStopped(hit, {}),
      'opted-out': ({ country, routes, ...left }) => optedOut(left, { country, routes }),
      'not-sent': ({ country, routes, ...left }) => notSent(left, { country, routes }),
      'at-risk': ({ country, ...left }) => atRisk(left, { country }),
      'no-voice': ({ because }) => answerNoVoice(because),
      'destination-not-allowed': ({ reason }) => notAllowed(reason, {}),
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
