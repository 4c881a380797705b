import { describe, expect, test } from 'vitest';
import { afterRuling, type News } from '../../lambdas/bursts/findings/case.ts';
import { findingOf } from '../../lambdas/bursts/findings/finding.ts';
import { type Publish, restingAfterFailure, tellNews } from '../../lambdas/bursts/findings/notify.ts';
import { memoryCases } from '../fakes/memory-cases.ts';
import { aRuling } from '../fakes/rulings.ts';
import { minuteMs, mondayMs } from '../fakes/scene.ts';

/** Cases of which each has news that stand in the outbox. */
const world = (count = 3) => {
  const { outbox, take } = memoryCases();
  const news = Array.from({ length: count }, (_, index): News => {
    const ruling = aRuling({ level: 'range', of: `+4477001${index}` }, mondayMs + index);
    const step = afterRuling(undefined, 0, ruling, findingOf(ruling, 'test'));
    take(step);
    return step.news;
  });
  const said: string[] = [];
  const failures: unknown[] = [];
  const teller = (publish: Publish, changed: Partial<typeof outbox> = {}) =>
    tellNews({
      outbox: { ...outbox, ...changed },
      say: ({ id }) => void said.push(id),
      publish,
      failed: (cause) => void failures.push(cause),
    });
  const untold = () => outbox.untold(mondayMs + minuteMs, 100);
  return { news, said, failures, teller, untold };
};

const all: Publish = async (news) => new Set(news.map(({ id }) => id));
const down: Publish = async () => {
  throw new Error('down');
};

describe('news', () => {
  test('that are told leave the outbox', async () => {
    const { news, said, teller, untold } = world();
    expect(await teller(all)(news)).toBe(true);
    expect(said).toEqual(news.map(({ id }) => id));
    expect(await untold()).toEqual([]);
  });

  test('of which no event could be made stay, and are said once', async () => {
    const { news, said, failures, teller, untold } = world();
    expect(await teller(down)(news)).toBe(false);
    expect(failures).toEqual([new Error('down')]);
    expect((await untold()).map(({ isSaid }) => isSaid)).toEqual([true, true, true]);
    expect(await teller(all)(await untold())).toBe(true);
    expect(said).toHaveLength(3);
    expect(await untold()).toEqual([]);
  });

  test('of which some events were refused stay alone', async () => {
    const { news, teller, untold } = world();
    const first: Publish = async ([one]) => new Set(one === undefined ? [] : [one.id]);
    expect(await teller(first)(news)).toBe(false);
    expect((await untold()).map(({ id }) => id)).toEqual(news.slice(1).map(({ id }) => id));
  });

  test('that cannot be taken out of the outbox are told, and told again: never less than once', async () => {
    const { news, failures, teller, untold } = world();
    const drop = async () => {
      throw new Error('no table');
    };
    expect(await teller(all, { drop })(news)).toBe(false);
    expect(failures).toEqual([new Error('no table')]);
    expect(await untold()).toHaveLength(3);
  });
});

test('a service that took nothing is not asked again for a minute', async () => {
  let nowMs = mondayMs;
  let asked = 0;
  const { news } = world();
  const publish = restingAfterFailure(
    async () => {
      asked += 1;
      if (asked === 1) throw new Error('down');
      return asked === 2 ? new Set<string>() : all(news);
    },
    () => nowMs,
  );
  await expect(publish(news)).rejects.toThrow('down');
  expect([(await publish(news)).size, asked]).toEqual([0, 1]);
  nowMs += minuteMs;
  expect([(await publish(news)).size, asked]).toEqual([0, 2]);
  expect([(await publish(news)).size, asked]).toEqual([0, 2]);
  nowMs += minuteMs;
  expect([(await publish(news)).size, asked]).toEqual([3, 3]);
});
