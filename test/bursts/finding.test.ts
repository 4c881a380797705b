import { describe, expect, test } from 'vitest';
import { findingOf } from '../../lambdas/bursts/finding.ts';
import type { Key } from '../../lambdas/bursts/traffic.ts';
import { aRuling } from './rulings.ts';
import { mondayMs } from './scene.ts';

const messageOf = (key: Key): string => findingOf(aRuling(key, mondayMs, { action: 'challenge' }), 'test').message;

describe('a finding of a challenge says whom it stops', () => {
  test('on a group of numbers: strangers, from where nobody has verified', () => {
    expect(messageOf({ level: 'block', of: '+44770012' })).toContain(
      'Numbers that have never verified, from addresses',
    );
  });
});
