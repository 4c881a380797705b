import { itemKinds } from '../../contract.ts';
import type { Key } from '../counts/keys.ts';

const secondsPerDay = 86_400;
/** The time of a person's shell after some seconds. Arithmetic, because GNU and macOS ask `date` for it in other words. */
const timeIn = (seconds: number): string => `{"N":"'$(($(date +%s) + ${seconds}))'"}`;

/**
 * The command that lifts a block. For as long as it says, the detector writes no other block there, and finds nothing.
 *
 * The item is kept for a day longer, so that the detector still knows it. `$GUARDS` is set by the shell of docs/runbook.md.
 */
export const liftCommand = ({ level, of }: Key, periodSeconds: number): string =>
  `aws dynamodb put-item --table-name "$GUARDS" --item '{"pk":{"S":"${itemKinds.guards.block.pk}${level}#${of}"},"liftedUntil":${timeIn(periodSeconds)},"expiresAt":${timeIn(periodSeconds + secondsPerDay)},"reason":{"S":"why"},"author":{"S":"you"}}'`;

/** A command that writes on a finding that exists. */
const noteCommand = (uid: string, update: string, words: string): string =>
  `aws dynamodb update-item --table-name "$SECURITY" --key '{"pk":{"S":"${itemKinds.security.finding.pk}"},"sk":{"S":"${uid}"}}' --condition-expression 'attribute_exists(pk)' --update-expression '${update}' --expression-attribute-values '${words}'`;

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
  lift: liftCommand(key, 3600),
  suppress: liftCommand(key, 7 * secondsPerDay),
});
