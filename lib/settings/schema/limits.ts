/** What a code, a number, an IP and a country may do, and the numbers for tests. */

import * as v from 'valibot';
import { type IpRate, maxSendsIn24Hours, maxWrongOfStep } from '../../../lambdas/policy.ts';
import { object, refused, text, whole, wholeOr } from './values.ts';

export const secondsPerDay = 86_400;
export const maxCodeDigits = 10;
export const maxVerificationSeconds = 600;
const attempts = { min: 1, max: 10 };

const stepsAllowed = 'Steps: a list, for example [{ wrong: 8, maxAttempts: 1 }, { wrong: 5, maxAttempts: 3 }], or [].';
const afterWrongGuesses = v.optional(
  v.array(
    object({
      wrong: whole('Wrong guesses on a number that lower its attempts', { min: 1, max: maxWrongOfStep, example: 5 }),
      maxAttempts: whole('Guesses per verification of such a number', { ...attempts, example: 3 }),
    }),
    refused(stepsAllowed),
  ),
  [
    { wrong: 8, maxAttempts: 1 },
    { wrong: 5, maxAttempts: 3 },
  ],
);

export const code = object({
  digits: wholeOr('Digits of a code', { min: 4, max: maxCodeDigits, byDefault: 6 }),
  lifetimeSeconds: wholeOr('Lifetime of a code in seconds', { min: 30, max: 300, byDefault: 300 }),
  maxLifetimeSeconds: wholeOr('Maximum lifetime of a verification in seconds', {
    min: 30,
    max: maxVerificationSeconds,
    byDefault: 600,
  }),
  maxAttempts: wholeOr('Guesses per verification', { ...attempts, byDefault: 5 }),
  afterWrongGuesses,
  duringCodeSpraying: v.optional(
    object({
      extraDigits: wholeOr('Additional digits of a code in a country under code spraying', {
        min: 0,
        max: 6,
        byDefault: 3,
      }),
      maxAttempts: wholeOr('Guesses per verification in a country under code spraying', { ...attempts, byDefault: 3 }),
    }),
    {},
  ),
});

const windowBounds = { min: 60, max: secondsPerDay };
const sendsPerDay = 10;
const maxWaits = 10;
const windowsAllowed =
  'Windows: at least one, because without one a phone can be flooded, for example ' +
  `{ name: "phone-24h", windowSeconds: ${secondsPerDay}, sends: ${sendsPerDay} }.`;
const cooldownAllowed = `Waits in seconds after the first, second, … SMS: 1 to ${maxWaits}, for example [30, 60, 120].`;
export const sends = object({
  cooldownSeconds: v.optional(
    v.pipe(
      v.array(
        whole('Wait in seconds before the next SMS', { min: 5, max: 3600, example: 30 }),
        refused(cooldownAllowed),
      ),
      v.minLength(1, refused(cooldownAllowed)),
      v.maxLength(maxWaits, refused(`${cooldownAllowed} The last one repeats.`)),
    ),
    [30],
  ),
  cooldownWindowSeconds: wholeOr('Seconds for which an SMS makes the next wait longer', {
    ...windowBounds,
    byDefault: 600,
  }),
  windows: v.optional(
    v.pipe(
      v.array(
        object({
          name: text(
            /^[a-z][a-z0-9-]{0,31}$/,
            'Name of the window: up to 32 lower-case letters, digits and hyphens, for example phone-10m.',
          ),
          windowSeconds: whole('Length of the window in seconds', { ...windowBounds, example: 600 }),
          sends: whole('SMS to one phone in the window', { min: 1, max: maxSendsIn24Hours, example: 5 }),
        }),
        refused(windowsAllowed),
      ),
      v.minLength(1, refused(windowsAllowed)),
    ),
    [
      { name: 'phone-10m', windowSeconds: 600, sends: 5 },
      { name: 'phone-24h', windowSeconds: secondsPerDay, sends: sendsPerDay },
    ],
  ),
  maxIn24Hours: wholeOr('SMS to one phone in 24 hours, those of approved verifications included', {
    min: 10,
    max: maxSendsIn24Hours,
    byDefault: 30,
  }),
});

const ipRate = ({ sends: maxPerWindow, windowSeconds }: IpRate) =>
  object({
    sends: wholeOr('SMS that one IP may ask for in the window', { min: 1, max: 10_000, byDefault: maxPerWindow }),
    windowSeconds: wholeOr('Length of the window in seconds', { ...windowBounds, byDefault: windowSeconds }),
  });
const exemptionIsGone =
  'This setting is gone. Give the application kind: "back-end" in applications, and let it send endUser.ipAddress with each request. Without that, its IP is exempt as before.';
export const ips = object({
  untrusted: v.optional(ipRate({ sends: 10, windowSeconds: 600 }), {}),
  trusted: v.optional(ipRate({ sends: 240, windowSeconds: 600 }), {}),
  trustedAfter: wholeOr('Verified numbers that make an IP trusted', { min: 1, max: 50, byDefault: 3 }),
  countriesPerDay: wholeOr('Countries to which one IP may send in a day', { min: 1, max: 250, byDefault: 3 }),
  // Without a word, an old settings file would be refused with no way on.
  exemptApplications: v.exactOptional(v.never(exemptionIsGone)),
});

export const lowVolume = object({
  verifications: wholeOr('Verifications of yesterday and today below which a country has low volume (0: never)', {
    min: 0,
    max: 1_000_000,
    byDefault: 100,
  }),
  unverifiedSendsPerDay: wholeOr('SMS per day without a verification in a country of low volume', {
    min: 1,
    max: 100_000,
    byDefault: 50,
  }),
});

const phone = text(/^\+[1-9][0-9]{6,14}$/, 'Number: in international form (E.164), for example +12025550123.');
const dateAllowed = 'Last day (UTC) of these numbers: for example 2027-03-31.';
const isDate = (value: string): boolean => {
  const at = Date.parse(`${value}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
};
const testNumber = object(
  {
    number: v.exactOptional(phone),
    from: v.exactOptional(phone),
    to: v.exactOptional(phone),
    code: text(/^[0-9]+$/, 'Fixed code of these numbers: digits, for example "123456".'),
    expires: v.pipe(v.string(refused(dateAllowed)), v.check(isDate, refused(dateAllowed))),
    uses: whole('Verifications of these numbers in all', { min: 1, max: 100_000, example: 1000 }),
  },
  {
    code: 'Add the fixed code of these numbers, for example code: "123456".',
    expires:
      'Add the last day (UTC) of these numbers, because fixed codes are forgotten, for example expires: "2027-03-31".',
    uses: 'Add the maximum of verifications of these numbers, for example uses: 1000.',
  },
);
export const testNumbers = v.optional(
  v.array(
    testNumber,
    refused(
      'Test numbers: a list, for example [{ number: "+12025550123", code: "123456", expires: "2027-03-31", uses: 1000 }].',
    ),
  ),
  [],
);
