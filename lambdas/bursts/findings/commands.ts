import { itemKinds } from '../../contract.ts';
import type { Key } from '../counts/keys.ts';

/**
 * The command that lifts a block. For as long as it says, the detector writes no other block there, and finds nothing.
 *
 * @param kept how long the item is kept, so that the detector still knows it.
 */
export const liftCommand = ({ level, of }: Key, period: string, kept: string): string =>
  `aws dynamodb put-item --table-name GUARDS_TABLE --item '{"pk":{"S":"${itemKinds.guards.block.pk}${level}#${of}"},"liftedUntil":{"N":"'$(date -d '${period}' +%s)'"},"expiresAt":{"N":"'$(date -d '${kept}' +%s)'"},"reason":{"S":"why"},"author":{"S":"you"}}'`;

/** A command that writes on a finding that exists. */
const noteCommand = (uid: string, update: string, words: string): string =>
  `aws dynamodb update-item --table-name SECURITY_TABLE --key '{"pk":{"S":"${itemKinds.security.finding.pk}"},"sk":{"S":"${uid}"}}' --condition-expression 'attribute_exists(pk)' --update-expression '${update}' --expression-attribute-values '${words}'`;

const now = `{"N":"'$(date +%s)'"}`;

/** The commands of staff, one for each act. */
export const commandsOf = (key: Key, uid: string) => ({
  acknowledge: noteCommand(
    uid,
    'SET acknowledgedBy = :you, acknowledgedAt = :now',
    `{":you":{"S":"you"},":now":${now}}`,
  ),
  false_positive: noteCommand(
    uid,
    'SET label = :label, labeledBy = :you, labeledAt = :now',
    `{":label":{"S":"false-positive"},":you":{"S":"you"},":now":${now}}`,
  ),
  lift: liftCommand(key, '1 hour', '2 days'),
  suppress: liftCommand(key, '7 days', '8 days'),
});
