import { describe, expect, test } from 'vitest';
import { findingMail, findingMailTemplate } from '../../../lambdas/contract.ts';
import type { BusEvent } from '../../../local/aws/eventbridge.ts';
import { createMails, type Mail } from '../../../local/mails/mails.ts';
import { isMatch, requireRule, textOf } from '../../../local/mails/rule.ts';

const unmapped = {
  is_mailed: true,
  headline: 'Somebody requests codes for range +91 98765 4xxx and nobody enters them: 33 messages in 4 minutes',
  so_far: 'So far it cost about $1.65 for 33 messages. An hour at the pace of the burst itself would cost about $24.',
  refused_text: 'Unverified numbers of this range are refused, unless they come from a trusted IP.',
  ends: 'It ends by itself at 03:29 UTC.',
  if_legitimate: 'If these are your users, lift the restriction: otp-desk --stack OtpService lift range +919876543',
  if_wrong: 'If the detector was wrong, record that: otp-desk --stack OtpService false-positive 1f',
  if_attack:
    'If it is an attack, leave the restriction in place. Show your colleagues that you look after it (this stops no mail): otp-desk --stack OtpService ack 1f',
  show_command: 'otp-desk --stack OtpService show 1f',
  lift_command: 'otp-desk --stack OtpService lift range +919876543 --reason WHY',
  runbook_url: 'https://example.com/runbook.md#findinghigh',
};
const eventOf = (some: object = {}, more: Partial<BusEvent> = {}): BusEvent => ({
  id: 'e1',
  bus: 'otp-findings',
  source: 'otp-service',
  detailType: 'Detection Finding',
  at: '2026-01-01T03:14:00.000Z',
  detail: { severity: 'Medium', unmapped: { ...unmapped, ...some } },
  ...more,
});
const mailsOf = (...events: readonly BusEvent[]): readonly Mail[] => {
  const mails = createMails('http://127.0.0.1:4000/');
  for (const event of events) mails.take(event);
  return mails.list();
};

describe('the mail of a finding', () => {
  test('the mail says what happens, what it costs, who is refused, what ends it, what to do, and where to look', () => {
    expect(mailsOf(eventOf())).toEqual([
      {
        at: '2026-01-01T03:14:00.000Z',
        eventId: 'e1',
        text: [
          `"Medium: ${unmapped.headline}."`,
          `"${unmapped.so_far}"`,
          `"${unmapped.refused_text}"`,
          `"${unmapped.ends}"`,
          `"${unmapped.if_legitimate}"`,
          `"${unmapped.if_wrong}"`,
          `"${unmapped.if_attack}"`,
          `"See it: ${unmapped.show_command}"`,
          `"Lift it: ${unmapped.lift_command}"`,
          `"Runbook: ${unmapped.runbook_url}"`,
          '"Dashboard: http://127.0.0.1:4000/"',
        ].join('\n'),
      },
    ]);
  });

  test.each<[string, BusEvent]>([
    ['that is no mail', eventOf({ is_mailed: false })],
    ['of before there were mails', eventOf({ is_mailed: undefined })],
    ['that says so by a text', eventOf({ is_mailed: 'true' })],
    ['of another source', eventOf({}, { source: 'another' })],
    ['of another kind', eventOf({}, { detailType: 'Another' })],
    ['without details', eventOf({}, { detail: {} })],
  ])('an event %s makes no mail', (_, event) => {
    expect(mailsOf(event)).toEqual([]);
  });

  test('a line that a finding of before lacks is empty, and the rest of the mail is there', () => {
    const [mail] = mailsOf(eventOf({ headline: undefined }));
    expect(mail?.text.split('\n')[0]).toBe('"Medium: ."');
    expect(mail?.text).toContain(unmapped.show_command);
  });

  test('the newest mail is first, and the last 200 are kept', () => {
    const all = mailsOf(...Array.from({ length: 205 }, (_, nth) => eventOf({}, { id: String(nth) })));
    expect([all.length, all[0]?.eventId, all.at(-1)?.eventId]).toEqual([200, '204', '5']);
  });

  test('a value that looks like a variable or a replacement is put in as it is', () => {
    const [mail] = mailsOf(eventOf({ headline: '<show> $& $1' }));
    expect(mail?.text.split('\n')[0]).toBe('"Medium: <show> $& $1."');
  });
});

describe('the rule', () => {
  const rule = { ...findingMail, template: findingMailTemplate('https://example.com/') };
  test('the rule of the contract is one that EventBridge takes', () => {
    expect(() => requireRule(rule)).not.toThrow();
    expect(findingMail.lines.every((line) => !/["\\\n]/.test(line))).toBe(true);
  });

  test.each<[string, object, string]>([
    ['an unknown variable', { template: '"<nobody>"' }, 'no variable'],
    ['a line without quotes', { template: '"<uid>"\nplain' }, 'double quotes'],
    ['a template that is too long', { template: `"${'x'.repeat(8191)}"` }, '8192'],
    ['a path in brackets', { paths: { uid: "$['detail']" } }, 'dot notation'],
    ['a name of AWS', { paths: { 'aws.x': '$.detail' }, template: '"x"' }, 'dot notation'],
    ['a pattern with a prefix', { pattern: { source: [{ prefix: 'otp' }] } }, 'exact values'],
    ['a pattern with a plain value', { pattern: { source: 'otp' } }, 'no list'],
    [
      'too many variables',
      { paths: Object.fromEntries([...Array(101).keys()].map((nth) => [`v${nth}`, '$.a'])) },
      '100',
    ],
  ])('a rule with %s is refused', (_, change, why) => {
    expect(() => requireRule({ ...rule, ...change })).toThrow(why);
  });

  test('a pattern takes a list that has one of its values, and nothing that is inherited', () => {
    expect(isMatch({ a: ['x'] }, { a: ['y', 'x'] })).toBe(true);
    expect(isMatch({ a: { b: ['x'] } }, { a: 'x' })).toBe(false);
    expect(isMatch({ constructor: { name: ['Object'] } }, {})).toBe(false);
  });

  test('a value that is no text comes as JSON', () => {
    expect(textOf({ paths: { n: '$.n', o: '$.o' }, template: '"<n> <o>"' }, { n: 1, o: { a: 'b' } })).toBe(
      '"1 {"a":"b"}"',
    );
  });
});
