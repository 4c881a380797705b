/** How the service learns what became of a message. */

import * as v from 'valibot';
import { receiptSources } from '../../../lambdas/policy.ts';
import { object, refused } from './values.ts';

const sourcesAllowed =
  'Sources of receipts: a list, each once, out of "configuration-set" (messages of this deployment) and "event-bus" (all of the account and Region), for example ["configuration-set"].';

export const receipts = object({
  sources: v.optional(
    v.pipe(
      v.array(v.picklist(receiptSources, refused(sourcesAllowed)), refused(sourcesAllowed)),
      v.check((list) => new Set(list).size === list.length, refused(sourcesAllowed)),
    ),
    [],
  ),
  noteMessageIds: v.optional(
    v.boolean(refused('Whether each send notes the id of its message, which takes one write more: true or false.')),
    false,
  ),
  feedback: v.optional(
    v.boolean(refused('Whether AWS is told of each message whose code was used: true or false.')),
    false,
  ),
});
