import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Key, Level } from '../../../lambdas/bursts/counts/keys.ts';
import { levels } from '../../../lambdas/bursts/counts/keys.ts';
import { afterRuling, type Case, type Change, type Transition } from '../../../lambdas/bursts/findings/case.ts';
import type { Deployment } from '../../../lambdas/bursts/findings/commands.ts';
import { descriptionOf, type Finding } from '../../../lambdas/bursts/findings/finding.ts';
import { render } from '../../../lambdas/bursts/findings/render.ts';
import { countryText, whereText } from '../../../lambdas/bursts/findings/words/group-names.ts';
import { runbookUrlOf } from '../../../lambdas/bursts/findings/words/lines.ts';
import type { Action, AtRisk, Explanation, NamedLaunch, Ruling } from '../../../lambdas/bursts/judge/ruling.ts';
import { localStackName } from '../../../lambdas/contract.ts';
import { type RuleName, ruleNames, rulesWithoutMode } from '../../../lambdas/policy.ts';
import { sampleDeployment } from '../../fakes/bursts/deployment.ts';
import { aRuling } from '../../fakes/bursts/rulings.ts';
import { digits, minuteMs, mondayMs, scene } from '../../fakes/bursts/scene.ts';

const keyedHash = 'Zk3'.repeat(15).slice(0, 43);
const keys: Readonly<Record<Level, readonly Key[]>> = {
  phone: [{ level: 'phone', of: keyedHash }],
  ip: [{ level: 'ip', of: keyedHash }],
  range: ['+91987654', '+3361234', '+1415555', '+2909', '+88210', '+62812345678'].map((of) => ({ level: 'range', of })),
  prefix: ['+919876', '+336123', '+1415', '+88210', '+290912'].map((of) => ({ level: 'prefix', of })),
  country: ['IN', 'CI', 'XK', 'VC'].map((of) => ({ level: 'country', of })),
  'new-network': [{ level: 'new-network', of: 'IN' }],
  codes: [
    { level: 'codes', of: 'IN' },
    { level: 'codes', of: keyedHash },
  ],
  everywhere: [{ level: 'everywhere', of: 'all countries' }],
};

/** What each rule can lead to, by level: see `brokenBy`, `actionOf` and `reviewCountries`. */
const held = ['restrict', 'none'] as const;
const actions: Readonly<Record<RuleName, Readonly<Partial<Record<Level, readonly Action[]>>>>> = {
  'unverified-burst': {
    range: ['restrict', 'block', 'none'],
    prefix: held,
    country: held,
    ip: held,
    'new-network': held,
  },
  'no-conversion': { prefix: held },
  'low-and-slow': { range: ['restrict', 'block', 'none'], prefix: held },
  'converting-strangers': { range: held },
  'code-spraying': { codes: ['longer-codes', 'none'], ip: held },
  guessing: { codes: ['longer-codes', 'none'] },
  bombing: { phone: ['none'] },
  'conversion-drop': { country: ['none'], everywhere: ['none'] },
  'launch-exceeded': { country: ['none'], prefix: ['none'] },
  'swapped-number': { phone: ['none'] },
};
const isOfNumber = (key: Key): boolean => key.of === keyedHash;
/** Guesses at one number are `guessing`, those at a country `code-spraying`. */
const canBe = (rule: RuleName, key: Key): boolean => key.level !== 'codes' || isOfNumber(key) === (rule === 'guessing');

const manyOf: Partial<Explanation> = {
  seenSms: 33,
  seenStarted: 33,
  seenSeconds: 240,
  startedSixHours: 65,
  startedHour: 65,
};
const one: Partial<Explanation> = {
  ...{ seenSms: 1, seenStarted: 1, seenVerified: 1, seenSeconds: 60, startedHour: 1, startedSixHours: 1 },
  ...{ wrong: 1, requests: 1, pending: 1, oldestPendingSeconds: 1, limited: 1, collateral: 1, expectedPerHour: 1 },
  ...{ spentUsd: 0.05, usdPerHour: 0.3 },
};
const between: Partial<Explanation> = {
  ...{
    seenSms: 33.3,
    seenStarted: 30.4,
    seenVerified: 2.2,
    seenSeconds: 5400,
    startedHour: 59.9,
    startedSixHours: 61.2,
  },
  ...{
    wrong: 45,
    requests: 100,
    pending: 45,
    oldestPendingSeconds: 99,
    limited: 12,
    collateral: 30,
    expectedPerHour: 0.04,
  },
  ...{ spentUsd: 1234.5, usdPerHour: 9876.5, chance: 1e-12 },
};
const half: Partial<Explanation> = { seenStarted: 40, seenVerified: 20, seenSms: 55, seenSeconds: 0 };
const amounts = [manyOf, one, between, half];

const until = mondayMs + 15 * minuteMs;
const stories: readonly (readonly [name: string, change: Change, more: Partial<Case>])[] = [
  ['created', { kind: 'create' }, {}],
  ['updated', { kind: 'update' }, { refusals: { total: 20, before: 0, from: 0 }, sparedUsd: 1 }],
  ['updated after its end', { kind: 'update' }, { notifiedMs: until, refusals: { total: 1, before: 0, from: 0 } }],
  ['closed when quiet', { kind: 'close', because: 'quiet' }, { isOpen: false, notifiedMs: until + 15 * minuteMs }],
  ['lifted', { kind: 'close', because: 'lifted', untilMs: until + 60 * minuteMs }, { isOpen: false }],
  ['labeled', { kind: 'close', because: 'false-positive', by: 'ada' }, { isOpen: false }],
  ['resolved', { kind: 'close', because: 'resolved', by: 'ada' }, { isOpen: false }],
  ['labeled late', { kind: 'close', because: 'false-positive', by: 'ada' }, { isOpen: false, notifiedMs: until }],
];

const findingOf = (
  ruling: Ruling,
  [, change, more]: (typeof stories)[number] = stories[0] ?? expect.fail(),
  deployment: Deployment = sampleDeployment,
): Finding => {
  const { after } = afterRuling(undefined, 0, ruling);
  const transition: Transition = { after: { ...after, ...more }, change, notice: undefined, joins: undefined };
  return render(transition, descriptionOf(ruling, deployment), deployment);
};

/** Rules that lead to no action, whatever their mode is. */
const withoutAction: readonly RuleName[] = ['bombing', 'conversion-drop', ...rulesWithoutMode];

/** With half a day to go. */
const announced: NamedLaunch = {
  ...{ level: 'prefix' as const, of: '+919876', expected: 500, requests: 1600 },
  ...{ fromMs: mondayMs - 12 * 60 * minuteMs, untilMs: mondayMs + 11.5 * 60 * minuteMs },
};

const swapped: AtRisk = { found: 'swapped', outcome: 'refused', purpose: 'payment' };

const rulingOf = (
  rule: RuleName,
  key: Key,
  action: Action,
  explanation: Partial<Explanation>,
  more: Partial<Ruling> = {},
) => {
  const sample = aRuling(key, mondayMs);
  return {
    ...sample,
    ...{ uid: '0123456789abcdef0123456789abcdef', rule, action, country: 'IN' },
    mode: action === 'none' && !withoutAction.includes(rule) ? 'record-only' : 'enforce',
    untilMs: action === 'none' ? mondayMs : until,
    within: key.level === 'range' ? { level: 'prefix', of: key.of.slice(0, 7) } : undefined,
    explanation: {
      ...sample.explanation,
      ...(rule === 'launch-exceeded' ? { launch: announced } : {}),
      ...(rule === 'swapped-number' ? { atRisk: swapped } : {}),
      ...explanation,
      rule,
    },
    ...more,
  } satisfies Ruling;
};

type Told = { readonly name: string; readonly ruling: Ruling; readonly finding: Finding };
const allRules: readonly RuleName[] = [...ruleNames, ...rulesWithoutMode];
const all: readonly Told[] = allRules.flatMap((rule) =>
  levels.flatMap((level) =>
    (actions[rule][level] ?? []).flatMap((action) =>
      keys[level]
        .filter((key) => canBe(rule, key))
        .flatMap((key) =>
          amounts.flatMap((amount) =>
            stories.map((story) => {
              const ruling = rulingOf(rule, key, action, amount);
              return { name: `${rule} ${level} ${action} ${story[0]}`, ruling, finding: findingOf(ruling, story) };
            }),
          ),
        ),
    ),
  ),
);

const lineNames = [
  'headline',
  'so_far',
  'refused_text',
  'ends',
  'if_legitimate',
  'if_wrong',
  'if_attack',
  'show_command',
  'lift_command',
  'runbook_url',
] as const;
/** The name of a group is one word, however many spaces people write in a number. */
const namedShortly = (line: string, key: Key): string =>
  line.replaceAll(whereText(key), 'GROUP').replaceAll(countryText(key.of), 'COUNTRY');
const linesIn = ({ finding, ruling: { key } }: Told): readonly (readonly [name: string, line: string])[] =>
  lineNames.map((name) => [name, namedShortly(finding.unmapped[name], key)]);
const sentencesOf = (line: string): readonly string[] => line.split(/(?<=[.?!])\s+/);

/** The lines of all findings that break a rule, with their finding. */
const breaking = (isBroken: (line: string, name: string) => boolean): readonly string[] =>
  all.flatMap((each) =>
    linesIn(each).flatMap(([name, line]) => (isBroken(line, name) ? [`${each.name}: ${line}`] : [])),
  );

describe('the lines of a finding', () => {
  test('every rule, level, action and change has lines', () => {
    expect(all.length).toBeGreaterThan(1000);
    expect(new Set(all.map(({ ruling }) => ruling.rule))).toEqual(new Set(Object.keys(actions)));
    expect(new Set(all.map(({ ruling }) => ruling.key.level))).toEqual(new Set(levels));
    expect(new Set(all.map(({ ruling }) => ruling.action))).toEqual(
      new Set(['restrict', 'block', 'longer-codes', 'none']),
    );
    expect(breaking((line) => line.trim() === '' || line !== line.trim() || line.includes('  '))).toEqual([]);
  });
  test('a line stands between double quotes in the text of a mail, and so has no line break, quote or backslash', () => {
    expect(breaking((line) => /["\\<>]|[\p{Cc}\p{Zl}\p{Zp}]/u.test(line))).toEqual([]);
  });
  test('no line speaks of nats, chances or deviations, or writes a number that people cannot read', () => {
    expect(breaking((line) => /\bnats?\b|chance|deviation|threshold|\d[eE][+-]?\d|10[⁰-⁹]/.test(line))).toEqual([]);
    const titles = all.map(({ finding }) => finding.finding_info.title);
    expect(titles.filter((title) => /\bnats?\b|chance|\d[eE][+-]?\d/.test(title))).toEqual([]);
  });
  test('no line lacks a value', () => {
    expect(
      breaking((line) => /undefined|null|NaN|Infinity|\[object|\$-|-\d/.test(line.replace(/\d{4}-\d\d-\d\d/g, 'DAY'))),
    ).toEqual([]);
  });
  test('no keyed hash is in a line, a title or a message', () => {
    const texts = all.flatMap(({ finding }) => [
      ...lineNames.map((name) => finding.unmapped[name]),
      finding.finding_info.title,
      finding.message,
    ]);
    expect(texts.filter((text) => text.includes(keyedHash.slice(0, 6)))).toEqual([]);
  });
  test('one of a thing is singular, and every other number of it is plural', () => {
    const things = 'message|code|request|verification|hour|minute|second|wrong code';
    const wrong = new RegExp(
      `(?<![\\d.])1 (?:${things})s\\b|\\b1 people|(?<![\\d.])(?!1 )[\\d.]+ (?:${things}|person)\\b`,
    );
    expect(breaking((line) => wrong.test(line))).toEqual([]);
    expect(breaking((line) => /\b1 (?:[a-z]+ )?were\b|\b(?:[2-9]|\d\d+) (?:[a-z]+ )?was\b/.test(line))).toEqual([]);
  });
  test('no sentence has more than 25 words, its command included', () => {
    const isLong = (line: string) => sentencesOf(line).some((sentence) => sentence.split(' ').length > 25);
    expect(breaking(isLong)).toEqual([]);
  });
  test('the page on bursts has a row for each line', () => {
    const page = readFileSync(new URL('../../../docs/bursts.md', import.meta.url), 'utf8');
    const [, section = ''] = page.split('\n## The words of a finding\n');
    const rows = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual(lineNames);
  });
  test('each line but a headline, a command and an address ends as a sentence or with a command', () => {
    const isProse = (name: string) => ['so_far', 'refused_text', 'ends'].includes(name);
    expect(breaking((line, name) => isProse(name) && !/[.]$/.test(line))).toEqual([]);
    const isAdvice = (name: string) => name.startsWith('if_');
    expect(breaking((line, name) => isAdvice(name) && !/: otp-desk --stack OtpService [\w +:.-]+$/.test(line))).toEqual(
      [],
    );
  });
});

describe('the first line', () => {
  const headline = (rule: RuleName, key: Key, amount: Partial<Explanation>, action: Action = 'restrict'): string =>
    findingOf(rulingOf(rule, key, action, amount)).unmapped.headline;
  const range: Key = { level: 'range', of: '+91987654' };

  test('the first line says what happens in the words of people, for each rule', () => {
    expect(headline('unverified-burst', range, { ...manyOf, expectedPerHour: 0.2 })).toBe(
      'Somebody requests codes for range +91 98765 4xxxx and nobody enters them: 33 messages in 4 minutes, usually 0.2 an hour',
    );
    expect(headline('unverified-burst', { level: 'ip', of: keyedHash }, { ...between, expectedPerHour: 0 })).toBe(
      'Somebody requests codes from one IP and few enter them: 33 messages in 2 hours, 2 entered, usually none',
    );
    expect(headline('unverified-burst', { level: 'new-network', of: 'IN' }, half)).toBe(
      'Trusted numbers of India (IN) request codes from new networks and only some enter them: 55 messages in 1 second, 20 entered, usually 0.1 an hour',
    );
    expect(headline('no-conversion', { level: 'prefix', of: '+919876' }, between)).toBe(
      'Somebody requests codes for prefix +91 9876… and nobody enters them: 45 codes are pending, the oldest for 2 minutes',
    );
    expect(headline('low-and-slow', range, between)).toBe(
      'For hours somebody requests codes for range +91 98765 4xxxx and few are entered: 61 people in six hours, usually none',
    );
    expect(headline('converting-strangers', range, between)).toBe(
      'Many unverified numbers of range +91 98765 4xxxx verify, as a farm of SIM cards would: 61 people in six hours, usually none',
    );
    expect(headline('converting-strangers', range, manyOf)).toContain(': 65 people in an hour, usually 0.1 an hour');
    expect(headline('code-spraying', { level: 'codes', of: 'IN' }, between, 'longer-codes')).toBe(
      'Somebody guesses codes of many numbers of India (IN): 45 wrong codes over 100 verifications in half an hour',
    );
    expect(headline('guessing', { level: 'codes', of: keyedHash }, between, 'longer-codes')).toBe(
      'Somebody guesses the codes of one number: 45 wrong codes in about half an hour',
    );
    expect(headline('bombing', { level: 'phone', of: keyedHash }, between, 'none')).toBe(
      'Somebody requests codes for one number again and again: its limits refused 12 requests in about half an hour',
    );
    expect(headline('conversion-drop', { level: 'country', of: 'IN' }, half, 'none')).toBe(
      'Fewer people than usual enter their codes in India (IN): 20 of 40 in a day and a half, usually 32',
    );
  });

  test('an attack that the detector finds has the time and the messages of the attack in its first line', async () => {
    const stage = scene();
    for (let nth = 0; nth < 40; nth += 1) {
      await stage.send({ phone: `+44770012${digits(nth, 4)}`, ip: `ip-${nth}` });
      stage.wait(minuteMs / 10);
    }
    const ruling = stage.rulings.find(({ key }) => key.level === 'range') ?? expect.fail('The attack was not found.');
    const seconds = (ruling.atMs - mondayMs) / 1000;
    expect(ruling.explanation.seenSeconds).toBeGreaterThanOrEqual(seconds);
    expect(ruling.explanation.seenSeconds).toBeLessThanOrEqual(seconds + 10);
    const { headline: line, so_far: cost } = findingOf(ruling).unmapped;
    const messages = Math.round(ruling.explanation.seenSms);
    expect(line).toContain(`range +44 7700 12xxxx and nobody enters them: ${messages} messages in `);
    expect(cost).toContain(`So far it cost about $${(messages * 0.05).toFixed(2)} for ${messages} messages.`);
  });
});

describe('the cost of a finding', () => {
  const range: Key = { level: 'range', of: '+91987654' };
  const costOf = (more: Partial<Explanation>, key: Key = range, action: Action = 'restrict'): string =>
    findingOf(rulingOf('unverified-burst', key, action, more)).unmapped.so_far;
  const seconds = { seenSms: 17, seenSeconds: 5, spentUsd: 1.53, usdPerHour: 9.18, hourCapUsd: 10 };

  test('a burst of seconds has its own pace, and the cap that bounds it', () => {
    expect(costOf(seconds)).toBe(
      'So far it cost about $1.53 for 17 messages. Without the restriction, an hour at the pace of the burst itself would cost about $1,100. The caps stop it at $10 an hour for India (IN).',
    );
    expect(costOf({ ...seconds, seenSeconds: 0, hourCapUsd: 6000 })).toMatch(/ would cost about \$5,500\.$/);
  });
  test('a burst of more than ten minutes has the pace of the latest ten', () => {
    expect(costOf({ ...seconds, seenSeconds: 600 })).toMatch(
      / Without the restriction, an hour at the pace of the ten minutes before would cost about \$9\.18\.$/,
    );
    expect(costOf({ ...seconds, seenSeconds: 599 }, range, 'none')).toMatch(
      / An hour at the pace of the burst itself would cost about \$9\.20\.$/,
    );
    expect(costOf({ ...seconds, seenSeconds: 3600, hourCapUsd: 5 }, range, 'none')).toMatch(
      / An hour at the pace of the latest ten minutes would cost about \$9\.18\. The caps stop it at \$5\.00 an hour for India \(IN\)\.$/,
    );
  });
  test('no cap of one country is named for an IP, nor for a finding that knows none', () => {
    expect(costOf(seconds, { level: 'ip', of: keyedHash })).toMatch(
      / would cost about \$1,100, unless a cap on cost stops it first\.$/,
    );
    const { hourCapUsd: _, ...earlier } = seconds;
    expect(costOf(earlier)).toMatch(/, unless a cap on cost stops it first\.$/);
  });
});

describe('the act that a finding asks for', () => {
  test.each([
    [
      'unverified-burst',
      { level: 'range', of: '+91987654' },
      'block',
      'The detector has blocked the range already. Do nothing, unless',
    ],
    [
      'no-conversion',
      { level: 'prefix', of: '+919876' },
      'restrict',
      'The detector has restricted the prefix already. Do nothing, unless',
    ],
    [
      'unverified-burst',
      { level: 'country', of: 'IN' },
      'restrict',
      'The detector has restricted India (IN) already. Do nothing, unless',
    ],
    [
      'unverified-burst',
      { level: 'new-network', of: 'IN' },
      'restrict',
      'The detector has restricted new networks of India (IN) already.',
    ],
    [
      'code-spraying',
      { level: 'ip', of: keyedHash },
      'restrict',
      'The detector has restricted the IP already. Do nothing, unless',
    ],
    [
      'guessing',
      { level: 'codes', of: keyedHash },
      'longer-codes',
      'The detector has made new codes longer already. Do nothing, unless',
    ],
    ['bombing', { level: 'phone', of: keyedHash }, 'none', 'Nothing has to be done.'],
    [
      'unverified-burst',
      { level: 'range', of: '+91987654' },
      'none',
      'Nobody is refused because of it. Find out whether it is an attack.',
    ],
    [
      'conversion-drop',
      { level: 'country', of: 'IN' },
      'none',
      'Nobody is refused because of it. Find out whether codes arrive.',
    ],
    [
      'launch-exceeded',
      { level: 'prefix', of: '+919876' },
      'none',
      'Nobody is refused because of it. Find out whether these are your users.',
    ],
  ] as const)('%s on %o with action %s says first what to do', (rule, key, action, words) => {
    const { refused_text: line } = findingOf(rulingOf(rule, key, action, manyOf)).unmapped;
    expect(line.startsWith(words)).toBe(true);
  });
  test('a finding that is closed, ended or within a launch asks nobody to find out', () => {
    const restricted = rulingOf('unverified-burst', { level: 'range', of: '+91987654' }, 'restrict', manyOf);
    for (const story of stories.slice(2))
      expect(findingOf(restricted, story).unmapped.refused_text).not.toMatch(/Do nothing|Find out/);
    const within = rulingOf('unverified-burst', { level: 'range', of: '+91987654' }, 'none', {
      ...manyOf,
      launch: announced,
    });
    expect(findingOf(within).unmapped.refused_text).toBe(
      'Nobody is refused because of it. Do nothing, if this is the launch that staff announced.',
    );
  });
  test('a finding says truly what it is to acknowledge it', () => {
    const { if_attack: line, commands } = findingOf(
      rulingOf('unverified-burst', { level: 'range', of: '+91987654' }, 'restrict', manyOf),
    ).unmapped;
    expect(line).toBe(
      `If it is an attack, leave the restriction in place. Show your colleagues that you look after it (this stops no mail): ${commands.acknowledge}`,
    );
  });
});

describe('the group of a finding', () => {
  test.each([
    ['range', '+91987654', 'range +91 98765 4xxxx'],
    ['range', '+3361234', 'range +33 6 12 34 xx xx'],
    ['range', '+1415555', 'range +1 415 555 xxxx'],
    ['range', '+2909', 'range +290 9xxxx'],
    ['prefix', '+919876', 'prefix +91 9876…'],
    ['prefix', '+1415', 'prefix +1 415…'],
    ['prefix', '+35988', 'prefix +359 88…'],
    ['country', 'IN', 'India (IN)'],
    ['country', 'CI', 'Côte d’Ivoire (CI)'],
    ['country', '001', 'numbers of no country'],
  ] as const)('the %s %s is written %s', (level, of, written) => expect(whereText({ level, of })).toBe(written));
  test('a group that is no number is written as it is, and its end is hidden', () => {
    expect(whereText({ level: 'range', of: 'x' })).toBe('range xxxxx');
    expect(whereText({ level: 'prefix', of: 'x' })).toBe('prefix x…');
  });
});

describe('the commands of a finding', () => {
  const uid = '0123456789abcdef0123456789abcdef';
  const commandsFor = (rule: RuleName, key: Key, action: Action, deployment?: Deployment) =>
    findingOf(rulingOf(rule, key, action, { ...manyOf, startedHour: 33 }), undefined, deployment).unmapped.commands;
  const range: Key = { level: 'range', of: '+91987654' };

  test('each act has one command of otp-desk, with the name of the stack and of the group', () => {
    expect(commandsFor('unverified-burst', range, 'restrict')).toEqual({
      show: `otp-desk --stack OtpService show ${uid}`,
      acknowledge: `otp-desk --stack OtpService ack ${uid}`,
      false_positive: `otp-desk --stack OtpService false-positive ${uid}`,
      lift: 'otp-desk --stack OtpService lift range +91987654 --reason WHY',
      suppress: 'otp-desk --stack OtpService lift range +91987654 --allow 7d --reason WHY',
      launch: 'otp-desk --stack OtpService launch prefix +919876 --for 24h --expected 800 --reason WHY',
    });
  });
  test('local mode has an option of its own', () => {
    const local = { ...sampleDeployment, stackName: localStackName };
    expect(commandsFor('unverified-burst', range, 'restrict', local).show).toBe(`otp-desk --local show ${uid}`);
  });
  test.each([
    ['unverified-burst', { level: 'ip', of: keyedHash }, 'restrict', `finding ${uid}`],
    ['unverified-burst', { level: 'new-network', of: 'IN' }, 'restrict', `finding ${uid}`],
    ['code-spraying', { level: 'codes', of: 'IN' }, 'longer-codes', `finding ${uid}`],
    ['guessing', { level: 'codes', of: keyedHash }, 'longer-codes', `finding ${uid}`],
    ['unverified-burst', { level: 'country', of: 'IN' }, 'restrict', 'country IN'],
    ['unverified-burst', { level: 'prefix', of: '+919876' }, 'restrict', 'prefix +919876'],
  ] as const)('%s on %o is lifted by words that people and otp-desk have', (rule, key, action, words) => {
    expect(commandsFor(rule, key, action).lift).toBe(`otp-desk --stack OtpService lift ${words} --reason WHY`);
  });
  test('a launch is proposed if it may explain the finding, for a country or a prefix', () => {
    const launches = all.map(({ ruling, finding }) => ({ ruling, launch: finding.unmapped.commands.launch }));
    const proposed = launches.filter(({ launch }) => launch !== undefined);
    expect([...new Set(proposed.map(({ ruling }) => ruling.rule))].toSorted()).toEqual([
      'converting-strangers',
      'launch-exceeded',
      'low-and-slow',
      'unverified-burst',
    ]);
    expect([...new Set(proposed.map(({ ruling }) => ruling.key.level))].toSorted()).toEqual([
      'country',
      'new-network',
      'prefix',
      'range',
    ]);
    const shape =
      /^otp-desk --stack OtpService launch (?:country [A-Z]{2}|prefix \+\d{4,7}) --for (?:24|12)h --expected [1-9]\d*00 --reason WHY$/;
    expect(proposed.filter(({ launch }) => !shape.test(launch ?? ''))).toEqual([]);
  });
  test('a launch that is exceeded is announced anew for its rest, with the requests that come at its pace', () => {
    const { unmapped } = findingOf(
      rulingOf('launch-exceeded', { level: 'prefix', of: '+919876' }, 'none', { requests: 1600 }),
    );
    // 1,600 in twelve hours go on for another twelve.
    const launch = 'otp-desk --stack OtpService launch prefix +919876 --for 12h --expected 1600 --reason WHY';
    expect(unmapped.commands.launch).toBe(launch);
    expect(unmapped.if_legitimate).toBe(
      `If these are your users, announce the launch anew, with its real size: ${launch}`,
    );
  });
  test('no launch is proposed where one is announced and holds', () => {
    const within = findingOf(rulingOf('unverified-burst', range, 'none', { ...manyOf, launch: announced }));
    expect(within.unmapped.commands).not.toHaveProperty('launch');
  });
  test.each([
    [range, ' It covers the whole prefix +919876, because no launch is narrower.'],
    [{ level: 'new-network', of: 'IN' }, ' It covers the whole country IN, because no launch is narrower.'],
    [{ level: 'prefix', of: '+919876' }, ''],
    [{ level: 'country', of: 'IN' }, ''],
  ] as const)('a finding on %o says whether the launch that it proposes is wider', (key, wider) => {
    const { if_legitimate: line } = findingOf(rulingOf('unverified-burst', key, 'restrict', manyOf)).unmapped;
    expect(line.split(' If these are')[0]).toBe(
      `If it is a launch of yours, first lift the restriction, then announce the launch. Otherwise the detector may restrict this again after 1 hour. The command for it is in the output of otp-desk show.${wider}`,
    );
  });
  test('a finding says what to lift does, and what a verdict does', () => {
    const {
      if_legitimate: legitimate,
      if_wrong: wrong,
      commands,
    } = findingOf(rulingOf('unverified-burst', range, 'restrict', manyOf)).unmapped;
    expect(legitimate).toContain(
      `lift the restriction. They pass at once, and for 1 hour the detector blocks nothing here: ${commands.lift}`,
    );
    expect(wrong).toBe(
      `To lift is not to say that the detector was wrong. If it was, record that too: it closes the finding, and lifts nothing: ${commands.false_positive}`,
    );
  });
  test('a shell takes each command as it is written: no quote, no variable, no glob, no digits of a number', () => {
    const commands = all.flatMap(({ finding }) => Object.values(finding.unmapped.commands));
    expect(commands.filter((command) => !/^otp-desk --stack OtpService [\w +-]+$/.test(command))).toEqual([]);
    expect(commands.filter((command) => /\+\d{12,}/.test(command))).toEqual([]);
  });
});

describe('what changes with a case', () => {
  const range: Key = { level: 'range', of: '+91987654' };
  const restricted = rulingOf('unverified-burst', range, 'restrict', { ...manyOf, collateral: 3 });
  const linesAfter = (name: string): Finding['unmapped'] =>
    findingOf(restricted, stories.find(([each]) => each === name) ?? expect.fail(name)).unmapped;

  test('a finding says when a restriction ends, and after its end that it has ended', () => {
    expect(linesAfter('created').ends).toBe(
      'The restriction ends by itself at 2026-01-05 00:15 UTC. Now and then one request passes as a test. While nobody enters its code, the restriction is renewed, until 2026-01-05 04:00 UTC at the latest.',
    );
    expect(linesAfter('updated after its end').ends).toBe(
      'The restriction ended at 2026-01-05 00:15 UTC. The finding closes after 15 minutes without news.',
    );
    expect(linesAfter('closed when quiet').ends).toBe('It is over: nothing more was found for 15 minutes.');
    expect(linesAfter('lifted').ends).toBe(
      'It is over: staff lifted it. The detector leaves this alone until 2026-01-05 01:15 UTC.',
    );
    expect(linesAfter('labeled').ends).toBe(
      'Staff closed it as a false positive. The restriction still holds until 2026-01-05 00:15 UTC, or until staff lift it.',
    );
    expect(linesAfter('labeled late').ends).toBe('Staff closed it as a false positive.');
  });
  test('a finding says that callers are refused for as long as they are, and what that saved', () => {
    expect(linesAfter('created').refused_text).toBe(
      'The detector has restricted the range already. Do nothing, unless these are users of yours. Unverified numbers of this range are refused, unless they come from a trusted IP. By estimate up to 3 real users a day are refused. Numbers that have verified within 90 days are served.',
    );
    expect(linesAfter('updated').refused_text).toMatch(
      / So far 20 requests were refused, which saved about \$1\.00\.$/,
    );
    for (const over of ['updated after its end', 'closed when quiet', 'lifted', 'labeled late'])
      expect(linesAfter(over).refused_text).toMatch(/^Nobody is refused because of it any more\./);
  });
  test('the runbook is opened at the heading of the alarm, also when the severity changes', () => {
    const opened = (severity: Ruling['severity'], runbookUrl = sampleDeployment.runbookUrl) =>
      findingOf({ ...restricted, severity }, undefined, { ...sampleDeployment, runbookUrl }).unmapped.runbook_url;
    expect(opened('critical')).toBe('https://example.com/runbook#findingcritical');
    expect(opened('high')).toBe('https://example.com/runbook#findinghigh');
    expect(opened('medium', 'docs/runbook.md')).toBe('docs/runbook.md#rangerestricted');
    const story = stories[1] ?? expect.fail();
    const lowered = findingOf({ ...restricted, severity: 'critical' }, [story[0], story[1], { severity: 'medium' }]);
    expect(lowered.unmapped.runbook_url).toBe('https://example.com/runbook#rangerestricted');
  });
  test('each finding leads to a heading of the runbook that fits its severity', () => {
    const page = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, each = '']) => each.toLowerCase().replaceAll(' ', '-'));
    const anchors = new Map(
      all.flatMap(({ ruling: { rule, key, action } }) =>
        (['low', 'medium', 'high', 'critical'] as const).map((severity) => {
          const url = runbookUrlOf({ rule, key, action, severity }, { stackName: 'OtpService', runbookUrl: '' });
          return [url.slice(1), severity] as const;
        }),
      ),
    );
    expect([...anchors.keys()].filter((anchor) => !headings.includes(anchor))).toEqual([]);
    expect([anchors.get('findingcritical'), anchors.get('findinghigh')]).toEqual(['critical', 'high']);
    expect([...anchors.keys()].toSorted()).toEqual([
      'conversionlow',
      'findingcritical',
      'findinghigh',
      'other-findings',
      'rangerestricted',
      'swappednumber',
    ]);
  });
  test('a finding that is rendered again keeps the launch that its ruling proposed', () => {
    const first = findingOf(restricted);
    const { after: now } = afterRuling(undefined, 0, restricted);
    const transition: Transition = {
      after: { ...now, version: 2 },
      change: { kind: 'update' },
      notice: undefined,
      joins: undefined,
    };
    const again = render(transition, JSON.parse(JSON.stringify(first)), sampleDeployment);
    expect(again.unmapped.commands).toEqual(first.unmapped.commands);
    expect(again.unmapped.headline).toBe(first.unmapped.headline);
  });
  test('the message begins with the first line, and the numbers behind it come last', () => {
    const { message, unmapped } = findingOf(restricted);
    expect(message.startsWith(`${unmapped.headline}. `)).toBe(true);
    expect(message.endsWith(unmapped.evidence.join(' '))).toBe(true);
    expect(unmapped.evidence.join(' ')).toContain('nats');
  });
});
