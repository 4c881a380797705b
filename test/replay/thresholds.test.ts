import { describe, expect, test } from 'vitest';
import { judgedBy, thresholds } from '../../lambdas/bursts/evidence/thresholds.ts';
import { deployedText, deployedThresholds, maxFileBytes, readThresholds, withOne } from '../../replay/thresholds.ts';
import { sources } from '../laws/source/files.ts';

const problemsOf = (text: string): readonly string[] => {
  const read = readThresholds(text);
  return read.kind === 'invalid' ? read.problems : [];
};

describe('a file of thresholds', () => {
  test('the printed thresholds are a file that changes nothing', () => {
    expect(readThresholds(deployedText())).toEqual({ kind: 'read', thresholds: deployedThresholds(), changed: [] });
  });

  test('a file names what changes, and all other thresholds stay', () => {
    const read = readThresholds('{"burst": 20, "gate": {"range": 0.01}, "scatter": [4, 6, 20]}');
    expect(read).toMatchObject({
      kind: 'read',
      thresholds: { ...thresholds, burst: 20, gate: { ...thresholds.gate, range: 0.01 }, scatter: [4, 6, 20] },
      changed: [
        { name: 'burst', deployed: 16, now: 20 },
        { name: 'gate.range', deployed: 0.001, now: 0.01 },
        { name: 'scatter[2]', deployed: 16, now: 20 },
      ],
    });
  });

  test('each of several changed thresholds can be tried alone', () => {
    const read = readThresholds('{"gate": {"range": 0.01}, "scatter": [4, 6, 20]}');
    const alone = read.kind === 'read' ? read.changed.map(withOne) : [];
    expect(alone).toEqual([
      { ...thresholds, gate: { ...thresholds.gate, range: 0.01 } },
      { ...thresholds, scatter: [4, 6, 20] },
    ]);
  });

  test.each([
    ['a text that is no JSON', 'burst: 20', 'no JSON'],
    ['an empty file', '', 'no JSON'],
    ['a list', '[20]', 'has to be an object'],
    ['null', 'null', 'has to be an object'],
    ['a name that does not exist', '{"bursts": 20}', '"bursts" is no threshold. Here are: person, minPeople'],
    [
      'a name within another that does not exist',
      '{"gate": {"city": 1}}',
      '"gate.city" is no threshold. Here are: phone',
    ],
    ['the name of every prototype', '{"__proto__": {"burst": 1}}', '"__proto__" is no threshold'],
    ['a name that every object has', '{"constructor": 1}', '"constructor" is no threshold'],
    ['a text for a number', '{"burst": "20"}', '"burst" is "20", and has to be a number from 0 to 1000, such as 16.'],
    ['a number for a group', '{"gate": 1}', '"gate" is 1, and has to be an object'],
    ['a share above one', '{"attackShare": 3}', '"attackShare" is 3, and has to be a number from 0 to 1'],
    ['a negative time', '{"restriction": {"ms": -1}}', '"restriction.ms" is -1'],
    ['a number that no text should hold', '{"burst": 1e999}', '"burst" is null'],
    ['half a person', '{"minPeople": 2.5}', 'has to be a whole number'],
    ['too few windows', '{"scatter": [4, 6]}', 'a list of 3 numbers, such as [4,6,16]'],
    ['a window that is no number', '{"scatter": [4, 6, {}]}', '"scatter[2]" is {}'],
    ['a restriction that ends after its latest end', '{"restriction": {"ms": 86400000}}', '"restriction.maxMs"'],
    ['a renewal before the beginning', '{"restriction": {"renewedBeforeMs": 9000000}}', 'before it begins'],
    ['a person who is another and the same', '{"person": {"sameUntilMs": 86400000}}', 'cannot be the same for longer'],
  ])('%s is refused with a sentence', (_, text, sentence) => {
    expect(problemsOf(text).join('\n')).toContain(sentence);
    expect({}).not.toHaveProperty('burst');
  });

  test('a file that is too large is refused unread, and a long value is not repeated', () => {
    expect(problemsOf(`{"burst": ${'1'.repeat(maxFileBytes)}}`)).toEqual([expect.stringContaining('too large')]);
    expect(problemsOf(`{"burst": "${'x'.repeat(1000)}"}`).join('').length).toBeLessThan(200);
  });

  test('all that is wrong is named at once', () => {
    expect(problemsOf('{"burst": "20", "slow": -1, "nothing": 1}')).toHaveLength(3);
  });
});

describe('the thresholds that are judged by', () => {
  test('other thresholds hold for the length of a call, and an error ends them as well', () => {
    const others = { ...thresholds, burst: 99 };
    expect(judgedBy(others, () => thresholds.burst)).toBe(99);
    expect(() =>
      judgedBy(others, () => {
        throw new Error('It fails.');
      }),
    ).toThrow('It fails.');
    expect(thresholds.burst).toBe(16);
  });

  test('no function of the service can judge by others: a replay alone sets thresholds, and it alone reads a file of them', () => {
    const saying = (word: RegExp) => sources.filter(({ text }) => word.test(text)).map(({ path }) => path);
    const own = ['lambdas/bursts/evidence/thresholds.ts', 'test/replay/thresholds.test.ts'];
    expect(saying(/\bjudgedBy\b/).filter((path) => !own.includes(path) && !path.includes('judge/subjects'))).toEqual([
      'replay/play.ts',
    ]);
    expect(saying(/\breadThresholds\b/).filter((path) => !/^(?:test|bench)\//.test(path))).toEqual([
      'cli/desk/commands/exports/replay.ts',
      'replay/thresholds.ts',
    ]);
  });

  test('no module of the detector keeps a threshold: it would judge by that in a replay with others', () => {
    const kept = /^(?:export )?const (?:\w+|\{[^}]*\}|\[[^\]]*\])(?:: [^=]+)? = (?:[^=>\n(]*\W)?thresholds\b/m;
    expect('const { restriction } = thresholds;').toMatch(kept);
    expect('const most = thresholds.burst;').toMatch(kept);
    const all = sources.filter(({ path }) => path.startsWith('lambdas/bursts/'));
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter(({ text }) => kept.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
