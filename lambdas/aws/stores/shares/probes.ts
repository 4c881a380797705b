import { networkProbeMs, type ProbeShare } from '../../../otp/limits/blocks.ts';
import type { Reservation } from '../../../otp/limits/reservation.ts';
import type { RequestLedger } from '../../../otp/ports.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import { blockKey, networkExpiry, networkKey } from '../../tables/guards.ts';
import { gather, reserveOne, type ShareOutcome, type Table, type Write } from './share.ts';

const isDue = '(attribute_not_exists(probedAt) OR probedAt <= :due)';
const isThisProbe = 'probedAt = :now';

/**
 * Takes a probe of each restriction, and the one of the network's hour: a conditional write each. The time of the probe
 * names it, because no other has the same time on the same item. So a release takes off this probe, and no later one.
 */
export const takeProbes =
  (name: string): RequestLedger['takeProbes'] =>
  (reservation) => {
    const table = { name };
    const { probes, probeNetwork } = reservation;
    return gather(table, [
      ...probes.map((share) => takeProbe(table, reservation, share)),
      ...(probeNetwork === undefined ? [] : [takeNetwork(table, reservation, probeNetwork)]),
    ]);
  };

/** Names no attribute of the block but the time of the probe, so that no function that sends can make or move a block. */
const takeProbe = (
  table: Table,
  { probes, nowMs }: Reservation,
  { level, of, intervalMs }: ProbeShare,
): Promise<ShareOutcome> => {
  const Key = keyOf(blockKey(level, of));
  return reserveOne(
    table,
    {
      Key,
      UpdateExpression: 'SET probedAt = :now',
      ConditionExpression: `attribute_exists(pk) AND ${isDue}`,
      ExpressionAttributeValues: values({ ':now': nowMs, ':due': nowMs - intervalMs }),
    },
    probeRelease(Key, nowMs),
    () => [{ kind: 'exceeded', counter: 'probe', probes }],
  );
};

const takeNetwork = (table: Table, { probes, nowMs }: Reservation, network: string): Promise<ShareOutcome> => {
  const Key = keyOf(networkKey(network));
  return reserveOne(
    table,
    {
      Key,
      UpdateExpression: 'SET probedAt = :now, expiresAt = :expiresAt',
      ConditionExpression: isDue,
      ExpressionAttributeValues: values({
        ':now': nowMs,
        ':due': nowMs - networkProbeMs,
        ':expiresAt': networkExpiry(nowMs),
      }),
    },
    probeRelease(Key, nowMs),
    () => [{ kind: 'exceeded', counter: 'probe', probes }],
  );
};

/** A probe was due before it was taken, and is again without it. */
const probeRelease = (Key: Write['Key'], nowMs: number): Write => ({
  Key,
  UpdateExpression: 'REMOVE probedAt',
  ConditionExpression: isThisProbe,
  ExpressionAttributeValues: values({ ':now': nowMs }),
});
