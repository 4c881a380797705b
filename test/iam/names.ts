import { localMapping } from '../../local/aws/lambda.ts';
import {
  deadLetterBucket,
  eventLetterBucket,
  exportBucket,
  type LocalStack,
  localBus,
  localKeys,
  localKeysOfAws,
  localRs256Key,
  localTopic,
} from '../../local/stack.ts';
import { account, region } from './deployed.ts';

/** What people call the tables and keys of a local stack. */
export const namesIn =
  ({ tables, queues }: Pick<LocalStack, 'tables' | 'queues'>) =>
  (id: string): string =>
    new Map<string, string>([
      [tables.verifications, 'Verifications'],
      [tables.guards, 'Guards'],
      [tables.traffic, 'Traffic'],
      [tables.security, 'Security'],
      [localMapping, 'mapping of detect-bursts'],
      [localBus, 'FindingsBus'],
      [queues.waiting.name, 'WebhookQueue'],
      [queues.deadLetters.name, 'WebhookDeadLetters'],
      [localTopic, 'AlarmTopic'],
      [localKeys.code.arn, 'CodeKey(a)'],
      [localKeys.pseudonym.arn, 'PseudonymKey'],
      [localKeys.seal.arn, 'SealKey'],
      [localKeys.hourlySeal.arn, 'HourlySealKey'],
      [localKeys.proof.arn, 'ProofKey'],
      [localRs256Key.arn, 'ProofKey'],
      [localKeys.exports.arn, 'ExportSigningKey'],
      ...Object.entries(localKeysOfAws).map(([name, key]): [string, string] => [key.arn, name]),
    ]).get(id) ??
    id
      .replace(new RegExp(`^${deadLetterBucket}(?=/|$)`), 'DeadLetters')
      .replace(new RegExp(`^${eventLetterBucket}(?=/|$)`), 'EventLetters')
      .replace(new RegExp(`^${exportBucket}(?=/|$)`), 'Exports')
      .replace(localSecrets, `arn:aws:secretsmanager:${region}:${account}:`);

/** A secret of another account would need a policy of its own. */
const localSecrets = /^arn:aws:secretsmanager:us-east-1:000000000000:/;
