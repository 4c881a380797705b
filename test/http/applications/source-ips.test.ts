import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { type Client, clientOf, freshNumber, openStack } from '../client.ts';

let stack: LocalStack;
let shop: Client;
let web: Client;
let ios: Client;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  shop = clientOf({ ...stack, apiKey: stack.apiKeys['shop'] ?? '' });
  web = clientOf(stack);
  ios = clientOf({ ...stack, apiKey: stack.apiKeys['ios'] ?? '' });
});
afterAll(() => stack.stop());
beforeEach(() => stack.clock.advance(26 * 3_600_000));

const at = (ip: string) => ({ 'x-local-source-ip': ip });
const own = at('198.51.100.7');
const foreign = at('203.0.113.7');
const bodyOf = (phoneNumber: string) => ({ phoneNumber, purpose: 'login', endUser: { ipAddress: '192.0.2.9' } });
const refused = { status: 403, body: { code: 'source-ip-not-allowed' } };

describe('the IPs of a back end', () => {
  test.each(['198.51.100.0', '198.51.100.255', '2001:db8:42::7'])(
    'a back end is served from its own IP %s',
    async (ip) => {
      const phoneNumber = freshNumber();
      const sent = await shop.request(bodyOf(phoneNumber), at(ip));
      expect(sent.status).toBe(201);
      const checked = await shop.check(String(sent.body['id']), { code: shop.lastCode(phoneNumber) }, at(ip));
      expect(checked.body['status']).toBe('approved');
    },
  );

  test('a stolen key opens no route from another IP: nothing is sent, guessed, read or canceled', async () => {
    const phoneNumber = freshNumber();
    const sent = await shop.request(bodyOf(phoneNumber), own);
    const id = String(sent.body['id']);
    const path = `/v1/verifications/${id}`;
    const stranger = freshNumber();
    for (const ip of ['203.0.113.7', '198.51.101.0', '2001:db8:43::7', '127.0.0.1', '::1']) {
      expect(await shop.request(bodyOf(stranger), at(ip))).toMatchObject(refused);
      expect(await shop.check(id, { code: shop.lastCode(phoneNumber) }, at(ip))).toMatchObject(refused);
      expect(await shop.resend(id, at(ip))).toMatchObject(refused);
      expect(await shop.call('GET', path, undefined, at(ip))).toMatchObject(refused);
      expect(await shop.cancel(id, at(ip))).toMatchObject(refused);
    }
    expect(stack.messages(stranger)).toEqual([]);
    const found = await shop.call('GET', path, undefined, own);
    expect(found.body).toMatchObject({ status: 'pending', attemptsRemaining: 5 });
  });

  test('a request from another IP is told nothing of ids, numbers or bodies, and a bad key nothing of IPs', async () => {
    const answers = await Promise.all([
      shop.request('no JSON', foreign),
      shop.request(bodyOf('+1'), foreign),
      shop.check('no-id', { code: 'x' }, foreign),
      shop.request(bodyOf(freshNumber()), foreign),
    ]);
    const seen = answers.map(({ status, body: { requestId: _, ...body } }) => JSON.stringify({ status, body }));
    expect(new Set(seen).size).toBe(1);
    const thief = clientOf({ ...stack, apiKey: 'guessed' });
    for (const headers of [own, foreign])
      expect(await thief.request(bodyOf(freshNumber()), headers)).toMatchObject({
        status: 401,
        body: { code: 'unauthorized' },
      });
  });

  test('no header of the caller moves it into the ranges', async () => {
    const claims = { 'x-forwarded-for': '198.51.100.7', forwarded: 'for=198.51.100.7', 'x-real-ip': '198.51.100.7' };
    expect(await shop.request(bodyOf(freshNumber()), { ...foreign, ...claims })).toMatchObject(refused);
  });

  test('parallel calls from both sides are each judged by their own IP', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        shop.call('GET', '/v1/verifications/a', undefined, nth % 2 ? own : foreign),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, nth) => (nth % 2 ? 404 : 403)));
  });

  test('a refused IP is counted, and the log names the application', async () => {
    const { headers } = await shop.request(bodyOf(freshNumber()), foreign);
    const lineOf = () =>
      stack.logs().find(({ line }) => line.includes('"answered"') && line.includes(headers.get('x-request-id') ?? '-'));
    await expect.poll(lineOf).toBeDefined();
    expect(JSON.parse(lineOf()?.line ?? '{}')).toMatchObject({ application: 'shop', code: 'source-ip-not-allowed' });
    expect(stack.logs().some(({ line }) => line.includes('"SourceIpRefused":1'))).toBe(true);
  });
});

describe('answers to pages', () => {
  const allowed = async (client: Client, origin: string, path = '/v1/verifications/a') => {
    const { headers } = await client.call('GET', path, undefined, { origin });
    return headers.get('access-control-allow-origin');
  };
  test('a page reads the answers to its own application, and to no other', async () => {
    const [webPage, iosPage] = ['https://app.example.com', 'https://ios.example.com'];
    expect([await allowed(web, webPage), await allowed(ios, iosPage)]).toEqual([webPage, iosPage]);
    expect([await allowed(web, iosPage), await allowed(ios, webPage)]).toEqual([null, null]);
    expect([await allowed(shop, webPage), await allowed(web, 'https://evil.example')]).toEqual([null, null]);
  });
  test('a preflight, which names no application, allows the origins of all public ones', async () => {
    const preflight = async (origin: string) => {
      const { status, headers } = await fetch(`${stack.url}/v1/verifications`, {
        method: 'OPTIONS',
        headers: { origin },
      });
      return [status, headers.get('access-control-allow-origin')];
    };
    for (const origin of ['https://app.example.com', 'https://ios.example.com'])
      expect(await preflight(origin)).toEqual([204, origin]);
    expect(await preflight('https://evil.example')).toEqual([204, null]);
  });
  test('any page reads the key set', async () => {
    expect(await allowed(web, 'https://anyone.example', '/.well-known/jwks.json')).toBe('*');
  });
});
