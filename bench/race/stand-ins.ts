/**
 * AWS of the local stack in a process of its own: a DynamoDB emulator, and stand-ins of KMS and SNS.
 *
 * The parent gets the addresses, and the text of an SMS for `{ to }`.
 */

import { createTopic } from '../../local/aws/alarms/topic.ts';
import { startDynamo } from '../../local/aws/dynamo.ts';
import { startKms } from '../../local/aws/kms.ts';
import { startSns } from '../../local/aws/sns.ts';
import { localKeys, localTopic } from '../../local/stack.ts';

export type Addresses = {
  readonly endpoints: { readonly dynamodb: string; readonly kms: string; readonly sns: string };
  readonly tables: { readonly verifications: string; readonly guards: string };
};

export type FromStandIns = Addresses | { readonly text: string };

// Without the front of local mode: it adds conflicts of transactions, and guesses are no transactions.
const dynamo = await startDynamo({ hasFront: false });
const kms = await startKms({ keys: Object.values(localKeys) });
const sns = await startSns({ topic: createTopic(localTopic) });

const send = (message: FromStandIns) => process.send?.(message);

process.on('message', ({ to }: { readonly to: string }) => send({ text: sns.messages(to)[0]?.text ?? '' }));
process.on('disconnect', async () => {
  await Promise.allSettled([dynamo.stop(), kms.stop(), sns.stop()]);
  process.exit(0);
});
send({
  endpoints: { dynamodb: dynamo.url, kms: kms.url, sns: sns.url },
  tables: dynamo.tables,
});
