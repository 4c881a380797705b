import type { Key } from '../lambdas/bursts/counts/keys.ts';
import type { Thresholds } from '../lambdas/bursts/evidence/thresholds.ts';
import { whereText } from '../lambdas/bursts/findings/words/group-names.ts';
import { dayMs, hourMs } from '../lambdas/otp/durations.ts';
import {
  type Difference,
  differencesOf,
  type Fidelity,
  fidelityOf,
  type Messages,
  type Traffic,
  trafficOf,
} from './compare.ts';
import { type Outcome, type PlayedFinding, play } from './play.ts';
import { beginningOf, isFromFirstEvent, type Recording, type Snapshot } from './recording/recording.ts';
import { type Changed, deployedThresholds, withOne } from './thresholds.ts';

/** What a replay was asked for. */
export type Asked = {
  readonly recording: Recording;
  /** None: the deployed thresholds alone. */
  readonly changed?: { readonly thresholds: Thresholds; readonly names: readonly Changed[] } | undefined;
  readonly snapshot?: Snapshot | undefined;
  /** Findings and messages from then on are compared; `undefined`: from the end of the run-up on. */
  readonly compareFromMs?: number | undefined;
};

export type ReasonedDifference = Difference & {
  /** The thresholds that alone make the difference; none if it takes several. */
  readonly because: readonly string[];
};

export type Report = {
  readonly compareFromMs: number;
  /** Sentences about what this replay cannot know. */
  readonly limits: readonly string[];
  readonly fidelity: Fidelity;
  /** Only if thresholds were changed. */
  readonly comparison:
    | { readonly differences: readonly ReasonedDifference[]; readonly same: number; readonly traffic: Traffic }
    | undefined;
};

/** Counts are kept for 26 hours, and a block is evidence for a day. What was before is in the histories. */
export const runUpWithPastMs = 26 * hourMs;
/** A history of thirty days ago is forgotten: so long a recording needs no past. */
export const runUpWithoutPastMs = 30 * dayMs;

/** From when on a replay can be compared with the recording. */
export const comparableFromMs = (recording: Recording, snapshot: Snapshot | undefined): number => {
  if (isFromFirstEvent(recording)) return recording.fromMs;
  const beginsMs = beginningOf(recording);
  if (snapshot === undefined) return beginsMs + runUpWithoutPastMs;
  return Math.max(beginsMs, snapshot.takenMs) + runUpWithPastMs;
};

/** More changed thresholds than this are not tried one by one: each is a replay of its own. */
const maxTriedAlone = 8;

/** @param progress is told before each replay. */
export const reportOn = (asked: Asked, progress: (what: string) => void = () => {}): Report => {
  const { recording, changed, snapshot } = asked;
  const compareFromMs = asked.compareFromMs ?? comparableFromMs(recording, snapshot);
  progress('with the deployed thresholds');
  const deployed = play(recording, deployedThresholds(), snapshot);
  const fidelity = fidelityOf(recording, deployed, compareFromMs);
  const limits = limitsOf(asked, compareFromMs);
  if (changed === undefined) return { compareFromMs, limits, fidelity, comparison: undefined };
  progress('with the changed thresholds');
  const played = play(recording, changed.thresholds, snapshot);
  const differences = differencesOf(deployed, played, compareFromMs);
  const alone = differences.length === 0 ? [] : playedAlone(asked, deployed, compareFromMs, progress);
  const all = deployed.findings.filter(({ firstMs }) => firstMs >= compareFromMs).length;
  const comparison = {
    differences: differences.map((each) => ({ ...each, because: causesOf(each, changed.names, alone) })),
    same: all - differences.filter(({ kind }) => kind !== 'new').length,
    traffic: trafficOf(recording, deployed, played, compareFromMs),
  };
  return { compareFromMs, limits, fidelity, comparison };
};

type Alone = { readonly name: string; readonly differences: readonly Difference[] };

/** The differences that each changed threshold makes without the others. */
const playedAlone = (
  { recording, changed, snapshot }: Asked,
  deployed: Outcome,
  compareFromMs: number,
  progress: (what: string) => void,
): readonly Alone[] => {
  const names = changed?.names ?? [];
  if (names.length < 2 || names.length > maxTriedAlone) return [];
  return names.map((each) => {
    progress(`with ${each.name} alone`);
    return {
      name: each.name,
      differences: differencesOf(deployed, play(recording, withOne(each), snapshot), compareFromMs),
    };
  });
};

const isSameKey = (one: Key, other: Key): boolean => one.level === other.level && one.of === other.of;

const causesOf = (difference: Difference, names: readonly Changed[], alone: readonly Alone[]): readonly string[] => {
  const [only, other] = names;
  if (only !== undefined && other === undefined) return [only.name];
  return alone
    .filter(({ differences }) => differences.some((each) => areAlike(each, difference)))
    .map(({ name }) => name);
};

const areAlike = (one: Difference, other: Difference): boolean =>
  one.kind === other.kind &&
  isSameKey(one.key, other.key) &&
  one.deployed?.firstMs === other.deployed?.firstMs &&
  (one.kind !== 'new' || one.changed?.firstMs === other.changed?.firstMs);

const limitsOf = ({ recording, snapshot, changed }: Asked, compareFromMs: number): readonly string[] => {
  const { batches, unknownActs, erasures, runningSinceMs } = recording;
  const incomplete = batches.filter(({ events, records }) => events.length < records).length;
  return [
    ...(isFromFirstEvent(recording)
      ? [
          'The recording begins with the first event of the detector: the replay knows all that the detector knew, except for numbers that were erased since.',
        ]
      : pastLimits(recording, snapshot, compareFromMs)),
    ...(runningSinceMs === undefined
      ? [
          'The export does not say since when the detector runs, so that the replay takes its first hours for those of the detector.',
        ]
      : []),
    ...(incomplete === 0
      ? []
      : [`Batches that the export has only a part of: ${incomplete}. They are judged by that part.`]),
    ...(unknownActs === 0
      ? []
      : [
          `Acts of staff on a number or an IP, or from before acts were recorded in full: ${unknownActs}. The replay leaves them out.`,
        ]),
    ...(erasures === 0 ? [] : [`Numbers that were erased: ${erasures}. Their events are gone, and were judged then.`]),
    ...(changed === undefined ? [] : openLoop),
  ];
};

const pastLimits = (recording: Recording, snapshot: Snapshot | undefined, compareFromMs: number) => [
  snapshot === undefined
    ? `Nothing is known of the time before ${timeText(beginningOf(recording))}. The replay learns what is usual from the recording itself.`
    : `What was usual before is from the snapshot of ${timeText(snapshot.takenMs)}. It has groups, and no numbers and no IPs: these begin without a past.`,
  `Blocks and open findings from before the recording are not known. Findings from ${timeText(compareFromMs)} on are compared.`,
];

const openLoop = [
  'The recorded requests come as they came. An attacker who is stopped sooner would have moved on, and one who is not stopped would have gone on.',
  'A request that was refused has no code that anybody could enter. Whether people were behind it, the recording does not say.',
  'The detector notes refusals of one attacker a few times a minute at most. There were at least as many as are counted here.',
];

export const timeText = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

/** The report for a person, a sentence a line. */
export const reportLines = (report: Report, changed: readonly Changed[]): readonly string[] => {
  const { fidelity, comparison, limits } = report;
  return [
    ...fidelityLines(fidelity),
    ...(comparison === undefined
      ? []
      : [
          '',
          `Changed: ${changed.map(({ name, deployed, now }) => `${name} from ${deployed} to ${now}`).join(', ')}.`,
          ...trafficLines(comparison.traffic),
          '',
          `Findings that are the same: ${comparison.same}. Findings that differ: ${comparison.differences.length}.`,
          ...comparison.differences.slice(0, maxShown).flatMap((each) => differenceLines(each, changed)),
          ...(comparison.differences.length > maxShown
            ? [`${comparison.differences.length - maxShown} more differ. --json has all of them.`]
            : []),
        ]),
    '',
    'A replay cannot know everything:',
    ...limits.map((limit) => `- ${limit}`),
  ];
};

/** Of more differences, the first are shown. */
const maxShown = 50;

const fidelityLines = ({ recorded, exact, near, missing, added }: Fidelity): readonly string[] => {
  if (recorded === exact && added === 0)
    return [`The deployed thresholds lead to the recorded findings again, exactly: ${exact} of ${recorded}.`];
  return [
    `The deployed thresholds lead to ${exact} of ${recorded} recorded findings again, exactly.`,
    `Of the others, ${near} are found at another time or otherwise, and ${missing.length} are not found. ${added} were not recorded.`,
  ];
};

const trafficLines = ({ moreRefused, moreSent, refusedDeployed, refusedChanged }: Traffic): readonly string[] => [
  `Messages refused: ${refusedChanged.messages}, to ${refusedChanged.people} people; with the deployed thresholds ${refusedDeployed.messages}, to ${refusedDeployed.people}.`,
  `Refused in addition: ${messagesText(moreRefused)}. ${moreRefused.peopleWhoEntered} of these people entered a code in the recording, as people do.`,
  `Sent in addition: ${messagesText(moreSent)}. ${moreSent.peopleWhoEntered} of these people entered a code at another time of the recording.`,
];

const messagesText = ({ messages, people, usd }: Messages): string =>
  `${messages} messages to ${people} people, worth $${usd.toFixed(2)}`;

const differenceLines = (difference: ReasonedDifference, changed: readonly Changed[]): readonly string[] => [
  '',
  ...sentencesOf(difference),
  ...becauseLines(difference, changed),
];

const sentencesOf = ({ key, kind, deployed, changed }: Difference): readonly string[] => {
  const where = capitalized(whereText(key));
  if (kind === 'gone' && deployed !== undefined)
    return [`${where}: no longer found. ${foundText('With the deployed thresholds', deployed)}`];
  if (kind === 'new' && changed !== undefined) return [`${where}: found in addition. ${foundText('It', changed)}`];
  if (deployed === undefined || changed === undefined) return [];
  return [`${where}: found otherwise.`, `  deployed: ${shortText(deployed)}`, `  changed:  ${shortText(changed)}`];
};

const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const foundText = (subject: string, { first, severity, action, untilMs }: PlayedFinding): string =>
  `${subject} ${subject === 'It' ? 'is' : 'it is'} ${first.rule}, ${severity}, at ${timeText(first.atMs)}${actionText(action, untilMs)}.`;

const actionText = (action: string, untilMs: number): string =>
  action === 'none' ? ', without an action' : `, ${action} until ${timeText(untilMs)}`;

const shortText = ({ first, last, severity, action, firstMs, untilMs }: PlayedFinding): string =>
  `${first.rule === last.rule ? first.rule : `${first.rule}, then ${last.rule}`}, ${severity}, at ${timeText(firstMs)}${actionText(action, untilMs)}`;

/** Rules that compare evidence with one threshold. */
const ofEvidence: Readonly<Record<string, string>> = { 'unverified-burst': 'burst', 'low-and-slow': 'slow' };

const becauseLines = (difference: ReasonedDifference, changed: readonly Changed[]): readonly string[] => {
  const { because } = difference;
  const reason = because.length === 0 ? 'several of the changed thresholds together' : because.join(', or ');
  return [`  Because of ${reason}.${evidenceText(difference, changed)}`];
};

/** The evidence beside the threshold, if that is what decides. */
const evidenceText = (
  { because, deployed, changed: found }: ReasonedDifference,
  changed: readonly Changed[],
): string => {
  const { first } = deployed ?? found ?? {};
  const threshold = changed.find(({ name }) => name === ofEvidence[first?.rule ?? '']);
  if (first === undefined || threshold === undefined || !because.includes(threshold.name)) return '';
  const { evidence } = first.explanation;
  const had = ` Its evidence was ${evidence.toFixed(1)}; it took ${threshold.deployed}, and takes ${threshold.now}.`;
  const isFromOthers = deployed !== undefined && evidence >= threshold.now;
  return isFromOthers ? `${had} A part of it came from other findings, which differ as well.` : had;
};
