import { describe, expect, test } from 'vitest';
import type { TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import { digits, event, hourMs, minuteMs, ordinary, type Scene, scene } from '../fakes/bursts/scene.ts';

const learnt = async (): Promise<Scene> => {
  const stage = scene();
  await ordinary(stage);
  return stage;
};

/** One person asks and resends for hours, as often as anybody may, and enters no code. */
const impatient = async (stage: Scene, phone: string, times = 10): Promise<void> => {
  const firstMs = stage.now();
  let previousMs: number | undefined;
  for (let index = 0; index < times; index += 1) {
    const since =
      previousMs === undefined
        ? {}
        : { sincePreviousSendMs: stage.now() - previousMs, sinceFirstSendMs: stage.now() - firstMs };
    await stage.send({ phone, ip: 'home' }, since);
    previousMs = stage.now();
    stage.wait(20_000);
    await stage.happen([
      event('resent', { phone, ip: 'home' }, stage.now(), { ...since, startedAtMs: previousMs, sends: 2 }),
    ]);
    stage.wait(40_000);
  }
};

describe('one person', () => {
  test('a person whose SMS does not arrive stays one person, however often the person asks', async () => {
    const stage = await learnt();
    await impatient(stage, '+447700120001');
    expect(stage.rulings).toEqual([]);
  });

  test('two people do not restrict a range of whose prefix others were restricted', async () => {
    const stage = await learnt();
    for (let index = 0; index < 40; index += 1) {
      await stage.send({ phone: `+44770099${digits(index, 4)}` });
      stage.wait(300);
    }
    expect(stage.rulings.some(({ key }) => key.of === '+44770099')).toBe(true);
    stage.wait(hourMs);
    const before = stage.rulings.length;
    await impatient(stage, '+447700120001', 5);
    await impatient(stage, '+447700120002', 5);
    expect(stage.rulings.slice(before)).toEqual([]);
  });

  test('resends are SMS: they are priced as such, and make people without an approval more suspicious', async () => {
    const until = async (resends: number) => {
      const stage = await learnt();
      for (let index = 0; index < 60; index += 1) {
        const sender = { phone: `+44770012${digits(index, 4)}` };
        const startedAtMs = stage.now();
        await stage.send(sender);
        for (let resend = 0; resend < resends; resend += 1)
          await stage.happen([event('resent', sender, stage.now(), { startedAtMs, sends: 2 + resend })]);
        const found = stage.rulings.find(({ key }) => key.level === 'range');
        if (found !== undefined) return { people: index + 1, found };
        stage.wait(20_000);
      }
      throw new Error('No range was restricted.');
    };
    const [once, often] = [await until(0), await until(4)];
    expect(often.people).toBeLessThan(once.people);
    // The last person has got one SMS so far.
    const sms = (often.people - 1) * 5 + 1;
    expect(often.found.explanation.seenSms).toBe(sms);
    expect(often.found.explanation.spentUsd).toBeCloseTo(sms * 0.05, 6);
  });
});

describe('calls', () => {
  /** A burst to one range, of which each sender asks by some channel. */
  const found = async (channelOf: (index: number) => TrafficEvent['channel']) => {
    const stage = await learnt();
    for (let index = 0; index < 60; index += 1) {
      await stage.send({ phone: `+44770012${digits(index, 4)}` }, { channel: channelOf(index) });
      const ruling = stage.rulings.find(({ key }) => key.level === 'range');
      if (ruling !== undefined) return { people: index + 1, ruling };
      stage.wait(20_000);
    }
    throw new Error('No range was restricted.');
  };

  test('calls make a burst as SMS do, and cost what a call costs', async () => {
    const [texts, calls, both] = [
      await found(() => undefined),
      await found(() => 'voice'),
      await found((index) => (index % 2 === 0 ? 'voice' : undefined)),
    ];
    expect([calls.people, both.people]).toEqual([texts.people, texts.people]);
    expect(texts.ruling.explanation.spentUsd).toBeCloseTo(texts.people * 0.05, 6);
    expect(calls.ruling.explanation.spentUsd).toBeCloseTo(calls.people * 0.013, 6);
    const byVoice = Math.ceil(both.people / 2);
    expect(both.ruling.explanation.spentUsd).toBeCloseTo(byVoice * 0.013 + (both.people - byVoice) * 0.05, 6);
    expect(both.ruling.explanation.seenSms).toBe(both.people);
  });
});

describe('pairs, the control group', () => {
  /** Pairs ask as they do, and verify if codes arrive; strangers come in numbers, and enter nothing. */
  const rush = async (arrives: boolean, pairs: number) => {
    const stage = await learnt();
    const pair = { unverified: false, pair: true } as const;
    const pairsAsk = async (count: number, doVerify: boolean) => {
      for (let index = 0; index < count; index += 1) {
        const sender = { phone: `+4479${digits(index * 7919, 8)}` };
        const startedAtMs = stage.now();
        await stage.send(sender, pair);
        if (doVerify) await stage.happen([event('approved', sender, startedAtMs + 20_000, { ...pair, startedAtMs })]);
        stage.wait(5000);
      }
    };
    await pairsAsk(100, true);
    stage.wait(30 * minuteMs);
    await pairsAsk(pairs, arrives);
    for (let index = 0; index < 60; index += 1) {
      await stage.send({ phone: `+44${7600 + (index % 40)}${digits((index * 7717) % 1_000_000, 6)}` });
      stage.wait(2000);
    }
    return stage.rulings.filter(({ key, action }) => key.level === 'country' && action !== 'none');
  };
  test('missing approvals are evidence while pairs verify, and none while theirs are missing as well', async () => {
    expect(await rush(true, 60)).toHaveLength(1);
    expect(await rush(false, 60)).toEqual([]);
  });
  test('a group has no excuse if only a few pairs get no approval', async () => {
    expect(await rush(false, 3)).toHaveLength(1);
  });
});

describe('customers’ numbers', () => {
  test('trusted numbers from new networks that verify too rarely are restricted there, and pairs are not', async () => {
    const stage = await learnt();
    for (let index = 0; index < 60; index += 1) {
      await stage.send({ phone: `+4477${digits(index * 7919, 8)}` }, { unverified: false });
      stage.wait(5000);
    }
    const found = stage.rulings.filter(({ action }) => action !== 'none');
    expect(found).toMatchObject([
      {
        key: { level: 'new-network', of: 'GB' },
        action: 'restrict',
        severity: 'high',
        explanation: { probesPerHour: 5 },
      },
    ]);
  });
});

describe('the narrowest group that explains the evidence', () => {
  test('an attack on one range restricts the range, and neither its prefix nor its country', async () => {
    const stage = await learnt();
    for (let index = 0; index < 40; index += 1) {
      await stage.send({ phone: `+44770012${digits(index, 4)}` });
      stage.wait(1000);
    }
    stage.wait(40 * minuteMs);
    for (let index = 0; index < 5; index += 1) {
      await stage.send({ phone: `+44770${digits(200 + index, 3)}${digits(index, 4)}` });
      stage.wait(minuteMs);
    }
    expect(stage.rulings.map(({ key }) => key.level)).toEqual(['range']);
  });
});
