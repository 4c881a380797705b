import { describe, expect, test } from 'vitest';
import { inParallel } from '../../fakes/in-parallel.ts';
import { phone, requested, type World, world } from '../../fakes/world.ts';

const ip = '203.0.113.7';
const indian = (index: number) => phone(`+9198${String(10_000_000 + index)}`);

/** Asks again too soon, N times, one after the other. */
const askTooSoon = async (here: World, times: number, request = {}) => {
  const kinds = new Set<string>();
  for (let nth = 0; nth < times; nth += 1) kinds.add((await here.request({ ip, ...request })).kind);
  return [...kinds];
};
const noted = (here: World) => here.ledger.refusals.length;

describe('refused requests', () => {
  test('ten refusals of an IP are noted at once and then one a minute, and the answer is always the same', async () => {
    const here = world();
    await requested(here, { ip });
    expect(await askTooSoon(here, 29)).toEqual(['too-soon']);
    expect(noted(here)).toBe(10);
    const reads = here.ledger.calls.length;
    await askTooSoon(here, 1);
    expect(here.ledger.calls.slice(reads)).toEqual(['read']);
    for (let minute = 1; minute <= 5; minute += 1) {
      here.pass(60);
      await here.request({ ip });
      await askTooSoon(here, 20);
    }
    expect(noted(here)).toBe(15);
    here.pass(3600);
    await requested(here, { ip });
    await askTooSoon(here, 40);
    expect(noted(here)).toBe(25);
  });

  test('a flood from one IP refuses nobody behind it, and hides nobody elsewhere', async () => {
    const here = world();
    await requested(here, { ip });
    await askTooSoon(here, 100);
    expect(await here.request({ ip, phone: indian(1) })).toMatchObject({ kind: 'created' });
    await here.request({ ip: '203.0.113.8' });
    expect(noted(here)).toBe(11);
  });

  test('ten of 300 refusals in parallel are noted at most', async () => {
    const here = world();
    await requested(here, { ip });
    await inParallel(300, () => here.request({ ip }));
    expect(noted(here)).toBe(10);
  });

  test('destinations that get no SMS are noted at the same rate, and nothing is written beyond it', async () => {
    const here = world();
    const nowhere = { ip, phone: phone('+4915112345678') };
    for (let nth = 0; nth < 30; nth += 1) {
      expect(await here.request(nowhere)).toEqual({ kind: 'destination-not-allowed', reason: 'country' });
    }
    expect(noted(here)).toBe(10);
    const from = here.ledger.calls.length;
    await here.request(nowhere);
    expect(here.ledger.calls.slice(from)).toEqual(['readRefusedTatMs']);
  });

  test('refused resends are noted at the rate of the IP that asked for the verification', async () => {
    const here = world();
    const { id } = await requested(here, { ip });
    for (let nth = 0; nth < 30; nth += 1) expect(await here.resend({ id })).toMatchObject({ kind: 'too-soon' });
    expect(noted(here)).toBe(10);
    await askTooSoon(here, 3);
    expect(noted(here)).toBe(10);
  });

  test('refusals of an exempt back end are always noted, and take nothing from its IP', async () => {
    const here = world();
    const backend = { application: 'backend' };
    await requested(here, { ip });
    await askTooSoon(here, 30, backend);
    await here.request({ ...backend, ip, phone: phone('+4915112345678') });
    expect(noted(here)).toBe(31);
    await askTooSoon(here, 1);
    expect(noted(here)).toBe(32);
  });

  test.each([
    ['the rate', 1],
    ['the note', 2],
  ])('a refusal is answered all the same if %s cannot be written', async (_, call) => {
    const here = world();
    await requested(here, { ip });
    here.ledger.failAt(here.ledger.calls.length + call, 'unavailable');
    expect(await here.request({ ip })).toMatchObject({ kind: 'too-soon' });
    expect(here.noted).toEqual(['note-refusal']);
    expect(noted(here)).toBe(0);
  });

  test('a destination is refused all the same if the rate cannot be read', async () => {
    const here = world();
    here.ledger.failAt(0, 'unavailable');
    const outcome = await here.request({ ip, phone: phone('+4915112345678') });
    expect([outcome.kind, here.noted]).toEqual(['destination-not-allowed', ['note-refusal']]);
  });
});
