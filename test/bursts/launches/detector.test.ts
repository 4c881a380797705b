import { describe, expect, test } from 'vitest';
import { detectBursts } from '../../../lambdas/bursts/detect.ts';
import type { Launch } from '../../../lambdas/bursts/evidence/launches.ts';
import type { Notification } from '../../../lambdas/bursts/findings/render.ts';
import { followLaunches, remembering } from '../../../lambdas/bursts/launches.ts';
import { digits, event, hourMs, minuteMs, ordinary, type Scene, scene } from '../../fakes/bursts/scene.ts';

const range = '+44770012';
const inRange = (index: number): string => `${range}${digits(index, 4)}`;
const rangeKey = { level: 'range', of: range } as const;

const learnt = async (): Promise<Scene> => {
  const stage = scene();
  await ordinary(stage);
  return stage;
};

const announce = (stage: Scene, more: Partial<Launch> = {}): void =>
  stage.store.announce({
    level: 'country',
    of: 'GB',
    fromMs: stage.now(),
    untilMs: stage.now() + 2 * hourMs,
    expected: 10_000,
    reason: 'a campaign',
    author: 'staff',
    ...more,
  });

/** Sends until the range is held. */
const pump = async (stage: Scene, max = 400): Promise<number> => {
  for (let index = 0; index < max; index += 1) {
    if (stage.store.blockOn(rangeKey, stage.now()) !== undefined) return index;
    await stage.send({ phone: inRange(index) });
    stage.wait(1000);
  }
  return max;
};

/** People of a range come at once, and enter their codes a while later, except every fifth. */
const rush = async (stage: Scene, people = 60): Promise<void> => {
  for (let index = 0; index < people + 20; index += 1) {
    if (index < people) await stage.send({ phone: inRange(index) });
    const typed = index - 20;
    const startedAtMs = stage.now() - 20_000;
    if (typed >= 0 && typed % 5 !== 0)
      await stage.happen([event('approved', { phone: inRange(typed) }, stage.now(), { startedAtMs })]);
    stage.wait(1000);
  }
};

const actions = (stage: Scene) => stage.rulings.filter(({ action }) => action !== 'none');

describe('a launch', () => {
  test('people who come at once to one range are restricted, unless staff announced them', async () => {
    const [unannounced, announced] = [await learnt(), await learnt()];
    announce(announced);
    await rush(unannounced);
    await rush(announced);
    expect(actions(unannounced)).toMatchObject([{ key: rangeKey, action: 'restrict' }]);
    expect(actions(announced)).toEqual([]);
  });

  test('staff can read what the launch spared, once in half an hour', async () => {
    const stage = await learnt();
    announce(stage);
    await rush(stage);
    const found = stage.rulings.filter(({ explanation }) => explanation.launch !== undefined);
    expect(found).toMatchObject([
      {
        key: rangeKey,
        action: 'none',
        severity: 'low',
        explanation: { launch: { level: 'country', of: 'GB', expected: 10_000 } },
      },
    ]);
    const message = stage.store.caseOf(found[0]?.uid ?? '');
    expect(message).toMatchObject({ severity: 'low', action: 'none' });
  });

  test.each<[string, Partial<Launch>]>([
    ['of another country', { of: 'IN' }],
    ['of another prefix', { level: 'prefix', of: '+447799' }],
  ])('a launch %s changes nothing', async (_, more) => {
    const stage = await learnt();
    announce(stage, more);
    await rush(stage);
    expect(actions(stage)).toMatchObject([{ key: rangeKey }]);
  });

  test('a launch of the prefix holds for its ranges', async () => {
    const stage = await learnt();
    announce(stage, { level: 'prefix', of: range.slice(0, 7) });
    await rush(stage);
    expect(actions(stage)).toEqual([]);
  });

  test('a launch that is over spares nobody, whether or not its item is there', async () => {
    const stage = await learnt();
    announce(stage, { untilMs: stage.now() + minuteMs });
    stage.wait(minuteMs);
    await rush(stage);
    expect(actions(stage)).toMatchObject([{ key: rangeKey }]);
  });

  test('numbers that nobody enters codes for are stopped in a launch as well, after more of them', async () => {
    const [unannounced, announced] = [await learnt(), await learnt()];
    announce(announced);
    const [usual, inLaunch] = [await pump(unannounced), await pump(announced)];
    expect(inLaunch).toBeGreaterThan(usual);
    expect(inLaunch).toBeLessThan(60);
  });

  test('an attacker of one IP is stopped in a launch as well', async () => {
    const stage = await learnt();
    announce(stage);
    const key = { level: 'ip', of: 'one' } as const;
    let sent = 0;
    for (; sent < 200 && stage.store.blockOn(key, stage.now()) === undefined; sent += 1) {
      await stage.send({ phone: `+4477${digits((sent * 7919) % 1_000_000, 6)}${digits(sent % 100, 2)}`, ip: 'one' });
      stage.wait(1000);
    }
    expect(sent).toBeLessThan(60);
  });

  test('wrong codes are evidence in a launch as always', async () => {
    const stage = await learnt();
    announce(stage);
    for (let index = 0; index < 60; index += 1) {
      const sender = { phone: `+4477${digits((index * 7919) % 1_000_000, 6)}${digits(index % 100, 2)}` };
      await stage.send(sender);
      for (let nth = 0; nth < 3; nth += 1) await stage.happen([event('wrong', sender, stage.now())]);
      stage.wait(1000);
    }
    expect(stage.rulings.map(({ rule }) => rule)).toContain('code-spraying');
  });

  test('a block from before the launch is no evidence in it; one within it is', async () => {
    const stage = await learnt();
    await pump(stage);
    stage.wait(20 * minuteMs);
    announce(stage);
    const first = await pump(stage);
    stage.wait(20 * minuteMs);
    const second = await pump(stage);
    expect(second).toBeLessThan(first);
  });
});

describe('a launch with far more requests than announced', () => {
  const following = (stage: Scene, notified: Notification[]) =>
    followLaunches(
      {
        now: stage.now,
        store: stage.store,
        notify: async (notifications) => void notified.push(...notifications),
      },
      stage.store.launches,
      stage.settings,
    );

  const come = async (stage: Scene, people: number): Promise<void> => {
    for (let index = 0; index < people; index += 1)
      await stage.verify({ phone: `+4477${digits((index * 7919) % 1_000_000, 6)}${digits(index % 100, 2)}` });
  };

  test('it is reported once, by name, and numbers are evidence again', async () => {
    const stage = await learnt();
    announce(stage, { expected: 30, fromMs: stage.now() - minuteMs });
    const notified: Notification[] = [];
    const follow = following(stage, notified);
    await come(stage, 80);
    await follow();
    expect(notified).toEqual([]);
    expect(stage.store.launchesNow.all()).toMatchObject([{ progress: { requests: 80, exceededMs: undefined } }]);
    await come(stage, 11);
    await Promise.all([follow(), follow()]);
    stage.wait(minuteMs);
    await follow();
    expect(notified).toMatchObject([
      {
        alarmSeverity: 'high',
        finding: {
          severity: 'High',
          unmapped: { rule: 'launch-exceeded', action: 'none', level: 'country', of: 'GB' },
        },
      },
    ]);
    expect(notified[0]?.finding.message).toContain('country:GB');
    expect(notified[0]?.finding.message).not.toContain('a campaign');
    await rush(stage);
    expect(actions(stage)).toMatchObject([{ key: rangeKey }]);
  });

  test('it is reported although staff want no block on the country, or wrote one', async () => {
    for (const prepare of ['lift', 'block'] as const) {
      const stage = await learnt();
      announce(stage, { expected: 1, fromMs: stage.now() - minuteMs });
      stage.store[prepare]({ level: 'country', of: 'GB' }, stage.now() + hourMs);
      const notified: Notification[] = [];
      await come(stage, 10);
      await following(stage, notified)();
      expect(notified).toHaveLength(1);
    }
  });

  test('it is as severe as any, and counts in no campaign', async () => {
    const stage = await learnt();
    const notified: Notification[] = [];
    await come(stage, 10);
    for (let nth = 0; nth < 4; nth += 1) {
      announce(stage, { expected: 1, fromMs: stage.now() - minuteMs + nth });
      await following(stage, notified)();
    }
    expect(notified.map(({ alarmSeverity }) => alarmSeverity)).toEqual(['high', 'high', 'high', 'high']);
  });

  test('another announcement of the same country counts anew', async () => {
    const stage = await learnt();
    const notified: Notification[] = [];
    announce(stage, { expected: 1, fromMs: stage.now() - minuteMs });
    await come(stage, 10);
    await following(stage, notified)();
    stage.wait(hourMs);
    announce(stage, { expected: 20 });
    await come(stage, 10);
    stage.wait(minuteMs);
    await following(stage, notified)();
    expect(notified).toHaveLength(1);
  });
});

describe('reading the launches', () => {
  test('they are read once in five seconds, and at most once a batch', async () => {
    const stage = scene();
    let reads = 0;
    const launches = remembering(
      async () => {
        reads += 1;
        return [];
      },
      stage.now,
      () => {},
    );
    const detect = detectBursts(
      { now: stage.now, store: stage.store, launches, notify: async () => {} },
      stage.settings,
    );
    for (let index = 0; index < 10; index += 1) {
      await detect([event('started', { phone: inRange(index) }, stage.now())]);
      stage.wait(1000);
    }
    expect(reads).toBe(2);
  });

  test('launches that cannot be read hold nowhere: the batch goes on, and the failure is reported', async () => {
    const stage = await learnt();
    announce(stage);
    const failures: unknown[] = [];
    const launches = remembering(
      async () => {
        throw new Error('an outage');
      },
      stage.now,
      (cause) => failures.push(cause),
    );
    const detect = detectBursts(
      { now: stage.now, store: stage.store, launches, notify: async () => {} },
      stage.settings,
    );
    let sent = 0;
    for (; sent < 100 && stage.store.blockOn(rangeKey, stage.now()) === undefined; sent += 1) {
      await detect([event('started', { phone: inRange(sent) }, stage.now())]);
      stage.wait(100);
    }
    expect(sent).toBeLessThan(40);
    expect(failures).toHaveLength(1);
  });
});
