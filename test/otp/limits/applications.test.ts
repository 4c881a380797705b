import { expect, test } from 'vitest';
import { dayOf, hourOf, microUsd } from '../../../lambdas/otp/limits/caps.ts';
import type { SendRequest } from '../../../lambdas/otp/request/context.ts';
import { requestVerification } from '../../../lambdas/otp/request.ts';
import { resendVerification } from '../../../lambdas/otp/resend.ts';
import { type Policy, policyFor } from '../../../lambdas/policy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { phone, world } from '../../fakes/world.ts';

const policy: Policy = {
  ...samplePolicy,
  lowVolume: { verifications: 0, unverifiedSendsPerDay: 0 },
  applications: {
    // Ten SMS to India an hour at 0.02 USD, of which anyone gets eight, and fifteen a day.
    shop: { kind: 'public', caps: { hourUsd: 0.2, dayUsd: 0.3 }, countries: ['IN'] },
    total: { kind: 'public', caps: { hourUsd: 0.2, dayUsd: 0.3 } },
    web: { kind: 'public', templates: [{ purpose: 'login', locale: 'en', text: 'Web says {{code}}' }] },
  },
};

/** One world, in which each application has its own flow, as an entrypoint makes it. */
const shared = () => {
  const here = world(policy);
  const of = (application: string) => policyFor(policy, application);
  let asked = 0;
  const request = (application: string, more: Partial<SendRequest> = {}) => {
    asked += 1;
    const number = phone(`+9198765${String(10_000 + asked)}`);
    const ip = `192.0.${asked >> 8}.${asked & 255}`;
    return requestVerification(
      here.ports,
      of(application),
    )({
      phone: number,
      purpose: 'login',
      ip,
      application,
      ...more,
    });
  };
  const resend = (application: string, id: string) =>
    resendVerification(here.ports, of(application))({ id, application });
  const spent = (by: string) => {
    const { nowMs } = here.state;
    const of = `spent ${by} ${dayOf(nowMs)}`;
    return { hour: here.ledger.counts.get(`${of} ${hourOf(nowMs)}`) ?? 0, day: here.ledger.counts.get(of) ?? 0 };
  };
  return { ...here, request, resend, spent };
};

const kinds = (outcomes: readonly { readonly kind: string }[]) => {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

test('an application sends to the last cent of its cap under 200 parallel requests, and another is not affected', async () => {
  const here = shared();
  const outcomes = await inParallel(200, () => here.request('shop'));
  expect(kinds(outcomes)).toEqual({ created: 8, 'cap-reached': 192 });
  expect(here.spent('application shop')).toEqual({ hour: microUsd(0.16), day: microUsd(0.16) });
  expect(here.spent('total')).toEqual(here.spent('application shop'));
  expect(await here.request('shop')).toMatchObject({ limit: 'cap-application', retryAfterSeconds: 3600 });
  expect(await here.request('web')).toMatchObject({ kind: 'created' });
});

test('the cap of an application starts anew with the hour, and that of its day at midnight', async () => {
  const here = shared();
  expect(kinds(await inParallel(20, () => here.request('shop')))).toEqual({ created: 8, 'cap-reached': 12 });
  here.pass(3600);
  // Four fifths of 0.30 USD are twelve SMS a day.
  expect(kinds(await inParallel(20, () => here.request('shop')))).toEqual({ created: 4, 'cap-reached': 16 });
  const untilMidnight = 86_400 - ((here.state.nowMs / 1000) % 86_400);
  expect(await here.request('shop')).toMatchObject({ limit: 'cap-application', retryAfterSeconds: untilMidnight });
  here.pass(untilMidnight - 1);
  expect(await here.request('shop')).toMatchObject({ kind: 'cap-reached' });
  here.pass(1);
  expect(await here.request('shop')).toMatchObject({ kind: 'created' });
});

test('a resend counts against the cap of its application', async () => {
  const here = shared();
  const first = await here.request('shop');
  if (first.kind !== 'created') throw new Error(first.kind);
  here.pass(31);
  expect(await here.resend('shop', first.view.id)).toMatchObject({ kind: 'resent' });
  expect(here.spent('application shop').hour).toBe(microUsd(0.04));
  await inParallel(6, () => here.request('shop'));
  here.pass(61);
  expect(await here.resend('shop', first.view.id)).toMatchObject({ kind: 'cap-reached', limit: 'cap-application' });
});

test('a send that surely failed is released from the cap of its application', async () => {
  const here = shared();
  const rejected = { kind: 'rejected', reason: 'unreachable' } as const;
  here.state.network.push(rejected, rejected);
  expect(await here.request('shop')).toMatchObject({ kind: 'not-sent' });
  expect(here.spent('application shop')).toEqual({ hour: 0, day: 0 });
  expect(kinds(await inParallel(20, () => here.request('shop')))).toEqual({ created: 8, 'cap-reached': 12 });
});

test('a refusal by the cap of an application takes nothing from the caps of all', async () => {
  const here = shared();
  await inParallel(60, () => here.request('shop'));
  expect(here.spent('total')).toEqual({ hour: microUsd(0.16), day: microUsd(0.16) });
  expect(here.spent('IN')).toEqual(here.spent('total'));
});

test('an application named total does not count for the caps of all', async () => {
  const here = shared();
  await here.request('total');
  await here.request('web');
  expect(here.spent('application total').hour).toBe(microUsd(0.02));
  expect(here.spent('total').hour).toBe(microUsd(0.04));
});

test('an application without caps has no counter of its own', async () => {
  const here = shared();
  await here.request('web');
  expect([...here.ledger.counts.keys()].filter((name) => name.startsWith('spent application'))).toEqual([]);
});

test('a country that an application does not list is refused as one that the deployment does not list', async () => {
  const here = shared();
  const american = { phone: phone('+12015550123') };
  expect(await here.request('shop', american)).toEqual({ kind: 'destination-not-allowed', reason: 'country' });
  expect(await here.request('shop', { phone: phone('+33612345678') })).toEqual(await here.request('shop', american));
  expect(await here.request('web', american)).toMatchObject({ kind: 'created' });
});

test('an application sends its own texts, and others those of all', async () => {
  const here = shared();
  await here.request('web');
  expect(here.inbox.at(-1)?.text).toMatch(/^Web says \d{6}$/);
  await here.request('total');
  expect(here.inbox.at(-1)?.text).toMatch(/^Acme: \d{6} logs you in/);
});

test('the caps of an application stand beside the caps of all, and replace none', () => {
  const own = policyFor(policy, 'shop');
  expect(own.caps).toEqual(policy.caps);
  expect(own.ownCaps).toEqual({ hourUsd: 0.2, dayUsd: 0.3 });
  expect(Object.keys(own.countries)).toEqual(['IN']);
  expect(policyFor(policy, 'web').ownCaps).toBeUndefined();
  expect(policyFor(policy, 'web').countries).toEqual(policy.countries);
});
