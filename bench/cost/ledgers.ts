/** Replays the detector's own code at each rate of the page, and counts what it writes and reads. */

import { callsOf } from '../../docs/generate/calls.ts';
import { perSend, sumOf } from '../../docs/generate/capacity/bill.ts';
import { partitionsOf } from '../../docs/generate/capacity/detector.ts';
import { type Ledger, type Measured, type Rate, rates } from '../../docs/generate/capacity/measured.ts';
import { unitsOf } from '../bursts/measures/cost.ts';

const daySeconds = 86_400;
const hourSeconds = 3600;

/**
 * A whole day at one send a second, because approvals of a country are counted from midnight on until they are enough. Half as
 * many verifications at other rates, from midnight on as well; at the highest, after the codes of the first have come.
 */
const verifications: Readonly<Record<Rate, number>> = {
  1: daySeconds,
  20: daySeconds / 2,
  200: daySeconds / 2,
  2000: daySeconds / 2,
};
const warmUpSeconds: Readonly<Record<Rate, number>> = { 1: 0, 20: 0, 200: 60, 2000: 60 };

/** Shards of a stream whose table has grown to a rate. Its units are the functions', and none of the detector. */
const shardsOf = (rate: Rate): number => {
  const units = (of: 'verificationsReads' | 'verificationsWrites') =>
    rate * sumOf(perSend, (_, flow) => callsOf[flow].units[of]);
  return partitionsOf({ reads: units('verificationsReads'), writes: units('verificationsWrites') });
};

/** @param share of the verifications, so that a quick run is short. */
export const measureLedgers = async (share: number, onStep: (step: string) => void): Promise<Measured['ledgers']> => {
  const ledgers = new Map<Rate, Ledger>();
  let mostRollUps = 0;
  for (const rate of rates) {
    onStep(`the detector at ${rate} sends a second`);
    const shards = shardsOf(rate);
    const { perBatch, batches, units } = await unitsOf({
      name: `${rate} a second`,
      perDay: rate * daySeconds,
      hours: (verifications[rate] * share) / rate / hourSeconds,
      warmUpHours: warmUpSeconds[rate] / hourSeconds,
      batches: 'as they come',
      shards,
    });
    // The time at the highest rates is shorter than a time bucket, so that nothing is rolled up. It is never more than at a lower rate.
    mostRollUps = Math.max(mostRollUps, units.rollUps);
    ledgers.set(rate, { shards, perBatch, batches, units: { ...units, rollUps: mostRollUps } });
  }
  return Object.fromEntries(ledgers) as Measured['ledgers'];
};
