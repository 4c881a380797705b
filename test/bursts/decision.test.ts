import { describe, expect, test } from 'vitest';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import { commitRuling as commitFor } from '../../lambdas/bursts/detect.ts';
import type { CampaignCase } from '../../lambdas/bursts/findings/campaign.ts';
import {
  type Decision,
  decide as decideFor,
  type Outcome,
  type RulingFacts,
} from '../../lambdas/bursts/findings/decision.ts';
import type { Ruling } from '../../lambdas/bursts/judge/ruling.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { sampleDeployment } from '../fakes/bursts/deployment.ts';
import { aRuling, stepAfter } from '../fakes/bursts/rulings.ts';
import { hourMs, minuteMs, mondayMs } from '../fakes/bursts/scene.ts';

const decide = (judged: Ruling, facts: RulingFacts) => decideFor(judged, facts, sampleDeployment);
const commitRuling = (...[store, judged]: [Parameters<typeof commitFor>[0], Ruling]) =>
  commitFor(store, judged, sampleDeployment);
const range: Key = { level: 'range', of: '+44770012' };
const prefix: Key = { level: 'prefix', of: '+447700' };
const ruling = (more: Partial<Ruling> = {}, key = range): Ruling => aRuling(key, mondayMs, more);
const nothing: RulingFacts = { before: undefined, version: 0, campaign: { version: 0, cases: [] } };
const severe = (hoursAgo: number, country = 'GB'): CampaignCase => ({
  uid: `case of ${hoursAgo} hours ago`,
  atMs: mondayMs - hoursAgo * hourMs,
  country,
});
const campaignOf = (...cases: readonly CampaignCase[]): RulingFacts => ({
  ...nothing,
  campaign: { version: 7, cases },
});

describe('a decision', () => {
  test('a block has the title of its finding, its end and its case, and is what the next ruling knows', () => {
    const judged = ruling({ within: prefix, probeIntervalMs: 3_600_000 });
    const { block, memory, parts, campaign, step } = decide(judged, nothing);
    const { uid } = ruling();
    const untilMs = mondayMs + 15 * minuteMs;
    const reason = step.finding.finding_info.title;
    expect(block).toEqual({ untilMs, isRestriction: false, probeIntervalMs: 3_600_000, reason, uid });
    expect(memory).toEqual({
      kind: 'block',
      lastBlock: {
        ...{ uid, firstMs: mondayMs, atMs: mondayMs, untilMs, step: 0, action: 'block' },
        ...{ rule: 'unverified-burst', probeIntervalMs: 3_600_000 },
      },
    });
    const blocked = { slot: expect.any(Number), atMs: mondayMs };
    expect(parts).toEqual([
      { within: prefix, blocked },
      { within: { level: 'country', of: 'GB' }, blocked },
    ]);
    // Its first: staff get a mail of it, and of no further range.
    expect(campaign).toEqual({ version: 1, cases: [{ uid, atMs: mondayMs, country: 'GB', isMinor: true }] });
    expect(decide(judged, campaignOf(severe(1)))).toMatchObject({ campaign: undefined });
  });

  test('a ruling without action writes no block and no part, and nothing if staff were notified within a minute', () => {
    const { block, memory, parts, step } = decide(
      ruling({ action: 'none', untilMs: mondayMs, within: prefix }),
      nothing,
    );
    expect([block, parts]).toEqual([undefined, []]);
    expect(memory).toMatchObject({ kind: 'notification', unlessSinceMs: mondayMs - minuteMs });
    expect(step.notification).toBeDefined();
  });

  test.each([
    ['block', true],
    ['restrict', false],
    ['longer-codes', false],
    ['none', false],
  ] as const)('the action %s may take the place of a restriction: %s', (action, replaces) => {
    const { replacesRestriction, block } = decide(ruling({ action }), nothing);
    expect(replacesRestriction).toBe(replaces);
    expect(block?.isRestriction).toBe(action === 'none' ? undefined : action === 'restrict');
  });

  test('a new severe case is counted in its campaign, under the next version', () => {
    const { campaign, ruling: decided } = decide(ruling({ severity: 'high' }), campaignOf(severe(1)));
    expect(decided.severity).toBe('high');
    expect(campaign).toEqual({ version: 8, cases: [severe(1), { uid: decided.uid, atMs: mondayMs, country: 'GB' }] });
  });

  test('the third severe case of a campaign has medium severity, and is counted as well', () => {
    const { campaign, ruling: decided, step } = decide(ruling({ severity: 'high' }), campaignOf(severe(2), severe(1)));
    expect(decided).toMatchObject({ severity: 'medium', isPartOfCampaign: true });
    expect(step).toMatchObject({ after: { severity: 'medium' }, notification: { alarmSeverity: 'medium' } });
    expect(campaign?.cases).toHaveLength(3);
  });

  test('a severe part of a wider case, and a severe case that staff know, are counted in no campaign', () => {
    const known = stepAfter(ruling({ severity: 'high' })).after;
    const part = decide(ruling({ severity: 'high', parent: 'wider' }), campaignOf(severe(1)));
    expect(part).toMatchObject({ ruling: { severity: 'medium' }, step: { joins: 'wider' }, campaign: undefined });
    const update = decide(ruling({ severity: 'high', isUpdate: true }), { ...nothing, before: known, version: 1 });
    expect(update).toMatchObject({ campaign: undefined, step: { notification: { alarmSeverity: undefined } } });
  });
});

describe('the flow of a ruling', () => {
  /** A store that answers so, one commit after the other. */
  const answering = (...outcomes: readonly Outcome[]) => {
    const tried: Decision[] = [];
    const read: unknown[] = [];
    return {
      tried,
      read,
      store: {
        readCase: async (uid: string, options: unknown) => {
          read.push([uid, options]);
          return nothing;
        },
        commit: async (decision: Decision) => {
          tried.push(decision);
          return outcomes[tried.length - 1] ?? 'changed';
        },
      },
    };
  };

  test('a ruling whose case has changed is decided again, on new facts', async () => {
    const { store, tried, read } = answering('changed', 'changed', 'committed');
    expect(await commitRuling(store, ruling())).toBe(tried[2]);
    expect(read).toHaveLength(3);
  });

  test('a ruling whose parent is closed is decided again as a case of its own', async () => {
    const { store, tried } = answering('parent-closed', 'committed');
    const decision = await commitRuling(store, ruling({ severity: 'critical', parent: 'wider' }));
    expect(tried).toMatchObject([{ step: { joins: 'wider' } }, { step: { joins: undefined } }]);
    expect(decision?.ruling).toMatchObject({ severity: 'critical' });
  });

  test('a ruling on a key that is blocked already is not tried again', async () => {
    const { store, tried } = answering('already-blocked');
    expect(await commitRuling(store, ruling())).toBeUndefined();
    expect(tried).toHaveLength(1);
  });

  test('a ruling that loses eight races is thrown, so that the stream brings its records again', async () => {
    const { store, tried } = answering();
    await expect(commitRuling(store, ruling())).rejects.toThrow(Unavailable);
    expect(tried).toHaveLength(8);
  });

  test('the campaign is read for severe rulings, and for those that hold a range or more', async () => {
    const { store, read } = answering('committed', 'committed', 'committed');
    await commitRuling(store, ruling({ action: 'none', severity: 'low' }));
    await commitRuling(store, ruling());
    await commitRuling(store, ruling({ action: 'none', severity: 'critical' }));
    expect(read).toEqual([false, true, true].map((withCampaign) => [ruling().uid, { withCampaign }]));
  });
});
