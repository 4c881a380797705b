import type { Key } from '../counts/keys.ts';
import type { ExceededLaunch } from '../evidence/launches.ts';
import { type BlockedPart, partSlot } from '../evidence/parts.ts';
import { type LastBlock, type LastNotified, partsOf, type Ruling } from '../judge/ruling.ts';
import { type Campaign, inCampaign, isToCount, withCase } from './campaign.ts';
import { afterRuling, asPart, type Case, isSevere, isWideHold, raisesAlarm, withoutParent } from './case.ts';
import type { Deployment } from './commands.ts';
import { descriptionOf } from './finding.ts';
import { type CaseStep, stepOf } from './render.ts';

/** The stored case of a ruling, and the campaign that a severe one and a held range count in. */
export type RulingFacts = {
  /** `undefined` if there is none, or it cannot be read. */
  readonly before: Case | undefined;
  /** Of the stored case, readable or not; 0 if there is none. */
  readonly version: number;
  readonly campaign: Campaign;
};

/** A block, as the send path and staff read it. */
export type NewBlock = {
  readonly untilMs: number;
  readonly isRestriction: boolean;
  /** One probe passes in this time. */
  readonly probeIntervalMs: number | undefined;
  readonly reason: string;
  readonly uid: string;
};

/** What the next ruling on the key has to know of this one. */
export type Memory =
  | { readonly kind: 'block'; readonly lastBlock: LastBlock }
  /** Only if the last notification of the key is not younger than that: two within a minute say the same. */
  | { readonly kind: 'notification'; readonly lastNotified: LastNotified; readonly unlessSinceMs: number }
  /** Only if nobody has found it exceeded before, or announced another. No block and no lift on the key matters. */
  | { readonly kind: 'launch'; readonly exceeded: ExceededLaunch }
  /** Nothing: the case is all that the next ruling has to know. No block and no lift on the key matters. */
  | { readonly kind: 'case' };

/** What a ruling leads to. All of it is committed, or nothing: no block without its finding and its notification. */
export type RulingDecision = {
  readonly kind: 'ruling';
  /** With the severity that staff are notified of. */
  readonly ruling: Ruling;
  readonly key: Key;
  /** No block may hold on the key at that time, and staff may not have asked for none. */
  readonly atMs: number;
  /** Whether a restriction of the detector may hold there: the block takes its place. */
  readonly replacesRestriction: boolean;
  readonly block: NewBlock | undefined;
  readonly memory: Memory;
  /** That a part of wider groups was blocked. */
  readonly parts: readonly { readonly within: Key; readonly blocked: BlockedPart }[];
  readonly step: CaseStep;
  /** The campaign with this case; `undefined` if the case does not count in it. */
  readonly campaign: Campaign | undefined;
};

/** A block that goes on, unless it has changed. */
export type Renewal = {
  readonly kind: 'renewal';
  readonly key: Key;
  readonly before: LastBlock;
  readonly after: LastBlock;
};

export type Decision = RulingDecision | Renewal;

/**
 * `already-blocked`: a block holds, staff want none, or staff were notified already. `parent-closed`: the parent is not
 * open, or not there yet. `changed`: the case or the campaign is not as it was read.
 */
export type Outcome = 'committed' | 'already-blocked' | 'parent-closed' | 'changed';

/** Whether a ruling may count in a campaign, so that the campaign has to be read. */
export const mayCountInCampaign = (ruling: Ruling): boolean =>
  ruling.rule !== 'launch-exceeded' && (isSevere(ruling.severity) || isWideHold(ruling));

const sameNotificationMs = 60_000;

const memoryOf = (ruling: Ruling): Memory => {
  const { exceeded } = ruling;
  if (exceeded !== undefined) return { kind: 'launch', exceeded };
  if (ruling.rule === 'swapped-number') return { kind: 'case' };
  const { action, rule, uid, firstMs, atMs, untilMs, step, probeIntervalMs } = ruling;
  if (action !== 'none')
    return { kind: 'block', lastBlock: { uid, firstMs, atMs, untilMs, step, action, rule, probeIntervalMs } };
  const dropped = rule === 'conversion-drop' ? { dropMs: atMs } : {};
  return {
    kind: 'notification',
    lastNotified: { uid, firstMs, atMs, ...dropped },
    unlessSinceMs: atMs - sameNotificationMs,
  };
};

/** What a ruling leads to: block, memory, case, notification, campaign. A pure function of the facts. */
export const decide = (
  judged: Ruling,
  { before, version, campaign }: RulingFacts,
  deployment: Deployment,
): RulingDecision => {
  const part = asPart(judged);
  const mayCount = part.parent === undefined && mayCountInCampaign(part) && raisesAlarm(before, part);
  const ruling = mayCount ? inCampaign(part, campaign) : part;
  const description = descriptionOf(ruling, deployment);
  const { key, atMs, untilMs, action, uid, probeIntervalMs } = ruling;
  return {
    kind: 'ruling',
    ruling,
    key,
    atMs,
    replacesRestriction: action === 'block',
    block:
      action === 'none'
        ? undefined
        : {
            untilMs,
            isRestriction: action === 'restrict',
            probeIntervalMs,
            reason: description.finding_info.title,
            uid,
          },
    memory: memoryOf(ruling),
    parts: partsOf(ruling).map(({ within, part }) => ({ within, blocked: { slot: partSlot(part), atMs } })),
    step: stepOf(afterRuling(before, version, ruling), description, deployment),
    campaign: mayCount && isToCount(judged, ruling) ? withCase(campaign, judged) : undefined,
  };
};

/** The ruling to be decided anew after a lost race; `undefined` if the outcome is final. The sweep finds missing parents. */
export const rulingAfter = (ruling: Ruling, outcome: Outcome): Ruling | undefined => {
  if (outcome === 'committed' || outcome === 'already-blocked') return undefined;
  return outcome === 'parent-closed' ? withoutParent(ruling) : ruling;
};
