import { describe, expect, test } from 'vitest';
import { securityAttributes } from '../../../lambdas/aws/tables/security/attributes.ts';
import { ipSlotOf, networkSlotOf } from '../../../lambdas/bursts/counts/slots.ts';
import type { FoundItem } from '../../../lambdas/desk/exports/export.ts';
import { exportedAttributes, lineOf } from '../../../lambdas/desk/exports/lines.ts';
import { renameBy } from '../../../lambdas/desk/exports/pseudonyms.ts';

const [fromMs, toMs] = [Date.UTC(2026, 10, 29), Date.UTC(2026, 10, 30)];
const rename = renameBy(new Uint8Array(32));
const hash = 'A'.repeat(43);

const textOf = (item: FoundItem, by = rename): string => {
  const line = lineOf(item, { fromMs, toMs }, by);
  return 'text' in line ? line.text : line.kind;
};
const event = (attributes: object = {}): FoundItem => ({
  table: 'security',
  pk: `phone#${hash}`,
  sk: '2026-11-29T00:00:00.000Z#id',
  attributes: { at: fromMs, kind: 'started', ...attributes },
});
const finding = (attributes: object = {}): FoundItem => ({
  table: 'security',
  pk: 'finding',
  sk: 'uid',
  attributes: { of: 'IN', firstAt: fromMs, updatedAt: fromMs, finding: '{"message":"a sentence"}', ...attributes },
});

describe('what an export holds', () => {
  test('each attribute of an event is in the export, except the version and the turn in which it was counted', () => {
    const { times, renamed, plain } = exportedAttributes.event;
    const leftOut: readonly string[] = ['version', 'lane', 'turn'];
    expect([...times, ...renamed, ...plain].toSorted()).toEqual(
      securityAttributes.phone.filter((name) => !leftOut.includes(name)).toSorted(),
    );
  });

  test('each attribute of an action is in the export', () => {
    const { times, plain } = exportedAttributes.action;
    expect([...times, ...plain].toSorted()).toEqual([...securityAttributes.action].toSorted());
  });

  test('an attribute that nobody has listed stays behind', () => {
    expect(textOf(event({ phoneNumber: '+919876543210', code: '123456' }))).not.toMatch(/987|123456/);
    expect(textOf(finding({ secret: 'hidden' }))).not.toContain('hidden');
  });

  test('an event is within the time of the export from its first millisecond to the last before its end', () => {
    const kindAt = (at: number) => lineOf(event({ at }), { fromMs, toMs }, rename).kind;
    expect([fromMs - 1, fromMs, toMs - 1, toMs].map(kindAt)).toEqual(['other', 'event', 'event', 'other']);
  });

  test('a finding is within each time between its first and its last change', () => {
    const kindOf = (firstAt: number, updatedAt: number) =>
      lineOf(finding({ firstAt, updatedAt }), { fromMs, toMs }, rename).kind;
    expect(kindOf(fromMs - 5, fromMs - 1)).toBe('other');
    expect(kindOf(fromMs - 5, fromMs)).toBe('finding');
    expect(kindOf(fromMs - 5, toMs + 5)).toBe('finding');
    expect(kindOf(toMs, toMs + 5)).toBe('other');
  });

  test('an event has the slots of its IP and its network, and no keyed hash of them', () => {
    const text = textOf(event({ ip: 'B'.repeat(43), network: 'C'.repeat(43) }));
    expect(JSON.parse(text)).toMatchObject({
      ipSlot: ipSlotOf('B'.repeat(43)),
      networkSlot: networkSlotOf('C'.repeat(43)),
    });
    expect(text).not.toMatch(/BBB|CCC/);
  });

  test.each(['country#IN', 'prefix#+919876', 'range#+91987654', 'new-network#IN'])(
    'the past of a group is in each export, whatever its time: %s',
    (pk) => {
      const [level, of] = pk.split('#');
      const line = JSON.parse(textOf({ table: 'traffic', pk, sk: 'history', attributes: { history: '{"slow":1}' } }));
      expect(line).toEqual({ record: 'history', level, of, history: { slow: 1 } });
    },
  );

  test('the start of the detector is in each export', () => {
    const running: FoundItem = { table: 'traffic', pk: 'detector', sk: 'running', attributes: { since: fromMs - 1 } };
    expect(JSON.parse(textOf(running))).toEqual({ record: 'running', since: '2026-11-28T23:59:59.999Z' });
  });

  test.each([
    [`phone#${hash}`, 'history'],
    [`ip#${hash}`, 'history'],
    [`codes#${hash}`, 'history'],
    ['country#IN', 'last'],
    ['range#+91987654', 'bucket#0002962080#lane'],
    ['detector', 'heartbeat'],
    ['finding', 'uid'],
  ])('nothing else of the counts is in an export: %s %s', (pk, sk) => {
    expect(textOf({ table: 'traffic', pk, sk, attributes: { history: '{}', at: fromMs } })).toBe('other');
  });

  test('a history that cannot be read is named by its group', () => {
    const line = lineOf(
      { table: 'traffic', pk: 'country#IN', sk: 'history', attributes: { history: '{' } },
      { fromMs, toMs },
      rename,
    );
    expect(line).toEqual({ kind: 'unreadable', named: 'history of country#IN: history is no JSON' });
  });

  test('sets become lists in an order of their own, and times are written out', () => {
    const line = JSON.parse(textOf(event({ probes: new Set(['range', 'country']) })));
    expect(line).toMatchObject({ probes: ['country', 'range'], at: '2026-11-29T00:00:00.000Z' });
  });

  test('items of other kinds are in no export', () => {
    for (const pk of ['open', 'outbox', 'staff-block', 'export', 'export-part', 'phones', 'actions', ''])
      expect(lineOf({ ...event(), pk }, { fromMs, toMs }, rename).kind, pk).toBe('other');
  });
});

describe('pseudonyms', () => {
  test('the same number has one name in events and findings of one export', () => {
    const { number } = JSON.parse(textOf(event()));
    const found = JSON.parse(textOf(finding({ of: hash, finding: JSON.stringify({ message: `about ${hash}.` }) })));
    expect(found.of).toBe(number);
    expect(found.finding.message).toBe(`about ${number}.`);
  });

  test('no keyed hash is left, wherever it stands in a finding', () => {
    const nested = {
      message: `first\n${hash}\nlast`,
      [hash]: [`block#phone#${hash}`, { deep: `"${hash}"`, prefixed: `x-${hash}`, longer: `${hash}${hash}` }],
    };
    const text = textOf(finding({ finding: JSON.stringify(nested) }));
    expect(text).not.toContain(hash);
    expect(JSON.parse(text).finding.message).toContain('first\n');
  });

  test('events of one network belong together, and another secret gives other names', () => {
    const [one, other] = [event({ network: hash, ip: `B${hash.slice(1)}` }), event({ network: hash, ip: hash })];
    const networkOf = (item: FoundItem, by = rename) => JSON.parse(textOf(item, by)).network;
    expect(networkOf(one)).toBe(networkOf(other));
    expect(networkOf(one, renameBy(new Uint8Array(32).fill(1)))).not.toBe(networkOf(one));
  });

  test('an item that cannot be read is named without a keyed hash', () => {
    const line = lineOf({ ...event(), attributes: undefined }, { fromMs, toMs }, rename);
    expect(line).toMatchObject({ kind: 'unreadable', named: expect.stringContaining('#id') });
    expect(JSON.stringify(line)).not.toContain(hash);
  });
});
