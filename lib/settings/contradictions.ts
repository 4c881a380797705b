import { callLimit, cooldownLimit, hardLimit } from '../../lambdas/policy.ts';
import { applicationProblems } from './applications.ts';
import { capProblems } from './caps.ts';
import { eventProblems } from './events.ts';
import { messageProblems } from './messages/texts.ts';
import { countryOf, endOf, firstOf, lastOf } from './policy.ts';
import { receiptProblems } from './receipts.ts';
import { routeProblems } from './routes/route-problems.ts';
import { tenthOf } from './schema/access.ts';
import { maxVerificationSeconds, secondsPerDay } from './schema/limits.ts';
import type { Problem } from './schema/values.ts';
import type { Settings } from './schema.ts';
import { voiceProblems } from './voice/voice-problems.ts';

/** The indexes at which a key comes again in a list, for example the name of a window. */
const repeated = <Each>(list: readonly Each[], keyOf: (each: Each) => unknown): readonly number[] =>
  list.flatMap((each, index) => (list.findIndex((other) => keyOf(other) === keyOf(each)) < index ? [index] : []));

/** The contradictions between settings that are valid on their own. */
export const contradictions = (settings: Settings, now: Date): readonly Problem[] => [
  ...lifetimeProblems(settings),
  ...stepProblems(settings),
  ...windowProblems(settings),
  ...ipProblems(settings),
  ...floodProblems(settings),
  ...capProblems(settings),
  ...priceProblems(settings),
  ...burstCountryProblems(settings),
  ...excludedProblems(settings),
  ...testNumberProblems(settings, now),
  ...senderProblems(settings),
  ...routeProblems(settings),
  ...voiceProblems(settings),
  ...messageProblems(settings),
  ...applicationProblems(settings),
  ...receiptProblems(settings),
  ...eventProblems(settings),
];

const lifetimeProblems = ({ code }: Settings): readonly Problem[] =>
  code.maxLifetimeSeconds < code.lifetimeSeconds
    ? [
        {
          path: 'code.maxLifetimeSeconds',
          sentence: `The verification ends before its code. Write code.lifetimeSeconds or more: ${code.lifetimeSeconds} to ${maxVerificationSeconds}, for example ${maxVerificationSeconds}.`,
        },
      ]
    : [];

/** More wrong guesses never leave more attempts. */
const stepProblems = ({ code: { afterWrongGuesses: steps } }: Settings): readonly Problem[] => [
  ...repeated(steps, ({ wrong }) => wrong).map((index) => ({
    path: `code.afterWrongGuesses.${index}.wrong`,
    sentence: 'Another step has the same number of wrong guesses. Keep one of them.',
  })),
  ...steps.flatMap(({ wrong, maxAttempts }, index) =>
    steps.some((other) => other.wrong < wrong && other.maxAttempts < maxAttempts)
      ? [
          {
            path: `code.afterWrongGuesses.${index}.maxAttempts`,
            sentence:
              'More wrong guesses leave more attempts. Write at most the attempts of the step below, for example { wrong: 8, maxAttempts: 1 } and { wrong: 5, maxAttempts: 3 }.',
          },
        ]
      : [],
  ),
];

/** Names that callers know as those of other limits. */
const otherLimits: readonly string[] = [cooldownLimit, hardLimit, callLimit, 'ip'];

const windowProblems = ({ sends: { windows, maxIn24Hours } }: Settings): readonly Problem[] => [
  ...repeated(windows, ({ name }) => name).map((index) => ({
    path: `sends.windows.${index}.name`,
    sentence: `"${windows[index]?.name}" is the name of another window. Give each window its own, for example phone-1h.`,
  })),
  ...windows.flatMap(({ name, sends }, index) => [
    ...(otherLimits.includes(name)
      ? [
          {
            path: `sends.windows.${index}.name`,
            sentence: `"${name}" is the name of a limit that is there already. Write another name, for example phone-1h.`,
          },
        ]
      : []),
    ...(sends > maxIn24Hours
      ? [
          {
            path: `sends.windows.${index}.sends`,
            sentence: `The window allows ${sends} SMS, and no phone gets more than ${maxIn24Hours} in 24 hours. Write ${maxIn24Hours} or less, or raise sends.maxIn24Hours, for example to ${sends}.`,
          },
        ]
      : []),
  ]),
];

const ipProblems = ({ ips: { untrusted, trusted } }: Settings): readonly Problem[] =>
  trusted.sends / trusted.windowSeconds < untrusted.sends / untrusted.windowSeconds
    ? [
        {
          path: 'ips.trusted',
          sentence: `Trusted IPs get fewer SMS than untrusted ones. Write sends: ${Math.ceil((untrusted.sends * trusted.windowSeconds) / untrusted.windowSeconds)} or more.`,
        },
      ]
    : [];

/** One IP that may use the throttle up keeps everybody else out. */
const floodProblems = ({ firewall, firewallRequestsPerIp: perIp, throttle }: Settings): readonly Problem[] => {
  const max = tenthOf(throttle);
  if (!firewall || perIp <= max) return [];
  const sentence = `One IP may make at most a tenth of the ${10 * max} requests that the throttle passes in five minutes. Write 10 to ${max}, for example ${max}, or raise throttle.ratePerSecond to ${Math.ceil(perIp / tenthOf({ ratePerSecond: 1 }))} or more.`;
  return [{ path: 'firewallRequestsPerIp', sentence }];
};

/** SNS drops an SMS above its maximum price without an error. */
const priceProblems = (settings: Settings): readonly Problem[] =>
  Object.entries(settings.countries).flatMap(([name, { priceUsd: own }]) => {
    const { priceUsd, maxPriceUsd } = countryOf(settings, name);
    if (priceUsd <= maxPriceUsd) return [];
    return [
      {
        path: `countries.${name}.maxPriceUsd`,
        sentence: `An SMS to ${name} costs ${priceUsd} USD by ${own === undefined ? 'the estimate' : 'its priceUsd'}, and SNS delivers none above ${maxPriceUsd}. Write maxPriceUsd: ${priceUsd} or more, or the real price as priceUsd, for example ${maxPriceUsd}.`,
      },
    ];
  });

/** A mode for a country without SMS is most likely meant for another country. */
const burstCountryProblems = ({ bursts, countries }: Settings): readonly Problem[] =>
  Object.keys(bursts.countries)
    .filter((name) => countries[name] === undefined)
    .map((name) => ({
      path: `bursts.countries.${name}`,
      sentence: `No SMS goes to ${name}. Add it to countries, or remove its mode.`,
    }));

const excludedProblems = ({ countries, excludedCountries }: Settings): readonly Problem[] =>
  excludedCountries.flatMap((name, index) =>
    countries[name] === undefined
      ? []
      : [
          {
            path: `excludedCountries.${index}`,
            sentence: `${name} is in countries as well. Remove it from one of the two.`,
          },
        ],
  );

const maxTestDays = 400;
const maxTestRange = 10_000;

const testNumberProblems = (settings: Settings, now: Date): readonly Problem[] =>
  settings.testNumbers.flatMap((numbers, index) => {
    const path = `testNumbers.${index}`;
    const rangeProblem = testRangeProblem(settings.testNumbers, index);
    const problems: Problem[] = rangeProblem === undefined ? [] : [{ path, sentence: rangeProblem }];
    const { digits } = settings.code;
    if (numbers.code.length !== digits) {
      problems.push({
        path: `${path}.code`,
        sentence: `The code has ${numbers.code.length} digits, and code.digits is ${digits}. Write ${digits} digits, for example "${'1234567890'.slice(0, digits)}".`,
      });
    }
    const daysLeft = (endOf(numbers) * 1000 - now.getTime()) / (secondsPerDay * 1000);
    if (daysLeft <= 0) {
      const sentence = `These numbers have expired. Write a day within the next ${maxTestDays} days, for example ${dayAfter(now, 90)}, or remove them.`;
      problems.push({ path: `${path}.expires`, sentence });
    }
    if (daysLeft > maxTestDays) {
      const sentence = `A fixed code may not last longer than ${maxTestDays} days. Write an earlier day, for example ${dayAfter(now, 90)}.`;
      problems.push({ path: `${path}.expires`, sentence });
    }
    return problems;
  });

/** The problem of the numbers of an entry, on their own or with the entries before it. */
const testRangeProblem = (entries: Settings['testNumbers'], index: number): string | undefined => {
  const numbers = entries[index];
  if (numbers === undefined) return undefined;
  const isSingle = numbers.number !== undefined;
  const isRange = numbers.from !== undefined && numbers.to !== undefined;
  const isMixed = isSingle && (numbers.from !== undefined || numbers.to !== undefined);
  if (isMixed || isSingle === isRange)
    return 'The entry is neither one number nor one range. Write number, or from and to, for example number: "+12025550123".';
  const [from, to] = [firstOf(numbers), lastOf(numbers)];
  if (from.length !== to.length || from > to)
    return 'The range does not lead up. Write from and to with as many digits, the lower one first, for example from: "+12025550100", to: "+12025550119".';
  const size = Number(to) - Number(from) + 1;
  if (size > maxTestRange) return `The range has ${size} numbers. Write a range of at most ${maxTestRange}.`;
  const overlaps = entries
    .slice(0, index)
    .some((other) => from.length === firstOf(other).length && from <= lastOf(other) && firstOf(other) <= to);
  return overlaps
    ? 'Some of these numbers are in an earlier entry. Write each number once, because it has one code.'
    : undefined;
};

/** The day that is a number of days after a time (UTC). */
const dayAfter = (time: Date, days: number): string =>
  new Date(time.getTime() + days * secondsPerDay * 1000).toISOString().slice(0, 10);

const missingEntity: Problem = {
  path: 'countries.IN.entityId',
  sentence:
    'The sender has no entity: carriers in India drop an SMS without its DLT entity id. Add entityId, or remove senderId to send over international routes.',
};

const withoutSenderIds = ['US', 'CA'];

const senderProblems = (settings: Settings): readonly Problem[] =>
  Object.entries(settings.countries).flatMap(([name, { senderId, entityId }]) => {
    const path = `countries.${name}`;
    if (senderId !== undefined && withoutSenderIds.includes(name)) {
      return [
        {
          path: `${path}.senderId`,
          sentence: `${name} has no sender ids. Remove senderId, and write a number of your own, for example smsRoutes: [{ originationNumber: "+12065550100" }].`,
        },
      ];
    }
    if (entityId !== undefined && name !== 'IN') {
      return [
        { path: `${path}.entityId`, sentence: 'Only India (IN) registers entities (DLT). Remove entityId here.' },
      ];
    }
    if (entityId !== undefined && senderId === undefined) {
      return [
        {
          path: `${path}.senderId`,
          sentence:
            'The entity has no sender: India registers entity, sender and text together (DLT). Add the registered senderId, or remove entityId.',
        },
      ];
    }
    return name === 'IN' && senderId !== undefined && entityId === undefined ? [missingEntity] : [];
  });
