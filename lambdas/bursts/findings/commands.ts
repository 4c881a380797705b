import { localStackName } from '../../contract.ts';
import { hourMs } from '../../otp/durations.ts';
import type { RuleName } from '../../policy.ts';
import type { Key } from '../counts/keys.ts';
import type { Explanation, NamedLaunch, Ruling } from '../judge/ruling.ts';

/** The deployment that findings speak of. */
export type Deployment = {
  readonly stackName: string;
  /** Address of the runbook, to which a finding adds a heading. */
  readonly runbookUrl: string;
};

/** Staff replace the reason by their own words. */
export const reason = '--reason WHY';

/** `otp-desk`, for this stack. */
export const desk = ({ stackName }: Deployment): string =>
  stackName === localStackName ? 'otp-desk --local' : `otp-desk --stack ${stackName}`;

/** The group in the words of `otp-desk`. A keyed hash is no word for people: there, the finding names its group. */
const groupWords = ({ level, of }: Key, uid: string): string =>
  level === 'country' || level === 'prefix' || level === 'range' ? `${level} ${of}` : `finding ${uid}`;

/** The groups that staff announce a launch for: the country or prefix of a group whose evidence is that people ask. */
const launchedBy = ({ key, within, rule }: Pick<Ruling, 'key' | 'within' | 'rule'>): Key | undefined => {
  if (!ofNumbers.includes(rule)) return undefined;
  const { level, of } = key;
  if (level === 'new-network') return { level: 'country', of };
  return level === 'range' ? within : level === 'country' || level === 'prefix' ? key : undefined;
};
const ofNumbers: readonly RuleName[] = ['unverified-burst', 'low-and-slow', 'converting-strangers', 'launch-exceeded'];

const inHundreds = (requests: number): number => Math.max(1, Math.ceil(requests / 100)) * 100;

type Proposal = { readonly hours: number; readonly expected: number };

/** A day at the pace of the last hour. */
const dayAtPace = ({ startedHour }: Explanation): Proposal => ({ hours: 24, expected: inHundreds(24 * startedHour) });

/** The rest of a launch at its pace so far. The announcement anew counts from its own beginning. */
const restOf = ({ fromMs, untilMs }: NamedLaunch, requests: number, nowMs: number): Proposal => {
  const hours = Math.max(1, Math.ceil((untilMs - nowMs) / hourMs));
  const perHour = requests / Math.max(1 / 6, (nowMs - fromMs) / hourMs);
  return { hours, expected: inHundreds(hours * perHour) };
};

/** The command that announces a launch, if one may explain the finding, and none is announced that does. */
export const launchCommand = (ruling: Ruling, deployment: Deployment): string | undefined => {
  const { rule, explanation, atMs } = ruling;
  const group = launchedBy(ruling);
  const { launch, requests } = explanation;
  const isExceeded = rule === 'launch-exceeded';
  if (group === undefined || (launch !== undefined) !== isExceeded) return undefined;
  const { hours, expected } = launch === undefined ? dayAtPace(explanation) : restOf(launch, requests, atMs);
  return `${desk(deployment)} launch ${group.level} ${group.of} --for ${hours}h --expected ${expected} ${reason}`;
};

/** The commands of staff on a finding, one for each act. */
export const commandsOf = (key: Key, uid: string, deployment: Deployment) => {
  const [otpDesk, group] = [desk(deployment), groupWords(key, uid)];
  return {
    show: `${otpDesk} show ${uid}`,
    acknowledge: `${otpDesk} ack ${uid}`,
    false_positive: `${otpDesk} false-positive ${uid}`,
    /** For an hour, the detector writes no other block there, and finds nothing. */
    lift: `${otpDesk} lift ${group} ${reason}`,
    /** The same for a week. */
    suppress: `${otpDesk} lift ${group} --allow 7d ${reason}`,
  };
};

/** The command that ends the porting notice of a number, which it asks for. */
export const liftNoticeCommand = (deployment: Deployment): string => `${desk(deployment)} port-notice --lift ${reason}`;

/** The command by which staff refuse a group themselves; `undefined` if there is none. A block spares trusted numbers, a stop nobody. */
export const refuseCommand = ({ level, of }: Key, deployment: Deployment): string | undefined => {
  const otpDesk = desk(deployment);
  if (level === 'ip') return `${otpDesk} block ip ADDRESS --for 1h ${reason}`;
  if (level === 'new-network') return `${otpDesk} stop country ${of} ${reason}`;
  return level === 'range' || level === 'prefix' || level === 'country'
    ? `${otpDesk} block ${level} ${of} --for 1h ${reason}`
    : undefined;
};
