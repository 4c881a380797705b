import { describe, expect, test } from 'vitest';
import { parseEndUserIp, senderOf } from '../../../lambdas/otp/input/end-user.ts';

describe('the IP of an end user', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['2001:0DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['64:ff9b::203.0.113.7', '203.0.113.7'],
  ])('"%s" is read as %s', (text, ip) => {
    expect(parseEndUserIp(text)).toEqual({ kind: 'parsed', value: { ip, isPublic: true } });
  });

  test.each([
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '100::1',
    '::ffff:10.0.0.1',
    '64:ff9b::127.0.0.1',
  ])('%s tells no users apart', (text) => {
    expect(parseEndUserIp(text)).toMatchObject({ kind: 'parsed', value: { isPublic: false } });
  });

  test.each([
    '',
    'unknown',
    'localhost',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.07',
    '0xcb007107',
    '3405803783',
    '203.0.113.7:443',
    '[2001:db8::7]',
    '[2001:db8::7]:443',
    'fe80::1%eth0',
    '203.0.113.0/24',
    '2001:db8::/48',
    '203.0.113.7, 198.51.100.1',
    '::ffff:203.0.113.07',
    '2001:db8:::7',
    '２０３.0.113.7',
    '203.0.113.7\u0000',
    `2001:db8::${'0'.repeat(300)}7`,
  ])('"%s" is refused with a sentence', (text) => {
    expect(parseEndUserIp(text)).toMatchObject({
      kind: 'invalid',
      detail: expect.stringContaining('"203.0.113.7" or "2001:db8::7"'),
    });
  });
});

describe('whose IP a request counts for', () => {
  const named = { ip: '203.0.113.7', isPublic: true };
  const own = '198.51.100.1';

  test('a back end is believed, and its own IP counts no longer', () => {
    expect(senderOf('back-end', own, named)).toEqual({ kind: 'end-user', ip: '203.0.113.7' });
  });
  test('a back end that names nobody, or a private IP, calls with an IP that all of its users share', () => {
    expect(senderOf('back-end', own, undefined)).toEqual({ kind: 'shared', ip: own, because: 'missing' });
    expect(senderOf('back-end', own, { ip: '::1', isPublic: false })).toEqual({
      kind: 'shared',
      ip: own,
      because: 'private',
    });
  });
  test('a public application counts by its own IP, and is refused if it names another', () => {
    expect(senderOf('public', own, undefined)).toEqual({ kind: 'end-user', ip: own });
    expect(senderOf('public', own, named)).toEqual({ kind: 'not-accepted' });
    expect(senderOf('public', own, { ip: own, isPublic: true })).toEqual({ kind: 'not-accepted' });
  });
});
