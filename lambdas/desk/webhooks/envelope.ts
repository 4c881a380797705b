import * as v from 'valibot';
import { eventTypes } from '../../policy.ts';

/** Of a body with an event. An event is much shorter, and ten of them are one call to SQS, which takes 1 MiB. */
export const maxBodyBytes = 65_536;

/**
 * An event, as the function that delivers and the desk both read it: the function would give up what it cannot read, and a replay would
 * find it again. Other members are posted as they came. The application is one that SQS takes as a message group.
 */
export const envelope = v.looseObject({
  id: v.pipe(v.string(), v.regex(/^evt_[A-Za-z0-9_-]{1,64}$/)),
  type: v.picklist(eventTypes),
  // `Date` cannot read each timestamp of ISO 8601, and no metric takes an age that is no number.
  timestamp: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.check((text) => Number.isFinite(Date.parse(text))),
  ),
  data: v.looseObject({ application: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/)) }),
});
