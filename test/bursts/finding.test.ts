import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/traffic.ts';
import { findingOf } from '../../lambdas/bursts/findings/finding.ts';
import { aRuling } from '../fakes/rulings.ts';
import { mondayMs } from '../fakes/scene.ts';

const messageOf = (key: Key): string => findingOf(aRuling(key, mondayMs, { action: 'restrict' }), 'test').message;

describe('a finding of a restriction says whom it stops', () => {
  test('on a group of numbers: strangers, from where nobody has verified', () => {
    expect(messageOf({ level: 'range', of: '+44770012' })).toContain('Numbers that have never verified, from IPs');
  });
});
