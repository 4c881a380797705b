import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipSlotOf, networkSlotOf } from '../../lambdas/bursts/counts/slots.ts';
import { nameOfExport, namesInSlots } from '../../replay/recording/names.ts';
import { recordingReader } from '../../replay/recording/read.ts';
import { readSettings } from '../../replay/recording/settings.ts';
import {
  actionLine,
  eventLine,
  fromMs,
  type Line,
  readText,
  recordingOf,
  replaySettings,
  textOf,
  toMs,
} from '../fakes/bursts/recorded.ts';

const problemsOf = (text: string): readonly string[] => {
  const read = readText(text);
  return read.kind === 'invalid' ? read.problems : [];
};
const problemOf = (changes: Line): string => problemsOf(textOf([eventLine(fromMs, 1, changes)])).join('\n');

describe('lines that no detector writes', () => {
  test.each<[string, string, string]>([
    ['a line that is no JSON', '{"record":', 'Line 1 of part-1: It is no JSON.'],
    ['a list', '[]', 'Its "record" is none'],
    ['null', 'null', 'Its "record" is none'],
    ['an unknown record', '{"record":"secret"}', 'Its "record" is none that this version knows.'],
    ['a name of every object', '{"record":"__proto__"}', 'Its "record" is none'],
    ['a line without its end of quotes', '{"record":"event', 'It is no JSON.'],
    ['a huge line', `{"record":"event","at":"${'x'.repeat(300_000)}"}`, 'It is too long'],
    ['deep nesting', `${'['.repeat(200_000)}`, 'It is no JSON.'],
  ])('%s ends the replay with a sentence', (_, text, sentence) => {
    expect(problemsOf(`${text}\n`).join('\n')).toContain(sentence);
  });

  test.each<[string, Line, string]>([
    ['a time before the export', { at: '2026-11-22T23:59:59.999Z' }, 'outside of the export'],
    ['a time at the end of the export', { at: '2026-11-30T00:00:00.000Z' }, 'outside of the export'],
    ['a year of five digits', { at: '+12026-11-29T00:00:00.000Z' }, 'Its "at" is none'],
    ['a day that no month has', { at: '2026-11-31T99:00:00.000Z' }, 'Its "at" is none'],
    ['a time as a number', { at: fromMs }, 'Its "at" is none'],
    ['a start after the event', { startedAt: '2026-11-25T00:00:00.000Z' }, 'Its "startedAt" does not fit'],
    ['a ruling before the event', { judgedAt: '2026-11-22T00:00:00.000Z' }, 'Its "judgedAt" does not fit'],
    ['a ruling a week later', { judgedAt: '2026-11-30T00:00:00.000Z' }, 'Its "judgedAt" does not fit'],
    ['a kind of event that does not exist', { kind: 'paid' }, 'Its "kind" is none'],
    ['no number', { number: undefined }, 'Its "number" is none'],
    ['an endless number', { number: 'x'.repeat(129) }, 'Its "number" is none'],
    ['negative wrong codes', { mistyped: -3 }, 'Its "mistyped" is none'],
    ['half a send', { sends: 1.5 }, 'Its "sends" is none'],
    ['a probe of no level', { probes: ['city'] }, 'Its "probes.0" is none'],
    ['a place behind the batch', { place: 1 }, 'Its "place" is none in a batch'],
    ['a place before the batch', { place: -1 }, 'Its "place" is none'],
    ['truth as a text', { unverified: 'true' }, 'Its "unverified" is none'],
  ])('%s is refused with the place of its line', (_, changes, sentence) => {
    expect(problemOf(changes)).toContain('Line 1 of part-1: ');
    expect(problemOf(changes)).toContain(sentence);
  });

  test('two events at one place of a batch are refused', () => {
    const lines = [1, 2].map((nth) => eventLine(fromMs, nth, { batch: 'one', records: 2 }));
    expect(problemsOf(textOf(lines)).join()).toContain('Another event has the same place');
  });

  test('many wrong lines are counted, and the first of them are named', () => {
    const problems = problemsOf('x\n'.repeat(1000));
    expect(problems).toHaveLength(6);
    expect(problems.at(-1)).toBe('995 more lines are wrong.');
  });

  test('more events than a replay holds are refused, and the rest is not read', () => {
    const settings = readSettings(replaySettings) ?? expect.fail('These are no settings.');
    const reader = recordingReader({ fromMs, toMs }, settings, 2);
    for (const nth of [1, 2, 3]) reader.file(`part-${nth}`, textOf([eventLine(fromMs, nth)]));
    reader.file('part-4', 'not read');
    expect(reader.end()).toMatchObject({ problems: [expect.stringContaining('more than 2 events')] });
  });

  test('no line makes a reader throw, and a problem says nothing of its values', () => {
    const values = fc.oneof(
      fc.json(),
      fc.string(),
      fc.object().map((value) => JSON.stringify({ record: 'event', ...value })),
    );
    fc.assert(
      fc.property(values, (text) => {
        const problems = problemsOf(`${text.replaceAll('\n', ' ')}\n`);
        expect(problems.every((problem) => /^Line \d+ of part-1: It/.test(problem))).toBe(true);
      }),
    );
    expect(problemOf({ at: 'secret' })).not.toContain('secret');
  });
});

describe('a recording', () => {
  test('lines have no order: batches are judged in the order of their arrival, and events within one by their places', () => {
    const lines = [
      eventLine(fromMs + 5000, 3),
      eventLine(fromMs + 1100, 2, { batch: 'one', place: 1, records: 2, judgedAt: '2026-11-23T00:00:02.600Z' }),
      eventLine(fromMs + 1000, 1, { batch: 'one', place: 0, records: 2, judgedAt: '2026-11-23T00:00:02.600Z' }),
    ];
    const { batches, events } = recordingOf(lines);
    expect(batches.map((batch) => batch.events.map(({ subject }) => subject.phoneKey))).toEqual([
      ['number-1', 'number-2'],
      ['number-3'],
    ]);
    expect(batches.map(({ arrivedMs }) => arrivedMs - fromMs)).toEqual([2500, 6500]);
    expect(events.map(({ atMs }) => atMs - fromMs)).toEqual([1000, 1100, 5000]);
    expect(recordingOf(lines.toReversed())).toMatchObject({ batches: batches.map(({ arrivedMs }) => ({ arrivedMs })) });
  });

  test('an event that nobody judged is in no batch', () => {
    const { batches, events } = recordingOf([eventLine(fromMs, 1, { batch: undefined, place: undefined })]);
    expect([batches.length, events.length]).toEqual([0, 1]);
  });

  test('acts of staff that the detector heeds are followed as far as the trail says, and the others counted', () => {
    const until = '2026-11-29T00:00:00.000Z';
    const { acts, unknownActs } = recordingOf([
      actionLine(fromMs + 2, 'lift', { level: 'range', of: '+91987654', until }),
      actionLine(fromMs + 1, 'announce-launch', {
        level: 'country',
        of: 'IN',
        until: '2026-11-24T00:00:00.000Z',
        expected: 50,
      }),
      actionLine(fromMs + 3, 'cancel-launch', { level: 'country', of: 'IN' }),
      actionLine(fromMs + 4, 'block', { until }),
      actionLine(fromMs + 5, 'announce-launch', { level: 'country', of: 'IN', until, expected: 50 }),
      actionLine(fromMs + 6, 'acknowledge'),
    ]);
    expect(acts.map(({ kind }) => kind)).toEqual(['announce', 'lift', 'cancel']);
    // A block on a number, and a launch of six days.
    expect(unknownActs).toBe(2);
  });

  test('a lift of a finding is one of its group', () => {
    const finding = {
      record: 'finding',
      id: 'uid',
      level: 'ip',
      of: 'ip-7',
      rule: 'unverified-burst',
      severity: 'medium',
    };
    const times = {
      firstAt: '2026-11-23T00:00:00.000Z',
      ruledAt: '2026-11-23T00:00:00.000Z',
      until: '2026-11-23T00:15:00.000Z',
    };
    const { acts, events } = recordingOf([
      eventLine(fromMs, 7),
      { ...finding, action: 'restrict', ...times },
      actionLine(fromMs + 60_000, 'lift', { finding: 'uid', until: '2026-11-23T02:00:00.000Z' }),
    ]);
    expect(acts).toMatchObject([{ kind: 'lift', key: { level: 'ip', of: events[0]?.subject.ip } }]);
  });

  test('a recording ends before its range does, and a manifest with other settings is none', () => {
    expect(recordingOf([eventLine(toMs - 1, 1, { judgedAt: '2026-11-30T00:00:01.499Z' })]).events).toHaveLength(1);
    expect(readSettings(undefined)).toBeUndefined();
    expect(readSettings({ ...replaySettings, countries: { India: { priceUsd: 1, hourCapUsd: 1 } } })).toBeUndefined();
    expect(
      readSettings({ ...replaySettings, bursts: { ...replaySettings.bursts, coldStartHours: -1 } }),
    ).toBeUndefined();
  });
});

describe('names of an export', () => {
  test('a name falls into the slot of the keyed hash that it stands for, and always into the same', () => {
    const names = namesInSlots();
    const slot = fc.integer({ min: 0, max: 31 });
    fc.assert(
      fc.property(fc.stringMatching(/^[\w-]{22}$/), slot, slot, (name, ip, network) => {
        const fresh = namesInSlots();
        expect([ipSlotOf(fresh.ip(name, ip)), networkSlotOf(fresh.network(name, network))]).toEqual([ip, network]);
        expect(nameOfExport(fresh.ip(name, ip))).toBe(name);
      }),
    );
    expect(names.ip('a', 5)).toBe(names.ip('a', undefined));
  });
});
