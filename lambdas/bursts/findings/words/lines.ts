import { hourMs } from '../../../otp/durations.ts';
import { thresholds } from '../../evidence/thresholds.ts';
import type { Action, Explanation, Ruling, Severity } from '../../judge/ruling.ts';
import type { Case, Change, Transition } from '../case.ts';
import { type commandsOf, type Deployment, refuseCommand } from '../commands.ts';
import { clockTime, counted, spanText, usd } from './figures.ts';
import { countryText } from './group-names.ts';
import { headlineOf } from './headline.ts';

/** The latest ruling of a case, as its finding tells of it. */
export type Told = Pick<Ruling, 'key' | 'rule' | 'mode' | 'action' | 'explanation'> & {
  readonly commands: ReturnType<typeof commandsOf> & { readonly launch?: string };
};

/**
 * A finding in plain words, line by line, as the mail has it. EventBridge pastes each line into a text, so none has a line
 * break, a double quote or a backslash. A command ends its line.
 */
export type Lines = {
  /** The first line: what happens. */
  readonly headline: string;
  /** Cost so far and per hour. */
  readonly so_far: string;
  /** Callers and numbers that are refused because of it, an estimate, and those that are served. */
  readonly refused_text: string;
  /** When it ends, or what ended it. */
  readonly ends: string;
  readonly if_legitimate: string;
  readonly if_attack: string;
  readonly show_command: string;
  readonly lift_command: string;
  readonly runbook_url: string;
};

const joined = (...sentences: readonly string[]): string => sentences.filter((each) => each !== '').join(' ');

const isHeld = (action: Action): boolean => action === 'block' || action === 'restrict';
const nameOfAction: Readonly<Record<Action, string>> = {
  block: 'block',
  restrict: 'restriction',
  'longer-codes': 'longer codes',
  none: '',
};

/** Whether the action of a case still holds at its latest change. */
const holds = ({ after, change }: Transition): boolean =>
  after.action !== 'none' &&
  after.notifiedMs < after.untilMs &&
  (change.kind !== 'close' || change.because === 'false-positive' || change.because === 'resolved');

const soFarText = ({ rule, action, explanation }: Told, { change }: Transition): string => {
  const { seenSms, spentUsd, usdPerHour } = explanation;
  if (rule === 'code-spraying' || rule === 'guessing')
    return 'Wrong codes cost no SMS. The danger is that a guess is right.';
  if (rule === 'bombing') return 'The requests that were refused cost nothing.';
  if (rule === 'conversion-drop')
    return `The SMS whose codes are missing cost about ${usd(spentUsd)} in that time, which is ${usd(usdPerHour)} an hour.`;
  const cost = change.kind === 'close' ? 'It cost about' : 'So far it cost about';
  const pace = isHeld(action) ? `The pace before the ${nameOfAction[action]} was` : 'The pace is';
  return `${cost} ${usd(spentUsd)} for ${counted(seenSms, 'message')}. ${pace} ${usd(usdPerHour)} an hour, counted over ten minutes or more.`;
};

/** The people whom an action may refuse by mistake. Those who verified within a day say how many. */
const estimateText = ({ collateral }: Explanation): string => {
  const people = Math.round(collateral);
  return people === 0
    ? 'By estimate no real user is refused.'
    : `By estimate up to ${counted(people, 'real user')} a day ${people === 1 ? 'is' : 'are'} refused.`;
};

const refusedGroup = ({ key: { level, of }, action }: Told): string => {
  if (level === 'ip') return 'Unverified numbers behind this IP are refused.';
  if (level === 'new-network')
    return `Trusted numbers of ${countryText(of)} are refused in new networks, unless they call from a trusted IP.`;
  const numbers =
    level === 'country' ? `Unverified numbers of ${countryText(of)}` : `Unverified numbers of this ${level}`;
  return action === 'block'
    ? `${numbers} are refused, from trusted IPs too.`
    : `${numbers} are refused, unless they call from a trusted IP.`;
};

const servedGroup = ({ key: { level } }: Told): string =>
  level === 'new-network'
    ? 'Numbers are served in networks where they have verified.'
    : 'Numbers that have verified within 90 days are served.';

const sparedText = ({ refusals, sparedUsd }: Case): string =>
  refusals.total === 0
    ? ''
    : `So far ${counted(refusals.total, 'request')} ${refusals.total === 1 ? 'was' : 'were'} refused, which saved about ${usd(sparedUsd)}.`;

const refusedText = (told: Told, transition: Transition): string => {
  const spared = sparedText(transition.after);
  const { action, rule, explanation } = told;
  if (action === 'none')
    return rule === 'bombing'
      ? 'Only requests beyond the limits of the number are refused, as always.'
      : 'Nobody is refused because of it.';
  if (!holds(transition)) return joined('Nobody is refused because of it any more.', spared);
  if (action === 'longer-codes')
    return 'Nobody is refused. New codes are longer and have fewer attempts. Networks where a number has verified keep the usual codes.';
  return joined(refusedGroup(told), estimateText(explanation), servedGroup(told), spared);
};

const closedText = (change: Extract<Change, { kind: 'close' }>, transition: Transition): string => {
  const { after } = transition;
  if (change.because === 'lifted') return `It is over: staff want no block here until ${clockTime(change.untilMs)}.`;
  if (change.because === 'quiet') return `It is over: nothing more was found for ${spanText(after.quietMs)}.`;
  const still = holds(transition)
    ? `The ${nameOfAction[after.action]} still ${after.action === 'longer-codes' ? 'hold' : 'holds'} until ${clockTime(after.untilMs)}, or until staff lift it.`
    : '';
  return joined(`Staff closed it as ${change.because === 'resolved' ? 'resolved' : 'a false positive'}.`, still);
};

const endsText = ({ action, rule }: Told, transition: Transition): string => {
  const { after, change } = transition;
  if (change.kind === 'close') return closedText(change, transition);
  if (rule === 'launch-exceeded') return 'The launch holds no longer: numbers are evidence here again.';
  if (action === 'none')
    return `Nothing is blocked, so nothing has to end. It is closed after ${spanText(after.quietMs)} without news.`;
  if (!holds(transition))
    return `The ${nameOfAction[action]} ended at ${clockTime(after.untilMs)}. It is closed after ${spanText(after.quietMs)} without news.`;
  const name = nameOfAction[action];
  const end = `The ${name} ${action === 'longer-codes' ? 'end by themselves' : 'ends by itself'} at ${clockTime(after.untilMs)}.`;
  if (action === 'longer-codes') return `${end} While guesses go on, they are renewed.`;
  const proof = rule === 'converting-strangers' ? 'verify' : 'fail';
  return `${end} Now and then one request passes as a test. While these tests ${proof}, the ${name} is renewed, for ${counted(thresholds.restriction.maxMs / hourMs, 'hour')} at most.`;
};

const ifLegitimateText = ({ rule, action, commands }: Told, transition: Transition): string => {
  const { change } = transition;
  const what = action === 'longer-codes' ? 'make codes short again' : `lift the ${nameOfAction[action]}`;
  const launch =
    commands.launch === undefined ? '' : 'If it is a launch of yours, announce it: the finding itself has the command.';
  if (holds(transition)) return joined(launch, `If these are your users, ${what}: ${commands.lift}`);
  if (change.kind === 'close' && (change.because === 'false-positive' || change.because === 'resolved'))
    return `If it was no attack, nothing is left to do. Details: ${commands.show}`;
  if (rule === 'launch-exceeded' && change.kind !== 'close')
    return `If these are your users, announce the launch anew, with more requests. Details: ${commands.show}`;
  const arriving = rule === 'conversion-drop' ? 'Codes may not arrive: send one to a number of your own.' : '';
  return joined(arriving, `If it is no attack, mark it as a false positive: ${commands.false_positive}`);
};

const ifAttackText = (told: Told, transition: Transition, deployment: Deployment): string => {
  const { change } = transition;
  const { key, rule, action, mode, commands } = told;
  const refuse = refuseCommand(key, deployment);
  if (change.kind === 'close') {
    if (change.because === 'quiet') return `If it was an attack, nothing is left to do. Details: ${commands.show}`;
    return refuse === undefined
      ? `If it is an attack after all, limits and caps bound it. Details: ${commands.show}`
      : `If it is an attack after all, refuse it yourself: ${refuse}`;
  }
  if (action !== 'none' && !holds(transition))
    return `If it was an attack, the detector acts again when it comes back. Say that you know: ${commands.acknowledge}`;
  if (action !== 'none')
    return `If it is an attack, leave the ${nameOfAction[action]} in place. Say that you know: ${commands.acknowledge}`;
  if (rule === 'bombing')
    return `If it is an attack, the limits of the number hold it. Say that you know: ${commands.acknowledge}`;
  if (refuse === undefined)
    return `If it is an attack, limits and caps bound it. Say that you know: ${commands.acknowledge}`;
  const why = mode === 'record-only' ? 'The detector only records here.' : 'The detector does not stop it.';
  return joined(why, `If it is an attack, refuse it yourself: ${refuse}`);
};

/** The heading of the alarm that a finding of a severity raises. A finding that raises none is read under the lower one. */
export const runbookUrlOf = (severity: Severity, { runbookUrl }: Deployment): string =>
  `${runbookUrl}#${severity === 'critical' ? 'findingcritical' : 'findinghigh'}`;

/** A finding in plain words, as of a change of its case. */
export const linesOf = (told: Told, transition: Transition, deployment: Deployment): Lines => ({
  headline: headlineOf(told),
  so_far: soFarText(told, transition),
  refused_text: refusedText(told, transition),
  ends: endsText(told, transition),
  if_legitimate: ifLegitimateText(told, transition),
  if_attack: ifAttackText(told, transition, deployment),
  show_command: told.commands.show,
  lift_command: told.commands.lift,
  runbook_url: runbookUrlOf(transition.after.severity, deployment),
});
