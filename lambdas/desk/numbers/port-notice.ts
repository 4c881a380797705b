import { staffLimits } from '../../contract.ts';
import { invalid, type Parsed, parsed } from '../../otp/input/typed.ts';
import type { Phone } from '../../otp/number/phone.ts';
import type { PseudonymSource } from '../../otp/ports.ts';
import type { PortNotice } from '../../otp/risk/ports.ts';
import type { NumberRiskPolicy } from '../../policy.ts';
import { type Action, actionOf, type Operator } from '../actions.ts';
import { type Ending, readEnd } from '../blocks.ts';
import { readDayOrTime, timeText } from '../times.ts';

export type PortNoticeStore = {
  /**
   * Writes the notice and its action, or nothing. A notice that holds longer stays: nothing but a lift makes it shorter.
   *
   * @returns the notice that holds.
   */
  readonly note: (phoneKey: string, notice: PortNotice, action: Action) => Promise<PortNotice>;
  /**
   * Ends the notice that holds and writes the action on it, or does nothing.
   *
   * @returns the notice that held; `undefined` if none did.
   */
  readonly lift: (
    phoneKey: string,
    nowMs: number,
    actionOn: (notice: PortNotice) => Action,
  ) => Promise<PortNotice | undefined>;
};

export type PortNoticePorts = { readonly notices: PortNoticeStore; readonly pseudonyms: PseudonymSource };

export type PortNoticeRequest = {
  readonly phone: Phone;
  readonly portedAtMs: number | undefined;
  readonly untilMs: number;
  readonly reason: string;
};

/** A notice as its number has it. */
export type NumberPortNotice = { readonly phone: Phone; readonly notice: PortNotice };

/** Whether a notice changes anything: some purpose of the settings minds that a number was ported. */
export const arePortNoticesUsed = (policy: { readonly numberRisk?: NumberRiskPolicy | undefined }): boolean =>
  Object.keys(policy.numberRisk?.purposes ?? {}).length > 0;

/** Reads when the number was ported. A notice holds at once, so that a porting to come cannot be noted. */
export const readPorted = (text: string, nowMs: number): Parsed<number> => {
  const atMs = readDayOrTime(text);
  if (atMs === undefined)
    return invalid('Write it as a day or as a time with its zone (RFC 3339), such as "2026-11-30T06:00:00Z".');
  if (atMs > nowMs)
    return invalid(
      'This time is to come. Write when the number was ported, or leave portedAt out: a notice holds at once.',
    );
  if (atMs < nowMs - staffLimits.maxPortedAgoSeconds * 1000)
    return invalid(
      `This is too long ago. ${staffLimits.maxPortedAgoSeconds / 86_400} days at most; who has the number since then is its holder.`,
    );
  return parsed(atMs);
};

/** Reads the end of a notice, which has a default. */
export const readNoticeEnd = ({ until, forMinutes }: Ending, nowMs: number): Parsed<number> =>
  until === undefined && forMinutes === undefined
    ? parsed(nowMs + staffLimits.defaultPortNoticeSeconds * 1000)
    : readEnd({ until, forMinutes }, staffLimits.maxPortNoticeSeconds, nowMs);

/** Notes that a carrier says that a number was ported. Purposes that mind take it for stolen until the notice ends. */
export const notePorting =
  ({ notices, pseudonyms }: PortNoticePorts) =>
  async ({ phone, portedAtMs, untilMs, reason }: PortNoticeRequest, operator: Operator): Promise<NumberPortNotice> => {
    const { atMs, principal } = operator;
    const phoneKey = (await pseudonyms()).phoneKey(phone);
    const action = actionOf(operator, 'port-notice', { about: 'a number', reason, untilMs });
    // Items end with a second. The answer says the end that is stored.
    const wholeMs = Math.ceil(untilMs / 1000) * 1000;
    const notice = { notedAtMs: atMs, portedAtMs, untilMs: wholeMs, by: principal, reason };
    return { phone, notice: await notices.note(phoneKey, notice, action) };
  };

/** @returns undefined if no notice holds. */
export const liftPortNotice =
  ({ notices, pseudonyms }: PortNoticePorts) =>
  async (
    { phone, reason }: Pick<PortNoticeRequest, 'phone' | 'reason'>,
    operator: Operator,
  ): Promise<NumberPortNotice | undefined> => {
    const phoneKey = (await pseudonyms()).phoneKey(phone);
    const notice = await notices.lift(phoneKey, operator.atMs, (held) =>
      actionOf(operator, 'lift-port-notice', { about: labelOf(held), reason }),
    );
    return notice && { phone, notice };
  };

/** By time and author, an auditor finds the action by which the notice was noted. The number stands in neither. */
const labelOf = ({ notedAtMs, by }: PortNotice): string =>
  `the porting notice of a number, noted at ${timeText(notedAtMs)} by ${by}`;
