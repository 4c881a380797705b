import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import { descriptionOf } from '../../lambdas/bursts/findings/finding.ts';
import { aRuling } from '../fakes/bursts/rulings.ts';
import { mondayMs } from '../fakes/bursts/scene.ts';

const messageOf = (key: Key): string => descriptionOf(aRuling(key, mondayMs, { action: 'restrict' })).message;

describe('a finding of a restriction says whom it stops', () => {
  test('on a group of numbers: strangers, from where nobody has verified', () => {
    expect(messageOf({ level: 'range', of: '+44770012' })).toContain('Numbers that have never verified, from IPs');
  });
});
