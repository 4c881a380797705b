import { describe, expect, test } from 'vitest';
import { stopEventOf } from '../../../lambdas/bursts/stop-event.ts';
import { findingMail, findingMailTemplate, localStackName, stopEvents } from '../../../lambdas/contract.ts';
import { type Stop, type StopWhat, unreadableStop } from '../../../lambdas/otp/limits/stops.ts';
import { createMails } from '../../../local/mails/mails.ts';
import { textOf } from '../../../local/mails/rule.ts';
import { sampleDeployment } from '../../fakes/bursts/deployment.ts';

const nowMs = Date.UTC(2026, 10, 29, 3, 10);
const by = 'arn:aws:sts::111122223333:assumed-role/Analyst/alice';
const stopOf = (what: StopWhat, hoursAgo = 2, reason = 'A leaked key'): Stop => ({
  what,
  atMs: nowMs - hoursAgo * 3_600_000,
  by,
  reason,
});
const eventOf = (...stops: readonly Stop[]) => stopEventOf({ stops, atMs: nowMs }, sampleDeployment);
const mailOf = (...stops: readonly Stop[]): string =>
  textOf(
    { paths: findingMail.paths, template: findingMailTemplate('https://example.com/') },
    { detail: eventOf(...stops) },
  );
const india: StopWhat = { kind: 'country', country: 'IN' };
const web: StopWhat = { kind: 'application', application: 'web' };

describe('the mail of a stop', () => {
  test('the mail says what is stopped, since when, by whom, why, and by which command it ends', () => {
    expect(mailOf(stopOf(india)).split('\n')).toEqual([
      '"Critical: Nobody gets a code for India (IN): staff have stopped these SMS."',
      `"Stopped at 2026-11-29 01:10 UTC, 2 hours ago, by ${by}. The reason: A leaked key."`,
      '"Requests and resends are refused there, those of trusted numbers too. Codes that are out can be entered. The dashboard counts what is refused."',
      '"It does not end by itself. This mail comes each hour, until somebody resumes."',
      '"If the reason is gone, send again, from the next request on: otp-desk --stack OtpService resume country IN --reason WHY"',
      '"If you do not know why it was done, see who did what: otp-desk --stack OtpService actions --since 24h"',
      '"If the reason holds, leave it, and tell those who wait for codes. See what else is wrong: otp-desk --stack OtpService status"',
      '"See it: otp-desk --stack OtpService status"',
      '"Lift it: otp-desk --stack OtpService resume country IN --reason WHY"',
      '"Runbook: https://example.com/runbook#sendingstopped"',
      '"Dashboard: https://example.com/"',
    ]);
  });

  test('a stop of all says so, and comes before the others', () => {
    const [first, second, , , resume] = mailOf(stopOf(web, 5, 'Its key leaked.'), stopOf({ kind: 'all' }, 1)).split(
      '\n',
    );
    expect(first).toBe('"Critical: Nobody gets a code: staff have stopped all SMS."');
    expect(second).toBe(
      `"All SMS: stopped at 2026-11-29 02:10 UTC, 60 minutes ago, by ${by}. The reason: A leaked key. ` +
        `The application web: stopped at 2026-11-28 22:10 UTC, 5 hours ago, by ${by}. The reason: Its key leaked."`,
    );
    expect(resume).toMatch(
      /: otp-desk --stack OtpService resume all --reason WHY; otp-desk .* resume application web --reason WHY"$/,
    );
  });

  test.each([
    [2, 'for India (IN) and the application web: staff'],
    [3, 'for India (IN), the application web and France (FR): staff'],
    [4, 'for India (IN), the application web, France (FR) and 1 more: staff'],
    [5, 'for India (IN), the application web, France (FR) and 2 more: staff'],
  ])('a mail of %i stops names three of them at most, counts the others, and says how to see them', (count, words) => {
    const places: readonly StopWhat[] = [
      india,
      web,
      ...['FR', 'GB', 'US'].map((country) => ({ kind: 'country', country }) as const),
    ];
    const stops = places.slice(0, count).map((what, nth) => stopOf(what, 9 - nth));
    const { unmapped, stops: listed } = eventOf(...stops.toReversed());
    expect(unmapped.headline).toContain(words);
    expect(unmapped.so_far.includes('2 other stops hold as well.')).toBe(count === 5);
    const resumes = unmapped.lift_command.split('; ');
    expect(resumes.filter((each) => each.includes(' resume '))).toHaveLength(Math.min(count, 3));
    expect(resumes.slice(3)).toEqual(count > 3 ? ['and others: otp-desk --stack OtpService status'] : []);
    expect(unmapped.if_legitimate.endsWith(unmapped.lift_command)).toBe(true);
    expect(listed).toHaveLength(count);
  });

  test('an item that cannot be read is a mail that says how to end it', () => {
    const { unmapped } = eventOf(unreadableStop, stopOf(india));
    expect(unmapped.headline).toBe(
      'Nobody gets a code: the record of what is stopped cannot be read, so that all SMS are',
    );
    expect(unmapped.so_far).toContain('Since when and by whom is not known.');
    expect(unmapped.lift_command).toBe(
      'otp-desk --stack OtpService resume all --reason WHY; otp-desk --stack OtpService resume country IN --reason WHY',
    );
  });

  test.each([
    [0, '1 second ago'],
    [1, '60 minutes ago'],
    [40, '40 hours ago'],
    [24 * 9, '9 days ago'],
  ])('a stop of %i hours ago began %s', (hours, ago) => {
    expect(eventOf(stopOf(india, hours)).unmapped.so_far).toContain(`, ${ago}, by`);
  });

  test('local mode has an option of its own in the commands', () => {
    const { unmapped } = stopEventOf(
      { stops: [stopOf(india)], atMs: nowMs },
      { ...sampleDeployment, stackName: localStackName },
    );
    expect(unmapped.lift_command).toBe('otp-desk --local resume country IN --reason WHY');
  });

  test.each([
    ['a quote', 'The "bill" explodes', "The 'bill' explodes"],
    ['a line break and an escape', 'one\n\u001b[31mtwo\u2028three', 'one  [31mtwo three'],
    ['a backslash', 'a\\nb', "a'nb"],
    ['text that turns around', 'a\u202eb', 'a b'],
    ['a variable of a rule', '<show> $& <aws.events.event>', '<show> $& <aws.events.event>'],
    ['an end of its own', 'It is over!', 'It is over'],
    ['a link', 'see https://evil.example/a', 'see https[:]//evil.example/a'],
    ['links and an invisible character', 'HTTP://a x://b :\u200b//c', 'HTTP[:]//a x[:]//b : //c'],
    ['a link that is one after its colon is', ':://a', ':[:]//a'],
  ])('a reason with %s breaks no line of the mail, and brings nothing in', (_, reason, shown) => {
    const mail = mailOf(stopOf(india, 2, reason));
    expect(mail.split('\n')).toHaveLength(findingMail.lines.length);
    expect(mail.split('\n')[1]).toBe(`"Stopped at 2026-11-29 01:10 UTC, 2 hours ago, by ${by}. The reason: ${shown}."`);
  });

  test('the rule of the mails takes the event, and each try to send one reminder has the same id', () => {
    const event = eventOf(stopOf(india));
    const mails = createMails('https://example.com/');
    mails.take({ id: 'e', bus: 'b', ...stopEvents, at: '2026-11-29T03:10:00.000Z', detail: { ...event } });
    expect(mails.list()).toHaveLength(1);
    expect(eventOf(stopOf(india)).metadata).toEqual(event.metadata);
  });

  test('an event of many stops with the longest reasons is one that EventBridge takes', () => {
    const stops = Array.from({ length: 250 }, (_, nth) =>
      stopOf({ kind: 'application', application: `app-${nth}` }, 1, 'ä'.repeat(200)),
    );
    expect(Buffer.byteLength(JSON.stringify(eventOf(...stops)))).toBeLessThan(240 * 1024);
  });
});
