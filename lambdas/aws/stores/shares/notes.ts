import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { conforms } from '../../../otp/limits/gcra.ts';
import type { NoteShare } from '../../../otp/limits/refusal.ts';
import type { RefusalNotes } from '../../../otp/ports.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import { batchGetConsistent } from '../../dynamo/reads.ts';
import { ipExpiry, ipKey, readRefusedTat, refusedTatAttribute } from '../../tables/guards.ts';
import { attempt, type Write } from './share.ts';

/** Takes a note's share of the rate of an IP. Refusals that come at once start with one time: the others go on from there. */
export const takeNote =
  (name: string): RefusalNotes['takeNote'] =>
  async (share) => {
    let { tatMs } = share;
    for (let race = 0; race < maxRaces && conforms(tatMs, share.rate, share.nowMs); race += 1) {
      const written = await attempt({ name }, noteWrite(share, tatMs));
      if (written.kind === 'written') return true;
      if (written.kind === 'unavailable') throw written.cause;
      tatMs = readRefusedTat(written.item);
    }
    return false;
  };

/** How often the write of a note may lose the race to others of the IP. A note that is lost costs nobody anything. */
const maxRaces = 3;

const noteWrite = ({ ip, rate, nowMs }: NoteShare, tatMs: number): Write => {
  const isIdle = tatMs <= nowMs;
  return {
    Key: keyOf(ipKey(ip)),
    UpdateExpression: `SET #tat = ${isIdle ? ':now' : '#tat'} + :interval, expiresAt = :expiresAt`,
    ConditionExpression: isIdle ? '(attribute_not_exists(#tat) OR #tat <= :now)' : '(#tat > :now AND #tat <= :latest)',
    ExpressionAttributeNames: { '#tat': refusedTatAttribute },
    ExpressionAttributeValues: values({
      ':now': nowMs,
      ':interval': rate.intervalMs,
      ':expiresAt': ipExpiry(nowMs, rate.toleranceMs),
      ...(isIdle ? {} : { ':latest': nowMs + rate.toleranceMs }),
    }),
  };
};

/** The one fact of a send to a destination that gets none. */
export const readRefusedTatMs =
  (client: DynamoDBClient, table: string) =>
  async (ip: string): Promise<number> => {
    const pk = ipKey(ip);
    return readRefusedTat((await batchGetConsistent(client, table, [pk])).get(pk));
  };
