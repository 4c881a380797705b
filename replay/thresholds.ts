import * as v from 'valibot';
import { type Thresholds, thresholds } from '../lambdas/bursts/evidence/thresholds.ts';

/** The values that a threshold may have. */
type Allowed = { readonly min: number; readonly max: number; readonly isWhole?: true };
type Tree<Value> = Value extends number
  ? Allowed
  : Value extends readonly number[]
    ? readonly Allowed[]
    : { readonly [Name in keyof Value]: Tree<Value[Name]> };

const share: Allowed = { min: 0, max: 1 };
/** Zero would make a rule that nothing breaks. */
const chance: Allowed = { min: 1e-100, max: 1 };
const count: Allowed = { min: 0, max: 1e9, isWhole: true };
const number: Allowed = { min: 0, max: 1e9 };
const nats: Allowed = { min: 0, max: 1000 };
const shape: Allowed = { min: 0.1, max: 1000 };
const perHour: Allowed = { min: 0.1, max: 3600 };
/** From a second to thirty days. */
const ms: Allowed = { min: 1000, max: 30 * 86_400_000, isWhole: true };
const byLevel = (each: Allowed) => ({
  phone: each,
  range: each,
  prefix: each,
  country: each,
  ip: each,
  'new-network': each,
  codes: each,
  everywhere: each,
});

const allowed: Tree<Thresholds> = {
  person: { againAfterMs: ms, sameUntilMs: ms },
  minPeople: count,
  insisting: share,
  attackShare: share,
  lately: { min: 1, max: 1e6, isWhole: true },
  attackConversion: { min: 0.001, max: 0.45 },
  burst: nats,
  slow: nats,
  slowShare: { min: 0.01, max: 1 },
  slowMin: { hour: count, sixHours: count, chance },
  again: { first: nats, more: nats, max: nats },
  siblings: { each: nats, max: nats, surprise: chance },
  maxEvidence: nats,
  explainedParts: count,
  gate: byLevel(chance),
  surprise: chance,
  surpriseWeight: byLevel(number),
  scatter: [shape, shape, shape],
  noConversion: { pending: count, oldestSeconds: number },
  convertingUnverified: { unverified: count, ips: count, share, chance },
  slowlyConverting: {
    unverified: count,
    ips: count,
    perIp: number,
    share,
    chance,
    again: { unverified: count, ips: count },
  },
  wrongCodes: { perRequest: number, min: count, chance, medians: number, perSlot: number },
  guessing: count,
  bombing: count,
  restriction: {
    ms,
    renewedBeforeMs: ms,
    maxMs: ms,
    failedAfterMs: ms,
    pressed: { min: count, timesUsual: number },
    ofFarm: { renewedBeforeMs: ms, pressed: { min: count, timesUsual: number } },
  },
  minProbesPerHour: {
    range: perHour,
    prefix: perHour,
    country: perHour,
    'new-network': perHour,
    ip: perHour,
    trustedIp: perHour,
  },
  arriving: { deviations: number, people: number },
  conversionDrop: {
    started: count,
    evidence: nats,
    together: nats,
    daysDiffer: share,
    minCountries: count,
    maxEach: number,
  },
};

/** A threshold of a file that is another than the deployed one. */
export type Changed = { readonly name: string; readonly deployed: number; readonly now: number };

export type ReadThresholds =
  | { readonly kind: 'read'; readonly thresholds: Thresholds; readonly changed: readonly Changed[] }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** The thresholds that the detector is deployed with, as a file. */
export const deployedText = (): string => `${JSON.stringify(thresholds, undefined, 2)}\n`;

export const deployedThresholds = (): Thresholds => thresholds;

/** Larger than any file of thresholds. */
export const maxFileBytes = 65_536;

/**
 * Reads a file of thresholds. It is JSON, and names those that are to change; all others stay as deployed.
 *
 * Nothing but a replay reads such a file.
 */
export const readThresholds = (text: string): ReadThresholds => {
  if (text.length > maxFileBytes) return { kind: 'invalid', problems: [tooLong] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'invalid', problems: [noJson] };
  }
  const problems: string[] = [];
  const changed: Changed[] = [];
  const read = walk(value, thresholds, allowed, '', { problems, changed });
  if (problems.length === 0) problems.push(...contradictions(read as Thresholds));
  return problems.length > 0
    ? { kind: 'invalid', problems }
    : { kind: 'read', thresholds: read as Thresholds, changed };
};

const tooLong =
  'The file of thresholds is too large. It is to have the changed thresholds alone, such as {"burst": 20}.';
const noJson = 'The file of thresholds is no JSON. Write the changed thresholds, such as {"burst": 20}.';

type Notes = { readonly problems: string[]; readonly changed: Changed[] };

/** One threshold of the deployed ones. The names of a file are looked up as own names: `__proto__` is none. */
const walk = (value: unknown, deployed: unknown, range: unknown, name: string, notes: Notes): unknown => {
  if (typeof deployed === 'number') return leaf(value, deployed, range as Allowed, name, notes);
  if (Array.isArray(deployed)) return list(value, deployed, range as readonly Allowed[], name, notes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    notes.problems.push(`${named(name)} is ${shown(value)}, and has to be an object, such as ${shown(deployed)}.`);
    return deployed;
  }
  const [before, ranges] = [deployed as Fields, range as Fields];
  const result: Record<string, unknown> = { ...before };
  for (const [own, each] of Object.entries(value)) {
    const path = name === '' ? own : `${name}.${own}`;
    if (Object.hasOwn(before, own)) result[own] = walk(each, before[own], ranges[own], path, notes);
    else notes.problems.push(`${named(path)} is no threshold. Here are: ${Object.keys(before).join(', ')}.`);
  }
  return result;
};

type Fields = Readonly<Record<string, unknown>>;

const list = (value: unknown, deployed: readonly number[], ranges: readonly Allowed[], name: string, notes: Notes) => {
  if (Array.isArray(value) && value.length === deployed.length)
    return deployed.map((each, index) => {
      const range = ranges[index];
      return range === undefined ? each : leaf(value[index], each, range, `${name}[${index}]`, notes);
    });
  notes.problems.push(
    `${named(name)} is ${shown(value)}, and has to be a list of ${deployed.length} numbers, such as ${shown(deployed)}.`,
  );
  return deployed;
};

const leaf = (value: unknown, deployed: number, { min, max, isWhole }: Allowed, name: string, notes: Notes): number => {
  const kind = isWhole ? 'a whole number' : 'a number';
  const schema = v.pipe(
    v.number(),
    v.finite(),
    v.check((each) => isWhole !== true || Number.isSafeInteger(each)),
    v.minValue(min),
    v.maxValue(max),
  );
  const read = v.safeParse(schema, value);
  if (!read.success) {
    notes.problems.push(
      `${named(name)} is ${shown(value)}, and has to be ${kind} from ${min} to ${max}, such as ${deployed}.`,
    );
    return deployed;
  }
  if (read.output !== deployed) notes.changed.push({ name, deployed, now: read.output });
  return read.output;
};

/** Of a hostile file, no more than this is shown. */
const maxShown = 60;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
};
const named = (name: string): string => (name === '' ? 'The file' : shown(name));

/** Thresholds that cannot hold together. */
const contradictions = ({ restriction, person }: Thresholds): readonly string[] => {
  const { ms: lasts, renewedBeforeMs, maxMs, ofFarm } = restriction;
  return [
    ...(lasts > maxMs
      ? ['"restriction.ms" is more than "restriction.maxMs": no restriction may last longer than that.']
      : []),
    ...(Math.max(renewedBeforeMs, ofFarm.renewedBeforeMs) > lasts
      ? ['A restriction cannot be renewed before it begins: "renewedBeforeMs" has to be at most "restriction.ms".']
      : []),
    ...(person.sameUntilMs > person.againAfterMs
      ? ['"person.sameUntilMs" is more than "person.againAfterMs": a person cannot be the same for longer.']
      : []),
  ];
};

/** The deployed thresholds with one of the changed ones. */
export const withOne = ({ name, now }: Changed): Thresholds => {
  const set = (value: unknown, [first, ...rest]: readonly string[]): unknown => {
    if (first === undefined) return now;
    if (Array.isArray(value)) return value.map((each, index) => (String(index) === first ? set(each, rest) : each));
    const fields = value as Fields;
    return { ...fields, [first]: set(fields[first], rest) };
  };
  return set(thresholds, name.replaceAll(/\[(\d+)\]/g, '.$1').split('.')) as Thresholds;
};
