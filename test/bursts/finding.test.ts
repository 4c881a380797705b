import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import { descriptionOf } from '../../lambdas/bursts/findings/finding.ts';
import type { Ruling } from '../../lambdas/bursts/judge/ruling.ts';
import { aRuling } from '../fakes/bursts/rulings.ts';
import { mondayMs } from '../fakes/bursts/scene.ts';

const messageOf = (key: Key, more: Partial<Ruling> = {}): string =>
  descriptionOf(aRuling(key, mondayMs, { action: 'restrict', probeIntervalMs: 3_600_000, ...more })).message;
const period = 'for 15 minutes, until 2026-01-05T00:15:00Z';

describe('a finding of a restriction says which sends it stops, and which pass', () => {
  test.each([
    [
      { level: 'range', of: '+44770012' },
      `Unverified numbers get no SMS ${period}, unless they call from a trusted IP.`,
    ],
    [{ level: 'ip', of: 'keyed hash' }, `Unverified numbers behind the IP get no SMS ${period}.`],
    [
      { level: 'new-network', of: 'GB' },
      `Trusted numbers get no SMS ${period} if they ask from a network where they have never verified and from an untrusted IP.`,
    ],
  ] as const)('a finding says of a restriction on %o which probes pass', (key, sentence) => {
    expect(messageOf(key)).toContain(sentence);
    expect(messageOf(key)).toContain('As probes, 1 an hour of those that it holds pass.');
    expect(messageOf(key)).toContain(
      'While its probes fail, it is renewed for 15 minutes at a time, for 4 hours at most.',
    );
  });
  test('a restriction of those who verify goes on while probes verify', () => {
    expect(messageOf({ level: 'range', of: '+44770012' }, { rule: 'converting-strangers' })).toContain(
      'While its probes verify, it is renewed',
    );
  });
  test('longer codes of a number spare the networks where it has verified', () => {
    const of = 'k'.repeat(43);
    const message = messageOf({ level: 'codes', of }, { action: 'longer-codes', rule: 'guessing' });
    expect(message).toContain('codes of number kkkkkkkkkkkk…');
    expect(message).toContain('New codes of the number, except from networks where it has verified, are longer');
    expect(message).not.toContain('probe');
  });
});
