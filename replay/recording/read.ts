import type { TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import { everywhere, type Key } from '../../lambdas/bursts/counts/keys.ts';
import { timeBucketMs } from '../../lambdas/bursts/counts/time-buckets.ts';
import { isLaunch, launchLevels } from '../../lambdas/bursts/evidence/launches.ts';
import type { RolledUp } from '../../lambdas/bursts/ports.ts';
import { hourMs } from '../../lambdas/otp/durations.ts';
import { type ActionLine, type EventLine, type FindingLine, type Line, readLine } from './lines.ts';
import { namesInSlots } from './names.ts';
import type { Batch, RecordedFinding, RecordedSettings, Recording, StaffAct } from './recording.ts';

export type Range = { readonly fromMs: number; readonly toMs: number };

/** A replay holds all events in memory: of so many, about a gigabyte. */
export const maxEvents = 1_000_000;
/** Of more problems than this, the first are named. */
const maxNamed = 5;

export type ReadRecording =
  | { readonly kind: 'read'; readonly recording: Recording }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

type Gathered = {
  readonly events: { readonly line: EventLine; readonly where: string }[];
  readonly findings: FindingLine[];
  readonly actions: ActionLine[];
  readonly histories: RolledUp[];
  runningSinceMs: number | undefined;
};

/** Takes the lines of an export, file by file, and makes a recording of them. Lines have no order. */
export const recordingReader = (range: Range, settings: RecordedSettings, most = maxEvents) => {
  const gathered: Gathered = { events: [], findings: [], actions: [], histories: [], runningSinceMs: undefined };
  const problems: string[] = [];
  let wrong = 0;
  const refuse = (problem: string): void => {
    wrong += 1;
    if (problems.length < maxNamed) problems.push(problem);
  };
  return {
    /** @param file the name by which problems call it. */
    file: (file: string, text: string): void => {
      if (gathered.events.length > most) return;
      for (const [index, each] of text.split('\n').entries()) {
        if (each === '') continue;
        const where = `Line ${index + 1} of ${file}`;
        const line = readLine(each);
        const problem = typeof line === 'string' ? line : problemOf(line, range);
        if (problem !== undefined) refuse(`${where}: ${problem}`);
        else if (typeof line !== 'string') gather(gathered, line, where);
      }
      if (gathered.events.length > most) refuse(tooMany(most));
    },
    end: (): ReadRecording => {
      const names = namesInSlots();
      const found = wrong > 0 ? [] : foundOf(gathered, names);
      const batches = batchesOf(found, refuse);
      if (wrong > problems.length) problems.push(`${wrong - problems.length} more lines are wrong.`);
      if (problems.length > 0) return { kind: 'invalid', problems };
      return { kind: 'read', recording: { ...range, settings, batches, ...restOf(gathered, found, names) } };
    },
  };
};

const tooMany = (most: number): string =>
  `The export has more than ${most} events, which is more than a replay holds. Export a shorter time.`;

const gather = (gathered: Gathered, line: Line, where: string): void => {
  if (line.record === 'event') gathered.events.push({ line, where });
  else if (line.record === 'finding') gathered.findings.push(line);
  else if (line.record === 'action') gathered.actions.push(line);
  else if (line.record === 'running') gathered.runningSinceMs = line.since;
  else gathered.histories.push({ key: { level: line.level, of: line.of }, history: line.history });
};

/** A record of the stream comes a day after its event at the latest, and the detector judges it then. */
const latestMs = 48 * hourMs;
/** Clocks of two functions may differ. */
const skewMs = hourMs;

/** A line that is a record, and cannot be one of this time. */
const problemOf = (line: Line, { fromMs, toMs }: Range): string | undefined => {
  if (line.record === 'history')
    return line.history.timeBucket * timeBucketMs > toMs + yearMs ? 'Its history is of a time to come.' : undefined;
  if (line.record !== 'event' && line.record !== 'action') return undefined;
  if (line.at < fromMs || line.at >= toMs) return 'It has a time outside of the export.';
  if (line.record === 'action') return undefined;
  const { at, startedAt, judgedAt = at } = line;
  if (startedAt > at + skewMs || startedAt < at - latestMs) return 'Its "startedAt" does not fit its "at".';
  return judgedAt < at - skewMs || judgedAt > at + latestMs ? 'Its "judgedAt" does not fit its "at".' : undefined;
};
const yearMs = 366 * 24 * hourMs;

type Named = ReturnType<typeof namesInSlots>;

const eventOf = (line: EventLine, index: number, names: Named): TrafficEvent => {
  const { number, ip, network, ipSlot, networkSlot, range, prefix, country, application, sharedIp } = line;
  const { kind, at, startedAt, purpose, reason, limit, unverified, trustedIp, pair, probes, verification } = line;
  const { sincePreviousSendMs, sinceFirstSendMs, sends, mistyped, channel } = line;
  return {
    ...{ version: 1, id: String(index), kind, atMs: at, startedAtMs: startedAt },
    subject: {
      ...{ phoneKey: number, range, prefix, country, application, ...(sharedIp ? { sharedIp } : {}) },
      ip: names.ip(ip, ipSlot),
      network: names.network(network, networkSlot),
    },
    ...{ purpose, reason, limit, unverified, trustedIp, pair, probes, verification },
    ...{ sincePreviousSendMs, sinceFirstSendMs, sends, mistyped, channel },
  };
};

/** Events, findings and acts call an IP by one name. */
type Found = { readonly line: EventLine; readonly where: string; readonly event: TrafficEvent };

const foundOf = ({ events }: Gathered, names: Named): readonly Found[] =>
  events.map(({ line, where }, index) => ({ line, where, event: eventOf(line, index, names) }));

type Placed = { readonly event: TrafficEvent; readonly place: number; readonly where: string };
type Open = { readonly judgedAtMs: number; readonly records: number; readonly placed: Placed[] };

/** The batches, in the order in which they arrived. The events of a batch have their order by their places. */
const batchesOf = (events: readonly Found[], refuse: (problem: string) => void): readonly Batch[] => {
  const open = new Map<string, Open>();
  for (const { line, where, event } of events) {
    const { batch, place, records, judgedAt } = line;
    // Nobody judged it.
    if (batch === undefined || place === undefined || records === undefined || judgedAt === undefined) continue;
    // A batch that was tried again is another one.
    const name = `${batch} ${judgedAt}`;
    const known = open.get(name) ?? { judgedAtMs: judgedAt, records, placed: [] };
    open.set(name, known);
    if (place >= records || records !== known.records)
      refuse(`${where}: Its "place" is none in a batch of its "records".`);
    known.placed.push({ event, place, where });
  }
  return [...open.values()].map((each) => batchOf(each, refuse)).toSorted(byArrival);
};

const batchOf = ({ judgedAtMs, records, placed }: Open, refuse: (problem: string) => void): Batch => {
  const sorted = placed.toSorted((one, other) => one.place - other.place);
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, 0];
  for (const [index, { place, where, event }] of sorted.entries()) {
    if (sorted[index - 1]?.place === place) refuse(`${where}: Another event has the same place in its batch.`);
    [firstMs, lastMs] = [Math.min(firstMs, event.atMs), Math.max(lastMs, event.atMs)];
  }
  const arrivedMs = judgedAtMs - (lastMs - firstMs);
  return { events: sorted.map(({ event }) => event), judgedAtMs, arrivedMs, records };
};

const byArrival = (one: Batch, other: Batch): number =>
  one.arrivedMs - other.arrivedMs || one.judgedAtMs - other.judgedAtMs;

const restOf = (gathered: Gathered, found: readonly Found[], names: Named) => {
  const events = found.map(({ event }) => event).toSorted((one, other) => one.atMs - other.atMs);
  const findings = gathered.findings.map((line) => findingOf(line, names));
  const { acts, unknownActs } = actsOf(gathered, names);
  const { histories, runningSinceMs } = gathered;
  const erasures = gathered.actions.filter(({ action }) => action === 'erase').length;
  return { events, acts, unknownActs, erasures, findings, histories, runningSinceMs };
};

const keyOf = ({ level, of }: Key, names: Named): Key => ({ level, of: level === 'ip' ? names.ip(of, undefined) : of });

const findingOf = (line: FindingLine, names: Named): RecordedFinding => ({
  ...{ key: keyOf(line, names), rule: line.rule, severity: line.severity, action: line.action },
  ...{ firstMs: line.firstAt, ruledMs: line.ruledAt, untilMs: line.until },
});

/** Acts that change how the detector judges. Verdicts on findings do not. */
const heeded = ['block', 'lift', 'announce-launch', 'cancel-launch'];

const actsOf = ({ actions, findings }: Gathered, names: Named) => {
  const keys = new Map(findings.map((line) => [line.id, keyOf(line, names)]));
  const read = actions.filter(({ action }) => heeded.includes(action)).map((line) => actOf(line, keys));
  const acts = read.flatMap((act) => act ?? []).toSorted((one, other) => one.atMs - other.atMs);
  return { acts, unknownActs: read.length - acts.length };
};

const actOf = (line: ActionLine, keys: ReadonlyMap<string, Key>): StaffAct | undefined => {
  const { at: atMs, action, level, of, until: untilMs, expected, finding } = line;
  const key = level === undefined || of === undefined ? keys.get(finding ?? '') : { level, of };
  if (key === undefined || key.of === everywhere) return undefined;
  if (action === 'block' || action === 'lift')
    return untilMs === undefined ? undefined : { kind: action, atMs, key, untilMs };
  const launchLevel = launchLevels.find((each) => each === key.level);
  if (launchLevel === undefined) return undefined;
  const named = { level: launchLevel, of: key.of };
  if (action === 'cancel-launch') return { kind: 'cancel', atMs, launch: named };
  if (untilMs === undefined || expected === undefined) return undefined;
  const launch = { ...named, fromMs: atMs, untilMs, expected, reason: '', author: '' };
  return isLaunch(launch) ? { kind: 'announce', atMs, launch } : undefined;
};
