import { afterEach, describe, expect, test, vi } from 'vitest';
import { metricsNamespace, routeMetrics } from '../../../../lambdas/contract.ts';
import { countsRoutes } from '../../../../lambdas/policy.ts';
import { receiptTelemetryOf, telemetryOf } from '../../../../lambdas/telemetry.ts';
import type { SettingsInput } from '../../../../lib/settings/settings.ts';
import { linesDuring } from '../../../fakes/lines.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from '../../../fakes/sending/routes.ts';
import { listOf, recordOf } from '../../template/permissions.ts';
import { synthesizedOf } from '../../template/synthesized.ts';

type Routes = NonNullable<Parameters<ReturnType<typeof telemetryOf>['answered']>[0]['facts']>['routes'];

/** The lines for an answer, with what its routes did. */
const linesOf = (counts: boolean, routes: Routes, country: string | undefined = 'GB') =>
  linesDuring(() =>
    telemetryOf('request-verification', counts).answered({
      ...{ route: 'request-verification', requestId: 'r', status: 201, durationMs: 1 },
      facts: { country, routes },
    }),
  );
afterEach(() => void vi.unstubAllEnvs());

const metricsIn = (lines: readonly Readonly<Record<string, unknown>>[]) =>
  lines
    .filter((line) => '_aws' in line)
    .map((line) => {
      const [directive, ...others] = listOf(recordOf(line['_aws'])['CloudWatchMetrics']).map(recordOf);
      expect(others).toEqual([]);
      const values = listOf(directive?.['Metrics']).map((each) => {
        const name = String(recordOf(each)['Name']);
        return [name, line[name]] as const;
      });
      const sets = listOf(directive?.['Dimensions']).map((set) =>
        listOf(set)
          .map((name) => `${name}=${line[String(name)]}`)
          .toSorted(),
      );
      return { namespace: directive?.['Namespace'], sets, values: Object.fromEntries(values) };
    });

const setsOf = (route: string) => [
  [`route=${route}`, 'service=OtpService'],
  ['country=GB', `route=${route}`, 'service=OtpService'],
];

describe('metrics of receipts', () => {
  const way = { route: 'sns', country: 'GB' };
  const price = { priceUsd: 0.03, estimateUsd: 0.02 };
  const setsOfReceipts = [['service=OtpService'], ['country=GB', 'route=sns', 'service=OtpService']];

  test.each([
    [true, 1],
    [false, 0],
  ])(
    'a message that is lost (%j) counts as %i, so that the average is the share of lost ones',
    (isLost, SmsUndelivered) => {
      const lines = linesDuring(() => receiptTelemetryOf('note-receipts').settled(way, { isLost }));
      expect(metricsIn(lines)).toEqual([
        { namespace: metricsNamespace, sets: setsOfReceipts, values: { SmsUndelivered } },
      ]);
    },
  );

  test('a price counts as two sums, which can be divided', () => {
    const lines = linesDuring(() => receiptTelemetryOf('note-receipts').priced(way, { ...price, parts: undefined }));
    expect(metricsIn(lines).map(({ values }) => values)).toEqual([{ SmsPriceReal: 0.03, SmsPriceEstimated: 0.02 }]);
  });

  test('parts become two sums in the same line, by route and country as well', () => {
    const parts = { real: 3, estimated: 2 };
    const lines = linesDuring(() => receiptTelemetryOf('note-receipts').priced(way, { ...price, parts }));
    expect(metricsIn(lines)).toEqual([
      {
        namespace: metricsNamespace,
        sets: setsOfReceipts,
        values: { SmsPriceReal: 0.03, SmsPriceEstimated: 0.02, SmsPartsReal: 3, SmsPartsEstimated: 2 },
      },
    ]);
  });

  test('a price that was not counted is a failure of a dependency, and leaves no text of it in the log', () => {
    const lines = linesDuring(() => receiptTelemetryOf('note-receipts').priceNotCounted(new Error('+919876598431')));
    expect(metricsIn(lines).map(({ values }) => values)).toEqual([{ DependencyFailed: 1 }]);
    expect(JSON.stringify(lines)).not.toContain('98765');
  });

  test.each([['TEXT_NEW'], [undefined]])(
    'an event that cannot be read is counted, and logged with its type %j alone',
    (eventType) => {
      const lines = linesDuring(() =>
        receiptTelemetryOf('note-receipts').unreadable({ kind: 'unreadable', eventType }),
      );
      expect(metricsIn(lines).map(({ values }) => values)).toEqual([{ ReceiptUnreadable: 1 }]);
      const logged = lines.filter((line) => !('_aws' in line));
      expect(logged.map((line) => [line['message'], line['eventType']])).toEqual([
        ['an event could not be read', eventType],
      ]);
    },
  );
});

describe('metrics of routes', () => {
  test('each route that was tried is counted by its name and the country, in one line', () => {
    const lines = linesOf(true, [
      { name: 'notify', outcome: 'daily-limit' },
      { name: 'sns', outcome: 'accepted' },
    ]);
    expect(metricsIn(lines)).toEqual([
      { namespace: metricsNamespace, sets: setsOf('notify'), values: { SmsRouteFailed: 1 } },
      { namespace: metricsNamespace, sets: setsOf('sns'), values: { SmsRouteFailed: 0, SmsRouteAccepted: 1 } },
    ]);
  });
  test('a code that was used counts for the route of its message, and as no message', () => {
    const lines = linesOf(true, [{ name: 'sns', outcome: 'approved' }]);
    expect(metricsIn(lines)).toEqual([
      { namespace: metricsNamespace, sets: setsOf('sns'), values: { SmsRouteApproved: 1 } },
    ]);
  });
  test('a route that did not answer is no failure of it', () => {
    const lines = linesOf(true, [{ name: 'sns', outcome: 'unconfirmed' }]);
    expect(metricsIn(lines).map(({ values }) => values)).toEqual([{ SmsRouteFailed: 0, SmsRouteUnconfirmed: 1 }]);
  });
  test('a holder who opted out is no failure of the route', () => {
    const lines = linesOf(true, [{ name: 'texts', outcome: 'opted-out' }]);
    expect(metricsIn(lines).map(({ values }) => values)).toEqual([{ SmsRouteFailed: 0 }]);
  });
  test('nothing is counted by route if the policy does not ask for it', () => {
    expect(metricsIn(linesOf(false, [{ name: 'sns', outcome: 'accepted' }]))).toEqual([]);
    expect(metricsIn(linesOf(false, [{ name: 'sns', outcome: 'throttled' }]))).toEqual([]);
  });
  test.each<[what: string, counts: boolean, routes: Routes, logged: unknown]>([
    ['a single route that took the message', false, [{ name: 'sns', outcome: 'accepted' }], undefined],
    ['a single route that failed', false, [{ name: 'sns', outcome: 'throttled' }], ['sns throttled']],
    [
      'each of several routes',
      true,
      [
        { name: 'notify', outcome: 'number-limit' },
        { name: 'sns-eu-west-1', outcome: 'accepted' },
      ],
      ['notify number-limit', 'sns-eu-west-1 accepted'],
    ],
    ['a name that could be a number', true, [{ name: 'sns-447400', outcome: 'accepted' }], ['[withheld] accepted']],
    ['no route for a test number', true, undefined, undefined],
  ])('the log has of %s what it may show', (_what, counts, routes, logged) => {
    const answered = linesOf(counts, routes).find((line) => line['message'] === 'answered');
    expect(answered?.['routes']).toEqual(logged);
  });
  test('routes are counted if there are several, or another sender than SNS', () => {
    expect(
      [
        [snsRoute()],
        [snsRoute(), snsRoute({ name: 'b', region: 'eu-west-1' })],
        [notifyRoute()],
        [endUserMessagingRoute()],
      ].map((smsRoutes) => countsRoutes({ smsRoutes })),
    ).toEqual([false, true, true, true]);
  });
});

const twoRoutes: Partial<SettingsInput> = {
  purposes: ['verify-number', 'login'],
  smsRoutes: [{ sender: 'notify', configuration: 'nc-1', templates: { en: 'notify-1' } }, { name: 'backup' }],
};

const alarmsOf = (settings: Partial<SettingsInput>) =>
  Object.values(synthesizedOf(settings).resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties)
    .filter(({ MetricName }) => Object.values(routeMetrics).some((name) => name === MetricName));

describe('alarms of routes', () => {
  test('each route has an alarm that goes off if more than half of its messages fail for a quarter of an hour', () => {
    expect(alarmsOf(twoRoutes)).toEqual(
      ['notify', 'backup'].map((route) =>
        expect.objectContaining({
          AlarmName: `OtpService/SmsRouteFailed-${route}`,
          Namespace: metricsNamespace,
          MetricName: 'SmsRouteFailed',
          Dimensions: [
            { Name: 'route', Value: route },
            { Name: 'service', Value: 'OtpService' },
          ],
          Statistic: 'Average',
          Threshold: 0.5,
          ComparisonOperator: 'GreaterThanThreshold',
          Period: 300,
          EvaluationPeriods: 3,
          DatapointsToAlarm: 3,
          TreatMissingData: 'notBreaching',
          AlarmDescription: expect.stringMatching(/ More: docs\/runbook\.md#smsroutefailed$/),
        }),
      ),
    );
  });
  test('an alarm of a route finds its metric in what the functions write', () => {
    const [written] = metricsIn(linesOf(true, [{ name: 'notify', outcome: 'throttled' }]));
    const [alarm] = alarmsOf(twoRoutes);
    const named = listOf(alarm?.['Dimensions']).map((each) => `${recordOf(each)['Name']}=${recordOf(each)['Value']}`);
    expect(written?.sets).toContainEqual(named.toSorted());
    expect(Object.keys(written?.values ?? {})).toContain(alarm?.['MetricName']);
  });
  test('a single route of SNS has no alarm of its own', () => {
    expect(alarmsOf({})).toEqual([]);
  });
});

describe('the dashboard of routes', () => {
  const widgetsOf = (settings: Partial<SettingsInput>) => {
    const { resources, spell } = synthesizedOf(settings);
    const page = Object.values(resources).find(({ Type }) => Type === 'AWS::CloudWatch::Dashboard');
    const body = recordOf(JSON.parse(spell(page?.Properties['DashboardBody'])));
    return listOf(body['widgets']).map((each) => recordOf(recordOf(each)['properties']));
  };

  test('the dashboard has a row for the routes if they are counted, which lists no country', () => {
    const drawn = widgetsOf(twoRoutes).filter((each) => JSON.stringify(each).includes('SEARCH'));
    expect(drawn.map(({ title, metrics }) => [title, recordOf(listOf(listOf(metrics)[0])[0])['expression']])).toEqual(
      [
        ['SMS that a route took', 'SmsRouteAccepted'],
        ['SMS that a route did not send', 'SmsRouteFailed'],
        ['SMS that a route did not answer', 'SmsRouteUnconfirmed'],
        ['Codes that were used, by route', 'SmsRouteApproved'],
      ].map(([title, name]) => [
        title,
        `SEARCH('{OtpService,service,route,country} MetricName="${name}" service="OtpService"', 'Sum', 300)`,
      ]),
    );
  });
  test('a line of the dashboard has the name of its route and country', () => {
    const [drawn] = widgetsOf(twoRoutes).filter((each) => JSON.stringify(each).includes('SEARCH'));
    const shown = recordOf(listOf(listOf(drawn?.['metrics'])[0])[0]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a label of CloudWatch.
    expect(shown['label']).toBe("${PROP('Dim.route')} ${PROP('Dim.country')}");
  });
  test('the dashboard of a single route of SNS has no row for it', () => {
    const titles = widgetsOf({}).map(({ markdown }) => String(markdown));
    expect(titles.filter((title) => title.startsWith('## Delivery'))).toEqual([]);
    expect(widgetsOf(twoRoutes).map(({ markdown }) => markdown)).toContain(
      '## Delivery: which route takes messages, and which fails?',
    );
  });
});
