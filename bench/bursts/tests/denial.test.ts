import { describe, expect, test } from 'vitest';
import type { Contender, Entry, Visible } from '../contenders/contender.ts';
import { noGuard } from '../contenders/no-guard.ts';
import { play } from '../denial/game.ts';
import { aims, budgets, type DenialScore, type Game, gamesOf } from '../denial/plan.ts';
import { denialSections, denialTable, denialTargets, everybody, worstOf } from '../denial/table.ts';
import { readOptions } from '../options.ts';
import { resultsPage } from '../report/results.ts';

const game: Game = { aim: 'office', budget: 100, ips: 2, seed: 1, behindDays: 90 };

/** Refuses an IP for ever once it has asked for so many codes that nobody entered. */
const easilyProvoked = (max: number): Entry => ({
  name: 'easily provoked',
  enter: (): Contender => {
    const open = new Map<string, number>();
    const isHeld = ({ ip }: Visible) => (open.get(ip) ?? 0) >= max;
    return {
      ask: (attempt) => {
        if (isHeld(attempt)) return 'refused';
        open.set(attempt.ip, (open.get(attempt.ip) ?? 0) + 1);
        return 'sent';
      },
      verified: ({ ip }) => open.set(ip, (open.get(ip) ?? 0) - 1),
      wrong: () => undefined,
      resend: () => 'sent',
      wouldSend: (attempt) => !isHeld(attempt),
    };
  },
});

const total = ({ people }: DenialScore) => Object.values(people).reduce((sum, { total: some }) => sum + some, 0);

describe('games', () => {
  test('each target is attacked with each budget, in each world', () => {
    const games = gamesOf(1, 90, { isQuick: false });
    for (const aim of aims)
      for (const budget of budgets) expect(games.some((one) => one.aim === aim && one.budget === budget)).toBe(true);
    expect(gamesOf(1, 90, { isQuick: true })).toHaveLength(aims.length);
  });

  test('denial attacks are played by a command of their own, with 90 days and a week behind', () => {
    expect(readOptions(['--denial'])).toMatchObject({ command: 'denial', behinds: [90, 7] });
    expect(() => readOptions(['--denial', '--sweep'])).toThrow('two commands');
    expect(() => readOptions(['--behind', '30'])).toThrow('for example --behind 90,0');
  });
});

describe('an attack', () => {
  test('nobody is refused without a guard, and the attacker spends no more than its SMS', () => {
    for (const aim of ['number', 'gateway', 'range'] as const) {
      const score = play(noGuard, { ...game, aim, ips: 100 });
      expect(total(score), aim).toBeGreaterThan(15);
      expect(everybody({ ...score, ips: 1 }).refused, aim).toBe(0);
      expect(score.overAfterMinutes).toBe(0);
      // A number has victims of three kinds, each under an attack of its own. A free request may be sent as well.
      expect(score.sent).toBeGreaterThan(500);
    }
  });

  test('a guard that never forgets refuses an office for good', () => {
    const score = play(easilyProvoked(20), game);
    expect(everybody({ ...score, ips: 1 }).refused / total(score)).toBeGreaterThan(0.8);
    expect(score.overAfterMinutes).toBe(90);
    expect(score.sent).toBeLessThan(100);
  });

  test('the same seed gives the same game', () => {
    expect(play(easilyProvoked(20), game)).toEqual(play(easilyProvoked(20), game));
  });
});

describe('tables', () => {
  const score = (refused: number, of = 100): DenialScore => ({
    people: {
      pair: { total: of, refused: 0 },
      'trusted elsewhere': { total: 0, refused: 0 },
      new: { total: of, refused },
    },
    sent: 50,
    asked: 100,
    overAfterMinutes: 12,
  });
  const played = [
    { name: 'ours', game: { ...game, aim: 'range', ips: 1 } as const, score: score(10) },
    { name: 'ours', game: { ...game, aim: 'range', ips: 100 } as const, score: score(60) },
  ];

  test('the attacker takes the IPs by which most people are refused', () => {
    expect(worstOf(played, 'range', 100)).toMatchObject({ ips: 100, sent: 50 });
    expect(denialTable(played)).toContain('| range | 100 | 30.0% [');
    expect(denialTable(played)).toContain('| 120.0 | 50 | 12 | 100 |');
  });

  test('the worst game is held against the target', () => {
    const table = denialTargets(played);
    expect(table).toContain('| people refused: a range | ≤ 35.0% | met | 30.0% [');
    expect(table).toContain('| pairs refused, attackers outside of their network | 0 | met | 0.00% [');
    expect(table).toContain('| pairs refused, attackers inside of their network | 0 | met |');
    expect(table).not.toContain('1,000');
    expect(table).toContain('| minutes from the end of the attack until it is over, at most | ≤ 15 | met | 12 |');
  });

  test('ten times the SMS may refuse hardly more people, and the worst target says how many', () => {
    const thousand = (aim: Game['aim'], refused: number) => [
      { name: 'ours', game: { ...game, aim }, score: score(10) },
      { name: 'ours', game: { ...game, aim, budget: 1000 } as const, score: score(refused) },
    ];
    const row = (...all: ReturnType<typeof thousand>) =>
      denialTargets(all)
        .split('\n')
        .find((line) => line.includes('1,000'));
    const measure = '| people refused: more at 1,000 SMS an hour than at 100 | ≤ 5 points |';
    expect(row(...thousand('range', 16), ...thousand('country', 20))).toBe(`${measure} met | 5.0 points (country) |`);
    expect(row(...thousand('office', 40))).toBe(`${measure} missed: 3.00× the target | 15.0 points (office) |`);
    expect(row(...thousand('office', 0))).toBe(`${measure} met | 0.0 points (office) |`);
  });

  test('a pair that is refused misses its target, even if the attacker is in its network', () => {
    const hit = { ...score(10), people: { ...score(10).people, pair: { total: 100, refused: 1 } } };
    const table = denialTargets([{ name: 'ours', game, score: hit }]);
    expect(table).toContain('| pairs refused, attackers inside of their network | 0 | missed | 1.00% [');
  });

  test('the page of results has the targets of the page of denial attacks, and says which commit that judged', () => {
    const options = readOptions(['--quick', '--only', 'ours', '--seeds', '1']);
    const page = (denials: string | undefined) =>
      resultsPage({ commit: 'Commit b', options, played: [], shown: 'ours', measures: undefined, denials });
    const denials = ['# Denial attacks', '', 'Commit a.', '', ...denialSections('ours', played)].join('\n');
    expect(page(denials)).toContain(`Commit a. [denial.md](denial.md) has all games.\n\n${denialTargets(played)}\n`);
    expect(page(undefined)).toContain('## Denial attacks\n\nNot played yet.');
  });
});
