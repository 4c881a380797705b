import { afterEach, expect, test, vi } from 'vitest';
import { metricCounts, routedMetricCount } from '../../docs/generate/capacity/other-costs.ts';
import { metrics } from '../../lambdas/contract.ts';
import {
  deliveryTelemetryOf,
  eventTelemetryOf,
  receiptTelemetryOf,
  riskTelemetryOf,
  telemetryOf,
} from '../../lambdas/telemetry.ts';
import { linesDuring } from '../fakes/lines.ts';
import { listOf, recordOf } from '../lib/template/permissions.ts';

afterEach(() => void vi.unstubAllEnvs());

/** The number of metrics that are written meanwhile, by their dimensions beside that of the stack. */
const countsDuring = (act: () => void): Readonly<Record<string, number>> => {
  const found = new Map<string, Set<string>>();
  for (const line of linesDuring(act).filter((each) => '_aws' in each)) {
    for (const each of listOf(recordOf(line['_aws'])['CloudWatchMetrics']).map(recordOf)) {
      const names = listOf(each['Metrics']).map((metric) => String(recordOf(metric)['Name']));
      for (const set of listOf(each['Dimensions']).map(listOf)) {
        const per = set.filter((name) => name !== 'service').join(' and ') || 'stack';
        found.set(per, new Set([...(found.get(per) ?? []), ...names]));
      }
    }
  }
  return Object.fromEntries([...found].map(([per, names]) => [per, names.size]));
};

const rowsOf = (...whens: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(metricCounts.flatMap(({ when, per, count }) => (whens.includes(when) ? [[per, count]] : [])));

const answered = { route: 'request-verification', requestId: 'r', status: 201, durationMs: 1 } as const;

test('several applications have the metrics of the page, each', () => {
  const counts = countsDuring(() =>
    telemetryOf('request-verification').answered({
      ...answered,
      metrics: Object.values(metrics),
      by: { application: 'web', isOneOfSeveral: true },
    }),
  );
  expect(counts['application']).toBe(rowsOf('several applications')['application']);
});

test('a route, and each of its countries, have the metrics of the page', () => {
  const outcomes = ['accepted', 'unconfirmed', 'approved', 'refused'] as const;
  const counts = countsDuring(() =>
    telemetryOf('request-verification', true).answered({
      ...answered,
      facts: { country: 'GB', routes: outcomes.map((outcome) => ({ name: 'sns', outcome })) },
    }),
  );
  expect(counts).toEqual(rowsOf('several routes, a route that is not SNS, or calls', 'the same'));
});

test('receipts have the metrics of the page, of the stack and by route and country', () => {
  const way = { route: 'sns', country: 'GB' };
  const counts = countsDuring(() => {
    const watch = receiptTelemetryOf('note-receipts');
    watch.delivered(way, 1);
    watch.settled(way, { isLost: true });
    watch.priced(way, { priceUsd: 1, estimateUsd: 1, parts: { real: 1, estimated: 1 } });
    watch.late();
    watch.unmatched();
    watch.unreadable({ kind: 'unreadable', eventType: undefined });
  });
  expect(counts).toEqual(rowsOf('`receipts`'));
});

test('a provider of number risk has the metrics of the page', () => {
  const counts = countsDuring(() => {
    const { answered: looked } = riskTelemetryOf('request-verification');
    looked({ kind: 'clean', provider: 'one' }, 1);
    looked({ kind: 'swapped', provider: 'one', swappedAtMs: 1 }, 1);
    looked({ kind: 'unknown', provider: 'one', reason: 'not-known' }, 1);
    looked({ kind: 'unknown', provider: 'one', reason: 'no-answer' }, 1);
  });
  expect(counts['provider']).toBe(rowsOf('`numberRisk`')['provider']);
});

test('events have the metrics of the page', () => {
  const counts = countsDuring(() => {
    const watch = eventTelemetryOf('publish-events');
    watch.published(1);
    watch.unmatched();
    watch.failed(new Error('x'));
    watch.putAside(new Error('x'));
  });
  expect(counts).toEqual(rowsOf('`events`'));
});

test('webhooks have the metrics of the page, of the stack, by application, and by application and cause', () => {
  const of = { event: 'e', type: 'verification.requested', application: 'web', tries: 1 } as never;
  const counts = countsDuring(() => {
    const watch = deliveryTelemetryOf('deliver-webhooks');
    watch.delivered(of, { status: 200, tookMs: 1, ageMs: 1 });
    watch.failed(of, { cause: 'dns', tookMs: 1 } as never);
    watch.givenUp('tries', of);
  });
  expect(counts).toEqual(rowsOf('webhooks'));
});

test('each route has its metrics of receipts and of outcomes in each country', () => {
  const counted = rowsOf('several routes, a route that is not SNS, or calls', 'the same');
  const receipts = rowsOf('`receipts`');
  const ofWay = (counted['route and country'] ?? 0) + (receipts['route and country'] ?? 0);
  const wanted = 2 * (counted['route'] ?? 0) + 2 * 3 * ofWay + (receipts['stack'] ?? 0);
  expect(routedMetricCount({ routes: 2, countries: 3 })).toBe(wanted);
});
