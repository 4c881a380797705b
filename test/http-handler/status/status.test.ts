import { describe, expect, test } from 'vitest';
import type { Asked, CapUse, StatusFacts, StatusPorts } from '../../../lambdas/desk/status/facts.ts';
import { knownCapsOf } from '../../../lambdas/desk/status/known-caps.ts';
import { readStatus } from '../../../lambdas/desk/status/status.ts';
import { askWithin } from '../../../lambdas/http/desk/ask.ts';
import { Unavailable } from '../../../lambdas/otp/ports.ts';
import { samplePolicy } from '../../fakes/policy.ts';
import { sampleVoice } from '../../fakes/sending/voice.ts';

const nowMs = Date.parse('2026-11-29T03:04:05.000Z');

const well: StatusFacts = {
  mapping: { id: 'id', state: 'Enabled' },
  heartbeat: { sweptMs: nowMs - 20_000, mapping: 'Enabled', lastBatch: { atMs: nowMs - 5000, latenessMs: 900 } },
  iteratorAgeMs: 500,
  receivers: [{ protocol: 'email', endpoint: 'a@example.com', state: 'confirmed' }],
  alarms: [{ name: 'FindingHigh', state: 'off', rings: true }],
  keys: [{ name: 'SealKey', arn: 'arn', state: { kind: 'known', fact: 'Enabled' } }],
  letters: { count: 0, isMore: false },
  caps: [],
  stops: [],
  blocks: { blocks: 0, restrictions: 0 },
  findings: { open: 0, high: 0, critical: 0, unreadable: 0 },
};

const portsOf = (facts: StatusFacts): StatusPorts =>
  Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, async () => fact])) as unknown as StatusPorts;

const look = async (change: Partial<StatusFacts> = {}, broken: Partial<StatusPorts> = {}) => {
  const ports = { ...portsOf({ ...well, ...change }), ...broken };
  const { state, checks } = await readStatus({
    ports,
    ask: askWithin(200, () => {}),
    stackName: 'Otp',
    topic: 'topic',
  })(nowMs);
  const wrong = checks.filter((check) => check.state !== 'ok');
  return {
    state,
    wrong: wrong.map((check) => `${check.name} ${check.state}`),
    says: wrong[0]?.says,
    todo: wrong[0]?.todo,
  };
};

test('a service in which every check is well is well', async () => {
  expect(await look()).toMatchObject({ state: 'ok', wrong: [] });
});

test.each(Object.keys(well) as (keyof StatusFacts)[])(
  'a question about %s that fails is no good answer, and leaves the others',
  async (name) => {
    const failing = { [name]: () => Promise.reject(new Unavailable('AWS Ask', { cause: new TypeError('secret') })) };
    const { state, wrong, says } = await look({}, failing);
    expect([state, wrong.length]).toEqual(['bad', 1]);
    expect(wrong[0]).toMatch(/ unknown$/);
    expect(says).toBe('Nobody can tell, because AWS Ask failed (TypeError).');
  },
);

test('a question that nobody answers ends, and is unknown', async () => {
  const { wrong, says } = await look({}, { letters: () => new Promise(() => {}) });
  expect(wrong).toEqual(['dead-letters unknown']);
  expect(says).toBe('Nobody can tell, because there was no answer in time.');
});

describe('the detector', () => {
  test.each([
    ['Disabled', true],
    ['Disabling', true],
    ['Creating', true],
    [undefined, true],
    ['Updating', false],
  ])('a mapping in the state %s is bad: %s', async (state, isBad) => {
    const { wrong } = await look({ mapping: { id: 'id', state } });
    expect(wrong).toEqual(isBad ? ['detector-listening bad'] : []);
  });

  test.each([
    ['a sweep of just three minutes ago', { sweptMs: nowMs - 180_000 }, {}, []],
    ['a sweep of longer ago', { sweptMs: nowMs - 180_001 }, {}, ['detector-on-time bad']],
    ['no sweep', { sweptMs: undefined }, {}, ['detector-on-time unknown']],
    ['a batch a minute late', { lastBatch: { atMs: nowMs, latenessMs: 60_000 } }, {}, []],
    ['a batch that is later', { lastBatch: { atMs: nowMs, latenessMs: 60_001 } }, {}, ['detector-on-time bad']],
    ['a late batch of long ago', { lastBatch: { atMs: nowMs - 300_001, latenessMs: 900_000 } }, {}, []],
    ['an iterator that is late', {}, { iteratorAgeMs: 60_001 }, ['detector-on-time bad']],
    ['a stream without records', { lastBatch: undefined }, { iteratorAgeMs: undefined }, []],
  ] as const)('the detector is judged by %s', async (_, heartbeat, more, wrong) => {
    const { wrong: found } = await look({ heartbeat: { ...well.heartbeat, ...heartbeat }, ...more });
    expect(found).toEqual(wrong);
  });

  test('a detector that has never swept is starting, and one that is late besides is bad', async () => {
    const { state, wrong, says } = await look({ heartbeat: { ...well.heartbeat, sweptMs: undefined } });
    expect([state, wrong]).toEqual(['bad', ['detector-on-time unknown']]);
    expect(says).toBe('The detector is starting: its first sweep comes within a minute of a deployment.');
    const lastBatch = { atMs: nowMs, latenessMs: 60_001 };
    const late = await look({ heartbeat: { ...well.heartbeat, sweptMs: undefined, lastBatch } });
    expect(late.wrong).toEqual(['detector-on-time bad']);
  });

  test('a detector that is late is bad, though CloudWatch does not answer', async () => {
    const heartbeat = { ...well.heartbeat, sweptMs: nowMs - 180_001 };
    const { wrong } = await look({ heartbeat }, { iteratorAgeMs: () => Promise.reject(new Unavailable('x')) });
    expect(wrong).toEqual(['detector-on-time bad']);
  });
});

describe('caps', () => {
  const cap = (hour: number, more: Partial<CapUse> = {}): CapUse => ({
    place: { of: 'total' },
    caps: { hourUsd: 10, dayUsd: 100 },
    priceMicroUsd: 50_000,
    spent: { hour, day: hour },
    ...more,
  });

  test.each([
    [7_950_000, undefined],
    [7_950_001, 'Numbers that have not verified lately get no SMS until it ends.'],
    [9_950_000, 'Numbers that have not verified lately get no SMS until it ends.'],
    [9_950_001, 'Nobody gets an SMS until it ends.'],
  ])('a cap of ten USD an hour of which %s micro-USD are used says: %s', async (spent, sentence) => {
    const { says } = await look({ caps: [cap(spent)] });
    expect(says?.split(' this hour. ')[1]).toBe(sentence);
  });

  test('the widest of several caps is named, and the others are counted', async () => {
    const country = cap(10_000_000, { place: { of: 'country', country: 'GB' } });
    const { says } = await look({ caps: [country, cap(8_000_000)] });
    expect(says).toMatch(/^The cap of all SMS is used up to 80% .*; so it is with 1 more\.$/);
  });

  test('every cap of the settings is known, with the cheapest SMS that it counts', () => {
    const shop = { kind: 'back-end', countries: ['GB'], caps: { hourUsd: 1, dayUsd: 2 } } as const;
    const known = knownCapsOf({ ...samplePolicy, applications: { default: { kind: 'public' }, shop } });
    const countries = Object.keys(samplePolicy.countries);
    expect(known.map(({ place }) => place)).toEqual([
      { of: 'total' },
      ...countries.map((country) => ({ of: 'country', country })),
      { of: 'application', application: 'shop' },
    ]);
    const prices = Object.values(samplePolicy.countries).map(({ priceUsd }) => Math.round(priceUsd * 1_000_000));
    expect(known[0]?.priceMicroUsd).toBe(Math.min(...prices));
    expect(known.filter((each) => 'callMicroUsd' in each)).toEqual([]);
  });

  test.each([
    [7_900_000, 'Numbers that have not verified lately get no call until it ends.'],
    [9_900_001, 'Nobody gets a call until it ends.'],
    [7_950_001, 'Numbers that have not verified lately get no SMS until it ends.'],
    [9_950_001, 'Nobody gets an SMS until it ends.'],
  ])(
    'a cap that calls of ten cents count against as well, with %s micro-USD used, says: %s',
    async (spent, sentence) => {
      const { says } = await look({ caps: [cap(spent + 1, { callMicroUsd: 100_000 })] });
      expect(says?.split(' this hour. ')[1]).toBe(sentence);
    },
  );

  test('a cap that passes an SMS of one part refuses all, if the shortest text of the country has two', async () => {
    const prices = (text: string) => {
      const templates = samplePolicy.templates.map((template) => ({ ...template, text: template.text + text }));
      return knownCapsOf({ ...samplePolicy, templates }).map(({ priceMicroUsd }) => priceMicroUsd);
    };
    const short = prices('');
    expect(prices(' x'.repeat(80))).toEqual(short.map((price) => 2 * price));
    expect(prices(' ж'.repeat(80))).toEqual(short.map((price) => 3 * price));
  });

  test('a country with a text of its own is counted by the parts of that text, and the others are as before', () => {
    const [first] = samplePolicy.templates;
    if (first === undefined) throw new Error('There is no template.');
    const own = samplePolicy.purposes.map((purpose) => ({
      ...{ purpose, locale: first.locale, country: 'IN', text: `{{code}} ${'x'.repeat(200)}` },
    }));
    const [before, after] = [samplePolicy.templates, [...samplePolicy.templates, ...own]].map((templates) =>
      knownCapsOf({ ...samplePolicy, templates }),
    );
    const priceIn = (known: typeof before, country: string) =>
      known?.find(({ place }) => place.of === 'country' && place.country === country)?.priceMicroUsd ?? 0;
    expect(priceIn(after, 'IN')).toBe(2 * priceIn(before, 'IN'));
    expect(priceIn(after, 'GB')).toBe(priceIn(before, 'GB'));
  });

  test('calls are known by the price of a minute, of the countries that are called', () => {
    const voice = { ...sampleVoice, countries: { GB: { priceUsd: 0.03 }, IN: { priceUsd: 0.02 } } };
    const shop = { kind: 'back-end', countries: ['GB'], caps: { hourUsd: 1, dayUsd: 2 } } as const;
    const known = knownCapsOf({ ...samplePolicy, voice, applications: { default: { kind: 'public' }, shop } });
    const callOf = (name: string) =>
      known.find(({ place }) => (place.of === 'country' ? place.country : place.of) === name)?.callMicroUsd;
    expect(['total', 'GB', 'IN', 'application'].map(callOf)).toEqual([20_000, 30_000, 20_000, 30_000]);
    const uncalled = Object.keys(samplePolicy.countries).filter((country) => !(country in voice.countries));
    expect(uncalled.map(callOf)).toEqual(uncalled.map(() => undefined));
  });
});

describe('the commands', () => {
  test.each<[Partial<StatusFacts>, RegExp]>([
    [
      { stops: [{ what: { kind: 'application', application: 'web' }, atMs: nowMs, by: 'x', reason: 'y' }] },
      /resume application web/,
    ],
    [{ letters: { count: 1, isMore: false } }, /otp-desk --stack Otp dead-letters list/],
    [{ receivers: [] }, /aws sns subscribe --topic-arn topic/],
    [{ keys: [{ name: 'SealKey', arn: 'arn', state: known('Unavailable') }] }, /aws kms describe-key --key-id arn/],
    [{ keys: [{ name: 'SealKey', arn: 'arn', state: known(undefined) }] }, /aws kms describe-key --key-id arn/],
    [{ findings: { open: 1, high: 0, critical: 0, unreadable: 1 } }, /otp-desk --stack Otp findings/],
  ])('a check that is bad comes with a command of this stack', async (change, command) => {
    const { state, todo } = await look(change);
    expect(state).toBe('bad');
    expect(todo).toMatch(command);
  });
});

function known<Fact>(fact: Fact): Asked<Fact> {
  return { kind: 'known', fact };
}
