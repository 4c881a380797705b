import type { ProblemCode } from '../../lambdas/contract.ts';
import { callLimit } from '../../lambdas/policy.ts';
import type { LimitPath } from '../../lib/settings/ranges.ts';
import { defaultMaxAgeHours } from '../../lib/settings/schema/number-risk.ts';
import { defaultCallsPerDay } from '../../lib/settings/schema/voice.ts';

/**
 * The words of docs/limits.md. Defaults and ranges come from the schema of the settings. A number of the settings
 * without words here does not compile.
 */

type Words = {
  readonly name: string;
  /** The answer to a caller over the limit; absent if no caller ever meets it. */
  readonly answers?: { readonly code: ProblemCode; readonly says?: string };
  /** In place of the default, if it is calculated. */
  readonly byDefault?: string;
  readonly protects: string;
};

/** The member of the problem that names the limit. */
const limit = (name: string) => `\`limit\` is \`${name}\``;

const ofWindow = { code: 'too-many-requests', says: '`limit` is the name of the window' } as const;
const ofIp = { code: 'too-many-requests', says: limit('ip') } as const;
const ofCap = { code: 'spend-cap-reached' } as const;
const ofLowVolume = { code: 'destination-suspended' } as const;
const ofGuesses = { code: 'attempts-exhausted' } as const;
const ofGateway = { code: 'too-many-requests', says: 'by API Gateway, without `limit`' } as const;

const words = {
  'sends.cooldownSeconds.*': {
    name: 'Seconds to wait after an SMS to a number. Several values: after the first, second, …; the last one repeats',
    answers: { code: 'resend-too-soon', says: limit('cooldown') },
    protects: 'The holder of the number, from bombing and double clicks.',
  },
  'sends.cooldownWindowSeconds': {
    name: 'Seconds for which an earlier SMS makes the wait longer, if there are several values',
    answers: { code: 'resend-too-soon', says: limit('cooldown') },
    protects: 'The holder of the number, from bombing.',
  },
  'sends.windows.*.sends': {
    name: 'SMS to one number within each window. Those of a verification that was approved do not count',
    answers: ofWindow,
    protects: 'The holder of the number; and the codes, because each SMS brings attempts to guess.',
  },
  'sends.windows.*.windowSeconds': {
    name: 'Length of each sliding window in seconds',
    answers: ofWindow,
    protects: 'The holder of the number, and the codes.',
  },
  'sends.maxIn24Hours': {
    name: 'SMS to one number within any 24 hours, those of approved verifications included: the hard limit',
    answers: { code: 'too-many-requests', says: limit('phone-24h-all') },
    protects: 'Your money, from a holder who verifies again and again.',
  },
  'ips.untrusted.sends': {
    name: 'SMS per untrusted IP: half of them at once, the rest evenly over the window',
    answers: ofIp,
    protects: 'All numbers, from one machine that asks for many of them.',
  },
  'ips.untrusted.windowSeconds': {
    name: 'Length of that window in seconds',
    answers: ofIp,
    protects: 'All numbers, from one machine.',
  },
  'voice.callsPerDay': {
    name: 'Calls to a number in any 24 hours, approved ones included. A network from which it has verified gets all that AWS makes',
    byDefault: `${defaultCallsPerDay}, if the settings have calls`,
    answers: { code: 'too-many-requests', says: limit(callLimit) },
    protects: 'The peace of its holder, whose phone rings for a stranger.',
  },
  'voice.countries.*.priceUsd': {
    name: 'Price that the caps count for each call to the country, in USD: that of a minute',
    byDefault: 'none: a country without a price is not called',
    answers: ofCap,
    protects: 'Your money. Calls and SMS share all caps.',
  },
  'numberRisk.maxAgeHours': {
    name: 'Hours after a swap of the SIM in which it minds, for the purposes that the settings name',
    byDefault: `${defaultMaxAgeHours}, if the settings have numberRisk`,
    answers: { code: 'number-at-risk' },
    protects: 'The holder of the number, from a thief who moved it to another SIM.',
  },
  'numberRisk.providers.*.priceUsd': {
    name: 'Price of a look-up at an operator in USD, which the caps count beside that of the SMS',
    byDefault: 'none: each provider has a price',
    answers: ofCap,
    protects: 'Your money. A look-up counts even if no SMS is sent after it.',
  },
  'ips.trusted.sends': {
    name: 'SMS per trusted IP: half of them at once, the rest evenly over the window',
    answers: ofIp,
    protects: 'Offices, schools and mobile carriers, where many people share an IP.',
  },
  'ips.trusted.windowSeconds': {
    name: 'Length of that window in seconds',
    answers: ofIp,
    protects: 'Offices, schools and mobile carriers.',
  },
  'ips.trustedAfter': {
    name: 'Numbers that have verified from an IP before it may be trusted, the last within 30 days',
    protects:
      'The higher limit: an attacker would have to verify real numbers to get it, two for each that does not verify.',
  },
  'ips.countriesPerDay': {
    name: 'Countries that one untrusted IP may send to in a day (UTC)',
    answers: { code: 'too-many-requests', says: limit('ip-countries') },
    protects: 'Your money, from pumping in many countries. People stay in one or two.',
  },
  'caps.hourUsd': {
    name: 'Estimated cost of all SMS per hour (UTC), in USD. The last fifth is reserved for trusted numbers',
    answers: ofCap,
    protects: 'Your money, if all else fails.',
  },
  'caps.dayUsd': {
    name: 'Estimated cost of all SMS per day (UTC), in USD',
    answers: ofCap,
    protects: 'Your money, if all else fails.',
  },
  'caps.totalShards': {
    name: 'Items that share the writes of the cap of all SMS. Each takes about 1,000 a second',
    protects: 'Your SMS, above 750 a second: one item comes near its end.',
  },
  'countries.*.caps.hourUsd': {
    name: 'Estimated cost of the SMS to one country per hour (UTC), in USD; at most the cap of all countries',
    answers: ofCap,
    protects: 'The other countries, while fraudsters pump one.',
  },
  'countries.*.caps.dayUsd': {
    name: 'Estimated cost of the SMS to one country per day (UTC), in USD',
    answers: ofCap,
    protects: 'The other countries, while fraudsters pump one.',
  },
  'countries.*.priceUsd': {
    name: 'Price that the caps count for each part of an SMS to the country, in USD',
    byDefault: 'an estimate, by country',
    protects: 'The caps: they are as exact as this price.',
  },
  maxPriceUsd: {
    name: 'Maximum price of one SMS part, in USD. SNS drops a dearer one without an error',
    protects: 'Your money, from destinations that cost more than their country usually does.',
  },
  'countries.*.maxPriceUsd': {
    name: 'The same for one country',
    byDefault: 'that of all countries',
    protects: 'Your money, from dear destinations.',
  },
  'maxParts.gsm7': {
    name: 'Parts of an SMS in the SMS alphabet (GSM-7). Synthesis refuses a longer text',
    protects: 'Your money: each part has the price of an SMS.',
  },
  'maxParts.unicode': {
    name: 'Parts of an SMS outside of that alphabet, which has 70 characters in one part',
    protects: 'Your money, from texts that cost more than they look.',
  },
  'maxParts.extraForLines': {
    name: 'More parts outside of that alphabet, if the SMS has a line for Android or browsers',
    protects: 'Your money, from long hosts.',
  },
  'maxParts.extraForPayment': {
    name: 'More parts outside of that alphabet, if the SMS names a payment',
    protects: 'Your money, from long names.',
  },
  monthlySpendAlarmUsd: {
    name: 'Monthly SMS cost of the account in USD that raises the alarm. It stops nothing',
    protects: 'Your money: SNS counts what AWS really charges, while the caps estimate.',
  },
  kmsCallsAlarm: {
    name: 'KMS calls of the account in five minutes that raise the alarm. They stop nothing',
    protects:
      'The codes, if an attacker takes over the check function: a code of six digits takes half a million tries on average.',
  },
  'lowVolume.verifications': {
    name: 'A country with fewer verifications, yesterday and today together, is a low-volume country',
    protects: 'Your money: fraud hides in countries with little traffic.',
  },
  'lowVolume.unverifiedSendsPerDay': {
    name: 'SMS a day (UTC) without a verification, in a low-volume country. Each verification allows two more',
    answers: ofLowVolume,
    protects: 'Your money, from slow fraud below every rate. Trusted numbers, trusted IPs and shared IPs pass.',
  },
  'bursts.coldStartDays': {
    name: 'Days after its first event before the detector may block a prefix or a country',
    protects: 'Your users, from a detector that does not know the usual traffic yet.',
  },
  'bursts.criticalUsdPerHour': {
    name: 'Estimated cost of an attack per hour, in USD, that makes its finding critical. So does 1.6 times a lower hourly cap',
    protects: 'The sleep of your staff: a cheaper attack can wait until the morning.',
  },
  'bursts.findingDays': {
    name: 'Days that the service keeps a finding after its last update',
    protects: 'Your view of the past, and the people whose keyed hashes the finding holds.',
  },
  'bursts.auditDays': {
    name: 'Days that the audit trail keeps an event',
    protects: 'Your answer to a complaint, and the people whose keyed hashes the trail holds.',
  },
  'code.digits': {
    name: 'Digits of a code',
    protects: 'The codes: each digit makes a guess ten times as hard.',
  },
  'code.lifetimeSeconds': {
    name: 'Lifetime of a code in seconds',
    answers: { code: 'code-expired' },
    protects: 'The codes.',
  },
  'code.maxLifetimeSeconds': {
    name: 'Lifetime of a verification with all of its resends, in seconds',
    answers: { code: 'code-expired' },
    protects: 'The codes.',
  },
  'code.maxAttempts': {
    name: 'Guesses that the service compares with the live code of a verification, resends included',
    answers: ofGuesses,
    protects: 'The codes.',
  },
  'code.afterWrongGuesses.*.wrong': {
    name: 'Wrong guesses at a number within 24 hours. Those at a verification that is then approved do not count. From there on …',
    protects:
      'A number whose codes an attacker guesses. It gets as many SMS as before, so that no attacker can lock its holder out.',
  },
  'code.afterWrongGuesses.*.maxAttempts': {
    name: '… the next verifications of that number allow this many guesses',
    answers: ofGuesses,
    protects: 'A number whose codes an attacker guesses.',
  },
  'code.duringCodeSpraying.extraDigits': {
    name: 'Digits that new codes of a country get in addition while it is under code spraying; 10 digits in all at most',
    protects:
      'The codes. No request is refused, because the detector cannot tell which numbers or callers are the target.',
  },
  'code.duringCodeSpraying.maxAttempts': {
    name: 'Guesses that each of these codes allows',
    answers: ofGuesses,
    protects: 'The codes.',
  },
  'testNumbers.*.uses': {
    name: 'Verifications that the numbers of one entry may have in all',
    answers: { code: 'destination-not-allowed' },
    protects: 'Your proofs, from a fixed code that an attacker tries for ever.',
  },
  'throttle.ratePerSecond': {
    name: 'Requests per second, for the API and for each API key',
    answers: ofGateway,
    protects: 'The service, and the other functions of your account, from a flood.',
  },
  'throttle.burst': {
    name: 'Requests at once, for the API and for each API key',
    answers: ofGateway,
    protects: 'The service, and the other functions of your account, from a flood.',
  },
  dailyQuota: {
    name: 'Requests per API key and day',
    answers: ofGateway,
    protects: 'The service, from a faulty client. In a public app, whoever has the key can use the quota up for all.',
  },
  'applications.*.caps.hourUsd': {
    name: 'Estimated cost of the SMS of one application per hour (UTC), in USD; at most the cap of all',
    byDefault: 'the cap of its day, at most `caps.hourUsd`. Without `caps`: none',
    answers: ofCap,
    protects: 'The other applications, while attackers pump through this one.',
  },
  'applications.*.caps.dayUsd': {
    name: 'Estimated cost of the SMS of one application per day (UTC), in USD',
    byDefault: '`caps.dayUsd`. Without `caps`: none',
    answers: ofCap,
    protects: 'The other applications, while attackers pump through this one.',
  },
  'applications.*.throttle.ratePerSecond': {
    name: 'Requests per second, for each API key of the application',
    byDefault: 'that of `throttle`',
    answers: ofGateway,
    protects: 'The other applications, from a flood through this one.',
  },
  'applications.*.throttle.burst': {
    name: 'Requests at once, for each API key of the application',
    byDefault: 'that of `throttle`',
    answers: ofGateway,
    protects: 'The other applications, from a flood through this one.',
  },
  'applications.*.dailyQuota': {
    name: 'Requests per API key of the application and day',
    byDefault: '`dailyQuota`',
    answers: ofGateway,
    protects: 'The service, from a faulty client.',
  },
  firewallRequestsPerIp: {
    name: 'Requests of one IP within five minutes, a tenth of what the throttle passes at most',
    byDefault: 'that tenth: 30 × `throttle.ratePerSecond`',
    answers: { code: 'too-many-requests', says: 'by the firewall, without `limit` and request id' },
    protects:
      'The other callers: one IP cannot use the throttle up. A back end with one IP needs ten times its rate as throttle.',
  },
  proofLifetimeSeconds: {
    name: 'Lifetime of a proof in seconds',
    protects: 'Your back end, from a stolen proof.',
  },
  logRetentionDays: {
    name: 'Days that the service keeps logs',
    protects: 'The people in the logs. Choose the fewest days in which you can still investigate.',
  },
} as const satisfies Record<LimitPath, Words>;

export const limitWords: Readonly<Record<LimitPath, Words>> = words;

/** In the order of the page. Each number of the settings stands in one group: `renderLimits` fails otherwise. */
export const limitGroups: Readonly<Record<string, readonly LimitPath[]>> = {
  'Per number': [
    'sends.cooldownSeconds.*',
    'sends.cooldownWindowSeconds',
    'sends.windows.*.sends',
    'sends.windows.*.windowSeconds',
    'sends.maxIn24Hours',
    'voice.callsPerDay',
    'numberRisk.maxAgeHours',
  ],
  'Per IP': [
    'ips.untrusted.sends',
    'ips.untrusted.windowSeconds',
    'ips.trusted.sends',
    'ips.trusted.windowSeconds',
    'ips.trustedAfter',
    'ips.countriesPerDay',
  ],
  Money: [
    'caps.hourUsd',
    'caps.dayUsd',
    'caps.totalShards',
    'countries.*.caps.hourUsd',
    'countries.*.caps.dayUsd',
    'countries.*.priceUsd',
    'voice.countries.*.priceUsd',
    'numberRisk.providers.*.priceUsd',
    'maxPriceUsd',
    'countries.*.maxPriceUsd',
    'maxParts.gsm7',
    'maxParts.unicode',
    'maxParts.extraForLines',
    'maxParts.extraForPayment',
    'monthlySpendAlarmUsd',
    'lowVolume.verifications',
    'lowVolume.unverifiedSendsPerDay',
  ],
  Bursts: ['bursts.coldStartDays', 'bursts.criticalUsdPerHour', 'bursts.findingDays', 'bursts.auditDays'],
  Codes: [
    'code.digits',
    'code.lifetimeSeconds',
    'code.maxLifetimeSeconds',
    'code.maxAttempts',
    'code.afterWrongGuesses.*.wrong',
    'code.afterWrongGuesses.*.maxAttempts',
    'code.duringCodeSpraying.extraDigits',
    'code.duringCodeSpraying.maxAttempts',
    'proofLifetimeSeconds',
    'kmsCallsAlarm',
  ],
  'Test numbers': ['testNumbers.*.uses'],
  'The API as a whole': ['throttle.ratePerSecond', 'throttle.burst', 'dailyQuota', 'firewallRequestsPerIp'],
  'Each application': [
    'applications.*.caps.hourUsd',
    'applications.*.caps.dayUsd',
    'applications.*.throttle.ratePerSecond',
    'applications.*.throttle.burst',
    'applications.*.dailyQuota',
  ],
  Logs: ['logRetentionDays'],
};
