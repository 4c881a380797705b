import type { TrafficKind } from '../../bursts/counts/events.ts';
import { numberLimits } from '../../contract.ts';
import type { Phone } from '../../otp/number/phone.ts';
import type { PseudonymSource } from '../../otp/ports.ts';
import type { PortNotice, RiskAnswer } from '../../otp/risk/ports.ts';
import { type Action, actionOf, type Operator } from '../actions.ts';
import { type NumberActs, noteAct, type TooMany } from './acts.ts';

/** An event of the audit trail, without keyed hashes. */
export type NumberEvent = {
  readonly atMs: number;
  readonly kind: TrafficKind;
  readonly reason: string | undefined;
  readonly limit: string | undefined;
  readonly country: string;
  readonly purpose: string;
  readonly application: string;
};

export type NumberEvents = { readonly events: readonly NumberEvent[]; readonly cursor: string | undefined };

/** A block or a lift at the number, the longer codes of a number that somebody guesses at, or a porting notice. */
export type NumberBlock = {
  readonly kind: 'block' | 'lift' | 'longer-codes' | 'port-notice';
  readonly untilMs: number;
  readonly reason: string;
  readonly by: string;
};

export type NumberFinding = {
  readonly uid: string;
  readonly rule: string;
  readonly severity: string;
  readonly firstMs: number;
  readonly updatedMs: number;
};

/** What stands about a number beside the trail. */
export type NumberState = {
  readonly guard: { readonly sendsMs: readonly number[]; readonly forgottenMs: number } | undefined;
  readonly reputation:
    | {
        readonly verifiedMs: number | undefined;
        readonly approvedMs: readonly number[];
        readonly wrongMs: readonly number[];
        readonly networks: number;
        readonly forgottenMs: number;
      }
    | undefined;
  /** The last answer of a provider about the SIM, until DynamoDB deletes it. */
  readonly simSwap: { readonly answer: RiskAnswer; readonly askedMs: number; readonly forgottenMs: number } | undefined;
  readonly portNotice: PortNotice | undefined;
  readonly blocks: readonly NumberBlock[];
  readonly findings: readonly NumberFinding[];
  /** Items with counts of the number. */
  readonly counts: number;
};

export type NumberRecords = {
  /** A page of the audit trail, newest first. @param cursor of the page before. */
  readonly events: (phoneKey: string, cursor: string | undefined) => Promise<NumberEvents>;
  readonly state: (phoneKey: string, nowMs: number) => Promise<NumberState>;
};

export type NumberRequest = { readonly phone: Phone; readonly reason: string };
export type HistoryRequest = NumberRequest & { readonly cursor: string | undefined };

export type History = NumberEvents & {
  readonly kind: 'history';
  readonly phone: Phone;
  /** With the first page only. */
  readonly state: NumberState | undefined;
};

export type HistoryPorts = {
  readonly acts: NumberActs;
  readonly records: NumberRecords;
  readonly pseudonyms: PseudonymSource;
};

/** An action on a number says so, and no more: neither number nor keyed hash. */
export const actionOnNumber = (
  operator: Operator,
  action: 'history' | 'erase',
  { reason, order }: Pick<Action, 'reason' | 'order'>,
): Action => actionOf(operator, action, { about: 'a number', reason, ...(order === undefined ? {} : { order }) });

/** Reads what is kept of a number. The entry in the trail of operators comes first: without it nothing is read. */
export const readNumberHistory =
  ({ acts, records, pseudonyms }: HistoryPorts) =>
  async ({ phone, reason, cursor }: HistoryRequest, operator: Operator): Promise<History | TooMany> => {
    const tooMany = await noteAct(acts, actionOnNumber(operator, 'history', { reason }), numberLimits.historiesPerHour);
    if (tooMany !== undefined) return tooMany;
    const phoneKey = (await pseudonyms()).phoneKey(phone);
    const [page, state] = await Promise.all([
      records.events(phoneKey, cursor),
      cursor === undefined ? records.state(phoneKey, operator.atMs) : undefined,
    ]);
    return { kind: 'history', phone, ...page, state };
  };
