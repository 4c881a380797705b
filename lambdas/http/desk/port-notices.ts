import * as v from 'valibot';
import { staffLimits } from '../../contract.ts';
import {
  type NumberPortNotice,
  type PortNoticeRequest,
  readNoticeEnd,
  readPorted,
} from '../../desk/numbers/port-notice.ts';
import { readWhat } from '../../desk/what.ts';
import { optional, readBody } from '../body.ts';
import { invalidRequest } from '../invalid.ts';
import type { Reply } from '../problem.ts';
import { lowering, notFound } from './answers.ts';
import { noticeBody, number, phoneOf } from './numbers.ts';
import type { OperatorCall } from './operator.ts';
import { accepted, minutesOf, reason, untilField } from './requests.ts';

export const portNoticeBody = v.strictObject({
  number,
  reason,
  portedAt: optional(v.string('Write the time as a string, such as "2026-11-30T06:00:00Z".')),
  until: untilField,
  forMinutes: minutesOf(staffLimits.maxPortNoticeSeconds / 60),
});

export const portNoticeLiftBody = v.strictObject({ number, reason });

/** @throws Refused that says which field is wrong, and never which number stands in it. */
export const readPortNoticeBody = (call: OperatorCall, served: readonly string[]): PortNoticeRequest => {
  const { number: text, reason: why, portedAt, until, forMinutes } = readBody(call, portNoticeBody);
  const nowMs = call.operator.atMs;
  const what = accepted('/number', readWhat({ number: text }, served));
  if (what.kind !== 'number') throw invalidRequest([{ pointer: '/number', detail: 'Write one number.' }]);
  return {
    phone: what.phone,
    portedAtMs: portedAt === undefined ? undefined : accepted('/portedAt', readPorted(portedAt, nowMs)),
    untilMs: accepted('/until', readNoticeEnd({ until, forMinutes }, nowMs)),
    reason: why,
  };
};

/** A notice may outlive the country in the settings, so that any number is read. @throws Refused as above. */
export const readPortNoticeLift = (call: OperatorCall): Pick<PortNoticeRequest, 'phone' | 'reason'> => {
  const { number: text, reason: why } = readBody(call, portNoticeLiftBody);
  return { phone: phoneOf(text), reason: why };
};

const bodyOf = ({ phone, notice }: NumberPortNotice) => ({ number: phone.masked(), ...noticeBody(notice) });

export const answerPortNotice = (noted: NumberPortNotice): Reply => ({ status: 200, body: bodyOf(noted) });

export const answerLiftedNotice = (lifted: NumberPortNotice | undefined): Reply =>
  lifted === undefined
    ? notFound(
        'port-notice-not-found',
        'No porting notice of this number holds. It may have ended, or have been lifted.',
      )
    : { status: 200, body: bodyOf(lifted), ...lowering };

/** A notice that nothing heeds would let staff believe that a number is safe. */
export const noticesNotUsed = notFound(
  'port-notices-not-used',
  'No purpose of the settings minds a swapped or ported number, so that a notice would change nothing. Name purposes in numberRisk.purposes.',
);
