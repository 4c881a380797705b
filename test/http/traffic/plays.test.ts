import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Progress } from '../../../local/traffic/progress.ts';
import { openPlayground } from './stage.ts';

let playground: Awaited<ReturnType<typeof openPlayground>>;
beforeAll(async () => {
  playground = await openPlayground();
});
afterAll(() => playground.stack.stop());

type Told = {
  readonly activity_name: string;
  readonly unmapped: { readonly rule: string; readonly action: string; readonly level: string };
};

/** The end of a play, and the findings of which staff were told meanwhile: `rule action level`. */
const play = async (name: string): Promise<{ readonly progress: Progress; readonly found: readonly string[] }> => {
  const { status, body } = await playground.start(name);
  expect(status).toBe(202);
  const before = playground.stack.events().length;
  const progress = await playground.ended(String(body['id']));
  const events = playground.stack.events();
  const told = events.slice(0, events.length - before).map(({ detail }) => detail as Told);
  const found = told
    .filter(({ activity_name }) => activity_name !== 'Close')
    .map(({ unmapped: { rule, action, level } }) => `${rule} ${action} ${level}`);
  return { progress, found };
};

type Expected = {
  /** SMS that the attacker gets at most, of those that it asks for. */
  readonly maxSent: number;
  readonly minRefused: number;
  readonly found: string | undefined;
  /** New people of the attacked place, whom a restriction holds. */
  readonly heldNeighbors: number;
};

const stopped: Readonly<Record<string, Expected>> = {
  A1: { maxSent: 30, minRefused: 20, found: 'unverified-burst restrict range', heldNeighbors: 2 },
  A2: { maxSent: 40, minRefused: 20, found: 'unverified-burst restrict prefix', heldNeighbors: 2 },
  // The limit of its IP refuses it before the detector has to.
  A3: { maxSent: 6, minRefused: 30, found: undefined, heldNeighbors: 0 },
  A4: { maxSent: 30, minRefused: 20, found: 'unverified-burst restrict prefix', heldNeighbors: 2 },
  A5: { maxSent: 60, minRefused: 10, found: 'unverified-burst restrict range', heldNeighbors: 2 },
  A6: { maxSent: 10, minRefused: 40, found: 'bombing none phone', heldNeighbors: 0 },
  // Codes that a slow machine enters late let another rule see these two first.
  A7: { maxSent: 70, minRefused: 10, found: ' restrict range', heldNeighbors: 1 },
  A8: { maxSent: 35, minRefused: 25, found: 'unverified-burst restrict range', heldNeighbors: 2 },
  'A10-guess': { maxSent: 10, minRefused: 20, found: 'guessing longer-codes codes', heldNeighbors: 0 },
  'A10-spray': { maxSent: 39, minRefused: 1, found: 'code-spraying longer-codes codes', heldNeighbors: 2 },
  A11: { maxSent: 86, minRefused: 4, found: 'unverified-burst restrict prefix', heldNeighbors: 6 },
  A12: { maxSent: 60, minRefused: 5, found: 'unverified-burst restrict country', heldNeighbors: 5 },
  A13: { maxSent: 30, minRefused: 15, found: 'unverified-burst restrict prefix', heldNeighbors: 2 },
  A14: { maxSent: 35, minRefused: 5, found: 'unverified-burst restrict prefix', heldNeighbors: 2 },
  A15: { maxSent: 65, minRefused: 5, found: 'unverified-burst restrict prefix', heldNeighbors: 2 },
  // Found after six hours of a play that takes six and a half.
  A16: { maxSent: 83, minRefused: 1, found: ' restrict range', heldNeighbors: 1 },
  A17: { maxSent: 65, minRefused: 8, found: 'unverified-burst restrict country', heldNeighbors: 5 },
  A19: { maxSent: 30, minRefused: 10, found: 'unverified-burst restrict new-network', heldNeighbors: 0 },
  A20: { maxSent: 86, minRefused: 4, found: 'unverified-burst restrict country', heldNeighbors: 7 },
};

/** By design, the detector stops nothing of these. */
const unstopped: readonly string[] = ['A9', 'A18', 'A21'];
const legitimate: readonly string[] = ['launch', 'spike'];

const spentCalls = ({ attack, neighbors }: Progress) =>
  attack.asked + attack.entered + neighbors.asked + neighbors.served;

test('every play is known to be stopped, to be missed by design, or to be legitimate', async () => {
  const { body } = await playground.call('GET', '');
  const plays = body['plays'] as readonly { play: string; title: string; detail: string; kind: string }[];
  expect(plays.map(({ play: name }) => name).toSorted()).toEqual(
    [...Object.keys(stopped), ...unstopped, ...legitimate].toSorted(),
  );
  for (const { play: name, title, detail, kind } of plays) {
    expect(kind).toBe(legitimate.includes(name) ? 'legitimate' : 'attack');
    expect(title).not.toBe('');
    for (const sentence of detail.split('. ')) expect(sentence.split(' ').length).toBeLessThanOrEqual(25);
  }
  const missed = plays.filter(({ detail }) => /does not find that|stops nothing of it/.test(detail));
  expect(missed.map(({ play: name }) => name)).toEqual(unstopped);
});

describe('an attack is stopped, and people around it are served, except new ones whom a restriction holds:', () => {
  test.each(Object.entries(stopped))(
    'the attack %s is refused soon enough',
    async (name, { maxSent, minRefused, found, heldNeighbors }) => {
      const { progress, found: all } = await play(name);
      const { attack, neighbors } = progress;
      expect(progress).toMatchObject({ play: name, state: 'done', phase: 'after' });
      expect(attack.asked).toBe(attack.sent + attack.refused);
      expect(attack.sent).toBeLessThanOrEqual(maxSent);
      expect(attack.refused).toBeGreaterThanOrEqual(minRefused);
      if (found !== undefined) expect(all.join('; ')).toContain(found);
      expect(neighbors.served).toBe(neighbors.asked - neighbors.refused);
      expect(neighbors.refused).toBeLessThanOrEqual(heldNeighbors);
      expect(spentCalls(progress)).toBeLessThanOrEqual(400);
    },
  );
});

describe('an attack that is below every floor goes on, and no neighbor is refused:', () => {
  test.each(unstopped)('no request of %s is refused', async (name) => {
    const { progress } = await play(name);
    expect(progress).toMatchObject({ state: 'done', attack: { refused: 0 }, neighbors: { refused: 0 } });
    expect(progress.attack.sent).toBeGreaterThan(0);
    expect(progress.neighbors.served).toBe(progress.neighbors.asked);
  });
});

describe('legitimate traffic is served, and nothing is restricted:', () => {
  test.each(legitimate)('every person of %s is served', async (name) => {
    const { progress, found } = await play(name);
    expect(progress).toMatchObject({ state: 'done', attack: { asked: 0 }, neighbors: { refused: 0 } });
    expect(progress.neighbors.served).toBeGreaterThan(0.8 * progress.neighbors.asked);
    expect(found.filter((finding) => finding.includes(' restrict '))).toEqual([]);
  });
});
