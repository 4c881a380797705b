import { fields } from '../../lambdas/contract.ts';
import { placedAutofills } from '../../lambdas/otp/record/message.ts';
import { cooldownLimit, hardLimit } from '../../lambdas/policy.ts';
import { applicationProblems } from './applications.ts';
import { autofillProblems, registeredTextProblems } from './autofill.ts';
import { templateProblems } from './message-length.ts';
import { countryOf, duringCodeSprayingOf, endOf, firstOf, isSameSlot, lastOf, templatesOf } from './policy.ts';
import { tenthOf } from './schema/access.ts';
import { maxVerificationSeconds, secondsPerDay } from './schema/limits.ts';
import type { Problem } from './schema/values.ts';
import type { Settings } from './schema.ts';

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
  ...smallCapProblems(settings),
  ...burstCountryProblems(settings),
  ...excludedProblems(settings),
  ...testNumberProblems(settings, now),
  ...senderProblems(settings),
  ...templateSlotProblems(settings),
  ...autofillProblems(settings),
  ...registeredTextProblems(settings),
  ...textProblems(settings),
  ...applicationProblems(settings),
  ...applicationTextProblems(settings),
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
const otherLimits: readonly string[] = [cooldownLimit, hardLimit, 'ip'];

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

/** An hour is within its day, and a country within all. A cap that can never be reached is a mistake about another. */
const capProblems = ({ caps: total, countries }: Settings): readonly Problem[] => [
  ...hourProblem('caps', total),
  ...Object.entries(countries).flatMap(([name, { caps: own }]) => [
    ...hourProblem(`countries.${name}.caps`, own),
    ...(['hourUsd', 'dayUsd'] as const).flatMap((time) => {
      const cap = own[time];
      if (cap === undefined || cap <= total[time]) return [];
      const sentence = `The cap is above that of all countries, ${total[time]}. Write ${total[time]} or less, or raise caps.${time}.`;
      return [{ path: `countries.${name}.caps.${time}`, sentence }];
    }),
  ]),
];

const hourProblem = (
  path: string,
  { hourUsd: hour, dayUsd: day }: { readonly hourUsd?: number; readonly dayUsd?: number },
): readonly Problem[] =>
  hour !== undefined && day !== undefined && hour > day
    ? [
        {
          path: `${path}.hourUsd`,
          sentence: `The cap of an hour is above that of its day, ${day}. Write ${day} or less, or raise dayUsd.`,
        },
      ]
    : [];

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

/** The last fifth of a cap is for trusted numbers only, so that a cap of one SMS sends none to the first number. */
const smallCapProblems = (settings: Settings): readonly Problem[] =>
  Object.keys(settings.countries).flatMap((name) => {
    const { priceUsd, caps } = countryOf(settings, name);
    if (caps.hourUsd >= 2 * priceUsd) return [];
    const sentence = `The cap is ${caps.hourUsd} USD, and an SMS to ${name} costs ${priceUsd}: no number would get the first one. Write ${2 * priceUsd} or more here and in caps.hourUsd.`;
    return [{ path: `countries.${name}.caps.hourUsd`, sentence }];
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
    return name === 'IN' && senderId !== undefined ? registrationProblems(settings, entityId) : [];
  });

/** India's carriers drop a message whose entity, sender and text are not registered together (TRAI's DLT). */
const registrationProblems = (settings: Settings, entityId: string | undefined): readonly Problem[] => {
  const registered = settings.templates.filter((own) => own.country === 'IN' && own.templateId !== undefined);
  const missing = settings.purposes.filter((name) => !registered.some((own) => own.purpose === name));
  return [
    ...(entityId === undefined
      ? [
          {
            path: 'countries.IN.entityId',
            sentence:
              'The sender has no entity: carriers in India drop an SMS without its DLT entity id. Add entityId, or remove senderId to send over international routes.',
          },
        ]
      : []),
    ...missing.map((name) => ({
      path: 'templates',
      sentence: `Purpose "${name}" has no registered text, and India needs one for a sender id. Add { purpose: "${name}", locale: "en", country: "IN", templateId: "…", text: "…" } with exactly the registered text, or remove "${name}" from purposes.`,
    })),
  ];
};

const templateSlotProblems = (settings: Settings): readonly Problem[] => {
  const { templates, purposes, countries, defaultLocale } = settings;
  const language = defaultLocale.toLowerCase().split('-')[0];
  const own = templates.flatMap((each, index) => {
    const path = `templates.${index}`;
    const problems: Problem[] = [];
    if (templates.findIndex((other) => isSameSlot(other, each)) < index) {
      problems.push({
        path,
        sentence: 'Another text has the same purpose, locale and country. Keep one of them.',
      });
    }
    if (!purposes.includes(each.purpose)) {
      problems.push({
        path: `${path}.purpose`,
        sentence: `"${each.purpose}" is not in purposes. Add it there, or write one of ${purposes.join(', ')}.`,
      });
    }
    if (each.country !== undefined && countries[each.country] === undefined) {
      problems.push({
        path: `${path}.country`,
        sentence: `No SMS goes to ${each.country}. Add it to countries, or remove the text.`,
      });
    }
    if (each.templateId !== undefined && each.country !== 'IN') {
      problems.push({
        path: `${path}.templateId`,
        sentence: 'Only India registers texts (DLT). Add country: "IN", or remove templateId.',
      });
    }
    return problems;
  });
  const withoutText = purposes.filter(
    (name) =>
      !templatesOf(settings).some(
        (each) =>
          each.purpose === name &&
          each.country === undefined &&
          placedAutofills(each).length === 0 &&
          each.locale.toLowerCase().split('-')[0] === language,
      ),
  );
  return [
    ...own,
    ...withoutText.map((name) => ({
      path: 'templates',
      sentence: `Purpose "${name}" has no text in the default locale. Add { purpose: "${name}", locale: "${defaultLocale}", text: "…{{code}}…" }.`,
    })),
  ];
};

const textProblems = (settings: Settings): readonly Problem[] => {
  const hosts = settings.origins
    .filter((origin) => new RegExp(fields.origin).test(origin))
    .map((origin) => origin.replace('https://', ''));
  const longestHost = hosts.toSorted((a, b) => b.length - a.length).at(0);
  const bounds = {
    brand: settings.brand,
    digits: duringCodeSprayingOf(settings).digits,
    lifetimeSeconds: settings.code.lifetimeSeconds,
    longestHost,
    hasApps: settings.appHashes.length > 0,
  };
  return templatesOf(settings).flatMap((each) => {
    const index = settings.templates.indexOf(each);
    const name = [each.purpose, each.locale, each.country].filter((part) => part !== undefined).join('/');
    const path = index < 0 ? `the shipped text ${name}` : `templates.${index}.text (${name})`;
    return templateProblems(each, bounds).map((sentence) => ({ path, sentence }));
  });
};

/** An application may have a longer brand, longer hosts, or apps. */
const applicationTextProblems = (settings: Settings): readonly Problem[] =>
  Object.entries(settings.applications ?? {}).flatMap(([name, { brand, origins, appHashes }]) => {
    if (brand === undefined && origins === undefined && appHashes === undefined) return [];
    const { brand: ofAll, origins: originsOfAll, appHashes: hashesOfAll } = settings;
    const own = {
      ...settings,
      brand: brand ?? ofAll,
      origins: origins ?? originsOfAll,
      appHashes: appHashes ?? hashesOfAll,
    };
    return textProblems(own).map(({ path, sentence }) => ({ path: `applications.${name}, ${path}`, sentence }));
  });
