import { staffLimits } from '../../../contract.ts';
import type { Level } from '../../counts/keys.ts';
import { thresholds } from '../../evidence/thresholds.ts';
import type { Action, Explanation, Ruling } from '../../judge/ruling.ts';
import { type Case, type Change, isWideHold, type Transition } from '../case.ts';
import { type commandsOf, type Deployment, refuseCommand } from '../commands.ts';
import { riskLines } from './at-risk.ts';
import { clockTime, counted, roughUsd, spanText, usd } from './figures.ts';
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

/** Levels whose numbers are of one country, so that its cap bounds them. */
const levelsOfCountry: readonly Level[] = ['range', 'prefix', 'country', 'new-network'];

/** From this span on, the pace of ten minutes is that of the burst. */
const tenMinutes = 600;

/**
 * Cost of an hour, if it goes on. Ten minutes counted up to an hour would hide a burst of seconds, so that a short one has its own
 * pace. The cap is named wherever the pace is above it, so that nobody takes the pace for the loss.
 */
const paceText = ({ key: { level }, action, explanation }: Told, country: string): string => {
  const { seenSeconds = tenMinutes, spentUsd, usdPerHour, hourCapUsd } = explanation;
  const isShort = seenSeconds < tenMinutes;
  const perHour = isShort ? (spentUsd * 3600) / Math.max(1, seenSeconds) : usdPerHour;
  const tenMinutesText = action === 'none' ? 'the latest ten minutes' : 'the ten minutes before';
  const pace = `the pace of ${isShort ? 'the burst itself' : tenMinutesText}`;
  const cost = `an hour at ${pace} would cost about ${roughUsd(perHour)}`;
  const held = action === 'none' ? '' : `Without the ${nameOfAction[action]}, `;
  const sentence = `${held}${held === '' ? `A${cost.slice(1)}` : cost}`;
  if (hourCapUsd === undefined || !levelsOfCountry.includes(level))
    return `${sentence}, unless a cap on cost stops it first.`;
  return perHour > hourCapUsd
    ? `${sentence}. The caps stop it at ${usd(hourCapUsd)} an hour for ${countryText(country)}.`
    : `${sentence}.`;
};

const soFarText = (told: Told, { after, change }: Transition): string => {
  const { rule, explanation } = told;
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
  return `So far it cost about ${cost} ${paceText(told, after.country)}`;
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
    return `Trusted numbers of ${countryText(of)} are refused in new networks, unless they come from a trusted IP.`;
  const numbers =
    level === 'country' ? `Unverified numbers of ${countryText(of)}` : `Unverified numbers of this ${level}`;
  return action === 'block'
    ? `${numbers} are refused, from trusted IPs too.`
    : `${numbers} are refused, unless they come from a trusted IP.`;
};

const servedGroup = ({ key: { level } }: Told): string =>
  level === 'new-network'
    ? 'Numbers are served in networks where they have verified.'
    : 'Numbers that have verified within 90 days are served.';

const sparedText = ({ refusals, sparedUsd }: Case): string =>
  refusals.total === 0
    ? ''
    : `So far ${counted(refusals.total, 'request')} ${refusals.total === 1 ? 'was' : 'were'} refused, which saved about ${usd(sparedUsd)}.`;

const doneTo: Readonly<Record<Exclude<Action, 'none' | 'longer-codes'>, string>> = {
  block: 'blocked',
  restrict: 'restricted',
};

const placeText = ({ level, of }: Told['key']): string => {
  if (level === 'country') return countryText(of);
  return level === 'new-network' ? `new networks of ${countryText(of)}` : `the ${level === 'ip' ? 'IP' : level}`;
};

/** The act comes first for a person who is woken: mostly none. A closed finding asks for none. */
const actFirst = ({ key, rule, action, explanation }: Told, { change }: Transition): string => {
  if (change.kind === 'close') return '';
  const unless = 'Do nothing, unless these are users of yours.';
  if (action === 'longer-codes') return `The detector has made new codes longer already. ${unless}`;
  if (action !== 'none') return `The detector has ${doneTo[action]} ${placeText(key)} already. ${unless}`;
  if (rule === 'conversion-drop') return 'Find out whether codes arrive.';
  if (rule === 'launch-exceeded') return 'Find out whether these are your users.';
  return explanation.launch === undefined
    ? 'Find out whether it is an attack.'
    : 'Do nothing, if this is the launch that staff announced.';
};

const refusedText = (told: Told, transition: Transition): string => {
  const spared = sparedText(transition.after);
  const { action, rule, explanation } = told;
  if (action === 'none')
    return rule === 'bombing'
      ? 'Nothing has to be done. Only requests beyond the limits of the number are refused, as always.'
      : joined('Nobody is refused because of it.', actFirst(told, transition));
  if (!holds(transition) && action === 'longer-codes')
    return 'Nobody is refused. New codes have their usual length again.';
  if (!holds(transition)) return joined('Nobody is refused because of it any more.', spared);
  if (action === 'longer-codes')
    return joined(
      actFirst(told, transition),
      'Nobody is refused. New codes are longer and have fewer attempts. Networks where a number has verified keep the usual codes.',
    );
  return joined(actFirst(told, transition), refusedGroup(told), estimateText(explanation), servedGroup(told), spared);
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
  return `${end} Now and then one request passes as a test. While ${outcome}, the ${name} is renewed, until ${clockTime(after.atMs + thresholds.restriction.maxMs)} at the latest.`;
};

/** For how long a lift keeps the detector off, if staff say nothing else. */
const liftText = counted(staffLimits.defaultLiftSeconds / 3600, 'hour');

/** A launch takes in others than a range and new networks have: staff have to know before they announce it. */
const launchPlaces: Readonly<Partial<Record<Level, string>>> = { range: 'prefix', 'new-network': 'country' };

const launchText = ({ key: { level }, action, commands }: Told): string => {
  if (commands.launch === undefined || action === 'none') return '';
  const place = launchPlaces[level];
  const [, group = ''] = / launch \w+ (\S+)/.exec(commands.launch) ?? [];
  return joined(
    `If it is a launch of yours, first lift the ${nameOfAction[action]}, then announce the launch.`,
    `Otherwise the detector may ${action} this again after ${liftText}.`,
    'The command for it is in the output of otp-desk show.',
    place === undefined ? '' : `It covers the whole ${place} ${group}, because no launch is narrower.`,
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

/** A mail comes of what is new, worse or back, whoever looks after the finding. */
const seenText = 'Show your colleagues that you look after it (this stops no mail)';

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
    return `If it was an attack, the detector acts again when it comes back. ${seenText}: ${commands.acknowledge}`;
  if (action !== 'none')
    return `If it is an attack, leave the ${nameOfAction[action]} in place. ${seenText}: ${commands.acknowledge}`;
  if (rule === 'bombing')
    return `If it is an attack, the limits of the number hold it. ${seenText}: ${commands.acknowledge}`;
  if (refuse === undefined) return `If it is an attack, limits and caps bound it. ${seenText}: ${commands.acknowledge}`;
  return joined(whyNot(told), `If it is an attack, refuse it yourself: ${refuse}`);
};

const headingOf = ({ key, rule, action, severity }: Pick<Ruling, 'key' | 'rule' | 'action' | 'severity'>): string => {
  if (rule === 'swapped-number') return 'swappednumber';
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
  ...riskLines(told, transition.change.kind === 'close', deployment),
});
