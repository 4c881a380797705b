import { describe, expect, test } from 'vitest';
import deployed from '../../../bin/settings.ts';
import { cooldownLimit, hardLimit, notifyDayLimit, notifyLimit } from '../../../lambdas/policy.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import type { BundledPolicy } from '../../../local/bundled-policy.ts';
import { explain, type RefusedFacts } from '../../../local/refusals/explain.ts';
import { createRefusalLedger } from '../../../local/refusals/ledger.ts';

const policy: BundledPolicy = policyOf(parseSettings(deployed));
const nowMs = Date.parse('2026-11-29T08:00:00Z');
const facts = (more: Partial<RefusedFacts>): RefusedFacts => ({
  ...{ status: 429, code: 'too-many-requests', nowMs, retryAfterSeconds: 60, country: 'IN', limit: undefined },
  ...{ policy, blocks: [], keys: [{ application: 'default', value: 'local' }] },
  ...more,
});

const problem = (code: string, status = 429) => ({
  status,
  headers: { 'content-type': 'application/problem+json', 'retry-after': '60' },
  body: JSON.stringify({ code }),
});
const logged = (requestId: string, limit: string) => ({
  line: JSON.stringify({ level: 'INFO', message: 'answered', requestId, status: 429, limit, country: 'IN' }),
});
const ledgerOf = (logPatienceMs = 1000) =>
  createRefusalLedger({
    now: () => nowMs,
    logPatienceMs,
    explain: async ({ code }, { limit }) => (code === 'gone' ? undefined : { why: String(limit), untilMs: nowMs }),
  });

describe('the reason of a refusal', () => {
  test.each([
    [cooldownLimit, /30\D.*\(limit cooldown\)/, 'sends.cooldownSeconds'],
    [hardLimit, /30 SMS of 24 hours/, 'sends.maxIn24Hours'],
    [notifyLimit, /ten of its messages a day.*seven of them/, 'smsRoutes: another route takes over'],
    [notifyDayLimit, /200 messages a day.*last fifth/, 'smsRoutes: another route takes over'],
    ['phone-10m', /5 SMS within 600 seconds/, 'sends.windows'],
    ['phone-24h', /10 SMS within 86400 seconds/, 'sends.windows'],
    ['ip', /10 SMS within 600 seconds.*240 SMS within 600 seconds/, 'ips'],
    ['ip-countries', /3 countries today/, 'ips.countriesPerDay'],
    ['low-volume', /IN.*fewer than 100 verifications.*50 SMS a day/, 'lowVolume'],
    ['cap-country', /cap of IN.*\$10 an hour and \$50 a day/, 'countries.IN.caps'],
    ['cap-total', /\$20 an hour and \$100 a day/, 'caps'],
  ])('a refusal by %s has its numbers, its end, its setting and ways out', (limit, why, setting) => {
    const explained = explain(facts({ limit }));
    expect(explained?.why).toMatch(why);
    expect(explained?.untilMs).toBe(nowMs + 60_000);
    expect(explained?.lift).toContain(`The setting is ${setting}.`);
    for (const way of ['{"advanceSeconds": 60}', 'DELETE /_local/state', '--no-limits'])
      expect(explained?.lift).toContain(way);
  });

  test('a refusal by a block has its level, rule, start, end and reason', () => {
    const block = { level: 'range', of: '+9198765', untilMs: nowMs + 900_000, reason: 'Many ask.', author: 'staff' };
    const held = { ...block, isRestriction: true, rule: 'unverified-burst', sinceMs: nowMs - 1000 };
    const explained = explain(facts({ code: 'destination-suspended', limit: 'block-range', blocks: [held] }));
    expect(explained?.why).toBe(
      'A restriction on the range +9198765 holds numbers that have not verified lately (by staff, rule unverified-burst, since 2026-11-29T07:59:59Z). Many ask.',
    );
    expect(explained?.untilMs).toBe(nowMs + 900_000);
    expect(explained?.lift).toContain('bursts.levels.range');
  });

  test.each([
    ['stop-all', /^Staff have stopped all sending \(limit stop-all\)/],
    ['stop-application', /of this application/],
    ['stop-country', /sending to IN /],
    ['stop-unreadable', /cannot be read, which stops all sending/],
  ])('a refusal by a stop says that it holds until staff resume, and names no end: %s', (limit, why) => {
    const explained = explain(facts({ status: 503, code: 'sending-stopped', limit }));
    expect(explained?.why).toMatch(why);
    expect(explained).not.toHaveProperty('untilMs');
    expect(explained?.lift).toContain('otp-desk --local resume');
  });

  test('a keyed hash is not shown to a person', () => {
    const block = { level: 'ip', of: 'a'.repeat(43), untilMs: nowMs, reason: '', author: 'staff' };
    const blocks = [{ ...block, isRestriction: false, rule: undefined, sinceMs: undefined }];
    expect(explain(facts({ limit: 'block-ip', blocks }))?.why).toBe('A block holds this ip (by staff).');
  });

  test('a country that is not allowed is named with those that are', () => {
    const explained = explain(facts({ limit: 'destination-country', country: 'FR', status: 403 }));
    expect(explained?.why).toContain('The number is of FR. The settings have SMS to IN, US, GB');
    expect(explained?.lift).toContain('--allow-all-countries');
  });

  test.each(['unauthorized', 'forbidden'])('a refusal by %s names the keys that local mode has', (code) => {
    expect(explain(facts({ code, status: 403 }))?.lift).toContain('x-api-key: local (default, public)');
  });

  test('a refusal that explains itself has no reason beside it', () => {
    for (const code of ['invalid-request', 'code-expired', 'attempts-exhausted'])
      expect(explain(facts({ code, status: 400 }))).toBeUndefined();
  });
});

describe('the list of refusals', () => {
  test('the log of a function may come before the answer or after it', async () => {
    const ledger = ledgerOf();
    ledger.hear(logged('one', 'ip'));
    ledger.note('one', problem('too-many-requests'));
    ledger.note('two', problem('resend-too-soon'));
    ledger.hear(logged('two', 'cooldown'));
    expect((await ledger.list()).map(({ requestId, why }) => [requestId, why])).toEqual([
      ['two', 'cooldown'],
      ['one', 'ip'],
    ]);
    expect(await ledger.list('one')).toEqual([
      {
        at: '2026-11-29T08:00:00.000Z',
        requestId: 'one',
        status: 429,
        code: 'too-many-requests',
        why: 'ip',
        until: '2026-11-29T08:00:00Z',
      },
    ]);
    expect(await ledger.list('three')).toEqual([]);
  });

  test('a log that never comes holds the list up for a bounded time', async () => {
    const ledger = ledgerOf(20);
    ledger.note('one', problem('too-many-requests'));
    expect(await ledger.list()).toMatchObject([{ why: 'undefined' }]);
  });

  test('the list has the latest 200, and no answer that is none', async () => {
    const ledger = ledgerOf();
    for (let nth = 0; nth < 250; nth += 1) ledger.note(`n${nth}`, problem('unauthorized', 401));
    ledger.note('fine', { status: 200, headers: {}, body: '{}' });
    ledger.note('odd', { status: 500, headers: { 'content-type': 'application/problem+json' }, body: 'no JSON' });
    ledger.note('gone', problem('gone', 410));
    const list = await ledger.list();
    expect([list.length, list[0]?.requestId, list.at(-1)?.requestId]).toEqual([200, 'n249', 'n50']);
  });

  test('a refusal of before the list was emptied does not come back', async () => {
    const ledger = ledgerOf();
    ledger.note('one', problem('too-many-requests'));
    ledger.clear();
    ledger.hear(logged('one', 'ip'));
    expect(await ledger.list()).toEqual([]);
  });

  test('lines that are no logs of answers change nothing', async () => {
    const ledger = ledgerOf(10);
    for (const line of ['', '{', '"answered"', '{"message":"answered"}', 'null "answered"']) ledger.hear({ line });
    ledger.note('one', problem('too-many-requests'));
    expect(await ledger.list()).toHaveLength(1);
  });
});
