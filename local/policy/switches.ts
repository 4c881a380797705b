import { getCountries } from 'libphonenumber-js/max';
import { parsePhone } from '../../lambdas/otp/number/phone.ts';
import { eventTypes, type Policy, ruleNames, type WebhookPolicy } from '../../lambdas/policy.ts';
import { countryOf, policyOf } from '../../lib/settings/policy.ts';
import { parseSettings, type Settings } from '../../lib/settings/settings.ts';

/** A test number, or a range of them, with its fixed code. */
export type TestNumberSwitch = { readonly from: string; readonly to: string; readonly code: string };

/** The switches that a developer gave to local mode, beside the settings. */
export type Switches = {
  readonly allCountries: boolean;
  readonly testNumbers: readonly TestNumberSwitch[];
  readonly limits: boolean;
  /** The webhook of each application, on this machine. Without it, each event stays on the bus. */
  readonly webhook?: string | undefined;
};

/**
 * The policy of local mode: that of the settings, with what the switches change. No settings can say the same, so no
 * deployment can have it (ADR 81).
 *
 * @param file of the settings, as an error names it.
 * @throws Error with the sentences of the synthesis.
 */
export const localPolicyOf = (
  raw: unknown,
  { allCountries, testNumbers, limits, webhook }: Switches,
  { file, now }: { readonly file: string; readonly now: Date },
): Policy => {
  const settings = parseSettings(withTestNumbers(raw, testNumbers, now), now, file);
  const policy = policyOf(settings);
  const wide = allCountries ? withCountries(policy, everyCountry(settings)) : policy;
  const heard = webhook === undefined ? wide : withWebhook(wide, webhook);
  return limits ? heard : withoutLimits(heard);
};

/** Half a year: less than the longest life of a test number. */
const testDays = 180;
const testUses = 100_000;

const withTestNumbers = (raw: unknown, added: readonly TestNumberSwitch[], now: Date): unknown => {
  if (added.length === 0 || typeof raw !== 'object' || raw === null) return raw;
  for (const { from, to } of added) for (const number of [from, to]) requireReadable(number);
  const own = 'testNumbers' in raw ? raw.testNumbers : undefined;
  const expires = new Date(now.getTime() + testDays * 86_400_000).toISOString().slice(0, 10);
  const entries = added.map(({ from, to, code }) => ({ from, to, code, expires, uses: testUses }));
  // Anything but a list gets its own sentence.
  return Array.isArray(own) || own === undefined ? { ...raw, testNumbers: [...(own ?? []), ...entries] } : raw;
};

/** The settings take any digits. Such a number would be refused with each request. */
const requireReadable = (number: string): void => {
  const read = parsePhone(number);
  if (read.kind === 'phone' && read.phone.reveal() === number) return;
  const why = read.kind === 'invalid' ? ` ${read.detail}` : '';
  throw new Error(
    `--test-number: ${number} is no number that the service reads.${why} For example --test-number +12025550123=123456.`,
  );
};

/** Of a webhook that the settings do not have. The stand-in of AWS Secrets Manager makes its text. */
const localSecret = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:local-webhook-AbCdEf';

/** Each application has the webhook of the settings, at this URL. One that has none gets all events. */
const withWebhook = (policy: Policy, url: string): Policy => {
  const types =
    policy.events?.types ?? eventTypes.filter((type) => type !== 'verification.delivered' || policy.receipts);
  const webhooks = Object.keys(policy.applications).map((application): WebhookPolicy => {
    const own = policy.events?.webhooks.find((each) => each.application === application);
    return { ...(own ?? { application, types, secret: localSecret }), url };
  });
  return { ...policy, events: { types, webhooks } };
};

const withCountries = (policy: Policy, added: Policy['countries']): Policy => ({
  ...policy,
  countries: { ...added, ...policy.countries },
  applications: withoutOwn(policy.applications, 'countries'),
});

/** The applications, without a fact of their own: each has what all have. */
const withoutOwn = (applications: Policy['applications'], fact: string): Policy['applications'] =>
  Object.fromEntries(
    Object.entries(applications).map(([name, { kind, ...own }]) => {
      const kept = Object.fromEntries(Object.entries(own).filter(([each]) => each !== fact));
      return [name, { kind, ...kept }];
    }),
  );

/** Every country that has numbers, at its estimated price and with the caps of a country that sets none. */
const everyCountry = (settings: Settings): Policy['countries'] =>
  Object.fromEntries(
    getCountries().map((name) => {
      const country = countryOf({ ...settings, countries: {} }, name);
      return [name, { ...country, maxPriceUsd: Math.max(country.maxPriceUsd, country.priceUsd) }];
    }),
  );

/** More than anybody asks for by hand, and few enough for the exact sums of the limits. */
const plenty = 1_000_000;
const everything = { sends: plenty, windowSeconds: 1 };
const noCaps = { hourUsd: plenty, dayUsd: plenty };

/** Lifts the limits of numbers, IPs and countries and the caps, and turns the detector off. Codes stay as they are. */
const withoutLimits = (policy: Policy): Policy => ({
  ...policy,
  sends: { ...policy.sends, cooldownSeconds: [0], windows: [], maxIn24Hours: plenty },
  ips: {
    ...policy.ips,
    untrusted: everything,
    trusted: everything,
    trustedAfter: plenty,
    countriesPerDay: plenty,
  },
  caps: noCaps,
  lowVolume: { ...policy.lowVolume, verifications: 0 },
  bursts: {
    ...policy.bursts,
    levels: { phone: 'off', ip: 'off', range: 'off', prefix: 'off', country: 'off' },
    rules: Object.fromEntries(ruleNames.map((rule) => [rule, 'off'])),
    countries: {},
  },
  countries: Object.fromEntries(
    Object.entries(policy.countries).map(([name, country]) => [name, { ...country, caps: noCaps }]),
  ),
  applications: withoutOwn(policy.applications, 'caps'),
});
