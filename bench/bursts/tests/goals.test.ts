/** Each measure that the detector is judged by has a row, a target and a verdict. */

import { expect, test } from 'vitest';
import { aims, budgets, type DenialScore } from '../denial/plan.ts';
import { denialTargets, type Played } from '../denial/table.ts';
import { type Measures, measuredRows } from '../measures/measures.ts';
import type { Pace } from '../measures/pace/pace.ts';
import { rows } from '../report/table.ts';

const targetsOf = (table: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...table.matchAll(/^\| ([^|]+) \| ([^|]+) \|/gm)].map(([, measure = '', target = '']) => [measure, target]),
  );

test('each measure of a simulation has a row with its target', () => {
  expect(Object.fromEntries(rows.map(({ measure, target }) => [measure, target.text]))).toMatchObject({
    'messages leaked, all families': '≤ 12.0%',
    'USD leaked, all families': '≤ 7.00%',
    'of the messages leaked: not on a daily curve, A21': '≤ 6.00%',
    'worst family except A21, share': '≤ 40.0%',
    'families that leak and are never noticed': '≤ 0',
    'A21 daily curve, found within 24 h': 'all',
    'legitimate blocked, whole run, ppm': '≤ 700',
    'legitimate blocked, clean days, ppm': '≤ 20',
    'never served in outages, ppm': '≤ 4,000',
    'never served in a new office, ppm': '≤ 10,000',
    'A1 sequential range, messages before the first refusal': '≤ 33',
    'A1 sequential range, all messages except probes': '≤ 33',
    'A2 random in one prefix, messages before the first refusal': '≤ 26',
    'A2 random in one prefix, all messages except probes': '≤ 26',
    'A3 one IP, messages before the first refusal': '≤ 6',
    'A3 one IP, all messages except probes': '≤ 6',
    'A6 bombing, messages a victim and day': '≤ 10',
    'high findings that are true': '≥ 97%',
    'high findings about one attack, at most': '≤ 2',
  });
});

test('each measure beside the simulation has a row with its target', () => {
  const pace: Pace = { recordsPerSecond: 1, usedMs: 1, conflicts: 1, writeUnits: 1, readUnits: 1, calls: 1, failed: 0 };
  const exact = { events: 1, compared: { wrong: 0, counters: 1 } };
  const measures = {
    memory: exact,
    tables: exact,
    costs: [{ scenario: { name: '40,000 a day' }, lines: [] }],
    delays: { bursts: 1, medianMs: 1, p99Ms: 1, maxMs: 1 },
    paces: { core: pace, '512': pace, alone: pace, eight: pace, hundreds: pace, 'hundreds-512': pace, ones: pace },
  };
  const found = measuredRows(measures as unknown as Measures);
  expect(Object.fromEntries(found.map(({ measure, target }) => [measure, target.text]))).toMatchObject({
    'block holds after the deciding request, local stack, p99': '≤ 0.5 s',
    'records a second per shard, full core': '≥ 400',
    'records a second per shard, emulated 512 MB': '≥ 150',
    'eight shards in one country, conflicts per record': '≤ 0.02',
    'eight shards in one country, total against one shard': '≥ 5 ×',
    'DynamoDB write units per record, batches of 1': '≤ 10',
    'DynamoDB write units per record, batches of 100': '≤ 6',
    'guard and detector, USD per million verifications: 40,000 a day': '≤ $25',
  });
});

test('each measure of denial attacks has a row with its target', () => {
  const nobody = { total: 1, refused: 0 };
  const score: DenialScore = {
    people: { pair: nobody, 'trusted elsewhere': nobody, new: nobody },
    ...{ sent: 1, asked: 1, overAfterMinutes: 0 },
  };
  const played = aims.flatMap((aim) =>
    budgets.map((budget): Played => ({ name: 'ours', game: { aim, budget, ips: 1, seed: 1, behindDays: 90 }, score })),
  );
  const table = denialTargets(played);
  expect(targetsOf(table)).toMatchObject({
    'people refused: a number': '≤ 0.00%',
    'people refused: an office or a gateway': '≤ 8.00%',
    'people refused: a country': '≤ 10.0%',
    'people refused: a range': '≤ 35.0%',
    'people refused: free requests alone': '≤ 0.00%',
    'people refused: more at 1,000 SMS an hour than at 100': '≤ 5 points',
    'pairs refused, attackers outside of their network': '0',
    'pairs refused, attackers inside of their network': '0',
    'minutes from the end of the attack until it is over, at most': '≤ 15',
  });
  const verdicts = table
    .split('\n')
    .slice(2)
    .map((line) => line.split(' | ')[2]);
  expect(new Set(verdicts)).toEqual(new Set(['met']));
});
