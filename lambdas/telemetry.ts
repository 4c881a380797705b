import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Notification } from './bursts/findings/render.ts';
import type { Severity } from './bursts/judge/ruling.ts';
import { wordsOf } from './bursts/ring-stops.ts';
import {
  type AnyFunctionName,
  applicationDimension,
  applicationMetrics,
  causeDimension,
  countryDimension,
  eventMetrics,
  type FunctionName,
  type MetricName,
  metrics as metricNames,
  metricsNamespace,
  type OperatorProblemCode,
  type ProblemCode,
  providerDimension,
  type RiskMetricName,
  type RouteMetricName,
  receiptMetrics,
  riskFindingMetrics,
  riskMetrics,
  routeDimension,
  routeMetrics,
  webhookMetrics,
} from './contract.ts';
import { readStackName } from './env.ts';
import type { Stop } from './otp/limits/stops.ts';
import { KeyRefused, type Watch } from './otp/ports.ts';
import type { ReceiptWatch, Unreadable, Way } from './otp/receipts/ports.ts';
import type { RiskAnswer } from './otp/risk/ports.ts';
import type { RouteOutcome } from './otp/sending/sent.ts';
import type { DeliveryWatch } from './webhooks/ports.ts';

/** What the log may hold of an answer: closed sets, numbers, and words that name no person (ADR 13). */
export type Answer = {
  readonly route: FunctionName;
  readonly requestId: string;
  readonly status: number;
  readonly durationMs: number;
  readonly code?: ProblemCode | OperatorProblemCode | undefined;
  readonly facts?: AnswerFacts | undefined;
  readonly metrics?: readonly MetricName[] | undefined;
  /** The application that called, by its name in the settings. Of several, some metrics count by it as well. */
  readonly by?: { readonly application: string; readonly isOneOfSeveral: boolean } | undefined;
};

export type AnswerFacts = {
  readonly country?: string | undefined;
  readonly purpose?: string | undefined;
  readonly limit?: string | undefined;
  readonly test?: boolean | undefined;
  /** The outcome on each route, in the order in which they were tried. */
  readonly routes?: readonly RouteOutcome[] | undefined;
  /** Why a back end's request had no IP of its end user. */
  readonly endUserIp?: 'missing' | 'private' | undefined;
};

export type Telemetry = {
  readonly watch: Watch;
  readonly answered: (answer: Answer) => void;
  readonly unexpected: (requestId: string, cause: unknown) => void;
};

const byApplication: readonly MetricName[] = applicationMetrics;

/** Powertools warns of a dimension that stands in two sets, though it is the same in both. */
const withoutWarnings = { ...console, warn: () => {} };

const instrumentsOf = (route: FunctionName) => {
  const logger = new Logger({ serviceName: route });
  const serviceName = readStackName();
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName, logger: withoutWarnings });
  const publish = (names: readonly (MetricName | RouteMetricName | RiskMetricName)[], value = 1) => {
    for (const name of names) metrics.addMetric(name, MetricUnit.Count, value);
    metrics.publishStoredMetrics();
  };
  /** Counts for the stack, all in one line. */
  const count = (...names: readonly MetricName[]) => {
    if (names.length > 0) publish(names);
  };
  const countOf = (metric: MetricName, application: string) => {
    metrics.addDimension(applicationDimension, application);
    publish([metric]);
  };
  /** A metric that says yes or no: 1 or 0. */
  const say = (metric: MetricName, isSo: boolean) => publish([metric], isSo ? 1 : 0);
  /** Counts for the stack and for an application, in one line with both sets of dimensions. */
  const countBoth = (names: readonly MetricName[], application: string) => {
    if (names.length === 0) return;
    metrics.addDimensions({});
    metrics.addDimensions({ [applicationDimension]: application });
    publish(names);
  };
  /** Counts what a route did, by route, and by route and country, all in one line. */
  const countRoute = (each: RouteOutcome, country: string) => {
    const { name, outcome } = each;
    metrics.addDimensions({ [routeDimension]: name });
    metrics.addDimensions({ [routeDimension]: name, [countryDimension]: country });
    if (outcome !== 'approved')
      metrics.addMetric(routeMetrics.failed, MetricUnit.Count, isFailureOfRoute(each) ? 1 : 0);
    publish(isTaken(outcome) ? [routeMetrics[outcome]] : []);
  };
  /** Counts what a provider answered about a SIM, in one line. One that was left alone took no time. */
  const countLookUp = (answer: RiskAnswer, durationMs: number | undefined) => {
    metrics.addDimensions({ [providerDimension]: answer.provider });
    metrics.addMetric(riskMetrics.unanswered, MetricUnit.Count, isAnswered(answer) ? 0 : 1);
    if (durationMs !== undefined) metrics.addMetric(riskMetrics.time, MetricUnit.Milliseconds, durationMs);
    publish(countedAs(answer, durationMs !== undefined));
  };
  return { logger, count, countOf, countBoth, countRoute, countLookUp, say };
};

/** An operator that does not know a number has answered. */
const isAnswered = (answer: RiskAnswer): boolean => answer.kind !== 'unknown' || answer.reason === 'not-known';

const countedAs = (answer: RiskAnswer, wasAsked: boolean): readonly RiskMetricName[] => {
  if (answer.kind !== 'unknown') return [riskMetrics[answer.kind]];
  if (answer.reason === 'not-known') return [riskMetrics.unknown];
  return wasAsked && answer.reason === 'no-answer' ? [riskMetrics.timedOut] : [];
};

type Taken = Extract<RouteOutcome['outcome'], keyof typeof routeMetrics>;
const isTaken = (outcome: RouteOutcome['outcome']): outcome is Taken =>
  outcome === 'accepted' || outcome === 'unconfirmed' || outcome === 'approved';

const isRefused = ({ outcome }: RouteOutcome): boolean => !isTaken(outcome);

/** That the holder of a number refuses SMS says nothing of the route. */
const isFailureOfRoute = (each: RouteOutcome): boolean => isRefused(each) && each.outcome !== 'opted-out';

/**
 * Logs and metrics of a function. It takes no free text.
 *
 * @param countsRoutes whether the outcomes of routes are counted. One that failed is in the log in any case.
 */
export const telemetryOf = (route: FunctionName, countsRoutes = false): Telemetry => {
  const { logger, count, countOf, countBoth, countRoute } = instrumentsOf(route);
  return {
    watch: {
      dependencyFailed: (step, cause) => {
        logger.warn('dependency failed', { step: word(step), ...errorFacts(cause) });
        count(metricNames.dependencyFailed, ...(cause instanceof KeyRefused ? [metricNames.keyRefused] : []));
      },
      compensationFailed: (step, cause) => {
        logger.error('compensation failed', { step: word(step), ...errorFacts(cause) });
        count(metricNames.compensationFailed);
      },
    },
    answered: ({ requestId, status, durationMs, code, facts, metrics = [], by }) => {
      const { routes = [] } = facts ?? {};
      const shown = countsRoutes || routes.some(isRefused) ? routes.map(shownRoute) : [];
      logger.info('answered', {
        requestId: word(requestId),
        status,
        durationMs,
        ...(by === undefined ? {} : { application: by.application }),
        ...(code === undefined ? {} : { code }),
        ...(facts?.country === undefined ? {} : { country: word(facts.country) }),
        ...(facts?.purpose === undefined ? {} : { purpose: word(facts.purpose) }),
        ...(facts?.limit === undefined ? {} : { limit: word(facts.limit) }),
        ...(facts?.test ? { test: true } : {}),
        ...(shown.length > 0 ? { routes: shown } : {}),
        ...(facts?.endUserIp === undefined ? {} : { endUserIp: facts.endUserIp }),
      });
      if (facts?.endUserIp !== undefined) {
        if (by === undefined) count(metricNames.endUserIpMissing);
        else countOf(metricNames.endUserIpMissing, by.application);
      }
      const isBoth = (metric: MetricName) => by?.isOneOfSeveral === true && byApplication.includes(metric);
      count(...metrics.filter((metric) => !isBoth(metric)));
      if (by !== undefined) countBoth(metrics.filter(isBoth), by.application);
      const { country } = facts ?? {};
      if (countsRoutes && country !== undefined) for (const each of routes) countRoute(each, country);
    },
    unexpected: (requestId, cause) => {
      logger.error('unexpected error', { requestId: word(requestId), ...errorFacts(cause) });
      count(metricNames.unexpectedError);
    },
  };
};

/** Both are words of closed sets. */
const shownRoute = ({ name, outcome }: RouteOutcome): string => `${word(name)} ${outcome}`;

export type RiskTelemetry = {
  /** @param durationMs `undefined` if the provider was left alone. */
  readonly answered: (answer: RiskAnswer, durationMs: number | undefined) => void;
  readonly failed: (step: string, cause: unknown) => void;
};

/**
 * Counts look-ups of SIMs. The log names the ones without an answer, and no number. A step that failed is in the log alone: a
 * provider is no part that the service needs, and has an alarm of its own.
 */
export const riskTelemetryOf = (route: FunctionName): RiskTelemetry => {
  const { logger, countLookUp } = instrumentsOf(route);
  return {
    answered: (answer, durationMs) => {
      if (answer.kind === 'unknown') {
        const { provider, reason } = answer;
        const took = durationMs === undefined ? { leftAlone: true } : { durationMs };
        logger.info('number risk unknown', { provider: word(provider), reason, ...took });
      }
      countLookUp(answer, durationMs);
    },
    failed: (step, cause) => logger.warn('look-up failed', { step: word(step), ...errorFacts(cause) }),
  };
};

export type StreamTelemetry = {
  /** A guess was counted for its number. */
  readonly guessCounted: () => void;
  readonly unreadable: () => void;
  readonly found: (notification: Notification) => void;
  /** Whether the stream feeds the function. */
  readonly listening: (isListening: boolean) => void;
  /** The function could not ask about itself, or not say how it is. */
  readonly heartbeatFailed: (cause: unknown) => void;
  /** Launches could not be read, so that none holds. */
  readonly launchesNotRead: (cause: unknown) => void;
  /** Notifications could not be sent, or not in every way. They stay pending. */
  readonly notNotified: (cause: unknown) => void;
  readonly failed: (cause: unknown) => void;
  /** A stream record was put aside, whole, because it fails by itself. */
  readonly putAside: (cause: unknown) => void;
  /** Sending is stopped. The log has no word of staff: a reason is free text. */
  readonly stopped: (stops: readonly Stop[]) => void;
};

/** The same for a function that reads a stream. */
export const streamTelemetryOf = (route: FunctionName): StreamTelemetry => {
  const { logger, count, say } = instrumentsOf(route);
  const dependencyFailed = (step: string) => (cause: unknown) => {
    logger.warn('dependency failed', { step, ...errorFacts(cause) });
    count(metricNames.dependencyFailed);
  };
  return {
    guessCounted: () => count(metricNames.guessCounted),
    unreadable: () => {
      logger.warn('an item of the detector could not be read');
      count(metricNames.stateUnreadable);
    },
    found: ({ finding, alarmSeverity }) => {
      const { activity_name: activity, message, severity, status, status_detail: since, unmapped } = finding;
      // A finding names no number and no IP: keyed hashes, and groups of numbers.
      logger.warn('finding', {
        uid: finding.finding_info.uid,
        activity,
        on: unmapped.level,
        // A finding that was pending while this version came has none.
        applications: unmapped.applications ?? [],
        rule: unmapped.rule,
        severity: severity.toLowerCase(),
        status,
        action: unmapped.action,
        until: unmapped.until,
        finding: message,
        ...(since === undefined ? {} : { since }),
        ...(unmapped.parent === undefined ? {} : { parent: unmapped.parent }),
      });
      const isAtRisk = unmapped.rule === 'swapped-number';
      if (alarmSeverity !== undefined)
        count(isAtRisk ? riskFindingMetrics.swappedNumber : findingMetrics[alarmSeverity]);
      if (!unmapped.is_mailed) return;
      if (unmapped.rule === 'conversion-drop') count(metricNames.conversionLow);
      if (unmapped.action === 'restrict' || unmapped.action === 'block') count(metricNames.rangeRestricted);
    },
    listening: (isListening) => say(metricNames.detectorListening, isListening),
    heartbeatFailed: dependencyFailed('heartbeat'),
    launchesNotRead: dependencyFailed('launches'),
    notNotified: dependencyFailed('notify'),
    failed: (cause) => {
      logger.error('a stream record could not be counted', errorFacts(cause));
      count(metricNames.detectorFailed);
    },
    putAside: (cause) => {
      logger.error('a stream record was put aside', errorFacts(cause));
      count(metricNames.recordPutAside);
    },
    stopped: (stops) => {
      logger.warn('sending is stopped', {
        stops: stops.map(({ what, atMs, isUnreadable }) => ({
          of: wordsOf(what),
          ...(isUnreadable ? { unreadable: true } : { since: new Date(atMs).toISOString() }),
        })),
      });
      count(metricNames.sendingStopped);
    },
  };
};

export type ExportTelemetry = {
  readonly failed: (cause: unknown) => void;
  /** What became of an invocation. */
  readonly worked: (outcome: string, export_: string) => void;
};

/** The same for the function that makes exports. */
export const exportTelemetryOf = (route: FunctionName): ExportTelemetry => {
  const { logger, count } = instrumentsOf(route);
  return {
    failed: (cause) => {
      logger.warn('dependency failed', { step: 'export', ...errorFacts(cause) });
      count(metricNames.dependencyFailed);
    },
    worked: (outcome, export_) => logger.info('export', { outcome: word(outcome), export: word(export_) }),
  };
};

export type ReplayTelemetry = {
  readonly failed: (cause: unknown) => void;
  readonly replayed: (counts: Readonly<Record<'replayed' | 'records' | 'failed' | 'left', number>>) => void;
};

/** The same for the function by which staff replay dead letters. */
export const replayTelemetryOf = (route: FunctionName): ReplayTelemetry => {
  const { logger } = instrumentsOf(route);
  return {
    failed: (cause) => logger.warn('a dead letter could not be replayed', errorFacts(cause)),
    replayed: (counts) => logger.info('replayed', { ...counts }),
  };
};

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

export type ReceiptTelemetry = ReceiptWatch & {
  /** An event that is no receipt, with its type if that is a word of AWS. */
  readonly unreadable: (event: Unreadable) => void;
  readonly failed: (cause: unknown) => void;
};

/**
 * The same for the function that notes receipts. Each of its metrics of messages counts for the stack, and by route and
 * country, in one line.
 */
export const receiptTelemetryOf = (route: AnyFunctionName): ReceiptTelemetry => {
  const logger = new Logger({ serviceName: route });
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName: readStackName() });
  const count = (name: MetricName) => {
    metrics.addMetric(name, MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  };
  const dependencyFailed = (step: string) => (cause: unknown) => {
    logger.warn('dependency failed', { step, ...errorFacts(cause) });
    count(metricNames.dependencyFailed);
  };
  const publish = (way: Way, values: Readonly<Partial<Record<MetricName, readonly [Unit, number]>>>) => {
    metrics.addDimensions({});
    metrics.addDimensions({ [routeDimension]: way.route, [countryDimension]: way.country });
    for (const [name, [unit, value]] of Object.entries(values)) metrics.addMetric(name, unit, value);
    metrics.publishStoredMetrics();
  };
  return {
    delivered: (way, afterMs) =>
      publish(way, {
        [receiptMetrics.delivered]: [MetricUnit.Count, 1],
        [receiptMetrics.deliveryTime]: [MetricUnit.Milliseconds, afterMs],
      }),
    settled: (way, { isLost }) => publish(way, { [receiptMetrics.undelivered]: [MetricUnit.Count, isLost ? 1 : 0] }),
    priced: (way, { priceUsd, estimateUsd, parts }) =>
      publish(way, {
        [receiptMetrics.priceReal]: [MetricUnit.NoUnit, priceUsd],
        [receiptMetrics.priceEstimated]: [MetricUnit.NoUnit, estimateUsd],
        ...(parts === undefined
          ? {}
          : {
              [receiptMetrics.partsReal]: [MetricUnit.Count, parts.real],
              [receiptMetrics.partsEstimated]: [MetricUnit.Count, parts.estimated],
            }),
      }),
    priceNotCounted: dependencyFailed('count-price'),
    late: () => count(receiptMetrics.receiptLate),
    unmatched: () => count(receiptMetrics.receiptUnmatched),
    unreadable: ({ eventType }) => {
      logger.warn('an event could not be read', eventType === undefined ? {} : { eventType });
      count(receiptMetrics.receiptUnreadable);
    },
    failed: dependencyFailed('note-receipt'),
  };
};

export type EventTelemetry = {
  readonly published: (count: number) => void;
  readonly unmatched: () => void;
  readonly failed: (cause: unknown) => void;
  /** A stream record was put aside, whole, because it can become no event. */
  readonly putAside: (cause: unknown) => void;
};

/** The same for the function that publishes events. It logs none. */
export const eventTelemetryOf = (route: AnyFunctionName): EventTelemetry => {
  const logger = new Logger({ serviceName: route });
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName: readStackName() });
  const count = (name: MetricName, value = 1) => {
    metrics.addMetric(name, MetricUnit.Count, value);
    metrics.publishStoredMetrics();
  };
  return {
    published: (events) => count(eventMetrics.published, events),
    unmatched: () => count(eventMetrics.unmatched),
    failed: (cause) => {
      logger.warn('events could not be published', errorFacts(cause));
      count(eventMetrics.failed);
    },
    putAside: (cause) => {
      logger.error('a stream record became no event, and was put aside', errorFacts(cause));
      count(eventMetrics.putAside);
    },
  };
};

type Values = Readonly<Partial<Record<MetricName, readonly [Unit, number]>>>;

/**
 * The same for the function that delivers webhooks. Each of its metrics counts for the stack and by application, in one line. No
 * line has a URL, a body, a signature or a secret.
 */
export const deliveryTelemetryOf = (route: AnyFunctionName): DeliveryWatch => {
  const logger = new Logger({ serviceName: route });
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName: readStackName(), logger: withoutWarnings });
  /** @param more further sets of dimensions, beside that of the application. */
  const publish = (values: Values, application?: string, more: readonly Readonly<Record<string, string>>[] = []) => {
    if (application !== undefined) {
      metrics.addDimensions({});
      for (const set of [{}, ...more]) metrics.addDimensions({ [applicationDimension]: application, ...set });
    }
    for (const [name, [unit, value]] of Object.entries(values)) metrics.addMetric(name, unit, value);
    metrics.publishStoredMetrics();
  };
  return {
    delivered: (of, { status, tookMs, ageMs }) => {
      logger.info('delivered', { ...of, status, durationMs: tookMs });
      const values: Values = {
        [webhookMetrics.delivered]: [MetricUnit.Count, 1],
        [webhookMetrics.latency]: [MetricUnit.Milliseconds, tookMs],
        [webhookMetrics.age]: [MetricUnit.Milliseconds, ageMs],
      };
      publish(values, of.application);
    },
    failed: (of, { cause, status, tookMs }) => {
      logger.warn('not delivered', { ...of, cause, ...(status === undefined ? {} : { status }), durationMs: tookMs });
      publish({ [webhookMetrics.failed]: [MetricUnit.Count, 1] }, of.application, [{ [causeDimension]: cause }]);
    },
    deferred: (of) => logger.info('deferred', of),
    givenUp: (cause, of) => {
      logger.error('given up', { cause, ...of });
      publish({ [webhookMetrics.givenUp]: [MetricUnit.Count, 1] }, of?.application);
    },
    dependencyFailed: (cause) => {
      logger.warn('dependency failed', { step: 'deliver-webhook', ...errorFacts(cause) });
      metrics.addMetric(metricNames.dependencyFailed, MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
    },
  };
};

const findingMetrics: Readonly<Record<Severity, MetricName>> = {
  low: metricNames.findingLow,
  medium: metricNames.findingMedium,
  high: metricNames.findingHigh,
  critical: metricNames.findingCritical,
};

/** A short word without four digits in a row, which a code or a number would have. Other texts are withheld. */
const word = (text: string): string => {
  if (uuid.test(text) || dynamoRequestId.test(text)) return text;
  return /^[A-Za-z0-9 ._:-]{1,64}$/.test(text) && !/\d{4}/.test(text) ? text : '[withheld]';
};

const dynamoRequestId = /^[A-Z0-9]{52}$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An error without its message, which may quote a number, a code or a request: names, AWS request ids, places in the
 * code, and the same of its causes.
 */
const errorFacts = (cause: unknown, depth = 0): Record<string, unknown> => {
  if (!(cause instanceof Error)) return { error: typeof cause };
  const { $metadata, code, dependency } = cause as {
    $metadata?: { requestId?: string; httpStatusCode?: number };
    code?: unknown;
    dependency?: unknown;
  };
  return {
    error: word(cause.name),
    ...(typeof code === 'string' ? { errorCode: word(code) } : {}),
    ...(typeof dependency === 'string' ? { dependency: word(dependency) } : {}),
    ...($metadata?.requestId === undefined ? {} : { awsRequestId: word($metadata.requestId) }),
    ...($metadata?.httpStatusCode === undefined ? {} : { awsStatus: $metadata.httpStatusCode }),
    at: framesOf(cause),
    ...(cause.cause === undefined || depth > 2 ? {} : { cause: errorFacts(cause.cause, depth + 1) }),
  };
};

const framesOf = ({ stack = '' }: Error): string[] =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim().replace(/^at /, ''));
