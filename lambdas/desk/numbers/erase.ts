import { numberLimits } from '../../contract.ts';
import type { Phone } from '../../otp/number/phone.ts';
import type { PseudonymSource } from '../../otp/ports.ts';
import type { Operator } from '../actions.ts';
import { type NumberActs, noteAct, type TooMany } from './acts.ts';
import { actionOnNumber, type NumberBlock, type NumberRequest } from './history.ts';
import { drawOrder } from './order.ts';

/** Items that a call deleted itself. Of calls beside each other, one counts each item. */
export type Erased = {
  readonly guard: number;
  readonly reputation: number;
  /** Longer codes of a number that somebody guessed at. */
  readonly longerCodes: number;
  /** The answer of a provider about the SIM of the number. */
  readonly simSwap: number;
  readonly counts: number;
  readonly findings: number;
  /** Open findings and notifications of them that were pending. */
  readonly notices: number;
  readonly events: number;
  /** IPs that no longer remember that the number verified from there. */
  readonly namesAtIps: number;
};

/** Each act deletes what is there now, and may be repeated and raced: an item that is gone counts as none. */
export type NumberEraser = {
  readonly limits: (phoneKey: string) => Promise<Pick<Erased, 'guard' | 'reputation' | 'longerCodes' | 'simSwap'>>;
  readonly counts: (phoneKey: string) => Promise<Pick<Erased, 'counts'>>;
  readonly findings: (phoneKey: string) => Promise<Pick<Erased, 'findings' | 'notices'>>;
  /** The oldest events, and the number's name at the IPs from which they came. */
  readonly someEvents: (
    phoneKey: string,
  ) => Promise<Pick<Erased, 'events' | 'namesAtIps'> & { readonly areThereMore: boolean }>;
  /** Decisions of staff about the number, porting notices included. An erasure leaves it: it defends the holder of the number. */
  readonly staffBlocks: (phoneKey: string, nowMs: number) => Promise<readonly NumberBlock[]>;
};

export type EraseRequest = NumberRequest & { readonly order: string | undefined };

export type Erasure = {
  readonly kind: 'erasure';
  readonly phone: Phone;
  readonly order: string;
  readonly erased: Erased;
  /** False: the call came to the end of its time. The next one goes on. */
  readonly isComplete: boolean;
  readonly staffBlocks: readonly NumberBlock[];
};

export type ErasePorts = {
  readonly acts: NumberActs;
  readonly eraser: NumberEraser;
  readonly pseudonyms: PseudonymSource;
  readonly now: () => number;
};

/** A gateway waits for 29 seconds. One more page of events takes a second or two. */
const workingMs = 18_000;

/**
 * Erases what is kept of a number. The trail of operators keeps that it happened, under an order number.
 *
 * The events come last. By them the IPs are found that know the number by name, so that a call which goes on finds those too.
 */
export const eraseNumber =
  ({ acts, eraser, pseudonyms, now }: ErasePorts) =>
  async ({ phone, reason, order: given }: EraseRequest, operator: Operator): Promise<Erasure | TooMany> => {
    const order = given ?? drawOrder(operator.requestId, operator.atMs);
    const action = actionOnNumber(operator, 'erase', { reason, order });
    const tooMany = await noteAct(acts, action, numberLimits.erasesPerHour);
    if (tooMany !== undefined) return tooMany;
    const startedMs = now();
    const phoneKey = (await pseudonyms()).phoneKey(phone);
    const [limits, counts, findings] = await Promise.all([
      eraser.limits(phoneKey),
      eraser.counts(phoneKey),
      eraser.findings(phoneKey),
    ]);
    let [events, namesAtIps, areThereMore] = [0, 0, true];
    while (areThereMore && now() < startedMs + workingMs) {
      const some = await eraser.someEvents(phoneKey);
      events += some.events;
      namesAtIps += some.namesAtIps;
      areThereMore = some.areThereMore;
    }
    return {
      kind: 'erasure',
      phone,
      order,
      erased: { ...limits, ...counts, ...findings, events, namesAtIps },
      isComplete: !areThereMore,
      staffBlocks: await eraser.staffBlocks(phoneKey, operator.atMs),
    };
  };
