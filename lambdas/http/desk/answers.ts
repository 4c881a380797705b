import { operatorProblems } from '../../contract.ts';
import type { Action } from '../../desk/actions.ts';
import type { HeldBlock } from '../../desk/blocks.ts';
import { type FindingPage, type KnownFinding, statusOf, type TimelineEntry } from '../../desk/findings.ts';
import type { ActionPage } from '../../desk/trail.ts';
import type { Reply } from '../problem.ts';

const time = (atMs: number): string => new Date(atMs).toISOString();

/** What a level and its group are called in a body. A number and an IP are named by nobody. */
const whatBody = (level: string, of: string | undefined) =>
  of === undefined
    ? { [level === 'phone' ? 'number' : 'ip']: 'hidden' }
    : { [level === 'new-network' ? 'country' : level]: of };

export const blockBodyOf = ({ level, of, kind, untilMs, reason, by, finding }: HeldBlock) => ({
  level,
  what: whatBody(level, of),
  kind,
  until: time(untilMs),
  reason,
  by,
  ...(finding === undefined ? {} : { finding }),
});

export const answerBlocks = (blocks: readonly HeldBlock[]): Reply => ({
  status: 200,
  body: { blocks: blocks.toSorted((one, other) => other.untilMs - one.untilMs).map(blockBodyOf) },
});

export const answerBlock = (block: HeldBlock): Reply => ({ status: 201, body: blockBodyOf(block) });

export const answerLift = ({ allowUntilMs }: { readonly allowUntilMs: number }): Reply => ({
  status: 200,
  body: { allowUntil: time(allowUntilMs) },
});

const actionBody = ({ id, atMs, principal, action, reason, about, finding, order }: Action) => ({
  id,
  at: time(atMs),
  principal,
  action,
  about,
  reason,
  ...(finding === undefined ? {} : { finding }),
  ...(order === undefined ? {} : { order }),
});

export const answerActions = ({ actions, cursor }: ActionPage): Reply => ({
  status: 200,
  body: { actions: actions.map(actionBody), ...(cursor === undefined ? {} : { cursor }) },
});

const findingBodyOf = (shown: KnownFinding) => {
  const { known, finding, note } = shown;
  const { unmapped } = finding;
  return {
    id: known.uid,
    severity: known.severity,
    status: statusOf(shown),
    isOpen: known.isOpen,
    headline: finding.finding_info.title,
    level: known.key.level,
    ...(isNamed(known.key.level, known.key.of) ? { what: whatBody(known.key.level, known.key.of) } : {}),
    rule: unmapped.rule,
    action: known.action,
    startedAt: time(known.firstMs),
    updatedAt: time(known.notifiedMs),
    until: time(known.untilMs),
    refused: known.refusals.total,
    savedUsd: Math.round(known.sparedUsd * 100) / 100,
    ...(note === undefined ? {} : { note }),
    ...(known.parent === undefined ? {} : { parent: known.parent }),
    children: known.children,
    commands: unmapped.commands,
    explanation: finding.message,
  };
};

/** A keyed hash is shown to nobody. */
const isNamed = (level: string, of: string): boolean =>
  !(level === 'phone' || level === 'ip' || (level === 'codes' && of.length > 8));

export const answerFindings = ({ findings, unreadable, cursor }: FindingPage): Reply => ({
  status: 200,
  body: {
    findings: findings.map(findingBodyOf),
    ...(unreadable === 0 ? {} : { unreadable }),
    ...(cursor === undefined ? {} : { cursor }),
  },
});

export const answerFinding = (shown: KnownFinding | undefined, timeline?: readonly TimelineEntry[]): Reply =>
  shown === undefined
    ? findingNotFound
    : {
        status: 200,
        body: {
          ...findingBodyOf(shown),
          ...(timeline === undefined ? {} : { timeline: timeline.map(({ atMs, text }) => ({ at: time(atMs), text })) }),
        },
      };

export const notFound = (code: keyof typeof operatorProblems, detail: string): Reply => {
  const { status, title } = operatorProblems[code];
  return { status, code, contentType: 'application/problem+json', body: { title, status, detail, code } };
};

const findingNotFound = notFound(
  'finding-not-found',
  'No finding has this id, or it was deleted after the days that the settings keep findings. List them again.',
);
