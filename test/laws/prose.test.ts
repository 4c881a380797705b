/** The laws of what the pages say: plain sentences, names that exist, numbers that are those of the code. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { callsOf, itemsOfSend } from '../../docs/generate/calls.ts';
import { thresholds } from '../../lambdas/bursts/evidence/thresholds.ts';
import { metrics, problems } from '../../lambdas/contract.ts';
import { limits } from '../../lib/settings/ranges.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { proseBreaches } from './prose.ts';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFile(path.join(root, file), 'utf8');

const decisions = (await readdir(path.join(root, 'docs/decisions'))).map((name) => `docs/decisions/${name}`);
/** Parts of the page of benchmarks, beside the benches that they tell of. */
const benchWords = (await readdir(path.join(root, 'bench/report/words'))).map((name) => `bench/report/words/${name}`);
/** The pages that were written by the prose rules. A page that joins them stays. */
const pages = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'clients/README.md',
  'clients/examples/README.md',
  'clients/go/README.md',
  'clients/python/README.md',
  'clients/typescript/README.md',
  'docs/api.md',
  'docs/architecture.md',
  'docs/benchmarks.md',
  'docs/bursts.md',
  'docs/capacity.md',
  'docs/deploy.md',
  'docs/evaluation.md',
  'docs/fresh-eyes.md',
  'docs/glossary.md',
  'docs/limits.md',
  'docs/misuse.md',
  'docs/operations.md',
  'docs/runbook.md',
  'docs/security-desk.md',
  'docs/threat-model.md',
  'docs/generate/compliance.intro.md',
  ...benchWords,
  ...decisions,
];

describe('plain sentences:', () => {
  test.each(pages)('%s keeps the prose rules', async (file) => {
    expect(proseBreaches(await read(file))).toEqual([]);
  });

  const long = `${'word '.repeat(25)}word.`;
  test.each([
    ['a sentence of 26 words', `Short. ${long}`, '26 words'],
    ['one in a list', `- Short.\n- ${long}`, '26 words'],
    ['one across lines', long.replaceAll('word word', 'word\nword'), '26 words'],
    ['a table cell of 26 words', `| a | b |\n| --- | --- |\n| c | ${long} |`, '26 words'],
    ['a sentence that begins with a relative word', 'Short. Whoever asks gets it.', 'Begin with the subject'],
    ['a heading that does', '# Where it stands', 'Begin with the subject'],
    ['a phrase of another language', 'Nobody is told of it.', 'is told'],
    ['British spelling', 'The colour is grey.', 'colour'],
  ])('the law finds %s', (_, text, breach) => {
    expect(proseBreaches(text)[0]).toContain(breach);
  });

  test.each([
    ['code', `    ${long}\n\n\`\`\`\n${long}\n\`\`\`\n\nSee \`${long}\`.`],
    ['a generated table', `<!-- tables: begin -->\n${long}\n<!-- tables: end -->`],
    ['two sentences of 25 words', `${'word '.repeat(24)}word. ${'word '.repeat(24)}word.`],
    ['a row of short cells', `| ${'word | '.repeat(30)}`],
  ])('%s is no breach', (_, text) => {
    expect(proseBreaches(text)).toEqual([]);
  });
});

describe('decisions', () => {
  const status =
    /^Status: (?:accepted(?:, (?:changed|extended) by \[ADR (\d+)\]\((\d{4})-[\w-]+\.md\).*)?|overtaken by \[ADR (\d+)\]\((\d{4})-[\w-]+\.md\).*)$/m;

  test.each(decisions.filter((file) => !file.endsWith('README.md')))('%s has its number and a status', async (file) => {
    const page = await read(file);
    const number = Number(path.basename(file).slice(0, 4));
    expect(page).toMatch(new RegExp(`^# ${number}\\. `));
    const [line = '', ...named] = status.exec(page) ?? [];
    expect(line).not.toBe('');
    const [by, link] = named.filter((each) => each !== undefined).map(Number);
    expect(by).toBe(link);
  });

  test('the index marks what is overtaken, and nothing else', async () => {
    const index = await read('docs/decisions/README.md');
    const marked = index
      .split('\n')
      .filter((line) => line.includes('(overtaken'))
      .map((line) => /\((\d{4}-[\w-]+\.md)\)/.exec(line)?.[1]);
    const all = await Promise.all(decisions.map(async (file) => [path.basename(file), await read(file)] as const));
    const overtaken = all.filter(([, page]) => page.includes('\nStatus: overtaken')).map(([name]) => name);
    expect(marked.toSorted()).toEqual(overtaken.toSorted());
  });
});

const numerals = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const spelled = (value = Number.NaN): string => numerals[value] ?? value.toLocaleString('en');
const capital = (value: number | undefined): string => spelled(value).replace(/^./, (first) => first.toUpperCase());
const minutes = (seconds = Number.NaN): string => spelled(seconds / 60);
const defaultsOf = (name: string): readonly number[] => limits().find((limit) => limit.path === name)?.defaults ?? [];
const defaultOf = (name: string): number | undefined => defaultsOf(name)[0];
const flat = async (file: string): Promise<string> => (await read(file)).replace(/\s+/g, ' ');

describe('numbers in prose', () => {
  test('the threat model states the defaults of the settings', async () => {
    const [cooldown] = defaultsOf('sends.cooldownSeconds.*');
    const [perWindow, perDay] = defaultsOf('sends.windows.*.sends');
    const [window] = defaultsOf('sends.windows.*.windowSeconds');
    const [manyWrong, fewWrong] = defaultsOf('code.afterWrongGuesses.*.wrong');
    const [least, less] = defaultsOf('code.afterWrongGuesses.*.maxAttempts');
    const countries = spelled(defaultOf('ips.countriesPerDay'));
    const said = [
      `Cooldown of ${cooldown} seconds; ${spelled(perWindow)} SMS in ${minutes(window)} minutes; ${spelled(perDay)} in 24 hours.`,
      `At most ${spelled(defaultOf('code.maxAttempts'))} guesses, resends included. A code lives ${minutes(defaultOf('code.lifetimeSeconds'))} minutes.`,
      `${capital(fewWrong)} wrong guesses lower the next verifications to ${spelled(less)} attempts, ${spelled(manyWrong)} lower them to ${spelled(least)}.`,
      `${spelled(defaultOf('ips.untrusted.sends'))} SMS in ${minutes(defaultOf('ips.untrusted.windowSeconds'))} minutes and ${countries} countries a day per untrusted IP`,
      `${capital(defaultOf('ips.trustedAfter'))} verified numbers raise an IP to ${defaultOf('ips.trusted.sends')} SMS in ${minutes(defaultOf('ips.trusted.windowSeconds'))} minutes`,
      `A number gets ${defaultOf('sends.maxIn24Hours')} SMS in 24 hours at most, approved or not.`,
      `Low-volume countries get ${defaultOf('lowVolume.unverifiedSendsPerDay')} SMS a day.`,
      `**Proofs**, for ${minutes(defaultOf('proofLifetimeSeconds'))} minutes.`,
      `The alarm goes off at ${spelled(defaultOf('kmsCallsAlarm'))} calls in five minutes.`,
      `keyed hashes of number and IP, for ${defaultOf('bursts.auditDays')} days.`,
    ];
    const page = await flat('docs/threat-model.md');
    expect(said.filter((words) => !page.includes(words))).toEqual([]);
  });

  test('the architecture states how many items a send reads', async () => {
    const page = await flat('docs/architecture.md');
    const more = callsOf['request with an Idempotency-Key'].units.guardsReads - callsOf.request.units.guardsReads;
    expect(page).toContain(`${itemsOfSend} items of Guards, ${itemsOfSend + more} with a key`);
    const others = [...page.matchAll(/\b(\d+) items\b/g)].filter(([, count]) => Number(count) !== itemsOfSend);
    expect(others).toEqual([]);
  });

  test('the page on bursts states the thresholds of the detector', async () => {
    const { burst, gate, surprise, slowMin, noConversion, convertingUnverified, wrongCodes, siblings, again } =
      thresholds;
    const { minPeople, person, guessing, bombing, restriction, minProbesPerHour: probes, explainedParts } = thresholds;
    const { evidence, together } = thresholds.conversionDrop;
    const { attackShare, lately, slowlyConverting: farm } = thresholds;
    expect([farm.unverified, farm.chance]).toEqual([convertingUnverified.unverified, 1e-6]);
    const spelledPart = (share: number) => (Math.round(share * 1000) === 100 ? 'tenth' : String(share));
    const [minuteMs, hourMs] = [60_000, 3_600_000];
    const odds = (chance: number) => `1 in ${Math.round(1 / chance).toLocaleString('en')}`;
    const said = [
      `From ${burst} nats on`,
      `below ${odds(gate.range)}; for prefixes and countries, ${odds(gate.prefix)}.`,
      `Below ${odds(surprise)} each request`,
      `starts with ${siblings.each} nats`,
      `${noConversion.pending} codes are out, the oldest for ${noConversion.oldestSeconds} seconds`,
      `${slowMin.sixHours} people in six hours, ${slowMin.hour} in one`,
      `${convertingUnverified.unverified} unverified numbers from ${convertingUnverified.ips} IPs`,
      `${wrongCodes.min} wrong codes in half an hour without a right one after them, over ${wrongCodes.perRequest * 100} per 100 requests`,
      `needs ${spelled(evidence)} standard deviations in one country, or ${spelled(together)} in all`,
      `${again.first} nats count as given: ${again.more} more after each further restriction within a day, and ${again.max} at most`,
      `takes ${spelled(minPeople)} people at least`,
      `only ${spelled(person.againAfterMs / hourMs)} hours after its first SMS`,
      `${guessing} wrong codes within half an hour or so`,
      `${bombing} refusals by its limits within half an hour or so`,
      `of the latest ${lately} senders whose codes are old enough, at most a ${spelledPart(1 - attackShare)} may be people`,
      `${farm.again.unverified} numbers from ${spelled(farm.again.ips)} IPs are enough`,
      `In its last ${spelled(restriction.ofFarm.renewedBeforeMs / minuteMs)} minutes, that restriction`,
      `holds for ${restriction.ms / minuteMs} minutes. In its last ${spelled(restriction.renewedBeforeMs / minuteMs)} minutes`,
      `ends after ${spelled(restriction.maxMs / hourMs)} hours at most`,
      `in this time bucket and the last, ${spelled(restriction.pressed.min)} requests were refused`,
      `at least ${probes.range} an hour; of a trusted IP, ${probes.trustedIp}; of every other key, ${probes.ip}.`,
      `unless more than ${spelled(explainedParts)} parts are`,
      `has run for ${spelled(defaultOf('bursts.coldStartDays'))} days`,
      `${spelled(defaultOf('code.duringCodeSpraying.extraDigits'))} more digits and ${spelled(defaultOf('code.duringCodeSpraying.maxAttempts'))} guesses`,
    ];
    const page = await flat('docs/bursts.md');
    expect(said.filter((words) => !page.includes(words))).toEqual([]);
  });

  test('the API reference states the default of the cooldown', async () => {
    const [cooldown, ...longer] = defaultsOf('sends.cooldownSeconds.*');
    expect(longer).toEqual([]);
    expect(await flat('docs/api.md')).toContain(`a cooldown between two sends to a number. It is ${cooldown} seconds.`);
  });

  test('README quotes the shares of people refused in denial attacks', async () => {
    const [page, table] = [await flat('README.md'), await read('bench/bursts/denial.md')];
    const [ours = ''] = table.split('\n## With a week');
    const shareOf = (row: string) => new RegExp(`^\\| ${row} \\|(?:[^|]*\\|)?? ([\\d.]+%) `, 'm').exec(ours)?.[1];
    const [office, range, country] = ['office \\| 100', 'range \\| 100', 'country \\| 100'].map(shareOf);
    expect(page).toContain(
      `attackers with 100 SMS an hour had ${office} of an office, ${range} of a range and ${country} of a country refused. They had no pair refused`,
    );
    const pairs = [...ours.matchAll(/^\| pairs refused,.*\| ([\d.]+%) \[.*$/gm)].map(([, share]) => share);
    expect(pairs).toEqual(['0.00%', '0.00%']);
  });

  test('the evaluation quotes the table of the hold-out', async () => {
    const [page, table] = [await flat('docs/evaluation.md'), await read('bench/bursts/holdout.md')];
    const ours = (row: string) => new RegExp(`^\\| ${row} \\| ([\\d,]+) `, 'm').exec(table)?.[1];
    const [all, clean, traps] = ['Whole test', 'Clean days', 'All traps, country not attacked'].map(ours);
    expect(page).toContain(`${all} ppm are blocked in all, ${clean} on clean days, and ${traps} in traps`);
  });
});

describe('names in prose', () => {
  const rowsAfter = (page: string, heading: string): readonly string[] => {
    const [, table = ''] = page.split(`\n| ${heading} |`);
    const [rows = ''] = table.split('\n\n');
    return [...rows.matchAll(/^\| `?([a-z][\w-]*)`? \|/gm)].map(([, name = '']) => name);
  };

  test('the glossary names problems, severities and rules that exist', async () => {
    const page = await read('docs/glossary.md');
    const named = rowsAfter(page, 'problem');
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !Object.hasOwn(problems, name))).toEqual([]);
    const severities = rowsAfter(page, 'severity').map(
      (name) => `Finding${name.replace(/^./, (first) => first.toUpperCase())}`,
    );
    const findings = Object.values(metrics).filter((name) => name.startsWith('Finding'));
    expect(severities.toSorted()).toEqual(findings.toSorted());
    const rules = Object.fromEntries(rowsAfter(page, 'rule').map((rule) => [rule, 'record-only']));
    expect(Object.keys(rules)).toHaveLength(8);
    const settings = { brand: 'Example', audience: 'https://api.example.com', countries: { GB: {} } };
    expect(() => parseSettings({ ...settings, bursts: { rules } })).not.toThrow();
    expect(() => parseSettings({ ...settings, bursts: { rules: { ...rules, silence: 'off' } } })).toThrow();
  });

  /** Dotted names of all settings that a deployment with the defaults has. */
  const namesOf = (value: unknown, parent = ''): readonly string[] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([key, each]) => [`${parent}${key}`, ...namesOf(each, `${parent}${key}.`)]);

  // The page on the words and the changelog name the old ones as well.
  test.each(pages.filter((file) => !file.includes('/0039-') && file !== 'CHANGELOG.md'))(
    '%s names settings that exist',
    async (file) => {
      const settings = parseSettings({ brand: 'Example', audience: 'https://api.example.com', countries: { GB: {} } });
      const paths = [...limits().map(({ path }) => String(path)), ...namesOf(settings)];
      const named = [
        ...(await read(file)).matchAll(/`((?:bursts|caps|code|ips|lowVolume|sends)\.[a-z]\w*(?:\.\w+)*)`/g),
      ];
      expect(named.map(([, name = '']) => name).filter((name) => !paths.some((each) => each.startsWith(name)))).toEqual(
        [],
      );
    },
  );
});
