import { describe, expect, test } from 'vitest';
import { noReputation } from '../../../lambdas/otp/limits/reputation.ts';
import { type Stop, type StopWhat, stopFor, stopHitOf, unreadableStop } from '../../../lambdas/otp/limits/stops.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { phone, requested, type World, world } from '../../fakes/world.ts';
import { check } from '../resend/steps.ts';

const stopOf = (what: StopWhat): Stop => ({ what, atMs: 1, by: 'arn:aws:iam::1:role/analyst', reason: 'A leaked key' });
const all = stopOf({ kind: 'all' });
const ofApp = stopOf({ kind: 'application', application: 'app' });
const ofIndia = stopOf({ kind: 'country', country: 'IN' });

const idempotencyKey = 'request-0123456789-abcdef';
const stopped = (what: string) => ({ kind: 'stopped', limit: `stop-${what}`, retryAfterSeconds: 300 });
const kindsOf = (outcomes: readonly { readonly kind: string }[]) => outcomes.map(({ kind }) => kind);

describe('which stop holds for a send', () => {
  test.each([
    [[], 'app', 'IN', undefined],
    [[all], 'app', 'IN', all],
    [[ofApp], 'app', 'GB', ofApp],
    [[ofApp], 'backend', 'IN', undefined],
    [[ofIndia], 'backend', 'IN', ofIndia],
    [[ofIndia], 'app', 'GB', undefined],
    [[ofIndia, ofApp, all], 'app', 'IN', all],
    [[all, unreadableStop], 'app', 'IN', unreadableStop],
    // The name of a country may be the name of an application, and `all` that of either.
    [[stopOf({ kind: 'application', application: 'IN' })], 'app', 'IN', undefined],
    [[stopOf({ kind: 'country', country: 'AP' })], 'AP', 'IN', undefined],
    [[stopOf({ kind: 'application', application: 'all' })], 'app', 'IN', undefined],
  ])('a stop holds for what it names, and for nothing else: %#', (stops, application, country, expected) => {
    expect(stopFor(stops, application, country)).toBe(expected);
  });

  test('the log learns what kind of stop refused, and a caller learns no name', () => {
    const where = { application: 'app', country: 'IN' };
    expect(stopHitOf({ stops: [ofApp] }, where)).toEqual(stopped('application'));
    expect(stopHitOf({ stops: [ofIndia] }, where)).toEqual(stopped('country'));
    expect(stopHitOf({ stops: [unreadableStop] }, where)).toEqual(stopped('unreadable'));
    expect(stopHitOf({ stops: [] }, where)).toBeUndefined();
  });
});

/** All that a send could have left behind. */
const left = ({ ledger, inbox }: World) => ({
  sms: inbox.length,
  records: ledger.records.size,
  guards: [...ledger.guards],
  keys: ledger.idempotencies.size,
  counts: [...ledger.counts],
  refusals: ledger.refusals.length,
});

describe('a request while sending is stopped', () => {
  test('a stopped request sends, writes, counts and notes nothing, however often it comes', async () => {
    const here = world();
    await requested(here);
    const before = left(here);
    here.ledger.stops.push(all);
    const calls = here.ledger.calls.length;
    const outcomes = await inParallel(50, (index) => here.request({ phone: phone(`+9198765432${10 + index}`) }));
    expect(new Set(kindsOf(outcomes))).toEqual(new Set(['stopped']));
    expect(left(here)).toEqual(before);
    expect(new Set(here.ledger.calls.slice(calls))).toEqual(new Set(['read']));
  });

  test('a stop spares nobody: trusted numbers, pairs and trusted IPs neither', async () => {
    const here = world();
    const { nowMs } = here.state;
    const [phoneKey, network] = [
      here.pseudonyms.phoneKey(phone()),
      here.pseudonyms.networkKey('192.0.2.1').slice(0, 12),
    ];
    const pairs = [{ network, atMs: nowMs - 1 }];
    here.ledger.reputations.set(phoneKey, { ...noReputation, version: 1, verifiedAtMs: nowMs - 1, pairs });
    for (let nth = 0; nth < 30; nth += 1) here.ledger.verifiersOf(here.pseudonyms.ipKey('192.0.2.1')).add(`v${nth}`);
    expect(await here.request()).toMatchObject({ kind: 'created' });
    expect([...here.ledger.records.values()]).toMatchObject([{ trusted: true, trustedIp: true, pair: true }]);
    here.pass(600);
    here.ledger.stops.push(ofIndia);
    expect(await here.request()).toEqual(stopped('country'));
  });

  test('a stop of one application or one country leaves the others', async () => {
    const here = world();
    here.ledger.stops.push(ofApp);
    expect(await here.request()).toEqual(stopped('application'));
    expect(await here.request({ application: 'backend' })).toMatchObject({ kind: 'created' });
    const there = world();
    there.ledger.stops.push(ofIndia);
    expect(await there.request()).toEqual(stopped('country'));
    expect(await there.request({ phone: phone('+447400123456') })).toMatchObject({ kind: 'created' });
  });

  test('a stopped request uses up no idempotency key: the same request sends once staff resume', async () => {
    const here = world();
    here.ledger.stops.push(all);
    for (let nth = 0; nth < 3; nth += 1) expect(await here.request({ idempotencyKey })).toEqual(stopped('all'));
    here.ledger.stops.length = 0;
    const sent = await inParallel(5, () => here.request({ idempotencyKey }));
    expect(sent.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(here.inbox).toHaveLength(1);
  });

  test('a repeat of a request that was sent before the stop gets its answer, and sends nothing', async () => {
    const here = world();
    await here.request({ idempotencyKey });
    here.ledger.stops.push(all);
    expect(await here.request({ idempotencyKey })).toMatchObject({ kind: 'repeated' });
    expect(await here.request({ idempotencyKey: `${idempotencyKey}-2` })).toEqual(stopped('all'));
    expect(here.inbox).toHaveLength(1);
  });

  test('a stop is answered while KMS fails, and nothing is sent if the stops cannot be read', async () => {
    const here = world();
    here.ledger.stops.push(all);
    here.state.broken.add('GenerateMac').add('Encrypt');
    expect(await here.request()).toEqual(stopped('all'));
    here.state.broken.clear();
    here.ledger.stops.length = 0;
    here.ledger.failAt(here.ledger.calls.length, 'unavailable');
    await expect(here.request()).rejects.toThrow('did not answer');
    expect(here.inbox).toEqual([]);
    expect(left(here)).toMatchObject({ records: 0, keys: 0, refusals: 0 });
  });

  test('a test number passes a stop, because it gets no SMS', async () => {
    const entry = { from: '+12025550100', to: '+12025550109', code: '123456', expiresAt: 2_000_000_000, uses: 3 };
    const here = world({ testNumbers: [entry] });
    here.ledger.stops.push(all);
    const outcome = await here.request({ phone: phone('+12025550105') });
    expect(outcome).toMatchObject({ kind: 'created', test: true });
    expect(here.inbox).toEqual([]);
  });

  test('requests that have read before a stop send, and none that comes after it does', async () => {
    const here = world();
    const racing = inParallel(20, (index) => here.request({ phone: phone(`+9198765433${10 + index}`) }));
    here.ledger.stops.push(all);
    const before = kindsOf(await racing);
    const sent = here.inbox.length;
    expect(before.filter((kind) => kind === 'created')).toHaveLength(sent);
    const after = await inParallel(20, (index) => here.request({ phone: phone(`+9198765434${10 + index}`) }));
    expect(new Set(kindsOf(after))).toEqual(new Set(['stopped']));
    expect(here.inbox).toHaveLength(sent);
  });
});

describe('a verification that is open while sending is stopped', () => {
  const open = async (stop: Stop) => {
    const here = world();
    const asked = await requested(here);
    here.pass(31);
    here.ledger.stops.push(stop);
    return { here, ...asked };
  };

  test.each([
    ['all', all],
    ['application', ofApp],
    ['country', ofIndia],
    ['unreadable', unreadableStop],
  ])('a resend is stopped, replaces no code and uses up no key: %s', async (what, stop) => {
    const { here, id, code } = await open(stop);
    const [before, record] = [left(here), [...here.ledger.records.values()][0]];
    const outcomes = await inParallel(5, () => here.resend({ id, idempotencyKey }));
    expect(outcomes).toEqual(outcomes.map(() => stopped(what)));
    expect(left(here)).toEqual(before);
    expect([...here.ledger.records.values()]).toEqual([record]);
    here.ledger.stops.length = 0;
    expect(await here.resend({ id, idempotencyKey })).toMatchObject({ kind: 'resent' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'superseded' });
  });

  test('a repeat of a resend that was sent before the stop gets its answer', async () => {
    const here = world();
    const { id } = await requested(here);
    here.pass(31);
    await here.resend({ id, idempotencyKey });
    here.ledger.stops.push(all);
    expect(await here.resend({ id, idempotencyKey })).toMatchObject({ kind: 'repeated' });
    expect(here.inbox).toHaveLength(2);
  });

  test('a code that is out is checked, found and canceled as ever', async () => {
    const { here, id, code } = await open(all);
    expect(await here.find(id)).toMatchObject({ id, status: 'pending' });
    expect(await check(here, id, code)).toMatchObject({ kind: 'approved' });
    const second = await open(all);
    expect(await second.here.cancel(second.id)).toMatchObject({ kind: 'canceled' });
  });
});
