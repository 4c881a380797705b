import type { Severity } from '../judge/ruling.ts';
import { type Case, type Change, isSevere, isWideHold, type Transition } from './case.ts';
import { commandsOf, type Deployment } from './commands.ts';
import { activities, type Description, type Finding, severities } from './finding.ts';
import { timeOf } from './texts.ts';
import { usd } from './words/figures.ts';
import { linesOf } from './words/lines.ts';

/** A notification of staff, from the transaction that writes it until it is sent. */
export type Notification = {
  /** In the order of the changes. */
  readonly id: string;
  readonly finding: Finding;
  /** The severity that an alarm counts; none for what staff know already. */
  readonly alarmSeverity: Severity | undefined;
  /** Whether it is in the log and in the metrics already. */
  readonly isLogged: boolean;
};

/** A transition with its finding: all of it is committed, or nothing. */
export type CaseStep = Pick<Transition, 'after' | 'joins'> & {
  readonly finding: Finding;
  readonly notification: Notification | undefined;
};

const progressText = ({ refusals, sparedUsd, children }: Case): string =>
  [
    refusals.total === 0 ? '' : `${refusals.total} sends were refused, which would have cost about ${usd(sparedUsd)}.`,
    children === 0 ? '' : `${children} narrower findings are part of this one.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');

const endText = (change: Change, { action }: Case): string => {
  if (change.kind !== 'close') return '';
  if (change.because === 'quiet') {
    return action === 'none'
      ? 'Closed by itself: nothing more was found for an hour.'
      : 'Closed by itself: after the block, nothing was found for as long as it had lasted.';
  }
  return change.because === 'lifted'
    ? `Closed: staff want no block here until ${timeOf(change.untilMs)}.`
    : `Closed: staff ${change.because === 'resolved' ? 'say that it is resolved' : 'labeled it as a false positive'}.`;
};

const statusIds: Readonly<Record<Case['status'], number>> = {
  New: 1,
  'In Progress': 2,
  Suppressed: 3,
  Resolved: 4,
};

/** By the incident profile of OCSF. */
const incidentOf = (change: Change, { staff }: Case): Pick<Finding, 'verdict_id' | 'verdict' | 'assignee'> => ({
  ...(change.kind === 'close' && change.because === 'false-positive'
    ? { verdict_id: 1, verdict: 'False Positive' }
    : {}),
  ...(staff.acknowledgedBy === undefined ? {} : { assignee: { name: staff.acknowledgedBy } }),
});

/**
 * Staff are woken by a case that raises an alarm and is severe, holds a range or more, or says that codes of a country are not
 * entered: once per campaign, and not by the parts of a case that they know.
 */
const isMailed = ({ after, notice }: Transition, { part_of_campaign, rule, mode }: Description['unmapped']): boolean =>
  notice?.alarmSeverity !== undefined &&
  after.parent === undefined &&
  !part_of_campaign &&
  (isSevere(notice.alarmSeverity) || isWideHold(after) || (rule === 'conversion-drop' && mode === 'enforce'));

/**
 * The finding of a case after a change. Its `metadata.uid` names this notification alone.
 *
 * @param described what the latest ruling says; its earlier rendering serves as well.
 */
export const render = (transition: Transition, described: Description | Finding, deployment: Deployment): Finding => {
  const { after, change } = transition;
  const { rule, mode, action, commands: before } = described.unmapped;
  const commands = { ...before, ...commandsOf(after.key, after.uid, deployment) };
  const told = { key: after.key, rule, mode, action, explanation: described.evidences[0].data, commands };
  const incident = incidentOf(change, after);
  const detail = [progressText(after), endText(change, after)].filter((sentence) => sentence !== '').join(' ');
  return {
    ...lasting(described),
    ...activities[change.kind],
    status_id: statusIds[after.status],
    status: after.status,
    ...incident,
    ...(detail === '' ? {} : { status_detail: detail }),
    ...(change.kind === 'close' ? { end_time: after.untilMs } : {}),
    time: after.notifiedMs,
    ...severities[after.severity],
    metadata: {
      ...described.metadata,
      uid: `${after.uid}-${after.version}`,
      profiles: Object.keys(incident).length > 0 ? ['incident'] : [],
    },
    finding_info: {
      ...described.finding_info,
      created_time: after.firstMs,
      first_seen_time: after.firstMs,
      modified_time: after.notifiedMs,
      last_seen_time: Math.max(after.atMs, change.kind === 'close' ? 0 : after.notifiedMs),
    },
    unmapped: {
      ...described.unmapped,
      until: timeOf(after.untilMs),
      is_mailed: isMailed(transition, described.unmapped),
      refused: after.refusals.total,
      spared_usd: Math.round(after.sparedUsd * 100) / 100,
      children: after.children,
      ...(after.parent === undefined ? {} : { parent: after.parent }),
      commands,
      ...linesOf(told, transition, deployment),
    },
  };
};

/** Without what only an earlier change of the case said. */
const lasting = (described: Description | Finding): Description => {
  if (!('status' in described)) return described;
  const { end_time: _, status_detail: __, verdict: ___, verdict_id: ____, assignee: _____, ...rest } = described;
  return rest;
};

export const stepOf = (transition: Transition, described: Description | Finding, deployment: Deployment): CaseStep => {
  const { after, joins, notice } = transition;
  const finding = render(transition, described, deployment);
  return { after, joins, finding, notification: notice && { ...notice, finding, isLogged: false } };
};
