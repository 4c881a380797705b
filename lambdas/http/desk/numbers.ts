import * as v from 'valibot';
import type { TooMany } from '../../desk/numbers/acts.ts';
import type { EraseRequest, Erasure } from '../../desk/numbers/erase.ts';
import type {
  History,
  HistoryRequest,
  NumberBlock,
  NumberEvent,
  NumberFinding,
  NumberState,
} from '../../desk/numbers/history.ts';
import { isOrder } from '../../desk/numbers/order.ts';
import type { Remaining } from '../../desk/numbers/remains.ts';
import { timeText as time } from '../../desk/times.ts';
import { parseWholeNumber } from '../../desk/what.ts';
import type { Phone } from '../../otp/number/phone.ts';
import type { PortNotice, RiskAnswer } from '../../otp/risk/ports.ts';
import { optional, readBody } from '../body.ts';
import { invalidRequest } from '../invalid.ts';
import { problem, type Reply } from '../problem.ts';
import type { OperatorCall } from './operator.ts';
import { reason } from './requests.ts';

export const number = v.string('Write the number as a string, such as "+14155550123".');

const cursorSentence = 'This cursor is of no answer. Send the one of the last page, or none.';
const orderSentence =
  'Write the order number with a letter first, then letters, hyphens and up to 8 digits, such as "ERASE-2026-0001".';

export const historyBody = v.strictObject({
  number,
  reason,
  cursor: optional(v.pipe(v.string(cursorSentence), v.regex(/^[\dT:.Z-]{24}#[\w-]{1,64}$/, cursorSentence))),
});

export const eraseBody = v.strictObject({
  number,
  reason,
  order: optional(v.pipe(v.string(orderSentence), v.check(isOrder, orderSentence))),
});

/** Any number that may exist, of countries that the settings no longer have as well. @throws Refused */
export const phoneOf = (text: string): Phone => {
  const read = parseWholeNumber(text);
  if (read.kind === 'phone') return read.phone;
  throw invalidRequest([{ pointer: '/number', detail: read.detail }]);
};

/** @throws Refused that says which field is wrong, and never what stands in it. */
export const readHistoryBody = (call: OperatorCall): HistoryRequest => {
  const { number: text, reason: why, cursor } = readBody(call, historyBody);
  return { phone: phoneOf(text), reason: why, cursor };
};

/** @throws Refused as above. */
export const readEraseBody = (call: OperatorCall): EraseRequest => {
  const { number: text, reason: why, order } = readBody(call, eraseBody);
  return { phone: phoneOf(text), reason: why, order };
};

const saysOf: Readonly<Record<NumberEvent['kind'], string>> = {
  started: 'A code was requested, and its SMS handed over.',
  unsent: 'The SMS of the request was not sent.',
  unconfirmed: 'Nobody knows whether the SMS was sent.',
  resent: 'Another SMS was sent for the same request.',
  approved: 'The right code was entered.',
  wrong: 'A wrong code was entered.',
  canceled: 'The request was canceled.',
  refused: 'An SMS was refused.',
  'at-risk': 'The SIM was found to be swapped, or the number to be ported.',
};

const eventBody = ({ atMs, kind, reason: why, limit, country, purpose, application }: NumberEvent) => ({
  at: time(atMs),
  what: kind,
  says: saysOf[kind],
  ...(why === undefined ? {} : { reason: why }),
  ...(limit === undefined ? {} : { limit }),
  country,
  purpose,
  application,
});

const blockBody = ({ kind, untilMs, reason: why, by }: NumberBlock) => ({
  what: kind,
  until: time(untilMs),
  reason: why,
  by,
});

const findingBody = ({ uid, rule, severity, firstMs, updatedMs }: NumberFinding) => ({
  id: uid,
  rule,
  severity,
  startedAt: time(firstMs),
  updatedAt: time(updatedMs),
});

const saysOfSim: Readonly<Record<RiskAnswer['kind'], string>> = {
  clean: 'The provider knew of no recent swap of the SIM.',
  swapped: 'The provider said that the SIM was swapped.',
  unknown: 'The provider did not know whether the SIM was swapped.',
};

const simSwapBody = ({ answer, askedMs, forgottenMs }: NonNullable<NumberState['simSwap']>) => ({
  says: saysOfSim[answer.kind],
  provider: answer.provider,
  askedAt: time(askedMs),
  ...(answer.kind === 'swapped' && answer.swappedAtMs !== undefined ? { swappedAt: time(answer.swappedAtMs) } : {}),
  ...(answer.kind === 'unknown' ? { reason: answer.reason } : {}),
  forgottenAt: time(forgottenMs),
});

/** @param notice without its number. */
export const noticeBody = ({ notedAtMs, portedAtMs, untilMs, reason: why, by }: PortNotice) => ({
  notedAt: time(notedAtMs),
  ...(portedAtMs === undefined ? {} : { portedAt: time(portedAtMs) }),
  until: time(untilMs),
  reason: why,
  by,
});

const stateBody = ({ guard, reputation, simSwap, portNotice, blocks, findings, counts }: NumberState) => ({
  guard:
    guard === undefined
      ? null
      : { says: 'SMS of the last day.', sentAt: guard.sendsMs.map(time), forgottenAt: time(guard.forgottenMs) },
  reputation:
    reputation === undefined
      ? null
      : {
          says: 'Codes that were entered, and networks from which.',
          ...(reputation.verifiedMs === undefined ? {} : { verifiedAt: time(reputation.verifiedMs) }),
          approvedAt: reputation.approvedMs.map(time),
          wrongAt: reputation.wrongMs.map(time),
          networks: reputation.networks,
          forgottenAt: time(reputation.forgottenMs),
        },
  simSwap: simSwap === undefined ? null : simSwapBody(simSwap),
  portNotice: portNotice === undefined ? null : noticeBody(portNotice),
  blocks: blocks.map(blockBody),
  findings: findings.map(findingBody),
  counts: { says: 'Items with counts of SMS and codes, by ten minutes and by day.', items: counts },
});

const notShown = [
  'Records of verifications of the last minutes: they are found by their ids alone, and sealed.',
  'Notes at IPs: a number stands there by a short name, and is found from the events above.',
  'Logs: they hold no number.',
];

export const answerHistory = (history: History | TooMany): Reply => {
  if (history.kind === 'too-many') return answerTooMany(history, 'histories are read');
  const { phone, events, cursor, state } = history;
  return {
    status: 200,
    body: {
      number: phone.masked(),
      events: events.map(eventBody),
      ...(cursor === undefined ? {} : { cursor }),
      ...(state === undefined ? {} : { ...stateBody(state), notShown }),
    },
  };
};

const remainingBody = ({ what, untilMs, how }: Remaining) => ({
  what,
  ...(untilMs === undefined ? {} : { until: time(untilMs) }),
  how,
});

/** @param recordsEndMs when events of a verification that is under way have all come. */
export const answerErasure = (
  erasure: Erasure | TooMany,
  remaining: readonly Remaining[],
  recordsEndMs: number,
): Reply => {
  if (erasure.kind === 'too-many') return answerTooMany(erasure, 'numbers are erased');
  const { phone, order, erased, isComplete, staffBlocks } = erasure;
  return {
    status: 200,
    body: {
      order,
      number: phone.masked(),
      isComplete,
      says: isComplete
        ? 'All that is found by the number is erased.'
        : 'The call came to the end of its time. Send it again, with the same order, and it goes on.',
      erased,
      again: {
        after: time(recordsEndMs),
        says: 'A request since this call is new data, and so are events of one that was under way. If there may be any, erase again then.',
      },
      stays: staffBlocks.map(blockBody),
      remaining: remaining.map(remainingBody),
    },
  };
};

const answerTooMany = ({ maxPerHour, retryAfterSeconds }: TooMany, what: string): Reply =>
  problem('too-many-requests', {
    detail: `At most ${maxPerHour} ${what} within an hour, by all operators together. Each try counts, refused ones too. Wait as Retry-After says.`,
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
