import * as v from 'valibot';
import { staffLimits } from '../../contract.ts';
import { type LiftedWhat, readEnd } from '../../desk/blocks.ts';
import { type FindingFilter, findingIdPattern, findingVerdicts } from '../../desk/findings.ts';
import type { StopRequest } from '../../desk/stops.ts';
import { readDayOrTime } from '../../desk/times.ts';
import { readCountryCode, readWhat, type What, whatKinds } from '../../desk/what.ts';
import type { Parsed } from '../../otp/input/typed.ts';
import { tidied } from '../../otp/input/typed.ts';
import { optional, readBody } from '../body.ts';
import { invalidRequest } from '../invalid.ts';
import { Refused } from '../problem.ts';
import { invalidQuery, type OperatorCall } from './operator.ts';

const maxReason = 200;

const reasonSentence = `Write why, in 3 to ${maxReason} characters. The audit trail keeps it. Name no number and no person.`;
/** Digits that may be a number, whatever stands between them. A reason is kept longer than a number may be. */
const looksLikeNumber = /(?:\d[^\p{L}\d]{0,3}){8,}/u;
/** A day, with its time or without. Staff write when something began. */
const dates = /\b20\d{2}-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d)?)?(?!\d)/g;
const mayHoldNumber = (text: string): boolean => looksLikeNumber.test(text.replace(dates, 'date'));

/** Control characters, which a terminal obeys, and halves of characters, which no table stores. */
const unreadable = /[\p{Cc}\p{Cs}]/u;

export const reason = v.pipe(
  v.string(reasonSentence),
  v.transform(tidied),
  v.minLength(3, reasonSentence),
  v.maxLength(maxReason, reasonSentence),
  v.check(
    (text) => !unreadable.test(text),
    `This has a character that nobody can read, such as a control character. ${reasonSentence}`,
  ),
  v.check((text) => !/^why\W*$/i.test(text), `WHY stands for your reason. ${reasonSentence}`),
  v.check((text) => !mayHoldNumber(text), `This may hold a phone number, and is kept for long. ${reasonSentence}`),
);

const oneWhat = `Name one of ${whatKinds.join(', ')}, such as {"country": "IN"} or {"range": "+91 98765 4xxxx"}.`;

const whatField = v.strictObject({
  country: v.optional(v.string('Write the country as a string, such as "IN".')),
  prefix: v.optional(v.string('Write the prefix as a string, such as "+91 9876".')),
  range: v.optional(v.string('Write the range as a string, such as "+91 98765 4xxxx".')),
  number: v.optional(v.string('Write the number as a string, such as "+14155550123".')),
  ip: v.optional(v.string('Write the IP as a string, such as "203.0.113.7".')),
});

const finding = v.strictObject({
  finding: v.pipe(
    v.string('Write the id of the finding as a string.'),
    v.regex(findingIdPattern, 'No finding has this id.'),
  ),
});

export const untilField = optional(v.string('Write the time as a string, such as "2026-12-01T06:00:00Z".'));
export const minutesOf = (max: number) => {
  const sentence = `Write whole minutes as a number, from 1 to ${max}.`;
  return optional(v.pipe(v.number(sentence), v.integer(sentence), v.minValue(1, sentence), v.maxValue(max, sentence)));
};

export const blockBody = v.strictObject({
  what: whatField,
  reason,
  until: untilField,
  forMinutes: minutesOf(staffLimits.maxBlockSeconds / 60),
});

export const liftBody = v.strictObject({
  what: v.union([finding, whatField], oneWhat),
  reason,
  allowMinutes: minutesOf(staffLimits.maxLiftSeconds / 60),
});

const expectedSentence = 'Write the requests that you expect in total as a whole number, from 1 to 1000000000.';

export const launchBody = v.strictObject({
  what: whatField,
  reason,
  until: untilField,
  forMinutes: minutesOf(staffLimits.maxLaunchSeconds / 60),
  expected: v.pipe(
    v.number(expectedSentence),
    v.integer(expectedSentence),
    v.minValue(1, expectedSentence),
    v.maxValue(1_000_000_000, expectedSentence),
  ),
});

const stopSentence = 'Write "all", or one of {"application": "web"} and {"country": "IN"}.';

export const sendingBody = v.strictObject({
  what: v.union(
    [
      v.literal('all'),
      v.strictObject({ application: v.string(stopSentence) }),
      v.strictObject({ country: v.string(stopSentence) }),
    ],
    stopSentence,
  ),
  reason,
});

export const findingBody = v.strictObject({
  status: v.picklist(findingVerdicts, `Write one of ${findingVerdicts.join(', ')}.`),
  note: optional(reason),
});

/** The value, or a refusal that points at the field. */
export const accepted = <Value>(pointer: string, parsed: Parsed<Value>): Value => {
  if (parsed.kind === 'parsed') return parsed.value;
  throw invalidRequest([{ pointer, detail: parsed.detail }]);
};

type Written = v.InferOutput<typeof whatField>;

const whatOf = (written: Written, served: readonly string[]): What => {
  const kind = whatKinds.find((each) => written[each] !== undefined);
  return accepted(kind === undefined ? '/what' : `/what/${kind}`, readWhat(written, served));
};

/** @throws Refused that says which field is wrong, and what to write. */
export const readBlockBody = (call: OperatorCall, served: readonly string[]) => {
  const { what, until, forMinutes, ...rest } = readBody(call, blockBody);
  const untilMs = accepted('/until', readEnd({ until, forMinutes }, staffLimits.maxBlockSeconds, call.operator.atMs));
  return { ...rest, what: whatOf(what, served), untilMs };
};

export const readLiftBody = (call: OperatorCall, served: readonly string[]) => {
  const { what, ...rest } = readBody(call, liftBody);
  const lifted: LiftedWhat = 'finding' in what ? { kind: 'finding', uid: what.finding } : whatOf(what, served);
  return { ...rest, what: lifted };
};

export const readLaunchBody = (call: OperatorCall, served: readonly string[]) => {
  const { what, until, forMinutes, ...rest } = readBody(call, launchBody);
  const untilMs = accepted('/until', readEnd({ until, forMinutes }, staffLimits.maxLaunchSeconds, call.operator.atMs));
  return { ...rest, what: whatOf(what, served), untilMs };
};

/** Applications and countries of the settings: a stop of another would stop nobody. */
export type Known = { readonly applications: readonly string[]; readonly countries: readonly string[] };

export const readSendingBody = (call: OperatorCall, { applications, countries }: Known) => {
  const { what, reason: why } = readBody(call, sendingBody);
  if (what === 'all') return { what: { kind: 'all' } as const, reason: why };
  if ('country' in what) {
    const { of: country } = readGroup('/what/country', { country: what.country }, countries);
    return { what: { kind: 'country', country } as const, reason: why };
  }
  const { application } = what;
  if (applications.includes(application)) return { what: { kind: 'application', application } as const, reason: why };
  const detail = `The settings have no such application. Write one of ${applications.join(', ')}.`;
  throw invalidRequest([{ pointer: '/what/application', detail }]);
};

/** A stop may outlive the settings: what they no longer name can be resumed. */
export const readResumeBody = (call: OperatorCall): StopRequest => {
  const { what, reason: why } = readBody(call, sendingBody);
  if (what === 'all') return { what: { kind: 'all' }, reason: why };
  if ('application' in what) return { what: { kind: 'application', ...what }, reason: why };
  const country = accepted('/what/country', readCountryCode(what.country));
  return { what: { kind: 'country', country }, reason: why };
};

const readGroup = (pointer: string, written: Written, served: readonly string[]) => {
  const what = accepted(pointer, readWhat(written, served));
  if (what.kind === 'country') return what;
  throw invalidRequest([{ pointer, detail: stopSentence }]);
};

export const readFindingBody = (call: OperatorCall) => {
  const { status, note } = readBody(call, findingBody);
  return { uid: call.id, verdict: status, note };
};

export const findingStatuses = ['open', 'closed', 'new', ...findingVerdicts, 'lifted', 'over'] as const;
export const severities = ['low', 'medium', 'high', 'critical'] as const;

const oneOf = <Value extends string>(name: string, text: string | undefined, values: readonly Value[]) => {
  const found = values.find((value) => value === text);
  if (text !== undefined && found === undefined)
    throw new Refused(invalidQuery(`Write ${name} as one of ${values.join(', ')}.`));
  return found;
};

/** @throws Refused for a time that cannot be read. */
export const readSince = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const atMs = readDayOrTime(text);
  if (atMs === undefined)
    throw new Refused(invalidQuery('Write since as a day or a time (RFC 3339), such as 2026-12-01T06:00:00Z.'));
  return atMs;
};

/** @throws Refused for a cursor that no answer gave. */
export const readCursor = (text: string | undefined, pattern: RegExp): string | undefined => {
  if (text !== undefined && !pattern.test(text))
    throw new Refused(invalidQuery('This cursor is of no answer. Send the one of the last page, or none.'));
  return text;
};

export const readFindingFilter = ({ query }: OperatorCall): FindingFilter => ({
  status: oneOf('status', query['status'], findingStatuses) ?? 'open',
  severity: oneOf('severity', query['severity'], severities),
  sinceMs: readSince(query['since']),
});
