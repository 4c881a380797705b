import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import { thresholds } from '../../lambdas/bursts/evidence/thresholds.ts';
import { digits, event, hourMs, minuteMs, ordinary, type Scene, scene } from '../fakes/bursts/scene.ts';

const learnt = async (): Promise<Scene> => {
  const stage = scene();
  await ordinary(stage);
  return stage;
};

const range: Key = { level: 'range', of: '+44770012' };
const prefix: Key = { level: 'prefix', of: '+447700' };
const isHeld = ({ store, now }: Scene, key: Key) => store.blockOn(key, now()) !== undefined;

const inRange = (index: number) => `${range.of}${digits(index, 4)}`;
/** In another of a hundred ranges of the prefix each time. */
const inPrefix = (index: number) => `${prefix.of}${digits((index * 7919) % 1_000_000, 6)}`;

describe('a farm of SIMs', () => {
  const perHour = 13;

  /** SMS until the range is restricted. */
  const harvest = async (stage: Scene, { from = 0, max = 200, ip = (index: number) => `farm-${index}` } = {}) => {
    for (let index = 0; index < max; index += 1) {
      if (isHeld(stage, range)) return index;
      await stage.verify({ phone: inRange(from + index), ip: ip(index) });
      stage.wait(hourMs / perHour);
    }
    return max;
  };

  test('a farm that enters the codes of a range from many IPs is restricted within six hours', async () => {
    const stage = await learnt();
    expect(await harvest(stage)).toBeLessThanOrEqual(6 * perHour);
    expect(stage.store.blockOn(range, stage.now())).toMatchObject({ rule: 'converting-strangers', action: 'restrict' });
  });

  test('a farm that comes back within a day is restricted after a few messages', async () => {
    const stage = await learnt();
    await harvest(stage);
    stage.wait(thresholds.restriction.ms + minuteMs);
    expect(await harvest(stage, { from: 1000 })).toBeLessThanOrEqual(5);
  });

  test('a restricted farm stays so while it presses and its probes verify', async () => {
    const stage = await learnt();
    await harvest(stage);
    const { now, happen } = stage;
    for (let index = 0; index < 12; index += 1) {
      const sender = { phone: inRange(2000 + index), ip: `probe-${index}` };
      const asProbe = { probes: ['range'] as const, startedAtMs: now() };
      if (index % 6 === 0) {
        await stage.send(sender, asProbe);
        await happen([event('approved', sender, now() + 20_000, asProbe)]);
      } else {
        const refused = { reason: 'block', limit: 'block-range', unverified: false };
        await happen([event('refused', sender, now(), refused)]);
      }
      expect(isHeld(stage, range)).toBe(true);
      stage.wait(5 * minuteMs);
    }
  });

  test('a new office, whose people share two IPs, is no farm', async () => {
    const stage = await learnt();
    expect(await harvest(stage, { max: 100, ip: (index) => `office-${index % 2}` })).toBe(100);
  });

  test('a launch, whose people come to all ranges, is no farm', async () => {
    const stage = await learnt();
    const ranges = 12;
    for (let index = 0; index < ranges * perHour * 7; index += 1) {
      const phone = `${prefix.of}${digits(10 + (index % ranges), 2)}${digits(index, 4)}`;
      await stage.verify({ phone });
      stage.wait(hourMs / perHour / ranges);
    }
    expect(stage.rulings.filter(({ rule }) => rule === 'converting-strangers')).toEqual([]);
  });
});

describe('people among attackers', () => {
  /** Ten requests a minute into all ranges of the prefix. Of each hundred, so many are of people. */
  const mixed = async (stage: Scene, people: number, minutes = 30) => {
    for (let index = 0; index < minutes * 10; index += 1) {
      const isPerson = ((index + 1) * people) % 100 < people;
      const phone = inPrefix(index);
      if (isPerson) await stage.verify({ phone });
      else await stage.send({ phone });
      stage.wait(6000);
      if (isHeld(stage, prefix)) return true;
    }
    return false;
  };

  test.each([0, 10])('a prefix where %i in a hundred are people is restricted', async (people) => {
    expect(await mixed(await learnt(), people)).toBe(true);
  });

  test.each([30, 50])('a prefix where %i in a hundred are people is not restricted', async (people) => {
    expect(await mixed(await learnt(), people)).toBe(false);
  });

  test('a prefix whose probes verified is judged without evidence from before, and one whose probes failed with it', async () => {
    const again = async (isApproved: boolean) => {
      const stage = await learnt();
      await mixed(stage, 0);
      const sender = { phone: inPrefix(5000) };
      const asProbe = { probes: ['prefix'] as const, startedAtMs: stage.now() };
      await stage.send(sender, asProbe);
      if (isApproved) await stage.happen([event('approved', sender, stage.now() + 20_000, asProbe)]);
      stage.wait(thresholds.restriction.ms + minuteMs);
      expect(isHeld(stage, prefix)).toBe(false);
      let sent = 0;
      for (; sent < 60 && !isHeld(stage, prefix); sent += 1) {
        await stage.send({ phone: inPrefix(6000 + sent) });
        stage.wait(20_000);
      }
      return sent;
    };
    expect(await again(true)).toBeGreaterThan(5 + (await again(false)));
  });
});
