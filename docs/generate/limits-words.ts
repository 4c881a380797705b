import type { ProblemCode } from '../../lambdas/contract.ts';
import type { LimitPath } from '../../lib/settings/ranges.ts';

/**
 * What docs/limits.md says in words. Defaults and ranges come from the schema of the settings; a number of the settings
 * that has no words here does not compile.
 */

type Words = {
  readonly name: string;
  /** What a caller is told who meets it; nothing, where no caller ever does. */
  readonly answers?: { readonly code: ProblemCode; readonly says?: string };
  /** In place of the default, where it is worked out. */
  readonly byDefault?: string;
  readonly protects: string;
};

/** The member of the problem that names it. The headers are the same for all of them: they stand in the introduction. */
const limit = (name: string) => `\`limit\` is \`${name}\``;

const ofWindow = { code: 'too-many-requests', says: '`limit` is the name of the window' } as const;
const ofAddress = { code: 'too-many-requests', says: limit('address') } as const;
const ofSpending = { code: 'spend-cap-reached' } as const;
const ofTrickle = { code: 'destination-suspended' } as const;
const ofGuesses = { code: 'attempts-exhausted' } as const;

const words = {
  'sends.cooldownSeconds.*': {
    name: 'Wait after the first, second, … SMS to a number; the last one repeats. Seconds',
    answers: { code: 'resend-too-soon', says: limit('cooldown') },
    protects: 'The holder of the number, from a bomber and from double clicks.',
  },
  'sends.cooldownWindowSeconds': {
    name: 'How long earlier SMS make the wait longer. Seconds',
    answers: { code: 'resend-too-soon', says: limit('cooldown') },
    protects: 'The same.',
  },
  'sends.windows.*.sends': {
    name: 'SMS to one number within each window',
    answers: ofWindow,
    protects: 'The holder of the number; and the codes, because each SMS brings attempts to guess.',
  },
  'sends.windows.*.windowSeconds': {
    name: 'Length of each window, which slides. Seconds',
    answers: ofWindow,
    protects: 'The same.',
  },
  'ips.untrusted.sends': {
    name: 'SMS that one address may ask for until it is proven (half of them at once, the rest evenly over the time)',
    answers: ofAddress,
    protects: 'Everybody, from one machine that asks for many numbers.',
  },
  'ips.untrusted.windowSeconds': {
    name: 'The time for so many. Seconds',
    answers: ofAddress,
    protects: 'The same.',
  },
  'ips.trusted.sends': {
    name: 'The same, for an address that is proven',
    answers: ofAddress,
    protects: 'Offices, schools and mobile carriers, where many people share an address.',
  },
  'ips.trusted.windowSeconds': {
    name: 'The time for so many. Seconds',
    answers: ofAddress,
    protects: 'The same.',
  },
  'ips.trustedAfter': {
    name: 'Numbers whose holders verified from an address, the last of them within 30 days, that make it a proven one',
    protects: 'The difference between the two: an attacker would have to verify real numbers.',
  },
  'ips.countriesPerDay': {
    name: 'Countries that one address may send to in a day (UTC), until it is proven',
    answers: { code: 'too-many-requests', says: limit('ip-countries') },
    protects: 'From pumping, which goes where it pays; people stay in a country or two.',
  },
  'caps.hourUsd': {
    name: 'Cost of all SMS per hour (UTC), by estimate, in USD; the last fifth is for known-good numbers',
    answers: ofSpending,
    protects: 'Your money, whatever else fails.',
  },
  'caps.dayUsd': {
    name: 'The same per day (UTC)',
    answers: ofSpending,
    protects: 'The same.',
  },
  'countries.*.caps.hourUsd': {
    name: 'Cost of the SMS to one country per hour (UTC), in USD; never above that of all countries',
    answers: ofSpending,
    protects: 'The other countries, from one that is being pumped.',
  },
  'countries.*.caps.dayUsd': {
    name: 'The same per day (UTC)',
    answers: ofSpending,
    protects: 'The same.',
  },
  'countries.*.priceUsd': {
    name: 'What one SMS to the country is counted at, in USD',
    byDefault: 'an estimate, by country',
    protects: 'The caps: they are as true as this is.',
  },
  maxPriceUsd: {
    name: 'The most that one SMS part may cost, in USD. SNS does not deliver what costs more, and tells nobody',
    protects: 'Your money, from destinations that cost more than a country usually does.',
  },
  'countries.*.maxPriceUsd': {
    name: 'The same for one country',
    byDefault: 'that of all countries',
    protects: 'The same.',
  },
  monthlySpendAlarmUsd: {
    name: 'Cost of the SMS of the account in a month, in USD, from which on staff are told; it stops nothing',
    protects: 'Your money: SNS counts what was really charged, where the caps estimate.',
  },
  kmsCallsAlarm: {
    name: 'KMS calls of the account within five minutes, from which on staff are told; it stops nothing',
    protects:
      'The codes, from a check function that was taken over: to find one of six digits it has to try half a million on average. A request makes two calls at most.',
  },
  'lowVolume.verifications': {
    name: 'A country with fewer verifications, yesterday and today together, has low volume',
    protects: 'Tells the countries where a trickle of fraud would hide.',
  },
  'lowVolume.unverifiedSendsPerDay': {
    name: 'SMS of a day (UTC) without a verification, in a country of low volume',
    answers: ofTrickle,
    protects:
      'Your money, from a trickle that stays below every rate. Every verification makes room for two more; known-good numbers, proven addresses and exempt back ends are spared.',
  },
  'bursts.coldStartDays': {
    name: 'Days from its first event on for which the detector of bursts blocks no operator and no country',
    protects: 'Your users, from a detector that does not know yet what is usual.',
  },
  'bursts.criticalUsdPerHour': {
    name: 'Cost of an attack per hour, by estimate, in USD, from which on its finding is critical',
    protects: 'The night of your staff: below it nobody needs to get up.',
  },
  'bursts.findingDays': {
    name: 'How long a finding is kept after its last news. Days',
    protects: 'What you can still look up; and the people in it, whose keyed hashes it holds.',
  },
  'bursts.auditDays': {
    name: 'How long the audit trail keeps an event. Days',
    protects: 'What you can still say of a complaint or an attack; and the people in it, whose keyed hashes it holds.',
  },
  'code.digits': {
    name: 'Digits of a code',
    protects: 'The codes: each digit makes a guess ten times as hard.',
  },
  'code.lifetimeSeconds': {
    name: 'How long a code lives. Seconds',
    answers: { code: 'code-expired' },
    protects: 'The codes.',
  },
  'code.maxLifetimeSeconds': {
    name: 'How long a verification lives with all of its resends. Seconds',
    answers: { code: 'code-expired' },
    protects: 'The codes.',
  },
  'code.maxAttempts': {
    name: 'Guesses that are ever compared per verification, resends included',
    answers: ofGuesses,
    protects: 'The codes.',
  },
  'code.afterWrongGuesses.*.wrong': {
    name: 'From so many wrong guesses on a number on (less than 24 hours apart, since its last success) …',
    protects:
      'A number that is being guessed at. It never gets fewer SMS for it, or a stranger could shut its holder out.',
  },
  'code.afterWrongGuesses.*.maxAttempts': {
    name: '… its next verifications allow so many guesses',
    answers: ofGuesses,
    protects: 'The same.',
  },
  'code.duringCodeSpraying.extraDigits': {
    name: 'While codes are guessed at over many numbers of a country, its new codes have so many digits more (10 in all at most)',
    protects: 'The codes: three digits more make each guess a thousand times as hard, and nobody is refused.',
  },
  'code.duringCodeSpraying.maxAttempts': {
    name: '… and allow so many guesses',
    answers: ofGuesses,
    protects: 'The same.',
  },
  'testNumbers.*.uses': {
    name: 'Verifications that the numbers of an entry may have in all',
    answers: { code: 'destination-not-allowed' },
    protects: 'From a fixed code that is tried for ever.',
  },
  'throttle.ratePerSecond': {
    name: 'Requests per second, for the API and for each API key',
    answers: { code: 'too-many-requests', says: 'by API Gateway, without `limit`' },
    protects: 'The service, and your other functions in the account, from a flood.',
  },
  'throttle.burst': {
    name: 'Requests at once, for the API and for each API key',
    answers: { code: 'too-many-requests', says: 'by API Gateway, without `limit`' },
    protects: 'The same.',
  },
  dailyQuota: {
    name: 'Requests per API key and day',
    answers: { code: 'too-many-requests', says: 'by API Gateway, without `limit`' },
    protects: 'From a client that runs wild, or a key that leaked.',
  },
  firewallRequestsPerIp: {
    name: 'Requests of one address within five minutes',
    answers: { code: 'too-many-requests', says: 'by the firewall, without `limit` and request id' },
    protects: 'The service, from a flood out of one address. A back end that calls for many users needs more.',
  },
  proofLifetimeSeconds: {
    name: 'How long a proof is good for. Seconds',
    protects: 'Your back end, from a proof that was stolen.',
  },
  logRetentionDays: {
    name: 'How long logs are kept. Days',
    protects: 'The people in them: least is best, as long as you can still look into what happened.',
  },
} as const satisfies Record<LimitPath, Words>;

export const limitWords: Readonly<Record<LimitPath, Words>> = words;

/** In the order of the page. Each number of the settings stands in one group; the check of the documents sees to it. */
export const limitGroups: Readonly<Record<string, readonly LimitPath[]>> = {
  'Per number': [
    'sends.cooldownSeconds.*',
    'sends.cooldownWindowSeconds',
    'sends.windows.*.sends',
    'sends.windows.*.windowSeconds',
  ],
  'Per caller’s address': [
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
    'countries.*.caps.hourUsd',
    'countries.*.caps.dayUsd',
    'countries.*.priceUsd',
    'maxPriceUsd',
    'countries.*.maxPriceUsd',
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
  Logs: ['logRetentionDays'],
};
