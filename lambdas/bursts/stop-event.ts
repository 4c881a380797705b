import type { Stop } from '../otp/limits/stops.ts';
import { type Deployment, desk, reason } from './findings/commands.ts';
import { severities } from './findings/finding.ts';
import { clockTime, counted, spanText } from './findings/words/figures.ts';
import { countryText } from './findings/words/group-names.ts';
import type { Lines } from './findings/words/lines.ts';
import { type StopReminder, wordsOf } from './ring-stops.ts';

/** A reminder of stops, as an event of the bus. A mail is made of its lines, as of those of a finding. */
export type StopEvent = {
  /** The same for each try to send one reminder. */
  readonly metadata: { readonly uid: string };
  readonly severity_id: number;
  readonly severity: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly stops: readonly {
    readonly of: string;
    readonly since: string;
    readonly by: string;
    readonly reason: string;
  }[];
  readonly unmapped: Lines & { readonly is_mailed: true };
};

/** More of them make a mail that nobody reads. */
const maxTold = 3;
/** An event has room for these, each with the longest reason. */
const maxListed = 100;

/** Of free text: a line of a mail stands between double quotes, and is no place for links. */
const inLine = (text: string): string =>
  text
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/["“”\\]/g, "'")
    .replaceAll('://', '[:]//')
    .trim();

const placeOf = ({ what, isUnreadable }: Stop): string => {
  if (isUnreadable) return 'everything';
  if (what.kind === 'all') return 'all SMS';
  return what.kind === 'application' ? `the application ${inLine(what.application)}` : countryText(what.country);
};

/** `A`, `A and B`, `A, B, C and 2 more`. */
const listed = (names: readonly string[]): string => {
  const told = names.slice(0, maxTold);
  const more = names.length - told.length;
  const all = more === 0 ? told : [...told, `${more} more`];
  const [last = '', ...others] = all.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`;
};

const headlineOf = (stops: readonly Stop[]): string => {
  if (stops.some(({ isUnreadable }) => isUnreadable))
    return 'Nobody gets a code: the record of what is stopped cannot be read, so that all SMS are';
  if (stops.some(({ what }) => what.kind === 'all')) return 'Nobody gets a code: staff have stopped all SMS';
  return `Nobody gets a code for ${listed(stops.map(placeOf))}: staff have stopped these SMS`;
};

/** By whom, since when, and why. A single stop needs no name here: the first line has it. */
const storyOf = (stop: Stop, isOnly: boolean, nowMs: number): string => {
  if (stop.isUnreadable) return 'Since when and by whom is not known.';
  const since = `${clockTime(stop.atMs)}, ${spanText(nowMs - stop.atMs)} ago`;
  const start = isOnly ? 'Stopped' : `${placeOf(stop).replace(/^./, (first) => first.toUpperCase())}: stopped`;
  return `${start} at ${since}, by ${inLine(stop.by)}. The reason: ${inLine(stop.reason).replace(/[.!?]+$/, '')}.`;
};

const storiesOf = (stops: readonly Stop[], nowMs: number): string => {
  const more = stops.length - maxTold;
  return [
    ...stops.slice(0, maxTold).map((stop) => storyOf(stop, stops.length === 1, nowMs)),
    ...(more > 0 ? [`${counted(more, 'other stop')} ${more === 1 ? 'holds' : 'hold'} as well.`] : []),
  ].join(' ');
};

/** What cannot be read is a stop of all, and ends with it. */
const resumeOf = (stops: readonly Stop[], deployment: Deployment): string => {
  const otpDesk = desk(deployment);
  const names = [...new Set(stops.map(({ what }) => wordsOf(what)))];
  return [
    ...names.slice(0, maxTold).map((words) => `${otpDesk} resume ${words} ${reason}`),
    ...(names.length > maxTold ? [`and others: ${otpDesk} status`] : []),
  ].join('; ');
};

/** The oldest stop first, and one of all before it. */
const inOrder = (stops: readonly Stop[]): readonly Stop[] =>
  stops.toSorted(
    (one, other) => Number(other.what.kind === 'all') - Number(one.what.kind === 'all') || one.atMs - other.atMs,
  );

const linesOf = (stops: readonly Stop[], nowMs: number, deployment: Deployment): Lines => {
  const [otpDesk, resume] = [desk(deployment), resumeOf(stops, deployment)];
  return {
    headline: headlineOf(stops),
    so_far: storiesOf(stops, nowMs),
    refused_text:
      'Requests and resends are refused there, those of trusted numbers too. Codes that are out can be entered. The dashboard counts what is refused.',
    ends: 'It does not end by itself. This mail comes each hour, until somebody resumes.',
    if_legitimate: `If the reason is gone, send again, from the next request on: ${resume}`,
    if_wrong: `If you do not know why it was done, see who did what: ${otpDesk} actions --since 24h`,
    if_attack: `If the reason holds, leave it, and tell those who wait for codes. See what else is wrong: ${otpDesk} status`,
    show_command: `${otpDesk} status`,
    lift_command: resume,
    runbook_url: `${deployment.runbookUrl}#sendingstopped`,
  };
};

/** @param reminder of one stop or more. */
export const stopEventOf = ({ stops, atMs }: StopReminder, deployment: Deployment): StopEvent => {
  const ordered = inOrder(stops);
  return {
    metadata: { uid: `stops-${atMs}` },
    ...severities.critical,
    time: atMs,
    stops: ordered.slice(0, maxListed).map((stop) => ({
      of: wordsOf(stop.what),
      since: new Date(stop.atMs).toISOString(),
      by: stop.by,
      reason: stop.reason,
    })),
    unmapped: { ...linesOf(ordered, atMs, deployment), is_mailed: true },
  };
};
