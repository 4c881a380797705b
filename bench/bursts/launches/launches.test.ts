/** Crowds and attacks in announced launches, as docs/bursts.md has them. */

import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { crowd, hiddenAttack } from './plays.ts';
import { lineOf, shownAttacks } from './table.ts';

const scale = { startsPerDay: 4000, warmUpDays: 0 };

test.each(['spike', 'launch'] as const)(
  'an announced crowd of people (%s) meets no restriction and no block',
  (kind) => {
    const { score, report } = crowd(kind, 1, scale, true);
    expect(new Map(score.places).get(kind)?.total).toBeGreaterThan(100);
    expect(report.blocks).toBe(0);
  },
);

describe('an attack behind the crowd of a campaign', () => {
  test.each(shownAttacks)(
    'an attack is found in a launch as well, and the page says how late: $family',
    async ({ family, is }) => {
      const [unannounced, announced] = [false, true].map((isAnnounced) => hiddenAttack(family, 1, scale, isAnnounced));
      const page = await readFile(new URL('../../../docs/bursts.md', import.meta.url), 'utf8');
      expect(page).toContain(lineOf(is, unannounced, announced));
      const [attack] = announced?.score.attacks ?? [];
      expect(attack?.refusedAtMs).toBeDefined();
      expect(attack?.sent).toBeLessThan((attack?.asked ?? 0) / 2);
    },
  );
});
