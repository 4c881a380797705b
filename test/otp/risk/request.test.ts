import { describe, expect, test } from 'vitest';
import { dayOf } from '../../../lambdas/otp/limits/caps.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import type { RiskAnswer, UnknownReason } from '../../../lambdas/otp/risk/ports.ts';
import { type FailMode, failModes, type RiskOutcome, type RiskRule, riskOutcomes } from '../../../lambdas/policy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { riskPolicy } from '../../fakes/sending/operator.ts';
import { phone, type World, world } from '../../fakes/world.ts';

const provider = 'operator-in';
const clean: RiskAnswer = { kind: 'clean', provider };
const swappedAtMs = Date.UTC(2026, 10, 21, 11);
const swapped: RiskAnswer = { kind: 'swapped', provider, swappedAtMs };
const unknown = (reason: UnknownReason): RiskAnswer => ({ kind: 'unknown', provider, reason });

const lowVolume = { verifications: 0, unverifiedSendsPerDay: 0 };
const minding = (rule: RiskRule, more: Parameters<typeof world>[0] = {}) =>
  world({ numberRisk: riskPolicy(rule), lowVolume, ...more });
const refusing = (more: Parameters<typeof world>[0] = {}) => minding({ ifSwapped: 'refuse', failMode: 'closed' }, more);

const spent = ({ ledger, state }: World) => ledger.counts.get(`spent total ${dayOf(state.nowMs)}`) ?? 0;
const keyOf = (here: World) => here.pseudonyms.phoneKey(phone());
const records = (here: World) => [...here.ledger.records.values()];
const sendsOf = (here: World) => here.ledger.guardOf(keyOf(here)).sends.length;

/** Sources of the same fact: the provider, an answer that was kept, and a notice of staff. */
const sources = {
  fresh: (here: World) => here.operator.says(swapped),
  kept: (here: World) =>
    void here.ledger.sims.set(keyOf(here), { answer: swapped, askedAtMs: here.state.nowMs - 599_999 }),
  notice: (here: World) =>
    void here.ledger.notices.set(keyOf(here), {
      notedAtMs: here.state.nowMs - 1000,
      portedAtMs: swappedAtMs,
      untilMs: here.state.nowMs + 1,
      by: 'someone',
      reason: 'The carrier says so.',
    }),
} as const;
type Source = keyof typeof sources;
const each = Object.keys(sources) as Source[];
const cases = each.flatMap((source) =>
  riskOutcomes.flatMap((ifSwapped) => failModes.map((failMode) => [source, ifSwapped, failMode] as const)),
);
const riskOf = (source: Source) => (source === 'notice' ? 'ported' : 'swapped');
const limitOf = (source: Source) => (source === 'notice' ? 'port-notice' : 'sim-swap');

describe('a number whose SIM was swapped', () => {
  test.each(cases)('a fact that is %s leads to %s, whatever %s says', async (source, ifSwapped, failMode) => {
    const here = minding({ ifSwapped, failMode });
    sources[source](here);
    const outcome = await here.request();
    expect(here.operator.asked).toHaveLength(source === 'fresh' ? 1 : 0);
    const [record] = records(here);
    if (ifSwapped === 'refuse') {
      expect(outcome).toMatchObject({ kind: 'at-risk', limit: limitOf(source) });
      expect(here.inbox).toEqual([]);
      expect(record?.ended).toBe('failed');
      expect(here.ledger.refusals).toMatchObject([{ reason: 'number-at-risk', limit: limitOf(source) }]);
      return;
    }
    const stepUp = ifSwapped === 'step-up' ? true : undefined;
    expect(outcome).toMatchObject({ kind: 'created' });
    expect(outcome.kind === 'created' && outcome.view.stepUp).toBe(stepUp);
    expect(here.inbox).toHaveLength(1);
    expect(record).toMatchObject({ risk: riskOf(source), swappedAtMs });
    expect(record?.stepUp).toBe(stepUp);
    expect(here.ledger.refusals).toEqual([]);
  });

  test.each(each)('a refusal counts for the number and the IP, so that a repeat learns nothing: %s', async (source) => {
    const here = refusing();
    sources[source](here);
    const first = await here.request();
    const second = await here.request();
    expect([first.kind, second.kind]).toEqual(['at-risk', 'too-soon']);
    expect(sendsOf(here)).toBe(1);
    expect(here.operator.asked.length).toBeLessThanOrEqual(1);
    const tat = here.ledger.counts.get(`tat ${here.pseudonyms.ipKey('192.0.2.1')}`) ?? 0;
    expect(tat).toBeGreaterThan(here.state.nowMs);
  });

  test.each(each)(
    'a refusal frees its idempotency key, and the repeat meets the limits of the number: %s',
    async (source) => {
      const here = refusing();
      sources[source](here);
      const idempotencyKey = 'a key of its own';
      const kinds = [await here.request({ idempotencyKey }), await here.request({ idempotencyKey })];
      expect(kinds.map(({ kind }) => kind)).toEqual(['at-risk', 'too-soon']);
    },
  );

  test('a refusal is noted after a flood of others from its IP, so that no thief hides the finding', async () => {
    const here = refusing();
    await here.request();
    for (let nth = 0; nth < 20; nth += 1) expect(await here.request()).toMatchObject({ kind: 'too-soon' });
    expect(here.ledger.refusals).toHaveLength(10);
    here.pass(31);
    here.ledger.sims.clear();
    here.operator.says(swapped);
    expect(await here.request()).toMatchObject({ kind: 'at-risk' });
    expect(here.ledger.refusals.at(-1)).toMatchObject({ reason: 'number-at-risk', limit: 'sim-swap' });
  });

  test('a swap without a time is one within the hours of the settings', async () => {
    const here = minding({ ifSwapped: 'allow', failMode: 'open' });
    here.operator.says({ kind: 'swapped', provider });
    await here.request();
    expect(records(here)).toMatchObject([{ risk: 'swapped', swappedWithinHours: 240 }]);
    expect(records(here)[0]).not.toHaveProperty('swappedAtMs', expect.anything());
  });

  test('a notice without a time of porting counts from when it was noted, and ends by itself', async () => {
    const here = minding({ ifSwapped: 'allow', failMode: 'open' });
    const { nowMs } = here.state;
    const notice = { notedAtMs: nowMs - 5000, untilMs: nowMs + 60_000, by: 'someone', reason: 'The carrier says so.' };
    here.ledger.notices.set(keyOf(here), notice);
    await here.request();
    expect(records(here)).toMatchObject([{ risk: 'ported', swappedAtMs: nowMs - 5000 }]);
    here.pass(60);
    await here.request();
    expect(records(here).at(-1)).toMatchObject({ risk: 'checked' });
  });

  test('a notice outranks a provider that knows of no swap, and no look-up is paid for', async () => {
    const here = refusing();
    here.ledger.sims.set(keyOf(here), { answer: clean, askedAtMs: here.state.nowMs });
    sources.notice(here);
    expect(await here.request()).toMatchObject({ kind: 'at-risk', limit: 'port-notice' });
    expect(here.operator.asked).toEqual([]);
  });
});

const unknowns = ['no-answer', 'throttled', 'unavailable', 'no-token', 'misconfigured', 'not-known'] as const;
const lasting: readonly UnknownReason[] = ['misconfigured', 'not-known'];
const matrix = unknowns.flatMap((reason) =>
  (['step-up', 'refuse'] as const satisfies readonly RiskOutcome[]).flatMap((ifSwapped) =>
    failModes.map((failMode) => [reason, ifSwapped, failMode] as const),
  ),
);

describe('a number of which nothing is known', () => {
  test.each(matrix)('a number is never taken for clean: %s, %s, %s', async (reason, ifSwapped, failMode: FailMode) => {
    const here = minding({ ifSwapped, failMode });
    here.operator.says(unknown(reason));
    const outcome = await here.request();
    const [record] = records(here);
    if (failMode === 'closed' && ifSwapped === 'refuse') {
      const kind = lasting.includes(reason) ? 'at-risk' : 'risk-unanswered';
      expect(outcome).toMatchObject({ kind, limit: 'risk-unknown' });
      expect(here.ledger.refusals).toMatchObject([{ reason: 'number-at-risk', limit: 'risk-unknown' }]);
      expect(here.inbox).toEqual([]);
      return;
    }
    expect(outcome.kind).toBe('created');
    expect(record?.risk).toBe('unknown');
    expect(record?.stepUp).toBe(failMode === 'closed' ? true : undefined);
  });

  test('a caller waits as long as the limits of the number ask, after an operator that did not answer', async () => {
    const here = refusing();
    here.operator.says(unknown('no-answer'));
    const outcome = await here.request();
    expect(outcome).toMatchObject({ kind: 'risk-unanswered', waitSeconds: 30 });
    here.operator.says(clean);
    here.pass(30);
    expect(await here.request()).toMatchObject({ kind: 'created' });
  });

  test('a country without a provider is unknown, and nobody is asked', async () => {
    const here = minding({ ifSwapped: 'refuse', failMode: 'open' });
    const american = parsePhone('+14155550123');
    if (american.kind !== 'phone') throw new Error(american.detail);
    expect(await here.request({ phone: american.phone })).toMatchObject({ kind: 'created' });
    expect(records(here)).toMatchObject([{ risk: 'unknown' }]);
    expect(here.operator.asked).toEqual([]);
    expect(here.ledger.calls).not.toContain('noteRisk');
  });
});

describe('a look-up', () => {
  test('a clean answer adds no trip: the read, the commit beside the counters, the send beside what is kept', async () => {
    const here = refusing();
    expect(await here.request()).toMatchObject({ kind: 'created' });
    expect([...here.ledger.calls].sort()).toEqual(['keepRisk', 'read', 'reserve', 'transact commit']);
    expect(records(here)).toMatchObject([{ risk: 'checked' }]);
  });

  test('a kept answer is asked for once within ten minutes, and again after them', async () => {
    const here = refusing({ sends: { ...world().rules.sends, cooldownSeconds: [1] } });
    await here.request();
    here.pass(599);
    await here.request();
    expect(here.operator.asked).toHaveLength(1);
    here.pass(2);
    await here.request();
    expect(here.operator.asked).toHaveLength(2);
  });

  test.each(unknowns)('an answer of %s is kept only if it lasts', async (reason) => {
    const here = minding({ ifSwapped: 'refuse', failMode: 'open' });
    here.operator.says(unknown(reason));
    await here.request();
    expect(here.ledger.sims.size).toBe(reason === 'not-known' ? 1 : 0);
  });

  test.each([
    ['a purpose that does not mind', { purpose: 'verify-number' }, {}],
    [
      'a test number',
      {},
      { testNumbers: [{ from: '+919876543210', to: '+919876543210', code: '123456', expiresAt: 2e9, uses: 9 }] },
    ],
  ])('%s has no look-up, and its record says nothing of a SIM', async (_, request, more) => {
    const here = refusing(more);
    here.operator.says(swapped);
    expect(await here.request(request)).toMatchObject({ kind: 'created' });
    expect(here.operator.asked).toEqual([]);
    expect(records(here)[0]).not.toHaveProperty('risk');
  });

  test('a request that a limit refuses makes no look-up', async () => {
    const here = refusing();
    await here.request();
    await here.request();
    const elsewhere = parsePhone('+4915112345678');
    if (elsewhere.kind !== 'phone') throw new Error(elsewhere.detail);
    await here.request({ phone: elsewhere.phone });
    expect(here.operator.asked).toHaveLength(1);
  });

  test('a repeat with its key makes no look-up, and has the same hint', async () => {
    const here = minding({ ifSwapped: 'step-up', failMode: 'open' });
    here.operator.says(swapped);
    const idempotencyKey = 'a key of its own';
    const first = await here.request({ idempotencyKey });
    const again = await here.request({ idempotencyKey });
    expect(again).toMatchObject({ kind: 'repeated', view: { stepUp: true } });
    expect(again.kind === 'repeated' && again.view.id).toBe(first.kind === 'created' && first.view.id);
    expect(here.operator.asked).toHaveLength(1);
  });

  test('one SMS goes out if many ask at once, and each look-up is paid for', async () => {
    const here = refusing();
    const outcomes = await inParallel(8, () => here.request());
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(here.inbox).toHaveLength(1);
    expect(spent(here)).toBe(20_000 + 10_000 * here.operator.asked.length);
  });

  test('no SMS goes out if many ask at once for a swapped SIM', async () => {
    const here = refusing();
    here.operator.says(swapped);
    const outcomes = await inParallel(8, () => here.request());
    expect(outcomes.filter(({ kind }) => kind === 'at-risk')).toHaveLength(1);
    expect(here.inbox).toEqual([]);
    expect(spent(here)).toBe(10_000 * here.operator.asked.length);
  });

  test('a missing adapter is no clean answer', async () => {
    const here = refusing();
    Reflect.deleteProperty(here.ports, 'numberRisk');
    expect(await here.request()).toMatchObject({ kind: 'at-risk', limit: 'risk-unknown' });
  });
});

describe('the price of a look-up', () => {
  const capped = (hourUsd: number) => refusing({ caps: { hourUsd, dayUsd: 100 } });

  test('a cap counts it beside the SMS, and refuses for it', async () => {
    const roomy = capped(0.0375);
    expect(await roomy.request()).toMatchObject({ kind: 'created' });
    expect(spent(roomy)).toBe(30_000);
    const tight = capped(0.0374);
    expect(await tight.request()).toMatchObject({ kind: 'cap-reached' });
    expect(tight.operator.asked).toEqual([]);
    expect(spent(tight)).toBe(0);
  });

  test('nothing is counted for an answer that was kept', async () => {
    const here = minding({ ifSwapped: 'allow', failMode: 'open' });
    sources.kept(here);
    await here.request();
    expect(spent(here)).toBe(20_000);
  });

  test('it stays counted after a refusal, and the price of the SMS does not', async () => {
    const here = refusing();
    here.operator.says(swapped);
    await here.request();
    expect(spent(here)).toBe(10_000);
  });

  test('it stays counted after an SMS that surely failed', async () => {
    const here = refusing();
    here.state.network.push({ kind: 'rejected', reason: 'throttled' }, { kind: 'rejected', reason: 'throttled' });
    expect(await here.request()).toMatchObject({ kind: 'not-sent' });
    expect(spent(here)).toBe(10_000);
    expect(sendsOf(here)).toBe(0);
  });
});

describe('a record that has to be corrected', () => {
  const stepUp = () => {
    const here = minding({ ifSwapped: 'step-up', failMode: 'open' });
    here.operator.says(swapped);
    return here;
  };
  /** read, commit, reserve, and then either of the note and what is kept. */
  const noteAt = async () => {
    const here = stepUp();
    await here.request();
    return here.ledger.calls.indexOf('noteRisk');
  };

  test('it is corrected before the message is handed over', async () => {
    const here = stepUp();
    const atSend: unknown[] = [];
    const { send } = here.ports.sender;
    here.ports.sender.send = async (sms) => {
      atSend.push(...records(here).map(({ stepUp: wanted, risk }) => ({ wanted, risk })));
      return send(sms);
    };
    await here.request();
    expect(atSend).toEqual([{ wanted: true, risk: 'swapped' }]);
  });

  test.each(['unavailable', 'lost'] as const)(
    'nothing is sent if the correction is %s, and nothing counts',
    async (fault) => {
      const here = stepUp();
      here.ledger.failAt(await noteAt(), fault);
      await expect(here.request()).rejects.toThrow('noteRisk');
      expect(here.inbox).toEqual([]);
      expect(records(here)).toMatchObject([{ ended: 'failed' }]);
      expect([sendsOf(here), spent(here)]).toEqual([0, 10_000]);
    },
  );

  test('a crash between the look-up and the send leaves no code that says too much', async () => {
    const here = stepUp();
    here.ledger.failAt(await noteAt(), 'unavailable', true);
    await expect(here.request()).rejects.toThrow('noteRisk');
    expect(here.inbox).toEqual([]);
    expect(here.noted).toContain('roll-back');
  });

  test('nothing is sent if the record ended meanwhile', async () => {
    const here = stepUp();
    const { noteRisk } = here.ledger;
    Object.assign(here.ledger, {
      noteRisk: async (...note: Parameters<typeof noteRisk>) => {
        for (const { key } of records(here)) here.ledger.change(key, { ended: 'canceled' });
        return noteRisk(...note);
      },
    });
    await expect(here.request()).rejects.toThrow('DynamoDB UpdateItem');
    expect(here.inbox).toEqual([]);
  });

  test('a kept answer that could not be written takes nothing from the caller', async () => {
    const here = refusing();
    await here.request();
    const at = here.ledger.calls.indexOf('keepRisk');
    const other = refusing();
    other.ledger.failAt(at, 'unavailable');
    expect(await other.request()).toMatchObject({ kind: 'created' });
    expect(other.noted).toEqual(['keep-risk']);
    expect(other.ledger.records.has(recordKey('app', 'nobody'))).toBe(false);
  });
});

describe('a request that died before its answer', () => {
  const idempotencyKey = 'a key of its own';
  /** The commit holds, and nothing after it. */
  const died = async (rule: RiskRule) => {
    const here = minding(rule);
    here.operator.says(unknown('unavailable'));
    const first = here.request({ idempotencyKey });
    await first.catch(() => undefined);
    for (const { key } of records(here))
      here.ledger.change(key, { risk: 'checked', stepUp: undefined, ended: undefined });
    for (const [key, item] of here.ledger.idempotencies)
      here.ledger.idempotencies.set(key, { ...item, isSettled: false });
    here.pass(31);
    return here;
  };

  test.each<[RiskRule, true | undefined]>([
    [{ ifSwapped: 'step-up', failMode: 'open' }, undefined],
    [{ ifSwapped: 'step-up', failMode: 'closed' }, true],
  ])('its record says unknown before a repeat hands out its id: %o', async (rule, stepUp) => {
    const here = await died(rule);
    const again = await here.request({ idempotencyKey });
    expect(again).toMatchObject({ kind: 'repeated', view: { delivery: 'unconfirmed' } });
    expect(again.kind === 'repeated' && again.view.stepUp).toBe(stepUp);
    expect(records(here)).toMatchObject([{ risk: 'unknown', stepUp }]);
    here.pass(30);
    expect(await here.resend({ id: again.kind === 'repeated' ? again.view.id : '' })).toMatchObject({ kind: 'resent' });
  });

  test('its record says what was kept of the operator', async () => {
    const here = await died({ ifSwapped: 'step-up', failMode: 'open' });
    sources.kept(here);
    await here.request({ idempotencyKey });
    expect(records(here)).toMatchObject([{ risk: 'swapped', stepUp: true, swappedAtMs }]);
  });

  test('its id stays unknown if the record cannot be corrected', async () => {
    const here = await died({ ifSwapped: 'step-up', failMode: 'open' });
    here.ledger.failAt(here.ledger.calls.length + 2, 'unavailable');
    await expect(here.request({ idempotencyKey })).rejects.toThrow('noteRisk');
  });
});
