import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import { descriptionOf } from '../../lambdas/bursts/findings/finding.ts';
import { aRuling } from '../fakes/bursts/rulings.ts';
import { mondayMs } from '../fakes/bursts/scene.ts';

const messageOf = (key: Key): string => descriptionOf(aRuling(key, mondayMs, { action: 'restrict' })).message;

describe('a finding of a restriction says which sends it stops', () => {
  test('a restriction of a group of numbers stops unverified numbers, unless they call from a trusted IP', () => {
    expect(messageOf({ level: 'range', of: '+44770012' })).toContain(
      'Unverified numbers get no SMS for 15 minutes, until 2026-01-05T00:15:00Z, unless they call from a trusted IP.',
    );
  });
});
