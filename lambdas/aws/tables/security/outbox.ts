import type { Finding } from '../../../bursts/findings/finding.ts';
import type { Notification } from '../../../bursts/findings/render.ts';
import { itemKinds } from '../../../contract.ts';
import { daySeconds } from '../../../otp/durations.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import type { Attributes } from './attributes.ts';
import { isFinding } from './cases.ts';
import { plainOf } from './plain.ts';

/** Notifications that are pending, in the order of their changes. */
export const outboxPartition = itemKinds.security.outbox.pk;
export const outboxKey = (id: string): Item => keyOf(outboxPartition, id);

/** A notification that is pending for this long is never sent. The finding itself is kept. */
export const outboxDays = 30;

export const outboxItem = ({ id, finding, alarmSeverity }: Notification): Item => ({
  ...outboxKey(id),
  ...values({
    finding: JSON.stringify(finding),
    alarmSeverity,
    expiresAt: Math.ceil(finding.time / 1000) + outboxDays * daySeconds,
  } satisfies Attributes<'outbox'>),
});

/** `undefined` if it cannot be read. */
export const readNotification = (item: Item): Notification | undefined => {
  const { sk, finding, alarmSeverity, isLogged } = plainOf(item) as Readonly<Record<string, never>>;
  try {
    const parsed: Finding = JSON.parse(finding ?? '');
    if (sk === undefined || !isFinding(parsed)) return undefined;
    return { id: sk, finding: parsed, alarmSeverity, isLogged: isLogged === true };
  } catch {
    return undefined;
  }
};
