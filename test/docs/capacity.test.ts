import { describe, expect, test } from 'vitest';
import { callsOf } from '../../docs/generate/calls.ts';
import {
  billOf,
  perSend,
  perVerification,
  shipped,
  sumOf,
  symmetricOf,
  totalOf,
  variants,
  withRsa,
  withRsaHourly,
} from '../../docs/generate/capacity/bill.ts';
import {
  batchRunOf,
  billedMsOf,
  detectorOfGuards,
  newTable,
  pace,
  partitionsOf,
  sharesOf,
  unitsAt,
} from '../../docs/generate/capacity/detector.ts';
import { type Ledger, rates, readMeasured } from '../../docs/generate/capacity/measured.ts';
import { eventCosts } from '../../docs/generate/capacity/other-costs.ts';
import { chargeOf, priceList } from '../../docs/generate/capacity/prices.ts';
import { boundAt, quotasOf, sendsAt, shardsAt } from '../../docs/generate/capacity/quotas.ts';

const measured = readMeasured();
const kept = { auditDays: 90, logDays: 30 };
const bill = (rate: (typeof rates)[number], variant = shipped) => billOf({ measured, rate, variant, kept });

describe('the bill of a verification', () => {
  test('every line costs something at every rate', () => {
    for (const { name, usd } of rates.flatMap((rate) => bill(rate))) expect(usd, name).toBeGreaterThan(0);
  });

  test('a proof by RS256 costs a fifth of one by ES256, and nothing else is changed', () => {
    const saved = totalOf(bill(1)) - totalOf(bill(1, withRsa));
    const signs = sumOf(perVerification, ({ sign }) => sign) * 1e6;
    expect(saved).toBeCloseTo(0.8 * chargeOf(priceList.kmsAsymmetric, signs), 9);
  });

  test('a key of the hour leaves the codes their calls, and takes that of each seal and each opening', () => {
    const { request, 'check, right': check, 'check, wrong': wrong } = callsOf;
    const hourly = [request, check, wrong].map((calls) => symmetricOf(calls, withRsaHourly));
    expect(hourly).toEqual([request, check, wrong].map(({ kms }) => kms.GenerateMac));
    const saved = totalOf(bill(1, withRsa)) - totalOf(bill(1, withRsaHourly));
    const calls = request.kms.Encrypt + check.kms.Decrypt;
    // One call an hour and container is left.
    expect(saved).toBeLessThan(chargeOf(priceList.kms, calls * 1e6));
    expect(saved).toBeGreaterThan(0.999 * chargeOf(priceList.kms, calls * 1e6));
  });

  test('every setting changes the lines of KMS alone', () => {
    const others = variants.map((variant) => bill(20, variant).filter(({ name }) => !name.startsWith('KMS')));
    expect(others).toEqual(variants.map(() => others[0]));
  });
});

/** A ledger in which each record comes alone, and writes as much as `callsOf` says. */
const alone: Ledger = {
  shards: newTable.partitions,
  perBatch: 1,
  batches: 2,
  units: {
    entries: callsOf.request.units.securityWrites + callsOf['check, right'].units.securityWrites,
    counts: callsOf.request.units.trafficWrites + callsOf['check, right'].units.trafficWrites,
    days: detectorOfGuards.writes,
    rollUps: 0,
    rulings: 0,
    notifications: 0,
    reads: callsOf.request.units.trafficReads + callsOf['check, right'].units.trafficReads + detectorOfGuards.reads,
  },
};

describe('the part of the detector', () => {
  test('a record alone in its batch takes exactly the units that are counted of it', () => {
    for (const flow of ['request', 'check, right', 'check, wrong'] as const)
      expect(unitsAt(flow, alone)).toEqual(callsOf[flow].units);
  });

  test('half of the writes in the ledger are half of the units of the flows, and the functions keep theirs', () => {
    const { counts, entries, days } = alone.units;
    const half = { ...alone, units: { ...alone.units, counts: counts / 2, entries: entries / 2, days: days / 2 } };
    const [found, whole] = [unitsAt('check, right', half), callsOf['check, right'].units];
    expect(found.trafficWrites).toBe(whole.trafficWrites / 2);
    expect(found.securityWrites).toBe(whole.securityWrites / 2);
    expect(found.guardsWrites).toBe(whole.guardsWrites - detectorOfGuards.writes / 2);
    expect(found.verificationsWrites).toBe(whole.verificationsWrites);
  });

  test.each(rates)(
    'ordinary traffic of %i a second takes at most what its records alone would in transactions',
    (rate) => {
      const { perBatch, batches } = measured.ledgers[rate];
      for (const share of Object.values(sharesOf(measured.ledgers[rate]))) expect(share).toBeLessThanOrEqual(2);
      expect(perBatch).toBeLessThanOrEqual(100);
      const records = sumOf(perVerification, ({ streamRecords }) => streamRecords);
      expect((perBatch * batches) / records).toBeCloseTo(1, 1);
      expect(measured.ledgers[rate].shards).toBe(shardsAt(rate));
    },
  );

  test('a batch of many records runs longer than one of one, and less than so many of one', () => {
    const [one, many] = [billedMsOf(batchRunOf(1), pace.megabytes), billedMsOf(batchRunOf(100), pace.megabytes)];
    expect(many).toBeGreaterThan(one);
    expect(many).toBeLessThan(100 * one);
  });

  test('less memory makes the part of the core longer, and the wait no longer', () => {
    expect(billedMsOf({ cpuMs: 10, waitMs: 50 }, 1769)).toBe(60);
    expect(billedMsOf({ cpuMs: 10, waitMs: 50 }, 3538)).toBe(60);
    expect(billedMsOf({ cpuMs: 10, waitMs: 50 }, 884.5)).toBe(70);
  });

  test('a table has a partition for each thousand writes and each three thousand reads, and four when it is new', () => {
    expect(partitionsOf({ writes: 1, reads: 1 })).toBe(4);
    expect(partitionsOf({ writes: 5001, reads: 1 })).toBe(6);
    expect(partitionsOf({ writes: 1, reads: 15_001 })).toBe(6);
  });
});

describe('quotas', () => {
  const quotas = quotasOf({ measured, variant: shipped });

  test('the quota that binds first stands first, and each binds below the rate that exceeds it', () => {
    for (const rate of rates) {
      const found = boundAt(quotas, rate).map((quota) => sendsAt(quota, rate));
      expect(found).toEqual(found.toSorted((a, b) => a - b));
      for (const sends of found) expect(sends).toBeLessThan(rate);
    }
  });

  test('a quota that is exceeded at one rate is exceeded at every higher one', () => {
    const names = rates.map((rate) => boundAt(quotas, rate).map(({ name }) => name));
    for (const [nth, lower] of names.entries())
      for (const higher of names.slice(nth + 1)) expect(higher).toEqual(expect.arrayContaining(lower));
  });

  test('an SMS a second needs no quota raised', () => {
    expect(boundAt(quotas, 1)).toEqual([]);
  });

  test('the detector is behind at its rate, and not at one less', () => {
    const detector = quotas.find(({ bindsAt }) => bindsAt !== undefined);
    const carried = (sends: number) => shardsAt(sends) * pace.perShard * pace.share;
    const records = sumOf(perSend, ({ streamRecords }) => streamRecords);
    const binds = detector?.bindsAt ?? 0;
    expect(binds * records).toBeGreaterThan(carried(binds) - 1);
    expect((binds - 1) * records).toBeLessThanOrEqual(carried(binds - 1));
  });
});

describe('events', () => {
  test('each event costs its place on the bus and at most one call, and a receipt a look-up', () => {
    const [without, withReceipts] = eventCosts();
    const perEvent = chargeOf(priceList.event, 1e6) + chargeOf(priceList.invocation, 1e6);
    expect(without).toMatchObject({ events: 2, usd: 2 * perEvent });
    expect((withReceipts?.usd ?? 0) - (without?.usd ?? 0)).toBeCloseTo(perEvent + chargeOf(priceList.read, 1e6), 9);
  });
});

describe('prices', () => {
  test('a price is for the number that it names', () => {
    expect(chargeOf(priceList.kms, 1e6)).toBeCloseTo(3, 9);
    expect(chargeOf(priceList.api, 2e6)).toBeCloseTo(7, 9);
    expect(chargeOf(priceList.logs, 3)).toBeCloseTo(1.5, 9);
  });

  test('each price says where it stands, and on which day it was looked up', () => {
    for (const { name, source } of Object.values(priceList)) {
      expect(source.page, name).toMatch(/^https:\/\/aws\.amazon\.com\//);
      expect(source.date, name).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect('copy' in source, name).toBe(source.support === 'copy');
    }
  });
});
