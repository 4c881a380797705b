import { runbookPage } from '../../lambdas/contract.ts';
import {
  type ApplicationPolicy,
  type CountryPolicy,
  type Policy,
  type Sealing,
  type SpendCaps,
  sealingOf,
  type TestNumbers,
} from '../../lambdas/policy.ts';
import { eventsOf } from './events.ts';
import { type ApplicationSettings, duringCodeSprayingOf, settingsFor, templatesOf } from './in-use.ts';
import { maxPartsTo } from './messages/renderings.ts';
import { priceOf } from './prices.ts';
import { receiptsOf } from './receipts.ts';
import { policyRoutesOf } from './routes/routes.ts';
import { onlyApplication } from './schema/applications.ts';
import { countryCaps } from './schema/countries.ts';
import { secondsPerDay } from './schema/limits.ts';
import type { Settings } from './schema.ts';
import { voicePolicyOf } from './voice/voice.ts';

/** The settings as the functions need them. */
export const policyOf = (settings: Settings): Policy => ({
  brand: settings.brand,
  audience: settings.audience,
  code: { ...settings.code, afterWrongGuesses: stepsOf(settings), duringCodeSpraying: duringCodeSprayingOf(settings) },
  sends: settings.sends,
  ips: settings.ips,
  caps: { hourUsd: settings.caps.hourUsd, dayUsd: settings.caps.dayUsd },
  totalShards: settings.caps.totalShards,
  lowVolume: settings.lowVolume,
  bursts: burstsOf(settings),
  findingDays: settings.bursts.findingDays,
  runbookUrl: settings.runbookUrl ?? runbookPage,
  auditDays: settings.bursts.auditDays,
  logRetentionDays: settings.logRetentionDays,
  testNumbers: settings.testNumbers.map(testNumbersOf),
  proofLifetimeSeconds: settings.proofLifetimeSeconds,
  proofs: settings.proofs,
  sealing: settings.sealing,
  countries: countriesOf(settings),
  purposes: settings.purposes,
  origins: settings.origins,
  appHashes: settings.appHashes,
  templates: templatesOf(settings),
  defaultLocale: settings.defaultLocale,
  smsRoutes: policyRoutesOf(settings),
  ...voicePolicyOf(settings),
  applications: applicationsOf(settings),
  ...receiptPolicyOf(settings),
  ...eventPolicyOf(settings),
});

/** A policy without receipts says nothing of them. */
const receiptPolicyOf = (settings: Settings): Pick<Policy, 'receipts'> => {
  const receipts = receiptsOf(settings);
  return receipts === undefined ? {} : { receipts };
};

/** A policy without events says nothing of them. */
const eventPolicyOf = (settings: Settings): Pick<Policy, 'events'> => {
  const events = eventsOf(settings);
  return events === undefined ? {} : { events };
};

/** The ways in which the records of this deployment are sealed, by its purposes. */
export const sealingsOf = (settings: Settings): readonly Sealing[] => [
  ...new Set(settings.purposes.map((purpose) => sealingOf(settings, purpose))),
];

/** The applications, each with what it does not take from the settings of all. */
const applicationsOf = (settings: Settings): Policy['applications'] => {
  const { applications } = settings;
  if (applications === undefined) return { [onlyApplication]: { kind: 'public' } };
  return Object.fromEntries(Object.entries(applications).map(([name, each]) => [name, applicationOf(settings, each)]));
};

const applicationOf = (settings: Settings, application: ApplicationSettings): ApplicationPolicy => {
  const { keys: _, principals: __, clientIds: ___, throttle: ____, dailyQuota: _____, ...own } = application;
  const { templates, caps, ...others } = own;
  return {
    ...others,
    ...(templates === undefined ? {} : { templates: templatesOf(settingsFor(settings, application)) }),
    ...(caps === undefined ? {} : { caps: ownCapsOf(settings, caps) }),
  };
};

/** The caps of an application, of which no setting may be above that of all. */
export const ownCapsOf = ({ caps: total }: Settings, own: LowerCaps): SpendCaps => {
  const dayUsd = own.dayUsd ?? total.dayUsd;
  return { dayUsd, hourUsd: own.hourUsd ?? Math.min(total.hourUsd, dayUsd) };
};

type LowerCaps = NonNullable<ApplicationSettings['caps']>;

const burstsOf = ({ bursts }: Settings): Policy['bursts'] => {
  const { levels, rules, countries, coldStartDays, criticalUsdPerHour } = bursts;
  return { levels, rules, countries, criticalUsdPerHour, coldStartHours: coldStartDays * 24 };
};

/** The step of the most wrong guesses first. No step gives more attempts than a verification has. */
const stepsOf = ({ code: { afterWrongGuesses, maxAttempts } }: Settings): Policy['code']['afterWrongGuesses'] =>
  afterWrongGuesses
    .map((step) => ({ ...step, maxAttempts: Math.min(step.maxAttempts, maxAttempts) }))
    .toSorted((a, b) => b.wrong - a.wrong);

/** Countries whose longest SMS has one part say nothing of it. */
const countriesOf = (settings: Settings): Policy['countries'] => {
  const partsTo = maxPartsTo(settings);
  return Object.fromEntries(
    Object.keys(settings.countries).map((name) => {
      const maxParts = partsTo(name);
      return [name, { ...countryOf(settings, name), ...(maxParts > 1 ? { maxParts } : {}) }];
    }),
  );
};

/** A country with its price, and with caps that never exceed those of all countries together. */
export const countryOf = ({ countries, maxPriceUsd, caps: total }: Settings, name: string): CountryPolicy => {
  const { caps: own = {}, ...facts } = countries[name] ?? {};
  const dayUsd = own.dayUsd ?? Math.min(countryCaps.dayUsd, total.dayUsd);
  const hourUsd = own.hourUsd ?? Math.min(countryCaps.hourUsd, total.hourUsd, dayUsd);
  return { priceUsd: priceOf(name), maxPriceUsd, ...facts, caps: { hourUsd, dayUsd } };
};

export type TestNumberSettings = Settings['testNumbers'][number];

export const firstOf = ({ number, from }: TestNumberSettings): string => number ?? from ?? '';
export const lastOf = ({ number, to }: TestNumberSettings): string => number ?? to ?? '';

/** The second in which the last day of the numbers ends. */
export const endOf = ({ expires }: TestNumberSettings): number =>
  Date.parse(`${expires}T00:00:00Z`) / 1000 + secondsPerDay;

const testNumbersOf = (numbers: TestNumberSettings): TestNumbers => ({
  from: firstOf(numbers),
  to: lastOf(numbers),
  code: numbers.code,
  expiresAt: endOf(numbers),
  uses: numbers.uses,
});
