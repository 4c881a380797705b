import { runbookPage } from '../../lambdas/contract.ts';
import { placedAutofills } from '../../lambdas/otp/record/message.ts';
import {
  type ApplicationPolicy,
  type CountryPolicy,
  type Policy,
  type Sealing,
  type SpendCaps,
  sealingOf,
  type Template,
  type TestNumbers,
} from '../../lambdas/policy.ts';
import { priceOf } from './prices.ts';
import { onlyApplication } from './schema/applications.ts';
import { countryCaps } from './schema/countries.ts';
import { maxCodeDigits, secondsPerDay } from './schema/limits.ts';
import type { Settings } from './schema.ts';
import { defaultTemplates } from './templates.ts';

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
  countries: Object.fromEntries(Object.keys(settings.countries).map((name) => [name, countryOf(settings, name)])),
  purposes: settings.purposes,
  origins: settings.origins,
  appHashes: settings.appHashes,
  templates: templatesOf(settings),
  defaultLocale: settings.defaultLocale,
  smsRoutes: [firstRoute(settings), ...settings.smsRoutes.slice(1)],
  applications: applicationsOf(settings),
});

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

export type ApplicationSettings = NonNullable<Settings['applications']>[string];

/** The settings of messages and countries as an application has them. */
export const settingsFor = (settings: Settings, application: ApplicationSettings): Settings => {
  const { brand, purposes, templates, defaultLocale, origins, appHashes, countries } = application;
  return {
    ...settings,
    ...definedOf({ brand, purposes, templates, defaultLocale, origins, appHashes }),
    countries: Object.fromEntries(
      Object.entries(settings.countries).filter(([name]) => countries?.includes(name) ?? true),
    ),
  };
};

const definedOf = <Own extends object>(own: Own) =>
  Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Own]?: Exclude<Own[Name], undefined>;
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

export const duringCodeSprayingOf = ({
  code: { digits, duringCodeSpraying },
}: Settings): Policy['code']['duringCodeSpraying'] => ({
  digits: Math.min(maxCodeDigits, digits + duringCodeSpraying.extraDigits),
  maxAttempts: duringCodeSpraying.maxAttempts,
});

/** The step of the most wrong guesses first. No step gives more attempts than a verification has. */
const stepsOf = ({ code: { afterWrongGuesses, maxAttempts } }: Settings): Policy['code']['afterWrongGuesses'] =>
  afterWrongGuesses
    .map((step) => ({ ...step, maxAttempts: Math.min(step.maxAttempts, maxAttempts) }))
    .toSorted((a, b) => b.wrong - a.wrong);

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

const firstRoute = ({ smsRoutes: [first] }: Settings) => {
  if (first === undefined) throw new Error('There is no SMS route. Parse the settings first.');
  return first;
};

/** Texts of one slot are chosen for the same requests. A text with a place for an autofill has a slot of its own. */
export const isSameSlot = (a: Template, b: Template): boolean =>
  a.purpose === b.purpose &&
  a.locale.toLowerCase() === b.locale.toLowerCase() &&
  a.country === b.country &&
  placedAutofills(a).join() === placedAutofills(b).join();

/** The shipped texts and those of the settings, which replace them, for the purposes in use. */
export const templatesOf = ({ templates, purposes }: Settings): readonly Template[] => {
  const kept = defaultTemplates.filter((shipped) => !templates.some((own) => isSameSlot(own, shipped)));
  return [...templates, ...kept].filter((each) => purposes.includes(each.purpose));
};
