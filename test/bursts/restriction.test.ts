import { describe, expect, test } from 'vitest';
import type { TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import { type Key, nameOf } from '../../lambdas/bursts/counts/keys.ts';
import { thresholds } from '../../lambdas/bursts/evidence/thresholds.ts';
import { digits, event, hourMs, minuteMs, ordinary, type Scene, scene } from '../fakes/bursts/scene.ts';

const range: Key = { level: 'range', of: '+44770012' };
const phone = (index: number): string => `${range.of}${digits(index, 4)}`;

const learnt = async (): Promise<Scene> => {
  const stage = scene();
  await ordinary(stage);
  return stage;
};

/** A range under attack, until it is restricted. */
const attacked = async (): Promise<Scene> => {
  const stage = await learnt();
  for (let index = 0; index < 60 && blockOn(stage) === undefined; index += 1) {
    await stage.send({ phone: phone(index) });
    stage.wait(500);
  }
  return stage;
};

const blockOn = ({ store, now }: Scene, key = range) => store.blockOn(key, now());

/** A send that passes the restriction as a probe. */
const probe = async (stage: Scene, index: number, isApproved = false): Promise<void> => {
  const more: Partial<TrafficEvent> = { probes: ['range'] };
  const startedAtMs = stage.now();
  await stage.send({ phone: phone(index) }, more);
  if (isApproved)
    await stage.happen([event('approved', { phone: phone(index) }, startedAtMs + 20_000, { ...more, startedAtMs })]);
};

/** Somebody is refused shortly before the end. */
const knock = async (stage: Scene, times = 50): Promise<void> => {
  const end = blockOn(stage)?.untilMs ?? 0;
  stage.wait(end - stage.now() - minuteMs);
  const refused = { reason: 'block', limit: 'block-range', unverified: false };
  for (let index = 0; index < times; index += 1)
    await stage.happen([event('refused', { phone: phone(7000 + index) }, stage.now(), refused)]);
};

describe('a restriction', () => {
  test('a restriction lasts a quarter of an hour, and lets the usual number of probes pass', async () => {
    const stage = await attacked();
    expect(blockOn(stage)).toMatchObject({ action: 'restrict', rule: 'unverified-burst', probeIntervalMs: hourMs });
    const [found] = stage.rulings;
    expect((found?.untilMs ?? 0) - (found?.atMs ?? 0)).toBe(thresholds.restriction.ms);
    expect(found?.explanation.probesPerHour).toBe(1);
  });

  test('a restriction is not renewed by requests that are refused, however many', async () => {
    const stage = await attacked();
    await knock(stage);
    stage.wait(minuteMs);
    expect(blockOn(stage)).toBeUndefined();
  });

  test('a restriction is renewed while its probes fail, and ends when one verifies', async () => {
    const stage = await attacked();
    const before = blockOn(stage)?.untilMs ?? 0;
    await probe(stage, 6000);
    await knock(stage);
    expect(blockOn(stage)?.untilMs).toBe(before + 14 * minuteMs);
    stage.wait(2 * minuteMs);
    await probe(stage, 6001, true);
    await knock(stage);
    stage.wait(minuteMs);
    expect(blockOn(stage)).toBeUndefined();
  });

  test('a restriction ends although its probe failed, once hardly anybody is refused', async () => {
    const stage = await attacked();
    await probe(stage, 6000);
    await knock(stage, thresholds.restriction.pressed.min - 1);
    stage.wait(minuteMs);
    expect(blockOn(stage)).toBeUndefined();
  });

  test('a probe that nobody could have entered yet renews nothing', async () => {
    const stage = await attacked();
    stage.wait((blockOn(stage)?.untilMs ?? 0) - stage.now() - minuteMs);
    await probe(stage, 6000);
    stage.wait(minuteMs);
    expect(blockOn(stage)).toBeUndefined();
  });

  test('a restriction ends after four hours without new evidence, whatever becomes of its probes', async () => {
    const stage = await attacked();
    const startedMs = stage.rulings.find(({ key }) => nameOf(key) === nameOf(range))?.atMs ?? 0;
    for (let index = 0; blockOn(stage) !== undefined && index < 40; index += 1) {
      await probe(stage, 6000 + index);
      await knock(stage);
      stage.wait(minuteMs);
    }
    expect(stage.now() - startedMs).toBeLessThanOrEqual(4 * hourMs + minuteMs);
    expect(stage.now() - startedMs).toBeGreaterThan(3.5 * hourMs);
  });

  test('probes of a restriction are no evidence at its key, and people elsewhere', async () => {
    const stage = await attacked();
    await probe(stage, 6000);
    const countsOf = (key: Key) => stage.store.countsOf(key).at(-1);
    expect(countsOf(range)?.probed).toBe(1);
    const inPrefix = countsOf({ level: 'prefix', of: '+447700' })?.started.reduce((sum, count) => sum + count, 0) ?? 0;
    const inRange = countsOf(range)?.started.reduce((sum, count) => sum + count, 0) ?? 0;
    expect(inPrefix).toBe(inRange + 1);
  });
});

describe('those who verify in numbers', () => {
  test('a restriction of them goes on while probes verify', async () => {
    const stage = await learnt();
    for (let index = 0; index < 75; index += 1) {
      await stage.verify({ phone: phone(index), ip: `a${index}` });
      stage.wait(hourMs / 75);
    }
    const before = blockOn(stage);
    expect(before).toMatchObject({ rule: 'converting-strangers', action: 'restrict' });
    await probe(stage, 6000, true);
    await knock(stage);
    expect(blockOn(stage)?.untilMs).toBe((before?.untilMs ?? 0) + 14 * minuteMs);
  });
});
