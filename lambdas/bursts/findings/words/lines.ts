import { staffLimits } from '../../../contract.ts';
import { hourMs } from '../../../otp/durations.ts';
import type { Level } from '../../counts/keys.ts';
import { thresholds } from '../../evidence/thresholds.ts';
import type { Action, Explanation, Ruling } from '../../judge/ruling.ts';
import { type Case, type Change, isWideHold, type Transition } from '../case.ts';
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
  /** The verdict of staff on the detector. It is another act than to lift, and neither replaces the other. */
  readonly if_wrong: string;
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
  const cost = `${usd(spentUsd)} for ${counted(seenSms, 'message')}.`;
  if (change.kind === 'close') return `It cost about ${cost}`;
  if (rule === 'launch-exceeded')
    return `So far it cost about ${cost} Since the launch began, that is about ${usd(usdPerHour)} an hour.`;
  // A burst of seconds and a pace by the hour contradict each other, unless the text says of which time the pace is.
  const span = isHeld(action) ? `ten minutes before the ${nameOfAction[action]}` : 'latest ten minutes';
  return `So far it cost about ${cost} At the pace of the ${span}, an hour would cost about ${usd(usdPerHour)}.`;
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
  if (!holds(transition) && action === 'longer-codes')
    return 'Nobody is refused. New codes have their usual length again.';
  if (!holds(transition)) return joined('Nobody is refused because of it any more.', spared);
  if (action === 'longer-codes')
    return 'Nobody is refused. New codes are longer and have fewer attempts. Networks where a number has verified keep the usual codes.';
  return joined(refusedGroup(told), estimateText(explanation), servedGroup(told), spared);
};

const closedText = (change: Extract<Change, { kind: 'close' }>, transition: Transition): string => {
  const { after } = transition;
  if (change.because === 'lifted')
    return `It is over: staff lifted it. The detector leaves this alone until ${clockTime(change.untilMs)}.`;
  if (change.because === 'quiet') return `It is over: nothing more was found for ${spanText(after.quietMs)}.`;
  const still = holds(transition)
    ? `The ${nameOfAction[after.action]} still ${after.action === 'longer-codes' ? 'hold' : 'holds'} until ${clockTime(after.untilMs)}, or until staff lift ${after.action === 'longer-codes' ? 'them' : 'it'}.`
    : '';
  return joined(`Staff closed it as ${change.because === 'resolved' ? 'resolved' : 'a false positive'}.`, still);
};

const endsText = ({ action, rule }: Told, transition: Transition): string => {
  const { after, change } = transition;
  if (change.kind === 'close') return closedText(change, transition);
  if (rule === 'launch-exceeded') return 'The launch has ended by this. The detector judges here as without a launch.';
  if (action === 'none')
    return `Nothing is blocked, so nothing has to end. The finding closes after ${spanText(after.quietMs)} without news.`;
  if (!holds(transition))
    return `The ${nameOfAction[action]} ended at ${clockTime(after.untilMs)}. The finding closes after ${spanText(after.quietMs)} without news.`;
  const name = nameOfAction[action];
  const end = `The ${name} ${action === 'longer-codes' ? 'end by themselves' : 'ends by itself'} at ${clockTime(after.untilMs)}.`;
  if (action === 'longer-codes') return `${end} While guesses go on, they are renewed.`;
  const outcome = rule === 'converting-strangers' ? 'its code is entered' : 'nobody enters its code';
  return `${end} Now and then one request passes as a test. While ${outcome}, the ${name} is renewed, for ${counted(thresholds.restriction.maxMs / hourMs, 'hour')} at most.`;
};

/** For how long a lift keeps the detector off, if staff say nothing else. */
const liftText = counted(staffLimits.defaultLiftSeconds / 3600, 'hour');

/** A launch takes in others than a range and new networks have: staff have to know before they announce it. */
const launchPlaces: Readonly<Partial<Record<Level, string>>> = { range: 'prefix', 'new-network': 'country' };

const launchText = ({ key: { level }, commands }: Told): string => {
  if (commands.launch === undefined) return '';
  const place = launchPlaces[level];
  return joined(
    'If it is a launch of yours, announce it too: the finding has the command.',
    place === undefined ? '' : `It is for the whole ${place}, because no launch is narrower.`,
  );
};

const ifLegitimateText = (told: Told, transition: Transition): string => {
  const { rule, action, commands } = told;
  const { change } = transition;
  if (holds(transition)) {
    const lift =
      action === 'longer-codes'
        ? `If these are your users, make codes short again. For ${liftText} the detector makes none longer here`
        : `If these are your users, lift the ${nameOfAction[action]}. They pass at once, and for ${liftText} the detector blocks nothing here`;
    return joined(launchText(told), `${lift}: ${commands.lift}`);
  }
  if (rule === 'launch-exceeded' && change.kind !== 'close' && commands.launch !== undefined)
    return `If these are your users, announce the launch anew, with its real size: ${commands.launch}`;
  if (change.kind === 'close') return `If it was no attack, nothing is left to do. Details: ${commands.show}`;
  return rule === 'conversion-drop'
    ? `Codes may not arrive: send one to a number of your own. If it does not come, ask AWS Support. Details: ${commands.show}`
    : `If it is no attack, nothing has to be done. To hear nothing more of it for ${liftText}, lift it: ${commands.lift}`;
};

const ifWrongText = ({ commands }: Told, transition: Transition): string => {
  const { change } = transition;
  if (change.kind === 'close' && change.because === 'false-positive')
    return `Staff have recorded that the detector was wrong. Details: ${commands.show}`;
  const record = `record it: ${commands.false_positive}`;
  if (change.kind === 'close') return `If the detector was wrong, ${record}`;
  return holds(transition)
    ? `To lift is not to say that the detector was wrong. If it was, record that too: it closes the finding, and lifts nothing: ${commands.false_positive}`
    : `If the detector was wrong, record that. It closes the finding, and changes nothing else: ${commands.false_positive}`;
};

/** Why nothing is blocked. */
const whyNot = ({ rule, mode, explanation: { launch } }: Told): string => {
  if (launch !== undefined && rule !== 'launch-exceeded')
    return 'Nothing is blocked, because staff announced a launch.';
  return mode === 'record-only'
    ? 'Nothing is blocked: the settings say so, or the detector still learns the usual traffic.'
    : 'The detector does not stop it.';
};

const ifAttackText = (told: Told, transition: Transition, deployment: Deployment): string => {
  const { change } = transition;
  const { key, rule, action, commands } = told;
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
  return joined(whyNot(told), `If it is an attack, refuse it yourself: ${refuse}`);
};

const headingOf = ({ key, rule, action, severity }: Pick<Ruling, 'key' | 'rule' | 'action' | 'severity'>): string => {
  if (severity === 'critical') return 'findingcritical';
  if (severity === 'high') return 'findinghigh';
  if (rule === 'conversion-drop') return 'conversionlow';
  return isWideHold({ key, action }) ? 'rangerestricted' : 'other-findings';
};

/** The heading of the alarm that a finding raises. Those that raise none have one for all. */
export const runbookUrlOf = (
  ruling: Pick<Ruling, 'key' | 'rule' | 'action' | 'severity'>,
  { runbookUrl }: Deployment,
): string => `${runbookUrl}#${headingOf(ruling)}`;

/** A finding in plain words, as of a change of its case. */
export const linesOf = (told: Told, transition: Transition, deployment: Deployment): Lines => ({
  headline: headlineOf(told),
  so_far: soFarText(told, transition),
  refused_text: refusedText(told, transition),
  ends: endsText(told, transition),
  if_legitimate: ifLegitimateText(told, transition),
  if_wrong: ifWrongText(told, transition),
  if_attack: ifAttackText(told, transition, deployment),
  show_command: told.commands.show,
  lift_command: told.commands.lift,
  runbook_url: runbookUrlOf({ ...told, severity: transition.after.severity }, deployment),
});
