import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { notify } from '../../fakes/routed-bundles.ts';
import { type Client, freshNumber, wordOf } from '../client.ts';
import { openRouted } from './routed-stack.ts';

let stack: LocalStack;
let app: Client;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ stack, app, close } = await openRouted([notify], {
    purposes: ['verify-number', 'login'],
    appHashes: [],
    applications: { default: { kind: 'back-end' } },
    countries: { IN: {}, US: {} },
    excludedCountries: ['AS', 'GU', 'MP', 'PR', 'VI'],
  }));
});
afterAll(() => close?.());

const request = (phoneNumber: string, more: Record<string, unknown> = {}) =>
  app.call('POST', '/v1/verifications', { phoneNumber, purpose: 'login', ...more });
/** A back end that names its end user makes pairs. */
const atHome = { endUser: { ipAddress: '198.51.100.7' } };

test('strangers get seven of the ten messages that Notify alone brings to a number, and the answer says when the next may go', async () => {
  const number = freshNumber();
  for (let nth = 1; nth <= 7; nth += 1) {
    stack.clock.advance(3_600_000);
    expect((await request(number)).status).toBe(201);
  }
  stack.clock.advance(3_600_000);
  const refused = await request(number);
  expect([refused.status, wordOf(refused), refused.body['limit']]).toEqual([
    429,
    'too-many-requests',
    'phone-24h-notify',
  ]);
  const waitSeconds = Number(refused.headers.get('retry-after'));
  expect(waitSeconds).toBe(17 * 3600);
  expect(refused.headers.get('ratelimit-policy')).toContain('"phone-24h-notify";q=7;w=86400');
  expect(refused.headers.get('ratelimit')).toContain(`"phone-24h-notify";r=0;t=${waitSeconds}`);
  expect(stack.messages(number)).toHaveLength(7);
});

test('the stand-in counts beside the service: a pair reaches ten, and the refusal is of the service', async () => {
  const number = freshNumber();
  const { id, code } = await app.requested(number, atHome);
  expect(wordOf(await app.check(id, { code }))).toBe('approved');
  await stack.workedOff();
  for (let nth = 2; nth <= 10; nth += 1) {
    stack.clock.advance(3_600_000);
    expect((await request(number, atHome)).status).toBe(201);
  }
  stack.clock.advance(3_600_000);
  const refused = await request(number, atHome);
  expect([refused.status, refused.body['limit']]).toEqual([429, 'phone-24h-notify']);
  expect(refused.headers.get('ratelimit-policy')).toContain('"phone-24h-notify";q=10;w=86400');
  expect(stack.messages(number)).toHaveLength(10);
});
