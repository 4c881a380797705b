import { localMapping } from '../../local/aws/lambda.ts';
import {
  deadLetterBucket,
  exportBucket,
  type LocalStack,
  localBus,
  localKeys,
  localKeysOfAws,
  localRs256Key,
  localTopic,
} from '../../local/stack.ts';

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
      .replace(new RegExp(`^${exportBucket}(?=/|$)`), 'Exports');
