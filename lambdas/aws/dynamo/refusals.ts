import type { CancellationReason } from '@aws-sdk/client-dynamodb';
import type { Item } from './items.ts';

/** A condition that did not hold. It has the item if the call asked for it. */
export type ConditionFailed = Error & { readonly Item?: Item };
type Canceled = Error & { readonly CancellationReasons?: readonly CancellationReason[] };

/** The names tell errors apart: a usual call makes its errors without the classes of the SDK (ADR 123). */
const isNamed = (cause: unknown, name: string): cause is Error => cause instanceof Error && cause.name === name;

export const isConditionFailed = (cause: unknown): cause is ConditionFailed =>
  isNamed(cause, 'ConditionalCheckFailedException');

export const isCanceled = (cause: unknown): cause is Canceled => isNamed(cause, 'TransactionCanceledException');
