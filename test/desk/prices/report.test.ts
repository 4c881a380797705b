import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enoughMessages, reportPrices } from '../../../lambdas/desk/prices/report.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { memoryPrices } from '../../fakes/receipts/memory-receipts.ts';
import { endUserMessagingRoute, notifyRoute } from '../../fakes/sending/routes.ts';
import { sampleVoice } from '../../fakes/sending/voice.ts';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-11-30T12:00:00Z');
const country = { priceUsd: 0.02, maxPriceUsd: 0.1, caps: { hourUsd: 20, dayUsd: 100 } };
const policy: Policy = {
  ...samplePolicy,
  countries: { IN: country, GB: { ...country, priceUsd: 0.05, maxPriceUsd: 0.06 } },
  smsRoutes: [endUserMessagingRoute({ name: 'eum' }), notifyRoute({ name: 'notify' })],
  receipts: { sources: ['configuration-set'], noteMessageIds: false, feedback: false },
};
const callRoute = sampleVoice.routes[0].name;
const withCalls: Policy = { ...policy, voice: { ...sampleVoice, countries: { IN: { priceUsd: 0.01 } } } };

type Message = {
  readonly of?: string;
  readonly route?: string;
  readonly day?: string;
  readonly real: number;
  readonly estimate?: number;
  readonly parts?: { readonly real: number; readonly estimated: number } | undefined;
  readonly times?: number;
};
const one = { real: 1, estimated: 1 };

const reportOf = async (messages: readonly Message[], given = policy, sinceMs?: number) => {
  const book = memoryPrices();
  for (const { of = 'IN', route = 'eum', day = '2026-11-29', real, estimate = 0.02, times = 20, ...each } of messages)
    for (let time = 0; time < times; time += 1)
      await book.add({ country: of, route }, day, {
        priceUsd: real,
        estimateUsd: estimate,
        parts: 'parts' in each ? each.parts : one,
      });
  return reportPrices(book, given)(sinceMs, nowMs);
};
const statesOf = ({ rows }: Awaited<ReturnType<typeof reportOf>>) =>
  Object.fromEntries(rows.map((row) => [`${row.country} ${row.route}`, row.state]));

describe('a report of prices', () => {
  test('the days of a country and route are one row, with its sums and drifts', async () => {
    const report = await reportOf([
      { real: 0.02, day: '2026-11-28', times: 5 },
      { real: 0.03, times: 15, parts: { real: 3, estimated: 2 } },
    ]);
    expect(report).toMatchObject({ hasReceipts: true, state: 'drift', unreadable: 0 });
    expect(report.rows).toEqual([
      {
        ...{ country: 'IN', route: 'eum', channel: 'sms', messages: 20 },
        ...{ estimatedMicroUsd: 400_000, realMicroUsd: 550_000, driftPercent: 37.5 },
        ...{ partsOf: 20, estimatedParts: 35, realParts: 50, partsDriftPercent: 42.9 },
        state: 'drift',
      },
    ]);
  });

  test.each([
    [0.02, 'ok'],
    [0.024, 'ok'],
    [0.0241, 'drift'],
    [0.016, 'ok'],
    [0.0159, 'drift'],
  ])('a real price of $%d where the caps count $0.02 is %s', async (real, state) => {
    const report = await reportOf([{ real }]);
    expect([report.state, statesOf(report)]).toEqual([state, { 'IN eum': state }]);
    expect(report.changes).toEqual(
      state === 'ok' ? [] : [{ setting: 'countries.IN.priceUsd', now: 0.02, value: real }],
    );
  });

  test('few messages are shown, and judged by nobody', async () => {
    const [few, enough] = [
      await reportOf([{ real: 0.09, times: enoughMessages - 1 }]),
      await reportOf([{ real: 0.09, times: enoughMessages }]),
    ];
    expect([few.state, statesOf(few), few.changes]).toEqual(['ok', { 'IN eum': 'few' }, []]);
    expect([enough.state, statesOf(enough)]).toEqual(['drift', { 'IN eum': 'drift' }]);
  });

  test('the value to write is of a part as the caps count parts, so that caps are right whatever AWS counts', async () => {
    const { changes } = await reportOf([{ real: 0.12, estimate: 0.04, parts: { real: 4, estimated: 2 } }]);
    expect(changes).toEqual([{ setting: 'countries.IN.priceUsd', now: 0.02, value: 0.06 }]);
  });

  test('the dearest route of a country decides, because the settings have one price for all', async () => {
    const report = await reportOf([{ real: 0.03 }, { route: 'notify', real: 0.005 }]);
    expect(report.changes).toEqual([{ setting: 'countries.IN.priceUsd', now: 0.02, value: 0.03 }]);
    const cheap = await reportOf([{ real: 0.02 }, { route: 'notify', real: 0.005 }]);
    expect([cheap.state, statesOf(cheap), cheap.changes]).toEqual(['ok', { 'IN eum': 'ok', 'IN notify': 'known' }, []]);
  });

  test('a price that the settings have meanwhile is known, and asks for nothing', async () => {
    const report = await reportOf([{ real: 0.02, estimate: 0.01 }]);
    expect([report.state, statesOf(report), report.changes]).toEqual(['ok', { 'IN eum': 'known' }, []]);
  });

  test('a country or a route that the settings do not have any more asks for nothing', async () => {
    const report = await reportOf([{ of: 'FR', real: 0.09 }]);
    expect([report.state, statesOf(report), report.changes]).toEqual(['ok', { 'FR eum': 'known' }, []]);
  });

  test('a price above the maximum of its country names both settings, because one alone would be refused', async () => {
    const { changes } = await reportOf([{ of: 'GB', real: 0.08, estimate: 0.05 }]);
    expect(changes).toEqual([
      { setting: 'countries.GB.priceUsd', now: 0.05, value: 0.08 },
      { setting: 'countries.GB.maxPriceUsd', now: 0.06, value: 0.08 },
    ]);
  });

  test('a call has a price of its own, and no parts', async () => {
    const report = await reportOf(
      [{ real: 0.02 }, { route: callRoute, real: 0.03, estimate: 0.01, parts: undefined }],
      withCalls,
    );
    expect(report.rows.find(({ route }) => route === callRoute)).toMatchObject({
      ...{ channel: 'voice', state: 'drift', driftPercent: 200, partsDriftPercent: undefined },
    });
    expect(report.changes).toEqual([{ setting: 'voice.countries.IN.priceUsd', now: 0.01, value: 0.03 }]);
  });

  test('a value to write is one that the settings take', async () => {
    const { changes } = await reportOf([{ real: 0 }, { of: 'GB', real: 9, estimate: 0.05 }]);
    expect(changes.map(({ value }) => value)).toEqual(expect.arrayContaining([0.001, 1]));
  });

  test('the changes of a report make the next one quiet', () =>
    fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.002, max: 0.5, noNaN: true }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (real, estimated, counted) => {
          const parts = { real: counted, estimated };
          const { changes } = await reportOf([{ real, estimate: 0.02 * estimated, parts }]);
          const value = changes.find(({ setting }) => setting.endsWith('IN.priceUsd'))?.value ?? 0.02;
          const next = await reportOf([{ real, estimate: value * estimated, parts }], {
            ...policy,
            countries: { IN: { ...country, priceUsd: value, maxPriceUsd: 1 } },
          });
          expect([next.state, next.changes]).toEqual(['ok', []]);
        },
      ),
    ));
});

describe('the days of a report', () => {
  test.each([
    [undefined, '2026-10-31T00:00:00.000Z'],
    [nowMs - 7 * dayMs, '2026-11-23T00:00:00.000Z'],
    [0, '2026-09-01T00:00:00.000Z'],
  ])('a report since %j begins at %s', async (sinceMs, begins) => {
    expect(new Date((await reportOf([], policy, sinceMs)).sinceMs).toISOString()).toBe(begins);
  });

  test('a day before the first one does not count, and the first one counts whole', async () => {
    const messages = [
      { real: 0.09, day: '2026-11-22' },
      { real: 0.02, day: '2026-11-23' },
    ];
    expect((await reportOf(messages, policy, nowMs - 7 * dayMs)).rows).toMatchObject([{ messages: 20, state: 'ok' }]);
  });

  test('a report of a time to come is empty, and ok', async () => {
    expect(await reportOf([{ real: 0.09 }], policy, nowMs + 7 * dayMs)).toMatchObject({ state: 'ok', rows: [] });
  });

  test('a deployment without receipts reads nothing, and says so', async () => {
    const { receipts: _, ...without } = policy;
    const book = { since: async () => Promise.reject(new Error('read')) };
    expect(await reportPrices(book, without)(undefined, nowMs)).toMatchObject({ hasReceipts: false, rows: [] });
  });
});
