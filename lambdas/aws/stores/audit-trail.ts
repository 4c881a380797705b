import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import type { AuditEntry, AuditTrail } from '../../bursts/audit.ts';
import { Unavailable } from '../../otp/ports.ts';
import { backOff, callAws } from '../failures.ts';
import { auditItem } from '../tables/security/audit.ts';

/** DynamoDB takes this many writes in one batch. */
const maxAtOnce = 25;
const maxTries = 6;

/** The audit trail in Security. The writes are plain: an entry that is there already is replaced by itself. */
export const dynamoAuditTrail = (client: DynamoDBClient, table: string): AuditTrail => ({
  keep: async (entries) => {
    // A batch may not name an item twice, and the stream may bring a record twice.
    let open: WriteRequest[] = [...new Map(entries.map((entry) => [entry.id, putOf(entry)])).values()];
    for (let attempt = 0; open.length > 0; ) {
      const now = open.slice(0, maxAtOnce);
      const command = new BatchWriteItemCommand({ RequestItems: { [table]: now } });
      const { UnprocessedItems } = await callAws('DynamoDB BatchWriteItem', () => client.send(command));
      const left = UnprocessedItems?.[table] ?? [];
      open = [...left, ...open.slice(maxAtOnce)];
      if (left.length === 0) continue;
      attempt += 1;
      if (attempt >= maxTries) throw new Unavailable('DynamoDB BatchWriteItem');
      await backOff(attempt);
    }
  },
});

const putOf = (entry: AuditEntry): WriteRequest => ({ PutRequest: { Item: auditItem(entry) } });
