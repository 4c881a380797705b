import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import { detectBursts } from '../../lambdas/bursts/detect.ts';
import { thresholds } from '../../lambdas/bursts/evidence/thresholds.ts';
import { isNewAndSevere } from '../../lambdas/bursts/findings/campaign.ts';
import type { RulingDecision } from '../../lambdas/bursts/findings/decision.ts';
import type { Notification } from '../../lambdas/bursts/findings/render.ts';
import type { Candidate } from '../../lambdas/bursts/judge/candidate.ts';
import { actionOf, modeOf } from '../../lambdas/bursts/judge/consequences.ts';
import { ruleNames } from '../../lambdas/policy.ts';
import { defaultBursts } from '../../lib/settings/schema/bursts.ts';
import { digits, event, hourMs, minuteMs, ordinary, type Scene, scene } from '../fakes/bursts/scene.ts';

const attacked = '+44770012';
const inBlock = (index: number): string => `${attacked}${digits(index, 4)}`;

/** Sends that were let through before the block on the attacked range. */
const pump = async (stage: Scene, { most = 200, everyMs = 100, phone = inBlock, from = 0 } = {}): Promise<number> => {
  for (let index = 0; index < most; index += 1) {
    const number = phone(from + index);
    const key = { level: 'range', of: number.slice(0, -4) } as const;
    if (stage.store.blockOn(key, stage.now()) !== undefined) return index;
    await stage.send({ phone: number });
    stage.wait(everyMs);
  }
  return most;
};

const learnt = async (options: Parameters<typeof scene>[0] = {}): Promise<Scene> => {
  const stage = scene(options);
  await ordinary(stage);
  return stage;
};

describe('a burst', () => {
  test('a burst into a range is stopped within a few messages, and its neighbor is not', async () => {
    const stage = await learnt();
    expect(await pump(stage)).toBeLessThan(40);
    expect(stage.store.blockOn({ level: 'range', of: attacked }, stage.now())).toMatchObject({
      step: 0,
      action: 'restrict',
    });
    expect(stage.store.blockOn({ level: 'range', of: '+44770013' }, stage.now())).toBeUndefined();
  });

  test('a burst of people who enter their codes is a launch, and no key is blocked', async () => {
    const stage = await learnt();
    for (let index = 0; index < 600; index += 1) {
      const phone = `+44${7000 + (index % 40)}${digits(index * 131, 6)}`;
      if ((index * 37 + Math.floor(index / 40) * 13) % 100 < 80) await stage.verify({ phone });
      else await stage.send({ phone });
      stage.wait(6000);
    }
    expect(stage.rulings.filter(({ action }) => action !== 'none')).toEqual([]);
  });

  test.each([20, 60])(
    'a launch is no attack either, when it is read %i minutes late, a hundred records at a time',
    async (late) => {
      const stage = await learnt();
      const events = Array.from({ length: late * 60 }, (_, index) => {
        const phone = `+44${7000 + (index % 3)}${digits((index * 7919 * 31) % 1_000_000, 6)}`;
        const atMs = stage.now() + index * 1000;
        const started = event('started', { phone }, atMs);
        const isTyped = (index * 37 + Math.floor(index / 40) * 13) % 100 < 80;
        return isTyped ? [started, event('approved', { phone }, atMs + 20_000, { startedAtMs: atMs })] : [started];
      });
      const inOrder = events.flat().toSorted((one, other) => one.atMs - other.atMs);
      stage.wait(late * minuteMs + 20_000);
      for (let from = 0; from < inOrder.length; from += 100) await stage.happen(inOrder.slice(from, from + 100));
      expect(stage.rulings.filter(({ action }) => action !== 'none')).toEqual([]);
    },
  );

  test('an outage is no burst, because it has no more traffic than usual', async () => {
    const stage = await learnt();
    expect(await ordinary(stage, { days: 1 / 12, conversion: 0.1 })).toEqual([]);
  });

  test('a burst that comes again is stopped in about half the messages', async () => {
    const stage = await learnt();
    const first = await pump(stage);
    stage.wait(thresholds.restriction.ms + 1000);
    const second = await pump(stage, { from: 1000 });
    expect(second).toBeLessThan(first);
    expect(stage.store.blockOn({ level: 'range', of: attacked }, stage.now())).toMatchObject({ step: 1 });
  });

  test('a burst that goes on behind the restriction is blocked', async () => {
    const stage = await learnt();
    await pump(stage);
    stage.wait(30_000);
    // What still comes through are IPs where people have verified.
    for (let index = 0; index < 40; index += 1) {
      await stage.send({ phone: inBlock(5000 + index) }, { trustedIp: true });
      stage.wait(1500);
    }
    expect(stage.store.blockOn({ level: 'range', of: attacked }, stage.now())?.action).toBe('block');
  });

  test('an office where people verify passes the restriction, however many come at once', async () => {
    const stage = await learnt();
    await pump(stage);
    stage.wait(30_000);
    const starts = Array.from({ length: 60 }, (_, index) => ({ phone: inBlock(6000 + index), ip: 'office' }));
    for (const [index, sender] of starts.entries()) {
      const startedAtMs = stage.now();
      await stage.send(sender, { trustedIp: true });
      const before = starts[index - 20];
      const facts = { startedAtMs: startedAtMs - 20 * 1000, trustedIp: true };
      if (before !== undefined) await stage.happen([event('approved', before, stage.now(), facts)]);
      stage.wait(1000);
    }
    expect(stage.store.blockOn({ level: 'range', of: attacked }, stage.now())?.action).toBe('restrict');
  });

  test('a burst in one range after the other of a prefix is stopped in fewer messages each time', async () => {
    const stage = await learnt();
    const sent: number[] = [];
    for (let range = 0; range < 4; range += 1) {
      sent.push(
        await pump(stage, { phone: (index) => `+44770${digits(20 + 7 * range, 3)}${digits(index, 4)}`, everyMs: 5000 }),
      );
      stage.wait(5 * minuteMs);
    }
    expect(sent).toEqual(sent.toSorted((one, other) => other - one));
    expect(sent.at(-1)).toBeLessThan((sent[0] ?? 0) / 2);
  });

  test('unverified numbers that verify in one range are found, and a campaign that brings them to every range is not', async () => {
    const crowd = async (people: number, phone: (index: number) => string) => {
      const stage = await learnt();
      for (let index = 0; index < people; index += 1) {
        await stage.verify({ phone: phone(index), ip: `a${index}` });
        stage.wait(hourMs / people);
      }
      return stage.rulings.filter(({ rule }) => rule === 'converting-strangers').length;
    };
    expect(await crowd(75, inBlock)).toBeGreaterThan(0);
    expect(await crowd(75 * 40, (index) => `+447801${digits(index % 40, 2)}${digits(index, 4)}`)).toBe(0);
  });

  test('a burst of one IP is stopped at the IP, unless all users of a back end share it', async () => {
    const blocked = async (shared: { readonly sharedIp?: true }) => {
      const stage = await learnt();
      for (let index = 0; index < 60; index += 1) {
        await stage.send({ phone: `+44${7100 + index}${digits(index * 7, 6)}`, ip: 'one', ...shared });
        stage.wait(200);
      }
      return stage.store.blockOn({ level: 'ip', of: 'one' }, stage.now()) !== undefined;
    };
    expect(await blocked({})).toBe(true);
    expect(await blocked({ sharedIp: true })).toBe(false);
  });
});

describe('a block', () => {
  test('a block ends by itself', async () => {
    const stage = await learnt();
    await pump(stage);
    stage.wait(15 * minuteMs);
    expect(stage.store.blockOn({ level: 'range', of: attacked }, stage.now())).toBeUndefined();
  });

  test('a block that staff lifted is not written again while they want none', async () => {
    const stage = await learnt();
    await pump(stage);
    const key = { level: 'range', of: attacked } as const;
    stage.store.lift(key, stage.now() + hourMs);
    expect(await pump(stage, { from: 2000, most: 60 })).toBe(60);
    stage.wait(hourMs);
    expect(await pump(stage, { from: 3000 })).toBeLessThan(60);
  });
});

describe('modes', () => {
  const modes = [
    ['record-only for ranges', { levels: levelsWith('record-only') }],
    ['record-only for the rule', { rules: { 'unverified-burst': 'record-only' } }],
    ['record-only for the country', { countries: { GB: 'record-only' } }],
  ] as const;
  test.each(modes)('the mode %s finds bursts and blocks nothing', async (_, bursts) => {
    const stage = await learnt({ bursts });
    expect(await pump(stage, { most: 60 })).toBe(60);
    const found = stage.rulings.filter(({ key }) => key.level === 'range');
    expect(found).toMatchObject([{ action: 'none', mode: 'record-only', severity: 'low', rule: 'unverified-burst' }]);
  });
  test('the mode off finds nothing', async () => {
    const stage = await learnt({ bursts: { countries: { GB: 'off' } } });
    await pump(stage, { most: 60 });
    expect(stage.rulings).toEqual([]);
  });
  test('a young detector records bursts of prefixes, and blocks ranges', async () => {
    const stage = await learnt({ bursts: { coldStartHours: 7 * 24 } });
    const acrossPrefix = (index: number) => `+44${7705}${digits(index * 3571, 6)}`;
    await pump(stage, { phone: acrossPrefix, most: 80, everyMs: 3000 });
    expect(stage.rulings.filter(({ key }) => key.level === 'prefix')).toMatchObject([
      { action: 'none', severity: 'low' },
    ]);
    expect(await pump(stage)).toBeLessThan(40);
  });
});

function levelsWith(mode: 'record-only') {
  return { phone: mode, ip: mode, range: mode, prefix: mode, country: mode };
}

describe('where the tables fail', () => {
  const range = (nth: number) => `+4477${String(2000 + nth)}`;
  /** A batch that leads to rulings on several keys at once, and a store that fails at some of them. */
  const failing = async (fails: (ruling: RulingDecision['ruling']) => boolean) => {
    const stage = await learnt();
    const [tried, notified, failures]: [RulingDecision['ruling'][], Notification[], unknown[]] = [[], [], []];
    const detect = detectBursts(
      {
        now: stage.now,
        store: {
          ...stage.store,
          commit: async (decision) => {
            if (decision.kind === 'ruling') {
              const { ruling } = decision;
              tried.push(ruling);
              if (fails(ruling)) throw new Error(`no ${ruling.key.level} ${ruling.key.of}`);
            }
            return await stage.store.commit(decision);
          },
        },
        notify: async (notifications) => void notified.push(...notifications),
      },
      stage.settings,
    );
    const events = [0, 1, 2].flatMap((nth) =>
      Array.from({ length: 60 }, (_, index) =>
        event('started', { phone: `${range(nth)}${digits(index, 4)}` }, stage.now() - 60_000 + index * 1000),
      ),
    );
    await detect(events).catch((cause: unknown) => void failures.push(cause));
    return { tried, notified: notified.map(({ finding }) => finding.unmapped.of), failures };
  };

  test('each ruling is tried, staff are notified of those that stand, and the first failure is thrown: once', async () => {
    const { tried, notified, failures } = await failing(({ key }) => key.level === 'prefix' || key.of === range(1));
    expect(tried.map(({ key }) => key.of)).toEqual(expect.arrayContaining([range(0), range(1), range(2)]));
    expect(tried.some(({ key }) => key.level === 'prefix')).toBe(true);
    expect(notified).toEqual(expect.arrayContaining([range(0), range(2)]));
    expect(notified).not.toContain(range(1));
    expect(failures).toEqual([expect.objectContaining({ message: expect.stringMatching(/^no (prefix|range) /) })]);
  });
});

describe('what is found', () => {
  test('a key has one case, and a burst that comes again is an update of it', async () => {
    const stage = await learnt();
    await pump(stage);
    stage.wait(16 * minuteMs);
    await pump(stage, { from: 1000 });
    const [first, second, ...others] = stage.rulings.filter(({ key }) => key.of === attacked);
    expect(others).toEqual([]);
    expect([first?.isUpdate, second?.isUpdate]).toEqual([false, true]);
    expect(second?.uid).toBe(first?.uid);
  });
  test('a ruling explains itself in numbers that are true', async () => {
    const stage = await learnt();
    const sent = await pump(stage);
    const found = stage.rulings.find(({ key }) => key.of === attacked);
    expect(found?.explanation).toMatchObject({ rule: 'unverified-burst', startedTenMinutes: sent, seenVerified: 0 });
    expect(found?.explanation.spentUsd).toBeCloseTo(sent * 0.05, 6);
    expect(found?.explanation.evidence).toBeGreaterThanOrEqual(16);
    expect(found?.explanation.chance).toBeLessThan(1e-5);
  });
  test('a campaign over many prefixes has one severe case, the country’s, and what comes after it is a part of it', async () => {
    const stage = await learnt();
    for (let index = 0; index < 1200; index += 1) {
      await stage.send({ phone: `+44${7600 + (index % 12)}${digits((index * 7717) % 1_000_000, 6)}` });
      stage.wait(300);
    }
    const severe = stage.rulings.filter(isNewAndSevere);
    expect(severe.map(({ key, rule }) => [key.level, rule])).toEqual([['country', 'unverified-burst']]);
    const others = stage.rulings.filter((ruling) => ruling !== severe[0]);
    expect(others.filter(({ parent }) => parent !== severe[0]?.uid)).toEqual([]);
  });
});

describe('guesses over many numbers', () => {
  const country = { level: 'codes', of: 'GB' } as const;
  /** Trusted numbers: what is done to groups of numbers spares them. */
  const guessAt = async (stage: Scene, numbers: number, from = 0) => {
    for (let index = from; index < from + numbers; index += 1) {
      const sender = { phone: `+4477${digits((index * 7919) % 100_000_000, 8)}`, ip: `g${index}` };
      const startedAtMs = stage.now();
      await stage.send(sender, { unverified: false });
      for (let guess = 0; guess < 3; guess += 1) {
        await stage.happen([event('wrong', sender, stage.now(), { startedAtMs, unverified: false })]);
      }
      stage.wait(1000);
      if (stage.store.blockOn(country, stage.now()) !== undefined) return index + 1 - from;
    }
    return numbers;
  };

  test('the codes of a country get longer by guesses over many numbers, and no request is refused', async () => {
    const stage = await learnt();
    expect(await guessAt(stage, 100)).toBeLessThan(50);
    expect(stage.store.blockOn(country, stage.now())).toMatchObject({ action: 'longer-codes' });
    expect(stage.store.blockOn({ level: 'country', of: 'GB' }, stage.now())).toBeUndefined();
    const found = stage.rulings.filter(({ rule }) => rule === 'code-spraying');
    expect(found).toMatchObject([{ key: country, severity: 'high', action: 'longer-codes' }]);
  });

  test('the guesses of one network, however many, make no code of a country longer', async () => {
    const stage = await learnt();
    for (let index = 0; index < 200; index += 1) {
      const sender = { phone: `+4477${digits((index * 7919) % 100_000_000, 8)}`, ip: 'one' };
      const startedAtMs = stage.now();
      const facts = { unverified: false, trustedIp: true };
      await stage.send(sender, facts);
      for (let guess = 0; guess < 5; guess += 1)
        await stage.happen([event('wrong', sender, stage.now(), { ...facts, startedAtMs })]);
      stage.wait(1000);
    }
    expect(stage.store.blockOn(country, stage.now())).toBeUndefined();
    expect(stage.rulings.map(({ key, rule, action }) => [key.level, rule, action])).toEqual([
      ['ip', 'code-spraying', 'restrict'],
    ]);
  });

  test('a number that is guessed at gets longer codes, and nothing of it is refused', async () => {
    const stage = await learnt();
    const sender = { phone: '+447700900123', ip: 'one' };
    for (let index = 0; index < 4; index += 1) {
      const startedAtMs = stage.now();
      await stage.send(sender, { unverified: false });
      for (let guess = 0; guess < 3; guess += 1)
        await stage.happen([event('wrong', sender, stage.now(), { startedAtMs, unverified: false })]);
      stage.wait(40_000);
    }
    expect(stage.rulings).toMatchObject([
      {
        key: { level: 'codes', of: 'key of +447700900123' },
        rule: 'guessing',
        action: 'longer-codes',
        severity: 'medium',
      },
    ]);
    expect(stage.rulings[0]?.probeIntervalMs).toBeUndefined();
    expect(stage.store.blockOn({ level: 'phone', of: 'key of +447700900123' }, stage.now())).toBeUndefined();
  });

  test.each(ruleNames)('no mode lets %s refuse an SMS because of its number', (rule) => {
    const key: Key = { level: 'phone', of: 'key of +447700900123' };
    expect(actionOf(rule, { key, lastBlock: undefined } as Candidate, 0)).toBe('none');
  });

  test('the mode of numbers says whether bombing is found, and nothing of longer codes', () => {
    const policy = { ...defaultBursts, levels: { ...defaultBursts.levels, phone: 'off' } } as const;
    const of = 'key of +447700900123';
    expect(modeOf(policy, { level: 'phone', of }, 'bombing', 'GB', 1000)).toBe('off');
    expect(modeOf(policy, { level: 'codes', of }, 'guessing', 'GB', 1000)).toBe('enforce');
  });

  test('codes stay long while guesses go on, and no longer', async () => {
    const stage = await learnt();
    await guessAt(stage, 100);
    const untilMs = stage.store.blockOn(country, stage.now())?.untilMs ?? 0;
    stage.wait(untilMs - stage.now() - minuteMs);
    for (let index = 0; index < 30; index += 1) {
      const sender = { phone: `+4479${digits(index * 7919, 8)}`, ip: `l${index}` };
      await stage.send(sender, { unverified: false });
      const wrong = () => event('wrong', sender, stage.now(), { unverified: false });
      await stage.happen([wrong(), { ...wrong(), id: `again ${index}` }]);
    }
    expect(stage.store.blockOn(country, untilMs)?.untilMs).toBe(untilMs + 14 * minuteMs);
    expect(stage.store.blockOn(country, untilMs + 14 * minuteMs)).toBeUndefined();
  });

  test('mistakes before a right code are no guesses', async () => {
    const stage = await learnt();
    for (let index = 0; index < 200; index += 1) {
      const sender = { phone: `+4477${digits((index * 7919) % 100_000_000, 8)}`, ip: `m${index}` };
      const startedAtMs = stage.now();
      const facts = { startedAtMs, unverified: false };
      await stage.send(sender, { unverified: false });
      await stage.happen([event('wrong', sender, startedAtMs + 9000, facts)]);
      if (index % 10 > 0)
        await stage.happen([event('approved', sender, startedAtMs + 15_000, { ...facts, mistyped: 1 })]);
      stage.wait(3000);
    }
    expect(stage.rulings.filter(({ rule }) => rule === 'code-spraying')).toEqual([]);
  });
});
