/** Each severity rings: an attack for each, within the shipped caps, from the stream to the alarm. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import shipped from '../../../bin/settings.ts';
import type { TrafficEvent, TrafficKind } from '../../../lambdas/bursts/counts/events.ts';
import { detectBursts } from '../../../lambdas/bursts/detect.ts';
import type { Notification } from '../../../lambdas/bursts/findings/render.ts';
import type { Severity } from '../../../lambdas/bursts/judge/ruling.ts';
import { metricsNamespace, stackNameVariable } from '../../../lambdas/contract.ts';
import { capSharesOf, exceededCap, priceOf } from '../../../lambdas/otp/limits/caps.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { streamTelemetryOf } from '../../../lambdas/telemetry.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import { sampleDeployment } from '../../fakes/bursts/deployment.ts';
import { digits, hourMs, mondayMs } from '../../fakes/bursts/scene.ts';
import { recordOf } from '../template/permissions.ts';
import { synthesizedOf } from '../template/synthesized.ts';

/** Numbers of a country: those of ordinary people, and a prefix that has had no traffic. */
const markets = {
  GB: { usual: (nth: number) => `+447310${digits(nth % 100, 2)}${digits(nth % 9999, 4)}`, fresh: '+447501', first: 0 },
  IN: { usual: (nth: number) => `+919876${digits(nth % 100, 2)}${digits(nth % 9999, 4)}`, fresh: '+919501', first: 0 },
  US: { usual: (nth: number) => `+1202${200 + (nth % 700)}${digits(nth % 9999, 4)}`, fresh: '+1501', first: 200 },
} as const;
type Country = keyof typeof markets;

type Play = {
  readonly country: Country;
  readonly notifications: readonly Notification[];
  /** Sends to a number. If the caps have no room for it, the cap refuses it, and no SMS goes out. */
  readonly send: (phone: string) => Promise<void>;
  readonly refuse: (phone: string, limit: string, reason: string) => Promise<void>;
  readonly wait: (ms: number) => void;
};

const subjectOf = (phone: string, country: Country): TrafficEvent['subject'] => {
  const parsed = parsePhone(phone);
  if (parsed.kind !== 'phone') throw new Error(`${phone} does not exist: ${parsed.detail}`);
  const { range, prefix } = parsed.phone;
  return {
    phoneKey: `key of ${phone}`,
    range,
    prefix,
    country,
    ip: `ip of ${phone}`,
    network: `network of ${phone}`,
    application: 'app',
  };
};

/** Eight days of people who enter their codes, under some settings; the attack comes next. */
const playIn = async (country: Country, more: Partial<SettingsInput> = {}): Promise<Play> => {
  const policy: Policy = policyOf(parseSettings({ ...shipped, ...more }));
  const notifications: Notification[] = [];
  let [nowMs, lastId] = [mondayMs, 0];
  const detect = detectBursts(
    { now: () => nowMs, store: memoryBursts(), notify: async (each) => void notifications.push(...each) },
    {
      bursts: policy.bursts,
      priceUsd: (name) => policy.countries[name]?.priceUsd ?? 0,
      hourCapUsd: (name) => Math.min(policy.caps.hourUsd, policy.countries[name]?.caps.hourUsd ?? 0),
      deployment: sampleDeployment,
    },
  );
  const happen = async (kind: TrafficKind, phone: string, some: Partial<TrafficEvent> = {}): Promise<void> => {
    lastId += 1;
    const base = {
      version: 1,
      id: `event ${lastId}`,
      kind,
      atMs: nowMs,
      startedAtMs: nowMs,
      purpose: 'login',
    } as const;
    await detect([{ ...base, subject: subjectOf(phone, country), unverified: kind !== 'refused', ...some }]);
  };
  for (let nth = 0; nth < 8 * 24 * 6; nth += 1) {
    const [phone, startedAtMs] = [markets[country].usual(nth), nowMs];
    await happen('started', phone);
    nowMs += 20_000;
    await happen('approved', phone, { startedAtMs });
    nowMs += hourMs / 6 - 20_000;
  }
  notifications.length = 0;
  const price = priceOf(policy, country, 1);
  let spent = 0;
  const refuse = (phone: string, limit: string, reason: string) => happen('refused', phone, { limit, reason });
  return {
    country,
    notifications,
    refuse,
    wait: (ms) => {
      nowMs += ms;
    },
    send: async (phone) => {
      const shares = capSharesOf(policy, { country, application: 'default' }, false);
      const full = shares.map((share) => exceededCap(share, { hour: spent, day: spent }, price)).find(Boolean);
      if (full !== undefined) return refuse(phone, full.counter, 'cap');
      spent += price;
      await happen('started', phone);
    },
  };
};

const severitiesOf = ({ notifications }: Play): readonly (Severity | undefined)[] =>
  notifications.map(({ alarmSeverity }) => alarmSeverity);

/** As many numbers a second, over the ranges of a prefix that has had no traffic. */
const pump = async (play: Play, perSecond: number, count: number): Promise<void> => {
  const { fresh, first } = markets[play.country];
  const exchangeDigits = play.country === 'US' ? 3 : 2;
  for (let nth = 0; nth < count; nth += 1) {
    const exchange = digits(first + ((nth * 37) % (play.country === 'US' ? 700 : 100)), exchangeDigits);
    await play.send(`${fresh}${exchange}${digits(nth, 4)}`);
    play.wait(1000 / perSecond);
  }
};

/** What the throttle of the shipped settings lets through. */
const { ratePerSecond } = parseSettings(shipped).throttle;

const attacks: Readonly<Record<Severity, (play: Play) => Promise<void>>> = {
  /** One number is asked for again and again: its own limits hold. */
  low: async (play) => {
    for (let nth = 0; nth < 15; nth += 1) {
      await play.refuse(markets[play.country].usual(0), 'cooldown', 'phone');
      play.wait(2000);
    }
  },
  /** A range that a fraudster owns, among those of ordinary people. */
  medium: async (play) => {
    for (let nth = 0; nth < 25; nth += 1) {
      await play.send(`${markets[play.country].usual(7).slice(0, -4)}${digits(5000 + nth, 4)}`);
      play.wait(200);
    }
  },
  /** Many ranges of a prefix, slowly. */
  high: (play) => pump(play, 0.1, 60),
  /** The same, as fast as the throttle lets it. */
  critical: (play) => pump(play, ratePerSecond, 400),
};

const { resources } = synthesizedOf();
const alarmOn = (metric: string) =>
  Object.values(resources).find(
    ({ Type, Properties }) =>
      Type === 'AWS::CloudWatch::Alarm' &&
      Properties['Namespace'] === metricsNamespace &&
      Properties['MetricName'] === metric,
  )?.Properties;

const metricOf: Readonly<Record<Severity, string>> = {
  low: 'FindingLow',
  medium: 'FindingMedium',
  high: 'FindingHigh',
  critical: 'FindingCritical',
};
const rings: readonly Severity[] = ['high', 'critical'];

/** The metrics that the detector writes for notifications. */
const writtenFor = (notifications: readonly Notification[]): Readonly<Record<string, number>> => {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  for (const method of ['log', 'info', 'warn'] as const)
    vi.spyOn(console, method).mockImplementation((...texts: unknown[]) => void said.push(texts.join(' ')));
  vi.stubEnv(stackNameVariable, 'OtpService');
  const { found } = streamTelemetryOf('detect-bursts');
  for (const each of notifications) found(each);
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  const counts: Record<string, number> = {};
  for (const line of said.flatMap((text) => text.split('\n')).filter((each) => each.includes('"CloudWatchMetrics"'))) {
    for (const [name, value] of Object.entries(recordOf(JSON.parse(line))))
      if (name.startsWith('Finding')) counts[name] = (counts[name] ?? 0) + Number(value);
  }
  return counts;
};

afterEach(() => {
  vi.restoreAllMocks();
});

const messageOf = ({ notifications }: Play): string =>
  notifications.find(({ alarmSeverity }) => alarmSeverity === 'critical')?.finding.message ?? '';

describe('under the shipped settings', () => {
  const ranks: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

  test.each(ranks)('an attack within the caps makes a finding of severity %s, and its metric', async (severity) => {
    const play = await playIn('GB');
    await attacks[severity](play);
    const worst = ranks.findLast((each) => severitiesOf(play).includes(each));
    expect(worst).toBe(severity);
    const sum = writtenFor(play.notifications)[metricOf[severity]] ?? 0;
    expect(sum).toBeGreaterThanOrEqual(1);
    const alarm = alarmOn(metricOf[severity]);
    if (rings.includes(severity)) expect(Number(recordOf(alarm)['Threshold'])).toBe(1);
    else expect(alarm).toBeUndefined();
  });

  test.each(['IN', 'US', 'GB'] as const)(
    'a fast attack on %s is critical, though the cap of its country stops it',
    async (country) => {
      const play = await playIn(country);
      await attacks.critical(play);
      expect(messageOf(play)).toContain('From $16 an hour on, a finding here is critical.');
    },
  );
});

describe('under other caps', () => {
  const small = { priceUsd: 0.06, caps: { hourUsd: 4, dayUsd: 20 } };
  const large = { priceUsd: 0.06, caps: { hourUsd: 900, dayUsd: 9000 } };
  test.each([
    ['small for the country', { countries: { GB: small } }, '$6.40'],
    ['small for all countries together', { countries: { GB: {} }, caps: { hourUsd: 6, dayUsd: 30 } }, '$9.60'],
    ['large', { countries: { GB: large }, caps: { hourUsd: 1000, dayUsd: 10_000 } }, '$50'],
  ])('a fast attack is critical with caps that are %s', async (_, settings, from) => {
    const play = await playIn('GB', settings);
    await attacks.critical(play);
    expect(messageOf(play)).toContain(`From ${from} an hour on, a finding here is critical.`);
  });

  test('a threshold beyond the caps gives way to what they allow, and a lower one holds', async () => {
    const play = await playIn('GB', { bursts: { criticalUsdPerHour: 1_000_000 } });
    await attacks.critical(play);
    expect(messageOf(play)).toContain('From $16 an hour on');
    const strict = await playIn('GB', { bursts: { criticalUsdPerHour: 1 } });
    await attacks.medium(strict);
    expect(messageOf(strict)).toContain('From $1.00 an hour on');
  });
});
