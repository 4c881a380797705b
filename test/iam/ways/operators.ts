import { expect } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { callerOf } from '../../fakes/api-call.ts';
import { itemsIn } from '../journey.ts';

/** Lets operators do all that they can: look at everything, judge findings, block and lift. */
export const goOperatorsWays = async (stack: LocalStack): Promise<void> => {
  const call = callerOf(stack.operatorUrl, '');
  const does = async (method: string, path: string, body?: unknown) => {
    const answer = await call(method, path, body);
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.body;
  };
  const all = (await itemsIn(stack, 'security')).filter(({ pk }) => pk?.S === 'finding');
  const idWhere = (isOfBombing: boolean) =>
    all.find(({ rule }) => (rule?.S === 'bombing') === isOfBombing)?.['sk']?.S ??
    expect.fail('There are too few findings.');
  // The restriction of the other stays as the detector wrote it: a lift would overwrite it.
  const [one, other] = [idWhere(true), idWhere(false)];
  await does('GET', '/v1/findings?status=closed');
  await does('GET', '/v1/findings');
  await does('PATCH', `/v1/findings/${one}`, { status: 'acknowledged', note: 'looking at it' });
  await does('PATCH', `/v1/findings/${other}`, { status: 'false-positive' });
  const shown = await does('GET', `/v1/findings/${one}`);
  expect(shown).toMatchObject({ id: one, note: 'looking at it' });
  const what = { range: '+44 7400 19xxxx' };
  await does('POST', '/v1/blocks', { what, reason: 'a test of the rights', forMinutes: 5 });
  expect(JSON.stringify(await does('GET', '/v1/blocks'))).toContain('a test of the rights');
  await does('POST', '/v1/blocks/lift', { what, reason: 'the test is over' });
  await does('POST', '/v1/blocks', {
    what: { number: '+447400199999' },
    reason: 'a test of the rights',
    forMinutes: 5,
  });
  await does('POST', '/v1/blocks/lift', { what: { finding: one }, reason: 'the test is over' });
  const launch = { what: { country: 'GB' }, reason: 'a test of the rights', forMinutes: 5, expected: 9 };
  expect(await does('POST', '/v1/launches', launch)).toMatchObject({ id: 'country:GB' });
  expect(JSON.stringify(await does('GET', '/v1/launches'))).toContain('country:GB');
  await does('DELETE', '/v1/launches/country:GB');
  await does('POST', '/v1/sending/stop', { what: { country: 'GB' }, reason: 'a test of the rights' });
  await does('POST', '/v1/sending/resume', { what: { country: 'GB' }, reason: 'the test is over' });
  expect(JSON.stringify(await does('GET', '/v1/actions'))).toContain('the test is over');
  expect(await does('GET', '/v1/prices')).toMatchObject({ state: 'ok', hasReceipts: false });
};
