import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeskError } from '../../../cli/desk/exits.ts';
import { findingLines } from '../../../cli/desk/print/finding.ts';
import { plainLines } from '../../../cli/desk/print/plain.ts';
import { table, wrapped } from '../../../cli/desk/print/table.ts';
import { absolute, both, lasting, relative } from '../../../cli/desk/print/times.ts';
import { cut, visible, visibleJson, widthOf } from '../../../cli/desk/print/visible.ts';
import { idOf, minutesOf, sinceOf, timeOf } from '../../../cli/desk/words/lengths.ts';
import { readSending, readWritten } from '../../../cli/desk/words/what.ts';

const nowMs = Date.parse('2026-11-29T03:04:05.000Z');

/** What a terminal obeys or cannot show. */
const obeyed = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\u001b', '[', '2', 'J', '\u202e', '\u2066', '\u009b', '\r', '\b', '\u200f', '字', 'a'),
  }),
);

describe('text that reaches a terminal', () => {
  test.each([
    ['an escape that clears the screen', '\u001b[2J', '\\u{1b}[2J'],
    ['the same by one character', '\u009b2J', '\\u{9b}2J'],
    ['a link', '\u001b]8;;http://a.b\u0007x', '\\u{1b}]8;;http://a.b\\u{7}x'],
    ['an override of the direction', 'a\u202egnp.exe', 'a\\u{202e}gnp.exe'],
    ['an isolate of the direction', '\u2067x\u2069', '\\u{2067}x\\u{2069}'],
    ['a second line', 'a\nSTATE ok', 'a\\u{a}STATE ok'],
    ['a return to the first column', 'a\rb', 'a\\u{d}b'],
    ['an invisible character', 'a\u200bb', 'a\\u{200b}b'],
    ['half of a pair', '\ud800', '\\u{d800}'],
    ['a pile of marks', `a${'\u0301'.repeat(90)}`, `a${'\u0301'.repeat(4)}`],
  ])('%s is named and not obeyed', (_, text, wanted) => {
    expect(visible(text)).toBe(wanted);
  });

  test('no text reaches it raw, whichever field it stands in', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const finding = {
          headline: text,
          severity: text,
          id: text,
          status: text,
          what: { [text]: text },
          lines: [text],
          startedAt: text,
        };
        const more = {
          note: text,
          parent: text,
          evidence: [text],
          timeline: [{ at: text, text }],
          commands: { [text]: text },
        };
        const lines = [
          ...findingLines({ ...finding, ...more }, 80, nowMs),
          ...plainLines({ [text]: [{ [text]: text }], a: { [text]: text } }, nowMs),
        ];
        expect(lines.filter((line) => obeyed.test(line))).toEqual([]);
      }),
    );
  });

  test('JSON for machines is the same value, and has no character that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, anyText), (value) => {
        const written = visibleJson(value);
        expect(obeyed.test(written)).toBe(false);
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('what a person can do about a finding', () => {
  const printed = (action: string): string =>
    findingLines(
      {
        action,
        commands: {
          show: 'otp-desk show 1f',
          acknowledge: 'otp-desk ack 1f',
          lift: 'otp-desk lift finding 1f --reason WHY',
          suppress: 'otp-desk lift finding 1f --allow 7d --reason WHY',
          launch: 'otp-desk launch country IN --for 24h --expected 500 --reason WHY',
        },
      },
      Number.POSITIVE_INFINITY,
      nowMs,
    ).join('\n');

  test.each([
    [
      'restrict',
      'Lift the restriction now, and for an hour the detector restricts nothing here (no verdict on the detector):',
    ],
    ['block', 'Lift the block now, and for an hour the detector blocks nothing here (no verdict on the detector):'],
    [
      'longer-codes',
      'Make codes short again now, and for an hour the detector makes none longer here (no verdict on the detector):',
    ],
    ['none', 'For an hour the detector leaves this alone (no verdict on the detector):'],
  ])('a lift after %s is named by what it does', (action, title) => {
    expect(printed(action)).toContain(`  ${title}\n    otp-desk lift finding 1f --reason WHY\n`);
    expect(printed(action)).toContain(
      `${title.replace('an hour', 'a week').replace(/ \(.*/, '')}:\n    otp-desk lift finding 1f --allow 7d`,
    );
  });
  test('the command that a person has just used is left out', () => {
    expect(printed('restrict')).not.toContain('otp-desk show 1f');
  });
  const kinds = ['ack', 'false-positive', 'lift', 'launch'];
  const offered = (finding: object): readonly string[] => {
    const commands = {
      show: 'otp-desk show 1f',
      acknowledge: 'otp-desk ack 1f',
      false_positive: 'otp-desk false-positive 1f',
      lift: 'otp-desk lift country IN --reason WHY',
      launch: 'otp-desk launch country IN --for 24h --expected 500 --reason WHY',
    };
    const text = findingLines({ commands, ...finding }, Number.POSITIVE_INFINITY, nowMs).join('\n');
    return kinds.filter((kind) => text.includes(`    otp-desk ${kind} `));
  };
  const [passed, ahead] = ['2026-11-29T03:04:05.000Z', '2026-11-29T03:04:06.000Z'];
  test.each([
    ['an open finding whose restriction holds', 'restrict', 'new', true, ahead, kinds],
    ['an open finding whose restriction has ended', 'restrict', 'new', true, passed, ['ack', 'false-positive']],
    ['an open finding that blocks nobody', 'none', 'new', true, passed, kinds],
    ['a finding that is over', 'restrict', 'over', false, passed, []],
    ['a finding that is over before its time', 'block', 'over', false, ahead, []],
    ['a lifted finding', 'block', 'lifted', false, ahead, []],
    ['a closed finding that blocks nobody', 'none', 'over', false, ahead, []],
    ['a false positive whose restriction holds', 'restrict', 'false-positive', false, ahead, ['lift', 'launch']],
    ['a false positive that no sweep has closed yet', 'block', 'false-positive', true, ahead, ['lift', 'launch']],
    ['a resolved finding whose block has ended', 'block', 'resolved', false, passed, []],
  ])('%s offers what can be done about it, and no more', (_, action, status, isOpen, until, wanted) => {
    expect(offered({ action, status, isOpen, until })).toEqual(wanted);
  });
  test('a finding for which nothing can be done has no heading for it', () => {
    const closed = { action: 'block', status: 'over', isOpen: false, commands: { lift: 'otp-desk lift country IN' } };
    expect(findingLines(closed, 80, nowMs).join('\n')).not.toContain('What you can do');
  });
  test('the sentences of a mail lose the command that shows the finding, and keep the others', () => {
    const lines = ['Nothing is left to do. Details: otp-desk show 1f', 'Details: are few. Lift it: otp-desk lift 1f'];
    const printedLines = findingLines({ lines, commands: { show: 'otp-desk show 1f' } }, 80, nowMs);
    expect(printedLines).toContain('Nothing is left to do.');
    expect(printedLines).toContain(lines[1]);
    expect(printedLines.join('\n')).not.toContain('otp-desk show');
  });
  test('a launch says which words of its command are to be replaced', () => {
    expect(printed('restrict')).toMatch(
      /write your own number of requests in all, and your own time\):\n {4}otp-desk launch/,
    );
  });
  test('a command stays whole in a narrow terminal, and the words around it are broken', () => {
    const lines = findingLines(
      { action: 'restrict', commands: { launch: `otp-desk launch ${'x'.repeat(90)}` } },
      40,
      nowMs,
    );
    expect(lines).toContain(`    otp-desk launch ${'x'.repeat(90)}`);
    expect(Math.max(...lines.filter((line) => !line.includes('xxx')).map(widthOf))).toBeLessThanOrEqual(40);
  });
});

describe('a table', () => {
  test('a table fits into the width of the terminal, whatever stands in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyText, anyText, anyText), { maxLength: 8 }),
        fc.integer({ min: 20, max: 200 }),
        (rows, columns) => {
          const lines = table(
            ['one', 'two', 'three'],
            rows.map((row) => row.map(visible)),
            columns,
          );
          expect(lines.length).toBe(rows.length + 1);
          expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
  test('a table that goes into a pipe is whole', () => {
    const long = 'x'.repeat(500);
    expect(table(['a'], [[long]], Number.POSITIVE_INFINITY)).toEqual(['a', long]);
  });
  test('a cut text says that it is cut, and wide characters count as two columns', () => {
    expect([cut('abcdef', 4), cut('abcd', 4), cut('字字字', 5), widthOf('字')]).toEqual(['abc…', 'abcd', '字字…', 2]);
  });
  test('a long text is broken at spaces', () => {
    expect(wrapped('one two three four five six', 20, '  ')).toEqual(['  one two three four', '  five six']);
  });
});

describe('a time', () => {
  test.each([
    [0, 'now'],
    [-59_000, '59 s ago'],
    [-61_000, '1 min 1 s ago'],
    [11 * 60_000 + 5000, 'in 11 min'],
    [-(3_600_000 + 59 * 60_000), '1 h 59 min ago'],
    [26 * 3_600_000, 'in 1 d 2 h'],
    [30 * 86_400_000, 'in 30 d'],
  ])('%i ms from now is %s', (apart, words) => {
    expect(relative(nowMs + apart, nowMs)).toBe(words);
  });
  test('a time stands there in full, with how far away it is', () => {
    expect(both('2026-11-29T03:00:05.000Z', nowMs)).toBe('2026-11-29 03:00:05 UTC (4 min ago)');
    expect([absolute('soon'), absolute(undefined), both(7, nowMs), lasting(500)]).toEqual(['soon', '', '', '0 s']);
  });
  test('a length is minutes, hours or days, and anything else is refused with an example', () => {
    const of = (text: string) => minutesOf(text, { option: '--for', max: '30d' });
    expect([of('60m'), of('24h'), of('7d'), of('30d')]).toEqual([60, 1440, 10_080, 43_200]);
    for (const wrong of ['', '60', '0m', '-5m', '1.5h', '1w', '5 minutes', '99999999m', 'NaNm', '１h'])
      expect(() => of(wrong)).toThrow(/Write --for as a number with m, h or d behind it, such as --for 60m/);
    expect(() => of('31d')).toThrow('--for is too long. 30d is the most.');
  });
  test('a time since when is a length or the time itself; a day is its first moment', () => {
    expect(sinceOf('24h', nowMs)).toBe('2026-11-28T03:04:05.000Z');
    expect(sinceOf('2026-11-01', nowMs)).toBe('2026-11-01');
    // A year before 0 would be no time of the API.
    expect(sinceOf('999999d', nowMs)).toBe('1970-01-01T00:00:00.000Z');
    expect(timeOf('2026-11-01', '--from')).toBe('2026-11-01T00:00:00.000Z');
    for (const wrong of ['yesterday', '2026-13-01', '2026-02-30', '2026', '1.11.2026'])
      expect(() => timeOf(wrong, '--from')).toThrow(DeskError);
  });
});

describe('what a command acts on', () => {
  test('a group is read in the words of people, quoted or not', () => {
    const written = { kind: 'named', what: { range: '+91 98765 4xxxx' }, text: 'range +91 98765 4xxxx' };
    expect(readWritten('range', ['+91 98765 4xxxx'])).toEqual(written);
    expect(readWritten('range', ['+91', '98765', '4xxxx'])).toEqual(written);
    expect(readWritten('country', ['IN'])).toMatchObject({ what: { country: 'IN' } });
    expect(readWritten('number', [])).toEqual({ kind: 'number' });
  });
  test('a number on the command line is refused, with where it goes instead', () => {
    expect(() => readWritten('number', ['+919876543210'])).toThrow(/Write no number on the command line/);
  });
  test.each([
    ['IN', []],
    ['+919876', []],
    ['', []],
    ['country', []],
    ['country', ['  ']],
    ['__proto__', ['x']],
    ['constructor', ['x']],
  ])('%o %o is refused with what to write', (kind, rest) => {
    expect(() => readWritten(kind, rest)).toThrow(/country IN/);
  });
  test('a launch takes countries and prefixes alone', () => {
    expect(() => readWritten('ip', ['203.0.113.7'], ['country', 'prefix'])).toThrow(
      /takes country IN, prefix \+919876\./,
    );
    expect(() => readWritten('number', [], ['country', 'prefix'])).toThrow(DeskError);
  });
  test('sending is stopped of all, an application or a country', () => {
    expect(readSending('all', [])).toEqual({ what: 'all', text: 'all sending' });
    expect(readSending('application', ['web']).what).toEqual({ application: 'web' });
    expect(readSending('country', ['IN']).what).toEqual({ country: 'IN' });
    for (const [kind, rest] of [
      ['all', ['IN']],
      ['country', []],
      ['ip', ['1.2.3.4']],
    ] as const)
      expect(() => readSending(kind, rest)).toThrow(/all, application web, country IN/);
  });
  test.each(['..', '.', '../blocks', 'a/b', 'a?b', '%2e%2e', '', ' ', 'a b', '919876543210', 'x'.repeat(200)])(
    'the id %o is refused, because it would be another path or a number',
    (id) => {
      expect(() => idOf(id, 'otp-desk show 5f0c')).toThrow(/This is no id/);
    },
  );
  test.each(['5f0c9c6a', 'country:IN', 'prefix:919876', 'da7d9a694fbf636ffe673bd43cecfd64'])('%s is an id', (id) => {
    expect(idOf(id, '')).toBe(id);
  });
});
