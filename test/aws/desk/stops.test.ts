import { expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { dynamoStopDesk } from '../../../lambdas/aws/stores/desk/stops.ts';
import type { Action } from '../../../lambdas/desk/actions.ts';
import type { Stop, StopWhat } from '../../../lambdas/otp/limits/stops.ts';
import { useDynamoBehindProxy } from '../../fakes/aws/dynamo-behind-proxy.ts';

const aws = useDynamoBehindProxy();

const atMs = Date.UTC(2026, 10, 30, 9);
let requests = 0;
const act = (action: 'stop-sending' | 'resume-sending'): Action => {
  requests += 1;
  return { id: `request-${requests}`, atMs, principal: 'asha', action, reason: 'a leak', about: 'x' };
};
const stopDesk = () => dynamoStopDesk(dynamoClient(), aws.dynamo.tables, 90);
const stopOf = (what: StopWhat): Stop => ({ what, atMs, by: 'asha', reason: 'a leak' });

test.each<readonly [number, StopWhat]>([
  [1, { kind: 'all' }],
  [3, { kind: 'all' }],
  [4, { kind: 'all' }],
  [1, { kind: 'country', country: 'IN' }],
])('an end of a stop whose answer is lost %i times has ended it, and says so: %j', async (times, what) => {
  await stopDesk().stop(stopOf(what), act('stop-sending'));
  // The stop of all is read by a transaction of its own before.
  aws.proxy.failAt(what.kind === 'all' ? 1 : 0, 'lost-answer', times, 'TransactWriteItems');
  expect(await stopDesk().resume(what, act('resume-sending'))).toBe(true);
  aws.proxy.heal();
  expect(await stopDesk().resume(what, act('resume-sending'))).toBe(false);
});
