import { describe, expect, test } from 'vitest';
import { numberLimits } from '../../lambdas/contract.ts';
import type { Action, Operator } from '../../lambdas/desk/actions.ts';
import { type NumberActs, noteAct } from '../../lambdas/desk/numbers/acts.ts';
import { eraseNumber, type NumberEraser } from '../../lambdas/desk/numbers/erase.ts';
import { actionOnNumber, type NumberRecords, readNumberHistory } from '../../lambdas/desk/numbers/history.ts';
import { drawOrder, isOrder } from '../../lambdas/desk/numbers/order.ts';
import { recordsEndMs, remainsAfter } from '../../lambdas/desk/numbers/remains.ts';
import { pseudonymsFrom } from '../../lambdas/otp/number/pseudonyms.ts';
import { samplePolicy } from '../fakes/policy.ts';
import { phone } from '../fakes/world.ts';

const nowMs = Date.UTC(2026, 10, 29, 3);
const number = '+919876543210';
const pseudonyms = async () => pseudonymsFrom(Buffer.alloc(32, 7));

let requests = 0;
const operatorAt = (atMs: number): Operator => {
  requests += 1;
  return { principal: 'arn:aws:sts::111122223333:assumed-role/Privacy/ann', atMs, requestId: `request-${requests}` };
};

/** The trail in memory. Each call takes a turn of the event loop, so that callers beside each other mix. */
const memoryActs = (): NumberActs & { readonly noted: Action[] } => {
  const noted: Action[] = [];
  return {
    noted,
    note: async (action) => {
      await Promise.resolve();
      noted.push(action);
    },
    timesOf: async (name, sinceMs) => {
      await Promise.resolve();
      return noted
        .filter(({ action, atMs }) => action === name && atMs > sinceMs)
        .map(({ atMs }) => atMs)
        .toSorted((one, other) => other - one);
    },
  };
};

const empty: NumberRecords = {
  events: async () => ({ events: [], cursor: undefined }),
  state: async () => ({
    guard: undefined,
    reputation: undefined,
    simSwap: undefined,
    portNotice: undefined,
    blocks: [],
    findings: [],
    counts: 0,
  }),
};

describe('an act on a number', () => {
  const act = (atMs: number) => actionOnNumber(operatorAt(atMs), 'history', { reason: 'a complaint' });

  test('an act on a number is noted as an act on a number, with neither number nor keyed hash', async () => {
    const acts = memoryActs();
    await readNumberHistory({ acts, records: empty, pseudonyms })(
      { phone: phone(number), reason: 'a complaint', cursor: undefined },
      operatorAt(nowMs),
    );
    expect(acts.noted).toMatchObject([{ action: 'history', about: 'a number', reason: 'a complaint', atMs: nowMs }]);
    const key = (await pseudonyms()).phoneKey(phone(number));
    const text = JSON.stringify(acts.noted);
    for (const secret of [number.slice(1), number.slice(-4), key, key.slice(0, 12)]) expect(text).not.toContain(secret);
  });

  test('nothing is read and nothing erased if the act cannot be noted', async () => {
    const acts = { ...memoryActs(), note: async () => Promise.reject(new Error('no trail')) };
    const touched: string[] = [];
    const touch = async (): Promise<never> => {
      touched.push('touched');
      throw new Error('touched');
    };
    const eraser = { limits: touch, counts: touch, findings: touch, someEvents: touch, staffBlocks: touch };
    const request = { phone: phone(number), reason: 'a complaint' };
    const reading = readNumberHistory({ acts, records: { events: touch, state: touch }, pseudonyms });
    await expect(reading({ ...request, cursor: undefined }, operatorAt(nowMs))).rejects.toThrow('no trail');
    const erasing = eraseNumber({ acts, eraser, pseudonyms, now: () => nowMs });
    await expect(erasing({ ...request, order: undefined }, operatorAt(nowMs))).rejects.toThrow('no trail');
    expect(touched).toEqual([]);
  });

  test('no more acts beside each other are admitted than an hour may have', async () => {
    const acts = memoryActs();
    const outcomes = await Promise.all(Array.from({ length: 9 }, (_, nth) => noteAct(acts, act(nowMs + nth), 5)));
    expect(outcomes.filter((outcome) => outcome === undefined).length).toBeLessThanOrEqual(5);
    expect(acts.noted).toHaveLength(9);
  });

  test('an act is admitted again once the hour is over, and Retry-After says when that is', async () => {
    const acts = memoryActs();
    for (const minute of [0, 10, 20]) expect(await noteAct(acts, act(nowMs + minute * 60_000), 3)).toBeUndefined();
    const refused = await noteAct(acts, act(nowMs + 30 * 60_000), 3);
    expect(refused).toEqual({ kind: 'too-many', maxPerHour: 3, retryAfterSeconds: 30 * 60 });
    // The refused one counts: of the last hour there are those of 10, 20 and 30 minutes, and this one.
    expect(await noteAct(acts, act(nowMs + 60 * 60_000 + 1000), 3)).toBeDefined();
    expect(await noteAct(acts, act(nowMs + 140 * 60_000), 3)).toBeUndefined();
  });

  test('acts of one kind leave those of the other alone', async () => {
    const acts = memoryActs();
    for (let nth = 0; nth < 3; nth += 1) await noteAct(acts, act(nowMs + nth), 3);
    const erasing = actionOnNumber(operatorAt(nowMs), 'erase', { reason: 'asked for', order: 'ERASE-2026-0001' });
    expect(await noteAct(acts, erasing, 1)).toBeUndefined();
  });

  test('a history is refused beyond its number within an hour, and reads nothing', async () => {
    const acts = memoryActs();
    let reads = 0;
    const records: NumberRecords = {
      ...empty,
      events: async () => {
        reads += 1;
        return { events: [], cursor: undefined };
      },
    };
    const read = readNumberHistory({ acts, records, pseudonyms });
    const request = { phone: phone(number), reason: 'a complaint', cursor: undefined };
    const kinds: string[] = [];
    for (let nth = 0; nth <= numberLimits.historiesPerHour; nth += 1)
      kinds.push((await read(request, operatorAt(nowMs + nth))).kind);
    expect(kinds.at(-1)).toBe('too-many');
    expect(kinds.filter((kind) => kind === 'history')).toHaveLength(numberLimits.historiesPerHour);
    expect(reads).toBe(numberLimits.historiesPerHour);
  });
});

describe('an order number', () => {
  test.each([
    ['ERASE-2026-0001', true],
    ['GDPR-17', true],
    ['a-b-c', true],
    ['', false],
    ['2026-0001', false],
    ['order 17', false],
    ['tel-919876543210', false],
    ['t-91-98-76-54-32-10', false],
    ['A'.repeat(41), false],
    ['x-٠١٢٣٤٥٦٧٨٩', false],
    ['<script>', false],
  ])('an order number has letters, hyphens and fewer digits than a telephone number: %s', (text, expected) => {
    expect(isOrder(text)).toBe(expected);
  });

  test('a drawn order number is one, has no digit but those of its year, and is another for each request', () => {
    const drawn = Array.from({ length: 200 }, (_, nth) => drawOrder(`request ${nth}`, nowMs));
    for (const order of drawn) {
      expect(order).toMatch(/^ERASE-2026-[B-Z]{8}$/);
      expect(isOrder(order)).toBe(true);
    }
    expect(new Set(drawn).size).toBe(drawn.length);
  });
});

const one: Awaited<ReturnType<NumberEraser['limits']>> = { guard: 1, reputation: 1, simSwap: 1, longerCodes: 0 };
const eraserOf = (pages: number, spend: () => void = () => undefined): NumberEraser => {
  let left = pages;
  return {
    limits: async () => one,
    counts: async () => ({ counts: 3 }),
    findings: async () => ({ findings: 1, notices: 2 }),
    someEvents: async () => {
      spend();
      left -= 1;
      return { events: 10, namesAtIps: 1, areThereMore: left > 0 };
    },
    staffBlocks: async () => [],
  };
};

describe('an erasure', () => {
  const request = { phone: phone(number), reason: 'asked for by letter', order: undefined };

  test('an erasure says what it erased, under an order number that the trail keeps', async () => {
    const acts = memoryActs();
    const erase = eraseNumber({ acts, eraser: eraserOf(3), pseudonyms, now: () => nowMs });
    const done = await erase({ ...request, order: 'ERASE-2026-0001' }, operatorAt(nowMs));
    expect(done).toMatchObject({
      order: 'ERASE-2026-0001',
      isComplete: true,
      erased: { ...one, counts: 3, findings: 1, notices: 2, events: 30, namesAtIps: 3 },
    });
    expect(acts.noted).toMatchObject([{ action: 'erase', about: 'a number', order: 'ERASE-2026-0001' }]);
  });

  test('an erasure that comes to the end of its time says so, and the next one goes on', async () => {
    let clockMs = nowMs;
    const spend = () => {
      clockMs += 4000;
    };
    const eraser = eraserOf(7, spend);
    const erase = eraseNumber({ acts: memoryActs(), eraser, pseudonyms, now: () => clockMs });
    const first = await erase(request, operatorAt(clockMs));
    expect(first).toMatchObject({ isComplete: false, erased: { events: 50 } });
    expect(await erase(request, operatorAt(clockMs))).toMatchObject({ isComplete: true, erased: { events: 20 } });
  });

  test('an erasure that is one too many within the hour is refused, and erases nothing', async () => {
    const acts = memoryActs();
    let erased = 0;
    const eraser = eraserOf(Number.MAX_SAFE_INTEGER);
    const counting: NumberEraser = {
      ...eraser,
      limits: async () => {
        erased += 1;
        return one;
      },
      someEvents: async () => ({ events: 0, namesAtIps: 0, areThereMore: false }),
    };
    const erase = eraseNumber({ acts, eraser: counting, pseudonyms, now: () => nowMs });
    for (let nth = 0; nth < numberLimits.erasesPerHour + 5; nth += 1) await erase(request, operatorAt(nowMs + nth));
    expect(erased).toBe(numberLimits.erasesPerHour);
  });
});

describe('what remains after an erasure', () => {
  const lifetimes = { refusalSeconds: 3600, askersDays: 3, verifiersDays: 30 };
  const remaining = remainsAfter(samplePolicy, lifetimes, nowMs);

  test('records are of no use a quarter of an hour later, or a minute more', () => {
    expect(recordsEndMs(samplePolicy, nowMs) - nowMs).toBeLessThanOrEqual(16 * 60_000);
    expect(remaining[0]?.untilMs).toBe(recordsEndMs(samplePolicy, nowMs));
  });

  test('backups are gone after 35 days, dead letters after 30, exports after 7, logs after their retention', () => {
    const days = (what: RegExp) =>
      ((remaining.find((each) => what.test(each.what))?.untilMs ?? 0) - nowMs) / 86_400_000;
    expect([days(/backups/), days(/Dead letters/), days(/Exports/), days(/Logs/)]).toEqual([
      ...[35, 30, 7],
      samplePolicy.logRetentionDays,
    ]);
  });

  test('each says how it ends', () => {
    expect(remaining.every(({ how }) => how.length > 20)).toBe(true);
  });
});
