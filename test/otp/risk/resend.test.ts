import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../../lambdas/otp/number/secret.ts';
import type { RiskAnswer } from '../../../lambdas/otp/risk/ports.ts';
import type { RiskOutcome } from '../../../lambdas/policy.ts';
import { riskPolicy } from '../../fakes/sending/operator.ts';
import { phone, requested, type World, world } from '../../fakes/world.ts';

const provider = 'operator-in';
const swapped: RiskAnswer = { kind: 'swapped', provider };
const lowVolume = { verifications: 0, unverifiedSendsPerDay: 0 };
const minding = (ifSwapped: RiskOutcome) =>
  world({ numberRisk: riskPolicy({ ifSwapped, failMode: 'open' }), lowVolume });
const recordOf = (here: World, id: string) => here.ledger.records.get(recordKey('app', id));
const claimsOf = async (here: World, id: string) => {
  const outcome = await here.check({ id, code: secret(here.lastCode()), application: 'app' });
  if (outcome.kind !== 'approved') throw new Error(`expected a proof, got ${outcome.kind}`);
  return { claims: decodeJwt(outcome.proof), stepUp: outcome.stepUp };
};

const arrivals = {
  'a notice': (here: World) => {
    const { nowMs } = here.state;
    const notice = { notedAtMs: nowMs, portedAtMs: nowMs - 3_600_000, untilMs: nowMs + 864e5, by: 'x', reason: 'y' };
    here.ledger.notices.set(here.pseudonyms.phoneKey(phone()), notice);
  },
  'a swap that another request looked up': (here: World) =>
    void here.ledger.sims.set(here.pseudonyms.phoneKey(phone()), { answer: swapped, askedAtMs: here.state.nowMs }),
} as const;
const each = Object.keys(arrivals) as (keyof typeof arrivals)[];

describe('a resend after the SIM came to be known as swapped', () => {
  test.each(each)('%s ends in a refusal, and the code that is out is no whole proof any more', async (what) => {
    const here = minding('refuse');
    const { id, code } = await requested(here);
    arrivals[what](here);
    here.pass(30);
    expect(await here.resend({ id })).toMatchObject({ kind: 'at-risk' });
    expect(here.inbox).toHaveLength(1);
    expect(here.lastCode()).toBe(code);
    expect(here.ledger.refusals).toMatchObject([{ reason: 'number-at-risk' }]);
    const { claims, stepUp } = await claimsOf(here, id);
    expect([claims['phone_number_verified'], stepUp]).toEqual([false, true]);
  });

  test.each(each)('%s is noted in the write that replaces the code', async (what) => {
    const here = minding('step-up');
    const { id } = await requested(here);
    arrivals[what](here);
    here.pass(30);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent', view: { stepUp: true } });
    expect(here.ledger.calls).not.toContain('noteRisk');
    expect(recordOf(here, id)).toMatchObject({ stepUp: true });
    expect(await here.find(id)).toMatchObject({ stepUp: true });
  });

  test('a record stays marked if the message surely failed', async () => {
    const here = minding('step-up');
    const { id } = await requested(here);
    arrivals['a notice'](here);
    here.pass(30);
    here.state.network.push({ kind: 'rejected', reason: 'throttled' }, { kind: 'rejected', reason: 'throttled' });
    expect(await here.resend({ id })).toMatchObject({ kind: 'not-sent' });
    expect(recordOf(here, id)).toMatchObject({ risk: 'ported', stepUp: true });
  });

  test('a mark stays when the notice has ended', async () => {
    const here = minding('step-up');
    here.operator.says(swapped);
    const { id } = await requested(here);
    here.ledger.sims.clear();
    here.pass(30);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent', view: { stepUp: true } });
  });

  test('no resend asks a provider', async () => {
    const here = minding('refuse');
    const { id } = await requested(here);
    here.ledger.sims.clear();
    here.pass(30);
    here.operator.says(swapped);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
    expect(here.operator.asked).toHaveLength(1);
  });

  test('a purpose that does not mind reads nothing of a SIM', async () => {
    const here = minding('refuse');
    const { id } = await requested(here, { purpose: 'verify-number' });
    arrivals['a notice'](here);
    here.pass(30);
    expect(await here.resend({ id })).toMatchObject({ kind: 'resent' });
  });

  test.each(each)('%s changes no proof of a code that was typed in meanwhile', async (what) => {
    const here = minding('refuse');
    const { id } = await requested(here);
    const check = () =>
      here.check({ id, code: secret(here.lastCode()), application: 'app', idempotencyKey: 'a key of its own' });
    arrivals[what](here);
    here.pass(30);
    const { readFacts } = here.ledger;
    const proofs: unknown[] = [];
    const readThenCheck: typeof readFacts = async (...read) => {
      const facts = await readFacts(...read);
      proofs.push(await check());
      return facts;
    };
    Object.assign(here.ledger, { readFacts: readThenCheck });
    expect(await here.resend({ id })).toMatchObject({ kind: 'at-risk' });
    expect(proofs).toMatchObject([{ kind: 'approved', stepUp: false }]);
    expect(await check()).toEqual(proofs[0]);
  });

  test('a limit answers first, so that it says nothing of the SIM', async () => {
    const here = minding('refuse');
    const { id } = await requested(here);
    arrivals['a notice'](here);
    expect(await here.resend({ id })).toMatchObject({ kind: 'too-soon' });
    expect(recordOf(here, id)).not.toHaveProperty('stepUp');
  });
});

describe('a refused request whose record did not end', () => {
  const idempotencyKey = 'a key of its own';
  /** The repeat hands out the id of a record that is open, and the fact is kept no more. */
  const leftOpen = async (arm: (here: World) => void) => {
    const here = world({ numberRisk: riskPolicy({ ifSwapped: 'refuse', failMode: 'closed' }), lowVolume });
    arm(here);
    const { endAsFailed } = here.ledger;
    Object.assign(here.ledger, { endAsFailed: () => Promise.reject(new Error('endAsFailed')) });
    const first = await here.request({ idempotencyKey });
    expect(['at-risk', 'risk-unanswered']).toContain(first.kind);
    expect(here.noted).toContain('end-as-failed');
    Object.assign(here.ledger, { endAsFailed });
    here.pass(31);
    const again = await here.request({ idempotencyKey });
    here.ledger.notices.clear();
    here.ledger.sims.clear();
    here.operator.says({ kind: 'clean', provider });
    here.pass(31);
    return { here, id: again.kind === 'repeated' ? again.view.id : '' };
  };

  test.each<[string, (here: World) => void]>([
    ['a notice', arrivals['a notice']],
    ['a swap that was kept', arrivals['a swap that another request looked up']],
    ['a swap that it looked up', (here) => here.operator.says(swapped)],
    ['no answer', (here) => here.operator.says({ kind: 'unknown', provider, reason: 'no-answer' })],
    ['an unknown number', (here) => here.operator.says({ kind: 'unknown', provider, reason: 'not-known' })],
  ])('no resend sends a code by it after %s', async (_, arm) => {
    const { here, id } = await leftOpen(arm);
    expect(await here.resend({ id })).toMatchObject({ kind: 'at-risk' });
    expect(here.inbox).toEqual([]);
    expect(recordOf(here, id)).toMatchObject({ stepUp: true });
  });
});

describe('a proof', () => {
  const day = Date.UTC(2026, 10, 20);
  test.each<[string, RiskAnswer, RiskOutcome, Record<string, unknown>]>([
    ['no swap', { kind: 'clean', provider }, 'refuse', { phone_number_verified: true, risk: 'checked' }],
    [
      'a swap that is allowed',
      { kind: 'swapped', provider, swappedAtMs: day + 999 },
      'allow',
      { phone_number_verified: true, risk: 'checked', sim_swapped_at: day / 1000 },
    ],
    [
      'a swap without a time',
      swapped,
      'step-up',
      { phone_number_verified: false, risk: 'checked', sim_swapped_within: 240 },
    ],
    [
      'nothing that is known',
      { kind: 'unknown', provider, reason: 'no-answer' },
      'step-up',
      { phone_number_verified: true, risk: 'unknown' },
    ],
  ])('it says of %s what was known', async (_, answer, ifSwapped, claims) => {
    const here = minding(ifSwapped);
    here.operator.says(answer);
    const { id } = await requested(here);
    const proof = (await claimsOf(here, id)).claims;
    expect(proof).toMatchObject(claims);
    const all = ['risk', 'sim_swapped_at', 'sim_swapped_within'];
    for (const name of all) expect(name in proof).toBe(name in claims);
  });

  test('a purpose that does not mind has a proof that says nothing of a SIM', async () => {
    const here = minding('refuse');
    const { id } = await requested(here, { purpose: 'verify-number' });
    const { claims } = await claimsOf(here, id);
    expect(claims['phone_number_verified']).toBe(true);
    expect(claims).not.toHaveProperty('risk');
  });
});
