import { type AnnouncedLaunch, idOfLaunch, type Launch } from '../../bursts/evidence/launches.ts';
import { metrics, operatorProblems } from '../../contract.ts';
import type { Action } from '../../desk/actions.ts';
import type { HeldBlock } from '../../desk/blocks.ts';
import { type FindingPage, type KnownFinding, type ShownFinding, statusOf } from '../../desk/findings.ts';
import type { Series } from '../../desk/series.ts';
import { timeText as time } from '../../desk/times.ts';
import type { ActionPage } from '../../desk/trail.ts';
import type { Parsed } from '../../otp/input/typed.ts';
import type { Stop, StopWhat } from '../../otp/limits/stops.ts';
import { invalidRequest } from '../invalid.ts';
import type { Reply } from '../problem.ts';

/** A group that staff name in a body. A number and an IP are hidden, and other levels have no word of their own. */
const whatBody = (level: string, of: string | undefined): { readonly what?: Readonly<Record<string, string>> } => {
  if (of !== undefined && ['country', 'prefix', 'range'].includes(level)) return { what: { [level]: of } };
  if (level === 'phone') return { what: { number: 'hidden' } };
  return level === 'ip' ? { what: { ip: 'hidden' } } : {};
};

export const blockBodyOf = ({ level, of, kind, untilMs, reason, by, finding }: HeldBlock) => ({
  level,
  ...whatBody(level, of),
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

export const answerLift = (lifted: { readonly allowUntilMs: number } | undefined): Reply =>
  lifted === undefined
    ? findingNotFound
    : { status: 200, body: { allowUntil: time(lifted.allowUntilMs) }, ...lowering };

/** Less is refused from now on. One person alone cannot do that without others hearing of it. */
export const lowering = { metrics: [metrics.defenseLowered] };

const launchBodyOf = ({ level, of, fromMs, untilMs, expected, reason, author }: Launch) => ({
  id: idOfLaunch({ level, of }),
  what: { [level]: of },
  from: time(fromMs),
  until: time(untilMs),
  expected,
  reason,
  author,
});

export const answerLaunches = (
  { launches, unreadable }: { readonly launches: readonly AnnouncedLaunch[]; readonly unreadable: number },
  nowMs: number,
): Reply => ({
  status: 200,
  body: {
    launches: launches
      .filter(({ untilMs }) => nowMs < untilMs)
      .map((launch) => ({
        ...launchBodyOf(launch),
        requests: launch.progress.requests,
        isExceeded: launch.progress.exceededMs !== undefined,
      })),
    ...(unreadable === 0 ? {} : { unreadable }),
  },
});

/** @throws Refused for a launch of what no launch is of. */
export const answerLaunch = (launch: Parsed<Launch>): Reply => {
  if (launch.kind === 'parsed') return { status: 201, body: launchBodyOf(launch.value), ...lowering };
  throw invalidRequest([{ pointer: '/what', detail: launch.detail }]);
};

export const answerCanceled = (isCanceled: boolean): Reply => (isCanceled ? { status: 204 } : launchNotFound);

export const answerStop = ({ what, atMs, by, reason }: Stop): Reply => ({
  status: 200,
  body: { what: what.kind === 'all' ? 'all' : stoppedOf(what), since: time(atMs), by, reason },
});

const stoppedOf = (what: Exclude<StopWhat, { kind: 'all' }>) =>
  what.kind === 'application' ? { application: what.application } : { country: what.country };

export const answerResumed = (isResumed: boolean): Reply =>
  isResumed ? { status: 200, body: {}, ...lowering } : stopNotFound;

const actionBody = ({ id, atMs, principal, action, reason, about, untilMs, finding, order }: Action) => ({
  id,
  at: time(atMs),
  principal,
  action,
  about,
  reason,
  ...(untilMs === undefined ? {} : { until: time(untilMs) }),
  ...(finding === undefined ? {} : { finding }),
  ...(order === undefined ? {} : { order }),
});

export const answerActions = ({ actions, cursor }: ActionPage): Reply => ({
  status: 200,
  body: { actions: actions.map(actionBody), ...(cursor === undefined ? {} : { cursor }) },
});

const rounded = (value: number): number => Math.round(value * 100) / 100;

const findingBodyOf = (shown: KnownFinding, pace?: string) => {
  const { known, finding, note } = shown;
  const { level, of } = known.key;
  const { headline, commands, evidence, rule, applications = [], ...lines } = finding.unmapped;
  const { spentUsd, usdPerHour } = finding.evidences[0].data;
  return {
    id: known.uid,
    severity: known.severity,
    status: statusOf(shown),
    isOpen: known.isOpen,
    // A finding of an earlier version has no lines, until its case changes.
    headline: headline ?? finding.finding_info.title,
    lines: [
      ...[lines.so_far, pace, lines.refused_text, lines.ends],
      ...[lines.if_legitimate, lines.if_wrong, lines.if_attack],
    ].filter(Boolean),
    level,
    ...whatBody(level, of),
    country: known.country,
    applications,
    rule,
    action: known.action,
    startedAt: time(known.firstMs),
    updatedAt: time(known.notifiedMs),
    until: time(known.untilMs),
    costUsd: rounded(spentUsd),
    costUsdPerHour: rounded(usdPerHour),
    refused: known.refusals.total,
    savedUsd: rounded(known.sparedUsd),
    ...(note === undefined ? {} : { note }),
    ...(known.parent === undefined ? {} : { parent: known.parent }),
    children: known.children,
    commands,
    evidence: evidence ?? [finding.message],
  };
};

export const answerFindings = ({ findings, unreadable, cursor }: FindingPage): Reply => ({
  status: 200,
  body: {
    findings: findings.map((each) => findingBodyOf(each)),
    ...(unreadable === 0 ? {} : { unreadable }),
    ...(cursor === undefined ? {} : { cursor }),
  },
});

const trafficBody = ({ timeBuckets, slots }: Series) => ({
  byTenMinutes: timeBuckets.map(({ fromMs, ...counts }) => ({ from: time(fromMs), ...counts })),
  byTenSeconds: slots.map(({ fromMs, ...counts }) => ({ from: time(fromMs), ...counts })),
});

export const answerFinding = (
  shown: KnownFinding | undefined,
  { timeline, pace, series }: Partial<Omit<ShownFinding, 'shown'>> = {},
): Reply =>
  shown === undefined
    ? findingNotFound
    : {
        status: 200,
        body: {
          ...findingBodyOf(shown, pace),
          ...(timeline === undefined ? {} : { timeline: timeline.map(({ atMs, text }) => ({ at: time(atMs), text })) }),
          ...(series === undefined ? {} : { traffic: trafficBody(series) }),
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

const launchNotFound = notFound(
  'launch-not-found',
  'No launch has this id, or it is over. List them by GET /v1/launches: the id is like country:IN.',
);

const stopNotFound = notFound(
  'stop-not-found',
  'No such stop holds. GET /v1/status lists those that do: a stop of all is resumed as all.',
);
