import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import { descriptionOf as descriptionFor } from '../../lambdas/bursts/findings/finding.ts';
import type { Ruling } from '../../lambdas/bursts/judge/ruling.ts';
import { sampleDeployment } from '../fakes/bursts/deployment.ts';
import { aRuling } from '../fakes/bursts/rulings.ts';
import { digits, minuteMs, mondayMs, scene } from '../fakes/bursts/scene.ts';

const descriptionOf = (ruling: Ruling) => descriptionFor(ruling, sampleDeployment);
const messageOf = (key: Key, more: Partial<Ruling> = {}): string =>
  descriptionOf(aRuling(key, mondayMs, { action: 'restrict', probeIntervalMs: 3_600_000, ...more })).message;
const period = 'for 15 minutes, until 2026-01-05T00:15:00Z';

describe('a finding of a restriction says which sends it stops, and which pass', () => {
  test.each([
    [
      { level: 'range', of: '+44770012' },
      `Unverified numbers get no SMS ${period}, unless they come from a trusted IP.`,
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
    expect(message).toContain('Somebody guesses the codes of one number: ');
    expect(message).toContain('New codes of the number, except from networks where it has verified, are longer');
    expect(message).not.toContain('probe');
  });
});

describe('a finding names the applications of its evidence', () => {
  /** An attack on one range, through applications in turn. */
  const attackThrough = async (applications: readonly string[]) => {
    const stage = scene();
    for (let nth = 0; nth < 40; nth += 1) {
      const application = applications[nth % applications.length] ?? '';
      await stage.send({ phone: `+44770012${digits(nth, 4)}`, ip: `ip-${nth}`, application });
      stage.wait(minuteMs / 10);
    }
    const ruling = stage.rulings.find(({ key }) => key.level === 'range');
    if (ruling === undefined) throw new Error('The attack was not found.');
    return descriptionOf(ruling);
  };

  test('an attack through one application names that one, and not the others of the country', async () => {
    const found = await attackThrough(['web']);
    expect(found.unmapped.applications).toEqual(['web']);
    expect(found.evidences[0]?.data.applications).toEqual(['web']);
    expect(found.message).toContain('They came through the application web.');
  });
  test('an attack through several names each of them once', async () => {
    const found = await attackThrough(['web', 'shop', 'web', 'ios']);
    expect(found.unmapped.applications).toEqual(['ios', 'shop', 'web']);
    expect(found.message).toContain('They came through the applications ios, shop, web.');
  });
  test('a drop over days names no application, and has no sentence about any', () => {
    const ruling = aRuling({ level: 'country', of: 'GB' }, mondayMs);
    const found = descriptionOf({ ...ruling, explanation: { ...ruling.explanation, applications: [] } });
    expect(found.unmapped.applications).toEqual([]);
    expect(found.message).not.toContain('came through');
  });
});
