import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SecretMalformed, secretsOf, signedHeaders } from '../../lambdas/webhooks/sign.ts';

const secretOf = (fill: number, bytes = 32) => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`;
const [old, next, other] = [secretOf(1), secretOf(2), secretOf(3)];
const event = { id: 'evt_abc', json: '{"id":"evt_abc","type":"verification.approved","data":{"text":"ü €"}}' };
const nowMs = Date.parse('2026-11-30T10:00:00.900Z');
const headers = signedHeaders([old], event, nowMs);

beforeEach(() => vi.useFakeTimers({ now: nowMs }));
afterEach(() => vi.useRealTimers());
const accepts = (secret: string, body: string, given: Readonly<Record<string, string>>): boolean => {
  try {
    new Webhook(secret).verify(body, { ...given });
    return true;
  } catch {
    return false;
  }
};

describe('a signature', () => {
  test('a delivery has the id of its event, the seconds of its try, and one signature', () => {
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^otp-service\/\d+\.\d+\.\d+$/),
      'webhook-id': 'evt_abc',
      'webhook-timestamp': '1796032800',
      'webhook-signature': expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
    });
  });

  test('a consumer verifies the body by the secret', () => {
    expect(accepts(old, event.json, headers)).toBe(true);
  });

  test.each([
    ['another secret', other, event.json, headers],
    ['a changed body', old, `${event.json} `, headers],
    ['another id', old, event.json, { ...headers, 'webhook-id': 'evt_abd' }],
    ['another time', old, event.json, { ...headers, 'webhook-timestamp': '1796032801' }],
    ['no signature', old, event.json, { ...headers, 'webhook-signature': '' }],
    ['a signature of another version', old, event.json, { ...headers, 'webhook-signature': 'v1a,AAAA' }],
  ])('a consumer refuses %s', (_, secret, body, given) => {
    expect(accepts(secret, body, given)).toBe(false);
  });

  test('a consumer refuses a delivery that somebody repeats after five minutes', () => {
    vi.setSystemTime(nowMs + 300_000);
    expect(accepts(old, event.json, headers)).toBe(true);
    vi.setSystemTime(nowMs + 302_000);
    expect(accepts(old, event.json, headers)).toBe(false);
  });

  test('a consumer verifies by either secret while they are rotated, and by no third', () => {
    const both = signedHeaders([old, next], event, nowMs);
    expect([old, next, other].map((secret) => accepts(secret, event.json, both))).toEqual([true, true, false]);
  });
});

describe('a secret', () => {
  test.each([
    ['one secret', old, [old]],
    ['one secret and a line break', `${old}\n`, [old]],
    ['a list of one', JSON.stringify([old]), [old]],
    ['a list of two', JSON.stringify([old, next]), [old, next]],
    ['24 bytes', secretOf(1, 24), [secretOf(1, 24)]],
    ['64 bytes', secretOf(1, 64), [secretOf(1, 64)]],
  ])('a text with %s can sign', (_, text, secrets) => {
    expect(secretsOf(text)).toEqual(secrets);
  });

  test.each([
    ['nothing', ''],
    ['an empty list', '[]'],
    ['a list of three', JSON.stringify([old, next, other])],
    ['a list with a number', '[1]'],
    ['a list that is no JSON', `[${old}]`],
    ['an object', JSON.stringify({ secret: old })],
    ['no prefix', old.slice('whsec_'.length)],
    ['the prefix of a public key', old.replace('whsec_', 'whpk_')],
    ['23 bytes', secretOf(1, 23)],
    ['65 bytes', secretOf(1, 65)],
    ['base64url', `whsec_${Buffer.alloc(32, 255).toString('base64url')}`],
    ['base64 with spare bits', `${secretOf(1, 32).slice(0, -2)}F=`],
  ])('%s cannot sign, and no error quotes it', (_, text) => {
    const refused = () => secretsOf(text);
    expect(refused).toThrow(SecretMalformed);
    expect(refused).toThrow(/^A secret of a webhook is whsec_ and 24 to 64 bytes in base64, or a JSON list of two/);
    const words = text.length > 10 ? text.slice(-12, -2) : 'secret of nobody';
    expect(refused).not.toThrow(words);
  });
});
