import { describe, expect, test } from 'vitest';
import { eventTypes, functionsOf } from '../../../lambdas/policy.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';
import { receiptsBySet } from '../template/variants.ts';
import { problemsAt } from './problems.ts';

const problems = problemsAt(new Date(0));
const secret = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:otp-webhook-AbCdEf';
const webhook = { application: 'default', url: 'https://shop.example.com/hooks/otp', secret };
const policyWith = (more: Partial<SettingsInput>) => policyOf(parseSettings({ ...minimalSettings, ...more }));
const problemsOf = (changes: object) => problems({ events: { webhooks: [{ ...webhook, ...changes }] } });

describe('events of the settings', () => {
  test('a policy says nothing of events unless the settings ask for them', () => {
    expect(policyWith({})).not.toHaveProperty('events');
    expect(functionsOf(policyWith({}))).not.toContain('publish-events');
  });

  test('all types that there can be are published by default, and webhooks get the same', () => {
    const policy = policyWith({ events: { webhooks: [webhook] } });
    const types = eventTypes.filter((type) => type !== 'verification.delivered');
    expect(policy.events).toEqual({ types, webhooks: [{ ...webhook, types }] });
    expect(functionsOf(policy)).toContain('publish-events');
    expect(policyWith({ ...receiptsBySet, events: {} }).events?.types).toEqual(eventTypes);
  });

  test.each([
    [['verification.sent'], /is not allowed.*verification\.requested.*example/],
    [['verification.approved', 'verification.approved'], /each once/],
    [[], /Types of events/],
    ['verification.approved', /a list/],
  ])('the types %j are refused with the types that there are', (types, says) => {
    expect(problems({ events: { types } })).toEqual([expect.stringMatching(says)]);
  });

  test('delivered events need receipts', () => {
    expect(problems({ events: { types: ['verification.delivered'] } })).toEqual([
      expect.stringContaining('events.types: Only a receipt says that a message arrived. Write receipts:'),
    ]);
    expect(problems({ ...receiptsBySet, events: { types: ['verification.delivered'] } })).toEqual([]);
  });

  test.each([
    'https://shop.example.com',
    'https://shop.example.com/',
    'https://shop.example.com/hooks/otp?from=otp',
    'https://xn--bcher-kva.example.com/hooks',
  ])('a webhook may be at %s', (url) => {
    expect(problemsOf({ url })).toEqual([]);
  });

  test.each([
    'http://shop.example.com/',
    'https://user:pass@shop.example.com/',
    'https://shop.example.com:8443/',
    'https://shop.example.com:443/',
    'https://shop.example.com/#part',
    'https://shop.example.com/#',
    'https://localhost/',
    'https://shop.localhost/',
    'https://printer.local/',
    'https://api.internal/',
    'https://metadata.google.internal/',
    'https://intranet/',
    'https://127.0.0.1/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://shop.example.com./',
    'https://shop..example.com/',
    'https://SHOP.example.com/',
    ' https://shop.example.com/',
    'https:/shop.example.com/',
    'https://shop.example.com\\@evil.example.com/',
    'https://shop.example.com/a/../b',
    'https://a_b.example.com/',
    'shop.example.com',
    '',
  ])('a webhook at %j is refused', (url) => {
    expect(problemsOf({ url })).toEqual([expect.stringMatching(/^events\.webhooks\.0\.url: .*public DNS name/)]);
  });

  test.each(['whsec_abc', 'arn:aws:s3:::bucket', 'arn:aws:secretsmanager:eu-central-1:1:secret:x-AbCdEf'])(
    'a secret %j is refused with the ARN that is meant',
    (wrong) => {
      expect(problemsOf({ secret: wrong })).toEqual([expect.stringMatching(/ARN of a secret.*example/)]);
    },
  );

  test('a webhook is of an application of the settings, which has one', () => {
    expect(problemsOf({ application: 'shop' })).toEqual([
      'events.webhooks.0.application: There is no application "shop". Write one of default.',
    ]);
    expect(problems({ events: { webhooks: [webhook, webhook] } })).toEqual([
      expect.stringMatching(/^events\.webhooks\.1\.application: "default" has a webhook already/),
    ]);
  });

  test('consumers at two URLs have no secret in common, by which one could sign for the other', () => {
    const applications = { shop: { kind: 'public' }, bank: { kind: 'public' } } as const;
    const sharing = (url: string) => ({
      applications,
      events: {
        webhooks: [
          { ...webhook, application: 'shop' },
          { ...webhook, application: 'bank', url },
        ],
      },
    });
    expect(problems(sharing('https://bank.example.com/hooks'))).toEqual([
      expect.stringMatching(/^events\.webhooks\.1\.secret: .*"shop".*one secret of its own/),
    ]);
    expect(problems(sharing(webhook.url))).toEqual([]);
  });

  test('a webhook gets no types that are not published', () => {
    const types = ['verification.approved', 'verification.failed'];
    expect(problems({ events: { types: ['verification.approved'], webhooks: [{ ...webhook, types }] } })).toEqual([
      expect.stringMatching(/^events\.webhooks\.0\.types: There are no events "verification\.failed"/),
    ]);
  });
});
